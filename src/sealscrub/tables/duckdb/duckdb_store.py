"""A DuckDB file as an estate: read where it is, in DuckDB's own order and types."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ConfigError, UnreadableInput

from ..database.database_layout import DatabaseColumn, Layout
from ..database.database_source import DatabaseSource, TableName, quoted
from ..database.database_store import BATCH_ROWS, DatabaseStore
from ..duckdb_relation.duckdb_lists import all_levels
from .duckdb_connection import SOURCE, connect

__all__ = ["DuckDBStore"]

# scalar types without an exact polars type: DuckDB writes them as text and reads that text back
_AS_TEXT = re.compile(r"HUGEINT|UHUGEINT|BIGNUM|BIT|INTERVAL|UUID|TIME WITH TIME ZONE|TIME_NS")
_NESTED = re.compile(r"\[\d*\]$|^(STRUCT|UNION|MAP)\(")
_UNFIT = re.compile(r"\b(HUGEINT|UHUGEINT|BIGNUM|BIT|INTERVAL|TIME_NS|UNION|MAP|VARIANT|GEOMETRY|ENUM)\b|TIME WITH")


class DuckDBStore(DatabaseStore):
    """One DuckDB file, attached read-only to a DuckDB of our own that reaches no other file and no network.

    DuckDB locks the file against writers while it is attached, and scans a table in the order of its row ids,
    which is that of insertion; that the ids ascend is checked in every batch. Types that polars does not have
    are handed out as DuckDB's text of them (intervals, UUIDs, integers of 128 bits); unions, maps, variants and
    geometries are copied and not handed out.

    Parameters
    ----------
    source : DatabaseSource
        The file; which table it names is of no matter.

    Raises
    ------
    MissingExtra
        When DuckDB is not installed.
    UnreadableInput
        When the file is damaged, or another program writes to it.
    """

    def __init__(self, source: DatabaseSource) -> None:
        super().__init__(source.place)
        assert source.file is not None  # noqa: S101 - parsing gave it
        self.file: Path = source.file
        self.connection: Any = None
        self.connection = connect(self.file)

    def tables(self) -> list[TableName]:
        """Give the names of the tables, sorted."""
        found = self.ask("SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = $1 ORDER BY ALL")
        return [TableName(schema, table) for schema, table in found]

    def layout(self, table: TableName, types: Mapping[str, str]) -> Layout:
        """Find a table and its columns, whatever the case of its name."""
        named = (table.schema or "main").casefold(), table.table.casefold()
        for known in self.tables():
            if (str(known.schema).casefold(), known.table.casefold()) == named:
                return self._layout(known, types)
        raise self.unknown_table(table)

    def _layout(self, table: TableName, types: Mapping[str, str]) -> Layout:
        found = self.ask(
            "SELECT column_name, data_type, is_generated FROM duckdb_columns() "
            "WHERE database_name = $1 AND schema_name = $2 AND table_name = $3 ORDER BY column_index",
            *table,
        )
        columns = [self._column(name, declared, generated, name in types) for name, declared, generated in found]
        layout = Layout(table, tuple(columns))
        for name in types:
            layout.column(name)
        if any(column.name.casefold() == "rowid" for column in columns):
            raise ConfigError(
                "a column called rowid hides the order of the rows", where=str(table), hint="rename the column."
            )
        return layout

    def _column(self, name: str, declared: str, generated: bool, as_text: bool) -> DatabaseColumn:
        dtype: pl.DataType | None
        nested = _NESTED.search(declared) is not None
        if as_text or (not nested and _AS_TEXT.fullmatch(declared)):
            dtype = pl.String()
        elif declared.startswith("ENUM(") and not nested:
            levels = self.ask(f"SELECT unnest(enum_range(CAST(NULL AS {declared}))) WHERE $1 <> ''")
            dtype = pl.Enum([level for (level,) in levels])
        elif _UNFIT.search(declared):
            dtype = None
        else:
            empty = self.connection.sql(f"SELECT CAST(NULL AS {declared}) AS value LIMIT 0")
            dtype = _frame(next(iter(empty.to_arrow_reader(1)), empty.to_arrow_table())).dtypes[0]
        return DatabaseColumn(name, declared, dtype, generated)

    def listed(self, column: DatabaseColumn) -> list[str]:
        """Give the levels that a column's type lists, at every depth."""
        return self.levels_of(column.declared) if "ENUM(" in column.declared else []

    def levels_of(self, declared: str) -> list[str]:
        """Give the levels that a type lists, at every depth."""
        with contextlib.closing(self.connection.cursor()) as cursor:
            return all_levels(cursor.sql(f"SELECT CAST(NULL AS {declared})").types[0])

    def declared(self, layout: Layout) -> list[str]:
        """Give the statements by which a table is declared, with its defaults, checks and indexes."""
        return self._catalog_texts(layout, ("sql", "tables"), ("sql", "indexes"))

    def comments(self, layout: Layout) -> list[str]:
        """Give the comments on a table and its columns."""
        return self._catalog_texts(layout, ("comment", "tables"), ("comment", "columns"))

    def views(self, layout: Layout) -> list[str]:
        """Give the statements of views and the names of sequences, which may be copied with a table."""
        found = self.ask(
            "SELECT sql FROM duckdb_views() WHERE database_name = $1 AND NOT internal "
            "UNION ALL SELECT sequence_name FROM duckdb_sequences() WHERE database_name = $1"
        )
        return [text for (text,) in found if text is not None]

    def _catalog_texts(self, layout: Layout, *kinds: tuple[str, str]) -> list[str]:
        found = [
            self.ask(
                f"SELECT {what} FROM duckdb_{kind}() "  # noqa: S608 - names from above
                "WHERE database_name = $1 AND schema_name = $2 AND table_name = $3",
                *layout.name,
            )
            for what, kind in kinds
        ]
        return [text for rows in found for (text,) in rows if text is not None]

    def count(self, layout: Layout) -> int:
        """Count the rows of a table."""
        found = self.ask(f"SELECT count(*) FROM {self.at(layout)} WHERE $1 <> ''")  # noqa: S608 - a quoted name
        return int(found[0][0])

    def read(self, layout: Layout, columns: Sequence[DatabaseColumn]) -> Iterator[pl.DataFrame]:
        """Give columns of every row in the table's order; at least one frame."""
        shown = ", ".join(_select_expression(column) for column in columns)
        schema = {column.name: column.dtype for column in columns}
        last, any_rows = -1, False
        for batch in self._scan(layout, shown):
            rows = batch.column(0).to_numpy()
            _check_order(rows, last, layout)
            last, any_rows = int(rows[-1]), True
            frame = _frame(batch).select(pl.exclude("sealscrub_row"))
            yield frame.cast({name: dtype for name, dtype in schema.items() if isinstance(dtype, pl.Enum)})
        if not any_rows:
            yield pl.DataFrame(schema=schema)

    def row_ids(self, layout: Layout) -> npt.NDArray[np.int64]:
        """Give the row id at every position."""
        last, parts = -1, [np.zeros(0, np.int64)]
        for batch in self._scan(layout, ""):
            parts.append(batch.column(0).to_numpy())
            _check_order(parts[-1], last, layout)
            last = int(parts[-1][-1])
        return np.concatenate(parts)

    def _scan(self, layout: Layout, shown: str) -> Iterator[Any]:
        import duckdb

        statement = f"SELECT rowid AS sealscrub_row{', ' if shown else ''}{shown} FROM {self.at(layout)}"  # noqa: S608 - quoted names
        with contextlib.closing(self.connection.cursor()) as cursor:
            try:
                for batch in cursor.sql(statement).to_arrow_reader(BATCH_ROWS):
                    if batch.num_rows:
                        yield batch
            except (duckdb.Error, OSError):
                raise UnreadableInput(
                    "the table can't be read to its end", where=f"{self.place}#{layout.name}"
                ) from None

    def at(self, layout: Layout) -> str:
        """Name a table with its database, in SQL."""
        return f"{SOURCE}.{layout.name.sql}"

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a query about the catalog; ``$1`` is the attached database's name."""
        import duckdb

        try:
            with contextlib.closing(self.connection.cursor()) as cursor:
                return list(cursor.execute(statement, [SOURCE, *values]).fetchall())
        except duckdb.Error:
            raise UnreadableInput("the database can't be read", where=self.place) from None

    def close(self) -> None:
        """Close the file."""
        if self.connection is not None:
            self.connection.close()


def _select_expression(column: DatabaseColumn) -> str:
    name = quoted(column.name)
    as_text = isinstance(column.dtype, pl.String | pl.Enum)
    return f"CAST({name} AS VARCHAR) AS {name}" if as_text and column.declared != "VARCHAR" else name


def _frame(data: Any) -> pl.DataFrame:
    frame = pl.from_arrow(data)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - of a batch it is always one
    return frame


def _check_order(rows: npt.NDArray[np.int64], last: int, layout: Layout) -> None:
    if rows[0] <= last or (np.diff(rows) <= 0).any():
        raise UnreadableInput("DuckDB gave the rows out of order", where=str(layout.name), hint="report this.")
