"""What a database is to a plan: tables to read, and a new place to which all of them are written at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import polars as pl

from sealscrub.errors import ColumnError, ConfigError, UsageError
from sealscrub.frames.changes import TableChange

from ..table import PlanTable
from .source import DatabaseSource, TableName

__all__ = ["BATCH_ROWS", "Change", "DatabaseColumn", "DatabaseStore", "DatabaseTable", "Layout", "Written"]

BATCH_ROWS = 131_072  # some MB of a wide table

Change = TableChange | pl.DataFrame


@dataclass(frozen=True, slots=True)
class DatabaseColumn:
    """A column as the database declares it, and as it is handed out.

    Parameters
    ----------
    name : str
        Its name.
    declared : str
        Its type in the database's words.
    dtype : polars.DataType or None
        The type in which it is handed out; None where polars has none. Such a column is copied, exactly, and
        can't be read.
    generated : bool
        Whether the database computes it from other columns, so that it is not written.
    """

    name: str
    declared: str
    dtype: pl.DataType | None
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """A table of a database and its columns.

    Parameters
    ----------
    name : TableName
        The table, with its schema where the engine has schemas.
    columns : tuple of DatabaseColumn
        In their order.
    """

    name: TableName
    columns: tuple[DatabaseColumn, ...]

    def column(self, name: str) -> DatabaseColumn:
        """Give the column of a name.

        Raises
        ------
        ColumnError
            When there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise ColumnError.absent(name, [column.name for column in self.columns], where=str(self.name))

    @property
    def stored(self) -> list[DatabaseColumn]:
        """The columns that are written."""
        return [column for column in self.columns if not column.generated]


@dataclass(frozen=True, slots=True)
class Written:
    """What a store has written.

    Parameters
    ----------
    place : str
        Where: the file, or the schema.
    tables : tuple of str
        The tables that were copied, in the order of their names.
    left_out : tuple of str
        What else the database holds and the new one does not, each with its kind: ``view busy_precincts``.
    notes : tuple of str
        What a person should know: where a sequence starts now.
    """

    place: str
    tables: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class DatabaseStore(ABC):
    """One database of an estate. It is read, never changed; use it as a context manager, or close it.

    While a store is open, what it reads is one state of the database.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self._types: dict[TableName, Mapping[str, str]] = {}

    @abstractmethod
    def tables(self) -> list[TableName]:
        """Give the names of the tables that a plan may use, sorted."""

    @abstractmethod
    def layout(self, table: TableName, types: Mapping[str, str]) -> Layout:
        """Find a table and its columns.

        Raises
        ------
        ConfigError
            When there is no such table, or it is of a kind that can't be copied.
        """

    @abstractmethod
    def count(self, layout: Layout) -> int:
        """Count the rows of a table."""

    @abstractmethod
    def read(self, layout: Layout, columns: Sequence[DatabaseColumn]) -> Iterator[pl.DataFrame]:
        """Give columns of every row in the table's order; at least one frame."""

    @abstractmethod
    def write(self, changes: Mapping[str | TableName, Change], target: Path | str) -> Written:
        """Write the tables with their changes into a new database.

        Parameters
        ----------
        changes : mapping of str or TableName to TableChange or polars.DataFrame
            For each table of the plan what becomes of it: a change (an empty one for a table that stays as it
            is), or other rows altogether. Tables that are not named are not copied.
        target : Path or str
            The new file; of PostgreSQL the new schema's name.

        Returns
        -------
        Written

        Raises
        ------
        UsageError
            When a change does not fit its table, or the target is there already.
        ConfigError
            When a table refers to one that is not named.
        WriteFailed
            When the changed rows break a constraint of the table, or the disk fails; nothing is left behind.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the database."""

    def open_table(self, name: str, table: str | TableName, *, types: Mapping[str, str] | None = None) -> DatabaseTable:
        """Open a table.

        Parameters
        ----------
        name : str
            What the plan calls it.
        table : str or TableName
            ``table`` or ``schema.table``.
        types : mapping of str to str, optional
            Columns that are handed out as text whatever they hold: ``{"remarks": "text"}``.

        Raises
        ------
        ConfigError
            When there is no such table.
        """
        layout = self.layout(_named(table), types or {})
        self._types[layout.name] = dict(types or {})
        return DatabaseTable(name, self, layout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.place!r})"

    def _planned(self, changes: Mapping[str | TableName, Change]) -> dict[TableName, tuple[Layout, Change]]:
        """Find every table that is written, in the order of their names, and check each change against it."""
        planned: dict[TableName, tuple[Layout, Change]] = {}
        for table, change in changes.items():
            layout = self.layout(_named(table), {})
            if layout.name in planned:
                raise ConfigError("two tables of the plan are the same table", where=str(layout.name))
            layout = self.layout(layout.name, self._types.get(layout.name, {}))
            check_change(layout, self.count(layout), change)
            planned[layout.name] = (layout, change)
        return dict(sorted(planned.items(), key=lambda item: (item[0].schema or "", item[0].table)))

    def unknown_table(self, table: TableName) -> ConfigError:
        """Say that there is no such table."""
        known = ", ".join(map(str, self.tables()[:20]))
        return ConfigError(f"there is no table {table}", where=self.place, hint=f"there are: {known}.")


