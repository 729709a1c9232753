"""Structs in Thrift's compact protocol, as Parquet writes its footer, its page headers and its indexes.

pyarrow gives neither the places of a file's page indexes nor the headers of its pages. Structs are read without a
schema, as `the protocol <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>`_ allows.
"""

from __future__ import annotations

import struct
from typing import Any

__all__ = ["MalformedStruct", "Struct", "read_struct"]

Struct = dict[int, Any]
"""Values by the ids of their fields: bool, int, float, bytes, lists and structs."""

_DEEPEST = 64
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS = (4, 5, 6)


class MalformedStruct(Exception):
    """The bytes are not struct, or end before it does."""


def read_struct(content: Any, at: int) -> tuple[Struct, int]:
    r"""Read the struct that begins at a place, and give the place behind it.

    Parameters
    ----------
    content : bytes or mmap.mmap
    at : int

    Raises
    ------
    MalformedStruct
        When there is no struct.

    Examples
    --------
    >>> read_struct(b"\x15\x02\x18\x02hi\x00", 0)
    ({1: 1, 2: b'hi'}, 7)
    """
    reader = _Reader(content, at)
    try:
        return reader.struct(0), reader.at
    except (IndexError, struct.error):
        raise MalformedStruct from None


class _Reader:
    def __init__(self, content: Any, at: int) -> None:
        self.content, self.at = content, at

    def struct(self, depth: int) -> Struct:
        if depth > _DEEPEST:
            raise MalformedStruct
        found: Struct = {}
        field = 0
        while head := self.byte():
            step, kind = head >> 4, head & 0x0F
            field = field + step if step else self.integer()
            if field in found:
                raise MalformedStruct
            found[field] = kind == _TRUE if kind in (_TRUE, _FALSE) else self.value(kind, depth)
        return found

    def value(self, kind: int, depth: int) -> Any:
        if kind in _INTEGERS:
            return self.integer()
        if kind == _BINARY:
            return self.bytes(self.varint())
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in (_LIST, _SET):
            return self.list(depth + 1)
        if kind in (_TRUE, _FALSE, _BYTE):  # in a list, a bool is a byte
            return self.byte()
        if kind == _DOUBLE:
            return struct.unpack("<d", self.bytes(8))[0]
        raise MalformedStruct  # a map, which Parquet has nowhere

    def list(self, depth: int) -> list[Any]:
        if depth > _DEEPEST:
            raise MalformedStruct
        head = self.byte()
        count = head >> 4 if head >> 4 < 15 else self.varint()
        if count > len(self.content) - self.at:  # an element is a byte at least
            raise MalformedStruct
        return [self.value(head & 0x0F, depth) for _ in range(count)]

    def byte(self) -> int:
        self.at += 1
        return int(self.content[self.at - 1])

    def bytes(self, length: int) -> bytes:
        found = bytes(self.content[self.at : self.at + length])
        if len(found) != length:
            raise MalformedStruct
        self.at += length
        return found

    def integer(self) -> int:
        number = self.varint()
        return number >> 1 ^ -(number & 1)

    def varint(self) -> int:
        number = 0
        for shift in range(0, 70, 7):
            byte = self.byte()
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
        raise MalformedStruct
