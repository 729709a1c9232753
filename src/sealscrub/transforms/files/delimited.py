"""Reading delimited text: CSV, TSV and their kin, plain or compressed.

The file is read once, in blocks of whole records; the memory that it takes depends on the longest record, not
on how many there are.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from sealscrub.errors import ColumnError, UnreadableInput, UsageError

from .blocks import BLOCK_SIZE, MAX_RECORD, cut_blocks
from .compression import Compression
from .dialect import Dialect, Quoting, sniff_dialect
from .encoding import TextEncoding, invalid_at
from .records import BlockFault, Records, split_records
from .rows import at_line
from .stream import TextStream

__all__ = ["DelimitedSource"]

_SAMPLE = 1 << 16


class DelimitedSource:
    """A delimited text file, open, its header read.

    Parameters
    ----------
    path : str or path-like
        The file: plain, gzip or zstd.
    delimiter : str, optional
        One ASCII character; by default found from the first records.
    encoding : str, optional
        UTF-8, UTF-16, UTF-32 or a single-byte encoding; by default what the byte-order mark says, else UTF-8.
    quoting : {"minimal", "none"}
        Whether a field may be quoted (RFC 4180), or a quote is a character like any other.
    block_size : int
        About how many bytes are worked on at a time.
    max_record : int
        The most bytes that one record may have.

    Attributes
    ----------
    columns : tuple of str
        The header's names, as they are written there.
    dialect : Dialect
        How the file is written.
    encoding : TextEncoding
        How its text is encoded.

    Raises
    ------
    UsageError
        If there is no such file.
    ConfigError
        If the delimiter or the encoding cannot be used.
    ColumnError
        If the header has a name twice.
    UnreadableInput
        If the file is empty, damaged or no text.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        delimiter: str | None = None,
        encoding: str | None = None,
        quoting: Quoting = "minimal",
        block_size: int = BLOCK_SIZE,
        max_record: int = MAX_RECORD,
    ) -> None:
        self._stream = TextStream(path, encoding)
        try:
            sample = b""
            while len(sample) < _SAMPLE and (more := self._stream.read(_SAMPLE)):
                sample += more
            tabs = not {".tsv", ".tab"}.isdisjoint(Path(self.name.lower()).suffixes)
            self.dialect: Dialect = sniff_dialect(
                sample, complete=len(sample) < _SAMPLE, delimiter=delimiter, quoting=quoting, tabs=tabs
            )
            self._sample = sample
            self._consumed = False
            self._blocks = cut_blocks(self._read, self.dialect, size=block_size, longest=max_record)
            self._begin()
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        """The file's name in messages."""
        return self._stream.name

    @property
    def encoding(self) -> TextEncoding:
        """How the file's text is encoded."""
        return self._stream.encoding

    @property
    def compression(self) -> Compression:
        """How the file is compressed."""
        return self._stream.compression

    @property
    def newline(self) -> bytes:
        """The last byte of a line end."""
        return bytes([self.dialect.newline])

    def position(self) -> int:
        """Count the bytes read from the disk so far."""
        return self._stream.position()

    def _read(self, size: int) -> bytes:
        if self._sample:
            data, self._sample = self._sample, b""
            return data
        return self._stream.read(size)

    def _begin(self) -> None:
        """Read up to the header."""
        preamble = b""
        try:
            for block in self._blocks:
                self._check_text(block)
                blank = len(block) - len(block.lstrip(b"\r\n"))
                if blank < len(block):
                    stop = _record_end(block, blank, self.dialect)
                    self.columns = self._names(split_records(block[blank:stop], self.dialect))
                    self.prefix = preamble + block[:stop]
                    self._first = block[stop:]
                    return
                preamble += block
        except BlockFault as fault:
            lines = preamble.count(self.newline)
            raise at_line(fault, lines, self.name) from None
        raise UnreadableInput(
            "the file is empty", where=self.name, hint="export it again; a table without rows has a header still."
        )

    def _check_text(self, block: bytes) -> None:
        at = invalid_at(block) if self.encoding.unicode else None
        if at is not None:
            line = block.count(self.newline, 0, at)
            hint = "name the file's encoding, such as latin-1 or cp1252 (--encoding)."
            raise BlockFault("a byte that is no UTF-8", line, hint)

    def _names(self, header: Records) -> tuple[str, ...]:
        if b"\0" in header.data:
            hint = "if it is UTF-16 without a byte-order mark, say encoding='utf-16-le'."
            raise BlockFault("a NUL byte in the header", 0, hint)
        bounds = [header.field(number) for number in range(header.ends.shape[1])]
        raw = [header.data[int(begin[0]) : int(end[0])] for begin, end in bounds]
        self.header_quoted = self.dialect.quoted and all(name.startswith(b'"') for name in raw)
        if self.dialect.quoted:
            raw = [name[1:-1].replace(b'""', b'"') if name.startswith(b'"') else name for name in raw]
        try:
            names = tuple(name.decode(self.encoding.inner) for name in raw)
        except UnicodeError:
            names = ()
        if not names:
            raise BlockFault(f"the header is no {self.encoding.inner}", 0, "name the file's encoding.")
        twice = next((name for name, count in Counter(names).items() if name and count > 1), None)
        if twice is not None:
            raise ColumnError.twice(twice, names, where=self.name)
        return names

    def numbers(self, columns: tuple[str, ...]) -> dict[str, int]:
        """Find the numbers of columns.

        Raises
        ------
        ColumnError
            If there is no such column, with the nearest name.
        """
        for column in columns:
            if column not in self.columns:
                raise ColumnError.absent(column, self.columns, where=self.name)
        return {column: self.columns.index(column) for column in columns}

    def blocks(self) -> Iterator[bytes]:
        """Give the file's blocks of whole records after the header, once.

        Raises
        ------
        UsageError
            If they were given before.
        BlockFault
            If the file cannot be cut into records.
        """
        if self._consumed:
            raise UsageError("a source is read once", where=self.name, hint="open it again.")
        self._consumed = True
        if self._first:
            yield self._first
        yield from self._blocks

    def split(self, block: bytes) -> Records:
        """Split a block into records, checked to be text and to have the header's number of fields.

        Raises
        ------
        BlockFault
            If it is not so.
        """
        self._check_text(block)
        return split_records(block, self.dialect, len(self.columns))

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _record_end(block: bytes, start: int, dialect: Dialect) -> int:
    newline = bytes([dialect.newline])
    at, quotes, done = start, 0, start
    while (at := block.find(newline, at)) >= 0:
        at += 1
        quotes += block.count(b'"', done, at) if dialect.quoted else 0
        done = at
        if quotes % 2 == 0:
            return at
    return len(block)
