"""pandas columns and indexes of survivors only."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from .arrow_columns import gather, one_element
from .interface import Change, NewValues, RowMask
from .levels import first_appearance, recode, used_levels
from .pandas_values import patched_values

__all__ = ["kept_column", "kept_index", "levelled"]

Positions: TypeAlias = npt.NDArray[np.intp]

_MASKED = (
    pd.BooleanDtype,
    pd.Float32Dtype,
    pd.Float64Dtype,
    *(pd.Int8Dtype, pd.Int16Dtype, pd.Int32Dtype, pd.Int64Dtype),
    *(pd.UInt8Dtype, pd.UInt16Dtype, pd.UInt32Dtype, pd.UInt64Dtype),
)


def kept_column(
    values: Any,
    positions: Positions,
    hit: RowMask,
    change: Change | None,
    keep_levels: bool,
    new: NewValues | None = None,
) -> Any | None:
    """Give the survivors of a column where a plain ``take`` does not do.

    Parameters
    ----------
    values : ndarray or ExtensionArray
        The column's array.
    positions : ndarray of int
        Rows that stay.
    hit : ndarray of bool, as long as `positions`
        Which of these get another value.
    change : Change, optional
        The value.
    keep_levels : bool
        Keep the list of categories whole.
    new : NewValues, optional
        What stands in some rows in the place of what `values` has there.

    Returns
    -------
    array or None
        None where the column, taken by pandas, is right as it is.
    """
    dtype, before = values.dtype, values
    if new is not None:
        values = patched_values(values, new.rows, new.values)
    if _in_arrow(dtype):
        return _through_arrow(values, positions, hit, change, keep_levels)
    taken = None if change is None else _edited(values, positions, hit, change)
    if isinstance(dtype, pd.CategoricalDtype):
        return levelled(values.take(positions) if taken is None else taken, before, keep_levels)
    return values.take(positions) if taken is None and new is not None else taken


def levelled(kept: Any, before: Any, keep_levels: bool) -> Any:
    """Give a categorical its levels: `before` is the column with the rows and values that it had."""
    return kept if keep_levels else _trimmed(kept, before)


def kept_index(index: Any, positions: Positions, keep_index: bool) -> Any:
    """Give the index of the survivors.

    A ``RangeIndex`` counts anew from its start, in its steps; any other index is kept, less the levels that
    no survivor uses. So is a range with a name that does not count rows from 0: pandas 3 makes one of any column
    of ids that happens to go up evenly.
    """
    if isinstance(index, pd.RangeIndex) and index.name is not None and (index.start, index.step) != (0, 1):
        return pd.Index(np.asarray(index)[positions], name=index.name)
    if isinstance(index, pd.RangeIndex) and not keep_index:
        stop = index.start + len(positions) * index.step
        return pd.RangeIndex(index.start, stop, index.step, name=index.name)
    if isinstance(index, pd.MultiIndex):
        return _kept_multiindex(index, positions)
    if isinstance(index, pd.CategoricalIndex):
        values: Any = index.array
        return pd.CategoricalIndex(_trimmed(values.take(positions), values), name=index.name)
    if _in_arrow(index.dtype):
        nobody = np.zeros(len(positions), dtype=np.bool_)
        return pd.Index(_through_arrow(index.array, positions, nobody, None, False), name=index.name)
    return index.take(positions).copy(deep=True)


def _kept_multiindex(index: Any, positions: Positions) -> Any:
    levels, codes = [], []
    for level, old in zip(index.levels, index.codes, strict=True):
        before = np.asarray(old, dtype=np.int64)
        after = before[positions]
        order = _order(level, before, after)
        levels.append(kept_index(level, order.astype(np.intp), True))
        codes.append(recode(after, order, len(level)))
    parts: Any = codes
    return pd.MultiIndex(levels=levels, codes=parts, names=index.names, verify_integrity=False)


def _trimmed(kept: Any, before: Any) -> Any:
    codes = np.asarray(kept.codes, dtype=np.int64)
    levels = kept.categories
    old = np.asarray(before.codes, dtype=np.int64)
    order = used_levels(codes, len(levels)) if kept.ordered else _order(levels, old, codes)
    if order.size and order.max() >= len(before.categories) and before.categories.is_monotonic_increasing:
        order = order[levels.take(order).argsort()]  # among sorted levels a new one has its place
    categories = kept_index(levels, order.astype(np.intp), True)
    dtype = pd.CategoricalDtype(categories, ordered=kept.ordered)
    return pd.Categorical.from_codes(recode(codes, order, len(levels)), dtype=dtype)


def _order(levels: Any, before: npt.NDArray[np.int64], after: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Order the levels in use as they were, unless they stood by first appearance in the data.

    Sorted levels say nothing of the rows, and an order that somebody gave is kept. Levels that stand neither
    sorted nor given, but as the data brought them up, tell which removed row came first.
    """
    used = used_levels(before, len(levels))
    if not levels.take(used).is_monotonic_increasing and np.array_equal(used, first_appearance(before, len(levels))):
        return first_appearance(after, len(levels))
    return used_levels(after, len(levels))


def _in_arrow(dtype: Any) -> bool:
    if isinstance(dtype, pd.StringDtype):
        return dtype.storage == "pyarrow"
    return isinstance(dtype, (pd.ArrowDtype, *_MASKED))


def _through_arrow(values: Any, positions: Positions, hit: RowMask, change: Change | None, keep_levels: bool) -> Any:
    """Select in Arrow: no slack in the buffers, nothing under a null of a masked array."""
    array = values.__arrow_array__()
    column = array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
    if (np.diff(positions) < 0).any():  # levels in another order
        column, positions = column.take(pa.array(positions)), np.arange(len(positions))
    mask, edited = np.zeros((2, len(column)), dtype=np.bool_)
    mask[positions], edited[positions] = True, hit
    if change is not None and not change.is_null:
        change = Change(one_element(change.value, column.type), is_null=False)
    kept = gather(column, mask, edited=edited, change=change, keep_levels=keep_levels)
    return values.dtype.__from_arrow__(kept)


def _edited(values: Any, positions: Positions, hit: RowMask, change: Change) -> Any:
    objects = isinstance(values, np.ndarray) and values.dtype.kind == "O"
    if change.is_null and not objects:
        return pd.api.extensions.take(values, np.where(hit, -1, positions), allow_fill=True)
    taken = values.take(positions)
    if change.is_null:
        taken[hit] = _null_of(values)
        return taken
    if isinstance(values.dtype, pd.CategoricalDtype) and change.value not in values.categories:
        taken = taken.add_categories([change.value])
    if isinstance(values.dtype, pd.SparseDtype):
        dense = np.asarray(taken)
        dense[hit] = change.value
        return pd.arrays.SparseArray(dense, dtype=values.dtype)
    taken[hit] = change.value
    return taken


def _null_of(objects: Any) -> Any:
    """Give the null that the column already has: a None among NaN tells as much as a null among values."""
    null = np.flatnonzero(pd.isna(objects))
    return objects[null[0]] if len(null) else None
