"""Who may use what of Virginia's sealed records, line by line. What no source settles bars."""

from __future__ import annotations

import datetime as dt

from ..ruling_types import Mark, Regime, Ruling
from ..state_declarations import COMMON_AUDIENCES
from .virginia_periods import SEALING

__all__ = ["AUDIENCES", "REGIMES", "RULINGS", "VERSION"]

VERSION = "us-va/uses-2"

#: An agency of the Commonwealth itself; ``police`` and ``prosecutor`` may be those of a city, county or town.
AUDIENCES = ("state_agency",)
_EVERYONE = (*COMMON_AUDIENCES, *AUDIENCES)
_MODEL_USES = ("training", "inference_input", "output")


def _regime(section: str, title: str, since: dt.date | None, mark: Mark, note: str = "") -> Regime:
    return Regime(
        name=f"us-va/vc-19.2-{section.replace(':', '-')}",
        citation=f"Va. Code § 19.2-{section}",
        title=title,
        in_force_from=since,
        mark=mark,
        note=note,
    )


_BY_ORDER = "Eligible is not sealed: an order seals."
_SEALED = (
    _regime("392.6", "convictions of listed misdemeanours", SEALING, Mark.FOUND, _BY_ORDER),
    _regime("392.6:1", "former possession of marijuana", SEALING, Mark.FOUND, "Without an order."),
    _regime("392.17", "traffic infractions", SEALING, Mark.FOUND, "Without an order."),
    _regime("392.8", "acquittals, and dismissals with prejudice", SEALING, Mark.FOUND, _BY_ORDER),
    _regime("392.11", "older charges without a conviction", SEALING, Mark.FOUND, _BY_ORDER),
    _regime("392.12:1", "listed misdemeanours, on petition", SEALING, Mark.FOUND, _BY_ORDER),
    _regime("392.12", "other convictions, on petition", SEALING, Mark.FOUND, _BY_ORDER),
)
_EXPUNGED = _regime("392.2", "expungement", None, Mark.OWN, "Its text from 1 December 2026 was not read.")
REGIMES = (*_SEALED, _EXPUNGED)


_AGENCIES = ("police", "prosecutor")
_NOT_KNOWN = "It is not known whether this is barred, and so it is."
_LOCALITIES = (
    "Police and prosecutors may be those of a city, county or town, and the copy of § 19.2-392.5 that was read ends "
    "before it says what these may see. An agency of the Commonwealth is the audience state_agency."
)


def _sealed(regime: Regime) -> tuple[Ruling, ...]:
    inside = "Va. Code § 19.2-392.5"
    return (
        *regime.rulings(
            AUDIENCES,
            _MODEL_USES[:2],
            barred=False,
            citation=inside,
            note="Sealing does not limit what goes within or between agencies of the Commonwealth; that one may train "
            "on it is a reading.",
        ),
        *regime.rulings(
            _AGENCIES, _MODEL_USES[:2], barred=True, unknown=True, citation=inside, note=f"{_NOT_KNOWN} {_LOCALITIES}"
        ),
        *regime.rulings(
            (*_AGENCIES, *AUDIENCES),
            ("output",),
            barred=True,
            citation="Va. Code §§ 19.2-392.5, 19.2-392.14",
            note="Open inside agencies of the Commonwealth, barred to others: an output may reach others.",
        ),
        *regime.rulings(
            ("court",),
            _MODEL_USES,
            barred=True,
            unknown=True,
            citation="Va. Code § 19.2-392.13",
            note=f"{_NOT_KNOWN} A court may see it by its own order, or for what § 19.2-392.13 names.",
        ),
        *regime.rulings(("vendor",), _MODEL_USES, barred=True, citation="Va. Code § 19.2-392.14"),
        *regime.rulings(
            ("researcher",),
            _MODEL_USES,
            barred=True,
            citation="Va. Code § 19.2-392.13",
            note="But for the three bodies that § 19.2-392.13 names.",
        ),
        *regime.rulings(
            _EVERYONE,
            ("aggregate_report",),
            barred=False,
            citation="no provision names aggregate reports",
        ),
    )


RULINGS: tuple[Ruling, ...] = (
    *(line for regime in _SEALED for line in _sealed(regime)),
    *_EXPUNGED.rulings(
        _EVERYONE,
        _MODEL_USES,
        barred=True,
        citation="Va. Code §§ 19.2-392.2, 19.2-392.3",
        mark=Mark.OWN,
    ),
    *_EXPUNGED.rulings(
        _EVERYONE,
        ("aggregate_report",),
        barred=False,
        citation="no provision names aggregate reports",
    ),
)
