"""How cases end: what happens to an arrest, to each of its dockets, and what the court writes down."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Floats

from .draws import Draws, Integers

__all__ = [
    "CONVICTIONS",
    "Fate",
    "Kind",
    "dispositions",
    "docket_counts",
    "fates",
    "kind_shares",
]


class Kind(IntEnum):
    """What happened to one arrest, all its dockets together."""

    DISMISSED = 0  #: every docket ended in the accused's favour: sealed under 160.50
    DECLINED = 1  #: the prosecutor or the police dropped it; there is no docket: 160.50
    VIOLATION = 2  #: every docket ended in a violation: the police copy is sealed under 160.55
    WITHHELD = 3  #: the law's answer is not known yet
    MIXED = 4  #: one docket a conviction, the others dismissed on the merits: only those are sealed
    COVERED = 5  #: one docket a conviction, which covers the others (People v Ebner): those are withheld
    REVERSED = 6  #: sealed, then the dismissal was reversed: a conviction, the seal vacated
    RELEASED = 7  #: withheld, then found not to be sealable
    CLEAN_SLATE = 8  #: a conviction of long ago, sealed under 160.57
    YOUTH = 9  #: youthful offender: confidential under 720.35
    OPEN = 10  #: an ordinary open case
    CONVICTED = 11


class Fate(IntEnum):
    """What happened to one docket."""

    FAVOURABLE = 0
    DECLINED = 1
    VIOLATION = 2
    CRIME = 3
    COVERED = 4
    ACD_RUNNING = 5
    LEAVE = 6
    MISSING = 7
    YOUTH = 8
    OPEN = 9


# What courts write, and the canonical disposition that it stands for. {section} is the charge's section of
# the law.
_WRITTEN: dict[Fate, list[tuple[str | None, str]]] = {
    Fate.FAVOURABLE: [
        ("DISMISSED", "DISMISSED_ENTIRE"),
        ("DISM 30.30", "DISMISSED_ENTIRE"),
        ("DISMISSED - SPEEDY TRIAL (CPL 30.30)", "DISMISSED_ENTIRE"),
        ("DISM FACIALLY INSUFFICIENT", "DISMISSED_ENTIRE"),
        ("DISM INTEREST OF JUSTICE", "DISMISSED_ENTIRE"),
        ("DISM FAILURE TO PROSECUTE", "DISMISSED_ENTIRE"),
        ("ACD - DISMISSED", "ACD_DISMISSED"),
        ("ACD 170.55 - DISMISSED", "ACD_DISMISSED"),
        ("ACQUITTED", "ACQUITTED_COMPLETE"),
        ("NOT GUILTY", "ACQUITTED_COMPLETE"),
        ("NO TRUE BILL", "NO_TRUE_BILL"),
        ("TRIAL ORDER OF DISMISSAL", "TRIAL_ORDER_DISMISSAL"),
    ],
    Fate.DECLINED: [
        ("DECLINED PROSECUTION", "DECLINED_PROSECUTION"),
        ("DECLINED TO PROSECUTE", "DECLINED_PROSECUTION"),
        ("DP", "DECLINED_PROSECUTION"),
        ("VOIDED ARREST", "POLICE_DECLINED_VOIDED"),
    ],
    Fate.VIOLATION: [
        ("PLED TO DISCON 240.20", "CONV_VIOLATION"),
        ("PG PL 240.20 - CONDITIONAL DISCHARGE", "CONV_VIOLATION"),
        ("DISORDERLY CONDUCT - TIME SERVED", "CONV_VIOLATION"),
        ("GUILTY PL 240.26 - UNCONDITIONAL DISCHARGE", "CONV_VIOLATION"),
    ],
    Fate.CRIME: [
        ("PLED GUILTY {section}", "CONV_MISDEMEANOR"),
        ("PG {section} - CONDITIONAL DISCHARGE", "CONV_MISDEMEANOR"),
        ("PG {section} - TIME SERVED", "CONV_MISDEMEANOR"),
        ("CONVICTED AFTER TRIAL {section}", "CONV_MISDEMEANOR"),
    ],
    Fate.COVERED: [
        ("DISMISSED - COVERED BY {docket}", "COVERED_BY"),
        ("COVERED BY {docket}", "COVERED_BY"),
    ],
    Fate.ACD_RUNNING: [("ACD", "ACD_PENDING"), ("ACD 170.55", "ACD_PENDING")],
    Fate.LEAVE: [("DISM W/LEAVE", "DISMISSED_LEAVE_TO_REPRESENT")],
    Fate.MISSING: [(None, "NO_DISPOSITION")],
    Fate.YOUTH: [("YO ADJUDICATED - PROBATION", "YO_ADJUDICATED")],
    Fate.OPEN: [("PENDING", "PENDING"), ("BENCH WARRANT", "WARRANT"), ("NOT GUILTY PLEA ENTERED", "PENDING")],
}

_TEXTS = pl.Series("disposition", [raw for fate in Fate for raw, _ in _WRITTEN[fate]], dtype=pl.String)
_MEANINGS = pl.Series("outcome", [canonical for fate in Fate for _, canonical in _WRITTEN[fate]])
_COUNTS = np.array([len(_WRITTEN[fate]) for fate in Fate])
_STARTS = np.cumsum(_COUNTS) - _COUNTS

# For each kind: how often an arrest has one, two, three dockets; the fate of the first, and of the others.
_DOCKETS: dict[Kind, tuple[tuple[float, float, float], Fate | None, Fate | None]] = {
    Kind.DISMISSED: ((0.85, 0.12, 0.03), Fate.FAVOURABLE, Fate.FAVOURABLE),
    Kind.DECLINED: ((1, 0, 0), Fate.DECLINED, None),
    Kind.VIOLATION: ((0.93, 0.07, 0), Fate.VIOLATION, Fate.VIOLATION),
    Kind.WITHHELD: ((1, 0, 0), None, None),  # by the arrest's date
    Kind.MIXED: ((0, 0.7, 0.3), Fate.CRIME, Fate.FAVOURABLE),
    Kind.COVERED: ((0, 0.3, 0.7), Fate.CRIME, Fate.COVERED),
    Kind.REVERSED: ((1, 0, 0), Fate.CRIME, None),
    Kind.RELEASED: ((1, 0, 0), Fate.CRIME, None),
    Kind.CLEAN_SLATE: ((0.95, 0.05, 0), Fate.CRIME, Fate.CRIME),
    Kind.YOUTH: ((1, 0, 0), Fate.YOUTH, None),
    Kind.OPEN: ((0.9, 0.1, 0), Fate.OPEN, Fate.OPEN),
    Kind.CONVICTED: ((0.9, 0.1, 0), Fate.CRIME, Fate.CRIME),
}
_COUNT_EDGES = np.array([np.cumsum(_DOCKETS[kind][0])[:2] for kind in Kind])
_FIRST = np.array([-1 if _DOCKETS[kind][1] is None else _DOCKETS[kind][1] for kind in Kind])
_OTHERS = np.array([-1 if _DOCKETS[kind][2] is None else _DOCKETS[kind][2] for kind in Kind])

#: Kinds in which somebody is convicted of a crime, or adjudicated for one.
CONVICTIONS = frozenset(kind for kind in Kind if _DOCKETS[kind][1] in (Fate.CRIME, Fate.YOUTH))

_OTHER_THAN_SEALED = {
    Kind.WITHHELD: 0.05,
    Kind.MIXED: 0.015,
    Kind.COVERED: 0.01,
    Kind.REVERSED: 0.005,
    Kind.RELEASED: 0.005,
    Kind.CLEAN_SLATE: 0.03,
    Kind.YOUTH: 0.02,
    Kind.OPEN: 0.07,
}
_SEALED = {Kind.DISMISSED: 0.68, Kind.DECLINED: 0.10, Kind.VIOLATION: 0.22}


def kind_shares(sealed_share: float) -> Floats:
    """How often each :class:`Kind` occurs if `sealed_share` of arrests are sealed by 160.50 or .55."""
    shares = np.zeros(len(Kind))
    for kind, share in _SEALED.items():
        shares[kind] = share * sealed_share
    for kind, share in _OTHER_THAN_SEALED.items():
        shares[kind] = share * (1.0 - sealed_share)
    shares[Kind.CONVICTED] = max(0.0, 1.0 - shares.sum())
    return shares


def docket_counts(draws: Draws, arrests: Integers, kinds: Integers) -> Integers:
    """How many rows of the court's file each arrest has: one to three."""
    more: Integers = (draws.uniform("arrest/dockets", arrests)[:, None] >= _COUNT_EDGES[kinds]).sum(axis=1)
    return more + 1


