"""``sealscrub key``: giving a registry new keys, and what the old ones still open."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sealscrub.errors import SealscrubError, UsageError
from sealscrub.reports import Listing, counted

from . import options as opt
from .declarations import OR_ADDRESS, Commands, needs, option
from .remarks import remark

if TYPE_CHECKING:
    from sealscrub.identifiers import MatchingKey
    from sealscrub.index import Index

__all__ = ["app"]

app = Commands(help="New keys, and what the old ones still open.", no_args_is_help=True)


@app.command("rotate")
def rotate(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The matching key that is in use.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The key to make, with its other files.")],
    *,
    registry: Annotated[str, option("The registry: a file, or postgresql://HOST/DATABASE.", metavar="PLACE")],
    output: Annotated[Path, option("Folder for the new files.", "--output", "-o", metavar="DIR")],
    index: Annotated[list[Path], option("An index to publish again. Repeatable.")],
    members: Annotated[opt.Members, needs("--data", hint="--data FILE --on SCHEME=COLUMN")] = None,
    data: Annotated[
        list[Path] | None, option("Tables with the identifiers. Repeatable."), needs("--members"), OR_ADDRESS
    ] = None,
    on: Annotated[opt.On, needs("--members")] = None,
    annex_key: opt.AnnexKey = None,
    tracking_uri: Annotated[opt.TrackingUri, needs("--members")] = None,
    own: opt.Schemes,
    access: opt.RegistryReading,
) -> None:
    """Make new keys, publish each index again under them, and have memberships opened by them.

    The old files stay as they are: replace them by the new ones, hand out the new keys, and see what the old key still
    opens (sealscrub key opens). Annexes of certificates stay the old annex key's: they are bound to what was signed.

    Example: sealscrub key rotate seal.key seal-2.key --registry seals.db --index training.sealindex -o rotated
    """
    from sealscrub.custodian.custody import annex_key as custodied
    from sealscrub.custodian.custody import terms_of
    from sealscrub.custodian.registry import republish
    from sealscrub.identifiers import generate_keys, load_publisher
    from sealscrub.lineage import rekey_memberships

    keys = [] if members is None else opt.given_keys(on)
    before = _matching_key(old)
    beside = annex_key or old.with_name(old.name + ".annex")
    terms = terms_of(beside) if beside.exists() else None
    output.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        opened = stack.enter_context(access.open(registry))
        terms = (
            terms or opened.custody
        )  # the old annex's key may be kept elsewhere, and the new one does not allow more
        files = generate_keys(new, custody=None if terms is None else terms.to_text())
        after = _matching_key(new)
        try:
            pairs = republish(opened, index, output, old=before, new=after, publisher=load_publisher(files[1]))
        except SealscrubError:
            if not any((output / place.name).exists() for place in index):
                for made in files:
                    made.unlink()
            raise
        for made in files:
            remark(f"wrote {made}")
        for place, (_, published) in zip(index, pairs, strict=True):
            remark(f"wrote {output / place.name}: {_index_text(published)}")
        if members is not None:
            opt.quiet_mlflow()
            rekeyed = rekey_memberships(
                pairs,
                members=members,
                new_members=output / members.name,
                data=[(each, keys) for each in data or ()],
                annex_key=stack.enter_context(custodied(beside, purpose=access.purpose, what="key rotate")),
                tracking_uri=tracking_uri,
            )
            remark(
                f"wrote {output / members.name}: {rekeyed.known:,} of {counted(rekeyed.records, 'record')} known by "
                f"the new key.\nThe new annex key's: {counted(rekeyed.memberships, 'membership')}; "
                f"those with records whose identifier was not given: {rekeyed.incomplete:,}."
            )
    remark(f"see what the old key still opens: sealscrub key opens {old} DIR")


@app.command("opens")
def opens(
    key_file: Annotated[Path, typer.Argument(metavar="KEY", help="The key that was lost, leaked or rotated.")],
    places: Annotated[list[Path], typer.Argument(metavar="DIR", help="Folders and files to search.")],
    *,
    annex_key: opt.AnnexKey = None,
    purpose: Annotated[opt.Purpose, needs("--annex-key")] = None,
    reporting: opt.Reporting,
) -> None:
    """List what a key opens: indexes, members files, keys derived from it; with --annex-key annexes and memberships.

    Exits with 1 if there is something. It cannot know what is on another's machine.

    Example: sealscrub key opens seal.key /srv/indexes /srv/backup --annex-key seal.key.annex
    """
    from sealscrub.custodian.custody import annex_key as custodied
    from sealscrub.custodian.law import known_audiences
    from sealscrub.identifiers import load_key
    from sealscrub.lineage import still_opened

    reporting.check(Listing)
    with contextlib.ExitStack() as stack:
        annex = None
        if annex_key is not None:
            annex = stack.enter_context(custodied(annex_key, purpose=purpose, what="key opens"))
        found = still_opened(load_key(key_file), places, annex_key=annex, audiences=known_audiences())
    rows = [asdict(each) | {"path": str(each.path)} for each in found]
    reporting.end(
        Listing(
            tool="key opens",
            headline=f"{'These are' if found else 'Nothing that was looked at is'} opened by this key",
            kind="bad" if found else "good",
            rows=rows,
            title="What it opens",
            steps=("Delete them, and withdraw what was handed out.",) if found else (),
        ),
        1 if found else 0,
    )


def _matching_key(path: Path) -> MatchingKey:
    from sealscrub.identifiers import MatchingKey, load_key

    key = load_key(path)
    if not isinstance(key, MatchingKey):
        raise UsageError(
            "an audience's key cannot be rotated on its own", where=str(path), hint="give the custodian's key."
        )
    return key


def _index_text(index: Index) -> str:
    facts = index.header.facts
    return f"for {facts.audience}, epoch {facts.epoch}, until {facts.not_after}"
