"""Reading delimited text: CSV, TSV and their kin, plain or compressed.

The file is read once, in blocks of whole records; the memory that it takes depends on the longest record, not
on how many there are.
"""

from __future__ import annotations

import os
import re
from itertools import chain
from pathlib import Path

import polars as pl

from sealscrub.errors import ColumnError, Spelled, UnreadableInput

from ..aggregate_mark import MARK, refuse_marked
from ..text.blocks import BLOCK_SIZE, MAX_RECORD, cut_blocks
from ..text.dialect import Dialect, Quoting, sniff_dialect
from ..text.encoding import invalid_at
from ..text.records import BlockFault, Records, split_records
from ..text.row_fates import at_line
from ..text.text_source import TextSource
from ..text.text_values import key_columns

__all__ = ["DelimitedSource"]

_SAMPLE = 1 << 16
_MARKS = (MARK.encode(), MARK.upper().encode())


class DelimitedSource(TextSource[Records]):
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
    use : str, optional
        For which the rows are read: figures of an aggregate report are refused for every other one.

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
        If the file does not exist.
    ConfigError
        If the delimiter or the encoding cannot be used.
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
        use: str | None = None,
    ) -> None:
        super().__init__(path, encoding, use=use)
        try:
            sample = b""
            while len(sample) < _SAMPLE and (more := self.read(_SAMPLE)):
                sample += more
            tabs = not {".tsv", ".tab"}.isdisjoint(Path(self.name.lower()).suffixes)
            self.dialect = sniff_dialect(
                sample, complete=len(sample) < _SAMPLE, delimiter=delimiter, quoting=quoting, tabs=tabs
            )
            self._sample = sample
            self._blocks = cut_blocks(self._read_again, self.dialect, size=block_size, longest=max_record)
            self._read_to_header()
        except BaseException:
            self.close()
            raise

    @property
    def newline(self) -> bytes:
        """The last byte of a line end."""
        return bytes([self.dialect.newline])

    def _read_again(self, size: int) -> bytes:
        if self._sample:
            data, self._sample = self._sample, b""
            return data
        return self.read(size)

    def _read_to_header(self) -> None:
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
                    if stop < len(block):
                        self._blocks = chain([block[stop:]], self._blocks)
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
            hint = Spelled(
                "name the file's encoding, such as latin-1 or cp1252 (encoding=).",
                "name the file's encoding, such as latin-1 or cp1252 (--encoding).",
            )
            raise BlockFault("a byte that is not UTF-8", line, hint)

    def _names(self, header: Records) -> tuple[str, ...]:
        if b"\0" in header.data:
            hint = Spelled(
                "if it is UTF-16 without a byte-order mark, set encoding='utf-16-le'.",
                "if it is UTF-16 without a byte-order mark, use --encoding utf-16-le.",
            )
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
            raise BlockFault(f"the header is not {self.encoding.inner}", 0, "name the file's encoding.")
        return names

    def numbers(self, columns: tuple[str, ...]) -> dict[str, int]:
        """Find the numbers of columns.

        Raises
        ------
        ColumnError
            If the column does not exist, with the nearest name; or there are several.
        """
        ColumnError.require(columns, self.columns, where=self.name, once=True)
        return {column: self.columns.index(column) for column in columns}

    def split(self, block: bytes) -> Records:
        """Split a block into records, checked to be text and to have the header's number of fields."""
        if self._use is not None and any(mark in block and self._is_field(mark, block) for mark in _MARKS):
            refuse_marked([MARK], self._use, where=self.name)
        self._check_text(block)
        return split_records(block, self.dialect, len(self.columns))

    def _is_field(self, mark: bytes, block: bytes) -> bool:
        """Whether a text is in a block as a whole field."""
        ends = b'"' + re.escape(bytes([self.dialect.delimiter]))
        return bool(re.search(b"(?:^|[" + ends + b"])" + mark + b"(?:[\r" + ends + b"]|$)", block, re.MULTILINE))

    def values(self, rows: Records, columns: tuple[str, ...]) -> pl.DataFrame:
        """Read columns of a block's records as text, an empty field as null."""
        return key_columns(rows, self.numbers(columns), self.encoding)


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
