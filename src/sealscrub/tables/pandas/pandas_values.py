"""pandas columns by their values: handed out typed, and new values made columns of the same dtype."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa

from sealscrub.errors import UsageError

from ..arrow.arrow_values import fitted_array, value_series
from ..values import exactly, unfit_patch, unfit_values
from .pandas_keys import pandas_key_series

__all__ = ["fitted_values", "pandas_value_series", "patched_values", "with_levels"]

Rows: TypeAlias = npt.NDArray[np.int64]

_FAILURES = (pa.ArrowException, pl.exceptions.PolarsError, TypeError, ValueError, OverflowError, UnicodeError)
_ONE_KIND = frozenset(
    {"string", "integer", "floating", "boolean", "bytes", "date", "datetime", "datetime64", "decimal"}
)


def pandas_value_series(values: Any, name: str) -> pl.Series:
    """Hand out a column as typed values.

    Parameters
    ----------
    values : ndarray, pandas.Index or pandas.api.extensions.ExtensionArray
        A column's array.
    name : str
        The column, for errors.

    Returns
    -------
    polars.Series
        NaN, NaT, None and NA are null. Objects are what all of them are (text, dates, lists, …), else text.

    Raises
    ------
    UsageError
        When polars has no such type.
    """
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        codes = pl.Series(np.asarray(values.codes, dtype=np.int64))
        levels = pandas_value_series(values.categories.array, name)
        return levels.gather(codes.to_frame("c").select(pl.when(pl.col("c") >= 0).then("c")).to_series())
    if isinstance(dtype, pd.SparseDtype):
        return pandas_value_series(np.asarray(values), name)
    if isinstance(dtype, np.dtype) and dtype.kind == "O":
        return _of_objects(np.asarray(values, dtype=object), name)
    if isinstance(dtype, pd.PeriodDtype | pd.IntervalDtype):
        raise unfit_values(name)
    try:
        array = pa.array(values, from_pandas=True)
    except _FAILURES:
        raise unfit_values(name) from None
    return value_series(array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array]), name)


def fitted_values(values: pl.Series, like: Any, name: str) -> Any:
    """Make new values an array of a column's dtype.

    Parameters
    ----------
    values : polars.Series
        The values.
    like : ndarray or ExtensionArray
        The column's array.
    name : str
        The column, for errors.

    Returns
    -------
    ndarray or ExtensionArray
        Of the dtype of `like`; for a categorical an array of its values.

    Raises
    ------
    UsageError
        When the dtype cannot hold one of them exactly.
    """
    if isinstance(like.dtype, pd.CategoricalDtype):
        return _of_levels(values, like, name)
    try:
        if isinstance(like.dtype, np.dtype) and like.dtype.kind == "O":
            return _objects(values, like)
        exact = exactly(values, pandas_value_series(like, name).dtype, name)
        made = _fit_like(exact, like)
        if pandas_value_series(made, name).equals(exact, null_equal=True):
            return made
    except UsageError:
        raise
    except _FAILURES:
        pass
    raise unfit_patch(name)


def patched_values(values: Any, rows: Rows, new: Any) -> Any:
    """Put values in the place of others; a categorical gets the levels that it lacks."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = with_levels(values, new.categories.difference(values.categories, sort=False))
        new = new.set_categories(values.categories, ordered=values.ordered)
    if isinstance(values, np.ndarray):
        patched = values.copy()
        patched[rows] = new
        return patched
    if isinstance(values.dtype, pd.SparseDtype):
        dense = np.asarray(values).copy()
        dense[rows] = np.asarray(new)
        return pd.arrays.SparseArray(dense, dtype=values.dtype)
    positions = np.arange(len(values))
    positions[rows] = len(values) + np.arange(len(rows))
    return type(values)._concat_same_type([values, new]).take(positions)


