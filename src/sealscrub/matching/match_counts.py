"""What was counted of the rows of a table: parts that are counted apart, on other machines too, add up to the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.identifiers import Status
from sealscrub.index import Reason

from .key_columns import KeyColumn
from .part_cipher import count_of, counts_of
from .rows_per_key import RowsPerKey

__all__ = ["KeyTally", "MatchCounts", "TableTally"]

_ROWS = ("matched", "reached", "rows", "unchecked", "without_key")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTally:
    """Counts of one key column over a table, in rows; ``damaged`` is part of ``unparsable``.

    ``matched`` rows have a key that removes a row; ``matched_keys`` are these keys, of which one has ``most_rows``.
    Of the rows that do not match, ``written`` have a value, which in ``unread`` of them is unparsable.

    Examples
    --------
    >>> tally = KeyTally(key=KeyColumn("arrest_number", ("id",)), rows=10, sealed=2, null=1)
    >>> tally.key.columns, tally.sealed, tally.null, tally.coverage
    (('id',), 2, 1, 1.0)
    """

    key: KeyColumn
    rows: int = 0
    sealed: int = 0
    withheld: int = 0
    near: int = 0
    unparsable: int = 0
    damaged: int = 0
    null: int = 0
    coverage: float = 1.0
    linked: bool = False
    recall: float | None = None
    alpha: float | None = None
    bounded_on: str | None = None
    matched: int = 0
    matched_keys: int = 0
    most_rows: int = 0
    written: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TableTally:
    """Counts of a table, in rows, and the share of the seals that its key columns together could recognise.

    ``reached`` rows have a key that parses; ``without_key`` are those of ``unchecked`` that have no key at all.

    Examples
    --------
    >>> tally = TableTally(rows=10, matched=2, unchecked=1, reached=9, without_key=1, coverage=1.0, keys=())
    >>> tally.reach
    0.9
    """

    rows: int
    matched: int
    unchecked: int
    reached: int
    without_key: int
    coverage: float
    keys: tuple[KeyTally, ...]

    @property
    def reach(self) -> float:
        """Share of the rows in which a key parses; of no rows, all."""
        return self.reached / self.rows if self.rows else 1.0


class MatchCounts:
    """Counts of a table, or of a part of it. It holds no values, and digests only of keys that matched.

    Parameters
    ----------
    keys : int
        How many key columns there are.

    Attributes
    ----------
    by_key : ndarray of int64, shape (keys, reasons + statuses)
        Rows, by the reason for which the index holds a key, and by its status.
    others : ndarray of int64, shape (keys, statuses)
        Rows that do not match, by status.
    rows_per_key : list of RowsPerKey
    rows, matched, unchecked, reached, without_key : int

    Examples
    --------
    >>> whole, part = MatchCounts(1), MatchCounts(1)
    >>> part.rows, part.matched = 3, 1
    >>> whole.join(part)
    >>> whole.join(part)
    >>> whole.rows, whole.matched
    (6, 2)
    """

    __slots__ = ("by_key", "matched", "others", "reached", "rows", "rows_per_key", "unchecked", "without_key")

    def __init__(self, keys: int) -> None:
        self.by_key = np.zeros((keys, len(Reason) + len(Status)), np.int64)
        self.others: npt.NDArray[np.int64] = np.zeros((keys, len(Status)), np.int64)
        self.rows_per_key = [RowsPerKey() for _ in range(keys)]
        self.rows = self.matched = self.unchecked = self.reached = self.without_key = 0

    def join(self, part: MatchCounts) -> None:
        """Add what was counted of other rows."""
        self.by_key += part.by_key
        self.others += part.others
        for own, other in zip(self.rows_per_key, part.rows_per_key, strict=True):
            own.join(other)
        self.rows += part.rows
        self.matched += part.matched
        self.unchecked += part.unchecked
        self.reached += part.reached
        self.without_key += part.without_key

    @property
    def plain(self) -> dict[str, Any]:
        """What was counted in plain values."""
        return {
            "by_key": self.by_key.ravel().tolist(),
            "others": self.others.ravel().tolist(),
            "rows_per_key": [each.plain for each in self.rows_per_key],
            **{name: getattr(self, name) for name in _ROWS},
        }

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any], keys: int) -> MatchCounts:
        """Give the counts of so many key columns that plain values say.

        Raises
        ------
        KeyError, TypeError, ValueError
            When they are not counts of a table with so many key columns.
        """
        made = cls(keys)
        made.by_key = counts_of(plain["by_key"], made.by_key.shape)
        made.others = counts_of(plain["others"], made.others.shape)
        made.rows_per_key = [RowsPerKey.of_plain(each) for each in plain["rows_per_key"]]
        if len(made.rows_per_key) != keys:
            raise ValueError("of other key columns")
        for name in _ROWS:
            setattr(made, name, count_of(plain[name]))
        return made
