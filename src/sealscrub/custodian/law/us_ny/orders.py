"""Regimes under which only a court's order seals: CPL 160.58 and 160.59, FCA 375.2."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from ..clocks import Clock
from ..conditions import Condition, Every, Is, Not
from ..rules import Effect, Mode, RegimeRules, Rule, Unit
from ..ruling_types import Mark
from ..three_values import Truth
from .new_york_offences import CLASS_A, MAYBE_SEX_OFFENCE, SEX_OFFENCE, VIOLENT_FELONY
from .new_york_periods import CONDITIONAL_SEALING, JUVENILES, SEALING_ON_APPLICATION, and_before

__all__ = ["REGIMES"]


def _order_rule(
    name: str,
    citation: str,
    text: str,
    *conditions: Condition,
    starts: tuple[str, ...] = ("ordered_on",),
    mark: Mark = Mark.RETOLD,
    uncertainty: str = "",
) -> Rule:
    return Rule(
        id=f"{name}/order",
        citation=citation,
        text=text,
        when=Every(Is("ordered", citation.split()[1]), *conditions),
        starts=starts,
        governed_by="ordered_on",
        mark=mark,
        uncertainty=uncertainty,
    )


def _regime(name: str, copies: tuple[str, ...], *rules: Rule) -> RegimeRules:
    return RegimeRules(regime=name, unit=Unit.EVERY_CHARGE, mode=Mode.ORDER, effect=Effect("seal", copies), rules=rules)


_APPLY = Rule(
    id="us-ny/cpl-160.59/apply",
    citation="CPL 160.59(1), (5)",
    paragraph="(5)",
    text="A person with at most two convictions of crimes, of which at most one a felony, may ask the court ten "
    "years after the last of them, counted from sentence or release; not for a sex offence, a felony of article 125, a "
    "violent felony or one of class A, and not with a charge pending. Without the order it is not sealed.",
    when=Every(
        Is("ending", "CONVICTED"),
        Is("severity", "F", "M"),
        Not(Is("more_than_two_crimes", "Y")),
        Not(Is("more_than_one_felony", "Y")),
        Not(Is("in_custody", "Y")),
        Not(Is("pending_crime", "Y")),
        Not(Is("article", "PL 130", "PL 263")),
        Not(Every(Is("severity", "F"), Is("article", "PL 125"))),
        Not(CLASS_A),
        Not(SEX_OFFENCE),
        Not(MAYBE_SEX_OFFENCE),
        Not(VIOLENT_FELONY),
    ),
    clock=Clock(start=("latest_crime_from",), months=120),
    answer=Truth.NO,
    governed_by="as_of",
    mark=Mark.RETOLD,
    uncertainty="It says from when a court may be asked, and never that it is sealed. Custody is left out by counting "
    "from the last release. That several convictions of one transaction count as one is not weighed, and the list of "
    "violent felonies is [own] and not complete.",
)

_CONDITIONALLY = _order_rule(
    "us-ny/cpl-160.58",
    "CPL 160.58",
    "A court sealed it conditionally, after drug treatment, and no new arrest or charge of a crime stands "
    "against the person, or it ended in the person's favour or without a conviction of a crime.",
    Not(Is("new_case", "Y")),
    starts=("resealed_on", "ordered_on"),
    uncertainty="That a favourable end, or one without a crime, seals it again is [own]. A new case of the day "
    "of the order, one whose severity or beginning is not known, and one that has ended in a way that is "
    "itself not known, make it unknown.",
)
_OF_JUVENILES = _order_rule("us-ny/fca-375.2", "FCA 375.2", "The family court sealed it on motion.", mark=Mark.OWN)
_ON_APPLICATION = _order_rule(
    "us-ny/cpl-160.59",
    "CPL 160.59",
    "A court sealed it on application.",
    uncertainty="The order seals, whatever the statute says about the offence: that it was made against an exclusion "
    "is for a court to say.",
)


def _since(day: dt.date, said_day: str, rule: Rule) -> tuple[Rule, Rule]:
    """An order from the first day of its statute, and one that is dated before it."""
    said = f"The statute is of {said_day} [own]: what an order dated before it sealed is not known."
    return and_before(replace(rule, version="2", in_force_from=day), said)


REGIMES = (
    _regime(
        "us-ny/cpl-160.58", ("repository", "court"), *_since(CONDITIONAL_SEALING, "7 October 2009", _CONDITIONALLY)
    ),
    _regime(
        "us-ny/cpl-160.59",
        ("police", "prosecutor", "repository", "court"),
        *_since(SEALING_ON_APPLICATION, "7 October 2017", _ON_APPLICATION),
        _APPLY,
    ),
    _regime("us-ny/fca-375.2", ("police", "prosecutor", "court"), *_since(JUVENILES, "1 July 1983", _OF_JUVENILES)),
)
