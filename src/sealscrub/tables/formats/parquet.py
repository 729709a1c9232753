"""Parquet files."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ..arrow.arrow_values import value_series
from ..arrow.extension_types import is_json
from ..changes import RowEdit, TableChange
from ..file import FileTable, Opening, SourceFile
from ..levels import LevelRules, Suspect
from ..parquet.parquet_engine import ParquetTable
from ..parquet.parquet_extents import UNCOVERED
from ..parquet.parquet_names import called
from ..parquet.parquet_times import refuse_lost_times
from ..row_verdicts import Matcher, Remaining
from ..table import FoundRows, TableProgress, Wanted, Written

__all__ = ["Format"]


class Format(FileTable):
    """A Parquet file."""

    format = "parquet"
    suffixes = (".parquet", ".pq")
    magic = b"PAR1"

    def __init__(self, source: SourceFile, opening: Opening | None = None) -> None:
        super().__init__(source, opening)
        self._table = ParquetTable(source.path, self.opening.keep_metadata, self.name)

    def knowing(self, levels: LevelRules) -> None:
        """Learn which columns are keys, and which levels may be in no list."""
        self._table.levels = levels

    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]:
        """Give the levels that no row uses and are of interest, of every list that the file holds."""
        self.state.check(self.name)
        return self._table.unused_levels(suspect)

    def unread_parts(self) -> tuple[str, ...]:
        """Say that there are bytes which no reader meets."""
        return () if self._table.extents.covered else (UNCOVERED,)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self._table.rows

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self._table.columns

    @property
    def marks(self) -> list[str]:
        """Names of the columns, and what the metadata say."""
        return self._table.marks

    @property
    def lost_metadata(self) -> tuple[str, ...]:
        """Names of the entries of metadata that are not written."""
        return self._table.lost_metadata

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        """What entries of metadata say in texts, by their names."""
        return self._table.metadata

    def types(self, columns: Sequence[str]) -> list[Any]:
        """Types in which columns are handed out."""
        kinds = [(name, self._table.schema.field(name).type) for name in columns]
        return [value_series(pa.chunked_array([], type=kind), name).dtype for name, kind in kinds]

    def limits_texts(self, column: str) -> bool:
        """Say whether a column is of JSON."""
        return is_json(self._table.schema.field(column).type)

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give columns of all rows, typed, in their order."""
        return self.key_batches(columns, ())

    def key_batches(self, columns: Sequence[str], keys: Collection[str]) -> Iterator[pl.DataFrame]:
        """Give columns as :meth:`batches` does, and keys of a type that polars has not as text."""
        self.state.check(self.name)
        refuse_lost_times(self._table.path, columns)
        return self._table.batches(columns, keys)

    def arrow_batches(self, rows: int) -> Iterator[Any]:
        """Give the rows as Arrow has them, so many at a time; at least one batch."""
        self.state.check(self.name)
        with pq.ParquetFile(self.path) as file:
            if not file.metadata.num_rows:
                yield pa.RecordBatch.from_pylist([], schema=file.schema_arrow)
            yield from file.iter_batches(batch_size=rows)

    def pandas_frame(self, *, typed: bool = False, texts: Collection[str] = ()) -> Any:
        """Give every row in one frame of pandas, with the index that it says."""
        import pandas as pd

        return pd.read_parquet(self.path)

    def undeclared(
        self, remaining: Remaining, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]:
        """Give the columns that are not declared, of the rows that stay; None if one cannot be read."""
        self.state.check(self.name)
        return self._table.undeclared(remaining, declared, wanted)

    def changed(self, change: TableChange, target: Path, start: int = 0) -> tuple[int, int]:
        """Write the file with its part of a change, under its own schema."""
        self.state.check(self.name)
        refuse_lost_times(self._table.path)
        within = self.within(change, start)
        self._table.write_changed(within, target, self.opening.keep_levels)
        return self.rows, int(np.count_nonzero(within.keep))

    def replaced(self, rows: pl.DataFrame, target: Path) -> None:
        """Write other rows under the file's schema, with its codec, as a change of a file of them is written."""
        raw = target.with_name(target.name + ".raw")
        try:
            self._table.write_raw(rows, raw)
            everything = TableChange(np.ones(rows.height, dtype=np.bool_))
            made = ParquetTable(raw, self.opening.keep_metadata)
            made.levels = self._table.levels
            made.write_changed(everything, target, self.opening.keep_levels)
        finally:
            raw.unlink(missing_ok=True)

    def find(self, matcher: Matcher, progress: TableProgress = lambda rows, share: None) -> FoundRows:
        """Judge every row."""
        return self._table.find(matcher, self._counting_progress(progress))

    def scrub(
        self,
        matcher: Matcher,
        target: Path | None,
        aside: Path | None = None,
        *,
        edit: RowEdit | None = None,
        positions: bool = False,
        progress: TableProgress = lambda rows, share: None,
    ) -> Written:
        """Write in one pass if every column is fast and nothing has to be known before; else find first."""
        for name in (*self.opening.keep_levels, *(edit.columns if edit is not None else ())):
            self._table.check_column(name)
        slow = self._table.slow_columns
        known = slow or edit or aside or positions or self._table.levelled_columns(self.opening.keep_levels)
        if target is None or known:
            written = super().scrub(matcher, target, aside, edit=edit, positions=positions, progress=progress)
            return replace(written, slow_columns=tuple(dict.fromkeys(map(called, slow))), data=None)
        refuse_lost_times(self._table.path)
        found = self._table.write(matcher, target, self._counting_progress(progress))
        return Written(int(found.keep.sum()), found=found)

    def hold_nulls(self, column: str) -> None:
        """Let a column hold nulls from now on, whatever its schema says."""
        self._table.hold_nulls(column)

    def set_aside(self, rows: FoundRows, target: Path) -> None:
        """Write rows for a person to look at; lists keep their levels, but for those of keys and those barred."""
        refuse_lost_times(self._table.path)
        self._table.write_aside(rows.unchecked, target)

    def _counting_progress(self, progress: TableProgress) -> Callable[[int], None]:
        done, lock = 0, threading.Lock()

        def count(rows: int) -> None:
            nonlocal done
            with lock:  # batches are judged in several threads, and the count only grows
                done += rows
                progress(done, done / max(1, self.rows))

        return count
