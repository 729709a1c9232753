"""Which levels the categorical columns of a Parquet file have once rows went, and in which order.

A writer puts the list of levels into the file, used or not. Levels that only removed rows used go; where the order
of the rest tells in which order values first came, it is made anew from the rows that stay.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["LevelRule", "final_levels", "pandas_categoricals", "releveled"]


class LevelRule(Enum):
    """How the levels of a column are made."""

    DECLARED = auto()
    """All of them stay: the list is fixed by declaration."""
    ORDERED = auto()
    """Those in use stay, in their order, which has a meaning."""
    PANDAS = auto()
    """As ORDERED, but levels that stand unsorted in order of first appearance are put in that order anew."""
    APPEARANCE = auto()
    """Those in use, in order of first appearance: the file holds values alone, and a reader finds them so."""


def pandas_categoricals(metadata: Mapping[bytes, bytes] | None) -> frozenset[str]:
    """Columns that pandas wrote as categoricals."""
    try:
        columns = json.loads((metadata or {}).get(b"pandas", b"{}")).get("columns", [])
        return frozenset(
            str(column.get("field_name") or column.get("name"))
            for column in columns
            if column.get("pandas_type") == "categorical"
        )
    except (ValueError, AttributeError, TypeError):
        return frozenset()


def final_levels(before: Iterable[Any], after: Iterable[Any], rule: LevelRule) -> list[Any]:
    """Levels of a column for a file of the rows that stay.

    Parameters
    ----------
    before, after : iterable of pyarrow.DictionaryArray
        The column with all its rows, and with those that stay.
    rule : LevelRule

    Returns
    -------
    list
        Values of the dictionary's value type, each once; none of them is null.
    """
    listed: dict[Any, None] = {}
    first_before: dict[Any, None] = {}
    first_after: dict[Any, None] = {}
    last: Any = None
    for chunk in before:
        if last is None or not chunk.dictionary.equals(last):  # most often a file has one dictionary
            last = chunk.dictionary
            listed.update(dict.fromkeys(last.to_pylist()))
        first_before.update(dict.fromkeys(_first_appearance(chunk)))
    for chunk in after:
        first_after.update(dict.fromkeys(_first_appearance(chunk)))
    levels = [level for level in listed if level is not None]
    fresh = [level for level in first_after if level not in listed]
    if fresh:  # values that a change brought in: among sorted levels they have their place, else they come last
        levels = sorted(levels + fresh) if levels == sorted(levels) else levels + fresh
    if rule == LevelRule.DECLARED:
        return levels
    if rule == LevelRule.APPEARANCE:
        return list(first_after)
    used = [level for level in levels if level in first_after]
    by_appearance = [level for level in levels if level in first_before] == list(first_before)
    if rule == LevelRule.PANDAS and by_appearance and levels != sorted(levels):
        return list(first_after)
    return used


def releveled(column: Any, levels: list[Any]) -> Any:
    """Give a dictionary column, in one chunk or several, these levels; they hold all its values."""
    kind = column.type
    known = pa.array(levels, type=kind.value_type)
    chunks = []
    for chunk in column.chunks:
        places = pc.index_in(chunk.dictionary, value_set=known)
        indices = places.take(chunk.indices).cast(kind.index_type)
        chunks.append(pa.DictionaryArray.from_arrays(indices, known, ordered=kind.ordered))
    return pa.chunked_array(chunks, type=kind)


def _first_appearance(chunk: Any) -> list[Any]:
    levels = chunk.dictionary
    codes = pc.drop_null(pc.unique(chunk.indices))
    return [level for level in levels.take(codes).to_pylist() if level is not None]
