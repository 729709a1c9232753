"""Canonical values of fixed length, checked byte by byte across a column.

Most columns hold canonical values already. Where a scheme has a shape, one pass over the column's bytes tells, and
nothing has to be parsed.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from .cleaning import Mask
from .digest import text_bytes
from .scheme import Scheme

__all__: list[str] = []

_Matrix = npt.NDArray[np.uint8]


def shaped(text: pl.Series, scheme: Scheme) -> tuple[Mask, Mask]:
    """Tell which texts have the canonical shape, and which of these stand for "none"."""
    positions, _ = read_shape(scheme.shape or "")
    offsets, data = text_bytes(text)
    fits = np.diff(offsets) == len(positions)
    if not positions or not fits.any():
        return np.zeros(len(text), bool), np.zeros(len(text), bool)
    if fits.all():
        matrix = data[offsets[0] : offsets[-1]].reshape(-1, len(positions))
    else:
        matrix = data[offsets[:-1][fits][:, None] + np.arange(len(positions))]
    good, none = shaped_rows(matrix, scheme)
    return _spread(good, fits), _spread(none, fits)


def shaped_rows(matrix: _Matrix, scheme: Scheme) -> tuple[Mask, Mask]:
    """Tell the same of texts of the shape's length, each a row of bytes."""
    positions, words = read_shape(scheme.shape or "")
    good = np.ones(len(matrix), bool)
    for at, allowed in enumerate(positions):
        good &= allowed[matrix[:, at]]
    for at, allowed_words in words:
        codes = np.ascontiguousarray(matrix[:, at : at + 2]).view(np.uint16)[:, 0]
        good &= np.isin(codes, allowed_words)
    return good, good & _stands_for_none(matrix, positions, scheme)


@lru_cache(maxsize=256)
def read_shape(shape: str) -> tuple[tuple[Mask, ...], tuple[tuple[int, npt.NDArray[np.uint16]], ...]]:
    """Bytes that each position allows, as tables of 256 flags, and the words of two letters at some positions."""
    classes: list[Mask] = []
    words: list[tuple[int, npt.NDArray[np.uint16]]] = []
    for token in re.findall(r"\([^)]+\)|\[[^\]]+\]|.", shape):
        if token.startswith("("):
            choices = token[1:-1].split("|")
            words.append((len(classes), np.frombuffer("".join(choices).encode(), np.uint16)))
            classes += [_table("".join(word[at] for word in choices)) for at in range(2)]
        else:
            named = {"9": "0123456789", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
            classes.append(_table(named.get(token, token.strip("[]"))))
    return tuple(classes), tuple(words)


def _table(characters: str) -> Mask:
    allowed = np.zeros(256, bool)
    allowed[np.frombuffer(characters.encode(), np.uint8)] = True
    return allowed


def _stands_for_none(matrix: _Matrix, positions: tuple[Mask, ...], scheme: Scheme) -> Mask:
    """All nines, a serial number of zeros, or one of the scheme's own sentinels."""
    digits = [at for at, allowed in enumerate(positions) if allowed.sum() == 10 and allowed[ord("0")]]
    none = np.zeros(len(matrix), bool)
    if not digits:
        return none
    serial = digits[-(scheme.serial_digits or len(digits)) :]
    for at, filler in ((digits, "9" * len(digits)), (serial, "0" * len(serial))):
        none[_rows_with(matrix, at, filler)] = True
    for sentinel in scheme.sentinels:
        if len(sentinel) == len(digits):
            none[_rows_with(matrix, digits, sentinel)] = True
    return none


def _rows_with(matrix: _Matrix, positions: list[int], text: str) -> npt.NDArray[np.intp]:
    codes = text.encode()
    rows = np.flatnonzero(matrix[:, positions[-1]] == codes[-1])
    for at, code in zip(positions[-2::-1], codes[-2::-1], strict=True):
        if not len(rows):
            break
        rows = rows[matrix[rows, at] == code]
    return rows


def _spread(flags: Mask, rows: Mask) -> Mask:
    out = np.zeros(len(rows), bool)
    out[rows] = flags
    return out
