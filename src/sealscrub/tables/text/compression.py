"""Opening text files: plain, gzip or zstd, distinguished by their content.

A compressed stream that ends early is an error, never a short file. What is written depends on the bytes
only: gzip headers hold no name and no time, and both compressors are fed blocks of one fixed size, so
how the rows arrived leaves no trace in the compressed bytes.
"""

from __future__ import annotations

import contextlib
import enum
import gzip
import io
import os
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self, cast

import pyarrow as pa

from sealscrub.errors import UnreadableInput, UsageError

__all__ = [
    "ByteSink",
    "Closing",
    "Compression",
    "TextInput",
    "compression_named",
    "open_text_input",
    "open_text_output",
]

_BLOCK = 1 << 20
_GZIP_LEVEL = 6


class ByteSink(Protocol):
    """Whatever takes bytes: a binary file, or a compressor in front of one."""

    def write(self, data: bytes, /) -> Any:
        """Take the bytes, all of them."""


class Compression(enum.StrEnum):
    """How a text file is compressed."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


_MAGIC = {b"\x1f\x8b": Compression.GZIP, b"\x28\xb5\x2f\xfd": Compression.ZSTD}
_SUFFIX = {
    ".gz": Compression.GZIP,
    ".gzip": Compression.GZIP,
    ".zst": Compression.ZSTD,
    ".zstd": Compression.ZSTD,
}


def compression_named(path: str | os.PathLike[str]) -> Compression:
    """Return the compression that a file's name claims.

    Examples
    --------
    >>> compression_named("arrests.csv.gz").value, compression_named("arrests.csv").value
    ('gzip', 'none')
    """
    return _SUFFIX.get(Path(path).suffix.lower(), Compression.NONE)


class Closing(ABC):
    """What is closed at the end of its ``with`` statement."""

    @abstractmethod
    def close(self) -> None:
        """Close it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class TextInput(Closing):
    """An open text file, decompressed as it is read.

    Parameters
    ----------
    raw : io.BufferedReader
        The file as it is on disk.
    compression : Compression
        How it is compressed.
    name : str
        The file's name in messages.
    """

    def __init__(self, raw: io.BufferedReader, compression: Compression, name: str) -> None:
        self.compression = compression
        self.name = name
        self._raw = raw
        self._stream: Any = raw
        if compression is not Compression.NONE:
            self._stream = pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), compression.value)

    def read(self, size: int) -> bytes:
        """Read ``size`` bytes, fewer only at the end of the file.

        Raises
        ------
        UnreadableInput
            If the file cannot be read, or its compressed stream is damaged or ends early.
        """
        parts: list[bytes] = []
        failed = False
        try:
            while size > 0 and (part := self._stream.read(size)):
                parts.append(part)
                size -= len(part)
        except (OSError, EOFError, pa.ArrowException):
            failed = True
        if failed:
            kind = "file" if self.compression is Compression.NONE else f"{self.compression.value} stream"
            raise UnreadableInput(
                f"the {kind} is damaged or ends early", where=self.name, hint="copy or export the file again."
            )
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def position(self) -> int:
        """Count the bytes that were read from the disk so far; 0 if that is unknown."""
        try:
            return self._raw.tell()
        except (OSError, ValueError):
            return 0

    def close(self) -> None:
        """Close the file."""
        if self._stream is not self._raw:
            self._stream.close()
        self._raw.close()


def open_text_input(path: str | os.PathLike[str]) -> TextInput:
    """Open a text file for reading; gzip and zstd are recognised by their content.

    Raises
    ------
    UsageError
        If the file does not exist, or it is a folder.
    UnreadableInput
        If it cannot be opened, or its name claims a compression that its content does not have.
    """
    name = os.fspath(path)
    if not os.path.exists(name):
        raise UsageError("the file does not exist", where=name)
    if os.path.isdir(name):
        raise UsageError("this is a folder, not a file", where=name)
    try:
        raw = open(name, "rb")  # noqa: SIM115 - closed by TextInput
        head = raw.peek(4)[:4]
    except OSError as error:
        raise UnreadableInput(f"cannot be opened: {os.strerror(error.errno or 0)}", where=name) from None
    found = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), Compression.NONE)
    claimed = compression_named(name)
    if claimed is not Compression.NONE and found is not claimed:
        raw.close()
        raise UnreadableInput(
            f"the name says {claimed.value}, the content does not",
            where=name,
            hint="give the file the suffix of its real format.",
        )
    return TextInput(raw, found, name)


class _EqualBlocks:
    """Hands on blocks of one size, however the bytes arrive."""

    def __init__(self, sink: ByteSink) -> None:
        self._sink = sink
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        if len(self._waiting) >= _BLOCK:
            with memoryview(self._waiting) as view:
                whole = len(view) - len(view) % _BLOCK
                for at in range(0, whole, _BLOCK):
                    self._sink.write(bytes(view[at : at + _BLOCK]))
            del self._waiting[:whole]
        return len(data)

    def finish(self) -> None:
        if self._waiting:
            self._sink.write(bytes(self._waiting))
            self._waiting.clear()


class _Compressor:
    """A compressed stream in front of a file; closing it completes the stream and closes the file."""

    def __init__(self, file: BinaryIO, compression: Compression) -> None:
        if compression is Compression.GZIP:
            self._stream: Any = gzip.GzipFile(filename="", mode="wb", compresslevel=_GZIP_LEVEL, fileobj=file, mtime=0)
        else:
            self._stream = pa.CompressedOutputStream(_LentFile(file), compression.value)
        self._even = _EqualBlocks(self._stream)
        self._file = file

    def write(self, data: bytes) -> int:
        return self._even.write(data)

    def close(self) -> None:
        try:
            self._even.finish()
            self._stream.close()
        finally:
            self._file.close()  # what is left in its buffer may still not fit on the disk: never left to chance

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
            return
        with contextlib.suppress(Exception):  # what failed first is what is reported
            self.close()


class _LentFile(io.RawIOBase):
    """A file that stays open when Arrow's stream in front of it closes."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._file.write(data)


def open_text_output(file: BinaryIO, compression: Compression) -> BinaryIO:
    """Put a compressor in front of an open binary file.

    Parameters
    ----------
    file : BinaryIO
        Open for writing.
    compression : Compression
        What to write.

    Returns
    -------
    BinaryIO
        Has ``write`` and ``close``, and is a context manager. Closing it completes the compressed stream and
        closes the file; without compression it is the file itself.
    """
    if compression is Compression.NONE:
        return file
    try:
        return cast(BinaryIO, _Compressor(file, compression))
    except BaseException:
        file.close()
        raise
