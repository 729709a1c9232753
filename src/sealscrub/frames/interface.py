"""What every container can do: name its columns, hand out its keys, give back its survivors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ColumnError, UsageError

from .changes import TableChange

__all__ = ["Change", "Changes", "FrameAdapter", "Judge", "NewValues", "Patches", "RowEdit", "RowMask", "RowVerdicts"]

RowMask: TypeAlias = npt.NDArray[np.bool_]


class RowVerdicts(Protocol):
    """What a matcher says about the rows of one batch; Boolean arrays of the batch's length."""

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
"""From a batch of key columns to the verdict about its rows; raises where a key could not be checked."""


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
        Columns in which the value may tell the rows apart: a null in a column that otherwise has none, a
        constant that no other row has, a column that must change its type.
    """

    null: tuple[str, ...] = ()
    set: Mapping[str, object] = field(default_factory=dict)
    accept_marks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.null:
            if name in self.set:
                raise UsageError(f"the column {name!r} is to become null and to be set", hint="say one of the two.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that change."""
        return (*self.null, *self.set)


@dataclass(frozen=True, slots=True)
class Change:
    """What one column gets in the matched rows: a constant of the column's own type, or null."""

    value: Any = None
    is_null: bool = True


Changes: TypeAlias = Mapping[int, Change]


@dataclass(frozen=True, slots=True)
class NewValues:
    """What some rows of one column get: positions, and as many values in the container's own kind of column."""

    rows: npt.NDArray[np.int64]
    values: Any


Patches: TypeAlias = Mapping[int, NewValues]


