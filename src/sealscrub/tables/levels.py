"""Which levels of a categorical stay, and in which order: the order is a trace as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import UsageError

__all__ = [
    "LevelRules",
    "Stays",
    "Suspect",
    "first_appearance",
    "in_use",
    "kept_key",
    "recode",
    "used_levels",
]

Codes = npt.NDArray[np.int64]
Stays: TypeAlias = Callable[[pl.Series, Mask], Mask]
"""From the levels of a list that is fixed, and which of them rows use, to those that stay."""
Suspect: TypeAlias = Callable[[str, pl.Series], Mask]
"""Says which levels of a column are of interest if no row uses them."""


@dataclass(frozen=True, slots=True)
class LevelRules:
    """What is known of the lists of levels of a table, other than the rows that use them.

    Parameters
    ----------
    keys : frozenset of str
        Key columns. Their levels are values, and only those that rows use stay.
    barred : callable, optional
        Says which levels may be in no list that no row uses: from a series of them to a mask.
    left : frozenset of str
        Columns whose levels are not compared with anything.
    """

    keys: frozenset[str] = frozenset()
    barred: Callable[[pl.Series], Mask] | None = None
    left: frozenset[str] = frozenset()

    def stays_in(self, column: str) -> Stays:
        """Give what says which levels of a column's lists stay."""
        return _all_stay if column in self.left else self.stays

    def stays(self, levels: pl.Series, used: Mask) -> Mask:
        """Say which levels of a list that is fixed stay: those in use, and of the others those that are not barred.

        >>> rules = LevelRules(barred=lambda levels: (levels == "x").to_numpy())
        >>> rules.stays(pl.Series(["x", "y", "x2"]), np.array([False, False, True])).tolist()
        [False, True, True]
        """
        stay = np.ones(len(levels), dtype=np.bool_)
        unused = np.flatnonzero(~used)
        if len(unused) and self.barred is not None:
            stay[unused] = ~self.barred(levels.gather(unused))
        return stay


def _all_stay(levels: pl.Series, used: Mask) -> Mask:
    return np.ones(len(levels), dtype=np.bool_)


def kept_key(column: str) -> UsageError:
    """Say that the levels of a key column cannot be kept."""
    return UsageError(
        f"the levels of {column!r} cannot be kept: it is a key column, and its levels are values",
        hint="leave it out of keep_levels; the levels that the remaining rows use stay.",
    )


def in_use(codes: Codes, levels: int) -> Mask:
    """Say which levels have a code; negative codes are nulls."""
    seen = np.zeros(levels, dtype=np.bool_)
    seen[codes[codes >= 0]] = True
    return seen


def used_levels(codes: Codes, levels: int) -> Codes:
    """Give the codes in use, ascending; negative codes are nulls.

    >>> used_levels(np.array([3, 1, -1, 3]), 5).tolist()
    [1, 3]
    """
    return np.flatnonzero(in_use(codes, levels)).astype(np.int64)


def first_appearance(codes: Codes, levels: int) -> Codes:
    """Give the codes in use in the order of their first appearance; negative codes are nulls.

    >>> first_appearance(np.array([3, 1, -1, 3]), 5).tolist()
    [3, 1]
    """
    present = codes[codes >= 0]
    first = np.full(levels, len(present), dtype=np.int64)
    first[present[::-1]] = np.arange(len(present) - 1, -1, -1)  # of repeated codes, the last written is the first
    used = np.flatnonzero(first < len(present))
    return used[np.argsort(first[used], kind="stable")].astype(np.int64)


def recode(codes: Codes, order: Codes, levels: int) -> Codes:
    """Renumber codes by their place in `order`; nulls stay -1.

    >>> recode(np.array([3, 1, -1, 3]), np.array([3, 1]), 5).tolist()
    [0, 1, -1, 0]
    """
    place = np.full(levels + 1, -1, dtype=np.int64)  # the last slot answers for code -1
    place[order] = np.arange(len(order))
    return place[codes]
