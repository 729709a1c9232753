"""Who may use what of New York's sealed records: line by line, with the paragraph that each line comes from.

A line that no source settles bars. What a court may order for one record, one agency and one purpose
(CPL 160.50(1)(d)(ii)) is never a licence to train, and is not a line here.
"""

from __future__ import annotations

from ..ruling_types import Mark, Regime, Ruling
from .new_york_periods import CLEAN_SLATE, FAVOUR, MARIHUANA

__all__ = ["ACCESS", "REGIMES", "RULINGS", "VERSION"]

VERSION = "us-ny/uses-2"

_EVERYONE = ("police", "prosecutor", "vendor", "researcher", "court")
_MODEL_USES = ("training", "inference_input", "output")
_USES = (*_MODEL_USES, "gun_licence")

#: The exceptions are "precisely drawn" (Katherine B. v Cataldo, 5 NY3d 196): there are no others.
ACCESS = {
    "accused": "CPL 160.50(1)(d)",
    "prosecutor_170_56_210_46": "CPL 160.50(1)(d)(i)",
    "court_order": "CPL 160.50(1)(d)(ii)",
    "gun_licence": "CPL 160.50(1)(d)(iii)",
    "parole_supervision": "CPL 160.50(1)(d)(iv)",
    "police_employment": "CPL 160.50(1)(d)(v)",
    "probation_supervision": "CPL 160.50(1)(d)(vi)",
    "keeping_registry": "CPL 160.50(1)(c): sealing takes a list of what is sealed",
    "publishing_index": "CPL 160.50(1)(c): not made available, copies included",
    "linking": "CPL 160.50(1)(c): sealed wherever it is, copies too",
}

REGIMES = (
    Regime(
        name="us-ny/cpl-160.50",
        citation="CPL 160.50",
        title="termination in favour of the accused",
        in_force_from=FAVOUR,
        mark=Mark.OWN,
        note="A running ACD is not sealed yet. What ended before 1 November 1991 needed a motion: withheld.",
    ),
    Regime(
        name="us-ny/cpl-160.50-5",
        citation="CPL 160.50(3)(k), (5)",
        title="expungement of marihuana and loitering convictions",
        in_force_from=MARIHUANA,
        mark=Mark.OWN,
        note="Only the conviction described is expunged; other counts of the docket stand.",
    ),
    Regime(
        name="us-ny/cpl-160.55",
        citation="CPL 160.55",
        title="conviction of a violation or traffic infraction",
        note="That a court's file is open does not unseal the police copy.",
    ),
    Regime(
        name="us-ny/cpl-160.57",
        citation="CPL 160.57",
        title="Clean Slate Act",
        in_force_from=CLEAN_SLATE,
        note="Sealed by the Office of Court Administration, not by the clock: eligible is not sealed.",
    ),
    Regime(
        name="us-ny/cpl-160.58",
        citation="CPL 160.58",
        title="conditional sealing after drug treatment",
        note="A new arrest or charge unseals it: register that as released.",
    ),
    Regime(
        name="us-ny/cpl-160.59",
        citation="CPL 160.59",
        title="sealing by application",
    ),
    Regime(
        name="us-ny/cpl-720.35",
        citation="CPL 720.35",
        title="youthful offender adjudication",
    ),
    Regime(
        name="us-ny/fca-375.1",
        citation="FCA 375.1",
        title="juvenile delinquency, termination in favour of the respondent",
    ),
    Regime(
        name="us-ny/fca-375.2",
        citation="FCA 375.2",
        title="juvenile delinquency, sealing on motion",
        mark=Mark.OWN,
    ),
    Regime(
        name="us-ny/fca-354.1",
        citation="FCA 354.1",
        title="juvenile prints and photographs",
        note="It reaches prints, photographs and what the repository has of them, and no other record.",
        prints_alone=True,
    ),
    Regime(
        name="us-ny/cpl-725.15",
        citation="CPL 725.15",
        title="removal to family court",
    ),
)

_REGIMES_BY_NAME = {regime.name: regime for regime in REGIMES}
_AGGREGATES = {
    "us-ny/cpl-160.50": ("R.C. v City of New York, 2021 NY Slip Op 32049(U)", Mark.FOUND),
    "us-ny/cpl-160.50-5": ("R.C. v City of New York, 2021 NY Slip Op 32049(U)", Mark.INFERENCE),
    "us-ny/cpl-160.55": ("R.C. v City of New York, 2021 NY Slip Op 32049(U)", Mark.FOUND),
}


def _lines(
    regime: str,
    audiences: tuple[str, ...],
    *,
    barred: bool,
    citation: str,
    mark: Mark,
    note: str = "",
    uses: tuple[str, ...] = _USES,
    within_duties: bool = False,
) -> tuple[Ruling, ...]:
    return _REGIMES_BY_NAME[regime].rulings(
        audiences, uses, barred=barred, citation=citation, mark=mark, note=note, within_duties=within_duties
    )


def _licences(regime: str, citation: str, mark: Mark = Mark.FOUND) -> tuple[Ruling, ...]:
    """The licensing officer sees it of a person who applied for a gun licence, and trains nothing on it."""
    note = "Only of a person who applied to that officer for a licence."
    return _lines(regime, ("police",), barred=False, citation=citation, mark=mark, note=note, uses=("gun_licence",))


