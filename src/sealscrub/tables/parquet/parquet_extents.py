"""Which bytes of a Parquet file a reader never meets, and what its statistics say about its columns.

A reader follows the footer: to pages, and to indexes of pages. What is between them, behind the last page of a
column, or in a field that the format does not know, reaches no one who reads rows, and everybody who copies the file.
The `format <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>`_ names all parts.
"""

from __future__ import annotations

import contextlib
import io
import mmap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from .thrift_compact import MalformedStruct, Struct, read_struct

__all__ = ["UNCOVERED", "ParquetExtents", "parquet_extents"]

UNCOVERED = "the file holds bytes that belong to none of its pages, its indexes and its footer"

_MAGIC, _TAIL = b"PAR1", 8
_DATA, _DICTIONARY, _DATA_V2 = 0, 2, 3
_UUID, _SIZE = 14, 16  # the number of the logical type, and the bytes of a value
_INTEGERS, _TEXT = (1, 2), (6, 7)  # physical types: INT32 and INT64, BYTE_ARRAY and FIXED_LEN_BYTE_ARRAY

Shape = dict[int, Any]


def _leaves(last: int) -> Shape:
    return dict.fromkeys(range(1, last + 1))


_STATISTICS, _PAIR = _leaves(9), _leaves(2)
_EMPTY: Shape = {}
_UNIT = {1: _EMPTY, 2: _EMPTY, 3: _EMPTY}
_SIZES = _leaves(3)
_LOGICAL: Shape = dict.fromkeys(range(1, 19), _EMPTY) | {
    5: _leaves(2),
    7: {1: None, 2: _UNIT},
    8: {1: None, 2: _UNIT},
    10: _leaves(2),
    16: _leaves(1),
    17: _leaves(1),
    18: _leaves(2),
}
_COLUMN = _leaves(15) | {8: _PAIR, 12: _STATISTICS, 13: _leaves(3), 16: _SIZES, 17: {1: _leaves(8), 2: None}}
_CHUNK = _leaves(7) | {3: _COLUMN}
_GROUP = _leaves(7) | {1: _CHUNK, 4: _leaves(3)}
_FOOTER = _leaves(6) | {2: _leaves(9) | {10: _LOGICAL}, 4: _GROUP, 5: _PAIR, 7: {1: _EMPTY, 2: _EMPTY, 3: _EMPTY}}
_PAGE = _leaves(4) | {5: _leaves(4) | {5: _STATISTICS}, 6: _EMPTY, 7: _leaves(3), 8: _leaves(7) | {8: _STATISTICS}}
_COLUMN_INDEX, _OFFSET_INDEX = _leaves(8), {1: _leaves(3), 2: None}
_BLOOM = {1: None, 2: {1: _EMPTY}, 3: {1: _EMPTY}, 4: {1: _EMPTY}}


@dataclass(slots=True)
class ParquetExtents:
    """What a file holds other than the values of its rows.

    Attributes
    ----------
    covered : bool
        Whether each byte belongs to a page, an index, a filter or the footer, or is zero.
    texts : dict of str to set of str
        Least and greatest texts of columns, by their names at the top, from statistics of every kind; bytes that are
        not a text are left out.
    raw : dict of str to set of bytes
        The same of UUIDs and of 16 bytes of no other type.
    numbers : dict of str to set of int
        The same of whole numbers, signed.
    """

    covered: bool = True
    texts: dict[str, set[str]] = field(default_factory=dict, repr=False)
    raw: dict[str, set[bytes]] = field(default_factory=dict, repr=False)
    numbers: dict[str, set[int]] = field(default_factory=dict, repr=False)


