"""The different numbers of one place, and whether chance explains how many of them an index holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask

__all__ = ["LONGEST", "NumberSample", "number_codes", "numbers_of"]

Codes = npt.NDArray[np.int64]

LONGEST = 15
"""Digits of a number that has a code."""
_MOST = 50_000  # numbers of a place that are remembered
_REDRAWN = 4  # last digits in which a neighbour differs
_NEIGHBOURS = 20_000
_FEWEST = 4  # neighbours of each number
_CHANCE = 1e-6  # below which it does not explain what the index holds
_EVERY = (1 << 64) - 1
_TOO_LONG = 2 * 10**LONGEST  # code that no number has
_POWERS = 10 ** np.arange(LONGEST + 2, dtype=np.int64)


def number_codes(values: pl.Series, longest: int) -> tuple[Mask, Codes]:
    """Give the values that are digits alone, as a mask, and their codes: the number with a 1 before its first digit.

    Examples
    --------
    >>> mask, codes = number_codes(pl.Series(["0501", "K14", "12345"]), 4)
    >>> mask.tolist(), codes.tolist()
    ([True, False, False], [10501])
    """
    digits = (values.str.len_bytes() <= min(longest, LONGEST)) & values.str.contains(r"^[0-9]+$")
    return digits.to_numpy(), ("1" + values.filter(digits)).cast(pl.Int64).to_numpy()


def numbers_of(codes: Codes) -> pl.Series:
    """Give numbers by their codes."""
    return pl.Series(codes, dtype=pl.Int64).cast(pl.String).str.slice(1)


@dataclass(slots=True)
class NumberSample:
    """Different numbers: all of a place, or all of some blocks of it. Numbers of one block differ in four last digits.

    Which blocks these are depends on the numbers and the seed alone: not on their order, nor on how they are divided.

    Parameters
    ----------
    seed : int
        Decides by which blocks many numbers are represented, and which neighbours are looked at.
    """

    seed: int
    codes: Codes = field(default_factory=lambda: np.zeros(0, np.int64))
    held: Mask = field(default_factory=lambda: np.zeros(0, bool))
    _last: int = _EVERY

    def add(self, codes: Codes, held: Mask) -> None:
        """Take numbers by their codes, and which of them the index holds."""
        if self._last != _EVERY:
            inside = self._order(codes) < np.uint64(self._last)
            codes, held = codes[inside], held[inside]
        if len(codes):
            self.codes, first = np.unique(np.concatenate([self.codes, codes]), return_index=True)
            self.held = np.concatenate([self.held, held])[first]
            self._trim()

    def join(self, other: NumberSample) -> None:
        """Take the numbers of another sample with the same seed."""
        self._last = min(self._last, other._last)
        codes, held = self.codes, self.held
        self.codes, self.held = codes[:0], held[:0]
        self.add(np.concatenate([codes, other.codes]), np.concatenate([held, other.held]))

    @property
    def plain(self) -> dict[str, Any]:
        """The sample in plain values."""
        return {"seed": self.seed, "codes": self.codes.tolist(), "held": self.held.tolist(), "last": self._last}

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> NumberSample:
        """Give the sample that plain values say.

        Raises
        ------
        KeyError, TypeError, ValueError
            When they are not of a sample.
        """
        seed, last, codes, held = plain["seed"], plain["last"], plain["codes"], plain["held"]
        if not all(type(each) is int and 0 <= each <= _EVERY for each in (seed, last, *codes)):
            raise ValueError("not a number")
        if (
            not all(type(each) is bool for each in held)
            or len(held) != len(codes)
            or max(codes, default=0) >= _TOO_LONG
        ):
            raise ValueError("not numbers and which are held")
        return cls(seed, np.array(codes, np.int64), np.array(held, bool), last)

    def by_chance(self, holds: Callable[[Codes], Mask]) -> bool:
        """Say whether as many of the neighbours of these numbers are in the index, as far as chance goes.

        A neighbour is a number with other last digits that is not in the place. For the numbers of each count of
        digits, a one-sided hypergeometric test compares the share that the index holds with the mean share of each
        one's neighbours; it is made at one in a million.

        Parameters
        ----------
        holds : callable
            Says which numbers the index holds, by their codes.
        """
        edges = np.searchsorted(self.codes, _POWERS[1:])
        return all(
            not self.held[start:stop].any() or self._explained(self.codes[start:stop], self.held[start:stop], holds)
            for start, stop in pairwise(edges.tolist())
        )

    def _explained(self, codes: Codes, held: Mask, holds: Callable[[Codes], Mask]) -> bool:
        """Make the test for numbers that have as many digits."""
        width = int(_POWERS[_redrawn(codes[:1])[0]])
        each = max(_FEWEST, -(-_NEIGHBOURS // len(codes)))
        drawn = _mixed(np.arange(len(codes) * each, dtype=np.uint64) + np.uint64(self.seed)).reshape(-1, each)
        drawn ^= _mixed(codes.astype(np.uint64))[:, None]
        near = (codes // width * width)[:, None] + (drawn % np.uint64(width)).astype(np.int64)
        different, where = np.unique(near, return_inverse=True)
        other = ~np.isin(different, codes, assume_unique=True)
        met = np.zeros(len(different), bool)
        met[other] = holds(different[other])
        where = where.reshape(near.shape)
        beside = other[where].sum(axis=1)
        tested = beside > 0
        if not tested.any():
            return True
        share = float((met[where].sum(axis=1)[tested] / beside[tested]).mean())
        neighbours = int(other.sum())
        expected = math.ceil(share * neighbours)
        return _tail(int(held[tested].sum()), int(tested.sum()), expected, neighbours) >= _CHANCE

    def _order(self, codes: Codes) -> npt.NDArray[np.uint64]:
        """Give the block of each number, as a number that looks drawn; no two blocks have the same."""
        redrawn = _redrawn(codes)
        blocks = codes // _POWERS[redrawn] * 8 + redrawn
        return _mixed(blocks.astype(np.uint64) + np.uint64(self.seed))

    def _trim(self) -> None:
        """Leave out the last blocks in their order, until those that are left have few numbers enough."""
        if len(self.codes) <= _MOST:
            return
        orders = self._order(self.codes)
        blocks, counts = np.unique(orders, return_counts=True)
        self._last = int(blocks[np.searchsorted(np.cumsum(counts), _MOST, side="right")])
        inside = orders < np.uint64(self._last)
        self.codes, self.held = self.codes[inside], self.held[inside]


def _redrawn(codes: Codes) -> npt.NDArray[np.int64]:
    """How many last digits differ among the neighbours of each number: not its first."""
    digits = np.searchsorted(_POWERS, codes, side="right") - 1
    return np.clip(digits - 1, 0, _REDRAWN)


def _mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Mix the bits of numbers, each of which has its own (splitmix64, of Steele, Lea and Flood)."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _tail(held: int, drawn: int, expected: int, others: int) -> float:
    """How likely so many or more of the drawn are held, where the held are spread over the drawn and the others."""
    every, all_held = drawn + others, held + expected
    if not held:
        return 1.0

    def choose(of: int, some: int) -> float:
        return math.lgamma(of + 1) - math.lgamma(some + 1) - math.lgamma(of - some + 1)

    first = choose(all_held, held) + choose(every - all_held, drawn - held) - choose(every, drawn)
    more = np.arange(held, min(drawn, all_held), dtype=float)
    steps = np.log((all_held - more) * (drawn - more) / ((more + 1) * (every - all_held - drawn + more + 1)))
    return float(np.exp(first + np.concatenate([[0.0], np.cumsum(steps)])).sum())
