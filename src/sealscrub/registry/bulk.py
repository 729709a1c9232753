"""Many rows into and out of the database: executemany and chunked cursors on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import polars as pl
import sqlalchemy as sa

__all__: list[str] = []

CHUNK = 100_000

Progress = Callable[[str, int, int], None]
Schema = Mapping[str, pl.DataType | type[pl.DataType]]


def append(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Append rows to a table in the transaction that is open."""
    names = ", ".join(columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        cursor = _driver(connection).cursor()
        cursor.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)  # noqa: S608 - own names
        cursor.close()
        return
    with (
        _driver(connection).cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def read_frame(
    connection: sa.Connection,
    query: sa.Select[Any],
    schema: Schema,
    *,
    read: Callable[[int], None] | None = None,
) -> pl.DataFrame:
    """Read a query's rows into a frame, a chunk at a time; ``read`` is told how many there are so far."""
    parts = [pl.DataFrame(schema=schema)]
    total = 0
    for rows in read_chunks(connection, query):
        parts.append(pl.DataFrame(rows, schema=schema, orient="row"))
        total += len(rows)
        if read is not None:
            read(total)
    return pl.concat(parts)


def read_chunks(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of a query as plain tuples, chunk by chunk."""
    statement = str(query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
    driver = _driver(connection)
    cursor = driver.cursor() if connection.dialect.name == "sqlite" else driver.cursor(name="sealscrub")
    try:
        cursor.execute(statement)
        while rows := cursor.fetchmany(CHUNK):
            yield rows
    finally:
        cursor.close()


def lookup(
    connection: sa.Connection, query: sa.Select[Any], column: sa.ColumnElement[Any], values: Iterable[Any]
) -> list[tuple[Any, ...]]:
    """Rows of a query whose column holds one of many values, asked for some thousands at a time."""
    found: list[tuple[Any, ...]] = []
    values = iter(values)
    while some := list(islice(values, 10_000)):
        found += [tuple(row) for row in connection.execute(query.where(column.in_(some)))]
    return found


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.dbapi_connection
