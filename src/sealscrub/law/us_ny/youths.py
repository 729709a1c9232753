"""Youthful offenders, CPL 720.35; removal to family court, CPL 725.15; family court, whose rules are not written."""

from __future__ import annotations

from ..conditions import Condition, Is
from ..rule import Mark
from ..rules import Effect, Mode, RegimeRules, Rule, Unit
from .periods import WHOLE_CASE

__all__ = ["REGIMES"]

_FAMILY = Is("family_court", "Y")


def _unwritten(name: str, effect: Effect, in_play: Condition) -> RegimeRules:
    return RegimeRules(
        regime=name, unit=Unit.EVERY_CHARGE, mode=Mode.AT_LAW, effect=effect, missing=True, in_play=in_play
    )


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
    RegimeRules(
        regime="us-ny/cpl-725.15",
        unit=Unit.EVERY_CHARGE,
        mode=Mode.AT_LAW,
        effect=Effect("confidential", ("police", "repository", "court")),
        rules=(
            Rule(
                id="us-ny/cpl-725.15/1",
                citation="CPL 725.15",
                paragraph="",
                text="Removed to family court: the papers of the criminal court are confidential.",
                when=Is("ending", "REMOVED_FAMILY_COURT"),
                mark=Mark.FOUND,
                source="law.md §1.6",
            ),
        ),
    ),
    _unwritten("us-ny/fca-354.1", Effect("destroy", ("police", "repository", "prints and photos")), _FAMILY),
    _unwritten("us-ny/fca-375.1", Effect("seal", ("police", "prosecutor", "court")), _FAMILY),
)
