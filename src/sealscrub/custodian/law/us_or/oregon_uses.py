"""Who may use what of records that Oregon's courts set aside: no one, but for aggregates.

A line that no source settles bars. A prosecutor may ask a court to open one record for one investigation, for good
cause: never a licence to train, and not a line here.
"""

from __future__ import annotations

from itertools import product

from ..ruling_types import Mark, Regime, Ruling
from ..state_declarations import COMMON_AUDIENCES

__all__ = ["REGIMES", "RULINGS", "VERSION"]

VERSION = "us-or/uses-1"

_JUVENILE = "us-or/ors-419a"
_MODEL_USES = ("training", "inference_input", "output")

REGIMES = (
    Regime(
        name="us-or/ors-137.225",
        citation="ORS 137.225",
        title="setting aside of convictions, dismissals and arrests",
        note="Only a court's order seals: eligible is not sealed. An order reaches the charges that it names.",
    ),
    Regime(
        name="us-or/ors-137.226",
        citation="ORS 137.226",
        title="setting aside of marijuana convictions",
        note="Only a court's order seals.",
    ),
    Regime(
        name="us-or/ors-137.223",
        citation="ORS 137.223",
        title="setting aside of a judgment of guilty except for insanity",
        note="Only a court's order seals.",
    ),
    Regime(
        name=_JUVENILE,
        citation="ORS 419A.260-419A.271",
        title="expunction of juvenile records",
        in_force_from=None,
        note="The department's notice or a court's judgment expunges; agencies have sixty days.",
    ),
)
_ADULTS = tuple(regime for regime in REGIMES if regime.name != _JUVENILE)
_KP = "That police investigative reports are among the sealed records was held in State v K.P., 324 Or 1 (1996)."
_REOPEN = "The court that sealed it may be moved to open one record for an investigation."
_ENTRIES = "A vendor of background checks drops entries that were changed."
_NOT_KNOWN = "Not known: no source says whether research may count sealed records; it stays barred."
_NOTES = {"police": _KP, "prosecutor": _KP, "court": _REOPEN, "vendor": _ENTRIES, "researcher": ""}


def _mark_of_audience(who: str) -> Mark:
    return Mark.FOUND if who in ("court", "vendor") else Mark.INFERENCE


RULINGS: tuple[Ruling, ...] = (
    *(
        line
        for regime, who in product(_ADULTS, COMMON_AUDIENCES)
        for line in regime.rulings(
            (who,), _MODEL_USES, barred=True, citation=regime.citation, mark=_mark_of_audience(who), note=_NOTES[who]
        )
    ),
    *(
        line
        for regime, who in product(_ADULTS, COMMON_AUDIENCES)
        for line in regime.rulings(
            (who,),
            ("aggregate_report",),
            barred=who == "researcher",
            unknown=who == "researcher",
            citation=regime.citation,
            note=_NOT_KNOWN if who == "researcher" else "No provision names aggregate reports.",
        )
    ),
    *(
        line
        for who, use in product(COMMON_AUDIENCES, (*_MODEL_USES, "aggregate_report"))
        for line in REGIMES[-1].rulings((who,), (use,), barred=use != "aggregate_report", citation=REGIMES[-1].citation)
    ),
)
