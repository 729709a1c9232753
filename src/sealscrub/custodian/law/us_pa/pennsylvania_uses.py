"""Who may use what of Pennsylvania's sealed records; a line that no source settles bars, and its note says so."""

from __future__ import annotations

from ..ruling_types import Mark, Regime, Ruling
from ..state_declarations import COMMON_AUDIENCES
from .pennsylvania_periods import CLEAN_SLATE, ON_PETITION

__all__ = ["REGIMES", "RULINGS", "VERSION"]

VERSION = "us-pa/uses-1"

REGIMES = (
    Regime(
        name="us-pa/cs-9122.1",
        citation="18 Pa.C.S. 9122.1",
        title="limited access by order on a petition",
        in_force_from=ON_PETITION,
        note="An earlier form of 2016 [own] is not written: an order dated before is not known.",
    ),
    Regime(
        name="us-pa/cs-9122.2",
        citation="18 Pa.C.S. 9122.2",
        title="clean slate limited access",
        in_force_from=CLEAN_SLATE,
        note="Sealed by a court's monthly order, not by the clock: eligible is not sealed.",
    ),
    Regime(
        name="us-pa/cs-9122",
        citation="18 Pa.C.S. 9122",
        title="expungement",
        mark=Mark.OWN,
        note="Files of an investigation are not covered [own].",
    ),
)

*_LIMITED, _EXPUNGED = REGIMES
_MODEL_USES = ("training", "inference_input", "output")
_AT_WORK = (
    "Limited access closes a record to the public. That police and prosecutors, who see it, may also train on it is a "
    "reading."
)
_VENDOR = (
    "Barred to a vendor as to the public. Whether a vendor that serves an agency may use it is not known: 9121(a) lets "
    "history go to an agency that provides a service for one."
)
_RESEARCHER = "Not known: 9122.5 names the Sentencing Commission, and no source names other research."


def _limited_access(regime: Regime) -> tuple[Ruling, ...]:
    agency, court = "18 Pa.C.S. 9121(a)", "18 Pa.C.S. 9122.5"
    return (
        *regime.rulings(("police", "prosecutor"), _MODEL_USES, barred=False, citation=agency, note=_AT_WORK),
        *regime.rulings(
            ("court",), _MODEL_USES, barred=False, citation=court, mark=Mark.FOUND, note="For any relevant purpose."
        ),
        *regime.rulings(("vendor",), _MODEL_USES, barred=True, citation=agency, note=_VENDOR, unknown=True),
        *regime.rulings(("researcher",), _MODEL_USES[:2], barred=True, citation=court, note=_RESEARCHER, unknown=True),
        *regime.rulings(("researcher",), _MODEL_USES[2:], barred=True, citation=court, note=_RESEARCHER),
    )


_AGGREGATE = "Small cells are suppressed, and an aggregate of sealed rows is not input to a model."
_NO_PROVISION = "no provision names aggregate reports"
_TOTALS = ("aggregate_report",)

RULINGS: tuple[Ruling, ...] = (
    *(line for regime in _LIMITED for line in _limited_access(regime)),
    *_EXPUNGED.rulings(COMMON_AUDIENCES, _MODEL_USES, barred=True, citation=_EXPUNGED.citation),
    *(
        line
        for regime in _LIMITED
        for line in regime.rulings(COMMON_AUDIENCES, _TOTALS, barred=False, citation=_NO_PROVISION, note=_AGGREGATE)
    ),
    *_EXPUNGED.rulings(
        COMMON_AUDIENCES,
        _TOTALS,
        barred=False,
        citation="18 Pa.C.S. 9102",
        mark=Mark.FOUND,
        note=f"Identifiers are removed. {_AGGREGATE}",
    ),
)
