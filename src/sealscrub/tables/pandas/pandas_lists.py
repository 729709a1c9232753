"""Lists of pandas columns and indexes: categories, levels, and dictionaries in Arrow, that no row uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from ..arrow.arrow_lists import has_dictionary, suspects_unused
from ..levels import LevelRules, Suspect, in_use
from .pandas_columns import category_series

__all__ = ["named_axis", "suspect_names", "unused_in_column", "unused_in_index"]


def unused_in_column(values: Any, suspect: Suspect, name: str) -> pl.Series | None:
    """Give the suspect levels that no row of a column uses; None if there is none."""
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _unused_categories(dtype.categories, np.asarray(values.codes, dtype=np.int64), suspect, name)
    if isinstance(dtype, pd.ArrowDtype) and has_dictionary(dtype.pyarrow_dtype):
        array = values.__arrow_array__()
        return suspects_unused(
            array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array]), suspect, name
        )
    return None


def unused_in_index(index: Any, suspect: Suspect, name: str) -> Iterator[pl.Series | None]:
    """Give the suspect levels that no entry of an index uses, list by list."""
    if not isinstance(index, pd.MultiIndex):
        yield unused_in_column(index.array, suspect, name)
        return
    for level, codes in zip(index.levels, index.codes, strict=True):
        yield _unused_categories(level, np.asarray(codes, dtype=np.int64), suspect, name)
        yield from unused_in_index(level, suspect, name)


def suspect_names(data: pd.DataFrame, suspect: Suspect, name: str) -> pl.Series | None:
    """Give the suspect names of a frame's axes, which are in no row either; None if there is none."""
    names = pl.Series([str(each) for axis in data.axes for each in axis.names if each is not None], dtype=pl.String)
    found = names.filter(pl.Series(suspect(name, names), dtype=pl.Boolean))
    return found if len(found) else None


def named_axis(index: Any, rules: LevelRules) -> Any:
    """Give an index without the names that are barred."""
    names = pl.Series([None if each is None else str(each) for each in index.names], dtype=pl.String)
    if rules.barred is None or not names.count():
        return index
    gone = rules.barred(names)
    kept = [None if out else each for each, out in zip(index.names, gone, strict=True)]
    return index.set_names(kept if isinstance(index, pd.MultiIndex) else kept[0]) if gone.any() else index


def _unused_categories(levels: Any, codes: Any, suspect: Suspect, name: str) -> pl.Series | None:
    values = category_series(levels)
    if values is None or not len(values):
        return None
    wanted = np.asarray(suspect(name, values)) & ~in_use(codes, len(levels))
    return values.filter(pl.Series(wanted)) if wanted.any() else None
