"""Which pairs are compared: those inside the gate that any of several keys chooses.

A key is a number that both records of a pair must share. Inside the gate it is next to the arrest day; a record
without a day that can be read has keys of its own, which say more about the person. No key is left out for being
frequent, since how frequent it is depends on rows that may be sealed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .link_model import LinkModel
from .standard_records import MISSING_DAY, Records

__all__ = ["PIECE", "candidate_pieces"]

Places = npt.NDArray[np.int64]
Keys = npt.NDArray[np.int64]
PIECE = 2_000_000
"""How many pairs are held at once; one record that has more is a piece of its own."""
_NO_KEY = -1


@dataclass(frozen=True, eq=False)
class _Join:
    """One key on both sides: the rows in its order, and where each entry of a seal begins and ends among them."""

    rows: Places
    seal: Places
    begin: Places
    count: Places


def candidate_pieces(seals: Records, rows: Records, model: LinkModel) -> Iterator[tuple[Places, Places]]:
    """Give the pairs to compare, each once, in pieces of seals.

    Yields
    ------
    (ndarray of int64, ndarray of int64)
        Places of seals and of rows.
    """
    joins = [*_date_joins(seals, rows, model), *_dateless(seals, rows)]
    per_seal = np.zeros(len(seals), np.int64)
    for join in joins:
        np.add.at(per_seal, join.seal, join.count)
    done = np.cumsum(per_seal)
    start = 0
    while start < len(seals):
        before = int(done[start - 1]) if start else 0
        end = max(int(np.searchsorted(done, before + PIECE, side="right")), start + 1)
        found = np.concatenate([np.zeros(0, np.int64), *(_pairs(join, start, end, len(rows)) for join in joins)])
        if len(found):
            seal, row = np.divmod(np.unique(found), len(rows))
            yield from _pieces_of_pairs(seal, row)
        start = end


def _pieces_of_pairs(seal: Places, row: Places) -> Iterator[tuple[Places, Places]]:
    for at in range(0, len(seal), PIECE):
        yield seal[at : at + PIECE], row[at : at + PIECE]


def _pairs(join: _Join, start: int, end: int, height: int) -> Places:
    first, last = np.searchsorted(join.seal, [start, end])
    count, begin, seal = join.count[first:last], join.begin[first:last], join.seal[first:last]
    ends = np.cumsum(count)
    if not len(ends) or not ends[-1]:
        return np.zeros(0, np.int64)
    at = np.arange(ends[-1]) + np.repeat(begin - (ends - count), count)
    pairs: Places = np.repeat(seal * height, count) + join.rows[at]
    return pairs


def _join(seal_keys: Keys, row_keys: Keys, seal: Places | None = None) -> _Join:
    """Join keys; `seal` says whose each of the seals' keys is, in ascending order."""
    row = np.flatnonzero(row_keys != _NO_KEY)
    order = row[np.argsort(row_keys[row], kind="stable")]
    ordered = row_keys[order]
    seal = np.arange(len(seal_keys)) if seal is None else seal
    has = np.flatnonzero(seal_keys != _NO_KEY)
    begin = np.searchsorted(ordered, seal_keys[has], side="left")
    count = np.searchsorted(ordered, seal_keys[has], side="right") - begin
    some = count > 0
    return _Join(order, seal[has][some], begin[some], count[some])


def _date_joins(seals: Records, rows: Records, model: LinkModel) -> Iterator[_Join]:
    window = model.window_days
    dated = rows.arrest != MISSING_DAY
    for name in model.blocking:
        if name == "nysid":
            continue
        for of_seal, of_row in _keys(name, seals, rows):
            row_keys = np.where(dated & (of_row >= 0), _with_day(of_row, rows.arrest), _NO_KEY)
            seal = np.repeat(np.arange(len(seals)), 2 * window + 1)
            shift = np.tile(np.arange(-window, window + 1), len(seals))
            known = (seals.arrest[seal] != MISSING_DAY) & (of_seal[seal] >= 0)
            near = seals.arrest[seal].astype(np.int64) + shift
            yield _join(np.where(known, _with_day(of_seal[seal], near), _NO_KEY), row_keys, seal)
    if "nysid" in model.blocking:
        of_seal, of_row = seals.codes["nysid"].astype(np.int64), rows.codes["nysid"].astype(np.int64)
        seal = np.repeat(np.arange(len(seals)), 2 * window + 1)
        near = seals.arrest[seal].astype(np.int64) + np.tile(np.arange(-window, window + 1), len(seals))
        known = (seals.arrest[seal] != MISSING_DAY) & (of_seal[seal] >= 0)
        row_keys = np.where(dated & (of_row >= 0), _with_day(of_row, rows.arrest), _NO_KEY)
        yield _join(np.where(known, _with_day(of_seal[seal], near), _NO_KEY), row_keys, seal)


