"""A file that is read whole into an Arrow table, and written from one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ..changes import TableChange
from ..file import FileTable, Opening, SourceFile
from ..frame_table import FrameTable
from ..table import FoundRows
from ..value_free_errors import unquoted

__all__ = ["WholeFile"]


class WholeFile(FrameTable, FileTable):
    """A file in a format that knows how to be read into an Arrow table and be written from one; nothing more."""

    returned = False

    def __init__(self, source: SourceFile, opening: Opening | None = None) -> None:
        FileTable.__init__(self, source, opening)
        with unquoted(self.name):
            self._table: Any = self.read_table()
        levels, metadata = self.opening.keep_levels, self.opening.keep_metadata
        FrameTable.__init__(self, self.name, self._table, keep_levels=levels, keep_metadata=metadata)

    @abstractmethod
    def read_table(self) -> Any:
        """Read the file into a pyarrow Table."""

    @abstractmethod
    def write_table(self, table: Any, target: Path, format: str) -> None:
        """Write a pyarrow Table; the same table makes the same bytes."""

    def arrow(self) -> Any:
        """Give the file as a pyarrow Table."""
        return self._table

    def pandas_frame(self, *, typed: bool = False, texts: Collection[str] = ()) -> Any:
        """Give every row in one frame of pandas, with the index that it says."""
        return self._table.to_pandas()

    def changed(self, change: TableChange, target: Path, start: int = 0) -> tuple[int, int]:  # type: ignore[override]  # a frame is returned, a file is written
        """Write the file with its part of a change, under its own schema."""
        self.state.check(self.name)
        within = self.within(change, start)
        self.write_table(FrameTable.changed(self, within), target, self.output_formats[0])
        return self.rows, int(np.count_nonzero(within.keep))

    def set_aside(self, found: FoundRows, target: Any) -> None:
        """Write the rows that could not be checked."""
        self.write_table(FrameTable.changed(self, TableChange(found.unchecked)), target, self.output_formats[1])

    def replaced(self, rows: pl.DataFrame, target: Any = None) -> None:
        """Write other rows under the file's schema."""
        self.write_table(FrameTable.replaced(self, rows), target, self.output_formats[0])