def with_levels(values: Any, fresh: Any) -> Any:
    """Give a categorical further levels: in their place if its levels are sorted, else behind them."""
    added = values.add_categories(fresh)
    if not values.categories.is_monotonic_increasing:
        return added
    try:
        return added.set_categories(added.categories.sort_values())
    except TypeError:
        return added


def _of_levels(values: pl.Series, like: Any, name: str) -> Any:
    """Make a categorical of values; a new level is refused if levels have an order that is not their own."""
    levels = like.categories.array
    levels = levels.to_numpy() if isinstance(levels, pd.arrays.NumpyExtensionArray) else levels
    present = fitted_values(values.drop_nulls(), levels, name)
    categories = pd.Index(present, dtype=like.categories.dtype).unique()
    fresh = categories.difference(like.categories, sort=False)
    if like.ordered and len(fresh) and not like.categories.is_monotonic_increasing:
        raise unfit_patch(name)
    codes = np.full(len(values), -1, dtype=np.int64)
    codes[values.is_not_null().to_numpy()] = categories.get_indexer(pd.Index(present, dtype=like.categories.dtype))
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(categories, ordered=False))


def _fit_like(values: pl.Series, like: Any) -> Any:
    dtype = like.dtype
    if isinstance(dtype, pd.SparseDtype):
        return pd.arrays.SparseArray(_fit_like(values, np.zeros(0, dtype.subtype)), dtype=dtype)
    if isinstance(dtype, np.dtype) and dtype.kind in "biu":
        if values.null_count():
            raise ValueError
        return values.to_numpy().astype(dtype)
    if isinstance(dtype, np.dtype) and dtype.kind == "f":
        return values.fill_null(float("nan")).to_numpy().astype(dtype)
    if isinstance(dtype, pd.ArrowDtype):
        return _from_arrow(dtype, fitted_array(values, dtype.pyarrow_dtype, ""))
    kind = pa.array(like[:0], from_pandas=True).type  # masked, text, and times with or without a zone
    array = fitted_array(values, kind, "")
    if hasattr(dtype, "__from_arrow__"):
        return _from_arrow(dtype, array)
    return pd.array(array.to_pandas(), dtype=dtype)


def _from_arrow(dtype: Any, array: Any) -> Any:
    return dtype.__from_arrow__(pa.chunked_array([array]))


def _objects(values: pl.Series, like: Any) -> Any:
    """Make objects of values, each of the kind that all of the column's are; nested ones may hold whatever they do."""
    null = pd.isna(like)
    present, gone = like[~null], like[null]
    nothing = gone[0] if len(gone) else None
    kinds = {type(value) for value in present}
    made = np.empty(len(values), dtype=object)
    for place, value in enumerate(values.to_list()):
        made[place] = nothing if value is None else _object(value, kinds)
    return made


def _object(value: Any, kinds: set[type]) -> Any:
    if not kinds or type(value) in kinds:
        if len(kinds) > 1:  # mixed values are handed out as text, which does not show what it stands for
            raise ValueError
        return value
    kind = kinds.pop() if len(kinds) == 1 else type(None)
    kinds.add(kind)
    if isinstance(value, list) and kind in (tuple, np.ndarray):
        return np.array(value) if kind is np.ndarray else tuple(value)
    made = kind(value)
    if isinstance(value, str) or made != value or isinstance(made, bool) != isinstance(value, bool):
        raise ValueError
    return made


def _of_objects(values: Any, name: str) -> pl.Series:
    kind = pd.api.types.infer_dtype(values, skipna=True)
    try:
        if kind == "empty":
            return pl.Series(name, [None] * len(values), dtype=pl.String)
        if kind in _ONE_KIND:
            return value_series(pa.chunked_array([pa.array(values, from_pandas=True)]), name)
        present = values[~pd.isna(values)]
        if all(isinstance(value, list | tuple | np.ndarray) for value in present) or all(
            isinstance(value, dict) for value in present
        ):
            return value_series(pa.chunked_array([pa.array(values, from_pandas=True)]), name)
    except _FAILURES:
        pass
    return pandas_key_series(values, name)
