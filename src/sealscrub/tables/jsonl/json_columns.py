"""Reading fields of JSON lines as columns of text, most lines all at once.

Which bytes are inside of strings and how deep a byte is nested are running sums over the quotes and brackets
of a block. That finds the fields of a line that escapes nothing; whether every line is JSON at all is for
Arrow's parser to say. Whatever this does not cover is read exactly, line by line: escapes, dotted paths, odd
spacing, and every line of a block in which anything is wrong, so the fault is found where it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.json

from sealscrub.boundary.array_types import Mask

from ..text.dialect import CR, LF
from ..text.text_values import text_column
from .json_edit import written_member
from .json_exact import ABSENT, Absent, JsonFault, field_names, field_text, parsed_line

__all__ = ["JsonColumns", "JsonLines", "member_names", "split_lines"]

_Offsets = npt.NDArray[np.int64]

_QUOTE, _BACKSLASH, _BAR, _OPEN, _COLON, _BLANK = b'"\\|{: '
_DEPTH = 64
_NUMBER = 32
_SAMPLE = 10
_IN_NUMBER = np.isin(np.arange(256), list(b"0123456789+-.eE"))
_PLAIN = re.compile(r"[\x20-\x21\x23-\x2d\x2f-\x5b\x5d-\x7e]+")  # no dot, quote or backslash
_NO_FIELD = "\x01"  # no field that a caller asks for, so Arrow parses and builds nothing


@dataclass(frozen=True)
class JsonLines:
    """The lines of a block that are not blank.

    Parameters
    ----------
    data : bytes
        The block.
    starts, stops : ndarray of int64, shape (n,)
        Where each begins, and where the next line does.
    numbers : ndarray of int64, shape (n,)
        The number of each among the block's lines, from 0.
    lines : int
        How many lines the block has.
    """

    data: bytes
    starts: _Offsets
    stops: _Offsets
    numbers: _Offsets
    lines: int

    def __len__(self) -> int:
        return int(self.starts.size)

    @cached_property
    def layout(self) -> _Layout | None:
        """Where the fields are; None if anything in the block is not as it should be."""
        return _Layout.of(self)

    def line(self, row: int) -> bytes:
        """Give a line, its line end included."""
        return self.data[self.starts[row] : self.stops[row]]

    def only(self, mask: Mask) -> JsonLines:
        """Give some of the lines, as a block of their own that keeps their numbers."""
        if mask.all():
            return self
        lengths = (self.stops - self.starts)[mask]
        stops = np.cumsum(lengths)
        data = b"".join(self.line(row) for row in np.flatnonzero(mask).tolist())
        return JsonLines(data, stops - lengths, stops, self.numbers[mask], self.lines)


def split_lines(block: bytes) -> JsonLines:
    """Split a block into lines."""
    data = np.frombuffer(block, dtype=np.uint8)
    stops = np.flatnonzero(data == LF) + 1
    if block and block[-1] != LF:
        stops = np.append(stops, data.size)
    starts = np.concatenate((np.zeros(1, dtype=np.int64), stops[:-1]))[: stops.size]
    filled = data[starts] > CR  # a blank line begins with a space or a control, others hardly ever do
    filled &= data[starts] != _BLANK
    for row in np.flatnonzero(~filled):
        filled[row] = bool(block[starts[row] : stops[row]].strip(b" \t\r\n"))
    return JsonLines(block, starts[filled], stops[filled], np.flatnonzero(filled), int(stops.size))


@dataclass(frozen=True, slots=True)
class JsonColumns:
    """Fields of lines, read as text.

    Parameters
    ----------
    frame : polars.DataFrame
        A column for each field, null if it is absent, null or empty.
    nulls : dict of str to ndarray of bool, shape (n,)
        In which lines each field is ``null``.
    quoted : dict of str to ndarray of bool, shape (n,)
        In which lines that are not slow each field is a string.
    slow : ndarray of bool, shape (n,)
        Which lines were read one by one. In the others nothing is escaped: a text is what is there.
    present : frozenset of str
        The fields that at least one line has.
    sampled : Counter of str
        How many of the first few lines have each field, for suggestions.
    """

    frame: pl.DataFrame
    nulls: dict[str, Mask]
    quoted: dict[str, Mask]
    slow: Mask
    present: frozenset[str]
    sampled: Counter[str]

    @classmethod
    def read(
        cls, lines: JsonLines, paths: tuple[str, ...], *, keys: Collection[str], whole: bool = False
    ) -> JsonColumns:
        """Read fields.

        Parameters
        ----------
        lines : JsonLines
            At least one line, valid UTF-8.
        paths : tuple of str
            The fields.
        keys : collection of str
            Those that are keys: in them true, false, arrays and objects are refused.
        whole : bool
            Whether arrays and objects, if they are not refused, are read as their JSON, and not as empty texts.

        Raises
        ------
        BlockFault
            At a line that is not a JSON object, or if a field appears twice or can be no key.
        """
        layout = lines.layout if all(_PLAIN.fullmatch(path) for path in paths) else None
        count = len(lines)
        fields = {path: _Field.nowhere(count) if layout is None else layout.field(path) for path in paths}
        slow = np.ones(count, dtype=np.bool_) if layout is None else layout.slow.copy()
        for field in fields.values():
            slow |= field.slow
        rows = np.flatnonzero(slow)
        exact = _read_exactly(lines, rows, paths, keys, whole)
        columns, nulls, quoted, present = {}, {}, {}, set()
        data = np.frombuffer(lines.data, dtype=np.uint8)
        for path, field in fields.items():
            column = text_column(lines.data, field.begin, field.end)
            there, null = field.present & ~slow, field.present & (field.end < field.begin)
            if rows.size:
                texts = [value if isinstance(value, str) and value else None for value in exact[path]]
                column = column.scatter(rows, pl.Series(texts, dtype=pl.String))
                there[rows] = [value is not ABSENT for value in exact[path]]
                null[rows] = [value is None for value in exact[path]]
            columns[path], nulls[path] = column.alias(path), null
            quoted[path] = field.present & ~slow & (field.end >= field.begin) & (data[field.begin - 1] == _QUOTE)
            if there.any():
                present.add(path)
        frame = pl.DataFrame(columns) if columns else pl.DataFrame(height=count)
        return cls(frame, nulls, quoted, slow, frozenset(present), _sample(lines))


def _sample(lines: JsonLines) -> Counter[str]:
    sampled: Counter[str] = Counter()
    for row in range(min(len(lines), _SAMPLE)):
        sampled.update(set(field_names(parsed_line(lines.line(row)))))
    return sampled


def _read_exactly(
    lines: JsonLines, rows: _Offsets, paths: tuple[str, ...], keys: Collection[str], whole: bool
) -> dict[str, list[str | Absent | None]]:
    values: dict[str, list[str | Absent | None]] = {path: [] for path in paths}
    for row in rows.tolist():
        try:
            node = parsed_line(lines.line(row))
            for path in paths:
                text = field_text(node, path, key=path in keys)
                values[path].append(_literal(lines.line(row), path) if whole and text == "" else text)
        except JsonFault as fault:
            raise fault.at(int(lines.numbers[row])) from None
    return values


def _literal(line: bytes, path: str) -> str:
    """Give what is there, if it is an array or an object, else nothing."""
    member = written_member(line, path)
    return "" if member is None or member[1] == '""' else member[1]


def member_names(lines: JsonLines) -> list[str]:
    """List the names of the fields of lines, in the order in which they first come.

    Raises
    ------
    BlockFault
        At a line that is not a JSON object.
    """
    layout = lines.layout
    first: dict[str, tuple[int, int]] = {}
    slow = np.ones(len(lines), dtype=np.bool_)
    if layout is not None:
        slow, names, rows = layout.names()
        distinct = pl.DataFrame({"n": names, "r": rows}).unique("n", keep="first", maintain_order=True)
        for place, (name, row) in enumerate(distinct.iter_rows()):
            first[name or ""] = (row, place)
    for row in np.flatnonzero(slow).tolist():
        try:
            found = list(parsed_line(lines.line(row)))
        except JsonFault as fault:
            raise fault.at(int(lines.numbers[row])) from None
        for place, name in enumerate(found):
            first[name] = min(first.get(name, (row, place)), (row, place))
    return sorted(first, key=first.__getitem__)


@dataclass(frozen=True, slots=True)
class _Field:
    """Where a field's value is in each line: no value where ``end < begin``; slow lines say nothing."""

    begin: _Offsets
    end: _Offsets
    present: Mask
    slow: Mask

    @classmethod
    def nowhere(cls, count: int) -> _Field:
        return cls(
            np.zeros(count, dtype=np.int64),
            np.full(count, -1, dtype=np.int64),
            np.zeros(count, dtype=np.bool_),
            np.zeros(count, dtype=np.bool_),
        )


