"""pandas' container: DataFrame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from sealscrub.errors import ColumnError, UsageError

from ..arrow.arrow_keys import is_uuid
from ..arrow.arrow_values import readable_rows
from ..changes import Patches
from ..interface import FrameAdapter
from ..levels import Suspect
from ..object_texts import keys_within, object_texts
from ..row_verdicts import RowMask
from .pandas_attributes import attribute_texts, beside_columns, with_attributes
from .pandas_columns import kept_column, kept_index, kept_names, levelled
from .pandas_keys import pandas_key_series
from .pandas_lists import named_axis, suspect_names, unused_in_column, unused_in_index
from .pandas_values import fitted_values, pandas_value_series, patched_values

__all__ = ["PandasFrame"]


class PandasFrame(FrameAdapter):
    """A ``pandas.DataFrame``, of a subclass as well.

    A ``RangeIndex`` is counted again; any other index is kept. Categories and index levels that no survivor
    uses are removed, and so is the name of an index that is sealed. Data types, the order of columns, their names (also
    those there twice) and the columns' own index stay. What else a frame carries is removed unless it is kept by name:
    ``attrs``, and the attributes of a subclass.
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

    @property
    def lost_metadata(self) -> tuple[str, ...]:
        return tuple(name for name in beside_columns(self._data) if name not in self.keep_metadata)

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        return attribute_texts(self._data)

    @property
    def axis_names(self) -> list[str]:
        names = [name for axis in self._data.axes for name in named_axis(axis, self.levels).names]
        return [str(name) for name in names if name is not None]

    @property
    def row_numbers(self) -> tuple[str, ...]:
        index = self._data.index
        counted_again = isinstance(index, pd.RangeIndex)
        numbers = pd.api.types.is_integer_dtype(index.dtype) and index.name is None
        return ("(index)",) if numbers and not counted_again else ()

    def position(self, column: str) -> int:
        try:
            return super().position(column)
        except ColumnError:
            if column in self.columns or column not in self._data.index.names:
                raise
            hint = "it names the index: data.reset_index() makes a column of it."
            raise ColumnError(f"there is no column {column!r}", hint=hint) from None

    def _array(self, position: int) -> Any:
        return _as_numpy_array(self._data.iloc[:, position].array)

    def _keys(self, position: int) -> pl.Series:
        return pandas_key_series(self._array(position), self.columns[position])

    def _values(self, position: int) -> pl.Series:
        return pandas_value_series(self._array(position), self.columns[position])

    def _fitted_column(self, position: int, values: pl.Series, stays: RowMask | None = None) -> Any:
        like = self._array(position)
        if stays is not None and like.dtype == object:  # nothing but its values says what it holds
            like = like[stays]
        return fitted_values(values, like, self.columns[position])

    def places(self, stays: Callable[[str], RowMask]) -> Iterator[tuple[str, pl.Series | None]]:
        columns = [(name, self._array(at)) for at, name in enumerate(self.columns)]
        index = self._data.index
        if not _counts_rows(index):
            levels = map(index.get_level_values, range(index.nlevels))
            columns += [("(index)", _as_numpy_array(level.array)) for level in levels]
        for name, values in columns:
            if not _is_time(values.dtype):
                yield name, _read(values, name, stays(name))

    def _readable(self, position: int, rows: RowMask) -> pl.Series | None:
        return _read(self._array(position), self.columns[position], rows)

    def limits_texts(self, column: str) -> bool:
        """Say whether the levels of a column have an order, so that it is not known where another text would be."""
        dtype = self._data.dtypes.iloc[self.position(column)]
        return isinstance(dtype, pd.CategoricalDtype) and bool(dtype.ordered)

    def mixes_types(self, column: str, rows: RowMask | None) -> bool:
        """Say whether objects of a column are texts and other values, or texts of a class of their own."""
        values = self._data.iloc[:, self.position(column)]
        if values.dtype != object:
            return False
        left = values if rows is None else values[rows]
        return any(type(value) is not str for value in left[~pd.isna(left)])

    def dict_keys(self, column: str) -> pl.Series | None:
        values = self._array(self.position(column))
        if values.dtype != object:
            return None
        keys = [list(keys_within(value)) for value in values]
        return pl.Series(keys, dtype=pl.List(pl.String)) if any(keys) else None

    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]:
        found = [(name, unused_in_column(self._array(at), suspect, name)) for at, name in enumerate(self.columns)]
        found += [("(columns)", each) for each in unused_in_index(self._data.columns, suspect, "(columns)")]
        found += [("(index)", each) for each in unused_in_index(self._data.index, suspect, "(index)")]
        found.append(("(names)", suspect_names(self._data, suspect, "(names)")))
        return [(name, unused) for name, unused in found if unused is not None]

    def _assemble_container(self, columns: list[Any], rows: int, keep_levels: frozenset[int]) -> Any:
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
                values = values.set_categories(kept.categories, ordered=like.ordered)
                values = levelled(values, self._staying_levels(at, keep_levels))
            elif like.dtype != object and not isinstance(like, np.ndarray):
                values = values.take(everything)
            parts[at] = _series(values, index, data.dtypes.iloc[at])
        made = pd.DataFrame(parts, index=index)
        made.columns = named_axis(kept_names(data.columns), self.levels)
        made.index = named_axis(index.rename(data.index.name), self.levels)
        return with_attributes(type(data)(made), data, self.keep_metadata)

    def _holds_null(self, position: int) -> bool:
        dtype: Any = self._data.dtypes.iloc[position]
        dtype = getattr(dtype, "subtype", dtype) if isinstance(dtype, pd.SparseDtype) else dtype
        return not (isinstance(dtype, np.dtype) and dtype.kind in "iub")

    def _presence(self, position: int) -> pl.Series:
        present = self._data.iloc[:, position].notna().to_numpy(dtype=np.bool_)
        return pl.Series(present).to_frame("p").select(pl.when(pl.col("p")).then("p")).to_series()

    def _survivors(self, mask: RowMask, patches: Patches, keep_index: bool, keep_levels: frozenset[int]) -> Any:
        data, positions = self._data, np.flatnonzero(mask)
        kept = data.take(positions)
        kept.index = named_axis(kept_index(data.index, positions, keep_index), self.levels)
        kept.columns = named_axis(kept_names(data.columns), self.levels)
        for position in range(data.shape[1]):
            stays = self._staying_levels(position, keep_levels)
            column = kept_column(self._array(position), positions, stays, patches.get(position))
            if column is not None:
                kept.isetitem(position, _series(column, kept.index, self._data.dtypes.iloc[position]))
        kept = kept.copy()  # evenly spaced rows were taken as a view, and the blocks are laid out as the gaps had it
        return with_attributes(kept, data, self.keep_metadata)


