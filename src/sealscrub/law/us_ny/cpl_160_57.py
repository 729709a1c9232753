"""CPL 160.57, the Clean Slate Act: a batch that needs proof, so that dispositions alone never say "sealed".

What is written is the clock, the bar of class A felonies, and the notice. Its restart on a later conviction, pending
charges, supervision and sex offences can only delay or exclude: where the clock has run, the answer is unknown, and
never "not sealed" for want of them.
"""

from __future__ import annotations

from ..clocks import Clock
from ..conditions import Either, Every, Is, Not
from ..rule import Mark
from ..rules import Effect, Mode, RegimeRules, Rule, Unit
from ..truth import Truth
from .periods import CLEAN_SLATE, WHOLE_CASE

__all__ = ["REGIME"]

_NAME = "us-ny/cpl-160.57"
_DWAI = Every(Is("law", "VTL 1192"), Is("subdivision", "1"))
_CONVICTED = Is("ending", "CONVICTED")
_CLASS_A = Every(Is("offense_class", "A", "A-I", "A-II", "AI", "AII"), Not(Is("article", "PL 220")))
_START = ("released_on", "sentenced_on", "ended_on")
_UNWRITTEN = "Restart, pending charges, supervision and sex offences are not weighed: they can only delay or exclude."


def _clock(part: str, text: str, months: int, *conditions: Either | Every | Is | Not) -> Rule:
    return Rule(
        id=f"{_NAME}/{part}",
        citation="CPL 160.57(1)",
        paragraph="(1)",
        text=text,
        when=Every(_CONVICTED, *conditions),
        clock=Clock(start=_START, months=months),
        answer=Truth.UNKNOWN,
        in_force_from=CLEAN_SLATE,
        governed_by="as_of",
        mark=Mark.FOUND,
        source="law.md §1.3",
        uncertainty=_UNWRITTEN,
    )


REGIME = RegimeRules(
    regime=_NAME,
    unit=Unit.ONE_CHARGE,
    mode=Mode.BATCH,
    effect=Effect("marked", ("police", "prosecutor", "repository", "court", "prints and photos")),
    rules=(
        _clock("1a", "Driving while ability impaired: eligible after three years.", 36, Is("severity", "I"), _DWAI),
        _clock("1b-i", "A misdemeanour: eligible three years after release, or sentence.", 36, Is("severity", "M")),
        _clock(
            "1b-ii",
            "A felony other than of class A outside article 220: eligible eight years after release, or sentence.",
            96,
            Is("severity", "F"),
            Not(_CLASS_A),
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
            source="law.md §1.3",
        ),
    ),
    others=("us-ny/cpl-160.50", "us-ny/cpl-160.55"),
    rest=WHOLE_CASE,
    blocked=Is("family_court", "Y"),
)
