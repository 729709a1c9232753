"""``sealscrub key``: giving a registry new keys, and what the old ones still open."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sealscrub.errors import ConfigError, SealscrubError, UsageError

from . import shared_options as opt

if TYPE_CHECKING:
    from sealscrub.identifiers import MatchingKey
    from sealscrub.index import Index

__all__ = ["app"]

app = typer.Typer(help="New keys, and what the old ones still open.", no_args_is_help=True)

_AnnexKey = Annotated[
    Path | None, typer.Option("--annex-key", metavar="FILE", help="The old annex's key; by default beside the old key.")
]


@app.command("rotate")
def rotate(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The matching key that is in use.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The key to make, with its .publisher and .annex.")],
    registry: Annotated[str, typer.Option("--registry", help="A file, or postgresql://HOST/DATABASE.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Where the new files go.")],
    index: Annotated[list[Path], typer.Option("--index", metavar="FILE", help="An index to publish anew. Repeatable.")],
    members: Annotated[
        Path | None, typer.Option("--members", metavar="FILE", help="The file of record numbers, numbered anew.")
    ] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", metavar="FILE", help="With --members: tables with the identifiers. Repeatable."),
    ] = None,
    on: opt.On = None,
    annex_key: _AnnexKey = None,
    tracking_uri: Annotated[
        str | None, typer.Option("--tracking-uri", help="With --members: whose memberships are encrypted anew.")
    ] = None,
    purpose: opt.Purpose = None,
    schemes: opt.SchemeFile = None,
    encryption_key: opt.EncryptionKey = None,
    grant: opt.Grant = None,
) -> None:
    """Make new keys, publish each index anew under them, and have memberships opened by them.

    The old files stay as they are: replace them by the new ones, hand out the new keys, and see what the old key still
    opens (sealscrub key opens). Annexes of certificates stay the old annex key's: they are bound to what was signed.

    Example: sealscrub key rotate seal.key seal-2.key --registry seals.db --index training.sealindex -o rotated
    """
    from sealscrub.custody import annex_key as custodied
    from sealscrub.custody import terms_of
    from sealscrub.identifiers import generate_keys, load_publisher
    from sealscrub.lineage import rekey_memberships, republish
    from sealscrub.registry import Registry

    opt.load_own_schemes(schemes)
    before = _matching_key(old)
    if members is not None and not (data and on):
        raise ConfigError("--members needs the identifiers", hint="--data FILE --on SCHEME=COLUMN")
    beside = annex_key or old.with_name(old.name + ".annex")
    terms = terms_of(beside) if beside.exists() else None
    output.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        opened = stack.enter_context(
            Registry.open(registry, purpose=purpose, encryption_key=encryption_key, grant=grant)
        )
        terms = terms or opened.custody  # the old annex's key may be kept elsewhere, and the new one is no freer
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
            typer.echo(f"wrote {made}", err=True)
        for place, (_, published) in zip(index, pairs, strict=True):
            typer.echo(f"wrote {output / place.name}: {_said(published)}", err=True)
        if members is not None:
            os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
            rekeyed = rekey_memberships(
                pairs,
                members=members,
                new_members=output / members.name,
                data=[(each, on) for each in data or ()],
                annex_key=stack.enter_context(custodied(beside, purpose=purpose, what="key rotate")),
                tracking_uri=tracking_uri,
            )
            typer.echo(
                f"wrote {output / members.name}: {rekeyed.known:,} of {rekeyed.records:,} records are known by the new "
                f"key.\n{rekeyed.memberships:,} memberships are the new annex key's; {rekeyed.incomplete:,} hold "
                "records whose identifier was not given.",
                err=True,
            )
    typer.echo(f"see what the old key still opens: sealscrub key opens {old} DIR", err=True)


@app.command("opens")
def opens(
    key_file: Annotated[Path, typer.Argument(metavar="KEY", help="The key that was lost, leaked or rotated.")],
    places: Annotated[list[Path], typer.Argument(metavar="DIR", help="Folders and files that are looked through.")],
    annex_key: Annotated[
        Path | None, typer.Option("--annex-key", metavar="FILE", help="Look at annexes and memberships as well.")
    ] = None,
    purpose: opt.Purpose = None,
) -> None:
    """List what a key opens: indexes, members files, keys derived from it; with --annex-key annexes and memberships.

    Exits with 1 where there is something. What lies on another's machine it cannot know.

    Example: sealscrub key opens seal.key /srv/indexes /srv/backup --annex-key seal.key.annex
    """
    from sealscrub.custody import annex_key as custodied
    from sealscrub.identifiers import load_key
    from sealscrub.lineage import still_opened

    with contextlib.ExitStack() as stack:
        annex = None
        if annex_key is not None:
            annex = stack.enter_context(custodied(annex_key, purpose=purpose, what="key opens"))
        found = still_opened(load_key(key_file), places, annex_key=annex)
    for each in found:
        last = f", until {each.not_after}" if each.not_after else ""
        typer.echo(f"{each.kind:<13}{each.audience or '':<12}{each.path}{last}")
    if found:
        typer.echo("whoever has the key reads these: delete them, and withdraw what was handed out.", err=True)
        raise typer.Exit(1)
    typer.echo("nothing that was looked at is opened by this key", err=True)


def _matching_key(path: Path) -> MatchingKey:
    from sealscrub.identifiers import MatchingKey, load_key

    key = load_key(path)
    if not isinstance(key, MatchingKey):
        raise UsageError("an audience's key is not rotated by itself", where=str(path), hint="name the custodian's.")
    return key


def _said(index: Index) -> str:
    facts = index.header.facts
    return f"for {facts.audience}, epoch {facts.epoch}, until {facts.not_after}"