def _is_time(dtype: Any) -> bool:
    """Whether values are times, which hold no ids; to read them would load time zones."""
    return getattr(dtype, "kind", "O") in "mM"


def _counts_rows(index: Any) -> bool:
    """Whether an index is nothing but the numbers of the rows; evenly spaced ids make a RangeIndex too."""
    return isinstance(index, pd.RangeIndex) and index.name is None and index.start == 0 and index.step == 1


def _series(values: Any, index: Any, dtype: Any) -> Any:
    """Make a column; of objects one of the type that it had, if pandas would look for another."""
    kept = dtype if values.dtype == object and isinstance(dtype, pd.StringDtype) else values.dtype
    return pd.Series(values, index=index, dtype=kept)


def _as_numpy_array(values: Any) -> Any:
    return values.to_numpy() if isinstance(values, pd.arrays.NumpyExtensionArray) else values


def _read(values: Any, name: str, stays: RowMask) -> pl.Series | None:
    """Read some rows as values, as keys or as the texts of their objects; None if none of these can be done."""
    if values.dtype == object:  # which other rows there are says how they are read
        values, stays = values[stays], stays[stays]
    if isinstance(values.dtype, pd.ArrowDtype) and is_uuid(values.dtype.pyarrow_dtype):
        return readable_rows(pa.chunked_array([pa.array(values)]), stays, name)
    for read in (pandas_value_series, pandas_key_series):
        try:
            return read(values, name).filter(pl.Series(stays))
        except UsageError:
            continue
    objects = np.asarray(values[stays].astype(object), dtype=object)
    gone = pd.isna(values[stays])
    return object_texts(None if missing else value for value, missing in zip(objects, gone, strict=True))
