"""A schema of PostgreSQL as an estate: read in one snapshot, in the order of the rows on their pages."""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.csv as pc

from sealscrub.errors import ConfigError, UnreadableInput, UsageError

from ..database.database_layout import DatabaseColumn, Layout, Written
from ..database.database_source import DatabaseSource, TableName, quoted
from ..database.database_store import BATCH_ROWS, DatabaseStore
from .postgres_types import dtype_of, from_text, read_as

__all__ = ["PostgresStore"]

_OLDEST = 140_000
# one plan is possible for a bare table: its pages in their order, from the first
_SETTINGS = {
    "application_name": "sealscrub",
    "search_path": "pg_catalog",
    "row_security": "off",  # what the policies would hide is an error instead
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "synchronize_seqscans": "off",
    "enable_indexscan": "off",
    "enable_indexonlyscan": "off",
    "enable_bitmapscan": "off",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "lock_timeout": "60s",
    "idle_in_transaction_session_timeout": "0",
    "statement_timeout": "0",
}
_ROW = np.dtype([("fields", ">i2"), ("length", ">i4"), ("block", ">u4"), ("offset", ">u2")])
_HEADER = 19  # PostgreSQL, "COPY", binary format


class PostgresStore(DatabaseStore):
    """One PostgreSQL database, read in a REPEATABLE READ transaction that lasts until its schema is written.

    Rows come through ``COPY`` in the order of ``ctid``: that needs neither a primary key nor a sort, and is fixed for
    one snapshot, since the lock on the table keeps it from being rewritten. Types that polars does not have are
    handed out as PostgreSQL's text.

    Parameters
    ----------
    source : DatabaseSource
        The database; which table it names is of no matter.

    Raises
    ------
    MissingExtra
        When psycopg is not installed.
    UnreadableInput
        When the server can't be reached or is older than PostgreSQL 14.
    """

    def __init__(self, source: DatabaseSource) -> None:
        super().__init__(source.place)
        self._url = source.url
        self.done = False
        self.connection = self.connect()
        self.connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        self.ask("SELECT 1")

    def connect(self) -> Any:
        """Open a connection whose every name is qualified and whose settings are ours."""
        import psycopg

        try:
            connection = psycopg.connect(self._url, autocommit=True, client_encoding="utf8")
        except (psycopg.Error, UnicodeError):
            raise UnreadableInput(
                "the server can't be reached, or refuses",
                where=self.place,
                hint="check host, port, user and password: psql with the same URL says what is wrong.",
            ) from None
        if connection.info.server_version < _OLDEST:
            connection.close()
            raise UnreadableInput("PostgreSQL is older than 14", where=self.place, hint="upgrade the server.")
        for name, value in _SETTINGS.items():
            connection.execute("SELECT pg_catalog.set_config(%s, %s, false)", [name, value])
        return connection

    def tables(self) -> list[TableName]:
        """Give the names of the tables, sorted."""
        found = self.ask(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
        )
        return sorted(TableName(schema, table) for schema, table in found)

    def layout(self, table: TableName, types: Mapping[str, str]) -> Layout:
        """Find a table and its columns, and keep it from being rewritten."""
        name = TableName(table.schema or "public", table.table)
        found = self.ask(
            "SELECT c.relkind = 'r' AND a.amname = 'heap' AND NOT EXISTS (SELECT FROM pg_inherits i "
            "WHERE c.oid IN (i.inhrelid, i.inhparent)), c.relrowsecurity FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am a ON a.oid = c.relam "
            "WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
            *name,
        )
        if not found:
            raise self.unknown_table(name)
        plain, secured = found[0]
        if not plain:
            raise ConfigError(
                "this is not a plain table (a view, or partitioned, inherited or foreign)",
                where=str(name),
                hint="only tables that keep their own rows can be written again.",
            )
        if secured:
            raise ConfigError("the table has row-level security, which is not copied", where=str(name))
        self.ask(f"LOCK TABLE ONLY {name.sql} IN ACCESS SHARE MODE")
        columns = self.ask(_COLUMNS, name.sql)
        layout = Layout(name, tuple(_column(*column, as_text=column[0] in types) for column in columns))
        for column in types:
            layout.column(column)
        return layout

    def declared(self, layout: Layout) -> list[str]:
        """Give the expressions by which a table is declared, with its checks, indexes and triggers."""
        found = self.ask(_DECLARED, *[layout.name.sql] * _DECLARED.count("%s"))
        return [text for (text,) in found if text is not None]

    def comments(self, layout: Layout) -> list[str]:
        """Give the comments on a table and its columns."""
        return [text for (text,) in self.ask(_COMMENTS_ON, layout.name.sql)]

    def views(self, layout: Layout) -> list[str]:
        """Give the statements of views and their triggers, and names of sequences, of the table's schema."""
        return [text for (text,) in self.ask(_VIEWS, *[layout.name.sql] * _VIEWS.count("%s"))]

    def count(self, layout: Layout) -> int:
        """Count the rows of a table."""
        return int(self.ask(f"SELECT count(*) FROM ONLY {layout.name.sql}")[0][0])  # noqa: S608 - a quoted name

    def read(self, layout: Layout, columns: Sequence[DatabaseColumn]) -> Iterator[pl.DataFrame]:
        """Give columns of every row in the order of their pages; at least one frame."""
        shown = ", ".join(read_as(quoted(column.name), _type(column)) for column in columns)
        statement = f"COPY (SELECT {shown} FROM ONLY {layout.name.sql}) TO STDOUT (FORMAT csv)"  # noqa: S608 - quoted names
        start = 0
        for lines in self._copy_batches(statement, layout):
            texts = _parsed(lines, len(columns))
            yield pl.DataFrame(
                [_series(layout, column, text, start) for column, text in zip(columns, texts, strict=True)]
            )
            start += len(texts[0])

    def row_ids(self, layout: Layout) -> npt.NDArray[np.int64]:
        """Give the block and the offset (in the lower 16 bits) of every row, in their order."""
        statement = f"COPY (SELECT ctid FROM ONLY {layout.name.sql}) TO STDOUT (FORMAT binary)"  # noqa: S608 - quoted names
        data = b"".join(itertools.chain.from_iterable(self._copy_batches(statement, layout)))[_HEADER:-2]
        rows = np.frombuffer(data, _ROW)
        ids: npt.NDArray[np.int64] = (rows["block"].astype(np.int64) << 16) | rows["offset"]
        if (np.diff(ids) <= 0).any():
            raise UnreadableInput("PostgreSQL gave the rows out of order", where=str(layout.name), hint="report this.")
        return ids

    def _copy_batches(self, statement: str, layout: Layout) -> Iterator[list[bytes]]:
        """Give the messages of a COPY, each a row, in batches and at least once."""
        import psycopg

        self.check_open()
        batch: list[bytes] = []
        try:
            with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
                for message in copy:
                    batch.append(bytes(message))
                    if len(batch) == BATCH_ROWS:
                        yield batch
                        batch = []
        except psycopg.Error:
            raise UnreadableInput(
                "the table can't be read to its end",
                where=f"{self.place}#{layout.name}",
                hint='a date or time may be infinite: declare its column as "text" in types.',
            ) from None
        yield batch

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a query about the catalog, or a lock."""
        import psycopg

        self.check_open()
        try:
            cursor = self.connection.execute(statement, values or None)
            return list(cursor.fetchall()) if cursor.description else []
        except psycopg.Error as error:
            raise UnreadableInput(
                f"the database can't be read (PostgreSQL's code {error.sqlstate or 'none'})",
                where=self.place,
                hint="check that this user may read the schema, and that no long transaction holds a lock.",
            ) from None

    def check_open(self) -> None:
        """Refuse to read another snapshot than the one whose schema was written."""
        if self.done:
            raise UsageError("the schema was written: open the database again", where=self.place)

    def place_schema(self, written: Written, name: str, kept_as: str | None) -> bool:
        """Give a schema that was written its name; one that has it gets another, where that is said.

        Parameters
        ----------
        written : Written
            What :meth:`write` gave.
        name : str
            The schema's name from now on.
        kept_as : str or None
            What a schema of that name is called from now on: an earlier output.

        Returns
        -------
        bool
            Whether there was one, which is kept.

        Raises
        ------
        UsageError
            When there is a schema of that name, and it is not to be replaced, or is the one that was read.
        UnreadableInput
            When rows were written to the schema that was read since then.
        """
        from .schema_swap import PostgresWritten, place_schema

        if not isinstance(written, PostgresWritten):
            raise UsageError("this was not written by a PostgreSQL store")
        with contextlib.closing(self.connect()) as connection:
            return place_schema(connection, written, name, kept_as)

    def drop_schema(self, written: Written, placed: tuple[str, str | None] | None = None) -> None:
        """Remove a schema that was written.

        Parameters
        ----------
        written : Written
            What :meth:`write` gave.
        placed : (str, str or None), optional
            Where it was put in place: its name, and what the earlier one of that name is called, which gets it back.

        Raises
        ------
        WriteFailed
            When it could not be removed.
        """
        from .schema_swap import PostgresWritten, drop_schema

        if isinstance(written, PostgresWritten):
            with contextlib.closing(self.connect()) as connection:
                drop_schema(connection, written, placed)

    def close(self) -> None:
        """Close the connection; what is not written is as if it had never been begun."""
        self.connection.close()


_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod),
       CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod)
                      ELSE format_type(a.atttypid, a.atttypmod) END,
       a.attgenerated <> '',
       (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""

_DECLARED = """
SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = %s::regclass
UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass
UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass
UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = %s::regclass
"""
_VIEWS = """
WITH beside AS (
    SELECT oid, relname::text AS name, relkind FROM pg_class
    WHERE relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = %s::regclass) AND relkind IN ('v', 'm', 'S')
)
SELECT name FROM beside
UNION ALL SELECT pg_get_viewdef(oid) FROM beside WHERE relkind <> 'S'
UNION ALL SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN beside b ON t.tgrelid = b.oid WHERE NOT t.tgisinternal
"""
_COMMENTS_ON = "SELECT description FROM pg_description WHERE classoid = 'pg_class'::regclass AND objoid = %s::regclass"


def _column(
    name: str, declared: str, base: str, generated: bool, labels: list[str] | None, *, as_text: bool
) -> DatabaseColumn:
    return DatabaseColumn(name, declared, pl.String() if as_text else dtype_of(base, labels), generated)


def _type(column: DatabaseColumn) -> pl.DataType:
    assert column.dtype is not None  # noqa: S101 - PostgreSQL's are all handed out
    return column.dtype


def _parsed(lines: list[bytes], columns: int) -> list[pl.Series]:
    """Read CSV in which a null is nothing and an empty text is a pair of quotes."""
    names = [str(at) for at in range(columns)]
    if not lines:
        return [pl.Series(dtype=pl.String) for _ in names]
    data = b"".join(lines)
    table = pc.read_csv(
        io.BytesIO(data),
        pc.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
        pc.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        pc.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return [pl.Series(name, table.column(name)) for name in names]


def _series(layout: Layout, column: DatabaseColumn, text: pl.Series, start: int) -> pl.Series:
    try:
        return from_text(text, _type(column)).alias(column.name)
    except pl.exceptions.PolarsError:
        raise UnreadableInput(
            f"column {column.name!r} holds values that {column.dtype} can't hold, in rows {start + 1} to "
            f"{start + len(text)}",
            where=str(layout.name),
            hint=f'declare it: types = {{ {column.name} = "text" }}.',
        ) from None
