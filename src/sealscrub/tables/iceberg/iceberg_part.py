"""One data file of an Iceberg table, less the rows that files of deletes name, under the table's current schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sealscrub.errors import SealscrubError, UnreadableInput, UsageError

from ..arrow.arrow_values import value_series
from ..changes import TableChange
from ..file import Opening
from ..file_state import FileState
from ..frame_table import FrameTable
from ..levels import Suspect
from ..parquet.parquet_bounds import in_no_row
from ..parquet.parquet_times import refuse_lost_times
from ..value_free_errors import raise_own
from .iceberg_catalog import local_path
from .iceberg_file import IcebergFile, holds_others
from .iceberg_projection import read_batches
from .iceberg_snapshot import IcebergSnapshot

__all__ = ["IcebergPart"]


class IcebergPart:
    """One data file of an Iceberg table.

    Parameters
    ----------
    snapshot : IcebergSnapshot
        The version that it is of.
    task : pyiceberg.table.FileScanTask
        The file, and the files of deletes that reach it.

    Raises
    ------
    UnreadableInput
        When the file does not exist, or is another than the manifests say.
    """

    def __init__(self, snapshot: IcebergSnapshot, task: Any) -> None:
        self.snapshot, self.task = snapshot, task
        self.path = local_path(task.file.file_path, self.where)
        deletes = [local_path(file.file_path, self.where) for file in task.delete_files]
        try:
            self._states = [FileState.of(path) for path in (self.path, *deletes)]
            size, held = self.path.stat().st_size, pq.read_metadata(self.path).num_rows
        except FileNotFoundError:
            raise UnreadableInput(
                "a file that the manifests name does not exist",
                where=self.where,
                hint="see that the warehouse was copied whole, to the same place.",
            ) from None
        except (OSError, pa.ArrowException):
            raise UnreadableInput("a file cannot be read", where=self.where) from None
        if (size, held) != (task.file.file_size_in_bytes, task.file.record_count):
            raise UnreadableInput(
                "a file is another than the manifests say, by its size or its number of rows",
                where=self.where,
                hint="see that the warehouse was copied whole, and that no one replaced files.",
            )
        self.rows = held - len(self._deleted(held))

    @property
    def where(self) -> str:
        """What the table is called in errors: the path of a file may hold values of partition columns."""
        return str(self.snapshot.address)

    def _deleted(self, held: int) -> npt.NDArray[np.int64]:
        """Give the positions of rows that files of deletes name."""
        positions = self.snapshot.deleted.get(self.task.file.file_path, np.zeros(0, dtype=np.int64))
        if len(positions) and not 0 <= positions[0] <= positions[-1] < held:
            raise UnreadableInput("a file of deletes is of another file", where=self.where)
        return positions

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some columns of the rows that are left."""
        for batch in self.arrow_batches(columns or list(self.snapshot.dtypes)[:1]):
            series = [self._series(batch, name) for name in columns]
            yield pl.DataFrame(series or None, height=batch.num_rows)

    def _series(self, batch: pa.RecordBatch, name: str) -> pl.Series:
        held = pa.chunked_array([batch.column(batch.schema.get_field_index(name))])
        return value_series(held, name).cast(self.snapshot.dtypes[name], strict=True).alias(name)

    def arrow_batches(self, columns: Sequence[str], *, exact: bool = False) -> Iterator[pa.RecordBatch]:
        """Give some columns of the rows that are left, as pyiceberg reads them, but for nulls that it loses."""
        rows = 0
        for state in self._states:
            state.check(self.where)
        try:
            if exact:
                refuse_lost_times(self.path)
            for batch in read_batches(self.task, self.snapshot, list(columns), exact=exact):
                rows += batch.num_rows
                yield batch
        except SealscrubError as error:
            error.where = self.where
            raise
        except Exception as error:  # of pyiceberg or what it calls; it may show values
            raise_own(error)
            raise UnreadableInput(
                "pyiceberg cannot read a file under the table's schema",
                where=self.where,
                hint="see that the warehouse was copied whole, and rewrite the table with its own engine.",
            ) from None
        if rows != self.rows:
            raise UnreadableInput(
                "pyiceberg did not read the rows of a file that its files of deletes leave", where=self.where
            )

    def changed_rows(self, change: TableChange) -> pa.Table:
        """Give the rows that stay, with what changes in them, in the types of the schema.

        Raises
        ------
        UsageError
            When a column would hold nulls that must not.
        """
        kinds = self.snapshot.kinds
        if not change.keep.any():
            return pa.Table.from_batches([], schema=kinds)
        made = FrameTable(self.where, self.table()).changed(change)
        for field in kinds:
            if not field.nullable and made.column(field.name).null_count:
                raise UsageError(f"{field.name!r} holds no null", where=self.where, hint="set a value.")
        return made.cast(kinds)

    def holds_more(self, suspect: Suspect) -> bool:
        """Say whether the file holds more than its rows.

        That is rows that files of deletes name, columns that the schema has dropped, entries of metadata, bytes that
        no reader meets, and levels and bounds, those of the manifest among them, that no row uses and that are of
        interest.
        """
        schema = self.snapshot.metadata.schema()
        ids = {field.name: field.field_id for field in schema.fields}
        held = IcebergFile(self.path, ids, self.snapshot.dtypes, Opening(), self.where)
        with held.hide_path():
            more = holds_others(pq.read_schema(self.path), schema.field_ids, schema.column_names)
            unnamed = set(held.file.columns) - set(held.names.values())
            hidden = bool(self.task.delete_files) or len(self._deleted(held.rows)) or any(held.file.metadata.values())
            inside = hidden or more or unnamed or held.file.unread_parts() or held.file.unused_levels(suspect)
            return bool(inside or any(self._manifest_bounds(suspect, held.names)))

    def _manifest_bounds(self, suspect: Suspect, named: Mapping[str, str]) -> Iterator[bool]:
        """Say of each column whether the manifest gives bounds that no row has and that are of interest."""
        from pyiceberg.conversions import from_bytes

        schema = self.snapshot.metadata.schema()
        for bounds in (self.task.file.lower_bounds, self.task.file.upper_bounds):
            for number, held in (bounds or {}).items():
                column = schema.find_column_name(number)
                if column is None:
                    continue
                first = column.partition(".")[0]
                listed = pl.Series([str(from_bytes(schema.find_type(number), held))])
                listed = listed.filter(pl.Series(suspect(first, listed), dtype=pl.Boolean))
                if len(listed) and first in named:
                    listed = in_no_row(self.path, named[first], listed)
                yield bool(len(listed))

    def table(self) -> pa.Table:
        """Give all columns of the rows that are left, in the types of the schema."""
        kinds = self.snapshot.kinds
        tables = [pa.Table.from_batches([batch]).cast(kinds) for batch in self.arrow_batches(kinds.names, exact=True)]
        return pa.concat_tables([pa.Table.from_batches([], schema=kinds), *tables])
