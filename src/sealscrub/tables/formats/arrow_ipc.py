"""Arrow IPC files, which Feather's second version are too."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc

from sealscrub.errors import UnreadableInput

from ..arrow.whole_file import WholeFile

__all__ = ["Format"]

_MAGIC = b"ARROW1"
_BATCH_ROWS = 1 << 16
_CODECS = ("lz4", "zstd")


class Format(WholeFile):
    """An Arrow IPC file, written with the compression that it has."""

    format = "arrow"
    suffixes = (".arrow", ".feather", ".ipc")
    magic = _MAGIC

    def read_table(self) -> Any:
        """Read the file."""
        self.codec: str | None = None
        try:
            with pa.OSFile(str(self.path)) as file:
                table = pa.ipc.open_file(file).read_all()
                self.codec = _codec(file) if table.num_rows else None
        except (pa.ArrowException, OSError, ValueError):
            raise UnreadableInput(
                "this cannot be read as an Arrow IPC file",
                where=str(self.path),
                hint="see that the file is whole; a file of Feather's first version has to be written again.",
            ) from None
        return table

    def write_table(self, table: Any, target: Path, format: str) -> None:
        """Write a table in batches of one size."""
        table = table.combine_chunks().unify_dictionaries()
        options = pa.ipc.IpcWriteOptions(compression=self.codec, use_threads=False)
        with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_file(sink, table.schema, options=options) as writer:
            if table.num_rows:
                writer.write_table(table, _BATCH_ROWS)


def _codec(file: Any) -> str | None:
    """Return how buffers are compressed, which the first batch of rows says in its header (Arrow's ``Message.fbs``)."""
    file.seek(_first_batch(file))
    data = pa.ipc.read_message(file).metadata.to_pybytes()
    header = _table(data, _field(data, _table(data, 0), 2))
    compression = _field(data, header, 3)
    if not compression:
        return None
    codec = _field(data, _table(data, compression), 0)
    return _CODECS[data[codec] if codec else 0]


def _first_batch(file: Any) -> int:
    """Return where the first batch of rows is, which the footer says (Arrow's ``File.fbs``)."""
    end = file.size() - len(_MAGIC) - 4
    file.seek(end)
    size = struct.unpack("<i", file.read(4))[0]
    file.seek(end - size)
    data = file.read(size)
    blocks = _table(data, _field(data, _table(data, 0), 3))
    return int(struct.unpack_from("<q", data, blocks + 4)[0])


def _table(data: bytes, at: int) -> int:
    """Follow the offset that is somewhere in a flatbuffer."""
    return at + int(struct.unpack_from("<I", data, at)[0])


def _field(data: bytes, table: int, number: int) -> int:
    """Find a field of a flatbuffer's table; 0 if the table leaves it out."""
    vtable = table - int(struct.unpack_from("<i", data, table)[0])
    place = 4 + 2 * number
    if place >= struct.unpack_from("<H", data, vtable)[0]:
        return 0
    offset = int(struct.unpack_from("<H", data, vtable + place)[0])
    return table + offset if offset else 0
