"""A new SQLite file with an estate's tables: the same bytes whatever was removed."""

# ruff: noqa: S608 - statements made of quoted names

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ConfigError, WriteFailed

from ..changes import TableChange
from ..database.database_file import new_database
from ..database.database_layout import Change, Layout, Written
from ..database.database_source import TableName, quoted
from ..database.database_store import BATCH_ROWS
from .sqlite_store import SQLiteStore, SQLiteTable, uri

__all__ = ["write_sqlite"]

_Planned = Mapping[TableName, tuple[Layout, Change]]
_DeclaredObject = tuple[str, str, str, str]  # kind, name, table, SQL
_CATALOG = "SELECT type, name, tbl_name, sql FROM source.sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"


def write_sqlite(store: SQLiteStore, planned: _Planned, target: Path) -> Written:
    """Write tables with their changes into a new SQLite file.

    SQLite itself copies the rows that stay, in their order, storage classes included. Row ids are given again, from 1,
    unless they are an ``INTEGER PRIMARY KEY``; a counter of ``AUTOINCREMENT`` continues after the highest id left;
    statistics are gathered again if the source has some. For any rows S, the files of D and of D less S are the
    same bytes.

    Parameters
    ----------
    store : SQLiteStore
        The source.
    planned : mapping of TableName to (Layout, TableChange or polars.DataFrame)
        The tables that are written.
    target : Path
        A file that does not exist yet.

    Returns
    -------
    Written

    Raises
    ------
    UsageError, ConfigError, WriteFailed
        See :meth:`~sealscrub.tables.database.DatabaseStore.write`.
    """
    store.check_unchanged()
    _check_references(store, planned)
    names = {name.table.casefold() for name in planned}
    declared: list[_DeclaredObject] = [row for row in store.ask(_CATALOG) if not row[1].startswith("sqlite_")]
    tables = [row for row in declared if row[0] == "table" and row[1].casefold() in names]
    indexes = [row for row in declared if row[0] == "index" and row[2].casefold() in names]
    standing = _self_contained(tables, [row for row in declared if row[0] in ("view", "trigger")])
    hint = "check disk space, and whether the schema needs functions or collations of a program."
    with new_database(target, "-journal", sqlite3.Error, hint) as part:
        _prepare(store, part, tables)
        _fill(store, planned, part)
        _finish(store, part, [*indexes, *standing])
    copied = {(row[0], row[1]) for row in [*tables, *indexes, *standing]}
    shown = {name for name in declared if name[0] != "index" and (name[0], name[1]) not in copied}
    left_out = sorted(f"{row[0]} {TableName(None, row[1])}" for row in shown)
    return Written(str(target), tuple(map(str, planned)), tuple(left_out))


def _check_references(store: SQLiteStore, planned: _Planned) -> None:
    names = {name.table.casefold() for name in planned}
    for name in planned:
        for row in store.ask(f"PRAGMA source.foreign_key_list({quoted(name.table)})"):
            if row[2].casefold() not in names:
                raise ConfigError(
                    f"the table refers to {TableName(None, row[2])}, which the plan does not name",
                    where=str(name),
                    hint="add it to the plan.",
                )


def _self_contained(tables: Iterable[_DeclaredObject], others: list[_DeclaredObject]) -> list[_DeclaredObject]:
    """Find the views and triggers that need nothing else than these tables, by making them over empty ones."""
    # EXPLAIN does not notice that a statement kept from before is out of date
    trial = sqlite3.connect(":memory:", isolation_level=None, cached_statements=0)
    with contextlib.closing(trial):
        trial.execute("PRAGMA trusted_schema = OFF")
        for _, _, _, statement in tables:
            trial.execute(statement)
        waiting, before = others, -1
        standing: list[_DeclaredObject] = []
        while len(waiting) != before:
            before, tried = len(waiting), waiting
            waiting = []
            for row in tried:
                (standing if _can_be_made(trial, row) else waiting).append(row)
    return [row for row in others if row in standing]


def _can_be_made(trial: sqlite3.Connection, row: _DeclaredObject) -> bool:
    kind, name, table, statement = row
    try:
        trial.execute(statement)
    except sqlite3.Error:
        return False
    try:
        if kind == "view":
            trial.execute(f"SELECT * FROM {quoted(name)} LIMIT 0").close()
            return True
        columns = [quoted(column[1]) for column in trial.execute(f"PRAGMA table_info({quoted(table)})")]
        changed = ", ".join(f"{column} = {column}" for column in columns)
        for event in (f"INSERT INTO {quoted(table)} DEFAULT VALUES", f"DELETE FROM {quoted(table)}"):
            trial.execute(f"EXPLAIN {event}").close()
        trial.execute(f"EXPLAIN UPDATE {quoted(table)} SET {changed}").close()
    except sqlite3.Error:
        trial.execute(f"DROP {kind} {quoted(name)}")
        return False
    return True


def _prepare(store: SQLiteStore, part: Path, tables: Iterable[_DeclaredObject]) -> None:
    """Create the empty tables in a file of the source's page size, encoding and numbers."""
    kept = ("page_size", "auto_vacuum", "user_version", "application_id")
    settings = {name: int(store.ask(f"PRAGMA source.{name}")[0][0]) for name in kept}
    encoding = store.ask("PRAGMA encoding")[0][0]
    with contextlib.closing(sqlite3.connect(part, isolation_level=None)) as made:
        made.execute(f"PRAGMA encoding = '{encoding}'")
        for name, value in settings.items():
            made.execute(f"PRAGMA {name} = {value}")
        made.execute("BEGIN")
        for _, _, _, statement in tables:
            made.execute(statement)
        made.execute("COMMIT")


