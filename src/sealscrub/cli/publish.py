"""``sealscrub publish``: an index of the seals that bar some uses to an audience."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from sealscrub.errors import KeyFileError

from . import options as opt
from .declarations import needs, option, unless
from .law_sign import Reviews
from .progress import phases
from .remarks import remark

if TYPE_CHECKING:
    from sealscrub.custodian.registry import Published, PublishedText
    from sealscrub.custodian.registry.bulk_rows import Progress
    from sealscrub.identifiers import AudienceKey, MatchingKey, Publisher

__all__ = ["publish", "publisher_beside"]


def publish(
    place: opt.RegistryPlace,
    *,
    output: Annotated[Path, option("The index file (mode 0640).", "--output", "-o")],
    use: opt.Uses,
    audience: opt.AudienceOption,
    matching: opt.MatchingKeyFile,
    signing_key: opt.OptionalSigningKey = None,
    as_of: opt.Day = None,
    valid_days: Annotated[opt.ValidDays, unless("--not-after")] = 30,
    not_after: opt.NotAfter = None,
    allow_empty: Annotated[bool, option("Allow an empty index.", "--allow-empty")] = False,
    law_enforcement_duties: Annotated[
        Literal["allow", "deny"], option("Whether access within these duties (CPL 160.57 to 160.59) is relied on.")
    ] = "allow",
    no_prints: Annotated[opt.NoPrints, unless("--text")] = False,
    text: Annotated[bool, option("Publish the notices' names, to guard texts with.", "--text")] = False,
    plain_names: Annotated[
        bool, option("The names themselves, for a host that may hold them.", "--plain-names"), needs("--text")
    ] = False,
    reviews: Annotated[Reviews, unless("--text")],
    access: opt.RegistryWriting,
) -> None:
    """Publish an index of the seals that bar some uses to an audience, or with --text the names on their notices.

    Example: sealscrub publish seals.db -o training.sealindex --use training --audience police --key-file seal.key
    """
    from sealscrub.identifiers import load_key, load_publisher

    keys = load_key(matching.key)
    publisher = load_publisher(signing_key or publisher_beside(matching.key))
    with access.open(place) as registry, phases() as tell:
        common: _PublishOptions = {
            "keys": keys,
            "publisher": publisher,
            "uses": use,
            "audience": audience,
            "as_of": as_of.date() if as_of else None,
            "valid_days": valid_days,
            "not_after": not_after.date() if not_after else None,
            "allow_empty": allow_empty,
            "law_enforcement_duties": law_enforcement_duties,
            "progress": tell,
        }
        if text:
            sentences = _names_summary(registry.publish_text(output, plain=plain_names, **common))
        else:
            published = registry.publish(output, holds_prints=not no_prints, reviewed=reviews.days(), **common)
            sentences = _publication_sentences(published)
    for sentence in sentences:
        remark(sentence)


class _PublishOptions(TypedDict):
    keys: MatchingKey | AudienceKey
    publisher: Publisher
    uses: list[str]
    audience: str
    as_of: dt.date | None
    valid_days: int
    not_after: dt.date | None
    allow_empty: bool
    law_enforcement_duties: str
    progress: Progress | None


def publisher_beside(key_file: Path) -> Path:
    """The publisher's key where keygen wrote it."""
    path = key_file.with_name(key_file.name + ".publisher")
    if not path.exists():
        raise KeyFileError(
            "there is no publisher's key next to the matching key", where=str(path), hint="give it with --signing-key."
        )
    return path


def _publication_sentences(published: Published) -> list[str]:
    from sealscrub.reports import counted

    schemes = ", ".join(f"{count:,} {name}" for name, count in published.schemes.items()) or "none"
    said = [f"{published.path}: {counted(published.seals, 'seal')}; keys: {schemes}; {_dates(published)}"]
    if published.held_back:
        are = "key of arrests is" if published.held_back == 1 else "keys of arrests are"
        said.append(
            f"{published.held_back:,} {are} not published, because an action of the arrest is not barred; its barred "
            "actions are published under their own keys."
        )
    if published.unpublishable:
        without = counted(published.unpublishable, "seal")
        said.append(f"{without} without a publishable key: no index can recognise them.")
    return said


def _names_summary(published: PublishedText) -> list[str]:
    from sealscrub.reports import counted

    kind = "plain names" if published.plain else "digests of names"
    seals = counted(published.seals, "seal")
    said = [f"{published.path}: {published.names:,} {kind}, of {seals}; {_dates(published)}"]
    if published.nameless:
        without = counted(published.nameless, "seal")
        said.append(
            f"{without} without a notice that has both names, of four letters or more together: no text is known to "
            "name them."
        )
    return said


def _dates(published: Published | PublishedText) -> str:
    return f"epoch {published.epoch}, as of {published.as_of}, valid until {published.not_after}."
