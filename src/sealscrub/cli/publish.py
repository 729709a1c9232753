"""``sealscrub publish``: an index of the seals that bar some uses to an audience."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from sealscrub.errors import KeyFileError, UsageError

from . import shared_options as opt
from .phases import phases

if TYPE_CHECKING:
    from sealscrub.identifiers import AudienceKey, MatchingKey, Publisher
    from sealscrub.registry import Published, PublishedText
    from sealscrub.registry.bulk import Progress

__all__ = ["publish", "publisher_beside"]


def publish(
    place: Annotated[str, typer.Argument(metavar="REGISTRY", help="A file, or postgresql://HOST/DATABASE.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The index file (mode 0640).")],
    use: Annotated[
        list[str],
        typer.Option(
            help="training, inference_input, output, aggregate_report or gun_licence. May be given several times."
        ),
    ],
    audience: Annotated[str, typer.Option(help="police, prosecutor, vendor, researcher or court.")],
    key_file: opt.KeyFile,
    signing_key: Annotated[
        Path | None, typer.Option(help="The publisher's key; by default the matching key's name with .publisher.")
    ] = None,
    as_of: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today by default (UTC).")
    ] = None,
    valid_days: Annotated[int, typer.Option(help="For how many days it may be trusted.")] = 30,
    not_after: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last of these days, instead.")
    ] = None,
    allow_empty: Annotated[bool, typer.Option("--allow-empty", help="An index without entries is meant.")] = False,
    law_enforcement_duties: Annotated[
        str, typer.Option(help="allow or deny: whether access within these duties (CPL 160.57 to 160.59) is relied on.")
    ] = "allow",
    text: Annotated[bool, typer.Option("--text", help="Publish the notices' names, to guard texts with.")] = False,
    plain_names: Annotated[
        bool, typer.Option("--plain-names", help="With --text: the names themselves, for a host that may hold them.")
    ] = False,
    schemes: opt.SchemeFile = None,
    encryption_key: opt.EncryptionKey = None,
    grant: opt.Grant = None,
) -> None:
    """Publish an index of the seals that bar some uses to an audience, or with --text the names on their notices.

    Example: sealscrub publish seals.db -o training.sealindex --use training --audience police --key-file seal.key
    """
    if plain_names and not text:
        raise UsageError("--plain-names is for names", hint="add --text.")
    from sealscrub.identifiers import load_key, load_publisher
    from sealscrub.registry import Registry

    opt.load_own_schemes(schemes)
    keys = load_key(key_file)
    publisher = load_publisher(signing_key or publisher_beside(key_file))
    with Registry.open(place, encryption_key=encryption_key, grant=grant) as registry, phases() as tell:
        common: _Common = {
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
            sentences = _named(registry.publish_text(output, plain=plain_names, **common))
        else:
            sentences = _published(registry.publish(output, **common))
    for sentence in sentences:
        typer.echo(sentence, err=True)


class _Common(TypedDict):
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
            "there is no publisher's key beside the matching key", where=str(path), hint="name it with --signing-key."
        )
    return path


def _published(published: Published) -> list[str]:
    schemes = ", ".join(f"{count:,} {name}" for name, count in published.schemes.items()) or "none"
    said = [
        f"{published.path}: {published.seals:,} seals; keys: {schemes}; epoch {published.epoch}, as of "
        f"{published.as_of}, to be trusted until {published.not_after}."
    ]
    if published.held_back:
        said.append(
            f"{published.held_back:,} keys of arrests are held back, because an action of the arrest is not barred; "
            "its barred actions go out by their own keys."
        )
    if published.unpublishable:
        said.append(f"{published.unpublishable:,} seals have no key that can go out: no index can recognise them.")
    return said


def _named(published: PublishedText) -> list[str]:
    kind = "plain names" if published.plain else "digests of names"
    said = [
        f"{published.path}: {published.names:,} {kind}, of {published.seals:,} seals; epoch {published.epoch}, as of "
        f"{published.as_of}, to be trusted until {published.not_after}."
    ]
    if published.nameless:
        said.append(f"{published.nameless:,} seals have no notice with both names: no text is known to name them.")
    return said
