"""Seal notices, in the form in which ``sealscrub registry add`` reads them."""

from __future__ import annotations

import numpy as np
import polars as pl

from .block import Block
from .calendar import AS_OF, as_dates, day_of
from .case_outcomes import Kind
from .courts import CLEAR, NO_DAY, REGIMES, SEALED, Court
from .draws import Integers
from .invented_names import alias_of
from .numbers import serial_ids
from .police import Papers
from .police_charges import DESCRIPTIONS

__all__ = ["notices"]

_EVENTS = pl.Series("event", ["sealed", "vacated", "withheld", "released"])
_BASES = pl.Series("basis", ["notice", "derived", "order"])
_LAST = day_of(AS_OF)
_BACK_AND_FORTH = {Kind.REVERSED: (0, 1), Kind.RELEASED: (2, 3)}


def notices(block: Block, court: Court, papers: Papers) -> tuple[pl.DataFrame, Integers]:
    """Write the ``notices`` table of a block, one row for each event of each docket's seal.

    A notice about a whole arrest carries all its keys. One about a docket next to which there is another carries
    only the docket: its arrest is not sealed.

    Returns
    -------
    frame : polars.DataFrame
    of : ndarray of int64
        The arrest that each is about.
    """
    kind = block.kind[court.of_arrest]
    plain = court.status != CLEAR
    rows = [np.flatnonzero(plain)]
    events = [np.where(court.status[rows[0]] == SEALED, 0, 2)]
    for turned, (begun, ended) in _BACK_AND_FORTH.items():
        at = np.flatnonzero(kind == turned)
        rows += [at, at]
        events += [np.full(len(at), begun), np.full(len(at), ended)]
    row, event = np.concatenate(rows), np.concatenate(events)
    order = np.lexsort((event, row))
    return _write(block, court, papers, row[order], event[order])


def _write(block: Block, court: Court, papers: Papers, row: Integers, event: Integers) -> tuple[pl.DataFrame, Integers]:
    draws, of = block.draws, court.of_arrest[row]
    kind, number = block.kind[of], court.number[row]
    whole = pl.Series((court.arrest_status[of] != CLEAR) | np.isin(kind, list(_BACK_AND_FORTH)))
    begun = np.where(whole.to_numpy(), court.effective[of], court.disposed[row])
    begun = np.where(begun == NO_DAY, block.day[of] + 365, begun)
    ends = np.isin(event, [1, 3])
    begun = np.where(ends, np.minimum(begun + 20 + draws.below("notice/ended", number, 200), _LAST), begun)
    begun = np.minimum(begun, _LAST)
    told = np.minimum(begun + 1 + draws.below("notice/told", number, 45), _LAST)
    basis = np.where(event == 0, draws.pick("notice/basis", number, [96, 3, 1]), np.where(ends, 2, 1))

    def only_whole(values: pl.Series, name: str) -> pl.Series:
        empty = pl.repeat(None, len(of), dtype=values.dtype, eager=True)
        return values.gather(of).zip_with(whole, empty).alias(name)

    alias = alias_of(draws, block.person[of], 0)
    has_alias = pl.Series(draws.uniform("person/aliases", block.person[of]) < 0.22)
    names = alias.select(pl.when(has_alias).then(pl.format("{}, {}", "last_name", "first_name")).alias("aliases"))
    frame = pl.DataFrame(
        [
            _seal_ids(block.arrest[of], court.place[row]),
            _EVENTS.gather(event),
            REGIMES.gather(np.where(event >= 2, 0, court.regime[row])),
            as_dates(begun).alias("effective_from"),
            as_dates(told).alias("notified_on"),
            _BASES.gather(basis),
            only_whole(papers.arrest_number, "arrest_number"),
            only_whole(papers.nysid, "nysid"),
            only_whole(papers.cjtn, "cjtn"),
            court.docket.gather(row).alias("docket"),
            only_whole(papers.photo, "photo"),
            only_whole(papers.voucher, "voucher"),
            papers.last_name.gather(of).alias("last_name"),
            papers.first_name.gather(of).alias("first_name"),
            names["aliases"],
            as_dates(block.born[of]).alias("birth_date"),
            only_whole(as_dates(block.day), "arrest_date"),
            DESCRIPTIONS.gather(block.offence[of]),
        ]
    )
    return frame, of


def _seal_ids(arrests: Integers, places: Integers) -> pl.Series:
    return (serial_ids("S", arrests, 8) + serial_ids("-", places + 1, 1)).alias("seal_id")