def _fill(store: SQLiteStore, planned: _Planned, part: Path) -> None:
    connection = store.connection
    connection.execute("ATTACH ? AS target", [uri(part, "rw")])
    try:
        connection.execute("PRAGMA target.journal_mode = MEMORY")
        for layout, change in planned.values():
            try:
                if isinstance(change, TableChange):
                    _copy(store, layout, change)
                else:
                    _insert(connection, layout, change)
            except sqlite3.IntegrityError:
                raise WriteFailed(
                    "the changed rows break a constraint of the table",
                    where=str(layout.name),
                    hint="a column may not be null, or a value may not occur twice: choose another action.",
                ) from None
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself rolls back when the disk is full
            connection.execute("ROLLBACK")
        raise
    finally:
        # the transaction held the source's state: continue only with the same one
        connection.execute("DETACH target")
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM source.sqlite_master").fetchall()


def _copy(store: SQLiteStore, layout: Layout, change: TableChange) -> None:
    assert isinstance(layout, SQLiteTable)  # noqa: S101 - the store made it
    connection = store.connection
    patched = [column for column in layout.stored if column.name in change.patches]
    places = _places(store, layout, change)
    try:
        connection.execute("CREATE TEMP TABLE gone (place INTEGER PRIMARY KEY)")
        connection.executemany("INSERT INTO temp.gone VALUES (?)", ((int(at),) for at in places[~change.keep]))
        for number, column in enumerate(patched):
            patch = change.patches[column.name]
            connection.execute(f"CREATE TEMP TABLE patch{number} (place INTEGER PRIMARY KEY, value)")
            pairs = zip(places[patch.rows].tolist(), patch.values, strict=True)
            connection.executemany(f"INSERT INTO temp.patch{number} VALUES (?, ?)", pairs)
        connection.execute(_copying(layout, [column.name for column in patched]))
    finally:
        for name in ("gone", *(f"patch{number}" for number in range(len(patched)))):
            connection.execute(f"DROP TABLE IF EXISTS temp.{name}")


def _copying(layout: SQLiteTable, patched: list[str]) -> str:
    """Write the statement that copies a table; nested loops, whose outer one walks the rows in their order."""
    names = [column.name for column in layout.stored]
    rows = f"source.{layout.name.sql} AS s"
    place = f"s.{layout.key}"
    values = [f"s.{quoted(name)}" for name in names]
    if layout.without_rowid:
        cells = ", ".join(f"{quoted(name)} AS c{at}" for at, name in enumerate(names))
        numbered = f"row_number() OVER (ORDER BY {layout.key}) - 1 AS place"
        rows = f"(SELECT {cells}, {numbered} FROM source.{layout.name.sql}) AS s"
        place, values = "s.place", [f"s.c{at}" for at in range(len(names))]
    for number, name in enumerate(patched):
        at, patch = names.index(name), f"patch{number}"
        rows += f" LEFT JOIN temp.{patch} ON {patch}.place = {place}"
        values[at] = f"CASE WHEN {patch}.place IS NULL THEN {values[at]} ELSE {patch}.value END"
    into = f"target.{layout.name.sql} ({', '.join(map(quoted, names))})"
    order = "" if layout.without_rowid else f" ORDER BY {place}"
    return (
        f"INSERT INTO {into} SELECT {', '.join(values)} FROM {rows} "
        f"WHERE {place} NOT IN (SELECT place FROM temp.gone){order}"
    )


def _places(store: SQLiteStore, layout: SQLiteTable, change: TableChange) -> npt.NDArray[np.int64]:
    """Find by what each row is known to SQL: its row id, or its position."""
    if layout.without_rowid or change.empty:
        return np.arange(len(change.keep))
    ids = itertools.chain.from_iterable(itertools.chain.from_iterable(store.row_ids(layout)))
    return np.fromiter(ids, np.int64, len(change.keep))


def _insert(connection: sqlite3.Connection, layout: Layout, rows: pl.DataFrame) -> None:
    names = [column.name for column in layout.stored]
    marks = ", ".join("?" for _ in names)
    into = f"target.{layout.name.sql} ({', '.join(map(quoted, names))})"
    connection.executemany(f"INSERT INTO {into} VALUES ({marks})", _tuples(rows.select(names)))


def _tuples(rows: pl.DataFrame) -> Iterator[tuple[object, ...]]:
    for part in rows.iter_slices(BATCH_ROWS):
        yield from part.iter_rows()


def _finish(store: SQLiteStore, part: Path, declared: Iterable[_DeclaredObject]) -> None:
    """Build indexes, views, triggers and statistics, and look for references to rows that were removed."""
    with contextlib.closing(sqlite3.connect(part, isolation_level=None)) as made:
        made.execute("PRAGMA temp_store = MEMORY")
        made.execute("PRAGMA journal_mode = MEMORY")
        made.execute("BEGIN")
        for _, _, _, statement in declared:
            made.execute(statement)
        if store.ask("SELECT count(*) FROM source.sqlite_master WHERE name = 'sqlite_stat1'")[0][0]:
            made.execute("ANALYZE")
        made.execute("COMMIT")
        dangling = _dangling(made.execute("PRAGMA foreign_key_check"))
    if dangling:
        before = _dangling(store.ask("PRAGMA source.foreign_key_check"))
        for (child, reference), count in sorted(dangling.items()):
            if count > before[child, reference]:
                raise WriteFailed(
                    "rows refer to removed rows",
                    where=child,
                    hint="declare the link in the plan, so they are removed too.",
                )


def _dangling(found: Iterable[tuple[str, int, str, int]]) -> Counter[tuple[str, int]]:
    return Counter((row[0], row[3]) for row in found)
