"""pandas' container: DataFrame."""

from __future__ import annotations

import copy
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import polars as pl

from sealscrub.errors import ColumnError, UsageError

from .interface import Change, Changes, FrameAdapter, Patches, RowMask, unfit_constant
from .pandas_columns import kept_column, kept_index, levelled
from .pandas_keys import pandas_key_series
from .pandas_values import fitted_values, pandas_value_series, patched_values

__all__ = ["PandasFrame"]


class PandasFrame(FrameAdapter):
    """A ``pandas.DataFrame``, of a subclass as well.

    A ``RangeIndex`` is counted anew; any other index is kept. Categories and index levels that no survivor
    uses go. Data types, the order of columns, their names (also those there twice) and the columns' own index
    stay. ``attrs`` are copied as they are: what they say of the rows cannot be known.
    """

    library: ClassVar[str] = "pandas"

    def __init__(self, data: pd.DataFrame) -> None:
        self._data = data

    @property
    def columns(self) -> list[str]:
        return [str(name) for name in self._data.columns]

    @property
    def rows(self) -> int:
        return len(self._data)

    def position(self, column: str) -> int:
        try:
            return super().position(column)
        except ColumnError:
            if column in self.columns or column not in self._data.index.names:
                raise
            hint = "it names the index: data.reset_index() makes a column of it."
            raise ColumnError(f"there is no column {column!r}", hint=hint) from None

    def _array(self, position: int) -> Any:
        values = self._data.iloc[:, position].array
        return values.to_numpy() if isinstance(values, pd.arrays.NumpyExtensionArray) else values

    def _keys(self, position: int) -> pl.Series:
        return pandas_key_series(self._array(position), self.columns[position])

    def _values(self, position: int) -> pl.Series:
        return pandas_value_series(self._array(position), self.columns[position])

    def _fitted(self, position: int, values: pl.Series) -> Any:
        return fitted_values(values, self._array(position), self.columns[position])

    def _assembled(self, columns: list[Any], rows: int, keep_levels: frozenset[int]) -> Any:
        data = self._data
        if not isinstance(data.index, pd.RangeIndex):
            raise UsageError(
                "the rows of this frame have an index, and other rows do not say theirs",
                hint="make the index a column with reset_index().",
            )
        index = pd.RangeIndex(data.index.start, data.index.start + rows * data.index.step, data.index.step)
        parts = {}
        for at, values in enumerate(columns):
            like, everything = self._array(at), np.arange(rows)
            if isinstance(like.dtype, pd.CategoricalDtype):
                kept = patched_values(like.take(np.zeros(0, dtype=np.intp)), np.zeros(0, np.int64), values[:0])
                values = levelled(values.set_categories(kept.categories, ordered=like.ordered), like, at in keep_levels)
            elif like.dtype != object and not isinstance(like, np.ndarray):
                values = values.take(everything)
            parts[at] = pd.Series(values, index=index)
        made = pd.DataFrame(parts, index=index)
        made.columns = data.columns
        made.index.name = data.index.name
        made = type(data)(made)
        made.attrs = copy.deepcopy(data.attrs)
        return made

    def _constant(self, position: int, value: object) -> Any:
        dtype: Any = self._data.dtypes.iloc[position]
        try:
            if isinstance(dtype, pd.CategoricalDtype):
                dtype = dtype.categories.dtype
            if isinstance(value, str) and getattr(dtype, "kind", "") == "b":
                value = _TRUTH[value.strip().casefold()]
            made = pd.Series([value], dtype=object).astype(dtype)
            if made.isna().any():
                raise ValueError
            if not isinstance(value, str) and isinstance(dtype, np.dtype) and made.iloc[0] != value:
                raise ValueError  # numpy cuts a number to fit
        except Exception:  # casts raise whatever their library raises, and show the value
            raise unfit_constant(self.columns[position]) from None
        return made.iloc[0]

    def _holds_null(self, position: int) -> bool:
        dtype: Any = self._data.dtypes.iloc[position]
        dtype = getattr(dtype, "subtype", dtype) if isinstance(dtype, pd.SparseDtype) else dtype
        return not (isinstance(dtype, np.dtype) and dtype.kind in "iub")

    def _shows(self, position: int, change: Change, rows: RowMask) -> bool:
        column = self._data.iloc[:, position]
        found = column.isna() if change.is_null else (column == change.value).fillna(False)
        return bool((found.to_numpy(dtype=np.bool_) & rows).any())

    def _survivors(
        self,
        mask: RowMask,
        edited: RowMask,
        changes: Changes,
        keep_index: bool,
        keep_levels: frozenset[int],
        patches: Patches = MappingProxyType({}),
    ) -> Any:
        data, positions = self._data, np.flatnonzero(mask)
        hit = edited[positions]
        kept = data.take(positions)
        kept.index = kept_index(data.index, positions, keep_index)
        for position in range(data.shape[1]):
            column = kept_column(
                self._array(position),
                positions,
                hit,
                changes.get(position),
                position in keep_levels,
                patches.get(position),
            )
            if column is not None:
                kept.isetitem(position, column)
        kept = kept.copy()  # evenly spaced rows were taken as a view, and the blocks lie as the gaps had it
        kept.attrs = copy.deepcopy(data.attrs)
        return kept


_TRUTH = {"true": True, "1": True, "false": False, "0": False}
