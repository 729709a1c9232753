"""Opening the database that a source names."""

from __future__ import annotations

from .source import DatabaseKind, DatabaseSource
from .store import DatabaseStore

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
    if source.kind == DatabaseKind.DUCKDB:
        from .duckdb_store import DuckDBStore

        return DuckDBStore(source)
    if source.kind == DatabaseKind.SQLITE:
        from .sqlite_store import SQLiteStore

        return SQLiteStore(source)
    from .postgres_store import PostgresStore

    return PostgresStore(source)