def _dateless(seals: Records, rows: Records) -> Iterator[_Join]:
    """Keys of pairs of which one side has no arrest day: rows without one next to all seals, and the reverse."""
    no_row, no_seal = rows.arrest == MISSING_DAY, seals.arrest == MISSING_DAY
    for of_seal, of_row in _person_keys(seals, rows):
        if no_row.any():
            yield _join(of_seal, np.where(no_row, of_row, _NO_KEY))
        if no_seal.any():
            yield _join(np.where(no_seal, of_seal, _NO_KEY), np.where(no_row, _NO_KEY, of_row))


def _with_day(key: Keys, day: npt.NDArray[np.int32] | Places) -> Keys:
    return (day.astype(np.int64) + 2**20) * 2**32 + key


def _keys(name: str, seals: Records, rows: Records) -> Iterator[tuple[Keys, Keys]]:
    """A rule's keys of seals and of rows, next to which the day is."""
    if name == "birth_year":
        yield _or_none(seals.birth[0]), _or_none(rows.birth[0])
    elif name == "birth_month_and_day":
        yield _month_and_day(seals), _month_and_day(rows)
    else:
        starts = seals.texts["last_name"].starts(3)
        last, first = (_start_of(starts, seals, field) for field in ("last_name", "first_name"))
        its_last, its_first = (_start_of(starts, rows, field) for field in ("last_name", "first_name"))
        if name == "last_name_start":
            yield last, its_last
        elif name == "first_name_start":
            yield first, its_first
        else:
            yield last, its_first
            yield first, its_last


def _person_keys(seals: Records, rows: Records) -> Iterator[tuple[Keys, Keys]]:
    names = seals.texts["last_name"]
    start, initial, whole = names.starts(3), names.starts(1), np.arange(len(names.values), dtype=np.int32)
    last, first = "last_name", "first_name"
    year = [_or_none(side.birth[0]) for side in (seals, rows)]
    date = [_combined_key(_or_none(side.birth[0]), _month_and_day(side), 512) for side in (seals, rows)]
    yield from (
        (_names(seals, whole, last, start, first), _names(rows, whole, last, start, first)),
        (_names(seals, whole, last, start, first), _names(rows, whole, first, start, last)),
        (_names(seals, whole, first, start, last), _names(rows, whole, last, start, first)),
    )
    for (table, field), dates in (((start, last), year), ((initial, last), date), ((initial, first), date)):
        yield (
            _combined_key(_start_of(table, seals, field), dates[0], 2**22),
            _combined_key(_start_of(table, rows, field), dates[1], 2**22),
        )
    yield seals.codes["nysid"].astype(np.int64), rows.codes["nysid"].astype(np.int64)


def _names(side: Records, one: npt.NDArray[np.int32], field: str, two: npt.NDArray[np.int32], other: str) -> Keys:
    return _combined_key(_start_of(one, side, field), _start_of(two, side, other), 2**31)


def _start_of(table: npt.NDArray[np.int32], side: Records, field: str) -> Keys:
    codes = side.codes[field]
    if not len(table):
        return np.full(len(codes), _NO_KEY, np.int64)
    return np.where(codes >= 0, table[codes], _NO_KEY).astype(np.int64)


def _combined_key(one: Keys, two: Keys, size: int) -> Keys:
    return np.where((one >= 0) & (two >= 0), one * size + two, _NO_KEY)


def _month_and_day(side: Records) -> Keys:
    month, day = side.birth[1].astype(np.int64), side.birth[2].astype(np.int64)
    return np.where(month > 0, month * 32 + day, _NO_KEY)


def _or_none(part: npt.NDArray[np.int16]) -> Keys:
    return np.where(part > 0, part, _NO_KEY).astype(np.int64)
