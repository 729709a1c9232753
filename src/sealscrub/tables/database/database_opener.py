"""Opening the database that a source names."""

from __future__ import annotations

from pathlib import Path

from .database_source import DatabaseKind, DatabaseSource
from .database_store import DatabaseStore

__all__ = ["open_store"]


def open_store(source: DatabaseSource) -> DatabaseStore:
    """Open the database of a source; the sources of one ``place`` share one store.

    Parameters
    ----------
    source : DatabaseSource
        What the plan says.

    Returns
    -------
    DatabaseStore

    Raises
    ------
    MissingExtra
        When the engine's package is not installed.
    UnreadableInput
        When the database can't be opened.

    Examples
    --------
    >>> import sqlite3, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> made = sqlite3.connect(f"{folder}/estate.sqlite")
    >>> _ = made.executescript("CREATE TABLE arrests (arrest_no TEXT, precinct INTEGER)")
    >>> _ = made.execute("INSERT INTO arrests VALUES ('K14000001', 73)"); made.commit(); made.close()
    >>> source = DatabaseSource.parse("estate.sqlite#arrests", folder)
    >>> with open_store(source) as store:
    ...     table = store.open_table("arrests", source.name)
    ...     [frame.to_dicts() for frame in table.batches(["precinct"])]
    [[{'precinct': 73}]]
    """
    store: DatabaseStore
    if source.kind == DatabaseKind.DUCKDB:
        from ..duckdb.duckdb_store import DuckDBStore
        from ..duckdb.duckdb_writer import write_duckdb

        store = DuckDBStore(source)
        store.writer = lambda store, planned, target: write_duckdb(store, planned, Path(target))
    elif source.kind == DatabaseKind.SQLITE:
        from ..sqlite.sqlite_store import SQLiteStore
        from ..sqlite.sqlite_writer import write_sqlite

        store = SQLiteStore(source)
        store.writer = lambda store, planned, target: write_sqlite(store, planned, Path(target))
    else:
        from ..postgres.postgres_store import PostgresStore
        from ..postgres.postgres_writer import write_postgres

        store = PostgresStore(source)
        store.writer = write_postgres
    return store
