"""``sealscrub law``: the rules, and what they make of one action."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from sealscrub.errors import ConfigError
from sealscrub.reports import Listing

from . import law_ahead, law_review
from . import options as opt
from .declarations import Commands, option, unless
from .law_sign import Reviews, sign

__all__ = ["app"]

app = Commands(help="The rules of law, and their answer about an action. Not legal advice.", no_args_is_help=True)

_REVIEW = "No lawyer has reviewed them, and they are not legal advice."


@app.command("rules")
def rules(law: opt.Law = "us-ny", *, reviews: Reviews, reporting: opt.Reporting) -> None:
    """List every regime and its rules, with the days in force, and which were reviewed.

    Example: sealscrub law rules
    """
    from sealscrub.custodian.law import jurisdiction
    from sealscrub.custodian.law.desk import regimes_reviewed

    reporting.check(Listing)
    place, reviewed = jurisdiction(law), reviews.rules()
    groups = {f"{group.regime} ({group.mode}; {group.unit})": group.rules for group in place.regimes}
    names = ("version", "in_force_from", "in_force_to", "citation")
    rows = [
        {"regime": regime, "rule": rule.id}
        | {name: getattr(rule, name) for name in names}
        | ({"reviewed_by": reviewed.get(f"{rule.id}@{rule.version}", "no one")} if reviewed else {})
        for regime, found in (*groups.items(), ("doubts, of every regime", place.doubts))
        for rule in found
    ]
    done, count = regimes_reviewed(law, reviewed)
    closing = "This is not legal advice." if reviewed else _REVIEW
    reporting.say(
        Listing(
            tool="law rules",
            headline="The rules",
            rows=rows,
            group="regime",
            facts={"version": place.version, "changed": dict(place.changes).get(place.version, "")}
            | ({"regimes reviewed": f"{done} of {count}"} if reviewed else {}),
            closing=(closing,),
        )
    )


@app.command("rule")
def rule(
    rule_id: Annotated[str, typer.Argument(metavar="RULE", help="The rule's id, from law rules.")],
    *,
    reporting: opt.Reporting,
) -> None:
    """Show one rule: its text in our own words, its dates, its condition, its clock and its uncertainty.

    Example: sealscrub law rule us-ny/cpl-160.50/3b
    """
    from sealscrub.custodian.law import find_rule, show_rule

    reporting.check(Listing)
    texts = [show_rule(found) for found in find_rule(rule_id)]
    printed = [[line.strip().partition(": ") for line in text.splitlines()] for text in texts]
    rows = [{"rule": title, "about": name, "says": said} for (title, *_), *lines in printed for name, _, said in lines]
    values = [{"rule": rule_id, "text": text} for text in texts]
    headline = "The rule, in each version"
    reporting.say(
        Listing(tool="law rule", headline=headline, rows=rows, group="rule", values=values, closing=(_REVIEW,))
    )


@app.command("explain")
def explain(
    dispositions: opt.Dispositions,
    docket: Annotated[str, option("The docket asked about.")] = "",
    arrest: Annotated[str, option("The arrest's number, if no docket was filed."), unless("--docket")] = "",
    defendant: Annotated[str, option("The defendant's id, if the docket has several.")] = "",
    as_of: opt.Day = None,
    known_at: opt.KnownAt = None,
    law: opt.Law = "us-ny",
    renamed: opt.Renamed = None,
    aliases: opt.Aliases = None,
    assume: Annotated[
        list[str] | None,
        option(
            "What if: every row of the action says this, such as family_offense=N. Repeatable.", metavar="FACT=VALUE"
        ),
    ] = None,
    full: Annotated[bool, option("Print the whole tree of reasons; a page (HTML) always holds it, folded.")] = False,
    *,
    reviews: Reviews,
    reporting: opt.Reporting,
) -> None:
    """Say in words whether an action is sealed, and why. No legal advice.

    A page for the file of the case: --format html.

    Example: sealscrub law explain dispositions.csv --docket 2014KN012345 --as-of 2026-11-25
    """
    from sealscrub.custodian.law import Explanation
    from sealscrub.custodian.law import explain as explanation_of

    from .column_map import renamed_columns

    reporting.check(Explanation)
    explained = explanation_of(
        dispositions,
        docket=docket,
        arrest_number=arrest,
        defendant_id=defendant,
        as_of=as_of.date() if as_of else None,
        known_at=known_at.date() if known_at else None,
        law=law,
        map=renamed_columns(renamed or []),
        aliases=aliases,
        assume=_assumed(assume or []),
    )
    reporting.say(replace(explained, full=full, reviewed=reviews.rules()))


def _assumed(pairs: list[str]) -> dict[str, str]:
    assumed: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not value.strip():
            raise ConfigError("--assume must be FACT=VALUE", hint="such as --assume family_offense=N.")
        if name in assumed:
            raise ConfigError("--assume has a fact twice", hint="give one value for each fact.")
        assumed[name] = value
    return assumed


app.command("sign")(sign)
app.command("forecast")(law_ahead.forecast)
app.command("reconcile")(law_ahead.reconcile)
app.command("diff")(law_ahead.diff)
app.add_typer(law_review.app, name="review")
