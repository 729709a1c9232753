"""``sealscrub registry derive``: seals that follow from dispositions."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import shared_options as opt
from .phases import phases
from .rows_said import contradicted, left_out

if TYPE_CHECKING:
    from sealscrub.registry import Derived

__all__ = ["derive"]

_Place = Annotated[str, typer.Argument(metavar="REGISTRY", help="A file, or postgresql://HOST/DATABASE.")]
_SHOWN_ROWS, _SHOWN_TEXTS, _LONGEST = 5, 20, 100


def derive(
    place: _Place,
    dispositions: Annotated[Path, typer.Argument(help="CSV, TSV, Parquet or JSON Lines: a row a charge event.")],
    as_of: Annotated[dt.datetime, typer.Option(formats=["%Y-%m-%d"], help="The day that is asked about.")],
    law: Annotated[str, typer.Option("--law", help="The jurisdiction.")] = "us-ny",
    known_at: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="What was recorded later does not count.")
    ] = None,
    renamed: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="THEIRS=OURS", help="Rename a column; THEIRS= leaves it unread."),
    ] = None,
    aliases: Annotated[Path | None, typer.Option(help="Your own TOML file of dispositions.")] = None,
    explain: Annotated[
        Path | None, typer.Option(help="Write the decisions with their reasons there, as JSON Lines.")
    ] = None,
    reject_file: Annotated[
        Path | None,
        typer.Option(help="Where bad rows go, as they were, and what they may bear on; the rest is derived."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Append nothing.")] = False,
    schemes: opt.SchemeFile = None,
    encryption_key: opt.EncryptionKey = None,
    grant: opt.Grant = None,
) -> None:
    """Derive seals from dispositions, and append what is new; the same file again changes nothing. No legal advice.

    Example: sealscrub registry derive seals.db dispositions.csv --law us-ny --as-of 2026-11-25
    """
    from sealscrub.registry import Registry

    from .renaming import renamed_columns

    opt.load_own_schemes(schemes)
    with Registry.open(place, encryption_key=encryption_key, grant=grant) as registry, phases() as tell:
        result = registry.derive(
            dispositions,
            as_of=as_of.date(),
            known_at=known_at.date() if known_at else None,
            law=law,
            map=renamed_columns(renamed or []),
            aliases=aliases,
            explain=explain,
            reject_file=reject_file,
            dry_run=dry_run,
            progress=tell,
        )
    for sentence in _said(result, reject_file):
        typer.echo(sentence, err=True)


def _names(columns: tuple[str, ...]) -> list[str]:
    """Names of columns; a number where the name may be a value, as in a file without a header."""
    plain = [name for name in columns if len(name) <= 60 and not re.search(r"\d{3}", name)]
    return plain + ([f"{len(columns) - len(plain)} others"] if len(plain) < len(columns) else [])


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def _said(result: Derived, reject_file: Path | None) -> list[str]:
    said = [
        f"{result.actions:,} actions of {result.rows:,} rows: {result.sealed:,} sealed, {result.withheld:,} withheld, "
        f"{result.open:,} open."
    ]
    if result.dry_run:
        said.append(f"{result.appended:,} events would be appended; the registry stays at epoch {result.epoch}.")
    elif result.appended:
        said.append(f"{result.appended:,} events are appended; the registry is at epoch {result.epoch}.")
    else:
        said.append(f"Nothing is new; the registry stays at epoch {result.epoch}.")
    if result.confirmed:
        said.append(f"Notices confirm {result.confirmed:,} of the seals.")
    said += contradicted(result.contradictions)
    for what, rows in result.oddities.items():
        more = f" and {len(rows) - _SHOWN_ROWS:,} more" if len(rows) > _SHOWN_ROWS else ""
        said.append(f"In lines {', '.join(map(str, rows[:_SHOWN_ROWS]))}{more}: {what}.")
    if result.unread:
        said.append(f"{len(result.unread)} columns of the file are not read: {', '.join(_names(result.unread))}.")
    if result.unmapped:
        total = sum(count for _, count in result.unmapped)
        said.append(f"{total:,} dispositions are not understood, and so unknown; map them with --aliases:")
        said += [f"  {count:>7,}  {_cut(text)}" for text, count in result.unmapped[:_SHOWN_TEXTS]]
        if len(result.unmapped) > _SHOWN_TEXTS:
            said.append(f"  … and {len(result.unmapped) - _SHOWN_TEXTS:,} more texts")
    return said + left_out(result.rejected, result.problems, reject_file)
