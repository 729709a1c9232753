"""Regimes under which only a court's order seals: CPL 160.58 and 160.59, FCA 375.2."""

from __future__ import annotations

from ..conditions import NEVER, Condition, Is
from ..rule import Mark
from ..rules import Effect, Mode, RegimeRules, Rule, Unit

__all__ = ["REGIMES"]


def _ordered(
    name: str,
    citation: str,
    statute: str,
    text: str,
    effect: Effect,
    *,
    doubt: Condition = NEVER,
    uncertainty: str = "",
) -> RegimeRules:
    rule = Rule(
        id=f"{name}/order",
        citation=citation,
        paragraph="",
        text=text,
        when=Is("ordered", statute),
        doubt=doubt,
        starts=("ordered_on",),
        governed_by="ordered_on",
        mark=Mark.FOUND if "CPL" in citation else Mark.OWN,
        source="law.md §1.4 to §1.6",
        uncertainty=uncertainty,
    )
    return RegimeRules(regime=name, unit=Unit.EVERY_CHARGE, mode=Mode.ORDER, effect=effect, rules=(rule,))


REGIMES = (
    _ordered(
        "us-ny/cpl-160.58",
        "CPL 160.58",
        "160.58",
        "A court sealed it conditionally, after drug treatment.",
        Effect("seal", ("repository", "court")),
        doubt=Is("new_charged", "Y"),
        uncertainty="A new charge unseals it, and its favourable end seals it again: with one in the file, unknown.",
    ),
    _ordered(
        "us-ny/cpl-160.59",
        "CPL 160.59",
        "160.59",
        "A court sealed it on application.",
        Effect("seal", ("police", "prosecutor", "repository", "court")),
    ),
    _ordered(
        "us-ny/fca-375.2",
        "FCA 375.2",
        "375.2",
        "The family court sealed it on motion.",
        Effect("seal", ("police", "prosecutor", "court")),
    ),
)
