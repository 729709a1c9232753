"""``sealscrub law forecast``, ``reconcile`` and ``diff``: what comes, what does not meet, what changes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from . import shared_options as opt
from .phases import phases

__all__: list[str] = []

_Day = Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day; today by default (UTC).")]


def forecast(
    dispositions: Annotated[Path, typer.Argument(help="CSV, TSV, Parquet or JSON Lines: a row a charge event.")],
    until: Annotated[dt.datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day that is looked at.")],
    as_of: _Day = None,
    law: Annotated[str, typer.Option("--law", help="The jurisdiction.")] = "us-ny",
    renamed: Annotated[
        list[str] | None, typer.Option("--map", metavar="THEIRS=OURS", help="Rename a column. Repeatable.")
    ] = None,
    aliases: Annotated[Path | None, typer.Option(help="Your own TOML file of dispositions.")] = None,
) -> None:
    """List what will be sealed by itself, a JSON line an action, in the order of the days. No legal advice.

    Example: sealscrub law forecast dispositions.csv --until 2027-06-01
    """
    from sealscrub.law import forecast as look_ahead
    from sealscrub.law import read_charges
    from sealscrub.law.dispositions import read_map

    from .renaming import renamed_columns

    charges = read_charges(dispositions, renamed_columns(renamed or []))
    with phases() as tell:
        found = look_ahead(charges, until.date(), _day(as_of), law=law, mapping=read_map(law, aliases), progress=tell)
    _write(found.rows(named=True))
    typer.echo(f"{len(found):,} of {len(charges.actions):,} actions will be sealed by {until:%Y-%m-%d}.", err=True)


def reconcile(
    place: Annotated[str, typer.Argument(metavar="REGISTRY", help="A file, or postgresql://HOST/DATABASE.")],
    as_of: _Day = None,
    grace: Annotated[int, typer.Option(min=0, help="Days after which a derived seal should have a notice.")] = 30,
    purpose: opt.Purpose = None,
    encryption_key: opt.EncryptionKey = None,
    grant: opt.Grant = None,
) -> None:
    """List where notices and dispositions do not meet, a JSON line each; exits with 1 where they conflict.

    Example: sealscrub law reconcile seals.db
    """
    from sealscrub.registry import Registry

    with Registry.open(place, purpose=purpose, encryption_key=encryption_key, grant=grant) as registry:
        found = registry.reconcile(_day(as_of), grace=grace)
    _write(found.rows(named=True))
    counts = dict(found["kind"].value_counts(sort=True).iter_rows())
    said = ", ".join(f"{count:,} {kind}" for kind, count in sorted(counts.items()))
    typer.echo(said or "Notices and dispositions meet.", err=True)
    if "conflict" in counts:
        raise typer.Exit(1)


def diff(
    old: Annotated[Path, typer.Argument(help="Decisions, as registry derive --explain wrote them.")],
    new: Annotated[Path, typer.Argument(help="Decisions of changed rules or dispositions, of a dry run for one.")],
) -> None:
    """List what two files of decisions decide differently, a JSON line an action.

    Example: sealscrub law diff decisions.jsonl decisions-new.jsonl
    """
    from sealscrub.law import changed_lines

    found = list(changed_lines(old, new))
    _write(found)
    typer.echo(f"{len(found):,} actions are decided differently.", err=True)


def _day(moment: dt.datetime | None) -> dt.date:
    return moment.date() if moment else dt.datetime.now(dt.UTC).date()


def _write(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        typer.echo(json.dumps(line, default=str, ensure_ascii=False))
