"""What happens to a table, row by row: which rows stay, which values of them change, and what is wished of an edit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import UsageError

__all__ = ["NewValues", "Patch", "Patches", "RowEdit", "TableChange"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Patch:
    """New values of one column.

    Parameters
    ----------
    rows : ndarray of int64
        Positions in the table as it was, ascending, each once.
    values : polars.Series
        As many values; null becomes null. Of the type in which the table hands the column out
        (text in formats of text).
    edited : bool
        Whether the values are those of an edit, which text writes byte for byte as other rows do that have them.
    """

    rows: npt.NDArray[np.int64]
    values: pl.Series
    edited: bool = False

    def __post_init__(self) -> None:
        if len(self.rows) != len(self.values) or (np.diff(self.rows) <= 0).any():
            raise UsageError("a patch needs one value for each of its rows, and these in their order")

    def within(self, start: int, stop: int) -> Patch:
        """Take the part about the rows of a span, counted from its start."""
        begin, end = np.searchsorted(self.rows, [start, stop])
        return Patch(self.rows[begin:end] - start, self.values.slice(int(begin), int(end - begin)), self.edited)

    def over(self, other: Patch) -> Patch:
        """Put another patch of the column below this one, which counts where both have a row."""
        stays = ~np.isin(other.rows, self.rows)
        rows = np.concatenate([other.rows[stays], self.rows])
        order = np.argsort(rows, kind="stable")
        values = pl.concat([other.values.filter(pl.Series(stays)), self.values.cast(other.values.dtype)])
        return Patch(rows[order], values.gather(order), self.edited)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TableChange:
    """Which rows of a table stay, and what changes in them.

    Parameters
    ----------
    keep : ndarray of bool, shape (rows,)
        Rows that stay.
    patches : mapping of str to Patch
        New values by column. A patch of a removed row has no effect.
    """

    keep: npt.NDArray[np.bool_]
    patches: Mapping[str, Patch] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return bool(self.keep.all()) and not any(len(patch.rows) for patch in self.patches.values())

    def others(self, column: str) -> npt.NDArray[np.bool_]:
        """Say which rows stay and get no new value in a column."""
        rows = self.keep.copy()
        if column in self.patches:
            rows[self.patches[column].rows] = False
        return rows

    def within(self, start: int, stop: int) -> TableChange:
        """Take the part about the rows of a span, counted from its start."""
        patches = {name: patch.within(start, stop) for name, patch in self.patches.items()}
        return TableChange(self.keep[start:stop], patches)


@dataclass(frozen=True, slots=True)
class NewValues:
    """What some rows of one column get: positions, and as many values in a container's own kind of column.

    Without values, every row gets a null.
    """

    rows: npt.NDArray[np.int64]
    values: Any = None


Patches: TypeAlias = Mapping[int, NewValues]
"""New values by the places of their columns."""


@dataclass(frozen=True, slots=True)
class RowEdit:
    """What happens to matched rows that stay.

    Parameters
    ----------
    null : tuple of str
        Columns that become null in matched rows.
    set : mapping of str to object
        Columns that get a constant in matched rows; a text is read as the column's type.
    accept_marks : tuple of str
        Columns in which the value may distinguish the rows: a null or a constant that fewer other
        rows have than get it, a column that must change its type.

    Raises
    ------
    UsageError
        If a column is to become null and to be set.

    Examples
    --------
    >>> RowEdit(null=("arrest_no",), set={"precinct": 0}).columns
    ('arrest_no', 'precinct')
    """

    null: tuple[str, ...] = ()
    set: Mapping[str, object] = field(default_factory=dict)
    accept_marks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.null:
            if name in self.set:
                raise UsageError(f"the column {name!r} is to become null and to be set", hint="choose one.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that change."""
        return (*self.null, *self.set)
