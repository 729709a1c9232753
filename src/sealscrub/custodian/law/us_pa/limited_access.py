"""18 Pa.C.S. 9122.2, limited access by the clock: a court seals in batches, and without its order nothing is sealed.

Each way in is two rules. The first says from when a charge is eligible, and never that it is sealed; the second says
that this is not known, if a fact is missing that could make it eligible.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from ..clocks import Clock
from ..conditions import Condition, Either, Every, Is, Known, Not
from ..rules import Effect, Mode, RegimeRules, Rule, Unit
from ..ruling_types import Mark
from ..three_values import Truth
from .court_orders import ordered
from .penalties import DRUGS
from .pennsylvania_offences import FELONIES, MISDEMEANOURS
from .pennsylvania_periods import CLEAN_SLATE, FINES_NO_BAR, SHORTER_PERIODS, years

__all__ = ["COPIES", "ENDED_WITHOUT_CONVICTION", "REGIME", "RESTITUTION"]

_NAME = "us-pa/cs-9122.2"
COPIES = ("police", "prosecutor", "repository", "court")
ENDED_WITHOUT_CONVICTION = (
    *("DISMISSED_ENTIRE", "ACQUITTED_COMPLETE", "DECLINED_PROSECUTION", "TRIAL_ORDER_DISMISSAL"),
    *("VERDICT_SET_ASIDE", "VACATED_DISMISSED", "DISMISSED_ON_APPEAL", "HABEAS_DISCHARGE", "DISMISSED_COUNT_ONLY"),
    *("NOT_RESPONSIBLE", "ABATED_DEATH"),
)
_CONVICTED = Is("ending", "CONVICTED")
RESTITUTION = Is("restitution", "paid", "none")
_FINES = Is("fines_paid", "Y")
# 9122.3(a)
_NOT_EXCLUDED: tuple[Condition, ...] = (
    Is("excluded_offence", "N"),
    Is("other_felony", "N"),
    Is("two_over_two_years", "N"),
    Is("four_of_a_year", "N"),
    Is("listed_conviction", "N"),
    Is("case_bar", "N"),
    Is("docket_bar", "N"),
    Known("docket_over_two"),
    Known("docket_of_a_year"),
    Is("history", "complete"),
)
_BATCH = (
    "Monthly, by order of a court: eligible is not sealed. A fee follows the payment of restitution; whether one that "
    "is owed keeps a charge from the batch was not read."
)
_FREE = (
    f"{_BATCH} A later conviction of an offence punishable by a year or more begins the period again on its day. Where "
    "the period had passed once before that, whether it must pass again is not known, until it has. "
    "Of 9122.3(a), the end of the list of convictions was not read, and which chapters its articles hold is [own]."
)
_SEVEN = f"{_FREE} That seven years stand for ten was read in secondary sources: the copy of the statute is cut."


def _eligible(
    part: str,
    citation: str,
    text: str,
    version: str,
    conditions: Iterable[Condition],
    clock: tuple[int, str, bool],
    since: dt.date,
    until: dt.date | None = None,
    *,
    uncertainty: str = _BATCH,
    lasting: bool = False,
) -> tuple[Rule, Rule]:
    """From when it is eligible, and where that is not known; with `lasting`, who has become so stays so."""
    every = Every(*conditions)
    number, start, free = clock
    if free:
        every = Every(*every.parts, Is(f"settled_{12 * number}", "Y"))
    missing = Either(*(Not(Known(name)) for name in sorted(every.facts() - {"ending"})))

    def rule(name: str, answer: Truth, when: Condition, said: str, period: Clock, to: dt.date | None) -> Rule:
        return Rule(
            id=f"{_NAME}/{part}{name}",
            citation=citation,
            paragraph=citation.removeprefix("18 Pa.C.S. 9122.2"),
            version=version,
            text=said,
            when=when,
            clock=period,
            answer=answer,
            in_force_from=since,
            in_force_to=to,
            governed_by="as_of",
            mark=Mark.FOUND,
            uncertainty=uncertainty,
        )

    sure, possible = (("again_if",) * 2, (f"again_{12 * number}", "again_if")) if free else (None, None)
    return (
        rule("", Truth.NO, every, text, years(number, start, restart=sure), None if lasting else until),
        rule(
            "-unknown",
            Truth.UNKNOWN,
            Every(*every.parts, missing),
            "A fact is missing that could make it eligible.",
            years(number, start, restart=possible),
            until,
        ),
    )


_MISDEMEANOUR = (_CONVICTED, Is("severity", *MISDEMEANOURS), Is("over_two_years", "N"), RESTITUTION, *_NOT_EXCLUDED)
#: What 9122.3(a)(2)(i) named until June 2024.
_NO_FELONY = (Known("docket_felony"), Is("any_felony", "N"))
_SUMMARY = (_CONVICTED, Is("severity", "S"), RESTITUTION)
_A1, _A2, _A3, _A4 = (f"18 Pa.C.S. 9122.2(a)({number})" for number in (1, 2, 3, 4))
_MISDEMEANOUR_TEXT = (
    "A misdemeanour punishable by at most two years: {} years free of conviction for an offence punishable by a year "
    "or more, restitution paid, and nothing that 9122.3(a) excludes."
)
_SUMMARY_TEXT = "A summary offence: {} years after the judgment, restitution paid; a later conviction is not a bar."
_UNPAID = "Until Act 83 of 2020 fines and costs had to be paid; the day, 28 December 2020, is [own]."
_ANY_FELONY = "Until June 2024 any felony barred, as secondary sources of 2019 say."
_STAYS = "What had become eligible while it was in force stays so from its own day."

_RULES: tuple[tuple[Rule, Rule], ...] = (
    _eligible(
        "a1-misdemeanour",
        _A1,
        _MISDEMEANOUR_TEXT.format("ten"),
        "1-fines",
        (*_MISDEMEANOUR, *_NO_FELONY, _FINES),
        (10, "ended_on", True),
        CLEAN_SLATE,
        FINES_NO_BAR,
        uncertainty=f"{_FREE} {_ANY_FELONY} {_UNPAID} {_STAYS}",
        lasting=True,
    ),
    _eligible(
        "a1-misdemeanour",
        _A1,
        _MISDEMEANOUR_TEXT.format("ten"),
        "2-ten-years",
        (*_MISDEMEANOUR, *_NO_FELONY),
        (10, "ended_on", True),
        FINES_NO_BAR,
        SHORTER_PERIODS,
        uncertainty=f"{_FREE} {_ANY_FELONY} {_STAYS}",
        lasting=True,
    ),
    _eligible(
        "a1-misdemeanour",
        _A1,
        _MISDEMEANOUR_TEXT.format("seven"),
        "3-seven-years",
        _MISDEMEANOUR,
        (7, "ended_on", True),
        SHORTER_PERIODS,
        uncertainty=_SEVEN,
    ),
    _eligible(
        "a1-drug-felony",
        _A1,
        "A single felony under section 13 of the drug act of 1972, sentenced to less than thirty months at least and "
        "less than sixty at most: ten years free of conviction, restitution paid, and nothing that 9122.3(a) excludes.",
        "1",
        (
            *(_CONVICTED, Is("severity", *FELONIES), Is("law", DRUGS), Is("short_sentence", "Y")),
            *(Is("single_drug_felony", "Y"), RESTITUTION, *_NOT_EXCLUDED),
        ),
        (10, "ended_on", True),
        SHORTER_PERIODS,
        uncertainty=f"{_FREE} Which sentences are short enough was read in the last print of the bill that was found. "
        "What happens to two such felonies is not known.",
    ),
    _eligible(
        "a3-summary",
        _A3,
        _SUMMARY_TEXT.format("ten"),
        "1-fines",
        (*_SUMMARY, _FINES),
        (10, "ended_on", False),
        CLEAN_SLATE,
        FINES_NO_BAR,
        uncertainty=f"{_BATCH} {_UNPAID} {_STAYS}",
        lasting=True,
    ),
    _eligible(
        "a3-summary",
        _A3,
        _SUMMARY_TEXT.format("ten"),
        "2-ten-years",
        _SUMMARY,
        (10, "ended_on", False),
        FINES_NO_BAR,
        SHORTER_PERIODS,
        uncertainty=f"{_BATCH} {_STAYS} That a later conviction does not begin the period again is [inference].",
        lasting=True,
    ),
    _eligible(
        "a3-summary",
        _A3,
        _SUMMARY_TEXT.format("five"),
        "3-five-years",
        _SUMMARY,
        (5, "ended_on", False),
        SHORTER_PERIODS,
        uncertainty=f"{_BATCH} Five years were read in secondary sources. That a later conviction does not begin the "
        "period again is [inference].",
    ),
    _eligible(
        "a4-pardon",
        _A4,
        "A pardon, conditional or not.",
        "2",
        (_CONVICTED, Is("pardon", "granted")),
        (0, "pardoned_on", False),
        CLEAN_SLATE,
        uncertainty=f"{_BATCH} The text until 11 June 2024 was read; since then, secondary sources say, what was "
        "pardoned without a condition is expunged.",
    ),
)
_UNCONVICTED = Rule(
    id=f"{_NAME}/a2-no-conviction",
    citation=_A2,
    paragraph="(a)(2)",
    text="A charge that ended without a conviction, whatever happened to the others of its case: eligible at once.",
    when=Is("ending", *ENDED_WITHOUT_CONVICTION),
    clock=years(0, "ended_on"),
    answer=Truth.NO,
    in_force_from=CLEAN_SLATE,
    governed_by="as_of",
    mark=Mark.FOUND,
    uncertainty=f"{_BATCH} Secondary sources say within thirty days, once sixty. That each charge of a case is weighed "
    "on its own is [inference].",
)


REGIME = RegimeRules(
    regime=_NAME,
    unit=Unit.CHARGE,
    mode=Mode.BATCH,
    effect=Effect("confidential", COPIES),
    rules=(
        _UNCONVICTED,
        *(rule for pair in _RULES for rule in pair),
        *ordered(
            *(_NAME, "9122.2", "A court ordered limited access without a petition, or gave notice of it.", CLEAN_SLATE),
            mark=Mark.RETOLD,
        ),
    ),
    doubtful=True,
)
