"""pandas columns and indexes of survivors only."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa

from sealscrub.errors import UsageError

from ..arrow.arrow_columns import gather
from ..changes import NewValues
from ..levels import Stays, first_appearance, in_use, recode, used_levels
from ..row_verdicts import RowMask
from .pandas_keys import pandas_key_series
from .pandas_values import patched_values

__all__ = ["category_series", "kept_column", "kept_index", "kept_names", "levelled"]

Positions: TypeAlias = npt.NDArray[np.intp]

_MASKED_DTYPES = (
    pd.BooleanDtype,
    pd.Float32Dtype,
    pd.Float64Dtype,
    *(pd.Int8Dtype, pd.Int16Dtype, pd.Int32Dtype, pd.Int64Dtype),
    *(pd.UInt8Dtype, pd.UInt16Dtype, pd.UInt32Dtype, pd.UInt64Dtype),
)


def kept_column(values: Any, positions: Positions, stays: Stays | None, new: NewValues | None = None) -> Any | None:
    """Give the survivors of a column where a plain ``take`` does not do.

    Parameters
    ----------
    values : ndarray or ExtensionArray
        The column's array.
    positions : ndarray of int
        Rows that stay.
    stays : callable, optional
        Keep the list of categories, and of those that no row uses those that this says.
    new : NewValues, optional
        What is in some rows in the place of what `values` has there.

    Returns
    -------
    array or None
        None if the column, taken by pandas, is right as it is.
    """
    dtype, null = values.dtype, None
    if new is not None and new.values is not None:
        values = patched_values(values, new.rows, new.values)
    elif new is not None:
        null = np.isin(positions, new.rows)
    if _in_arrow(dtype):
        return _through_arrow(values, positions, stays, null)
    if new is None and not isinstance(dtype, pd.CategoricalDtype):
        return None
    taken = values.take(positions) if null is None else _nulled(values, positions, null)
    return levelled(taken, stays) if isinstance(dtype, pd.CategoricalDtype) else taken


def levelled(kept: Any, stays: Stays | None) -> Any:
    """Give a categorical its levels, by the values that it has."""
    if stays is None:
        return _trimmed(kept)
    used = in_use(np.asarray(kept.codes, dtype=np.int64), len(kept.categories))
    levels = category_series(kept.categories)
    return kept if levels is None else _releveled(kept, np.flatnonzero(used | stays(levels, used)))


def kept_names(index: Any) -> Any:
    """Give the index of a frame's columns, less the levels that no column has."""
    if isinstance(index, pd.MultiIndex | pd.CategoricalIndex) or _in_arrow(index.dtype):
        return kept_index(index, np.arange(len(index)), True)
    return index


def category_series(categories: Any) -> pl.Series | None:
    """Give categories as key values; None if values of their type cannot be keys."""
    try:
        return pandas_key_series(categories, "levels")
    except UsageError:
        return None


def kept_index(index: Any, positions: Positions, keep_index: bool) -> Any:
    """Give the index of the survivors.

    A ``RangeIndex`` counts again from its start, in its steps; any other index is kept, less the levels that
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
        return pd.CategoricalIndex(_trimmed(values.take(positions)), name=index.name)
    if _in_arrow(index.dtype):
        return pd.Index(_through_arrow(index.array, positions, None), name=index.name)
    return index.take(positions).copy(deep=True)


def _kept_multiindex(index: Any, positions: Positions) -> Any:
    levels, codes = [], []
    for level, old in zip(index.levels, index.codes, strict=True):
        kept = np.asarray(old, dtype=np.int64)[positions]
        order = _order(level, kept)
        levels.append(kept_index(level, order.astype(np.intp), True))
        codes.append(recode(kept, order, len(level)))
    parts: Any = codes
    return pd.MultiIndex(levels=levels, codes=parts, names=index.names, verify_integrity=False)


def _trimmed(kept: Any) -> Any:
    codes = np.asarray(kept.codes, dtype=np.int64)
    levels = kept.categories
    return _releveled(kept, used_levels(codes, len(levels)) if kept.ordered else _order(levels, codes))


def _releveled(kept: Any, order: npt.NDArray[np.int64]) -> Any:
    codes, levels = np.asarray(kept.codes, dtype=np.int64), kept.categories
    categories = kept_index(levels, order.astype(np.intp), True)
    dtype = pd.CategoricalDtype(categories, ordered=kept.ordered)
    return pd.Categorical.from_codes(recode(codes, order, len(levels)), dtype=dtype)


def _order(levels: Any, codes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Order the levels in use as pandas does if it makes a list of these values: sorted, if they can be.

    Their order shows which values removed rows had, and a list that somebody gave cannot be distinguished from one that
    the rows made.
    """
    there = first_appearance(codes, len(levels))
    try:
        places, _ = pd.factorize(levels.take(there), sort=True, use_na_sentinel=False)
    except TypeError:
        return there
    return there[np.argsort(places, kind="stable")]


def _in_arrow(dtype: Any) -> bool:
    if isinstance(dtype, pd.StringDtype):
        return dtype.storage == "pyarrow"
    return isinstance(dtype, (pd.ArrowDtype, *_MASKED_DTYPES))


def _through_arrow(values: Any, positions: Positions, stays: Stays | None, null: RowMask | None = None) -> Any:
    """Select in Arrow: no slack in the buffers, nothing under a null of a masked array."""
    array = values.__arrow_array__()
    column = array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
    if (np.diff(positions) < 0).any():  # levels in another order
        column, positions = column.take(pa.array(positions)), np.arange(len(positions))
    mask, nulls = np.zeros((2, len(column)), dtype=np.bool_)
    mask[positions], nulls[positions] = True, False if null is None else null
    return values.dtype.__from_arrow__(gather(column, mask, null=nulls, stays=stays))


def _nulled(values: Any, positions: Positions, null: RowMask) -> Any:
    if not isinstance(values, np.ndarray) or values.dtype.kind != "O":
        return pd.api.extensions.take(values, np.where(null, -1, positions), allow_fill=True)
    taken = values.take(positions)
    taken[null] = _null_of(taken[~null])
    return taken


def _null_of(objects: Any) -> Any:
    """Give the null that other values already have: a None among NaN reveals as much as a null among values."""
    null = np.flatnonzero(pd.isna(objects))
    return objects[null[0]] if len(null) else None
