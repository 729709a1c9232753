"""Youthful offenders, CPL 720.35."""

from __future__ import annotations

from ..conditions import Is
from ..rule import Mark
from ..rules import Effect, Mode, RegimeRules, Rule, Unit
from .periods import WHOLE_CASE

__all__ = ["REGIMES"]

REGIMES = (
    RegimeRules(
        regime="us-ny/cpl-720.35",
        unit=Unit.ONE_CHARGE,
        mode=Mode.AT_LAW,
        effect=Effect("confidential", ("police", "repository", "court")),
        rules=(
            Rule(
                id="us-ny/cpl-720.35/1",
                citation="CPL 720.35(2)",
                paragraph="(2)",
                text="Adjudicated a youthful offender: confidential from adjudication, and no conviction.",
                when=Is("ending", "YO_ADJUDICATED"),
                starts=("sentenced_on", "ended_on"),
                mark=Mark.FOUND,
                source="law.md §1.6",
                uncertainty="What 720.15 seals from filing is not weighed. A blank finding is none.",
            ),
        ),
        others=("us-ny/cpl-160.50", "us-ny/cpl-160.55"),
        rest=WHOLE_CASE,
    ),
)
