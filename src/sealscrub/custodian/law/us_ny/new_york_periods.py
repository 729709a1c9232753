"""Days and periods that several of New York's rules share."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from ..clocks import Clock
from ..conditions import Either, Every, Is, Not
from ..rules import Rule
from ..ruling_types import Mark
from ..three_values import Truth
from .public_holidays import public_holidays

__all__ = [
    "AUTOMATIC",
    "CANNABIS",
    "CATALOGUE",
    "CLEAN_SLATE",
    "CONDITIONAL_SEALING",
    "ENDED_WITHOUT_CONVICTION",
    "FAVOUR",
    "FELL_WITH_THE_PLEA",
    "JUVENILES",
    "LOITERING",
    "MARIHUANA",
    "PEOPLE_MAY_APPEAL",
    "REMOVALS",
    "SEALING_ON_APPLICATION",
    "TOLLED",
    "VIOLATIONS",
    "YOUTHS",
    "and_before",
]

#: The first day of the Criminal Procedure Law, with CPL 720.35 [own].
YOUTHS = dt.date(1971, 9, 1)
#: L.1976 c.877: CPL 160.50 [own].
FAVOUR = dt.date(1976, 9, 1)
#: L.1978: CPL 725.15 [own].
REMOVALS = dt.date(1978, 9, 1)
#: CPL 160.55 is of 1980 [own]; its day was not read, so that nothing of that year is sure.
VIOLATIONS = dt.date(1981, 1, 1)

#: Sealing without a motion, L.1991 c.142.
AUTOMATIC = dt.date(1991, 11, 1)
#: L.1982 c.920: article 3 of the Family Court Act [own].
JUVENILES = dt.date(1983, 7, 1)
#: L.2009 c.56: CPL 160.58 [own].
CONDITIONAL_SEALING = dt.date(2009, 10, 7)
#: L.2017 c.59: CPL 160.59 [own].
SEALING_ON_APPLICATION = dt.date(2017, 10, 7)
#: Executive Order 202.8 and those that continued it, to 202.67 and 202.72: the times of the procedural laws stood still
#: [own].
TOLLED = (dt.date(2020, 3, 20), dt.date(2020, 11, 3))
#: L.2019: convictions of 221.05 and .10 [own].
MARIHUANA = dt.date(2019, 8, 28)
#: L.2021 c.23: repeal of 240.37, and 160.55 whatever the charge [own].
LOITERING = dt.date(2021, 2, 2)
#: L.2021 c.92, the Marihuana Regulation and Taxation Act [own].
CANNABIS = dt.date(2021, 3, 31)
#: L.2023 c.631.
CLEAN_SLATE = dt.date(2024, 11, 16)
#: Three years on: by then the Office of Court Administration must have sealed what was eligible before.
CATALOGUE = dt.date(2027, 11, 16)

#: The People's time to appeal, CPL 460.10: thirty days from service of the order, in doubt from its entry; an act that
#: falls due on a weekend or holiday may be done on the next business day, General Construction Law § 25-a.
PEOPLE_MAY_APPEAL = Clock(
    start=("served_on", "ended_on"),
    days=30,
    inside=Truth.UNKNOWN,
    seals_from="start",
    business_day=public_holidays,
    unless=Is("appeal", "affirmed"),
    tolled=TOLLED,
)
#: Ways in which a charge may have ended that leave no conviction of it to be dealt with.
ENDED_WITHOUT_CONVICTION = Is("ending", "DISMISSED_COUNT_ONLY", "ACQUITTED_PARTIAL", "YO_ADJUDICATED", "COVERED_BY")
#: Ways in which a count ends when another of its docket is pleaded to: what another docket covers does not. That the
#: People may still appeal from a dismissal on its merits of a count before the plea is not weighed [inference].
FELL_WITH_THE_PLEA = Either(
    Is("ending", "DISMISSED_COUNT_ONLY"),
    Every(Is("ending", "COVERED_BY"), Is("covered_elsewhere", "N")),
    Every(Is("ending", "DISMISSED_ENTIRE"), Not(Is("appeal", "people"))),
)


def and_before(rule: Rule, said: str) -> tuple[Rule, Rule]:
    """A rule since the first day of its statute, and what is dated before, which is not known: `said` says why."""
    before = replace(
        rule,
        version=f"{rule.version}-before",
        in_force_from=None,
        in_force_to=rule.in_force_from,
        answer=Truth.UNKNOWN,
        mark=Mark.INFERENCE,
        uncertainty=said,
    )
    return rule, before
