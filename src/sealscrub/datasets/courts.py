"""The courts' file: one row a docket, what was written there, and what the law makes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from .block import Block
from .calendar import AS_OF, DAYS, as_dates, day_of, years
from .case_outcomes import Fate, Kind, dispositions, fates
from .city_places import COUNTIES
from .draws import Integers
from .numbers import docket_numbers
from .police_charges import CATEGORIES, LAW_CODES, SECTIONS

__all__ = ["CLEAR", "NO_DAY", "REGIMES", "SEALED", "STATUSES", "WITHHELD", "Court", "hold_court"]

CLEAR, SEALED, WITHHELD = 0, 1, 2
#: What a status is called, by its number.
STATUSES = pl.Series("status", ["clear", "sealed", "withheld"])
#: What a regime is called, by its number.
REGIMES = pl.Series(
    "regime",
    ["us-ny/cpl-160.50", "us-ny/cpl-160.55", "us-ny/cpl-160.57", "us-ny/cpl-720.35"],
    dtype=pl.String,
)
#: Stands for no day.
NO_DAY = -1_000_000

_LAST = day_of(AS_OF)
_SEALING = [Fate.FAVOURABLE, Fate.DECLINED, Fate.VIOLATION, Fate.YOUTH]
_WITHHOLDING = [Fate.COVERED, Fate.ACD_RUNNING, Fate.LEAVE, Fate.MISSING]
_WHOLE = [Kind.DISMISSED, Kind.DECLINED, Kind.VIOLATION, Kind.CLEAN_SLATE, Kind.YOUTH]


@dataclass(frozen=True)
class Court:
    """Arrays with one item a docket, in order of the arrests, and a few with one item an arrest."""

    of_arrest: Integers  # positions in the block's arrests
    number: Integers  # unique in the whole city
    place: Integers  # 0: the arrest's first docket
    fate: Integers
    status: Integers
    regime: Integers  # positions in REGIMES; only where something is or was sealed or withheld
    disposed: Integers  # day numbers
    docket: pl.Series
    written: pl.DataFrame  # disposition, outcome
    arrest_status: Integers
    arrest_regime: Integers
    effective: Integers  # day numbers, one an arrest: when the last docket was disposed of


def hold_court(block: Block, serials: Integers) -> Court:
    """Decide every docket of a block.

    Parameters
    ----------
    block : Block
    serials : ndarray of int64, shape (block.filed.sum(),)
        Serial numbers of the dockets that were filed.
    """
    draws = block.draws
    of_arrest = np.repeat(np.arange(len(block.arrest)), block.dockets)
    starts = np.cumsum(block.dockets) - block.dockets
    place = np.arange(len(of_arrest)) - starts[of_arrest]
    arrest, kind, day = block.arrest[of_arrest], block.kind[of_arrest], block.day[of_arrest]
    number = arrest * 4 + place
    fate = fates(draws, arrest, kind, place, day >= DAYS - 365)
    docket = _dockets(block, of_arrest, kind, serials)
    written = dispositions(
        draws, number, fate, SECTIONS.gather(block.offence[of_arrest]), docket.gather(starts[of_arrest])
    )

    lag = draws.uniform("docket/lag", number)
    disposed = day + 1 + (lag * lag * 360).astype(np.int64)
    disposed = np.where(fate == Fate.ACD_RUNNING, _LAST - (lag * 150).astype(np.int64), disposed)
    disposed = np.where(np.isin(fate, [Fate.OPEN, Fate.MISSING]), NO_DAY, disposed)
    slate = draws.below("arrest/slate", block.arrest, 40) + _LAST - 45  # 160.57 began on 16 November 2024

    status = np.select([np.isin(fate, _SEALING), np.isin(fate, _WITHHOLDING)], [SEALED, WITHHELD], CLEAR)
    status = np.where(kind == Kind.CLEAN_SLATE, SEALED, status)
    regime = np.select([fate == Fate.VIOLATION, kind == Kind.CLEAN_SLATE, fate == Fate.YOUTH], [1, 2, 3], 0)
    known = np.where(disposed == NO_DAY, day + 365, disposed)
    effective = np.maximum.reduceat(known, starts) if len(starts) else known
    return Court(
        of_arrest=of_arrest,
        number=number,
        place=place,
        fate=fate,
        status=status,
        regime=regime,
        disposed=disposed,
        docket=docket,
        written=written,
        arrest_status=np.select([np.isin(block.kind, _WHOLE), block.kind == Kind.WITHHELD], [SEALED, WITHHELD], CLEAR),
        arrest_regime=regime[starts],
        effective=np.where(block.kind == Kind.CLEAN_SLATE, slate, effective),
    )


def court_file(block: Block, court: Court, arrest_number: pl.Series, nysid: pl.Series, cjtn: pl.Series) -> pl.DataFrame:
    """Write the ``dockets`` table: docket, arrest, charge, disposition as the court has it."""
    at = court.of_arrest
    top = block.offence[at]
    return pl.DataFrame(
        [
            court.docket,
            arrest_number.gather(at).alias("arrest_number"),
            nysid.gather(at).alias("nysid"),
            cjtn.gather(at).alias("cjtn"),
            pl.Series("county", COUNTIES[block.borough[at]], dtype=pl.String),
            as_dates(block.day[at]).alias("arrest_date"),
            LAW_CODES.gather(top),
            CATEGORIES.gather(top),
            court.written["disposition"],
            as_dates(court.disposed).alias("disposition_date"),
        ]
    )


def _dockets(block: Block, of_arrest: Integers, kind: Integers, serials: Integers) -> pl.Series:
    filed = np.flatnonzero(kind != Kind.DECLINED)
    at = of_arrest[filed]
    numbers = docket_numbers(block.borough[at], years(block.day[at]), serials)
    empty = pl.repeat(None, len(of_arrest), dtype=pl.String, eager=True)
    return empty.scatter(filed, numbers).alias("docket")
