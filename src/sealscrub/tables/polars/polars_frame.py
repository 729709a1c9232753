"""polars' containers: DataFrame and LazyFrame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import polars as pl
import polars.selectors as cs
import pyarrow as pa

from sealscrub.errors import UnreadableInput

from ..arrow.arrow_buffers import with_bitmaps
from ..arrow.arrow_columns import owned
from ..arrow.arrow_keys import text_of_bytes
from ..changes import NewValues, Patches
from ..fit_errors import unfit_keys
from ..interface import FrameAdapter
from ..levels import Suspect
from ..object_texts import object_texts
from ..row_verdicts import RowMask
from ..values import exactly, handed, handed_type, unfit_patch, unfit_values
from .polars_lists import as_lists, listed_types, relisted

__all__ = ["PolarsFrame", "PolarsLazyFrame"]


class PolarsFrame(FrameAdapter):
    """A ``polars.DataFrame``; one chunk a column comes back.

    Texts and nested values are copied into buffers of their own, since polars' filter leaves the removed ones
    in the buffers that it shares. A ``Categorical`` has no list of levels of its own: what it writes are the
    levels in use, by first appearance; its physical codes are numbered by polars for the whole process. The
    list of an ``Enum`` is declared by its type and stays, less the levels that are barred; of a key column those in
    use stay. Sortedness flags are removed.
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

    def _readable(self, position: int, rows: RowMask) -> pl.Series | None:
        series = self._data.to_series(position)
        if series.dtype == pl.Object:
            return object_texts(series.filter(pl.Series(rows)).to_list())
        return super()._readable(position, rows)

    def _values(self, position: int) -> pl.Series:
        return handed(self._data.to_series(position))

    def _fitted_column(self, position: int, values: pl.Series, stays: RowMask | None = None) -> pl.Series:
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

    def limits_texts(self, column: str) -> bool:
        """Say whether a column is an Enum."""
        return bool(self._schema_of()[self.position(column)] == pl.Enum)

    def _schema_of(self) -> list[Any]:
        return self._data.dtypes

    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]:
        found = []
        for series in self._data.get_columns():
            for levels, used in listed_types(series):
                wanted = levels.filter(pl.Series(suspect(series.name, levels), dtype=pl.Boolean))
                unused = wanted.filter(~wanted.is_in(used.implode()))
                found += [(series.name, unused)] if len(unused) else []
        return found

    def _assemble_container(self, columns: list[Any], rows: int, keep_levels: frozenset[int]) -> Any:
        named = dict(zip(self.columns, columns, strict=True))
        frame = PolarsFrame(pl.DataFrame(named) if named else pl.DataFrame(height=rows)).knowing(self.levels)
        return frame._survivors(np.ones(rows, dtype=np.bool_), {}, False, keep_levels)

    def _holds_null(self, position: int) -> bool:
        return True

    def _presence(self, position: int) -> pl.Series:
        present = self._data.to_series(position).is_not_null()
        return present.to_frame("p").select(pl.when(pl.col("p")).then("p")).to_series()

    def _survivors(self, mask: RowMask, patches: Patches, keep_index: bool, keep_levels: frozenset[int]) -> Any:
        columns = {}
        for position, series in enumerate(self._data.get_columns()):
            # under a name of ours: a column can be called what polars takes for a pattern
            taken = _take_survivors(series.alias("kept"), mask, patches.get(position))
            within = self.levels.stays_in(series.name)
            kept = relisted(taken, self._staying_levels(position, keep_levels, declared=True), within)
            columns[series.name] = _copy_out(kept)
        return type(self._data)(columns) if columns else self._data.clear()


