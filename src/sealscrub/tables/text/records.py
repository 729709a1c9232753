"""Splitting a block of whole records into fields, all records at once.

A quote opens a field where the field begins and closes it where it ends; inside, it is doubled (RFC 4180).
For a file that keeps to this, whether a byte is inside of quotes is the parity of the quotes before it, so
a running sum replaces a state machine. A file that does not keep to it is refused with the line:
splitting it would be a guess, and a key that is not seen is a record that is not removed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sealscrub.errors import Spelled

from .dialect import CR, LF, QUOTE, Dialect

__all__ = ["BlockFault", "Records", "check_quotes", "split_records"]

_Bytes = npt.NDArray[np.uint8]
_Offsets = npt.NDArray[np.int64]

NO_QUOTES = Spelled(
    'if quotes are plain characters in this file, set quoting="none".',
    "if quotes are plain characters in this file, use --quoting none.",
)


class BlockFault(Exception):
    """Something in a block that makes its file unreadable; anyone who knows the block's place says the line.

    Parameters
    ----------
    message : str
        What is wrong, without values.
    line : int
        The line in the block, from 0.
    hint : str
        What to do about it.
    """

    def __init__(self, message: str, line: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a block; blank lines do not count.

    Parameters
    ----------
    data : bytes
        The block.
    starts, stops : ndarray of int64, shape (n,)
        Where each record begins, and where the next line does.
    ends : ndarray of int64, shape (n, fields)
        Where each field ends.
    lines : int
        How many lines end in the block.
    dialect : Dialect
        How it is written.
    """

    data: bytes
    starts: _Offsets
    stops: _Offsets
    ends: _Offsets
    lines: int
    dialect: Dialect

    def __len__(self) -> int:
        return int(self.starts.size)

    def field(self, number: int) -> tuple[_Offsets, _Offsets]:
        """Give the begin and the end of a field in each record, its quotes included."""
        begin = self.starts if number == 0 else self.ends[:, number - 1] + 1
        end = self.ends[:, number]
        if number == self.ends.shape[1] - 1 and self.dialect.newline == LF and end.size:
            data = np.frombuffer(self.data, dtype=np.uint8)
            end = end - ((end > begin) & (data[end - 1] == CR))
        return begin, end


def split_records(block: bytes, dialect: Dialect, fields: int | None = None) -> Records:
    """Split a block of whole records.

    Parameters
    ----------
    block : bytes
        Whole records; only a file's last may lack its line end.
    dialect : Dialect
        How the file is written.
    fields : int, optional
        How many fields each record has; by default as many as the first.

    Raises
    ------
    BlockFault
        At a quote that neither opens, closes nor is doubled, a line end of another kind than the file's, or a
        record with another number of fields.
    """
    data = np.frombuffer(block, dtype=np.uint8)
    structural = (data == dialect.delimiter) | (data == dialect.newline)
    if dialect.quoted and QUOTE in block:
        at = np.flatnonzero(structural | (data == QUOTE))
        is_quote = data[at] == QUOTE
        quotes = at[is_quote]
        check_quotes(data, quotes, dialect, whole=True)
        lines = int(np.count_nonzero(data[at] == dialect.newline))
        inside = np.cumsum(is_quote, dtype=np.uint8) & 1
        at = at[~is_quote & (inside == 0)]
    else:
        quotes = np.empty(0, dtype=np.int64)
        at = np.flatnonzero(structural)
        lines = -1
    if block and (not at.size or at[-1] != data.size - 1 or data[-1] != dialect.newline):
        at = np.append(at, data.size)
    is_end = np.empty(at.size, dtype=np.bool_)
    is_end[:-1] = data[at[:-1]] == dialect.newline
    is_end[-1:] = True
    line_ends = at[is_end]
    if lines < 0:
        lines = int(line_ends.size)
    _check_line_ends(block, data, line_ends, quotes, dialect)
    return _grid(block, data, at, is_end, line_ends, lines, fields, dialect)


