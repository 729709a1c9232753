"""How many rows each matched key of a column has: whether one key names one record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .part_cipher import counts_of

__all__ = ["RowsPerKey"]

_WAITING = 1 << 16
Halves = npt.NDArray[np.uint64]


class RowsPerKey:
    """Counts rows by the first half of a key's digest, batch by batch and in any order.

    `rows` are all of them. It holds a number for each key that matched, and of those there are no more than the index
    has.

    Examples
    --------
    >>> rows = RowsPerKey()
    >>> rows.add(np.array([7, 7, 9], np.uint64))
    >>> rows.add(np.array([7], np.uint64))
    >>> rows.rows, rows.keys, rows.most
    (4, 2, 3)
    """

    def __init__(self, waiting: int = _WAITING) -> None:
        self._most_waiting = waiting
        self._keys, self._rows = np.zeros(0, np.uint64), np.zeros(0, np.int64)
        self._waiting: list[Halves] = []
        self._length = 0
        self.rows = 0

    def add(self, halves: Halves) -> None:
        """Count rows, one for each digest."""
        if not len(halves):
            return
        self.rows += len(halves)
        self._waiting.append(halves)
        self._length += len(halves)
        if self._length > max(self._most_waiting, len(self._keys)):
            self._settle()

    def join(self, other: RowsPerKey) -> None:
        """Count the rows that another one counted."""
        self._settle()
        other._settle()
        self._merge(other._keys, other._rows)
        self.rows += other.rows

    @property
    def plain(self) -> dict[str, Any]:
        """What was counted in plain values."""
        self._settle()
        return {"keys": self._keys.tolist(), "rows": self._rows.tolist()}

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> RowsPerKey:
        """Give the counts that plain values say.

        Raises
        ------
        KeyError, OverflowError, TypeError, ValueError
            When they are not of this form.
        """
        made = cls()
        if not all(type(each) is int and 0 <= each < 1 << 64 for each in plain["keys"]):
            raise ValueError("not halves of digests")
        keys = np.array(plain["keys"], np.uint64)
        rows = counts_of(plain["rows"], keys.shape)
        made._merge(keys, rows)
        made.rows = int(rows.sum())
        return made

    @property
    def held(self) -> int:
        """How many numbers are held now."""
        return self._length + len(self._keys)

    @property
    def keys(self) -> int:
        """How many keys there are."""
        self._settle()
        return len(self._keys)

    @property
    def most(self) -> int:
        """How many rows the key with the most of them has."""
        self._settle()
        return int(self._rows.max(initial=0))

    def have(self, halves: Halves) -> npt.NDArray[np.bool_]:
        """Say of which digests there is a row.

        Examples
        --------
        >>> rows = RowsPerKey()
        >>> rows.add(np.array([7, 9], np.uint64))
        >>> rows.have(np.array([9, 8], np.uint64)).tolist()
        [True, False]
        """
        self._settle()
        at = np.searchsorted(self._keys, halves)
        found: npt.NDArray[np.bool_] = np.append(self._keys, np.uint64(0))[at] == halves
        return found & (at < len(self._keys))

    def _settle(self) -> None:
        if not self._waiting:
            return
        self._merge(*np.unique(np.concatenate(self._waiting), return_counts=True))
        self._waiting, self._length = [], 0

    def _merge(self, found: Halves, rows: npt.NDArray[np.int64]) -> None:
        keys = np.concatenate([self._keys, found])
        order = np.argsort(keys, kind="stable")  # of two sorted runs, which are merged
        keys = keys[order]
        first = np.flatnonzero(np.diff(keys, prepend=~keys[:1]))
        self._keys, self._rows = keys[first], np.add.reduceat(np.concatenate([self._rows, rows])[order], first)
