"""18 Pa.C.S. 9122.1, limited access by order on a petition, and 9122, expungement."""

from __future__ import annotations

import datetime as dt

from ..conditions import Condition, Either, Every, Is, Not
from ..rules import Effect, Mode, RegimeRules, Rule, Unit
from ..ruling_types import Mark
from ..three_values import Truth
from .court_orders import EXPUNGED, ordered
from .limited_access import COPIES, RESTITUTION
from .pennsylvania_offences import DRUG_FELONY, MISDEMEANOURS, PROPERTY_FELONY
from .pennsylvania_periods import CONDITIONAL_PARDONS, FINES_NO_BAR, ON_PETITION, SHORTER_PERIODS, years

__all__ = ["REGIMES"]

_PETITION, _EXPUNGEMENT = "us-pa/cs-9122.1", "us-pa/cs-9122"
_NOT_WEIGHED = (
    "It says from when a court may be asked, as far as the file tells, and never that it is sealed: what 9122.1(b) "
    "excludes is not weighed; a fee keeps it back where the file says that it is owed. A later conviction of an "
    "offence punishable by a year or more begins the period again on its day."
)


def _apply(
    part: str,
    paragraph: str,
    text: str,
    version: str,
    number: int,
    when: Condition,
    since: dt.date,
    until: dt.date | None,
    note: str = "",
    mark: Mark = Mark.FOUND,
    unpaid: Condition | None = None,
    lasting: bool = False,
) -> Rule:
    return Rule(
        id=f"{_PETITION}/{part}",
        citation=f"18 Pa.C.S. 9122.1{paragraph}",
        paragraph=paragraph,
        version=version,
        text=text,
        when=Every(Is("ending", "CONVICTED"), when, RESTITUTION, unpaid or _FEE),
        clock=years(number, "ended_on", restart=("again_if", "again_if")),
        answer=Truth.NO,
        in_force_from=since,
        in_force_to=None if lasting else until,
        governed_by="as_of",
        mark=mark,
        uncertainty=f"{_NOT_WEIGHED} {note}".strip(),
    )


_FEE = Not(Is("fee", "owed"))
_MISDEMEANOUR = Every(Is("severity", *MISDEMEANOURS), Is("over_five_years", "N"))
_TEXT = "A misdemeanour punishable by at most five years: {} years free of conviction, restitution paid."

_ON_PETITION = RegimeRules(
    regime=_PETITION,
    unit=Unit.CHARGE,
    mode=Mode.ORDER,
    effect=Effect("confidential", COPIES),
    rules=(
        _apply(
            *(
                "apply-misdemeanour",
                "(a)",
                _TEXT.format("ten"),
                "1-fines",
                10,
                _MISDEMEANOUR,
                ON_PETITION,
                FINES_NO_BAR,
            ),
            note="The ten years, and that fines and costs had to be paid until 28 December 2020, are [own].",
            mark=Mark.OWN,
            unpaid=Is("fines_paid", "Y"),
            lasting=True,
        ),
        _apply(
            *("apply-misdemeanour", "(a)", _TEXT.format("ten"), "2-ten-years", 10, _MISDEMEANOUR),
            *(FINES_NO_BAR, CONDITIONAL_PARDONS),
            note="The ten years before 12 February 2024 are [own]. Who could ask by then still can.",
            mark=Mark.OWN,
            lasting=True,
        ),
        _apply(
            *("apply-misdemeanour", "(a)", _TEXT.format("seven"), "3-seven-years", 7, _MISDEMEANOUR),
            *(CONDITIONAL_PARDONS, None),
        ),
        _apply(
            "apply-felony",
            "(a.1)",
            "A drug felony, or a felony of the third degree against property: ten years free of conviction, "
            "restitution paid.",
            "1",
            10,
            Either(DRUG_FELONY, PROPERTY_FELONY),
            CONDITIONAL_PARDONS,
            None,
            note="Which chapters hold offences against property is [own].",
        ),
        *ordered(_PETITION, "9122.1", "A court ordered limited access on a petition.", ON_PETITION),
    ),
)

_ORDERED_OUT = Rule(
    id=f"{_EXPUNGEMENT}/order",
    citation="18 Pa.C.S. 9122(a)",
    paragraph="(a)",
    text="A court ordered it expunged, or gave notice of it: acquitted of every charge of an episode, no disposition "
    "in eighteen months that the court certifies, or another order.",
    when=Is("ordered", *(name for name in EXPUNGED if name != "9122(a)(2.1)")),
    starts=("ordered_on",),
    governed_by="ordered_on",
    mark=Mark.FOUND,
    uncertainty="No clock of 9122(a) is followed: whether every charge of one episode ended in acquittal, and what a "
    "court certified, are in the order alone. Since when each paragraph is law is not weighed.",
)

_AS_NEVER = RegimeRules(
    regime=_EXPUNGEMENT,
    unit=Unit.CHARGE,
    mode=Mode.ORDER,
    effect=Effect("expunge", COPIES),
    rules=(
        _ORDERED_OUT,
        *ordered(
            *(_EXPUNGEMENT, "9122(a)(2.1)", "Notice or order that it is expunged after an unconditional pardon."),
            SHORTER_PERIODS,
            part="pardon",
            paragraph="(a)(2.1)",
        ),
    ),
)

REGIMES = (_ON_PETITION, _AS_NEVER)
