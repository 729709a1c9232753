"""pyarrow's containers: Table, RecordBatch, RecordBatchReader and Dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sealscrub.errors import ColumnError, UnreadableInput

from ..changes import NewValues, Patches
from ..interface import FrameAdapter
from ..levels import Suspect
from ..row_verdicts import RowMask
from ..single_readings import read_to_end
from ..values import unfit_patch
from .arrow_columns import gather
from .arrow_keys import key_series
from .arrow_lists import has_dictionary, sorted_levels, suspects_unused
from .arrow_values import fitted_array, patched_column, readable_series, value_series
from .enum_fields import listed_levels
from .enum_lists import relisted_schema, unused_in_fields
from .extension_types import is_json
from .pandas_metadata import pandas_categoricals
from .schema_entries import stripped_schema
from .schema_texts import metadata_texts
from .survivor_schema import written_schema

__all__ = ["ArrowBatch", "ArrowDataset", "ArrowReader", "ArrowTable"]


class ArrowTable(FrameAdapter):
    """A ``pyarrow.Table``.

    The schema stays: nullability, index width of dictionaries, extension and nested types. Of metadata, structure is
    made again from what stays, and other entries are removed unless they are kept by name. A dictionary holds what the
    survivors use, by first appearance unless it is ordered. Each column comes in one chunk.
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

    @property
    def lost_metadata(self) -> tuple[str, ...]:
        return stripped_schema(self._data.schema, self.keep_metadata)[1]

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        return metadata_texts(self._data.schema)

    def _column(self, position: int) -> Any:
        column = self._data.column(position)
        return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])

    def _keys(self, position: int) -> pl.Series:
        return key_series(self._column(position), self.columns[position])

    def _values(self, position: int) -> pl.Series:
        return value_series(self._column(position), self.columns[position])

    def _readable(self, position: int, rows: RowMask) -> pl.Series | None:
        values = readable_series(self._column(position), self.columns[position])
        return None if values is None else values.filter(pl.Series(rows))

    def _fitted_column(self, position: int, values: pl.Series, stays: RowMask | None = None) -> Any:
        field = self._data.schema.field(position)
        if values.null_count() and not field.nullable:
            raise unfit_patch(field.name)
        return fitted_array(values, field.type, field.name)

    def limits_texts(self, column: str) -> bool:
        """Say whether a column is of JSON."""
        return is_json(self._data.schema.field(self.position(column)).type)

    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]:
        found = []
        for position, field in enumerate(self._data.schema):
            if has_dictionary(field.type):
                column = self._column(position)
                unused = [suspects_unused(column, suspect, field.name), *unused_in_fields(field, column, suspect)]
                found += [(field.name, each) for each in unused if each is not None]
        return found

    def _assemble_container(self, columns: list[Any], rows: int, keep_levels: frozenset[int]) -> Any:
        table = pa.Table.from_arrays(columns, schema=self._data.schema)
        made = type(self)(table).knowing(self.levels)
        made.keep_metadata = self.keep_metadata
        return made._survivors(np.ones(rows, dtype=np.bool_), {}, False, keep_levels)

    def _holds_null(self, position: int) -> bool:
        return bool(self._data.schema.field(position).nullable)

    def _presence(self, position: int) -> pl.Series:
        present = pl.Series(pc.is_valid(self._column(position)).to_numpy(zero_copy_only=False))
        return present.to_frame("p").select(pl.when(pl.col("p")).then("p")).to_series()

    def _survivors(self, mask: RowMask, patches: Patches, keep_index: bool, keep_levels: frozenset[int]) -> Any:
        schema = self._data.schema
        columns: list[Any] = []
        levels: dict[str, int] = {}
        own: list[Any] = []
        noted = pandas_categoricals(schema.metadata)
        for position, field in enumerate(schema):
            patch, null = patches.get(position), None
            if patch is not None and patch.values is None:
                null = np.zeros(len(mask), dtype=np.bool_)
                null[patch.rows] = True
                schema = schema.set(position, field.with_nullable(True))
            own.append(self._staying_levels(position, keep_levels, declared=listed_levels(field) is not None))
            column = self._column(position)
            if patch is not None and patch.values is not None:
                column = patched_column(column, patch.rows, patch.values, field.name)
            if own[position] is None and listed_levels(field) is not None:
                column = sorted_levels(column)
            column = gather(column, mask, null=null, stays=own[position], name=field.name)
            columns.append(column)
            if pa.types.is_dictionary(field.type):
                levels[field.name] = len(column.chunk(0).dictionary) if column.num_chunks else 0
            elif field.name in noted:
                levels[field.name] = _count_distinct(column)
        schema = written_schema(schema, int(mask.sum()), levels, keep=self.keep_metadata)
        return self._to_container(*relisted_schema(columns, schema, own, self.levels.stays_in))

    def _to_container(self, columns: list[Any], schema: Any) -> Any:
        return pa.Table.from_arrays(columns, schema=schema)


