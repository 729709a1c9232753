"""New York's rules, all together. No lawyer has reviewed them, and none of them is legal advice."""

from __future__ import annotations

from ..clocks import Clock
from ..conditions import Is
from ..folding import AMBIGUOUS
from ..rule import Mark
from ..rules import Jurisdiction, Rule
from ..truth import Truth
from . import cpl_160_50, cpl_160_55, cpl_160_57, family_court, orders, uses, youths

__all__ = ["JURISDICTION"]


def _doubt(name: str, text: str, ending: str, clock: Clock | None = None) -> Rule:
    return Rule(
        id=f"us-ny/doubt/{name}",
        citation="no statute",
        paragraph="",
        text=text,
        when=Is("ending", ending),
        clock=clock,
        answer=Truth.UNKNOWN,
        governed_by="as_of",
        mark=Mark.INFERENCE,
        source="law.md §6",
    )


JURISDICTION = Jurisdiction(
    name="us-ny",
    version="us-ny/rules-2",
    regimes=(
        cpl_160_50.REGIME,
        cpl_160_55.REGIME,
        cpl_160_57.REGIME,
        *orders.REGIMES,
        *youths.REGIMES,
        *family_court.REGIMES,
    ),
    doubts=(
        _doubt("unmapped", "No phrase says what the text of the disposition means.", "UNMAPPED"),
        _doubt("ambiguous", "The file says two things of one charge.", AMBIGUOUS),
        _doubt(
            "no-disposition",
            "Ninety days on, the file holds no disposition at all.",
            "NO_DISPOSITION",
            Clock(start=("known_from",), days=90),
        ),
    ),
    favourable=("us-ny/cpl-160.50", "us-ny/fca-375.1"),
    rulings=uses.RULINGS,
    known=uses.REGIMES,
    table=uses.VERSION,
)
