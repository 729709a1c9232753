"""Changes that Hypothesis draws for a table of so many rows, and the rows that they leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from hypothesis import strategies as st

from sealscrub.tables.changes import Patch, TableChange

Row = tuple[Any, ...]


@st.composite
def changes(
    draw: st.DrawFn, rows: int, values: Mapping[str, tuple[pl.DataType, st.SearchStrategy[Any]]]
) -> TableChange:
    """Draw which rows stay, and new values for some columns."""
    keep = np.array(draw(st.lists(st.booleans(), min_size=rows, max_size=rows)), np.bool_)
    patches = {}
    for name, (dtype, strategy) in values.items():
        at = sorted(draw(st.sets(st.integers(0, rows - 1)))) if rows else []
        new = [draw(st.none() | strategy) for _ in at]
        patches[name] = Patch(np.array(at, np.int64), pl.Series(name, new, dtype))
    return TableChange(keep, patches)


def changed(rows: Sequence[Row], names: Sequence[str], change: TableChange) -> list[Row]:
    """Give the rows that a change leaves."""
    new = [list(row) for row in rows]
    for name, patch in change.patches.items():
        for at, value in zip(patch.rows, patch.values.to_list(), strict=True):
            new[at][names.index(name)] = value
    return [tuple(row) for row, kept in zip(new, change.keep, strict=True) if kept]


def all_stay(rows: int) -> TableChange:
    """Give the change that changes nothing."""
    return TableChange(np.ones(rows, np.bool_))


def without(rows: int, *gone: int) -> TableChange:
    """Give the change by which some rows go."""
    keep = np.ones(rows, np.bool_)
    keep[list(gone)] = False
    return TableChange(keep)
