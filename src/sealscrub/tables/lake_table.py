"""What a version of a Delta table and one of an Iceberg table have in common when they are written."""

from __future__ import annotations

import math
import os
from abc import abstractmethod
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl
import pyarrow as pa

from sealscrub.errors import UsageError, WriteFailed

from .changes import RowEdit, TableChange
from .delta.delta_address import DeltaAddress
from .file import Opening
from .file_sequence import FileSequence
from .iceberg.iceberg_address import IcebergAddress
from .part_replacement import Renewed
from .table_leftovers import Leftovers

__all__ = ["ChangedTable", "LakeTable"]


class _Typed(Protocol):
    """A version that says the types of its columns."""

    @property
    def kinds(self) -> pa.Schema: ...

    @property
    def dtypes(self) -> dict[str, pl.DataType]: ...

    @property
    def folder(self) -> Path: ...


class _Part(Protocol):
    """A file of a version."""

    rows: int

    def batches(self, columns: Sequence[str], /) -> Iterator[pl.DataFrame]: ...

    def changed_rows(self, change: TableChange, /) -> pa.Table: ...


class LakeTable(FileSequence):
    """A version of a table that is written as a new one, or to which a version is added.

    Attributes
    ----------
    opening : Opening
        Which entries of metadata stay.
    written : bool
        Whether it is written, and what is written gets names of its own.
    deferred : bool
        Whether changes are returned, to be written when all is checked.
    in_place : bool
        Whether they are committed to the table itself.
    orphans_before : float
        Of files that no version names, those are deleted with the history that were written before this moment, in
        seconds since 1970. An engine that tries again may commit the others yet.
    added : str, optional
        The version that :meth:`committed` has added, also when an error followed.
    target : DeltaAddress or IcebergAddress, optional
        Where a plan puts it, if not by its source: a folder below the output, or a table of a catalog.
    placed : list of (str or None), optional
        When a plan has written it as a Delta table: the file of that which each of its files is, if any.
    """

    snapshot: _Typed
    parts: Sequence[_Part]
    opening: Opening
    written: bool = False
    deferred: bool = False
    in_place: bool = False
    orphans_before: float = math.inf
    added: str | None = None
    target: DeltaAddress | IcebergAddress | None = None
    placed: list[str | None] | None = None
    _at_first: Leftovers | None = None

    @property
    def roots(self) -> tuple[Path, ...]:
        """The table's folder, in which no output may be."""
        return (self.place,)

    @property
    def kinds(self) -> pa.Schema:
        """The types of the columns."""
        return self.snapshot.kinds

    @property
    @abstractmethod
    def state(self) -> list[str]:
        """What says that this is the version that was read before: the table's id, the version, what it declares."""

    @property
    @abstractmethod
    def shape(self) -> list[str]:
        """What only a table of its kind has next to columns, by name: partitions, sort order, properties."""

    @abstractmethod
    def changed_parts(self, change: TableChange) -> Iterator[pa.Table]:
        """Give the rows that stay of each file that keeps any, with what changes in them, in the table's types.

        Raises
        ------
        UsageError
            When a new value does not fit.
        """

    def check_edit(self, edit: RowEdit) -> None:
        """Refuse an edit that sets what holds no null to null."""
        for name in edit.null:
            if name in self.columns and not self.holds_null(name):
                raise UsageError(f"{name!r} holds no null", where=self.name, hint="set a value.")

    def check_change(self, change: TableChange) -> None:
        """Refuse a change of another number of rows, and nulls in a column that holds none."""
        super().check_change(change)
        for name, patch in change.patches.items():
            if patch.values.filter(pl.Series(change.keep[patch.rows])).null_count():
                self.check_edit(RowEdit(null=(name,)))

    @abstractmethod
    def check_aside(self, aside: Path | None) -> None:
        """Refuse a name of another format for rows that are set aside.

        Raises
        ------
        ConfigError
        """

    def check_places(self, output: Path, aside: Path | None) -> None:
        """Refuse names of another format for a new table that is not an address, and for rows that are set aside.

        Raises
        ------
        ConfigError
        """
        self.check_aside(aside)

    def check_in_place(self, keys: Collection[str], *, purge_history: bool = False) -> None:
        """Refuse a table to which a version cannot be added truly, or whose history cannot be deleted.

        Parameters
        ----------
        keys : collection of str
            The key columns: a commit names each file that it removes, and its path may hold the value of a partition.
        purge_history : bool
            Whether the history is deleted afterwards.

        Raises
        ------
        UsageError
        UnreadableInput
            When the folder holds a symbolic link.
        """
        self._refuse_in_place(keys)
        if purge_history:
            self._at_first = self._refuse_purge()

    @abstractmethod
    def _refuse_in_place(self, keys: Collection[str]) -> None: ...

    @abstractmethod
    def _refuse_purge(self) -> Leftovers:
        """Give all that is in the folder."""

    def check_writable(self) -> None:
        """Refuse folders in which no file can be made.

        Raises
        ------
        WriteFailed
        """
        for folder in self.roots:
            effective = os.access in os.supports_effective_ids
            if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK, effective_ids=effective):
                raise WriteFailed(
                    "the table's folder cannot be written (Permission denied); nothing was changed",
                    where=str(self.name),
                    hint="scrub it into a new table, or run it as a user who may write there.",
                )

    @abstractmethod
    def check_newest(self) -> None:
        """Refuse a version upon which nothing is committed, since there is another by now, or it is an earlier one.

        Raises
        ------
        UnreadableInput
        """

    @abstractmethod
    def committed(self, change: TableChange, renewed: Renewed | None = None) -> None:
        """Commit a version with a change to the table itself.

        Parameters
        ----------
        change : TableChange
            Which rows stay, and what changes in them.
        renewed : callable, optional
            Says whether a file of which no row is removed is replaced all the same.
        """

    @abstractmethod
    def left_by(self, change: TableChange, renewed: Renewed) -> Leftovers:
        """Say what is in the folder that the version would not need which :meth:`committed` makes.

        Raises
        ------
        UsageError
            When there are files that are not known as those of such a table.
        UnreadableInput
            When the folder holds a symbolic link.
        """

    def purged(self) -> tuple[Any, Leftovers]:
        """Delete the history; give the address of what is left, and what was deleted that was there at first."""
        newest, goes = self._purged()
        return newest, goes if self._at_first is None else goes.among(self._at_first)

    @abstractmethod
    def _purged(self) -> tuple[Any, Leftovers]: ...

    def replaced(self, rows: pl.DataFrame, target: Any) -> Any:
        """Refuse other rows altogether: they do not say which file and partition each goes to."""
        raise UsageError(
            "a Delta or Iceberg table is not written from other rows",
            where=self.name,
            hint="keep a table that is recomputed as a whole in one file of Parquet.",
        )


@dataclass(frozen=True, slots=True, eq=False)
class ChangedTable:
    """A version with a change, as it is written as a new table.

    Attributes
    ----------
    table : LakeTable
        What was read.
    change : TableChange
        Which rows stay, and what changes in them.
    """

    table: LakeTable
    change: TableChange
