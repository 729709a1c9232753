"""How a cell is written into the bytes that are hashed: by its value, never by how a container happens to hold it.

===========  =======================================================================================================
kind         bytes after the tag
===========  =======================================================================================================
null         none; NaN is null, and so is NaT
bool         one byte
integer      8 bytes little-endian, signed; of what is beyond that, the decimal digits
float        8 bytes IEEE 754, -0 as 0; a float of 4 bytes is the float of 8 bytes of the same value
text         UTF-8 in Unicode's form NFC; a dictionary's entry is its value
bytes        as they are
date         days since 1970, 4 bytes
datetime     seconds since 1970, 8 bytes, and nanoseconds, 4 bytes; with a time zone, of the instant, under its own tag
time         nanoseconds since midnight, 8 bytes
duration     seconds and nanoseconds, as a datetime
decimal      the digits without trailing zeros
list         number of elements, 8 bytes, then each element
struct       number of fields, 8 bytes, then each field by name: its name as text, its value
===========  =======================================================================================================

Text, bytes, decimals and long integers have their length before them, 8 bytes, so no two rows are written alike.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from .container_types import unwritten
from .nested_cells import nested_cells

__all__ = ["Cells", "cells_of"]

Bytes = npt.NDArray[np.uint8]
_NULL, _BOOL, _INT, _LONG, _FLOAT, _TEXT, _BYTES = b"n", b"b", b"i", b"I", b"f", b"s", b"x"
_DATE, _NAIVE, _INSTANT, _TIME, _DURATION, _DECIMAL = b"d", b"t", b"z", b"h", b"r", b"m"
_PER_SECOND = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_FIRST, _LAST = -(1 << 63), (1 << 63) - 1


class Cells:
    """The cells of one column, each as bytes: `data`, and where each begins and ends in it.

    Parameters
    ----------
    data : numpy.ndarray of uint8
    starts, lengths : numpy.ndarray of int64
    """

    def __init__(self, data: Bytes, starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> None:
        self.data, self.starts, self.lengths = data, starts, lengths

    def __len__(self) -> int:
        return len(self.lengths)

    def __repr__(self) -> str:
        return f"Cells({len(self)})"


def cells_of(column: pl.Series) -> Cells:
    """Write each cell of a column.

    Raises
    ------
    UsageError
        When the column is of a type that has no canonical form.
    """
    dtype = column.dtype
    if dtype == pl.Boolean:
        return _fixed_width_cells(column, _BOOL, [column.fill_null(False).cast(pl.UInt8).to_numpy()])
    if dtype.is_integer() and dtype not in (pl.UInt64, pl.Int128, getattr(pl, "UInt128", pl.Int128)):
        return _fixed_width_cells(column, _INT, [column.fill_null(0).cast(pl.Int64).to_numpy().astype("<i8")])
    if dtype.is_float():
        wide = column.cast(pl.Float64).fill_nan(None)
        return _fixed_width_cells(wide, _FLOAT, [(wide.fill_null(0.0).to_numpy() + 0.0).astype("<f8")])
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return _texts(column.cast(pl.String))
    if dtype == pl.Binary:
        return _prefixed(column, _BYTES)
    if dtype == pl.Date:
        return _fixed_width_cells(column, _DATE, [column.to_physical().fill_null(0).to_numpy().astype("<i4")])
    if dtype == pl.Time:
        return _fixed_width_cells(column, _TIME, [column.to_physical().fill_null(0).to_numpy().astype("<i8")])
    if isinstance(dtype, pl.Datetime | pl.Duration):
        return _moments(column, dtype)
    if dtype == pl.Null:
        return _fixed_width_cells(column, _NULL, [])
    if dtype.is_nested():
        return _cells(nested_cells(column, _pieces))
    if dtype == pl.Object:
        raise unwritten(column.name)
    return _one_by_one(column)


def _moments(column: pl.Series, dtype: pl.Datetime | pl.Duration) -> Cells:
    unit = _PER_SECOND[dtype.time_unit or "us"]
    ticks = column.to_physical().fill_null(0).to_numpy().astype(np.int64)
    seconds = ticks // unit
    rest = (ticks - seconds * unit) * (_PER_SECOND["ns"] // unit)
    tag = _DURATION if isinstance(dtype, pl.Duration) else _INSTANT if dtype.time_zone else _NAIVE
    return _fixed_width_cells(column, tag, [seconds.astype("<i8"), rest.astype("<u4")])


def _fixed_width_cells(column: pl.Series, tag: bytes, parts: Sequence[npt.NDArray[Any]]) -> Cells:
    """Cells of one width; nulls are only a tag."""
    rows = len(column)
    width = 1 + sum(part.dtype.itemsize for part in parts)
    matrix = np.empty((rows, width), np.uint8)
    there = column.is_not_null().to_numpy()
    matrix[:, 0] = np.where(there, tag[0], _NULL[0])
    at = 1
    for part in parts:
        size = part.dtype.itemsize
        matrix[:, at : at + size] = np.ascontiguousarray(part).view(np.uint8).reshape(rows, size)
        at += size
    starts = np.arange(rows, dtype=np.int64) * width
    return Cells(matrix.reshape(-1), starts, np.where(there, width, 1).astype(np.int64))


def _texts(column: pl.Series) -> Cells:
    if (column.str.len_bytes() != column.str.len_chars()).any():
        column = column.str.normalize("NFC")
    return _prefixed(column.cast(pl.Binary), _TEXT)


def _prefixed(column: pl.Series, tag: bytes) -> Cells:
    """Cells with their length before them: the column's own buffer with a header put before each value."""
    values = column.to_arrow()
    values = values.cast("large_binary") if str(values.type) != "large_binary" else values
    offsets = np.frombuffer(values.buffers()[1], np.int64, len(values) + 1, values.offset * 8)
    content = np.frombuffer(values.buffers()[2] or b"", np.uint8)
    there = column.is_not_null().to_numpy()
    sizes = np.where(there, offsets[1:] - offsets[:-1], 0)
    lengths = np.where(there, sizes + 9, 1)
    starts = np.cumsum(lengths) - lengths
    data = np.empty(int(lengths.sum()), np.uint8)
    data[starts] = np.where(there, tag[0], _NULL[0])
    headers = sizes[there].astype("<u8").view(np.uint8).reshape(-1, 8)
    data[starts[there][:, None] + np.arange(1, 9)] = headers
    spread(content, offsets[:-1][there], sizes[there], data, starts[there] + 9)
    return Cells(data, starts.astype(np.int64), lengths.astype(np.int64))