def _grid(
    block: bytes,
    data: _Bytes,
    at: _Offsets,
    is_end: npt.NDArray[np.bool_],
    line_ends: _Offsets,
    lines: int,
    fields: int | None,
    dialect: Dialect,
) -> Records:
    starts = np.empty_like(line_ends)
    starts[:1] = 0
    starts[1:] = line_ends[:-1] + 1
    stops = np.minimum(line_ends + 1, data.size)
    widths = line_ends - starts
    blank = widths == 0
    if dialect.newline == LF:
        one = np.flatnonzero(widths == 1)
        blank[one] = data[starts[one]] == CR
    counts = np.diff(np.flatnonzero(is_end), prepend=-1)
    if blank.any():
        at = at[np.repeat(~blank, counts)]
        starts, stops, counts = starts[~blank], stops[~blank], counts[~blank]
    if fields is None:
        fields = int(counts[0]) if counts.size else 1
    uneven = np.flatnonzero(counts != fields)
    if uneven.size:
        raise BlockFault(
            f"{int(counts[uneven[0]])} fields where the header has {fields}",
            _line_of(data, int(starts[uneven[0]]), dialect),
            Spelled(
                "check that the delimiter is right and the same on every line; delimiter= sets it.",
                "check that the delimiter is right and the same on every line; --delimiter sets it.",
            ),
        )
    return Records(block, starts, stops, at.reshape(-1, fields), lines, dialect)


def check_quotes(data: _Bytes, quotes: _Offsets, dialect: Dialect, *, whole: bool) -> None:
    """Check that every quote opens a field, closes one or is doubled.

    Parameters
    ----------
    data : ndarray of uint8
        Bytes that begin with a record.
    quotes : ndarray of int64
        Where its quotes are.
    dialect : Dialect
        How the file is written.
    whole : bool
        Whether the data ends with a record, so no quote may be open and what follows is known.

    Raises
    ------
    BlockFault
        At the first quote that is not one of these.
    """
    opening, closing = quotes[::2], quotes[1::2]
    before = data[np.maximum(opening - 1, 0)]
    opens = (opening == 0) | (before == dialect.delimiter) | (before == dialect.newline) | (before == QUOTE)
    if not whole:
        closing = closing[closing < data.size - 2]
    after = data[np.minimum(closing + 1, data.size - 1)]
    closes = (closing + 1 == data.size) | (after == dialect.delimiter) | (after == dialect.newline) | (after == QUOTE)
    if dialect.newline == LF:
        closes |= (after == CR) & (data[np.minimum(closing + 2, data.size - 1)] == LF)
    strays = np.concatenate((opening[~opens], closing[~closes]))
    if strays.size:
        raise BlockFault("a quote in the middle of a field", _line_of(data, int(strays.min()), dialect), NO_QUOTES)
    if whole and opening.size > closing.size:
        raise BlockFault("a quoted field that is never closed", _line_of(data, int(opening[-1]), dialect), NO_QUOTES)


def _check_line_ends(block: bytes, data: _Bytes, line_ends: _Offsets, quotes: _Offsets, dialect: Dialect) -> None:
    """Refuse line ends of another kind: some readers would see records there, and others would not."""
    other = CR if dialect.newline == LF else LF
    if other not in block:
        return
    odd = data == other
    if other == CR:
        before = line_ends[line_ends > 0] - 1
        if before.size and line_ends[-1] == data.size:  # the last record has no line end
            before = before[:-1]
        odd[before] = False
    at = np.flatnonzero(odd)
    at = at[(np.searchsorted(quotes, at) & 1) == 0]
    if at.size:
        raise BlockFault(
            f"a lone {'carriage return' if other == CR else 'line feed'}, for some readers a line end",
            _line_of(data, int(at[0]), dialect),
            "write the file with one kind of line end.",
        )


def _line_of(data: _Bytes, offset: int, dialect: Dialect) -> int:
    return int(np.count_nonzero(data[:offset] == dialect.newline))
