"""What a table of a database is made of, and which changes fit it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sealscrub.errors import ColumnError, UsageError

from ..changes import TableChange
from .database_source import TableName

__all__ = ["NEW_SCHEMA", "Change", "DatabaseColumn", "Layout", "Written", "check_change"]

NEW_SCHEMA = "sealscrub_new_"
"""How the name of a schema begins that was written, until it is put in place."""
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
        The type in which it is handed out; None if polars has none. Such a column is copied, exactly, and
        can't be read.
    generated : bool
        Whether the database computes it from other columns, so it is not written.
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
        The table, with its schema if the engine has schemas.
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
            When the column does not exist.
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