def parquet_extents(place: Path | BinaryIO) -> ParquetExtents:
    """Read the parts of a Parquet file that is not encrypted, by its path or open.

    Raises
    ------
    OSError, ValueError
        When it cannot be read.
    """
    if isinstance(place, Path):
        with place.open("rb") as file:
            return parquet_extents(file)
    if isinstance(place, io.BytesIO):
        return _extents(place.getvalue())
    with mmap.mmap(place.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return _extents(content)


def _extents(content: mmap.mmap | bytes) -> ParquetExtents:
    try:
        return _File(content).extents()
    except MalformedStruct:
        return ParquetExtents(covered=False)


class _File:
    def __init__(self, content: mmap.mmap | bytes) -> None:
        self.content, self.size = content, len(content)
        self.start = self.size - _TAIL - int.from_bytes(content[-_TAIL:-4], "little")
        if self.start < len(_MAGIC) or content[:4] != _MAGIC or content[-4:] != _MAGIC:
            raise MalformedStruct
        self.spans = [(0, len(_MAGIC)), (self.start, self.size)]
        self.texts: dict[str, set[str]] = {}
        self.raw: dict[str, set[bytes]] = {}
        self.numbers: dict[str, set[int]] = {}
        self.leaf: Struct = {}

    def extents(self) -> ParquetExtents:
        footer = self.struct(self.start, _FOOTER, length=self.size - _TAIL - self.start)
        elements = footer.get(2, ())
        names = {element.get(4) for element in elements}
        leaves = [element for element in elements if 1 in element]
        for group in footer.get(4, ()):
            if len(group.get(1, ())) != len(leaves):
                raise MalformedStruct
            for chunk, leaf in zip(group.get(1, ()), leaves, strict=True):
                if not set(chunk.get(3, {}).get(3, [None])) <= names or chunk.get(1):
                    raise MalformedStruct  # another name than the schema's, or pages in another file
                self.leaf = leaf
                self.chunk(chunk)
        return ParquetExtents(self.gapless(), self.texts, self.raw, self.numbers)

    def gapless(self) -> bool:
        """Whether the spans cover the file; some writers fill up blocks of a file system with zeros."""
        reached = 0
        for start, stop in sorted(self.spans):
            if stop > self.size:
                return False
            if start > reached and self.content[reached:start].strip(b"\x00"):
                return False
            reached = max(reached, stop)
        return reached == self.size

    def chunk(self, chunk: Struct) -> None:
        column: Struct = chunk[3]
        stop = self.pages(column)
        self.copied(column, stop)
        self.bounded(column, column.get(12, {}))
        if chunk.get(4):
            self.struct(chunk[4], _OFFSET_INDEX, length=chunk.get(5, 0))
        if chunk.get(6):
            index = self.struct(chunk[6], _COLUMN_INDEX, length=chunk.get(7, 0))
            for value in [*index.get(2, ()), *index.get(3, ())]:
                self.bound(column, value)
        if column.get(14):
            head, end = read_struct(self.content, column[14])
            if not _fits_shape(head, _BLOOM) or head.get(1, 0) < 0:
                raise MalformedStruct
            self.spans.append((column[14], end + head.get(1, 0)))

    def copied(self, column: Struct, at: int) -> None:
        """Cover a copy of a column's metadata that some writers put behind its pages."""
        try:
            copy, stop = read_struct(self.content, at)
        except MalformedStruct:
            return
        if copy in (column, {3: column}, {2: copy.get(2), 3: column}):
            self.spans.append((at, stop))

    def pages(self, column: Struct) -> int:
        """Follow a column's pages, which have to fill its span, and hold the values that the footer counts."""
        places = [column.get(at) for at in (9, 11) if column.get(at)]
        at = start = min((place for place in places if place is not None), default=0)
        stop, values = start + column.get(7, 0), 0
        if start < len(_MAGIC) and stop > start:
            raise MalformedStruct
        while at < stop:
            head, body = read_struct(self.content, at)
            kind, size = head.get(1), head.get(3, -1)
            if not _fits_shape(head, _PAGE) or size < 0 or (kind == _DICTIONARY and at != start):
                raise MalformedStruct
            if kind in (_DATA, _DATA_V2):
                page = head.get(5 if kind == _DATA else 8, {})
                if page.get(1, 0) <= 0:
                    raise MalformedStruct  # a page of no values has no use
                values += page[1]
                self.bounded(column, page.get(5 if kind == _DATA else 8, {}))
            elif kind != _DICTIONARY:
                raise MalformedStruct
            at = body + size
        if at != stop or values != column.get(5, 0):
            raise MalformedStruct
        if stop > start:
            self.spans.append((start, stop))
        return int(stop)

    def struct(self, at: int, shape: Shape, *, length: int) -> Struct:
        found, stop = read_struct(self.content, at)
        if stop != at + length or not _fits_shape(found, shape):
            raise MalformedStruct
        self.spans.append((at, stop))
        return found

    def bounded(self, column: Struct, statistics: Struct) -> None:
        for at in (1, 2, 5, 6):
            if isinstance(statistics.get(at), bytes):
                self.bound(column, statistics[at])

    def bound(self, column: Struct, value: bytes) -> None:
        name = column[3][0].decode("utf-8", "replace")
        if column.get(1) in _INTEGERS:
            self.numbers.setdefault(name, set()).add(int.from_bytes(value, "little", signed=True))
        elif column.get(1) in _TEXT:
            uuid, untyped = _UUID in self.leaf.get(10, {}), not {6, 10} & self.leaf.keys()
            if len(value) == _SIZE and (uuid or untyped):
                self.raw.setdefault(name, set()).add(value)
            with contextlib.suppress(UnicodeDecodeError):
                self.texts.setdefault(name, set()).add(value.decode())


def _fits_shape(value: Any, shape: Shape | None) -> bool:
    """Whether a struct has no other fields than the format names; those it names can hold what they are for."""
    if isinstance(value, list):
        return all(_fits_shape(each, shape) for each in value)
    if isinstance(value, dict):
        return shape is not None and all(at in shape and _fits_shape(each, shape[at]) for at, each in value.items())
    return shape is None
