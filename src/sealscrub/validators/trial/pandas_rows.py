"""Rows of pandas' frames."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sealscrub.tables.levels import first_appearance, recode, used_levels

from .table_rows import Refill, Rows, TableRows, Unfit

__all__ = ["PandasRows"]

Codes = npt.NDArray[np.int64]


class PandasRows(TableRows):
    """Rows of a ``DataFrame``.

    Categories that are in the order in which the rows bring them up continue doing so, as anyone who wrote the frame
    would have it: a scrub takes another order for one that somebody gave.
    """

    def __init__(self, data: pd.DataFrame) -> None:
        self._data = data
        self.height, self.width = data.shape

    def ordered(self, order: Rows) -> Any:
        made = self._data.iloc[order].copy()
        made.index = _labels(self._data.index, order)
        for position in range(self.width):
            values = self._array(position)
            if isinstance(values.dtype, pd.CategoricalDtype):
                _set(made, position, _arranged(values.take(order), values))
        return made

    def refilled(self, refills: Mapping[int, Refill]) -> Any:
        made = self._data.copy()
        for position, refill in refills.items():
            values = self._array(position)
            if isinstance(values.dtype, pd.CategoricalDtype):
                changed = _recategorised(values, refill)
            else:
                whole = values if refill.fresh is None else _concatenate(values, refill.fresh)
                changed = whole.take(refill.sources)
            _set(made, position, changed)
        return made

    def column_of(self, position: int, values: list[Any]) -> Any:
        like = self._array(position)
        if isinstance(like.dtype, pd.CategoricalDtype):
            like = like.categories.array
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # an overflow is a value that does not fit
                return _array_like(values, like)
        except Exception:  # extension types of any library raise what they like, and show the value
            raise Unfit from None

    def read(self, position: int, column: Any = None) -> list[Any]:
        values = self._array(position) if column is None else column
        return [each.item() if isinstance(each, np.integer | np.floating | np.bool_) else each for each in values]

    def distinct(self, position: int) -> tuple[Rows, list[Any]]:
        values = self._array(position)
        rows = np.arange(self.height)
        with contextlib.suppress(TypeError, NotImplementedError, ValueError):  # values without a hash
            rows = np.flatnonzero(~pd.Series(values).duplicated().to_numpy())
        return rows, self.read(position, values.take(rows))

    def is_text(self, position: int) -> bool:
        dtype: Any = self._data.dtypes.iloc[position]
        if isinstance(dtype, pd.CategoricalDtype):
            dtype = dtype.categories.dtype
        if not pd.api.types.is_string_dtype(dtype):
            return False
        known = self._data.iloc[:, position].dropna()
        return all(isinstance(each, str) for each in known)

    def spare_levels(self, position: int) -> list[Any] | None:
        values = self._array(position)
        if not isinstance(values.dtype, pd.CategoricalDtype):
            return None
        unused = np.setdiff1d(np.arange(len(values.categories)), values.codes)
        return list(values.categories.take(unused)) or None  # a list that is used up was not declared

    def _array(self, position: int) -> Any:
        values = self._data.iloc[:, position].array
        return values.to_numpy() if type(values) is pd.arrays.NumpyExtensionArray else values


def _set(frame: pd.DataFrame, position: int, values: Any) -> None:
    """Set a column as it is; pandas would look for another type for objects."""
    column: Any = pd.Series(values, index=frame.index, dtype=values.dtype)
    frame.isetitem(position, column)


def _array_like(values: list[Any], like: Any) -> Any:
    if type(like) is pd.arrays.NumpyExtensionArray:
        like = like.to_numpy()
    if not isinstance(like, np.ndarray):
        return type(like)._from_sequence(values, dtype=like.dtype)
    made = np.empty(len(values), like.dtype)
    for at, value in enumerate(values):
        made[at] = value
    return made


def _concatenate(values: Any, fresh: Any) -> Any:
    if isinstance(values, np.ndarray):
        return np.concatenate([values, fresh])
    return type(values)._concat_same_type([values, fresh])


def _recategorised(values: Any, refill: Refill) -> Any:
    """Give a categorical other values; new categories have the place that their order gives them."""
    categories, fresh = values.categories, refill.fresh
    extended, codes = values, np.asarray(values.codes, np.int64)
    if fresh is not None:
        new = [each for each in dict.fromkeys(fresh) if each not in categories]
        every = (
            categories.append(pd.Index(_array_like(new, categories.array), dtype=categories.dtype))
            if new
            else categories
        )
        if not values.ordered and categories.is_monotonic_increasing:
            every = every.sort_values()
        extended = values.set_categories(every)
        codes = np.concatenate([np.asarray(extended.codes, np.int64), every.get_indexer(pd.Index(fresh))])
    kind = pd.CategoricalDtype(extended.categories, extended.ordered)
    changed = pd.Categorical.from_codes(codes[refill.sources], dtype=kind)
    if fresh is None and not _stands_by_appearance(values) and _stands_by_appearance(changed):
        return values  # the list was given, and would look as if it was not
    return _arranged(changed, values)


def _stands_by_appearance(values: Any) -> bool:
    return not values.ordered and _by_appearance(np.asarray(values.codes, np.int64), values.categories)


def _by_appearance(codes: Codes, levels: Any) -> bool:
    """Whether levels are as the rows bring them up, and are not sorted."""
    used = used_levels(codes, len(levels))
    sorts = levels.take(used).is_monotonic_increasing
    return not sorts and np.array_equal(used, first_appearance(codes, len(levels)))


def _order_of(codes: Codes, levels: Any) -> Codes:
    """Give levels in the order in which the rows bring them up, those without rows last."""
    used = first_appearance(codes, len(levels))
    return np.concatenate([used, np.setdiff1d(np.arange(len(levels)), used)])


def _arranged(changed: Any, before: Any) -> Any:
    if not _stands_by_appearance(before):
        return changed
    codes, levels = np.asarray(changed.codes, np.int64), changed.categories
    order = _order_of(codes, levels)
    kind = pd.CategoricalDtype(levels.take(order), changed.ordered)
    return pd.Categorical.from_codes(recode(codes, order, len(levels)), dtype=kind)


def _labels(index: Any, order: Rows) -> Any:
    """Give the labels of rows; a range counts again, as in a scrub."""
    if isinstance(index, pd.RangeIndex) and (index.name is None or (index.start, index.step) == (0, 1)):
        return pd.RangeIndex(index.start, index.start + len(order) * index.step, index.step, name=index.name)
    if isinstance(index, pd.CategoricalIndex):
        values: Any = index.array
        return pd.CategoricalIndex(_arranged(values.take(order), values), name=index.name)
    taken: Any = index.take(order)
    if not isinstance(index, pd.MultiIndex):
        return taken
    levels: Any = []
    codes: Any = []
    for level, before, after in zip(index.levels, index.codes, taken.codes, strict=True):
        now = np.asarray(after, np.int64)
        if _by_appearance(np.asarray(before, np.int64), level):
            rank = _order_of(now, level)
            level, now = level.take(rank), recode(now, rank, len(level))
        levels.append(level)
        codes.append(now)
    return pd.MultiIndex(levels=levels, codes=codes, names=index.names, verify_integrity=False)