class ArrowBatch(ArrowTable):
    """A ``pyarrow.RecordBatch``; like a table."""

    def _to_container(self, columns: list[Any], schema: Any) -> Any:
        return pa.RecordBatch.from_arrays([column.combine_chunks() for column in columns], schema=schema)


class ArrowReader(ArrowTable):
    """A ``pyarrow.RecordBatchReader``: read to its end, since it can be read once; a reader comes back.

    Its batches hold a fixed number of rows, as those that came would show how many each had lost.
    """

    _BATCH_ROWS = 1 << 16

    def __init__(self, data: Any) -> None:
        super().__init__(data if isinstance(data, pa.Table) else read_to_end(data))

    def _to_container(self, columns: list[Any], schema: Any) -> Any:
        return super()._to_container(columns, schema).to_reader(max_chunksize=self._BATCH_ROWS)


class ArrowDataset(ArrowTable):
    """A ``pyarrow.dataset.Dataset``; a dataset in memory comes back.

    A dataset that filters its files when read would still list them, their row groups and their statistics,
    and would hold everything that was to be removed. Files and folders are scrubbed as such, without loading them.
    """

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self._rows: int | None = None
        for name in self.columns:
            if self.columns.count(name) > 1:
                error = ColumnError.twice(name, self.columns)
                error.hint = "pyarrow reads columns of a dataset by name: pass a table, or scrub the files as such."
                raise error

    @property
    def rows(self) -> int:
        if self._rows is None:
            self._rows = int(self._data.count_rows())
        return self._rows

    def _column(self, position: int) -> Any:
        import pyarrow.dataset as ds

        only = {"c": ds.field(self.columns[position])}
        return self._check_unchanged(self._data.to_table(columns=only)).column(0)

    def _check_unchanged(self, table: Any) -> Any:
        if table.num_rows != self.rows:
            raise UnreadableInput("the files of the dataset changed while they were read", hint="try again.")
        return table

    def _survivors(self, mask: RowMask, patches: Patches, keep_index: bool, keep_levels: frozenset[int]) -> Any:
        import pyarrow.dataset as ds

        loaded = pa.Table.from_batches(self._filtered(mask), schema=self._data.schema)
        if loaded.num_rows != int(mask.sum()):
            raise UnreadableInput("the files of the dataset changed while they were read", hint="try again.")
        everything = np.ones(loaded.num_rows, dtype=np.bool_)
        place = np.cumsum(mask) - 1  # where a row that stays is among those that do
        moved = {at: NewValues(place[new.rows], new.values) for at, new in patches.items()}
        whole = ArrowTable(loaded).knowing(self.levels)
        whole.keep_metadata = self.keep_metadata
        return ds.dataset(whole._survivors(everything, moved, keep_index, keep_levels))

    def _assemble_container(self, columns: list[Any], rows: int, keep_levels: frozenset[int]) -> Any:
        import pyarrow.dataset as ds

        empty = ArrowTable(self._data.schema.empty_table()).knowing(self.levels)
        empty.keep_metadata = self.keep_metadata
        return ds.dataset(empty._assemble_container(columns, rows, keep_levels))

    def _filtered(self, mask: RowMask) -> Iterator[Any]:
        start = 0
        for batch in self._data.to_batches():
            stop = start + batch.num_rows
            if stop > len(mask):
                raise UnreadableInput("the files of the dataset changed while they were read", hint="try again.")
            if batch.num_rows:
                yield batch.filter(pa.array(mask[start:stop]))
            start = stop


def _count_distinct(column: Any) -> int:
    """Count the values of a categorical that is held as plain values."""
    try:
        return int(pc.count_distinct(column).as_py())
    except pa.ArrowException:  # of a type that cannot be compared, and then no one's categories
        return 0
