"""ORC files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from sealscrub.errors import UnreadableInput, UsageError

from ..arrow.whole_file import WholeFile

__all__ = ["Format"]


class Format(WholeFile):
    """An ORC file, written with the compression and the sizes that it has; bloom filters are not made again."""

    format = "orc"
    suffixes = (".orc",)
    magic = b"ORC"

    def read_table(self) -> Any:
        """Read the file."""
        from pyarrow import orc

        try:
            file = orc.ORCFile(self.path)
            self._layout: dict[str, Any] = {
                "compression": str(file.compression),
                "compression_block_size": file.compression_size,
                "row_index_stride": file.row_index_stride,
            }
            return file.read()
        except (pa.ArrowException, OSError, ValueError):
            raise UnreadableInput(
                "this cannot be read as ORC", where=str(self.path), hint="see that the file is whole."
            ) from None

    def write_table(self, table: Any, target: Path, format: str) -> None:
        """Write a table. It is put together in memory: where a disk is full, ORC's writer ends the whole process."""
        from pyarrow import orc

        made = pa.BufferOutputStream()
        try:
            orc.write_table(table.combine_chunks(), made, **self._layout)
        except pa.ArrowException:
            raise UsageError(
                "the file holds a type that ORC is not written with", where=self.name, hint="write it as Parquet first."
            ) from None
        target.write_bytes(made.getvalue())
