"""polars' containers: DataFrame and LazyFrame."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import polars as pl
import polars.selectors as cs
import pyarrow as pa

from .arrow_buffers import with_bitmaps
from .arrow_columns import owned
from .arrow_keys import text_of_bytes
from .interface import Change, Changes, FrameAdapter, Judge, NewValues, Patches, RowMask, unfit_constant, unfit_keys
from .values import exactly, handed, handed_type, unfit_patch, unfit_values

__all__ = ["PolarsFrame", "PolarsLazyFrame"]


class PolarsFrame(FrameAdapter):
    """A ``polars.DataFrame``; one chunk a column comes back.

    Texts and nested values are copied into buffers of their own, since polars' filter leaves the removed ones
    in the buffers that it shares. A ``Categorical`` has no list of levels of its own: what it writes are the
    levels in use, by first appearance; its physical codes are numbered by polars for the whole process. The
    list of an ``Enum`` is declared by its type and stays. Sortedness flags go.
    """

    library: ClassVar[str] = "polars"

    def __init__(self, data: pl.DataFrame) -> None:
        self._data = data

    @property
    def columns(self) -> list[str]:
        return self._data.columns

    @property
    def rows(self) -> int:
        return self._data.height

    def _keys(self, position: int) -> pl.Series:
        series = self._data.to_series(position)
        if series.dtype.is_nested() or series.dtype == pl.Object:
            raise unfit_keys(series.name)
        return text_of_bytes(series) if series.dtype == pl.Binary else series

    def _values(self, position: int) -> pl.Series:
        return handed(self._data.to_series(position))

    def _fitted(self, position: int, values: pl.Series) -> pl.Series:
        name, dtype = self.columns[position], self._schema_of()[position]
        if dtype == pl.Object:
            raise unfit_values(name)
        exact = exactly(values, handed_type(dtype), name)
        try:
            made = exact.cast(dtype, strict=True)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
            raise unfit_patch(name) from None
        if made.null_count() != exact.null_count():
            raise unfit_patch(name)
        return made

    def _schema_of(self) -> list[Any]:
        return self._data.dtypes

    def _assembled(self, columns: list[Any], rows: int, keep_levels: frozenset[int]) -> Any:
        named = [column.alias(name) for column, name in zip(columns, self.columns, strict=True)]
        everything = np.ones(rows, dtype=np.bool_)
        frame = PolarsFrame(pl.DataFrame(named) if named else pl.DataFrame(height=rows))
        return frame._survivors(everything, ~everything, {}, False, keep_levels)

    def _constant(self, position: int, value: object) -> pl.Series:
        dtype = self._data.dtypes[position]
        try:
            made = pl.Series([value]).cast(dtype, strict=True)
        except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError):
            raise unfit_constant(self.columns[position]) from None
        if made.null_count():
            raise unfit_constant(self.columns[position])
        return made

    def _holds_null(self, position: int) -> bool:
        return True

    def _shows(self, position: int, change: Change, rows: RowMask) -> bool:
        series = self._data.to_series(position)
        found = series.is_null() if change.is_null else series.eq_missing(change.value)
        return bool((found.to_numpy() & rows).any())

    def _survivors(
        self,
        mask: RowMask,
        edited: RowMask,
        changes: Changes,
        keep_index: bool,
        keep_levels: frozenset[int],
        patches: Patches = MappingProxyType({}),
    ) -> Any:
        columns = [
            # under a name of ours: a column can be called what polars takes for a pattern
            _kept(_patched(series.alias("kept"), patches.get(position)), mask, edited, changes.get(position)).alias(
                series.name
            )
            for position, series in enumerate(self._data.get_columns())
        ]
        return type(self._data)(columns) if columns else self._data.clear()


class PolarsLazyFrame(PolarsFrame):
    """A ``polars.LazyFrame``; a lazy frame comes back.

    :meth:`keep_lazily` puts the filter into the query, where it streams; :meth:`keep` needs a mask of all
    rows and so collects first.
    """

    lazy: ClassVar[bool] = True

    def __init__(self, data: pl.LazyFrame) -> None:
        self._query = data
        self._schema = data.collect_schema()
        self._collected: pl.DataFrame | None = None
        self._rows: int | None = None

    @property
    def columns(self) -> list[str]:
        return self._schema.names()

    @property
    def rows(self) -> int:
        if self._collected is not None:
            return self._collected.height
        if self._rows is None:
            self._rows = int(self._query.select(pl.len()).collect(engine="streaming").item())
        return self._rows

    @property
    def _data(self) -> pl.DataFrame:  # type: ignore[override]  # collected when first asked for
        if self._collected is None:
            self._collected = self._query.collect(engine="streaming")
        return self._collected

    def key_batch(self, columns: Sequence[str]) -> pl.DataFrame:
        names = list(dict.fromkeys(columns))
        for name in names:
            self.position(name)
        frame = self._query.select(cs.by_name(*names)).collect(engine="streaming")
        self._rows = frame.height
        return PolarsFrame(frame).key_batch(names)

    def _survivors(
        self,
        mask: RowMask,
        edited: RowMask,
        changes: Changes,
        keep_index: bool,
        keep_levels: frozenset[int],
        patches: Patches = MappingProxyType({}),
    ) -> Any:
        return super()._survivors(mask, edited, changes, keep_index, keep_levels, patches).lazy()

    def _schema_of(self) -> list[Any]:
        return self._schema.dtypes()

    def _assembled(self, columns: list[Any], rows: int, keep_levels: frozenset[int]) -> Any:
        return super()._assembled(columns, rows, keep_levels).lazy()

    def values(self, columns: Sequence[str]) -> pl.DataFrame:
        names = list(dict.fromkeys(columns))
        for name in names:
            self.position(name)
        frame = self._query.select(cs.by_name(*names)).collect(engine="streaming")
        return PolarsFrame(frame).values(names) if names else super().values(names)

    def keep_lazily(self, columns: Sequence[str], judge: Judge) -> pl.LazyFrame:
        """Put the filter into the query.

        Parameters
        ----------
        columns : sequence of str
            Key columns; they may be projected away later.
        judge : callable
            Called inside ``collect`` or ``sink_*`` with each batch of them, from several threads. What it
            raises ends the query, so that a key that could not be checked lets nothing out; rows before it
            may have been written by a sink.

        Returns
        -------
        polars.LazyFrame
            Which judges each time it is collected.

        Raises
        ------
        ColumnError
            When a column is absent.
        """
        names = list(dict.fromkeys(columns))
        for name in names:
            self.position(name)

        def survives(keys: pl.Series) -> pl.Series:
            batch = PolarsFrame(keys.struct.unnest()).key_batch(names)
            return pl.Series(keys.name, judge(batch).keep, dtype=pl.Boolean)

        verdict = pl.struct(cs.by_name(*names)).map_batches(survives, return_dtype=pl.Boolean, is_elementwise=True)
        copies = [
            pl.col(name).map_batches(_owned, return_dtype=dtype, is_elementwise=True)
            for name, dtype in self._schema.items()
            if _shares(dtype)
        ]
        return self._query.filter(verdict).with_columns(copies)


def _kept(series: pl.Series, mask: RowMask, edited: RowMask, change: Change | None) -> pl.Series:
    """Copy the survivors; a position that is null gives a null with nothing under it."""
    positions = np.flatnonzero(mask)
    hit = edited[positions]
    if change is not None and not change.is_null and hit.any():
        positions[hit] = series.len()
        series = series.rechunk().append(change.value)
    missing = series.is_null().to_numpy()[positions]
    if change is not None and change.is_null:
        missing = missing | hit
    indices = pl.Series(positions).cast(pl.UInt64)
    if missing.any():
        indices = indices.to_frame("p").select(pl.when(pl.Series(~missing)).then("p")).to_series()
    taken = series.gather(indices).rechunk()
    return _owned(taken) if _shares(series.dtype) or _has_bitmap(taken) else taken


def _patched(series: pl.Series, new: NewValues | None) -> pl.Series:
    """Put values in the place of others."""
    if new is None:
        return series
    positions = np.arange(series.len())
    positions[new.rows] = series.len() + np.arange(len(new.rows))
    return series.rechunk().append(new.values).gather(positions)


def _owned(series: pl.Series) -> pl.Series:
    """Copy a column through Arrow's plain layout, which holds what is shown only."""
    dtype, array = series.dtype, _plain(series)
    flat = not pa.types.is_nested(array.type) and not pa.types.is_dictionary(array.type)
    array = with_bitmaps(array, series.is_null().to_numpy()) if flat and not array.offset else owned(array)
    made = pl.Series(series.name, array)
    return made if made.dtype == dtype else made.cast(dtype)


def _plain(series: pl.Series) -> Any:
    array = series.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    return array if isinstance(array, pa.Array) else array.combine_chunks()


def _shares(dtype: pl.DataType) -> bool:
    """Say whether filtered values of this type still point into the buffers of the unfiltered."""
    return dtype in (pl.String, pl.Binary) or (dtype.is_nested() and not _beyond_arrow(dtype))


def _has_bitmap(series: pl.Series) -> bool:
    """Say whether a column holds bitmaps, whose last bits polars leaves as they come."""
    return not _beyond_arrow(series.dtype) and (series.dtype == pl.Boolean or series.null_count() > 0)


def _beyond_arrow(dtype: Any) -> bool:
    if isinstance(dtype, pl.Struct):
        return any(_beyond_arrow(field.dtype) for field in dtype.fields)
    inner = getattr(dtype, "inner", None)
    return _beyond_arrow(inner) if inner is not None else dtype in (pl.Int128, pl.UInt128, pl.Object)
