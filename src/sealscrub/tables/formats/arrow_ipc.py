"""Arrow IPC files, which Feather's second version are too, and streams, as Hugging Face's datasets writes them."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc

from sealscrub.errors import UnreadableInput

from ..arrow.schema_texts import metadata_texts
from ..arrow.whole_file import WholeFile

__all__ = ["Format"]

_MAGIC = b"ARROW1"
_CONTINUES = b"\xff\xff\xff\xff"  # before each message of a stream
_BATCH_ROWS = 1 << 16
_CODECS = ("lz4", "zstd")
_DICTIONARIES, _BATCHES = 2, 3  # fields of the footer
_BATCH = 3  # what a message is


class Format(WholeFile):
    """An Arrow IPC file or stream, written as what it is, with the compression that it has."""

    format = "arrow"
    suffixes = (".arrow", ".feather", ".ipc")
    magic = _MAGIC

    def read_table(self) -> Any:
        """Read the file."""
        self.codec: str | None = None
        try:
            with pa.OSFile(str(self.path)) as file:
                self.streamed = file.read(len(_CONTINUES)) == _CONTINUES
                file.seek(0)
                table = (pa.ipc.open_stream if self.streamed else pa.ipc.open_file)(file).read_all()
                messages = list(_messages(file)) if self.streamed else _messages_of_file(file)
                self.codec = _codec(messages[1:]) if table.num_rows else None
                self._entries = [entry for data in messages for entry in _entries(data)]
        except (pa.ArrowException, OSError, ValueError, struct.error):
            raise UnreadableInput(
                "this cannot be read as an Arrow IPC file or stream",
                where=str(self.path),
                hint="see that the file is whole; a file of Feather's first version has to be written again.",
            ) from None
        return table

    def arrow(self) -> Any:
        """Give the file as a pyarrow Table, whose schema says all entries of metadata: a certificate covers them."""
        said: dict[bytes, bytes] = {}
        for key, value in self._entries:
            name = b"beside the schema: " + key
            said[name] = said[name] + b"\0" + value if name in said else value
        return self._table.replace_schema_metadata({**(self._table.schema.metadata or {}), **said})

    @property
    def _beside(self) -> dict[str, list[str]]:
        return metadata_texts([pa.field("", pa.null(), metadata=dict([entry])) for entry in self._entries])

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        """What entries of metadata say in texts, by their names; of the schema, the footer and every batch."""
        said, beside = super().metadata, self._beside
        return {name: [*said.get(name, ()), *beside.get(name, ())] for name in dict.fromkeys([*said, *beside])}

    @property
    def lost_metadata(self) -> tuple[str, ...]:
        """Names of the entries of metadata that are not written."""
        return tuple(dict.fromkeys([*super().lost_metadata, *self._beside]))

    def write_table(self, table: Any, target: Path, format: str) -> None:
        """Write a table in batches of one size."""
        table = table.combine_chunks().unify_dictionaries()
        options = pa.ipc.IpcWriteOptions(compression=self.codec, use_threads=False)
        write = pa.ipc.new_stream if self.streamed else pa.ipc.new_file
        with pa.OSFile(str(target), "wb") as sink, write(sink, table.schema, options=options) as writer:
            if table.num_rows:
                writer.write_table(table, _BATCH_ROWS)


def _codec(messages: Sequence[bytes]) -> str | None:
    """Tell how buffers are compressed, which the first batch of rows says in its header (Arrow's ``Message.fbs``)."""
    data = next(data for data in messages if data[_field(data, _table(data, 0), 1)] == _BATCH)
    header = _table(data, _field(data, _table(data, 0), 2))
    compression = _field(data, header, 3)
    if not compression:
        return None
    codec = _field(data, _table(data, compression), 0)
    return _CODECS[data[codec] if codec else 0]


def _messages_of_file(file: Any) -> list[bytes]:
    """Read the footer, and all messages that it lists: what they say beside the schema, a table does not show."""
    footer = _footer(file)
    return [footer, *(_message(file, place) for field in (_DICTIONARIES, _BATCHES) for place in _blocks(footer, field))]


def _messages(file: Any) -> Iterator[bytes]:
    """Read all messages of a stream, which has no footer, up to where the file ends."""
    place = 0
    while place < file.size() and (data := _message(file, place)):
        yield data
        body = _field(data, _table(data, 0), 3)
        place = file.tell() + (struct.unpack_from("<q", data, body)[0] if body else 0)
    if place < file.size() and file.tell() < file.size():
        raise ValueError  # what is behind the end of the stream is not read


def _footer(file: Any) -> bytes:
    """Read the footer (Arrow's ``File.fbs``)."""
    end = file.size() - len(_MAGIC) - 4
    file.seek(end)
    size = struct.unpack("<i", file.read(4))[0]
    file.seek(end - size)
    return bytes(file.read(size))


def _blocks(footer: bytes, field: int) -> list[int]:
    """Tell where the messages stand that a field of the footer lists."""
    at = _field(footer, _table(footer, 0), field)
    if not at:
        return []
    blocks = _table(footer, at)
    count = struct.unpack_from("<I", footer, blocks)[0]
    return [struct.unpack_from("<q", footer, blocks + 4 + 24 * number)[0] for number in range(count)]


def _message(file: Any, place: int) -> bytes:
    """Read a message without its body."""
    file.seek(place)
    size = file.read(4)
    size = file.read(4) if size == b"\xff\xff\xff\xff" else size
    return bytes(file.read(struct.unpack("<i", size)[0]))


def _entries(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give the custom metadata of a footer or a message, the fifth field of both."""
    at = _field(data, _table(data, 0), 4)
    if not at:
        return
    entries = _table(data, at)
    for number in range(struct.unpack_from("<I", data, entries)[0]):
        pair = _table(data, entries + 4 + 4 * number)
        yield _text(data, _field(data, pair, 0)), _text(data, _field(data, pair, 1))


def _text(data: bytes, at: int) -> bytes:
    if not at:
        return b""
    start = _table(data, at)
    return data[start + 4 : start + 4 + struct.unpack_from("<I", data, start)[0]]


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