def fates(draws: Draws, arrests: Integers, kinds: Integers, place: Integers, recent: npt.NDArray[np.bool_]) -> Integers:
    """Decide the :class:`Fate` of each docket.

    Parameters
    ----------
    draws : Draws
    arrests, kinds : ndarray of int64, shape (n,)
        The docket's arrest and what happened to it.
    place : ndarray of int64, shape (n,)
        0 for the arrest's first docket, 1 for its second …
    recent : ndarray of bool, shape (n,)
        Whether the arrest was so late that an adjournment in contemplation of dismissal can still be running.
    """
    fate = np.where(place == 0, _FIRST[kinds], _OTHERS[kinds])
    unknown = np.array([Fate.LEAVE, Fate.MISSING])[draws.pick("arrest/unknown", arrests, [1, 3])]
    return np.where(fate >= 0, fate, np.where(recent, int(Fate.ACD_RUNNING), unknown))


def dispositions(
    draws: Draws, dockets: Integers, fate: Integers, sections: pl.Series, first: pl.Series
) -> pl.DataFrame:
    """Say what the court wrote for each docket, and what that means.

    Parameters
    ----------
    draws : Draws
    dockets : ndarray of int64, shape (n,)
        Numbers of the dockets.
    fate : ndarray of int64, shape (n,)
    sections : polars.Series of String
        Section of the law that is charged.
    first : polars.Series of String
        The docket that covers this one.

    Returns
    -------
    polars.DataFrame
        ``disposition`` (raw), ``outcome`` (canonical).
    """
    at = _STARTS[fate] + (draws.uniform("docket/words", dockets) * _COUNTS[fate]).astype(np.int64)
    frame = pl.DataFrame([_TEXTS.gather(at), _MEANINGS.gather(at), sections.alias("section"), first.alias("first")])
    raw = pl.col("disposition")
    crime = pl.col("section").str.contains("^(120.05|155.30|140.20|160.10|220.16|265.03)$")
    return frame.select(
        raw.str.replace("{section}", pl.col("section"), literal=True)
        .str.replace("{docket}", pl.col("first").fill_null("OTHER DOCKET"), literal=True)
        .alias("disposition"),
        pl.when((pl.col("outcome") == "CONV_MISDEMEANOR") & crime)
        .then(pl.lit("CONV_FELONY"))
        .otherwise("outcome")
        .alias("outcome"),
    )