def spread(
    source: Bytes,
    starts: npt.NDArray[np.int64],
    sizes: npt.NDArray[np.int64],
    target: Bytes,
    places: npt.NDArray[np.int64],
) -> None:
    """Copy pieces of one array of bytes to places in another."""
    total = int(sizes.sum())
    if not total:
        return
    ends = np.cumsum(sizes)
    within = np.arange(total) - np.repeat(ends - sizes, sizes)
    target[np.repeat(places, sizes) + within] = source[np.repeat(starts, sizes) + within]


def _one_by_one(column: pl.Series) -> Cells:
    return _cells([_written(value, column.name) for value in column.to_list()])


def _pieces(column: pl.Series) -> list[bytes]:
    """The cells of a column one by one."""
    cells = cells_of(column)
    whole = cells.data.tobytes()
    spans = zip(cells.starts.tolist(), cells.lengths.tolist(), strict=True)
    return [whole[start : start + length] for start, length in spans]


def _cells(pieces: list[bytes]) -> Cells:
    lengths = np.array([len(piece) for piece in pieces], np.int64)
    return Cells(np.frombuffer(b"".join(pieces), np.uint8), np.cumsum(lengths) - lengths, lengths)


def _written(value: Any, column: str) -> bytes:
    """One value, the same bytes as the column's own path would write."""
    if value is None or value != value:
        return _NULL
    if isinstance(value, bool):
        return _BOOL + bytes([value])
    if isinstance(value, int):
        return _INT + struct.pack("<q", value) if _FIRST <= value <= _LAST else _sized(_LONG, str(value).encode())
    if isinstance(value, float):
        return _FLOAT + struct.pack("<d", value + 0.0)
    if isinstance(value, str):
        return _sized(_TEXT, unicodedata.normalize("NFC", value).encode())
    if isinstance(value, bytes):
        return _sized(_BYTES, value)
    if isinstance(value, Decimal):
        return _sized(_DECIMAL, _digits(value))
    raise unwritten(column)


def _sized(tag: bytes, content: bytes) -> bytes:
    return tag + struct.pack("<Q", len(content)) + content


def _digits(value: Decimal) -> bytes:
    sign, digits, exponent = value.as_tuple()
    number = int("".join(map(str, digits)) or "0")
    scale = -int(exponent)
    while number and scale > 0 and number % 10 == 0:
        number, scale = number // 10, scale - 1
    if scale < 0:
        number, scale = number * 10**-scale, 0
    if not number:
        sign, scale = 0, 0
    return f"{'-' if sign else ''}{number}e-{scale}".encode()
