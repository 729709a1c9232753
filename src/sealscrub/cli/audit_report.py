"""``sealscrub audit report``: what a monitor reads of a log."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from sealscrub.errors import ConfigError

__all__ = ["report"]


def report(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="The audit log.")],
    since: Annotated[dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")],
    until: Annotated[dt.datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day.")],
    report: Annotated[
        list[Path] | None, typer.Option("--report", metavar="FILE", help="Write it: .html or .csv (0600). Repeatable.")
    ] = None,
    hours: Annotated[str, typer.Option("--hours", metavar="FIRST-LAST", help="Office hours of a weekday.")] = "7-19",
    zone: Annotated[str, typer.Option("--zone", help="By whose clock.")] = "America/New_York",
    roster: Annotated[
        Path | None, typer.Option("--roster", metavar="FILE", help="The signed roster in force: what is due.")
    ] = None,
    public_key: Annotated[
        Path | None, typer.Option("--public-key", metavar="FILE", help="The approver's public key, PEM.")
    ] = None,
    sample: Annotated[int, typer.Option("--sample", min=0, help="Draw so many acts for a check by hand.")] = 0,
    seed: Annotated[
        str | None,
        typer.Option("--seed", help="What the draw follows from, such as the root of a checkpoint made afterwards."),
    ] = None,
) -> None:
    """Report who was shown what for which purpose, what stands out, and what is due.

    Example: sealscrub audit report audit.log --from 2026-10-01 --to 2026-12-31 --report q4.html --report q4.csv
    """
    from sealscrub.certificates.envelope import load_public_key
    from sealscrub.custody import AuditLog, Hours, Roster, open_paper, report_on, sample_entries
    from sealscrub.custody.report_page import report_page
    from sealscrub.placing import placed_file

    if (roster is None) != (public_key is None):
        raise ConfigError("--roster and --public-key go together")
    if sample and not seed:
        raise ConfigError("a sample needs a seed", hint="--seed: the root in a checkpoint made after the period.")
    for file in report or ():
        if file.suffix not in (".html", ".csv"):
            raise ConfigError("the suffix names no format", where=str(file), hint=".html or .csv.")
    first, dash, last = hours.partition("-")
    if not (dash and first.isdecimal() and last.isdecimal()):
        raise ConfigError("--hours is not of the form FIRST-LAST", hint="--hours 7-19")
    opened = AuditLog.open(log)
    in_force = None
    if roster is not None and public_key is not None:
        in_force = open_paper(Roster, roster, load_public_key(public_key))
    days = since.date(), until.date()
    made = report_on(opened, *days, hours=Hours(int(first), int(last), zone), roster=in_force)
    drawn = sample_entries(opened, sample, seed or "", *days)
    typer.echo(made.to_text(), nl=False)
    for entry in drawn:
        typer.echo(f"check entry {entry.number}, {entry.at:%Y-%m-%d %H:%M}Z: {entry.who}, {entry.what}")
    for file in report or ():
        content = report_page(made, drawn) if file.suffix == ".html" else made.to_csv()
        with placed_file(file, mode=0o600) as target:
            target.write(content.encode())
