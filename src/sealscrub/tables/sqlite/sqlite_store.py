"""An SQLite file as an estate: read in one transaction, in the order of its row ids."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import polars as pl

from sealscrub.errors import ConfigError, UnreadableInput

from ..database.database_layout import DatabaseColumn, Layout
from ..database.database_source import DatabaseSource, TableName, quoted
from ..database.database_store import ANY, BATCH_ROWS, DatabaseStore
from .sqlite_types import dtype_of, series_of

__all__ = ["SQLiteStore", "SQLiteTable"]

_ENCODINGS = {2: "UTF-16le", 3: "UTF-16be"}


class SQLiteStore(DatabaseStore):
    """One SQLite file, opened read-only in a transaction that lasts until the store is closed.

    With SQLite's rollback journal a writer waits as long as the store is open; with its write-ahead log it continues,
    and the store keeps the state that it first saw. (Reading a file with such a log makes SQLite write its ``-wal``
    and ``-shm`` next to it, as any reader does.) Rows are in the order of their row ids, and by primary key in a
    table ``WITHOUT ROWID``.

    Parameters
    ----------
    source : DatabaseSource
        The file; which table it names is of no matter.

    Raises
    ------
    UnreadableInput
        When the file is damaged, or busy.
    """

    holds_any: ClassVar[bool] = True

    def __init__(self, source: DatabaseSource) -> None:
        super().__init__(source.place)
        assert source.file is not None  # noqa: S101 - parsing gave it
        self.file: Path = source.file
        self.connection = sqlite3.connect(":memory:", uri=True, isolation_level=None, check_same_thread=False)
        try:
            self._attach()
        except (sqlite3.Error, OSError):
            self.connection.close()
            raise UnreadableInput(
                "can't be opened as an SQLite database",
                where=self.place,
                hint="it may be damaged, locked by a writer, or need recovery: open it once with sqlite3.",
            ) from None

    def _attach(self) -> None:
        with self.file.open("rb") as file:
            encoding = _ENCODINGS.get(int.from_bytes(file.read(60)[56:], "big"), "UTF-8")
        # all that is attached to one connection must have one encoding; temporary tables would hold what is removed
        for pragma in (f"encoding = '{encoding}'", "temp_store = MEMORY", "trusted_schema = OFF"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute("ATTACH ? AS source", [uri(self.file, "ro")])
        self.connection.execute("BEGIN")
        self.connection.execute("SELECT count(*) FROM source.sqlite_master").fetchall()
        self._version = self._data_version()

    def tables(self) -> list[TableName]:
        """Give the names of the tables, sorted."""
        listed = self.ask("PRAGMA source.table_list")
        return sorted(TableName(None, row[1]) for row in listed if row[2] == "table" and _is_users(row[1]))

    def layout(self, table: TableName, types: Mapping[str, str]) -> SQLiteTable:
        """Find a table and its columns, whatever the case of its name."""
        for _, name, kind, _, without, strict in self.ask("PRAGMA source.table_list"):
            if name.casefold() != table.table.casefold() or (table.schema or "main").casefold() != "main":
                continue
            if kind == "table" and _is_users(name):
                return self._layout(name, bool(without), bool(strict), types)
            raise ConfigError(f"this is a {kind}, which can't be copied", where=str(table), hint="name a table.")
        raise self.unknown_table(table)

    def _layout(self, name: str, without: bool, strict: bool, types: Mapping[str, str]) -> SQLiteTable:
        found = self.ask(f"PRAGMA source.table_xinfo({quoted(name)})")
        columns = tuple(
            DatabaseColumn(
                column,
                declared or "",
                _dtype(types.get(column), declared or "", strict=strict),
                generated=hidden in (2, 3),
            )
            for _, column, declared, _, _, _, hidden in found
        )
        taken = {column.name.casefold() for column in columns}
        alias = next((alias for alias in ("rowid", "_rowid_", "oid") if alias not in taken), None)
        if alias is None and not without:
            raise ConfigError("columns hide the table's row ids", where=name, hint="rename the column called oid.")
        key = self._primary_key(name) if without else str(alias)
        as_text = frozenset(types) | {
            column.name for column in columns if not column.declared.strip() or (strict and column.declared == "ANY")
        }
        layout = SQLiteTable(TableName(None, name), columns, key, without, as_text)
        for column in types:
            layout.column(column)
        return layout

    def _primary_key(self, table: str) -> str:
        """Write the order in which a table WITHOUT ROWID is kept."""
        indexes = self.ask(f"PRAGMA source.index_list({quoted(table)})")
        primary = next(name for _, name, _, origin, _ in indexes if origin == "pk")
        found = self.ask(f"PRAGMA source.index_xinfo({quoted(primary)})")
        parts = [
            f"{quoted(name)} COLLATE {quoted(collation)}{' DESC' if descending else ''}"
            for _, _, name, descending, collation, in_key in found
            if in_key
        ]
        return ", ".join(parts)

    def declared(self, layout: Layout) -> list[str]:
        """Give the statements by which a table is declared, with its indexes and triggers."""
        listed = self.ask("SELECT tbl_name, sql FROM source.sqlite_master WHERE sql IS NOT NULL")
        return [statement for table, statement in listed if table.casefold() == layout.name.table.casefold()]

    def views(self, layout: Layout) -> list[str]:
        """Give the statements of views and their triggers, which may be copied with a table."""
        views = "SELECT name FROM source.sqlite_master WHERE type = 'view'"
        found = self.ask(f"SELECT sql FROM source.sqlite_master WHERE sql IS NOT NULL AND tbl_name IN ({views})")  # noqa: S608 - ours
        return [statement for (statement,) in found]

    def count(self, layout: Layout) -> int:
        """Count the rows of a table."""
        return int(self.ask(f"SELECT count(*) FROM source.{layout.name.sql}")[0][0])  # noqa: S608 - a quoted name

    def read(self, layout: Layout, columns: Sequence[DatabaseColumn]) -> Iterator[pl.DataFrame]:
        """Give columns of every row in the table's order; at least one frame."""
        assert isinstance(layout, SQLiteTable)  # noqa: S101 - this store made it
        shown = ", ".join(quoted(column.name) for column in columns)
        start, statement = 0, f"SELECT {shown} FROM source.{layout.name.sql} ORDER BY {layout.key}"  # noqa: S608 - quoted names
        for rows in self._fetch(statement, layout):
            parts = zip(*rows, strict=True) if rows else ([] for _ in columns)
            yield pl.DataFrame(
                [_series(layout, column, list(part), start) for column, part in zip(columns, parts, strict=True)]
            )
            start += len(rows)

    def row_ids(self, layout: SQLiteTable) -> Iterator[list[tuple[int]]]:
        """Give the row ids in their order."""
        statement = f"SELECT {layout.key} FROM source.{layout.name.sql} ORDER BY {layout.key}"  # noqa: S608 - quoted names
        return self._fetch(statement, layout)

    def _fetch(self, statement: str, layout: Layout) -> Iterator[list[Any]]:
        """Give the rows of a query, in batches and at least once."""
        try:
            self.check_unchanged()
            with contextlib.closing(self.connection.execute(statement)) as cursor:
                rows = cursor.fetchmany(BATCH_ROWS)
                yield rows
                while rows := cursor.fetchmany(BATCH_ROWS):
                    yield rows
        except sqlite3.Error:
            raise UnreadableInput(
                "the table can't be read to its end",
                where=f"{self.place}#{layout.name}",
                hint="the file may be damaged, or hold text that is not in its encoding.",
            ) from None

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a query about the catalog."""
        try:
            return self.connection.execute(statement).fetchall()
        except sqlite3.Error:
            raise UnreadableInput("the database can't be read", where=self.place) from None

    def check_unchanged(self) -> None:
        """Refuse to continue with another state of the file than the one first seen."""
        if self._data_version() != self._version:
            raise UnreadableInput("the database was changed", where=self.place, hint="run it again from the start.")

    def _data_version(self) -> int:
        return int(self.connection.execute("PRAGMA source.data_version").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self.connection.close()


class SQLiteTable(Layout):
    """A table of SQLite, with what orders its rows.

    Parameters
    ----------
    key : str
        The row id, or the columns of the primary key, in SQL.
    without_rowid : bool
        Whether the table is ``WITHOUT ROWID``.
    as_text : frozenset of str
        Columns whose numbers are handed out as text.
    """

    __slots__ = ("as_text", "key", "without_rowid")

    key: str
    without_rowid: bool
    as_text: frozenset[str]

    def __init__(
        self,
        name: TableName,
        columns: tuple[DatabaseColumn, ...],
        key: str,
        without_rowid: bool,
        as_text: frozenset[str],
    ) -> None:
        super().__init__(name, columns)
        for field, value in (("key", key), ("without_rowid", without_rowid), ("as_text", as_text)):
            object.__setattr__(self, field, value)


def uri(path: Path, mode: str) -> str:
    """Name a file as SQLite's URI."""
    return f"file:{quote(str(path.absolute()))}?mode={mode}"


def _is_users(name: str) -> bool:
    return not name.casefold().startswith("sqlite_")


def _dtype(asked: str | None, declared: str, *, strict: bool) -> pl.DataType:
    if asked is None:
        return dtype_of(declared, strict=strict)
    return pl.Object() if asked == ANY else pl.String()


def _series(layout: SQLiteTable, column: DatabaseColumn, values: list[Any], start: int) -> pl.Series:
    assert column.dtype is not None  # noqa: S101 - SQLite's are all handed out
    if column.dtype == pl.Object:
        return pl.Series(column.name, values, pl.Object)
    try:
        return series_of(column.name, values, column.dtype, as_text=column.name in layout.as_text)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        raise UnreadableInput(
            f"column {column.name!r} holds values that do not fit its type {column.declared or 'text'}, "
            f"in rows {start + 1} to {start + len(values)}",
            where=str(layout.name),
            hint=f'declare it: types = {{ {column.name} = "text" }}; blobs can only be copied.',
        ) from None
