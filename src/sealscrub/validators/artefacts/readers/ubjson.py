"""Universal Binary JSON, as xgboost writes its models."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from .inert_objects import Damaged, Table

__all__ = ["is_ubjson", "read_ubjson"]

_WHOLE_NUMBERS = {b"i": ">b", b"U": ">B", b"I": ">h", b"u": ">H", b"l": ">i", b"m": ">I", b"L": ">q", b"M": ">Q"}
_NUMBERS = {**_WHOLE_NUMBERS, b"d": ">f", b"D": ">d"}
_DEEPEST = 200


def is_ubjson(data: bytes) -> bool:
    """Whether bytes start as an object of it."""
    return len(data) > 12 and data[:1] == b"{" and data[1:2] in (*_WHOLE_NUMBERS, b"#", b"$") and b"\0" in data[:12]


def read_ubjson(data: bytes) -> object:
    """Read one document.

    Raises
    ------
    Damaged
        When it isn't one.
    """
    try:
        return _Reader(data).value(0)
    except (struct.error, IndexError, ValueError, KeyError, RecursionError):
        raise Damaged from None


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        if count < 0 or count > len(self.data) - self.at:
            raise Damaged
        self.at += count
        return self.data[self.at - count : self.at]

    def mark(self) -> bytes:
        mark = self.take(1)
        while mark == b"N":
            mark = self.take(1)
        return mark

    def whole(self) -> int:
        return int(self.number(self.mark(), _WHOLE_NUMBERS))

    def number(self, mark: bytes, kinds: dict[bytes, str]) -> Any:
        kind = kinds[mark]
        return struct.unpack(kind, self.take(struct.calcsize(kind)))[0]

    def value(self, depth: int, mark: bytes | None = None) -> object:
        mark = mark or self.mark()
        if depth > _DEEPEST:
            raise Damaged
        if mark in _NUMBERS:
            return self.number(mark, _NUMBERS)
        if mark in (b"S", b"H"):
            return self.take(self.whole()).decode("utf-8", "replace")
        if mark == b"C":
            return self.take(1).decode("latin-1")
        if mark in (b"T", b"F", b"Z"):
            return {b"T": True, b"F": False, b"Z": None}[mark]
        if mark == b"[":
            return self.array(depth)
        if mark == b"{":
            return self.object(depth)
        raise Damaged

    def head(self) -> tuple[bytes | None, int | None]:
        """Type and count of a container, if it says them."""
        kind, count = None, None
        if self.data[self.at : self.at + 1] == b"$":
            self.at += 1
            kind = self.take(1)
        if self.data[self.at : self.at + 1] == b"#":
            self.at += 1
            count = self.whole()
        return kind, count

    def array(self, depth: int) -> object:
        kind, count = self.head()
        if kind in _NUMBERS and count is not None:
            dtype = np.dtype(_NUMBERS[kind])
            return np.frombuffer(self.take(count * dtype.itemsize), dtype)
        items: list[object] = []
        while count is None or len(items) < count:
            mark = kind or self.mark()
            if mark == b"]" and count is None:
                break
            items.append(self.value(depth + 1, mark))
        return items

    def object(self, depth: int) -> object:
        kind, count = self.head()
        pairs: list[tuple[object, object]] = []
        while count is None or len(pairs) < count:
            mark = self.mark()
            if mark == b"}" and count is None:
                break
            name = self.take(int(self.number(mark, _WHOLE_NUMBERS))).decode("utf-8", "replace")
            pairs.append((name, self.value(depth + 1, kind)))
        return Table(pairs)