@dataclass(frozen=True, slots=True)
class _Layout:
    """Strings and nesting of a block of JSON lines."""

    lines: JsonLines
    data: npt.NDArray[np.uint8]
    slow: Mask
    opens: _Offsets
    closes: _Offsets
    brackets: _Offsets
    depths: npt.NDArray[np.int32]

    @classmethod
    def of(cls, lines: JsonLines) -> _Layout | None:
        """Read a block into columns; None if anything in it is not as it should be."""
        if not _is_json(lines):
            return None
        data = np.frombuffer(lines.data, dtype=np.uint8)
        # { | } [ \ ] and nothing else are in one run of three once bit 5 is set
        at = np.flatnonzero((((data | 0x20) - 0x7B) < 3) | (data == _QUOTE))
        kinds = data[at]
        slow = data[lines.starts] != _OPEN
        slow[np.searchsorted(lines.stops, at[kinds == _BACKSLASH], side="right")] = True
        if slow.any():
            fast = ~slow[np.searchsorted(lines.stops, at, side="right")]
            at, kinds = at[fast], kinds[fast]
        is_quote = kinds == _QUOTE
        quotes = at[is_quote]
        before = np.searchsorted(quotes, lines.stops)
        if (before % 2).any():
            return None
        outside = ~is_quote & (np.cumsum(is_quote, dtype=np.uint8) & 1 == 0) & (kinds != _BAR)
        brackets = at[outside]
        opening = (kinds[outside] & 0x02) != 0  # { and [ have it, } and ] do not
        depths = np.cumsum(np.where(opening, 1, -1), dtype=np.int32)
        layout = cls(lines, data, slow, quotes[::2], quotes[1::2], brackets, depths)
        return layout if layout._one_object_a_line() else None

    def _one_object_a_line(self) -> bool:
        """Check that nesting ends in every line; mark what else is to be read exactly."""
        last = np.searchsorted(self.brackets, self.lines.stops)
        counts = np.diff(last, prepend=0)
        ends = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(self.depths == 0)))
        if (counts[~self.slow] < 2).any() or (self.depths[last[last > 0] - 1] != 0).any():
            return False
        if (np.diff(ends[last], prepend=0)[~self.slow] != 1).any():
            return False
        deep = self.brackets[self.depths > _DEPTH]
        self.slow[self._row_of(deep)] = True
        if b"NaN" in self.lines.data or b"Inf" in self.lines.data:  # Arrow takes them for numbers
            odd = np.flatnonzero((self.data == ord("N")) | (self.data == ord("I")))
            inside = np.searchsorted(self.opens, odd) != np.searchsorted(self.closes, odd)
            self.slow[self._row_of(odd[~inside])] = True
        return True

    def _row_of(self, at: _Offsets) -> _Offsets:
        rows: _Offsets = np.searchsorted(self.lines.stops, at, side="right")
        return rows

    def field(self, name: str) -> _Field:
        """Find a field of the lines' objects."""
        found = _Field.nowhere(len(self.lines))
        begin, end, present, slow = found.begin, found.end, found.present, found.slow
        strings = self._strings(name.encode())
        depth = self.depths[np.searchsorted(self.brackets, self.opens[strings]) - 1]
        strings = strings[depth == 1]
        after = self.data[self.closes[strings] + 1]
        slow[self._row_of(self.opens[strings[(after == _BLANK) | (after < _BLANK)]])] = True
        strings = strings[after == _COLON]
        rows = self._row_of(self.opens[strings])
        slow[rows[1:][rows[1:] == rows[:-1]]] = True
        at = self.closes[strings] + 2
        at += self.data[at] == _BLANK
        present[rows] = True
        first = self.data[at]
        text = first == _QUOTE
        begin[rows[text]] = at[text] + 1
        end[rows[text]] = self.closes[strings[text] + 1]
        number = ((first >= ord("0")) & (first <= ord("9"))) | (first == ord("-"))
        window = np.minimum(at[number, None] + np.arange(_NUMBER), self.data.size - 1)
        digits = _IN_NUMBER[self.data[window]]
        begin[rows[number]] = at[number]
        end[rows[number]] = at[number] + digits.argmin(axis=1)
        slow[rows[number][digits.all(axis=1)]] = True
        slow[rows[~text & ~number & (first != ord("n"))]] = True
        return found

    def names(self) -> tuple[Mask, pl.Series, _Offsets]:
        """Give the names of the objects' fields and the row of each, and which lines are to be read exactly."""
        slow = self.slow.copy()
        top = self.depths[np.searchsorted(self.brackets, self.opens) - 1] == 1
        opens, closes = self.opens[top], self.closes[top]
        after = self.data[closes + 1]
        slow[self._row_of(opens[(after == _BLANK) | (after < _BLANK)])] = True
        opens, closes = opens[after == _COLON], closes[after == _COLON]
        return slow, text_column(self.lines.data, opens + 1, closes), self._row_of(opens)

    def _strings(self, text: bytes) -> _Offsets:
        """Find the strings that are a text."""
        which = np.flatnonzero(self.closes - self.opens == len(text) + 1)
        spots = self.opens[which][:, None] + np.arange(1, len(text) + 1)
        same = (self.data[spots] == np.frombuffer(text, dtype=np.uint8)).all(axis=1)
        found: _Offsets = which[same]
        return found


def _is_json(lines: JsonLines) -> bool:
    """Ask Arrow whether a block is so many JSON objects, one after another."""
    schema = pa.schema([pa.field(_NO_FIELD, pa.null())])
    parse = pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    read = pyarrow.json.ReadOptions(use_threads=False, block_size=max(len(lines.data) + 1, 1 << 10))
    try:
        table = pyarrow.json.read_json(pa.BufferReader(lines.data), read_options=read, parse_options=parse)
    except pa.ArrowException:
        return False
    return bool(table.num_rows == len(lines))
