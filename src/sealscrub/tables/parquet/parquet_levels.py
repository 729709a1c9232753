"""Which levels the categorical columns of a Parquet file have once rows were removed, and in which order.

A writer puts the list of levels into the file, used or not. Levels of only removed rows are left out, and if the
order of the rest can show in which order values first came, they are ordered by the rows that stay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum, auto
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..arrow.arrow_lists import key_levels
from ..levels import Stays

__all__ = ["LevelRule", "final_levels"]


class LevelRule(Enum):
    """How the levels of a column are made."""

    DECLARED = auto()
    """All of them stay that may be in a list: it is fixed by declaration."""
    ORDERED = auto()
    """Those in use stay, in their order, which has a meaning."""
    SORTED = auto()
    """Those in use, sorted, as pandas makes a list of values; by first appearance if they have no order."""
    APPEARANCE = auto()
    """Those in use, in order of first appearance: the file holds only values, and a reader finds them so."""


def final_levels(
    listed: Iterable[Any],
    rows: Iterable[Any],
    rule: LevelRule,
    stays: Stays,
    declared: Iterable[str] = (),
) -> list[Any]:
    """Levels of a column for a file of the rows that stay.

    Parameters
    ----------
    listed : iterable of pyarrow.Array
        The dictionaries of the column with all its rows.
    rows : iterable of pyarrow.DictionaryArray
        The column with the rows that stay.
    rule : LevelRule
    stays : callable
        Which levels of a declared list stay that no row uses.
    declared : iterable of str
        Levels that the schema lists.

    Returns
    -------
    list
        Values of the dictionary's value type, each once; none of them is null.
    """
    used: dict[Any, None] = {}
    for chunk in rows:
        used.update(dict.fromkeys(_first_appearance(chunk)))
    if rule == LevelRule.APPEARANCE:
        return list(used)
    if rule == LevelRule.SORTED:
        return _sorted_if_possible(list(used))
    every: dict[Any, None] = dict.fromkeys(declared)
    last: Any = None
    for dictionary in listed:
        if last is None or not dictionary.equals(last):  # most often a file has one dictionary
            last = dictionary
            every.update(dict.fromkeys(last.to_pylist()))
    levels = [level for level in every if level is not None]
    fresh = [level for level in used if level not in every]
    if fresh:  # values that a change brought in: among sorted levels they have their place, else they come last
        levels = sorted(levels + fresh) if levels == sorted(levels) else levels + fresh
    if rule == LevelRule.DECLARED:
        return _declared_levels(levels, used, stays, None if last is None else last.type)
    return [level for level in levels if level in used]


def _sorted_if_possible(levels: list[Any]) -> list[Any]:
    try:
        return sorted(levels)
    except TypeError:
        return levels


def _declared_levels(levels: list[Any], used: Collection[Any], stays: Stays, kind: Any) -> list[Any]:
    series = key_levels(pa.array(levels, type=kind), "levels")
    if series is None:  # no identifiers in values of this type
        return levels
    there = np.array([level in used for level in levels], dtype=np.bool_)
    return [level for level, stay in zip(levels, there | stays(series, there), strict=True) if stay]


def _first_appearance(chunk: Any) -> list[Any]:
    levels = chunk.dictionary
    codes = pc.drop_null(pc.unique(chunk.indices))
    return [level for level in levels.take(codes).to_pylist() if level is not None]
