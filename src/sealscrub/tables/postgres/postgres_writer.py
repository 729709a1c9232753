"""A new schema of PostgreSQL with an estate's tables, filled row by row from nothing: no dead tuple in it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.csv as pc

from sealscrub.errors import ConfigError, UnreadableInput, UsageError, WriteFailed

from ..changes import Patch, TableChange
from ..database.database_layout import NEW_SCHEMA, Change, Layout
from ..database.database_source import TableName, quoted
from ..database.database_store import BATCH_ROWS
from .postgres_schema import SchemaCopy
from .postgres_store import PostgresStore
from .postgres_types import to_text
from .schema_swap import PostgresWritten, check_unchanged, locked, row_state

__all__ = ["write_postgres"]

_Planned = Mapping[TableName, tuple[Layout, Change]]


def write_postgres(store: PostgresStore, planned: _Planned, schema_new: str | Path) -> PostgresWritten:
    """Write tables with their changes into a new schema, in the transaction in which they were read.

    The tables are locked against writers (``SHARE``) from here to the commit, and a second connection makes sure
    that nothing was written between the first reading and the lock. What is removed and what changes is written into
    temporary tables by ``ctid``; the new tables are filled by ``INSERT … SELECT``, so the database itself copies
    every type exactly; indexes, keys and foreign keys come afterwards.

    Parameters
    ----------
    store : PostgresStore
        The source.
    planned : mapping of TableName to (Layout, TableChange or polars.DataFrame)
        The tables that are written, of one schema.
    schema_new : str
        A schema that does not exist yet.

    Returns
    -------
    PostgresWritten
        For :meth:`~sealscrub.tables.database.DatabaseStore.swap`.

    Raises
    ------
    UsageError, ConfigError, UnreadableInput, WriteFailed
        See :meth:`~sealscrub.tables.database.DatabaseStore.write`.
    """
    if isinstance(schema_new, Path):
        raise UsageError("the output of a PostgreSQL database must be a new schema", hint="name it.")
    import psycopg

    schemas = {str(name.schema) for name in planned}
    if len(schemas) != 1:
        raise ConfigError("the tables are in several schemas", where=store.place, hint="write one schema at a time.")
    schema = schemas.pop()
    store.check_open()
    try:
        written = _write(store, planned, schema, schema_new)
        store.connection.execute("COMMIT")
    except psycopg.errors.IntegrityError as error:
        raise WriteFailed(
            "the changed rows break a constraint",
            where=str(TableName(error.diag.schema_name and schema, error.diag.table_name or "")),
            hint="a column may not be null, or its rows refer to removed rows: declare the link in the plan.",
        ) from None
    except psycopg.Error as error:
        raise WriteFailed(
            f"the new schema can't be written (PostgreSQL's code {error.sqlstate or 'none'})",
            where=schema_new,
            hint="nothing was changed; check that the name is free, no lock is held, and this user may create schemas.",
        ) from None
    finally:
        store.done = True
        with contextlib.suppress(psycopg.Error):
            store.connection.execute("ROLLBACK")
    return written


def _write(store: PostgresStore, planned: _Planned, schema: str, schema_new: str) -> PostgresWritten:
    connection = store.connection
    connection.execute(f"LOCK TABLE {locked(planned)} IN SHARE MODE")
    state = {name: row_state(connection, name) for name in planned}
    with contextlib.closing(store.connect()) as fresh:
        check_unchanged(fresh, state)
    commented = {name.table for name in store.commented}
    copy = SchemaCopy(connection, schema, schema_new, [name.table for name in planned], commented)
    copy.create()
    connection.execute("SET LOCAL work_mem = '256MB'")
    for layout, change in planned.values():
        if isinstance(change, TableChange):
            _copy(store, layout, change, schema_new)
        else:
            names = [column.name for column in layout.stored]
            into = f"{TableName(schema_new, layout.name.table).sql} ({', '.join(map(quoted, names))})"
            _send(connection, into, [to_text(change[name]) for name in names])
    copy.finish()
    place = f"{store.place}#{schema_new}"
    tables = tuple(str(TableName(schema_new, name.table)) for name in planned)
    notes = (*copy.notes, *_left_by_others(connection, schema_new))
    return PostgresWritten(place, tables, copy.left_out(), notes, schema, schema_new, state)


def _left_by_others(connection: Any, own: str) -> list[str]:
    """Say which schemas another run has written and not put in place."""
    query = "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname ~ %s AND nspname <> %s ORDER BY 1"
    left = ", ".join(name for (name,) in connection.execute(query, [f"^{NEW_SCHEMA}[0-9a-f]+$", own]).fetchall())
    return [f"a run that was killed has left {left}: drop it, if no other run is writing"] if left else []


def _copy(store: PostgresStore, layout: Layout, change: TableChange, schema_new: str) -> None:
    connection = store.connection
    stored = layout.stored
    patched = [
        column.name for column in stored if column.name in change.patches and len(change.patches[column.name].rows)
    ]
    values = {column.name: f"s.{quoted(column.name)}" for column in stored}
    source, kept, order = f"ONLY {layout.name.sql} AS s", "", ""
    if not change.empty:
        ids = store.row_ids(layout)
        if len(ids) != len(change.keep):
            raise UnreadableInput("the number of rows changed after the table was read", where=str(layout.name))
        _lay(connection, "gone", layout, None, ids[~change.keep], None)
        kept = " WHERE NOT EXISTS (SELECT FROM pg_temp.gone AS g WHERE g.place = s.ctid)"
        order = " ORDER BY s.ctid"
        for at, name in enumerate(patched):
            _lay(connection, f"patch{at}", layout, name, ids, change.patches[name])
            source += f" LEFT JOIN pg_temp.patch{at} ON patch{at}.place = s.ctid"
            values[name] = f"CASE WHEN patch{at}.place IS NULL THEN {values[name]} ELSE patch{at}.value END"
    names = ", ".join(map(quoted, values))
    target = TableName(schema_new, layout.name.table).sql
    if values:
        connection.execute(
            f"INSERT INTO {target} ({names}) OVERRIDING SYSTEM VALUE "  # noqa: S608 - quoted names
            f"SELECT {', '.join(values.values())} FROM {source}{kept}{order}"
        )
    for name in ("gone", *(f"patch{at}" for at in range(len(patched)))):
        connection.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")


def _lay(
    connection: Any, name: str, layout: Layout, column: str | None, ids: npt.NDArray[np.int64], patch: Patch | None
) -> None:
    """Write row ids, and new values in the column's own type, into a temporary table."""
    value = "" if column is None else f", {quoted(column)} AS value"
    connection.execute(
        f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS "  # noqa: S608 - quoted names
        f"SELECT ctid AS place{value} FROM ONLY {layout.name.sql} WITH NO DATA"
    )
    rows = pl.Series(ids if patch is None else ids[patch.rows])
    place = pl.select(pl.format("({},{})", rows // 65536, rows % 65536)).to_series()
    _send(connection, f"pg_temp.{name}", [place] if patch is None else [place, to_text(patch.values)])
    connection.execute(f"ANALYZE pg_temp.{name}")


def _send(connection: Any, into: str, columns: Iterable[pl.Series]) -> None:
    """Send columns of text; a null is nothing, an empty text a pair of quotes."""
    table = pa.table({str(at): series.to_arrow() for at, series in enumerate(columns)})
    options = pc.WriteOptions(include_header=False, quoting_style="all_valid")
    with connection.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN (FORMAT csv)") as copy:
        for batch in table.to_batches(BATCH_ROWS):
            sink = pa.BufferOutputStream()
            pc.write_csv(batch, sink, options)
            copy.write(sink.getvalue().to_pybytes())