def _aggregates(regime: str) -> tuple[Ruling, ...]:
    citation, mark = _AGGREGATES.get(regime, ("no provision names aggregate reports", Mark.INFERENCE))
    note = "Small cells are suppressed, and an aggregate of sealed rows is not input to a model."
    return _lines(regime, _EVERYONE, barred=False, citation=citation, mark=mark, note=note, uses=("aggregate_report",))


_DUTIES = "Within the scope of law enforcement duties; whether training a model is within it is not settled."
_POLICE = ("police",)
_OTHER_AUDIENCES = ("prosecutor", "vendor", "researcher", "court")


def _dutiful(regime: str, citation: str) -> tuple[Ruling, ...]:
    return _lines(
        regime,
        _POLICE,
        barred=False,
        citation=citation,
        mark=Mark.INFERENCE,
        note=_DUTIES,
        uses=_MODEL_USES,
        within_duties=True,
    )


_HARASSMENT = "Second-degree harassment of a family member may be used upon a later arrest, (1)(d)(vi)."

RULINGS: tuple[Ruling, ...] = (
    *_lines(
        "us-ny/cpl-160.50",
        _POLICE,
        barred=True,
        citation="CPL 160.50(1)(c), 160.60",
        mark=Mark.FOUND,
        uses=_MODEL_USES,
    ),
    *_lines("us-ny/cpl-160.50", _OTHER_AUDIENCES, barred=True, citation="CPL 160.50(1)(c), 160.60", mark=Mark.FOUND),
    *_licences("us-ny/cpl-160.50", "CPL 160.50(1)(d)(iii)"),
    *_lines(
        "us-ny/cpl-160.50-5",
        _POLICE,
        barred=True,
        citation="CPL 160.50(5), 1.20(45)",
        mark=Mark.FOUND,
        uses=_MODEL_USES,
    ),
    *_lines("us-ny/cpl-160.50-5", _OTHER_AUDIENCES, barred=True, citation="CPL 160.50(5), 1.20(45)", mark=Mark.FOUND),
    *_licences("us-ny/cpl-160.50-5", "CPL 160.50(1)(d)(iii)", Mark.INFERENCE),
    *_lines(
        "us-ny/cpl-160.55",
        _POLICE,
        barred=True,
        citation="CPL 160.55(1)(c)",
        mark=Mark.FOUND,
        note=_HARASSMENT,
        uses=_MODEL_USES,
    ),
    *_lines(
        "us-ny/cpl-160.55",
        ("prosecutor",),
        barred=True,
        citation="CPL 160.55(1)(c)",
        mark=Mark.FOUND,
        note=_HARASSMENT,
    ),
    *_licences("us-ny/cpl-160.55", "CPL 160.55(1)(d)(iii)"),
    *_lines(
        "us-ny/cpl-160.55",
        ("vendor", "researcher"),
        barred=True,
        citation="CPL 160.55(1)(c)",
        mark=Mark.INFERENCE,
        note="The bar is on the copies of police, prosecutor and DCJS; what a court published stays open.",
    ),
    *_lines("us-ny/cpl-160.55", ("court",), barred=False, citation="CPL 160.55(1)(c)", mark=Mark.FOUND),
    *_dutiful("us-ny/cpl-160.57", "CPL 160.57(1)(d)(iii)"),
    *_licences("us-ny/cpl-160.57", "CPL 160.57(1)(d)"),
    *_lines(
        "us-ny/cpl-160.57",
        _OTHER_AUDIENCES,
        barred=True,
        citation="CPL 160.57(1)(d), (2)(c)",
        mark=Mark.INFERENCE,
        note="Exceptions for a pending case and for de-identified research, (1)(d)(xii), are not applied.",
    ),
    *_dutiful("us-ny/cpl-160.58", "CPL 160.58(6)(b)"),
    *_licences("us-ny/cpl-160.58", "CPL 160.58(6)(b)"),
    *_lines("us-ny/cpl-160.58", _OTHER_AUDIENCES, barred=True, citation="CPL 160.58", mark=Mark.INFERENCE),
    *_dutiful("us-ny/cpl-160.59", "CPL 160.59(9)"),
    *_licences("us-ny/cpl-160.59", "CPL 160.59(9)"),
    *_lines("us-ny/cpl-160.59", _OTHER_AUDIENCES, barred=True, citation="CPL 160.59(9)", mark=Mark.INFERENCE),
    *_lines("us-ny/cpl-720.35", _EVERYONE, barred=True, citation="CPL 720.35", mark=Mark.FOUND),
    *_lines("us-ny/fca-375.1", _EVERYONE, barred=True, citation="FCA 375.1", mark=Mark.FOUND),
    *_lines("us-ny/fca-375.2", _EVERYONE, barred=True, citation="FCA 375.2", mark=Mark.OWN),
    *_lines("us-ny/fca-354.1", _EVERYONE, barred=True, citation="FCA 354.1", mark=Mark.INFERENCE),
    *_lines("us-ny/cpl-725.15", _EVERYONE, barred=True, citation="CPL 725.15", mark=Mark.INFERENCE),
    *(line for regime in REGIMES for line in _aggregates(regime.name)),
)
