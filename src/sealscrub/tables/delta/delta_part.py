"""One file of a Delta table, under the names and types of the table's schema."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from sealscrub.errors import SealscrubError, UnreadableInput, UsageError
from sealscrub.file_system import reason_of

from ..changes import Patch, TableChange
from ..file import Opening, SourceFile
from ..frame_table import FrameTable
from ..json_texts import json_texts
from ..lake_types import fitted
from ..levels import Suspect
from ..named_file import NamedFile
from ..parquet.parquet_bounds import in_no_row
from ..parquet.parquet_errors import REFUSALS
from ..parquet.parquet_times import int96_columns, put_microseconds
from ..row_verdicts import RemainingRows
from ..sources import open_file
from ..table import Wanted
from .delta_log import DataFile, logged_bounds
from .delta_partitions import partition_value
from .delta_schema import as_declared
from .delta_snapshot import DeltaSnapshot

__all__ = ["DeltaPart", "refuse_edited", "without_place"]


class DeltaPart(NamedFile):
    """One file of a Delta table, under the names and types of the table's schema."""

    def __init__(self, snapshot: DeltaSnapshot, logged: DataFile, opening: Opening) -> None:
        source = SourceFile(snapshot.folder / logged.path, Path(logged.path), "parquet")
        self.snapshot, self.logged = snapshot, logged
        where = str(snapshot.folder)
        if not _is_there(source.path):
            raise self._missing()
        with self.hide_path():
            self.file = open_file(source, opening)
            another = logged.size and source.path.stat().st_size != logged.size
        if another or (logged.rows is not None and self.file.rows != logged.rows):
            raise UnreadableInput(
                "a file differs from the log in its size or its number of rows",
                where=where,
                hint="see that the folder was copied whole, and that no one replaced files.",
            )
        held = {name.lower(): name for name in self.file.columns}
        if len(held) < len(self.file.columns):
            raise UnreadableInput("a file has two columns of one name", where=where)
        schema = snapshot.schema
        self.names = {
            name: held[physical.lower()]
            for name, physical in schema.physical.items()
            if physical.lower() in held and name not in schema.partitions
        }
        self.live = np.ones(self.file.rows or 0, dtype=np.bool_)
        vector = snapshot.live.get(logged.path)
        if vector is not None:
            if len(vector) > len(self.live):
                raise UnreadableInput("a deletion vector is of another file", where=where)
            self.live[: len(vector)] = vector
        self.rows = int(np.count_nonzero(self.live))

    @contextlib.contextmanager
    def hide_path(self) -> Iterator[None]:
        """Name only the table in errors: the path of a file may hold values of partition columns."""
        try:
            yield
        except SealscrubError as error:
            if self.logged.path in error.where or Path(self.logged.path).name in error.where:
                error.where = str(self.snapshot.folder)
            raise
        except FileNotFoundError:
            raise self._missing() from None
        except OSError as error:
            if error.errno in REFUSALS:
                raise OSError(error.errno, reason_of(error)) from None
            where = str(self.snapshot.folder)
            raise UnreadableInput(f"a file cannot be read ({reason_of(error)})", where=where) from None
        except pa.ArrowException:
            raise UnreadableInput("a file cannot be read", where=str(self.snapshot.folder)) from None

    def _missing(self) -> UnreadableInput:
        return UnreadableInput(
            "a file that the log names does not exist",
            where=str(self.snapshot.folder),
            hint="see that the folder was copied whole.",
        )

    @property
    def partition(self) -> dict[str, pl.Series]:
        """The values of the partition columns, each a series of one row."""
        schema, found = self.snapshot.schema, {}
        for name in schema.partitions:
            physical = schema.physical[name]
            text = self.logged.partition.get(physical, self.logged.partition.get(name))
            kind, dtype = schema.primitive(name), self.snapshot.dtypes[name]
            found[name] = partition_value(text, kind, dtype, self.snapshot.folder.name)
        return found

    @property
    def by_partition(self) -> tuple[Any, ...]:
        """What files are ordered by that a commit names in any order: those of one partition stay together."""
        version, *others = self.logged.order
        return version, sorted((name, text or "") for name, text in self.logged.partition.items()), others

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some columns of the rows that are live."""
        inside, dtypes = [name for name in columns if name in self.names], self.snapshot.dtypes
        constants = {name: pl.Series([None], dtype=dtypes[name]) for name in columns if name not in inside}
        constants |= {name: values for name, values in self.partition.items() if name in columns}
        start = 0
        for frame in self._batches_of_file(inside):
            live = self.live[start : start + frame.height]
            start += frame.height
            made = frame if live.all() or not inside else frame.filter(pl.Series(live))
            height = int(np.count_nonzero(live))
            series = [
                self._named_by_schema(made.get_column(self.names[name]), name).alias(name)
                if name in self.names
                else constants[name].new_from_index(0, height).alias(name)
                for name in columns
            ]
            yield pl.DataFrame(series or None, height=height)
        if start != len(self.live):
            raise UnreadableInput("not every row of a file was read", where=self.snapshot.folder.name)

    def _named_by_schema(self, held: pl.Series, name: str) -> pl.Series:
        return as_declared(held, self.snapshot.schema.declared(name), self.snapshot.dtypes[name])

    def _batches_of_file(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        if not columns:
            yield pl.DataFrame(height=len(self.live))
            return
        with self.hide_path():
            yield from self.file.batches([self.names[name] for name in columns])

    def changed(self, change: TableChange, target: Path) -> int:
        """Write the file with its part of a change, whose rows are those that are live; say how many stay."""
        positions = np.flatnonzero(self.live)
        keep = self.live.copy()
        keep[positions] = change.keep
        patches = {
            self.names[name]: Patch(positions[patch.rows], self._fit_to_file(name, patch))
            for name, patch in self.check_patches(change).items()
            if name in self.names
        }
        with self.hide_path():
            self.file.changed(TableChange(keep, patches), target)
            if int96_columns(self.file.source.path):
                put_microseconds(target)
        return int(np.count_nonzero(keep))

    def changed_rows(self, change: TableChange) -> pa.Table:
        """Give the rows that stay, with what changes in them, in the types of the schema."""
        self.check_patches(change)
        frame = pl.concat(self.batches(list(self.snapshot.dtypes)))
        made = FrameTable(self.snapshot.folder.name, frame).changed(change, None).to_arrow()
        return fitted(made, self.snapshot.kinds)

    def check_patches(self, change: TableChange) -> dict[str, Patch]:
        """Give the new values of rows that stay, by column; what the file cannot hold is refused.

        Raises
        ------
        UsageError
        """
        patches = {name: patch for name, patch in change.patches.items() if change.keep[patch.rows].any()}
        for name, patch in patches.items():
            refuse_edited(self.snapshot, name, self.snapshot.folder.name)
            if name not in self.names and patch.values.null_count() < len(patch.values):
                raise without_place(name, self.snapshot.folder.name)
        return patches

    def _fit_to_file(self, name: str, patch: Patch) -> pl.Series:
        (kind,) = self.asked(lambda file: file.types([self.names[name]]))
        return patch.values.cast(kind, strict=True)

    def holds_more(self, suspect: Suspect) -> bool:
        """Say whether the file holds more than its rows.

        That is rows behind a deletion vector, bytes that no reader meets, and levels and bounds, those of the log among
        them, that no row uses and that are of interest.
        """
        with self.hide_path():
            more = self.logged.vector is not None or self.file.unread_parts() or self.file.unused_levels(suspect)
            return bool(more or any(self._logged_bounds(suspect)))

    def _logged_bounds(self, suspect: Suspect) -> Iterator[bool]:
        """Say of each column whether the log gives bounds that no row has and that are of interest."""
        logical = {physical: name for name, physical in self.snapshot.schema.physical.items()}
        for column, value in logged_bounds(self.logged.action.get("stats")):
            listed = pl.Series(list(json_texts(value)), dtype=pl.String)
            listed = listed.filter(pl.Series(suspect(logical.get(column, column), listed), dtype=pl.Boolean))
            if len(listed) and column in self.file.columns:
                listed = in_no_row(self.file.path, column, listed)
            yield bool(len(listed))

    def _undeclared(
        self, stays: RemainingRows, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]:
        yield from super()._undeclared(stays, declared, wanted)
        count = int(np.count_nonzero(stays.keep))
        for name, values in self.partition.items():
            if name not in declared and wanted(values.dtype):
                yield name, values.new_from_index(0, count)

    def _everywhere(self, rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """From rows that are live to rows of the file."""
        whole = np.zeros(len(self.live), dtype=np.bool_)
        whole[self.live] = rows
        return whole


def refuse_edited(snapshot: DeltaSnapshot, column: str, where: str) -> None:
    """Refuse new values of a column that is a partition, or of a table in which values are bound to conditions."""
    if column in snapshot.schema.partitions:
        raise UsageError(
            f"{column!r} is a partition column, and its values are not edited",
            where=where,
            hint="remove the rows, or edit another column.",
        )
    if snapshot.schema.constrained:
        raise UsageError(
            "the table has constraints or generated columns, which a new value might break",
            where=where,
            hint="remove the rows, or edit the table with its own engine.",
        )


def without_place(column: str, where: str) -> UsageError:
    """Say that a file lacks a column, which is null in its rows."""
    return UsageError(
        f"{column!r} was added to the table after some of its files, which have no place for a value",
        where=where,
        hint="rewrite the table with its own engine first.",
    )


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
