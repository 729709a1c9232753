"""Short texts as numbers: a column's views hold up to twelve bytes of each text next to its length, without a copy."""

from __future__ import annotations

import sys
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from sealscrub.boundary.array_types import Mask

__all__: list[str] = []

LONGEST = 12  # bytes
_LENGTH = 4  # bytes in front of those of the text
_SLAB = 1 << 15  # texts worked on at a time: they stay in the processor's cache
_DIGIT = 0x76  # carries 0x0a and more, which no digit is once "0" is taken from it, into the highest bit

Views = npt.NDArray[np.uint64]
"""Of each text, in two numbers: its length in the lowest 32 bits, then its bytes, then zeros."""
_Table = npt.NDArray[np.bool_]


def inline_views(texts: pl.Series) -> Views | None:
    """Give the views of texts, in a null's place anything; None if one is longer than a view holds."""
    if sys.byteorder != "little":
        return None
    array = texts.to_arrow(compat_level=pl.CompatLevel.newest())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if not pa.types.is_string_view(array.type):
        return None
    end = array.offset + len(array)
    buffer = array.buffers()[1]
    if buffer is None or buffer.size < 2 * np.uint64().nbytes * end:
        return None
    views = np.frombuffer(buffer, np.uint64, 2 * end).reshape(-1, 2)[array.offset :]
    lengths = views.view(np.uint32)[:, 0]
    return None if len(lengths) and lengths.max() > LONGEST else views


class InlineShape:
    """Checks views by arithmetic: digits eight at a time, other positions by a table.

    Parameters
    ----------
    positions : tuple of ndarray of bool
        Bytes that each position allows, as tables of 256 flags; at most twelve.
    words : tuple of (int, ndarray of uint16)
        Words of two letters, and where they begin.
    nothing : tuple of (tuple of int, str)
        Positions and the characters there that stand for "none".
    """

    def __init__(
        self,
        positions: tuple[Mask, ...],
        words: tuple[tuple[int, npt.NDArray[np.uint16]], ...],
        nothing: tuple[tuple[tuple[int, ...], str], ...],
    ) -> None:
        signs, carry, counts = np.zeros(16, np.uint8), np.zeros(16, np.uint8), np.full(16, 0xFF, np.uint8)
        signs[0] = len(positions)
        self._tables: list[tuple[int, _Table]] = []
        self._words: list[tuple[int, _Table]] = []
        for at, allowed in enumerate(positions, _LENGTH):
            if np.array_equal(np.flatnonzero(allowed), np.arange(ord("0"), ord("9") + 1)):
                signs[at], carry[at], counts[at] = ord("0"), _DIGIT, 0x80
            elif np.count_nonzero(allowed) == 1:
                signs[at] = np.flatnonzero(allowed)[0]
            else:
                counts[at] = 0
                self._tables.append((at, allowed))
        for begin, choices in words:
            table = np.zeros(1 << 16, bool)
            table[choices] = True
            self._words.append((begin + _LENGTH, table))
        self._signs, self._carry, self._counts = (each.view(np.uint64) for each in (signs, carry, counts))
        self._nothing = [_places(*each) for each in nothing]

    def fit(self, views: Views) -> tuple[Mask, Mask]:
        """Say which texts have the shape, and which of these stand for "none"."""
        good, none = np.empty(len(views), bool), np.zeros(len(views), bool)
        for start in range(0, len(views), _SLAB):
            self._fit_slab(views[start : start + _SLAB], good[start : start + _SLAB], none[start : start + _SLAB])
        return good, none

    def _fit_slab(self, views: Views, good: Mask, none: Mask) -> None:
        halves = (views[:, 0], views[:, 1])
        odd = np.zeros(len(views), np.uint64)
        for half, signs, carry, counts in zip(halves, self._signs, self._carry, self._counts, strict=True):
            left = half ^ signs
            odd |= (left | (left + carry)) & counts  # a sum that reaches into the next byte is of a text that is out
        np.equal(odd, 0, out=good)
        written = views.view(np.uint8)
        for at, allowed in self._tables:
            good &= allowed.take(written[:, at])
        for at, allowed in self._words:
            good &= allowed.take((written[:, at].astype(np.uint16) << 8) | written[:, at + 1])
        for wanted, mask in self._nothing:
            rows = np.flatnonzero(halves[1] & mask[1] == wanted[1])
            rows = rows[halves[0][rows] & mask[0] == wanted[0]]
            none[rows] = good[rows]


def _places(positions: tuple[int, ...], text: str) -> tuple[Views, Views]:
    """Give characters at some positions, and these positions, as parts of a view."""
    wanted, mask = np.zeros(16, np.uint8), np.zeros(16, np.uint8)
    at = np.array(positions) + _LENGTH
    wanted[at], mask[at] = np.frombuffer(text.encode(), np.uint8), 0xFF
    return wanted.view(np.uint64), mask.view(np.uint64)


def padded_blocks(views: Views, subkey: Views) -> Views:
    """Give the one block of each text for CMAC: its bytes, a bit, and zeros, under the subkey of blocks so filled."""
    blocks, high = np.empty(views.shape, np.uint64), np.uint64(8 * _LENGTH)
    lengths = views.view(np.uint32)[:, 0]
    of = lengths[0] if len(lengths) and (lengths == lengths[0]).all() else lengths
    for half, moved in enumerate(((views[:, 0] >> high) | (views[:, 1] << high), views[:, 1] >> high)):
        within, end = _bounds()[half]
        moved &= within.take(of)  # what is behind a text is zeros, or a writer's mistake
        np.bitwise_xor(moved, end.take(of) ^ subkey[half], out=blocks[:, half])
    return blocks


@lru_cache(maxsize=1)
def _bounds() -> tuple[tuple[Views, Views], ...]:
    """Give the bytes of a text of each length, and the bit behind it, for each half of a block."""
    within, end = np.zeros((LONGEST + 1, 16), np.uint8), np.zeros((LONGEST + 1, 16), np.uint8)
    for length in range(LONGEST + 1):
        within[length, :length], end[length, length] = 0xFF, 0x80
    halves = (np.ascontiguousarray(each.view(np.uint64).T) for each in (within, end))
    return tuple(zip(*halves, strict=True))
