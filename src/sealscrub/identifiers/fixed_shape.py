"""Canonical values of fixed length, checked byte by byte across a column.

Most columns hold canonical values already. If a scheme has a shape, one pass over the column's bytes decides, and
nothing has to be parsed.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask

from .digest import text_bytes
from .inline_texts import LONGEST, InlineShape, inline_views
from .scheme import Scheme

__all__: list[str] = []

_Matrix = npt.NDArray[np.uint8]


def shaped(text: pl.Series, scheme: Scheme) -> tuple[Mask, Mask]:
    """Return which texts have the canonical shape, and which of these stand for "none"; of a null anything."""
    positions, _ = read_shape(scheme.shape or "")
    views = inline_views(text) if 0 < len(positions) <= LONGEST else None
    if views is not None:
        return _inline_shape(scheme.shape or "", scheme.serial_digits, scheme.sentinels).fit(views)
    offsets, data = text_bytes(text)
    fits = np.diff(offsets) == len(positions)
    if not positions or not fits.any():
        return np.zeros(len(text), bool), np.zeros(len(text), bool)
    if fits.all():
        matrix = data[offsets[0] : offsets[-1]].reshape(-1, len(positions))
    else:
        matrix = data[offsets[:-1][fits][:, None] + np.arange(len(positions))]
    good, none = shaped_rows(matrix, scheme)
    return _spread_flags(good, fits), _spread_flags(none, fits)


def shaped_rows(matrix: _Matrix, scheme: Scheme) -> tuple[Mask, Mask]:
    """Return the same of texts of the shape's length, each a row of bytes."""
    _, words = read_shape(scheme.shape or "")
    table, wanted = _classes(scheme.shape or "")
    columns = np.ascontiguousarray(matrix.T)  # numpy is several times quicker along a row than down a column
    flags = table.take(columns)
    flags &= wanted[:, None]
    good: Mask = np.logical_and.reduce(flags, axis=0)
    for at, allowed_words in words:
        pairs = (columns[at].astype(np.uint16) << 8) | columns[at + 1]
        good &= np.isin(pairs, allowed_words)
    return good, good & _stands_for_none(columns, scheme)


@lru_cache(maxsize=256)
def read_shape(shape: str) -> tuple[tuple[Mask, ...], tuple[tuple[int, npt.NDArray[np.uint16]], ...]]:
    """Bytes that each position allows, as tables of 256 flags, and the words of two letters at some positions."""
    classes: list[Mask] = []
    words: list[tuple[int, npt.NDArray[np.uint16]]] = []
    for token in re.findall(r"\([^)]+\)|\[[^\]]+\]|.", shape):
        if token.startswith("("):
            choices = token[1:-1].split("|")
            words.append((len(classes), np.frombuffer("".join(choices).encode(), ">u2").astype(np.uint16)))
            classes += [_table("".join(word[at] for word in choices)) for at in range(2)]
        else:
            named = {"9": "0123456789", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
            classes.append(_table(named.get(token, token.strip("[]"))))
    return tuple(classes), tuple(words)


@lru_cache(maxsize=256)
def _inline_shape(shape: str, serial_digits: int, sentinels: frozenset[str]) -> InlineShape:
    digits = _digits(shape)
    serial = digits[-(serial_digits or len(digits)) :]
    listed = [(digits, each) for each in sorted(sentinels) if len(each) == len(digits)]
    nothing = [(digits, "9" * len(digits)), (serial, "0" * len(serial)), *listed] if digits else []
    return InlineShape(*read_shape(shape), tuple(nothing))


@lru_cache(maxsize=256)
def _classes(shape: str) -> tuple[_Matrix, _Matrix]:
    """For each byte, a bit for each set of bytes that it is in; and for each position, the bit of its set."""
    positions, _ = read_shape(shape)
    bits: dict[bytes, int] = {}
    wanted = [1 << bits.setdefault(allowed.tobytes(), len(bits)) for allowed in positions]
    table = np.zeros(256, np.min_scalar_type(max(wanted, default=0)))
    for flags, bit in bits.items():
        table[np.frombuffer(flags, bool)] |= 1 << bit
    return table, np.array(wanted, table.dtype)


def _table(characters: str) -> Mask:
    allowed = np.zeros(256, bool)
    allowed[np.frombuffer(characters.encode(), np.uint8)] = True
    return allowed


def _stands_for_none(columns: _Matrix, scheme: Scheme) -> Mask:
    """All nines, a serial number of zeros, or one of the scheme's own sentinels, of texts that have the shape."""
    digits = _digits(scheme.shape or "")
    if not digits:
        return np.zeros(columns.shape[1], bool)
    serial = digits[-(scheme.serial_digits or len(digits)) :]
    # if all are digits: only nine has all bits of nine, and zero has no bit that another has not
    none: Mask = np.bitwise_and.reduce(columns[list(digits)], axis=0) == ord("9")
    none |= np.bitwise_or.reduce(columns[list(serial)], axis=0) == ord("0")
    for sentinel in scheme.sentinels:
        if len(sentinel) == len(digits):
            none[_rows_with(columns, digits, sentinel)] = True
    return none


@lru_cache(maxsize=256)
def _digits(shape: str) -> tuple[int, ...]:
    """Positions of any digit."""
    positions, _ = read_shape(shape)
    return tuple(at for at, allowed in enumerate(positions) if allowed.sum() == 10 and allowed[ord("0")])


def _rows_with(columns: _Matrix, positions: tuple[int, ...], text: str) -> npt.NDArray[np.intp]:
    codes = text.encode()
    rows = np.flatnonzero(columns[positions[-1]] == codes[-1])
    for at, code in zip(positions[-2::-1], codes[-2::-1], strict=True):
        if not len(rows):
            break
        rows = rows[columns[at].take(rows) == code]
    return rows


def _spread_flags(flags: Mask, rows: Mask) -> Mask:
    out = np.zeros(len(rows), bool)
    out[rows] = flags
    return out
