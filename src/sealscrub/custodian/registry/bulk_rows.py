"""Many rows into and out of the database: executemany on SQLite, arrays on PostgreSQL, cursors read by chunks."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import polars as pl
import sqlalchemy as sa

from . import append_only_triggers
from .at_rest import opened_rows, sealed_values
from .schema import INDEXES

__all__: list[str] = []

CHUNK = 100_000


_ARRAYS = {
    sa.BigInteger: "bigint",
    sa.Double: "double precision",
    sa.String: "text",
    sa.Text: "text",
    sa.LargeBinary: "bytea",
}

Progress = Callable[[str, int, int], None]
Read = Callable[[int], None]
Schema = Mapping[str, pl.DataType | type[pl.DataType]]


def append(connection: sa.Connection, table: sa.Table, rows: pl.DataFrame, *, told: Read | None = None) -> None:
    """Append rows to a table in the transaction that is open; ``told`` is called with how many there are so far."""
    names = ", ".join(rows.columns)
    columns = [table.c[name] for name in rows.columns]
    with contextlib.closing(_driver(connection).cursor()) as cursor:
        for at in range(0, len(rows), CHUNK):
            some = rows.slice(at, CHUNK)
            parts = [sealed_values(connection, column, some[column.name].to_list()) for column in columns]
            if connection.dialect.name == "sqlite":
                marks = ", ".join("?" * rows.width)
                statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - own names
                cursor.executemany(statement, list(zip(*parts, strict=True)))
            else:  # COPY is refused if row-level security governs who writes
                marks = ", ".join(f"%s::{_ARRAYS[type(column.type)]}[]" for column in columns)
                cursor.execute(f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({marks})", parts)  # noqa: S608 - own names
            if told is not None:
                told(at + len(some))


@contextlib.contextmanager
def indexes_later(connection: sa.Connection) -> Iterator[None]:
    """Take SQLite's indexes away and build them again in the same transaction: quicker for a large part of a table."""
    connection.exec_driver_sql("DROP TRIGGER events_once_only")
    for index in INDEXES:
        index.drop(connection)
    yield
    for index in INDEXES:
        index.create(connection)
    connection.exec_driver_sql(append_only_triggers.once())


def read_frame(
    connection: sa.Connection,
    query: sa.Select[Any],
    schema: Schema,
    *,
    read: Read | None = None,
) -> pl.DataFrame:
    """Read a query's rows into a frame, a chunk at a time; ``read`` is called with how many there are so far."""
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
    compiled = query.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    sqlite = connection.dialect.name == "sqlite"
    columns = list(query.selected_columns)
    values = compiled.params
    parameters = tuple(values[name] for name in compiled.positiontup or ()) if sqlite else values
    driver = _driver(connection)
    with contextlib.closing(driver.cursor() if sqlite else driver.cursor(name="sealscrub")) as cursor:
        cursor.execute(str(compiled), parameters)
        while rows := cursor.fetchmany(CHUNK):
            yield opened_rows(connection, columns, rows)


def lookup(
    connection: sa.Connection, query: sa.Select[Any], column: sa.Column[Any], values: Iterable[Any]
) -> list[tuple[Any, ...]]:
    """Rows of a query whose column holds one of many values."""
    return [row for rows in _lookups(connection, query, column, values) for row in rows]


def lookup_frame(
    connection: sa.Connection,
    query: sa.Select[Any],
    column: sa.Column[Any],
    values: Iterable[Any],
    schema: Schema,
) -> pl.DataFrame:
    """The same as a frame, for a great many."""
    parts = [pl.DataFrame(schema=schema)]
    parts += [pl.DataFrame(r, schema=schema, orient="row") for r in _lookups(connection, query, column, values)]
    return pl.concat(parts)


def _lookups(
    connection: sa.Connection, query: sa.Select[Any], column: sa.Column[Any], values: Iterable[Any]
) -> Iterator[list[tuple[Any, ...]]]:
    values = iter(values)
    while some := list(islice(values, CHUNK)):
        held = list(sealed_values(connection, column, some))
        yield from read_chunks(connection, query.where(_membership_condition(connection, column, held)))


def _membership_condition(
    connection: sa.Connection, column: sa.ColumnElement[Any], values: list[Any]
) -> sa.ColumnElement[bool]:
    """A condition with one parameter, however many values there are."""
    if connection.dialect.name == "sqlite":
        listed = sa.func.json_each(json.dumps(values)).table_valued("value")
        return column.in_(sa.select(listed.c.value))
    return column == sa.func.any(sa.literal(values, sa.ARRAY(column.type)))


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.dbapi_connection
