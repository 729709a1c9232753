"""What a table is given of its rows: by something that judges key values, whatever it knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["Judge", "KnownRows", "Matcher", "Remaining", "RemainingRows", "RowMask", "RowVerdicts"]

RowMask: TypeAlias = npt.NDArray[np.bool_]


class RowVerdicts(Protocol):
    """What a matcher says about the rows of one batch; Boolean arrays of the batch's length.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.matching import TableMatcher, parse_on
    >>> matcher = TableMatcher(example_index(["K14612345"]), parse_on({"arrest_number": "id"}))
    >>> verdicts: RowVerdicts = matcher.judge(pl.DataFrame({"id": ["K14612345", "M14000017"]}))
    >>> verdicts.matched.tolist(), verdicts.keep.tolist()
    ([True, False], [False, True])
    """

    @property
    def matched(self) -> RowMask:
        """Rows with a key in the index."""

    @property
    def unchecked(self) -> RowMask:
        """Rows whose keys could not be checked."""

    @property
    def keep(self) -> RowMask:
        """Rows that stay."""


Judge: TypeAlias = Callable[[pl.DataFrame], RowVerdicts]
"""From a batch of key columns to the verdict about its rows; raises if a key could not be checked."""


class Matcher(Protocol):
    """Says which rows are of sealed records. Batches come from several threads at a time."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""

    def judge(self, batch: pl.DataFrame, /) -> RowVerdicts:
        """Judge rows, given as its columns; in formats of text as text, null for a value that is absent or empty."""


@dataclass(frozen=True, slots=True, eq=False)
class RemainingRows:
    """Which rows of a batch stay, and which of them get another value in a column.

    Parameters
    ----------
    keep : ndarray of bool, shape (rows,)
    changed : mapping of str to ndarray of bool
        By column.
    """

    keep: RowMask
    changed: Mapping[str, RowMask] = field(default_factory=dict)

    def as_they_were(self, column: str) -> RowMask:
        """Say which rows stay and have the value of a column that they had."""
        changed = self.changed.get(column)
        return self.keep if changed is None else self.keep & ~changed


class Remaining(Protocol):
    """Says which rows stay, batch by batch in the order of rows."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""

    def judge(self, batch: pl.DataFrame, /) -> RemainingRows:
        """Judge rows, given as its columns."""


class KnownRows:
    """Gives the verdicts that were found before, batch by batch in the order of rows."""

    columns: tuple[str, ...] = ()

    def __init__(self, stays: RemainingRows) -> None:
        self._stays, self._at = stays, 0

    @property
    def all_rows(self) -> RemainingRows:
        """What is known of all rows."""
        return self._stays

    def judge(self, batch: pl.DataFrame) -> RemainingRows:
        """Give the verdicts of the next rows, as many as the batch has."""
        span = slice(self._at, self._at + batch.height)
        self._at = span.stop
        return RemainingRows(self._stays.keep[span], {name: rows[span] for name, rows in self._stays.changed.items()})
