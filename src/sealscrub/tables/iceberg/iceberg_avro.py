"""Manifests and lists of these, decoded within their bounds: pyiceberg's compiled decoder reads past them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import Any

from pyiceberg.avro.decoder import BinaryDecoder
from pyiceberg.avro.file import META_SCHEMA, AvroFileHeader
from pyiceberg.avro.resolver import construct_reader, resolve_reader
from pyiceberg.io import FileIO, InputFile
from pyiceberg.manifest import DEFAULT_READ_VERSION, MANIFEST_ENTRY_SCHEMAS, MANIFEST_LIST_FILE_SCHEMAS

__all__ = ["AvroRecords", "CheckedManifests"]

_MAGIC, _SYNC = b"Obj\x01", 16
_LONGEST = 10  # bytes of a number of 64 bits


class _BoundedDecoder(BinaryDecoder):  # type: ignore[misc]  # pyiceberg is not installed everywhere
    """Decode bytes, and fail at their end."""

    def __init__(self, held: bytes) -> None:
        self._held, self._at = held, 0

    @property
    def left(self) -> int:
        """How many bytes were not read."""
        return len(self._held) - self._at

    def tell(self) -> int:
        return self._at

    def read(self, n: int) -> bytes:
        at = self._at
        self.skip(n)
        return self._held[at : self._at]

    def skip(self, n: int) -> None:
        if not 0 <= n <= self.left:
            raise ValueError("it ends too early")
        self._at += n

    def read_int(self) -> int:
        held, at, number, shift = self._held, self._at, 0, 0
        while True:
            byte = held[at]  # an IndexError at the end
            at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
        if at - self._at > _LONGEST or number >> 64:
            raise ValueError("a number is too large")
        self._at = at
        return (number >> 1) ^ -(number & 1)

    def read_ints(self, n: int) -> tuple[int, ...]:
        if n > self.left:
            raise ValueError("it ends too early")
        return tuple(self.read_int() for _ in range(n))


class AvroRecords:
    """What an Avro file says, decoded in Python by pyiceberg's readers; all of the file, or an error.

    Parameters
    ----------
    held : bytes
        The file.

    Raises
    ------
    Exception
        Of many kinds, when it is damaged.
    """

    def __init__(self, held: bytes) -> None:
        if not held.startswith(_MAGIC):
            raise ValueError("this is not an Avro file")
        self._file = _BoundedDecoder(held)
        header = construct_reader(META_SCHEMA, {-1: AvroFileHeader}).read(self._file)
        self.header = dict(header.meta)
        self.schema = header.get_schema()
        self._codec, self._sync = header.compression_codec(), header.sync

    def read(self, schema: Any = None) -> Iterator[Any]:
        """Give the records, once; as a reader of another schema meets them, if one is given."""
        reader = resolve_reader(self.schema, self.schema if schema is None else schema)
        while self._file.left:
            count, block = self._file.read_int(), self._file.read_bytes()
            decoder = _BoundedDecoder(self._codec.decompress(block) if self._codec else block)
            if self._file.read(_SYNC) != self._sync or not 0 <= count <= decoder.left:
                raise ValueError("a block is damaged")
            if not count and self._file.left:
                raise ValueError("nothing would be read behind a block of no records")
            for _ in range(count):
                yield reader.read(decoder)
            if decoder.left:
                raise ValueError("a block holds more than its records")


class CheckedManifests(FileIO):  # type: ignore[misc]  # pyiceberg is not installed everywhere
    """Manifests and their lists, as pyiceberg opens them: each is decoded here first, within its bounds.

    Parameters
    ----------
    inner : pyiceberg.io.FileIO
        What they are read with.
    """

    def __init__(self, inner: FileIO) -> None:
        super().__init__(inner.properties)
        self._inner = inner
        self._known: set[bytes] = set()

    def new_input(self, location: str) -> InputFile:
        """Give a file that is decoded here before it is opened."""
        return _Checked(self._inner.new_input(location), self._known)

    def new_output(self, location: str) -> Any:
        """Give a file to write, as it is."""
        return self._inner.new_output(location)

    def delete(self, location: Any) -> None:
        """Delete a file."""
        self._inner.delete(location)


class _Checked(InputFile):  # type: ignore[misc]  # pyiceberg is not installed everywhere
    def __init__(self, inner: InputFile, known: set[bytes]) -> None:
        super().__init__(inner.location)
        self._inner, self._known = inner, known

    def __len__(self) -> int:
        return len(self._inner)

    def exists(self) -> bool:
        return bool(self._inner.exists())

    def open(self, seekable: bool = True) -> Any:
        with self._inner.open(seekable) as file:
            held = file.read()
        digest = hashlib.sha256(held).digest()
        if digest not in self._known:
            records = AvroRecords(held)
            lists = MANIFEST_LIST_FILE_SCHEMAS, MANIFEST_ENTRY_SCHEMAS
            is_entry = "data_file" in {field.name for field in records.schema.fields}
            for _ in records.read(lists[is_entry][DEFAULT_READ_VERSION]):
                pass
            self._known.add(digest)
        return io.BytesIO(held)