class FrameAdapter(ABC):
    """One container, read and never changed.

    Subclasses know a library: they name the columns, hand them out, answer whether some rows hold a value,
    and build the container of survivors. What is allowed is decided here, once for all of them.
    """

    library: ClassVar[str]
    lazy: ClassVar[bool] = False

    @property
    @abstractmethod
    def columns(self) -> list[str]:
        """Names of the columns in their order, as text; a name can stand there more than once."""

    @property
    @abstractmethod
    def rows(self) -> int:
        """Number of rows."""

    def key_batch(self, columns: Sequence[str]) -> pl.DataFrame:
        """Hand out columns for the matcher.

        Integers, floats and Booleans keep their type, texts are exact, categoricals come as ``Categorical``.
        A float column stays one, so that the matcher can say that its ids are damaged; so does every float in
        a column of mixed values, which comes as text (``123456.0``).

        Parameters
        ----------
        columns : sequence of str
            Columns to hand out.

        Returns
        -------
        polars.DataFrame
            These columns under these names, as many rows as the container.

        Raises
        ------
        ColumnError
            When a column is absent or there more than once.
        UsageError
            When the values of a column cannot be keys.
        """
        found = [(name, self.position(name)) for name in dict.fromkeys(columns)]
        return pl.DataFrame({name: self._keys(position) for name, position in found})

    def keep(
        self,
        mask: RowMask,
        *,
        edit: RowEdit | None = None,
        matched: RowMask | None = None,
        keep_index: bool = False,
        keep_levels: Collection[str] = (),
    ) -> Any:
        """Give back what came in, less every trace of the rows that go.

        Parameters
        ----------
        mask : ndarray of bool, shape (rows,)
            Rows that stay.
        edit : RowEdit, optional
            What happens to matched rows that stay.
        matched : ndarray of bool, shape (rows,), optional
            Matched rows; needed with `edit`.
        keep_index : bool
            Leave the gaps in a pandas ``RangeIndex`` instead of counting anew.
        keep_levels : collection of str
            Categorical columns whose list of levels is fixed by declaration and stays whole.

        Returns
        -------
        object
            A container of the same kind, which shares no memory with this one.

        Raises
        ------
        ColumnError
            When `edit` or `keep_levels` name a column that is absent or there more than once.
        UsageError
            When an edit would mark the rows, or its constant is not of the column's type.
        """
        self._check_length(mask)
        levels = frozenset(self.position(name) for name in keep_levels)
        if edit is None:
            return self._survivors(mask, np.zeros_like(mask), {}, keep_index, levels)
        if matched is None:
            raise UsageError("an edit was given without the rows that it is for", hint="pass matched= as well.")
        self._check_length(matched)
        changes = self._changes(edit, mask, matched)
        return self._survivors(mask, mask & matched, changes, keep_index, levels)

    def values(self, columns: Sequence[str]) -> pl.DataFrame:
        """Hand out columns typed: dates as dates, integers as integers, categoricals as text, lists as lists.

        Raises
        ------
        ColumnError
            When a column is absent or there more than once.
        UsageError
            When a column is of a type that polars does not have.
        """
        found = [(name, self.position(name)) for name in dict.fromkeys(columns)]
        made = {name: self._values(position).alias(name) for name, position in found}
        return pl.DataFrame(made) if made else pl.DataFrame(height=self.rows)

    def changed(self, change: TableChange, keep_levels: Collection[str] = ()) -> Any:
        """Give back what came in with a change, less every trace of what went.

        Levels are those of a container in which the new values had stood from the start.

        Parameters
        ----------
        change : TableChange
            Its new values are of the types in which :meth:`values` hands the columns out.
        keep_levels : collection of str
            Categorical columns whose list of levels is fixed by declaration and stays whole.

        Raises
        ------
        ColumnError
            When a column is absent or there more than once.
        UsageError
            When a column cannot hold a new value exactly.
        """
        self._check_length(change.keep)
        levels = frozenset(self.position(name) for name in keep_levels)
        patches = {}
        for name, patch in change.patches.items():
            position = self.position(name)
            if len(patch.rows) and not 0 <= int(patch.rows[0]) <= int(patch.rows[-1]) < self.rows:
                raise UsageError(f"a new value of the column {name!r} is for a row that is not there")
            stays = change.keep[patch.rows]
            if stays.any():
                fitted = self._fitted(position, patch.values.filter(pl.Series(stays)))
                patches[position] = NewValues(patch.rows[stays], fitted)
        return self._survivors(change.keep, np.zeros_like(change.keep), {}, False, levels, patches)

    def replaced(self, rows: pl.DataFrame, keep_levels: Collection[str] = ()) -> Any:
        """Give a container of the same kind and types with other rows altogether.

        Raises
        ------
        ColumnError
            When `rows` lacks a column.
        UsageError
            When a column cannot hold a value exactly, or rows have an index that is not told.
        """
        levels = frozenset(self.position(name) for name in keep_levels)
        for name in self.columns:
            self.position(name)
            if name not in rows.columns:
                raise ColumnError.absent(name, rows.columns)
        fitted = [
            self._fitted(position, rows.to_series(rows.get_column_index(name)))
            for position, name in enumerate(self.columns)
        ]
        return self._assembled(fitted, rows.height, levels)

    def position(self, column: str) -> int:
        """Find a column by name.

        Raises
        ------
        ColumnError
            When it is absent or there more than once.
        """
        names = self.columns
        count = names.count(column)
        if count == 0:
            raise ColumnError.absent(column, names)
        if count > 1:
            raise ColumnError(f"{count} columns are called {column!r}", hint="rename all but one of them.")
        return names.index(column)

    def _check_length(self, mask: RowMask) -> None:
        if mask.dtype != np.bool_ or mask.shape != (self.rows,):
            raise UsageError(
                f"a mask of {mask.dtype}, shape {mask.shape}, does not fit {self.rows} rows",
                hint="pass one bool for each row.",
            )

    def _changes(self, edit: RowEdit, mask: RowMask, matched: RowMask) -> Changes:
        """Refuse what would mark a row, as seen by the rows that stay and were not matched."""
        changes = {self.position(name): Change() for name in edit.null}
        for name, value in edit.set.items():
            position = self.position(name)
            changes[position] = Change(self._constant(position, value), is_null=False)
        if not (mask & matched).any():
            return {}
        others = mask & ~matched
        for name in edit.columns:
            position = self.position(name)
            change = changes[position]
            if name in edit.accept_marks:
                continue
            if change.is_null and not self._holds_null(position):
                raise _mark(name, "its type holds no null and would change")
            if not self._shows(position, change, others):
                raise _mark(name, "otherwise has no null" if change.is_null else "has this value in no other row")
        return changes

    @abstractmethod
    def _keys(self, position: int) -> pl.Series: ...

    @abstractmethod
    def _values(self, position: int) -> pl.Series:
        """Hand a column out typed."""

    @abstractmethod
    def _fitted(self, position: int, values: pl.Series) -> Any:
        """Make values a column of the container's own kind; refuse those that it cannot hold exactly."""

    def holds_null(self, column: str) -> bool:
        """Say whether a column can hold a null."""
        return self._holds_null(self.position(column))

    @abstractmethod
    def _assembled(self, columns: list[Any], rows: int, keep_levels: frozenset[int]) -> Any:
        """Make a container of other columns of the same types."""

    @abstractmethod
    def _constant(self, position: int, value: object) -> Any: ...

    @abstractmethod
    def _holds_null(self, position: int) -> bool: ...

    @abstractmethod
    def _shows(self, position: int, change: Change, rows: RowMask) -> bool: ...

    @abstractmethod
    def _survivors(
        self,
        mask: RowMask,
        edited: RowMask,
        changes: Changes,
        keep_index: bool,
        keep_levels: frozenset[int],
        patches: Patches = MappingProxyType({}),
    ) -> Any: ...


def _mark(column: str, why: str) -> UsageError:
    return UsageError(
        f"the column {column!r} {why}: the edit would mark the rows that matched",
        hint=f"drop the rows, edit another column, or accept the mark by naming {column!r}.",
    )


def unfit_constant(column: str) -> UsageError:
    """Say that a constant is not of its column's type, without showing it."""
    return UsageError(
        f"the value to set in the column {column!r} is not of its type",
        hint="give a value that the column can hold without changing its type.",
    )


def unfit_keys(column: str) -> UsageError:
    """Say that a column's values cannot be record keys."""
    return UsageError(
        f"the values of the column {column!r} cannot be record keys", hint="convert the column to text first."
    )
