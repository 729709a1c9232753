"""How cases end: what happens to an arrest, to each of its dockets, and what the court writes down."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import polars as pl

from .draws import Draws, Floats, Integers

__all__ = ["CANONICAL", "Fate", "Kind", "dispositions", "docket_counts", "fates", "kind_shares"]


class Kind(IntEnum):
    """What became of one arrest, all its dockets together."""

    DISMISSED = 0  #: every docket ended in the accused's favour: sealed under 160.50
    DECLINED = 1  #: the prosecutor or the police did not go on; there is no docket: 160.50
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
    """What became of one docket."""

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

#: All canonical dispositions that the city knows.
CANONICAL = sorted({canonical for written in _WRITTEN.values() for _, canonical in written})

_TEXTS = pl.Series("disposition", [raw for fate in Fate for raw, _ in _WRITTEN[fate]], dtype=pl.String)
_MEANINGS = pl.Series("outcome", [canonical for fate in Fate for _, canonical in _WRITTEN[fate]])
_COUNTS = np.array([len(_WRITTEN[fate]) for fate in Fate])
_STARTS = np.cumsum(_COUNTS) - _COUNTS

# How often an arrest of each kind has one, two, three dockets.
_DOCKETS = np.array(
    [[85, 12, 3], [1, 0, 0], [93, 7, 0], [1, 0, 0], [0, 70, 30], [0, 30, 70]]
    + [[1, 0, 0], [1, 0, 0], [95, 5, 0], [1, 0, 0], [90, 10, 0], [90, 10, 0]],
    np.float64,
)

_FIRST = np.array([0, 1, 2, -1, 3, 3, 3, 3, 3, 8, 9, 3])
_OTHERS = np.array([0, 1, 2, -1, 0, 4, 3, 3, 3, 8, 9, 3])


def kind_shares(sealed_share: float) -> Floats:
    """How often each :class:`Kind` occurs where `sealed_share` of arrests are sealed under 160.50 or 160.55."""
    rest = 1.0 - sealed_share
    shares = np.zeros(len(Kind))
    shares[[Kind.DISMISSED, Kind.DECLINED, Kind.VIOLATION]] = np.array([0.68, 0.10, 0.22]) * sealed_share
    minor = [
        Kind.WITHHELD,
        Kind.MIXED,
        Kind.COVERED,
        Kind.REVERSED,
        Kind.RELEASED,
        Kind.CLEAN_SLATE,
        Kind.YOUTH,
    ]
    shares[minor] = np.array([0.05, 0.015, 0.01, 0.005, 0.005, 0.03, 0.02]) * rest
    shares[Kind.OPEN] = 0.07 * rest
    shares[Kind.CONVICTED] = 1.0 - shares.sum()
    return shares


def docket_counts(draws: Draws, arrests: Integers, kinds: Integers) -> Integers:
    """How many rows of the court's file each arrest has: one to three."""
    edges = np.cumsum(_DOCKETS / _DOCKETS.sum(axis=1, keepdims=True), axis=1)[kinds, :2]
    return 1 + (draws.uniform("arrest/dockets", arrests)[:, None] >= edges).sum(axis=1)


def fates(draws: Draws, arrests: Integers, kinds: Integers, place: Integers, recent: Integers) -> Integers:
    """The :class:`Fate` of each docket.

    Parameters
    ----------
    draws : Draws
    arrests, kinds : ndarray of int64, shape (n,)
        The docket's arrest and what became of it.
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
    """What the court wrote for each docket, and what that means.

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
    frame = pl.DataFrame(
        [_TEXTS.gather(at), _MEANINGS.gather(at), sections.alias("section"), first.alias("first")]
    )
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
