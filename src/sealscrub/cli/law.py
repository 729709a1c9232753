"""``sealscrub law``: the rules, and what they make of one action."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from sealscrub.errors import ConfigError, UsageError

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
    dispositions: Annotated[Path, typer.Argument(help="CSV, Parquet or JSON Lines: a row a charge event.")],
    docket: Annotated[str, typer.Option(help="The docket asked about.")],
    defendant: Annotated[str | None, typer.Option(help="The defendant's id, where the docket has several.")] = None,
    as_of: _Day = None,
    known_at: _Day = None,
    renamed: Annotated[
        list[str] | None, typer.Option("--map", metavar="THEIRS=OURS", help="Rename a column. Repeatable.")
    ] = None,
    own: Annotated[Path | None, typer.Option("--texts", help="Your own TOML file of dispositions.")] = None,
    law: _Law = "us-ny",
) -> None:
    """Say in words whether an action is sealed, and why. No legal advice.

    Example: sealscrub law explain dispositions.csv --docket 2014KN012345 --as-of 2026-11-25
    """
    from sealscrub.law import decide, read_cases, related
    from sealscrub.law import explain as in_words
    from sealscrub.law.dispositions import read_map

    cases = read_cases(dispositions, _pairs(renamed))
    found = [case for case in cases if case[0].docket == docket and defendant in (None, case[0].defendant_id)]
    if len(found) != 1:
        what = "names no row" if not found else f"is of {len(found)} defendants"
        raise UsageError(f"the docket {what}", where=dispositions.name, hint="see --docket and --defendant.")
    action, events = found[0]
    linked = related(found[0], cases)
    day = as_of.date() if as_of else dt.datetime.now(dt.UTC).date()
    mapping = read_map(law, own)
    decision = decide(
        action, events, day, known_at.date() if known_at else None, linked=linked, law=law, mapping=mapping
    )
    typer.echo(in_words(decision))


app.command("forecast")(law_ahead.forecast)
app.command("reconcile")(law_ahead.reconcile)
app.command("diff")(law_ahead.diff)


def _pairs(renamed: list[str] | None) -> dict[str, str]:
    pairs = {}
    for text in renamed or []:
        theirs, sign, ours = text.partition("=")
        if not sign:
            raise ConfigError("--map has no =", hint="--map THEIRS=OURS")
        pairs[theirs] = ours
    return pairs


def _span(begin: dt.date | None, end: dt.date | None) -> str:
    return f"{begin or '…'} to {end or '…'}"
