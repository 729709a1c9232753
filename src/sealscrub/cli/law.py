"""``sealscrub law``: the rules, and what they make of one action."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from . import law_ahead

__all__ = ["app"]

app = typer.Typer(help="The rules of law, and what they make of an action. No legal advice.", no_args_is_help=True)

_Law = Annotated[str, typer.Option("--law", help="The jurisdiction.")]
_Day = Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day; today by default (UTC).")]


@app.command("rules")
def rules(law: _Law = "us-ny") -> None:
    """List every regime and its rules, with the days in force.

    Example: sealscrub law rules
    """
    from sealscrub.law import jurisdiction

    place = jurisdiction(law)
    for group in place.regimes:
        typer.echo(f"{group.regime}  ({group.mode}; {group.unit})")
        for rule in group.rules:
            typer.echo(
                f"  {rule.id}  version {rule.version}  {_span(rule.in_force_from, rule.in_force_to)}  {rule.citation}"
            )
    typer.echo("doubts, of every regime")
    for rule in place.doubts:
        typer.echo(f"  {rule.id}  version {rule.version}")
    typer.echo("No lawyer has reviewed them, and they are no legal advice.", err=True)


@app.command("rule")
def rule(rule_id: Annotated[str, typer.Argument(metavar="RULE", help="As law rules names it.")]) -> None:
    """Show one rule: its text in our own words, its dates, its condition, its clock and its uncertainty.

    Example: sealscrub law rule us-ny/cpl-160.50/3b
    """
    from sealscrub.law import find_rule, show_rule

    typer.echo("\n\n".join(show_rule(found) for found in find_rule(rule_id)))


@app.command("explain")
def explain(
    dispositions: Annotated[Path, typer.Argument(help="CSV, TSV, Parquet or JSON Lines: a row a charge event.")],
    docket: Annotated[str, typer.Option(help="The docket asked about.")] = "",
    arrest: Annotated[str, typer.Option(help="The arrest's number, where no docket was filed.")] = "",
    defendant: Annotated[str, typer.Option(help="The defendant's id, where the docket has several.")] = "",
    as_of: _Day = None,
    known_at: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="What was recorded later does not count.")
    ] = None,
    law: _Law = "us-ny",
    renamed: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="THEIRS=OURS", help="Rename a column; THEIRS= leaves it unread."),
    ] = None,
    aliases: Annotated[Path | None, typer.Option(help="Your own TOML file of dispositions.")] = None,
) -> None:
    """Say in words whether an action is sealed, and why. No legal advice.

    Example: sealscrub law explain dispositions.csv --docket 2014KN012345 --as-of 2026-11-25
    """
    from sealscrub.law import explain as said_of

    from .renaming import renamed_columns

    said = said_of(
        dispositions,
        docket=docket,
        arrest_number=arrest,
        defendant_id=defendant,
        as_of=as_of.date() if as_of else None,
        known_at=known_at.date() if known_at else None,
        law=law,
        map=renamed_columns(renamed or []),
        aliases=aliases,
    )
    typer.echo(said)


app.command("forecast")(law_ahead.forecast)
app.command("reconcile")(law_ahead.reconcile)
app.command("diff")(law_ahead.diff)


def _span(begin: dt.date | None, end: dt.date | None) -> str:
    return f"{begin or '…'} to {end or '…'}"
