"""CPL 160.57, the Clean Slate Act: a batch that needs proof, so dispositions never say "sealed".

Before its clock, blocked or excluded, a conviction is not sealed; with every condition met and no notice, whether it
is sealed is not known: the Office of Court Administration seals, and not the clock.
"""

from __future__ import annotations

import datetime as dt

from ..clocks import Clock
from ..conditions import NEVER, Condition, Every, Is, Not
from ..rules import Effect, Mode, RegimeRules, Rule, Unit
from ..ruling_types import Mark
from ..three_values import Truth
from .new_york_offences import CLASS_A_BUT_DRUGS, DWAI, MAYBE_SEX_OFFENCE, SEX_OFFENCE
from .new_york_periods import CATALOGUE, CLEAN_SLATE, ENDED_WITHOUT_CONVICTION

__all__ = ["REGIME"]

_NAME = "us-ny/cpl-160.57"
_AT_LIBERTY = (Is("ending", "CONVICTED"), Not(Is("in_custody", "Y")), Not(Is("supervised", "Y")))
_NOT_CHARGED = Not(Is("pending_crime", "Y"))
_CUSTODY = "The clock runs from the last release under the sentence, or from the sentence."
_CLOCK_STARTS = ("released_on", "sentenced_on", "ended_on")
_READ = (
    f"{_CUSTODY} A later conviction of a crime begins it again on the day on which that conviction's clock begins, and "
    "never earlier than its own [inference]. "
    "An adjournment in contemplation of dismissal, or an arrest of which nothing more is known, may be a pending "
    "charge. Convictions and charges of other states (viii), (ix) are not weighed: no automated access is known of."
)
_OVERDUE = (
    "What was eligible should have been sealed by 16 November 2027: without a notice, ask the court administration."
)


def _clocks(
    part: str,
    text: str,
    months: int,
    *conditions: Condition,
    citation: str,
    doubt: Condition = NEVER,
    begun_anew: tuple[str, str] | None = ("restart", "restart_if"),
    number: str = "2",
) -> tuple[Rule, Rule]:
    def version(name: str, since: dt.date, until: dt.date | None, note: str) -> Rule:
        return Rule(
            id=f"{_NAME}/{part}",
            citation=citation,
            paragraph=citation.removeprefix("CPL 160.57"),
            version=name,
            text=text,
            when=Every(*_AT_LIBERTY, *conditions),
            doubt=doubt,
            clock=Clock(start=_CLOCK_STARTS, months=months, not_before=begun_anew),
            answer=Truth.UNKNOWN,
            in_force_from=since,
            in_force_to=until,
            law_from=CLEAN_SLATE,
            governed_by="as_of",
            mark=Mark.FOUND if part == "1a" else Mark.RETOLD,
            uncertainty=f"{_READ if begun_anew else _CUSTODY} {note}".strip(),
        )

    return (
        version(
            f"{number}-catalogue",
            CLEAN_SLATE,
            CATALOGUE,
            "Until 16 November 2027 the back catalogue is being worked off.",
        ),
        version(number, CATALOGUE, None, _OVERDUE),
    )


REGIME = RegimeRules(
    regime=_NAME,
    unit=Unit.ONE_CHARGE,
    mode=Mode.BATCH,
    effect=Effect("marked", ("police", "prosecutor", "repository", "court", "prints and photos")),
    rules=(
        *_clocks(
            "1a",
            "Driving while ability impaired, a misdemeanour too: eligible after three years, whatever is charged or "
            "found later.",
            36,
            Is("severity", "I", "M"),
            DWAI,
            citation="CPL 160.57(1)(a)",
            begun_anew=None,
            number="3",
        ),
        *_clocks(
            "1b-i",
            "A misdemeanour, no sex offence: eligible three years after release, or sentence; no one is in custody or "
            "supervised for it, and no later charge of a crime is pending.",
            36,
            Is("severity", "M"),
            _NOT_CHARGED,
            Not(SEX_OFFENCE),
            citation="CPL 160.57(1)(b)(i)",
            doubt=MAYBE_SEX_OFFENCE,
        ),
        *_clocks(
            "1b-ii",
            "A felony, no sex offence and not of class A outside article 220: eligible eight years after release, or "
            "sentence; no one is in custody or supervised for it, and no later charge of a crime is pending.",
            96,
            Is("severity", "F"),
            _NOT_CHARGED,
            Not(CLASS_A_BUT_DRUGS),
            Not(SEX_OFFENCE),
            citation="CPL 160.57(1)(b)(ii)",
            doubt=MAYBE_SEX_OFFENCE,
        ),
        Rule(
            id=f"{_NAME}/notice",
            citation="CPL 160.57(2)",
            paragraph="(2)",
            text="The Office of Court Administration gave notice that it is sealed.",
            when=Is("ordered", "160.57"),
            starts=("ordered_on",),
            in_force_from=CLEAN_SLATE,
            governed_by="ordered_on",
            mark=Mark.FOUND,
            uncertainty="A notice dated before 16 November 2024 is none. What comes after it, a later conviction too, "
            "does not unseal.",
        ),
    ),
    others=("us-ny/cpl-160.50", "us-ny/cpl-160.55"),
    rest=ENDED_WITHOUT_CONVICTION,
    blocked=Is("juvenile_court", "Y"),
)
