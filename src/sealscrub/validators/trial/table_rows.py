"""What a library's frame has to offer, so its rows can be changed without another type of a column."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .unseen_values import UNSEEN_TEXTS

__all__ = ["Refill", "Rows", "TableRows", "Unfit"]

Rows = npt.NDArray[np.intp]


class Unfit(Exception):
    """A column cannot hold a value; says nothing of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Refill:
    """What one column gets.

    Parameters
    ----------
    sources : ndarray of int
        For each row, the row whose value it gets; rows of `fresh` count on behind the table's own.
    fresh : column, optional
        Values of :meth:`TableRows.column_of`.
    """

    sources: Rows
    fresh: Any = None

    @classmethod
    def of(cls, height: int, places: Rows, sources: Rows, fresh: Any = None) -> Refill:
        """Give some rows the values of others, and leave the rest as it is."""
        every = np.arange(height)
        every[places] = sources
        return cls(every, fresh)


class TableRows(ABC):
    """One frame, whose rows are read and changed column by column; it is never changed itself.

    Values move from row to row within the library's own columns, so no type, unit, zone or level is lost on a way
    through Python. Only values that no row has are made of Python's.
    """

    height: int
    width: int

    @abstractmethod
    def ordered(self, order: Rows) -> Any:
        """Give the frame with its rows in another order, some more than once; a plain range of labels counts again."""

    @abstractmethod
    def refilled(self, refills: Mapping[int, Refill]) -> Any:
        """Give the frame with other values in some columns, by position."""

    @abstractmethod
    def column_of(self, position: int, values: list[Any]) -> Any:
        """Make values a column of a column's own type, with more levels if it has levels.

        Raises
        ------
        Unfit
            When the type cannot hold one of them.
        """

    @abstractmethod
    def read(self, position: int, column: Any = None) -> list[Any]:
        """Give the values of a column, or of one that was made for it, as Python's; points in time may be integers."""

    @abstractmethod
    def distinct(self, position: int) -> tuple[Rows, list[Any]]:
        """Give the first rows of the values that a column has, as far as these can be distinguished, and the values."""

    @abstractmethod
    def is_text(self, position: int) -> bool:
        """Whether a column holds texts and nothing else."""

    def spare_levels(self, position: int) -> list[Any] | None:
        """Give the levels that a column declares and no row has; None if it declares none."""
        return None

    def inner_texts(self, position: int) -> Sequence[str]:
        """Give texts for a column that holds some within others; levels that none of them has, if it declares these."""
        return UNSEEN_TEXTS

    def step(self, position: int) -> int:
        """Give the least difference of two values that are written as integers."""
        return 1

    def fits(self, position: int, value: Any) -> bool:
        """Whether a column can hold a value."""
        try:
            self.column_of(position, [value])
        except Unfit:
            return False
        return True