class PolarsLazyFrame(PolarsFrame):
    """A ``polars.LazyFrame``; a lazy frame comes back. :meth:`keep` needs a mask of all rows, and so collects first."""

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
            self._collected = self._check_unchanged(self._query.collect(engine="streaming"))
        return self._collected

    def key_batch(self, columns: Sequence[str]) -> pl.DataFrame:
        names = list(dict.fromkeys(columns))
        for name in names:
            self.position(name)
        if not names:
            return super().key_batch(names)
        return PolarsFrame(self._read(names)).key_batch(names)

    def _survivors(self, mask: RowMask, patches: Patches, keep_index: bool, keep_levels: frozenset[int]) -> Any:
        return super()._survivors(mask, patches, keep_index, keep_levels).lazy()

    def _schema_of(self) -> list[Any]:
        return self._schema.dtypes()

    def _assemble_container(self, columns: list[Any], rows: int, keep_levels: frozenset[int]) -> Any:
        return super()._assemble_container(columns, rows, keep_levels).lazy()

    def values(self, columns: Sequence[str]) -> pl.DataFrame:
        names = list(dict.fromkeys(columns))
        for name in names:
            self.position(name)
        return PolarsFrame(self._read(names)).values(names) if names else super().values(names)

    def _read(self, names: Sequence[str]) -> pl.DataFrame:
        """Run the query for some columns; a source that is spent would give no rows, in which nothing is found."""
        frame = self._query.select(cs.by_name(*names)).collect(engine="streaming")
        return self._check_unchanged(frame)

    def _check_unchanged(self, frame: pl.DataFrame) -> pl.DataFrame:
        if self._rows is not None and frame.height != self._rows:
            raise UnreadableInput("the lazy frame gave other rows when it was read again", hint="call collect() first.")
        self._rows = frame.height
        return frame


def _take_survivors(series: pl.Series, mask: RowMask, new: NewValues | None) -> pl.Series:
    """Take the survivors; a position that is null gives a null with nothing under it."""
    positions, null = np.flatnonzero(mask), None
    if new is not None and new.values is None:
        null = np.zeros(len(mask), dtype=np.bool_)
        null[new.rows] = True
        null = null[positions]
    elif new is not None:
        place = np.arange(len(mask))
        place[new.rows] = series.len() + np.arange(len(new.rows))
        series, positions = series.rechunk().append(new.values), place[positions]
    missing = series.is_null().to_numpy()[positions]
    if null is not None:
        missing = missing | null
    indices = pl.Series(positions).cast(pl.UInt64)
    if missing.any():
        indices = indices.to_frame("p").select(pl.when(pl.Series(~missing)).then("p")).to_series()
    return series.gather(indices).rechunk()


def _copy_out(taken: pl.Series) -> pl.Series:
    """Copy what still points into buffers of the whole."""
    return _owned(taken) if _shares_buffers(taken.dtype) or _has_bitmap(taken) else taken


def _owned(series: pl.Series) -> pl.Series:
    """Copy a column through Arrow's plain layout, which holds what is shown only."""
    if _widthless(series.dtype):  # polars reads none from Arrow
        return _owned(series.cast(as_lists(series.dtype))).cast(series.dtype)
    dtype, array = series.dtype, _to_arrow_array(series)
    flat = not pa.types.is_nested(array.type) and not pa.types.is_dictionary(array.type)
    array = with_bitmaps(array, series.is_null().to_numpy()) if flat and not array.offset else owned(array)
    made = pl.Series(series.name, array)
    return made if made.dtype == dtype else made.cast(dtype)


def _widthless(dtype: Any) -> bool:
    """Say whether a type holds arrays of no elements, at any depth."""
    if isinstance(dtype, pl.Struct):
        return any(_widthless(field.dtype) for field in dtype.fields)
    if isinstance(dtype, pl.Array) and dtype.size == 0:
        return True
    return isinstance(dtype, pl.List | pl.Array) and _widthless(dtype.inner)


def _to_arrow_array(series: pl.Series) -> Any:
    array = series.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    return array if isinstance(array, pa.Array) else array.combine_chunks()


def _shares_buffers(dtype: pl.DataType) -> bool:
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
