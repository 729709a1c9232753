"""§§ 19.2-392.12 and 392.12:1: sealing on a person's petition, and what an ancillary matter needs."""

from __future__ import annotations

from ..clocks import Clock
from ..conditions import After, Condition, Either, Every, Is, Not
from ..rules import Mode, RegimeRules, Rule, Unit
from ..ruling_types import Mark
from ..three_values import Truth
from .sealing_orders import ABOUT_ANCILLARY, SEAL, order_rules
from .virginia_offences import (
    ANCILLARY,
    DEEMED_LARCENY,
    DEFERRED_AND_DISMISSED,
    EXCLUDED,
    FELONY,
    MISDEMEANOUR,
    PETITION_LISTED,
)
from .virginia_periods import FIRST_OFFENCE, SEALING, SEVEN_YEARS

__all__ = ["REGIMES"]

_SHALL, _MAY = "us-va/vc-19.2-392.12-1", "us-va/vc-19.2-392.12"
_DEALT_WITH = Either(Is("ending", "CONVICTED"), DEFERRED_AND_DISMISSED)
_FOR_ANCILLARY = Is("ordered", *ABOUT_ANCILLARY)


def _petition(
    regime: str, name: str, citation: str, text: str, *conditions: Condition, clock: Clock, uncertainty: str
) -> Rule:
    return Rule(
        id=f"{regime}/{name}",
        citation=citation,
        text=f"{text} Without the order it is not sealed.",
        when=Every(_DEALT_WITH, Not(ANCILLARY), *conditions),
        clock=clock,
        answer=Truth.NO,
        governed_by="as_of",
        in_force_from=SEALING,
        mark=Mark.FOUND,
        uncertainty=uncertainty,
    )


def _of_ancillary(name: str, text: str, when: Condition, answer: Truth, mark: Mark, note: str) -> Rule:
    return Rule(
        id=f"{_SHALL}/{name}",
        citation="Va. Code § 19.2-392.12:1(B)",
        paragraph="(B)",
        text=text,
        when=Every(_FOR_ANCILLARY, when),
        answer=answer,
        starts=("ordered_on",),
        governed_by="ordered_on",
        in_force_from=SEALING,
        mark=mark,
        uncertainty=note,
    )


_LISTED = RegimeRules(
    regime=_SHALL,
    unit=Unit.CHARGE,
    mode=Mode.ORDER,
    effect=SEAL,
    rules=(
        *order_rules(_SHALL, "Va. Code § 19.2-392.12:1", "392.12:1"),
        _of_ancillary(
            "ancillary",
            "A court ordered sealed what is ancillary to an offence: a probation violation, contempt, a failure to "
            "appear, an appeal about bail.",
            ANCILLARY,
            Truth.YES,
            Mark.FOUND,
            "",
        ),
        _of_ancillary(
            "ancillary-of-offence",
            "An order about ancillary matters is next to an offence.",
            Not(ANCILLARY),
            Truth.UNKNOWN,
            Mark.INFERENCE,
            "It says nothing of the offence, and a row without the number of a charge is about the whole docket.",
        ),
        Rule(
            id=f"{_SHALL}/ancillary-open",
            citation="Va. Code §§ 19.2-392.6:1, 392.12:1(B)",
            paragraph="(B)",
            text="What is ancillary to an offence stays open until an order of its own, also where the offence was "
            "sealed by a list, or without an order as former possession of marijuana.",
            when=Every(ANCILLARY, Is("ordered", "")),
            answer=Truth.NO,
            governed_by="as_of",
            in_force_from=SEALING,
            mark=Mark.FOUND,
            uncertainty="The person may ask once the offence was sealed: of which offence it is, and when that was, "
            "the file does not tell, so no day is given.",
        ),
        _petition(
            _SHALL,
            "petition",
            "Va. Code § 19.2-392.12:1(A)",
            "Convicted of a misdemeanour of the list of § 19.2-392.6(A), of § 4.1-305 or § 18.2-265.3(A), of 1986 or "
            "later, or deferred and dismissed of one: the court shall seal it when asked, seven years on.",
            MISDEMEANOUR,
            PETITION_LISTED,
            After("crime_date", FIRST_OFFENCE),
            clock=SEVEN_YEARS,
            uncertainty="The stored text of the section ends early. Whether a conviction within the seven years bars "
            "it was not read, and is not weighed.",
        ),
    ),
)


def _years(months: int) -> Clock:
    return Clock(start=("last_event",), months=months, days=-1, not_before=("barred_start", "barred_start_if"))


_ALLOWED = (
    Not(EXCLUDED),
    After("crime_date", FIRST_OFFENCE),
    Is("docket_felony", "N"),
    Is("top_felony", "N"),
    Is("granted_twice", "N"),
    Is("restitution", "none", "paid"),
)
_BARS = (
    "the offence of 1986 or later; no conviction of a felony of Class 1 or 2, of Class 3 or 4 for twenty years, of "
    "another for ten; restitution paid; at most one petition granted before; not for what subsection (L) leaves out."
)
_NOTE = (
    "The list of subsection (L) is [own] and not complete. Grants are counted in the file, and that several of one "
    "sentence are one is not weighed; nor are hardship, and convictions in the period. Where a felony was convicted "
    "next to it in the docket, no day is given."
)

_ASKED = RegimeRules(
    regime=_MAY,
    unit=Unit.CHARGE,
    mode=Mode.ORDER,
    effect=SEAL,
    rules=(
        *order_rules(_MAY, "Va. Code § 19.2-392.12", "392.12"),
        _petition(
            _MAY,
            "misdemeanour",
            "Va. Code § 19.2-392.12",
            "A misdemeanour: the person may ask seven years after the latest of conviction, dismissal, release and "
            f"violation of probation; {_BARS}",
            MISDEMEANOUR,
            *_ALLOWED,
            clock=_years(84),
            uncertainty=_NOTE,
        ),
        _petition(
            _MAY,
            "felony",
            "Va. Code § 19.2-392.12",
            "A felony of Class 5 or 6, larceny under § 18.2-95, or what is deemed larceny and punished so: the "
            f"person may ask ten years after the latest of these days; {_BARS}",
            FELONY,
            Either(Is("offense_class", "5", "6"), DEEMED_LARCENY),
            *_ALLOWED,
            clock=_years(120),
            uncertainty=_NOTE,
        ),
    ),
)

REGIMES = (_LISTED, _ASKED)
