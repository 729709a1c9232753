"""Youthful offenders, CPL 720.35."""

from __future__ import annotations

from ..conditions import Either, Every, Is, Known
from ..rules import Effect, Mode, RegimeRules, Rule, Unit
from ..ruling_types import Mark
from .new_york_periods import FELL_WITH_THE_PLEA, YOUTHS, and_before

__all__ = ["REGIMES"]

# A crime of which no youth was found next to one of which one was: what the court found of it is not known.
_CONVICTED = Every(
    Is("ending", "CONVICTED"),
    Either(Is("severity", "V", "I"), Every(Is("severity", "F", "M"), Known("youthful_offender"))),
)

_ADJUDICATED = and_before(
    Rule(
        id="us-ny/cpl-720.35/1",
        citation="CPL 720.35(2)",
        paragraph="(2)",
        version="3",
        text="Adjudicated a youthful offender: confidential from adjudication, and no conviction.",
        when=Is("ending", "YO_ADJUDICATED"),
        doubt=Is("consolidated_crime", "Y"),
        starts=("sentenced_on", "ended_on"),
        in_force_from=YOUTHS,
        mark=Mark.FOUND,
        uncertainty="What 720.15 seals from filing is not weighed. A blank finding is none. The court must find a "
        "youth of all crimes of the instrument, or of instruments consolidated for trial, or of none, CPL 720.20(2) "
        "[own]: next to a conviction of a crime the answer is unknown.",
    ),
    "The Criminal Procedure Law began on 1 September 1971 [own]: what an earlier law made of a youth is not known.",
)

REGIMES = (
    RegimeRules(
        regime="us-ny/cpl-720.35",
        unit=Unit.ONE_CHARGE,
        mode=Mode.AT_LAW,
        effect=Effect("confidential", ("police", "repository", "court")),
        rules=_ADJUDICATED,
        others=("us-ny/cpl-160.50", "us-ny/cpl-160.55"),
        rest=Either(FELL_WITH_THE_PLEA, Is("ending", "ACQUITTED_PARTIAL", "YO_ADJUDICATED"), _CONVICTED),
    ),
)
