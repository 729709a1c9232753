"""Lists and structs as bytes: by the cells of what is in them, so nothing passes through a coarser Python type."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Callable

import polars as pl

__all__ = ["nested_cells"]

_NULL, _TEXT, _LIST, _STRUCT = b"n", b"s", b"l", b"o"
Pieces = Callable[[pl.Series], list[bytes]]


def nested_cells(column: pl.Series, pieces: Pieces) -> list[bytes]:
    """Write each list, array or struct of a column; `pieces` writes the cells of what is in them."""
    if isinstance(column.dtype, pl.Array):
        column = column.arr.to_list()
    return _structs(column, pieces) if isinstance(column.dtype, pl.Struct) else _lists(column, pieces)


def _lists(column: pl.Series, pieces: Pieces) -> list[bytes]:
    counts = column.list.len().to_list()
    within = pieces(column.filter(column.list.len() > 0).explode())
    written, at = [], 0
    for count in counts:
        if count is None:
            written.append(_NULL)
            continue
        written.append(_LIST + struct.pack("<Q", count) + b"".join(within[at : at + count]))
        at += count
    return written


def _structs(column: pl.Series, pieces: Pieces) -> list[bytes]:
    names = sorted(column.struct.fields)
    fields = [[_name(name) + piece for piece in pieces(column.struct.field(name))] for name in names]
    head = _STRUCT + struct.pack("<Q", len(names))
    rows = zip(*fields, strict=True) if fields else ((),) * len(column)
    there = column.is_not_null().to_list()
    return [head + b"".join(row) if each else _NULL for each, row in zip(there, rows, strict=True)]


def _name(name: str) -> bytes:
    text = unicodedata.normalize("NFC", name).encode()
    return _TEXT + struct.pack("<Q", len(text)) + text
