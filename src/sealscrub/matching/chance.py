"""Which keys that an index holds may be met in other values by chance."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.identifiers import get_scheme
from sealscrub.index import Index

from .number_sample import LONGEST, NumberSample, number_codes, numbers_of

__all__ = ["SHORTEST", "Chance", "SeenNumbers", "is_short", "moved"]

Rows = npt.NDArray[np.int64]

SHORTEST = 6
"""Characters of a value with a letter from which on it is not met by chance."""
_BY_CHANCE = 1e-6  # how likely a number of as many digits may be in the index by chance, at most


class SeenNumbers(NamedTuple):
    """Numbers among values, in the index or not, that may be met in it by chance.

    Attributes
    ----------
    scheme : str
        Under which they are keys.
    seed : int
        Of a :class:`NumberSample` of them.
    rows : ndarray of int64
        The values, by their places among those given.
    codes : ndarray of int64
        See :func:`number_codes`.
    held : ndarray of bool
        Which of them the index holds.
    """

    scheme: str
    seed: int
    rows: Rows
    codes: npt.NDArray[np.int64]
    held: Mask

    def __repr__(self) -> str:
        return f"SeenNumbers({len(self.codes)})"


class Chance:
    """Tells keys of one scheme that may be something else from those that may not.

    A value with a letter is telling from six letters and digits on; a number where fewer than one in a million of as
    many digits are in the index.

    Parameters
    ----------
    index : Index
        An open index.
    scheme : str
        One of its schemes.
    """

    def __init__(self, index: Index, scheme: str) -> None:
        self._scheme, self._index = scheme, index.id
        self._entries = index.header.schemes[scheme].entries
        self._opaque = get_scheme(scheme).opaque

    def of(self, value: str) -> bool:
        """Say whether a canonical value may be met by chance."""
        if not value.isdigit():
            return len(value) < SHORTEST
        return self._entries / (9 * 10.0 ** (len(value) - 1)) > _BY_CHANCE

    @cached_property
    def fewest(self) -> int:
        """How many characters a value has at the fewest that is not met by chance."""
        return next(count for count in range(1, SHORTEST + 1) if count == SHORTEST or not self.of("1" * count))

    @cached_property
    def _longest(self) -> int:
        """How many digits a number has at the most that may be met by chance."""
        return next((count for count in range(LONGEST, 0, -1) if self.of("1" * count)), 0)

    @cached_property
    def _seed(self) -> int:
        return int.from_bytes(hashlib.sha256(f"{self._index}/{self._scheme}".encode()).digest()[:7])

    def in_text(self, value: str, written: str) -> bool:
        """Say whether what may be met by chance is looked for in sentences.

        Of ids of one system is what has a digit; of others a number of six or more, which is written so.
        """
        if self._opaque:
            return any(map(str.isdigit, value))
        return value.isdigit() and min(len(value), sum(map(str.isalnum, written))) >= SHORTEST

    def seen(self, rows: Rows, values: pl.Series, held: Mask) -> SeenNumbers:
        """Give the numbers among canonical values that may be met by chance."""
        numbers, codes = number_codes(values, self._longest)
        return SeenNumbers(self._scheme, self._seed, rows[numbers], codes, held[numbers])

    def explains(self, numbers: NumberSample, holds: Callable[[pl.Series], Mask]) -> bool:
        """Say whether chance explains how many of some numbers the index holds; `holds` says which it does."""
        return numbers.by_chance(lambda codes: holds(numbers_of(codes)))

    def __repr__(self) -> str:
        return f"Chance({self._scheme})"


def moved(seen: Iterable[SeenNumbers], rows: Rows) -> list[SeenNumbers]:
    """Give numbers in values that were chosen from others with the rows of these."""
    return [each._replace(rows=rows[each.rows]) for each in seen]


def is_short(written: str, scheme: str) -> bool:
    """Whether a value is written in so few signs that only added zeros make an id of it."""
    return not get_scheme(scheme).opaque and sum(map(str.isalnum, written)) < SHORTEST
