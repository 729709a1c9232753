"""Parquet files of a plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from sealscrub.errors import UsageError
from sealscrub.frames.arrow_values import value_series
from sealscrub.frames.changes import TableChange

from .parquet import ParquetTable
from .part import TablePart

__all__ = ["ParquetPart"]


class ParquetPart(TablePart):
    """A Parquet file."""

    def __init__(self, path: Path, name: str, keep_levels: Collection[str]) -> None:
        super().__init__(path, name)
        self._table = ParquetTable(path)
        self._keep_levels = keep_levels

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

    def types(self, columns: Sequence[str]) -> list[Any]:
        """Types in which columns are handed out."""
        kinds = [(name, self._table.schema.field(name).type) for name in columns]
        return [value_series(pa.chunked_array([], type=kind), name).dtype for name, kind in kinds]

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give columns of all rows, typed, in their order."""
        self.state.check(self.name)
        return self._table.batches(columns)

    def changed(self, change: TableChange, start: int, target: Path) -> tuple[int, int]:
        """Write the file with its part of a change, under its own schema."""
        self.state.check(self.name)
        if start + self.rows > len(change.keep):
            raise UsageError(f"has more rows than the {len(change.keep)} of the change", where=self.name)
        within = change.within(start, start + self.rows)
        self._table.write_changed(within, target, self._keep_levels)
        return self.rows, int(np.count_nonzero(within.keep))

    def replaced(self, rows: pl.DataFrame, target: Path) -> None:
        """Write other rows under the file's schema, with its codec, as a change of a file of them is written."""
        raw = target.with_name(target.name + ".raw")
        try:
            self._table.write_raw(rows, raw)
            everything = TableChange(np.ones(rows.height, dtype=np.bool_))
            ParquetTable(raw).write_changed(everything, target, self._keep_levels)
        finally:
            raw.unlink(missing_ok=True)
