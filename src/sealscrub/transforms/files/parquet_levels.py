"""Which levels the categorical columns of a Parquet file have once rows went, and in which order.

A writer puts the list of levels into the file, used or not. Levels that only removed rows used go; where the order
of the rest tells in which order values first came, it is made anew from the rows that stay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum, auto
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["LevelRule", "final_levels", "pandas_categoricals"]


class LevelRule(Enum):
    """How the levels of a column are made."""

    DECLARED = auto()
    """All of them stay: the list is fixed by declaration."""
    ORDERED = auto()
    """Those in use stay, in their order, which has a meaning."""
    PANDAS = auto()
    """As ORDERED, but levels that stand unsorted in order of first appearance are put in that order anew."""


def pandas_categoricals(metadata: Mapping[bytes, bytes] | None) -> frozenset[str]:
    """Columns that pandas wrote as categoricals."""
    try:
        columns = json.loads((metadata or {}).get(b"pandas", b"{}")).get("columns", [])
        return frozenset(
            str(column.get("field_name") or column.get("name"))
            for column in columns
            if column.get("pandas_type") == "categorical"
        )
    except (ValueError, AttributeError):
        return frozenset()


def final_levels(path: Path, column: str, wanted: npt.NDArray[np.bool_], rule: LevelRule | None) -> list[str]:
    """Levels of a column of text categories, for a file of the wanted rows."""
    listed: dict[str, int] = {}
    before: dict[str, None] = {}
    after: dict[str, None] = {}
    start = 0
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            chunked = file.read_row_group(group, columns=[column]).column(0)
            for chunk in chunked.chunks:
                names = chunk.dictionary.to_pylist()
                for name in names:
                    listed.setdefault(name, len(listed))
                before.update(dict.fromkeys(_first_appearance(chunk, names, None)))
                rows = wanted[start : start + len(chunk)]
                after.update(dict.fromkeys(_first_appearance(chunk, names, rows)))
                start += len(chunk)
    levels = list(listed)
    if rule == LevelRule.DECLARED:
        return levels
    used = [name for name in levels if name in after]
    by_appearance = [name for name in levels if name in before] == list(before) and levels != sorted(levels)
    return list(after) if rule == LevelRule.PANDAS and by_appearance else used


def _first_appearance(chunk: pa.DictionaryArray, names: list[str], rows: npt.NDArray[np.bool_] | None) -> list[str]:
    codes = chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    if rows is not None:
        codes = codes[rows]
    found, first = np.unique(codes, return_index=True)
    return [names[code] for code in found[np.argsort(first)] if code >= 0]