class DatabaseTable(PlanTable):
    """A table of a database as a table of a plan.

    Parameters
    ----------
    name : str
        What the plan calls it.
    store : DatabaseStore
        The database, which must stay open.
    layout : Layout
        The table there.
    """

    def __init__(self, name: str, store: DatabaseStore, layout: Layout) -> None:
        self.name = name
        self.store = store
        self.layout = layout
        self.source: DatabaseSource | None = None
        self._rows: int | None = None

    @property
    def columns(self) -> list[str]:
        """Names of the columns in their order; those that can't be handed out are among them."""
        return [column.name for column in self.layout.columns]

    @property
    def unreadable(self) -> list[str]:
        """Names of the columns that are copied and never handed out."""
        return [column.name for column in self.layout.columns if column.dtype is None]

    @property
    def rows(self) -> int:
        """Number of rows."""
        if self._rows is None:
            self._rows = self.store.count(self.layout)
        return self._rows

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some columns of every row, in the table's order; at least one frame."""
        wanted = [self.layout.column(name) for name in dict.fromkeys(columns)]
        for column in wanted:
            if column.dtype is None:
                raise ColumnError(
                    f"column {column.name!r} is of the type {column.declared}, which can't be handed out",
                    where=self.name,
                    hint="it is copied as it is; leave it out of keys, links and recipes.",
                )
        return self.store.read(self.layout, wanted)

    def changed(self, change: TableChange, target: Path | None) -> Any:
        """Give the changed table as a frame, or write a database that holds it and nothing else.

        A database with several tables of a plan is written by :meth:`DatabaseStore.write`, all at once.
        """
        if target is not None:
            return self.store.write({self.layout.name: change}, target)
        check_change(self.layout, self.rows, change)
        return self.kept(change, *self.columns)

    def kept(self, change: TableChange, *columns: str) -> pl.DataFrame:
        """Give columns of the rows that stay, as they become."""
        frames, start = [], 0
        for frame in self.batches(columns):
            span = change.within(start, start + frame.height)
            start += frame.height
            patched = [_patched(series, span) for series in frame.get_columns()]
            frames.append(pl.DataFrame(patched).filter(pl.Series(span.keep)))
        return pl.concat(frames).rechunk()

    def replaced(self, rows: pl.DataFrame, target: Path | None) -> Any:
        """Give other rows, or write a database that holds the table with them and nothing else."""
        check_change(self.layout, None, rows)
        return rows if target is None else self.store.write({self.layout.name: rows}, target)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {str(self.layout.name)!r})"


def check_change(layout: Layout, rows: int | None, change: Change) -> None:
    """Refuse a change that does not fit a table.

    Raises
    ------
    UsageError
        When its length, its columns or their types are others.
    """
    where = str(layout.name)
    if isinstance(change, pl.DataFrame):
        wanted = {column.name: column.dtype for column in layout.columns}
        if [*change.columns] != [*wanted]:
            raise UsageError("the rows have other columns than the table", where=where)
        for name, dtype in change.schema.items():
            _check_type(layout.column(name), dtype, where)
        return
    if rows is not None and len(change.keep) != rows:
        raise UsageError(f"the change is about {len(change.keep)} rows, the table has {rows}", where=where)
    for name, patch in change.patches.items():
        column = layout.column(name)
        if column.generated:
            raise UsageError(f"column {name!r} is computed by the database", where=where, hint="change its sources.")
        _check_type(column, patch.values.dtype, where)
        if len(patch.rows) and rows is not None and (patch.rows[0] < 0 or patch.rows[-1] >= rows):
            raise UsageError("a patch is about rows that the table does not have", where=where)


def _check_type(column: DatabaseColumn, dtype: pl.DataType, where: str) -> None:
    if dtype not in (column.dtype, pl.Null()):
        wanted = f"of {column.dtype}" if column.dtype is not None else "null"
        raise UsageError(f"values of column {column.name!r} are of {dtype}, and must be {wanted}", where=where)


def _named(table: str | TableName) -> TableName:
    return table if isinstance(table, TableName) else TableName.parse(table)


def _patched(series: pl.Series, change: TableChange) -> pl.Series:
    patch = change.patches.get(series.name)
    if patch is None or not len(patch.rows):
        return series
    place = np.arange(len(series), dtype=np.int64)
    place[patch.rows] = len(series) + np.arange(len(patch.rows))
    return pl.concat([series, patch.values.cast(series.dtype).alias(series.name)]).gather(place)
