"""pyarrow's containers: Table, RecordBatch, RecordBatchReader and Dataset."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sealscrub.errors import UnreadableInput

from .arrow_columns import gather, one_element
from .arrow_keys import key_series
from .arrow_values import fitted_array, patched_column, value_series
from .interface import Change, Changes, FrameAdapter, NewValues, Patches, RowMask, unfit_constant
from .pandas_metadata import rewrite_schema
from .values import unfit_patch

__all__ = ["ArrowBatch", "ArrowDataset", "ArrowReader", "ArrowTable"]


class ArrowTable(FrameAdapter):
    """A ``pyarrow.Table``.

    The schema stays: field metadata, nullability, index width of dictionaries, extension and nested types. A
    dictionary holds what the survivors use, by first appearance unless it is ordered. Each column comes in
    one chunk. Row and level counts in pandas metadata are put right.
    """

    library: ClassVar[str] = "pyarrow"

    def __init__(self, data: Any) -> None:
        self._data = data

    @property
    def columns(self) -> list[str]:
        return list(self._data.schema.names)

    @property
    def rows(self) -> int:
        return int(self._data.num_rows)

    def _column(self, position: int) -> Any:
        column = self._data.column(position)
        return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])

    def _keys(self, position: int) -> pl.Series:
        return key_series(self._column(position), self.columns[position])

    def _values(self, position: int) -> pl.Series:
        return value_series(self._column(position), self.columns[position])

    def _fitted(self, position: int, values: pl.Series) -> Any:
        field = self._data.schema.field(position)
        if values.null_count() and not field.nullable:
            raise unfit_patch(field.name)
        return fitted_array(values, field.type, field.name)

    def _assembled(self, columns: list[Any], rows: int, keep_levels: frozenset[int]) -> Any:
        table = pa.Table.from_arrays(columns, schema=self._data.schema)
        everything = np.ones(rows, dtype=np.bool_)
        return type(self)(table)._survivors(everything, ~everything, {}, False, keep_levels)

    def _constant(self, position: int, value: object) -> Any:
        kind = self._data.schema.field(position).type
        try:
            return one_element(value, kind)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            raise unfit_constant(self.columns[position]) from None

    def _holds_null(self, position: int) -> bool:
        return bool(self._data.schema.field(position).nullable)

    def _shows(self, position: int, change: Change, rows: RowMask) -> bool:
        column = self._column(position)
        found = pc.is_null(column).to_numpy(zero_copy_only=False) if change.is_null else _equals(column, change.value)
        return bool((found & rows).any())

    def _survivors(
        self,
        mask: RowMask,
        edited: RowMask,
        changes: Changes,
        keep_index: bool,
        keep_levels: frozenset[int],
        patches: Patches = MappingProxyType({}),
    ) -> Any:
        schema = self._data.schema
        columns, levels = [], {}
        for position, field in enumerate(schema):
            change = changes.get(position)
            if change is not None and change.is_null and not field.nullable:
                schema = schema.set(position, field.with_nullable(True))
            column = self._column(position)
            if position in patches:
                column = patched_column(column, patches[position].rows, patches[position].values, field.name)
            column = gather(
                column,
                mask,
                edited=edited,
                change=change,
                keep_levels=position in keep_levels,
                name=field.name,
            )
            columns.append(column)
            if pa.types.is_dictionary(field.type):
                levels[field.name] = len(column.chunk(0).dictionary) if column.num_chunks else 0
        metadata = rewrite_schema(schema.metadata, int(mask.sum()), levels)
        schema = schema.remove_metadata() if metadata is None else schema.with_metadata(metadata)
        return self._packed(columns, schema)

    def _packed(self, columns: list[Any], schema: Any) -> Any:
        return pa.Table.from_arrays(columns, schema=schema)


class ArrowBatch(ArrowTable):
    """A ``pyarrow.RecordBatch``; like a table."""

    def _packed(self, columns: list[Any], schema: Any) -> Any:
        return pa.RecordBatch.from_arrays([column.combine_chunks() for column in columns], schema=schema)


class ArrowReader(ArrowTable):
    """A ``pyarrow.RecordBatchReader``: read to its end, since it can be read once; a reader comes back.

    Its batches hold a fixed number of rows, as those that came told how many each had lost.
    """

    _BATCH_ROWS = 1 << 16

    def __init__(self, data: Any) -> None:
        super().__init__(data if isinstance(data, pa.Table) else data.read_all())

    def _packed(self, columns: list[Any], schema: Any) -> Any:
        return super()._packed(columns, schema).to_reader(max_chunksize=self._BATCH_ROWS)


class ArrowDataset(ArrowTable):
    """A ``pyarrow.dataset.Dataset``; a dataset in memory comes back.

    A dataset that filters its files when read would still list them, their row groups and their statistics,
    and would hold everything that was to go. Files and folders are scrubbed as such, without loading them.
    """

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self._rows: int | None = None

    @property
    def rows(self) -> int:
        if self._rows is None:
            self._rows = int(self._data.count_rows())
        return self._rows

    def _column(self, position: int) -> Any:
        import pyarrow.dataset as ds

        only = {"c": ds.field(self.columns[position])}
        return self._unchanged(self._data.to_table(columns=only)).column(0)

    def _unchanged(self, table: Any) -> Any:
        if table.num_rows != self.rows:
            raise UnreadableInput("the files of the dataset changed while they were read", hint="try again.")
        return table

    def _survivors(
        self,
        mask: RowMask,
        edited: RowMask,
        changes: Changes,
        keep_index: bool,
        keep_levels: frozenset[int],
        patches: Patches = MappingProxyType({}),
    ) -> Any:
        import pyarrow.dataset as ds

        loaded = pa.Table.from_batches(self._filtered(mask), schema=self._data.schema)
        if loaded.num_rows != int(mask.sum()):
            raise UnreadableInput("the files of the dataset changed while they were read", hint="try again.")
        everything = np.ones(loaded.num_rows, dtype=np.bool_)
        place = np.cumsum(mask) - 1  # where a row that stays is among those that do
        moved = {at: NewValues(place[new.rows], new.values) for at, new in patches.items()}
        table = ArrowTable(loaded)._survivors(everything, edited[mask], changes, keep_index, keep_levels, moved)
        return ds.dataset(table)

    def _assembled(self, columns: list[Any], rows: int, keep_levels: frozenset[int]) -> Any:
        import pyarrow.dataset as ds

        empty = ArrowTable(self._data.schema.empty_table())
        return ds.dataset(empty._assembled(columns, rows, keep_levels))

    def _filtered(self, mask: RowMask) -> Iterator[Any]:
        start = 0
        for batch in self._data.to_batches():
            stop = start + batch.num_rows
            if stop > len(mask):
                raise UnreadableInput("the files of the dataset changed while they were read", hint="try again.")
            if batch.num_rows:
                yield batch.filter(pa.array(mask[start:stop]))
            start = stop


def _equals(column: Any, one: Any) -> RowMask:
    """Say which rows hold the value; none where values of this type cannot be compared."""
    kind = column.type
    try:
        if pa.types.is_dictionary(kind):
            column, one = column.cast(kind.value_type), one.cast(kind.value_type)
        found = pc.fill_null(pc.equal(column, one[0]), False)
    except pa.ArrowException:
        return np.zeros(len(column), dtype=np.bool_)
    return np.asarray(found.to_numpy(), dtype=np.bool_)
