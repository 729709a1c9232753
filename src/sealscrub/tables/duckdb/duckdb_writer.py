"""A new DuckDB file with an estate's tables: built from nothing, so no page of it has held what was removed."""

# ruff: noqa: S608 - statements made of quoted names and DuckDB's own names of types

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from sealscrub.errors import ConfigError, WriteFailed

from ..changes import Patch, TableChange
from ..database.database_file import new_database
from ..database.database_layout import Change, DatabaseColumn, Layout, Written
from ..database.database_source import TableName, quoted
from ..database.database_store import BATCH_ROWS, DatabaseTable
from .duckdb_connection import SOURCE, TARGET, connect
from .duckdb_store import DuckDBStore

__all__ = ["write_duckdb"]

_Planned = Mapping[TableName, tuple[Layout, Change]]
_SCHEMAS = "SELECT schema_name FROM duckdb_schemas() WHERE database_name = $1 AND NOT internal ORDER BY ALL"
_TYPES = "SELECT schema_name, type_name FROM duckdb_types() WHERE database_name = $1 AND NOT internal ORDER BY type_oid"
_SEQUENCES = (
    "SELECT schema_name, sequence_name, increment_by, min_value, max_value, cycle FROM duckdb_sequences() "
    "WHERE database_name = $1 ORDER BY ALL"
)
_TABLES = "SELECT schema_name, table_name, sql FROM duckdb_tables() WHERE database_name = $1"
_INDEXES = (
    "SELECT schema_name, table_name, sql FROM duckdb_indexes() "
    "WHERE database_name = $1 AND sql IS NOT NULL ORDER BY schema_name, table_name, index_name"
)
_VIEWS = "SELECT schema_name, view_name, sql FROM duckdb_views() WHERE database_name = $1 AND NOT internal ORDER BY ALL"
_MACROS = "SELECT DISTINCT schema_name, function_name FROM duckdb_functions() WHERE database_name = $1 AND NOT internal"
_DEFAULTS = (
    "SELECT column_name, column_default FROM duckdb_columns() "
    "WHERE database_name = $1 AND schema_name = $2 AND table_name = $3"
)
_COMMENTS = (
    "SELECT schema_name, table_name, NULL, comment FROM duckdb_tables() "
    "WHERE database_name = $1 AND comment IS NOT NULL "
    "UNION ALL SELECT schema_name, table_name, column_name, comment FROM duckdb_columns() "
    "WHERE database_name = $1 AND comment IS NOT NULL ORDER BY ALL"
)


def write_duckdb(store: DuckDBStore, planned: _Planned, target: Path) -> Written:
    """Write tables with their changes into a new DuckDB file.

    The rows that stay are copied by DuckDB itself, in order, on one thread, so row groups are cut alike
    whatever was removed. What differs between files of equal rows is the random id in DuckDB's header.

    Parameters
    ----------
    store : DuckDBStore
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
    import duckdb

    order = _by_reference(store, planned)
    with new_database(target, ".wal", duckdb.Error, "check memory and disk space.") as part:
        part.unlink()  # DuckDB takes no empty file
        with contextlib.closing(connect(store.file, target=part)) as connection:
            written = _Writer(store, connection, planned).run(order, str(target))
            connection.execute("USE memory")
            connection.execute(f"DETACH {TARGET}")
    return written


def _by_reference(store: DuckDBStore, planned: _Planned) -> list[TableName]:
    """Order the tables so that each comes after those that it refers to."""
    found = store.ask(
        "SELECT schema_name, table_name, referenced_table FROM duckdb_constraints() "
        "WHERE database_name = $1 AND constraint_type = 'FOREIGN KEY'"
    )
    parents: dict[TableName, set[TableName]] = {name: set() for name in planned}
    for schema, table, referenced in found:
        child, parent = TableName(schema, table), TableName(schema, referenced)
        if child not in planned or child == parent:
            continue
        if parent not in planned:
            raise ConfigError(
                f"the table refers to {parent}, which the plan does not name",
                where=str(child),
                hint="add it to the plan.",
            )
        parents[child].add(parent)
    order: list[TableName] = []
    while len(order) < len(parents):
        order += [name for name in parents if name not in order and parents[name] <= set(order)]
    return order


class _Writer:
    def __init__(self, store: DuckDBStore, connection: Any, planned: _Planned) -> None:
        self.store = store
        self.connection = connection
        self.planned = planned
        self.left_out = [f"macro {schema}.{name}" for schema, name in store.ask(_MACROS)]
        self.left_out += [f"table {name}" for name in store.tables() if name not in planned]
        self.notes: list[str] = []

    def run(self, order: list[TableName], place: str) -> Written:
        self.connection.execute(f"USE {TARGET}")
        for (schema,) in self.store.ask(_SCHEMAS):
            self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
        for schema, name in self.store.ask(_TYPES):
            self._type(TableName(schema, name))
        for sequence in self.store.ask(_SEQUENCES):
            self._sequence(*sequence)
        declared = {TableName(schema, table): sql for schema, table, sql in self.store.ask(_TABLES)}
        for name in order:
            self.connection.execute(declared[name])
            self._fill(*self.planned[name])
        for schema, table, sql in self.store.ask(_INDEXES):
            if TableName(schema, table) in self.planned:
                self.connection.execute(sql)
        self._views()
        self._comments()
        return Written(place, tuple(map(str, self.planned)), tuple(sorted(set(self.left_out))), tuple(self.notes))

    def _type(self, name: TableName) -> None:
        ((meant,),) = self.store.ask(f"SELECT typeof(CAST(NULL AS {SOURCE}.{name.sql})) WHERE $1 <> ''")
        barred, levels = self.store.levels.barred, pl.Series(self.store.levels_of(meant), dtype=pl.String)
        if barred is not None and barred(levels).any() and not self._in_use(meant):
            self.left_out.append(f"type {name}")
            return
        self.connection.execute(f"CREATE TYPE {name.sql} AS {meant}")

    def _in_use(self, meant: str) -> bool:
        """Say whether a table that is copied has a column of this type; that it may was checked before."""
        return any(meant in column.declared for layout, _ in self.planned.values() for column in layout.columns)

    def _sequence(self, schema: str, name: str, step: int, least: int, most: int, cycle: bool) -> None:
        """Start a sequence after the last number that is left; its position reveals rows that were removed."""
        shown = TableName(None if schema == "main" else schema, name)
        last = [
            _extreme(self.store, layout, column, change, step)
            for layout, change in self.planned.values()
            for column in self._fed_by(layout, schema, name)
        ]
        known = [number for number in last if number is not None]
        first = least if step > 0 else most
        start = (max(known) if step > 0 else min(known)) + step if known else first
        start = start if least <= start <= most else first
        self.notes.append(
            f"sequence {shown} continues at " + ("the number after the last one used" if last else "its start")
        )
        self.connection.execute(
            f"CREATE SEQUENCE {quoted(schema)}.{quoted(name)} INCREMENT BY {step} MINVALUE {least} MAXVALUE {most} "
            f"START {start} {'CYCLE' if cycle else 'NO CYCLE'}"
        )

    def _fed_by(self, layout: Layout, schema: str, name: str) -> list[DatabaseColumn]:
        found = self.store.ask(_DEFAULTS, *layout.name)
        fed = {column for column, default in found if _sequence_in(default) == TableName(schema, name)}
        return [column for column in layout.columns if column.name in fed and column.dtype is not None]

    def _fill(self, layout: Layout, change: Change) -> None:
        import duckdb

        columns = layout.stored
        names = ", ".join(quoted(column.name) for column in columns)
        into = f"INSERT INTO {layout.name.sql} ({names})"
        try:
            if isinstance(change, TableChange):
                self._copy(into, layout, change)
            else:
                values = ", ".join(f"CAST(v{at} AS {column.declared})" for at, column in enumerate(columns))
                reader = _reader(_slices(change.select(column.name for column in columns)))
                self.connection.register("sealscrub_rows", reader)
                self.connection.execute(f"{into} SELECT {values} FROM temp.sealscrub_rows")
                self.connection.unregister("sealscrub_rows")
        except duckdb.ConstraintException:
            raise WriteFailed(
                "the changed rows break a constraint of the table",
                where=str(layout.name),
                hint="a column may not be null, or its rows refer to removed rows: declare the link in the plan.",
            ) from None
        except duckdb.Error:
            raise WriteFailed("the table can't be written", where=str(layout.name)) from None

    def _copy(self, into: str, layout: Layout, change: TableChange) -> None:
        patched = [column for column in layout.stored if column.name in change.patches]
        at = {column.name: place for place, column in enumerate(patched)}
        values = ", ".join(
            f"CASE WHEN v.hit{at[column.name]} THEN CAST(v.v{at[column.name]} AS {column.declared}) "
            f"ELSE s.{quoted(column.name)} END"
            if column.name in at
            else f"s.{quoted(column.name)}"
            for column in layout.stored
        )
        verdicts = _verdicts(self.store, layout, change, [change.patches[column.name] for column in patched])
        self.connection.register("sealscrub_verdicts", _reader(verdicts))
        # the two scans walk side by side in the order of the rows; that they do is checked row by row
        self.connection.execute(
            f"{into} SELECT {values} FROM {self.store.at(layout)} s POSITIONAL JOIN temp.sealscrub_verdicts v "
            "WHERE CASE WHEN s.rowid IS DISTINCT FROM v.place THEN error('order') ELSE v.kept END"
        )
        self.connection.unregister("sealscrub_verdicts")

    def _views(self) -> None:
        """Make the views that read nothing else than what was copied; DuckDB says which."""
        import duckdb

        waiting, before = self.store.ask(_VIEWS), -1
        while waiting and len(waiting) != before:
            before, failed = len(waiting), []
            for view in waiting:
                try:
                    self.connection.execute(view[2])
                except duckdb.Error:
                    failed.append(view)
            waiting = failed
        self.left_out += [f"view {schema}.{name}" for schema, name, _ in waiting]

    def _comments(self) -> None:
        for schema, table, column, comment in self.store.ask(_COMMENTS):
            name = TableName(schema, table)
            if name in self.planned and name not in self.store.commented:
                self.left_out.append(f"comment of {name}")
            elif name in self.planned:
                what = f"COLUMN {name.sql}.{quoted(column)}" if column else f"TABLE {name.sql}"
                text = comment.replace("'", "''")
                self.connection.execute(f"COMMENT ON {what} IS '{text}'")


def _sequence_in(default: str | None) -> TableName | None:
    found = re.search(r"nextval\('((?:[^']|'')+)'\)", default or "")
    if found is None:
        return None
    name = TableName.parse(found[1].replace("''", "'"))
    return TableName(name.schema or "main", name.table)


def _extreme(store: DuckDBStore, layout: Layout, column: DatabaseColumn, change: Change, step: int) -> int | None:
    """Find the last number of a column that is left, in the sequence's direction."""
    if column.dtype is None or not column.dtype.is_integer():
        return None
    frame = (
        DatabaseTable("", store, layout).kept_rows(change, column.name) if isinstance(change, TableChange) else change
    )
    values = frame[column.name]
    last = values.max() if step > 0 else values.min()
    return last if isinstance(last, int) else None


def _verdicts(
    store: DuckDBStore, layout: Layout, change: TableChange, patches: Sequence[Patch]
) -> Iterator[dict[str, Any]]:
    """Give what happens to each row, batch by batch and at least once: its id, whether it stays, its new values."""
    ids = store.row_ids(layout)
    for start in range(0, max(len(ids), 1), BATCH_ROWS):
        stop = min(start + BATCH_ROWS, len(ids))
        batch: dict[str, Any] = {"place": pa.array(ids[start:stop]), "kept": pa.array(change.keep[start:stop])}
        for number, patch in enumerate(patches):
            part = patch.within(start, stop)
            hit = np.zeros(stop - start, np.bool_)
            hit[part.rows] = True
            place = np.full(stop - start, len(part.rows))
            place[part.rows] = np.arange(len(part.rows))
            batch[f"hit{number}"] = pa.array(hit)
            batch[f"v{number}"] = _arrow(part.values.extend_constant(None, 1).gather(place))
        yield batch


def _slices(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    for start in range(0, max(rows.height, 1), BATCH_ROWS):
        part = rows.slice(start, BATCH_ROWS)
        yield {f"v{at}": _arrow(series) for at, series in enumerate(part.get_columns())}


def _arrow(series: pl.Series) -> Any:
    as_text = isinstance(series.dtype, pl.Enum | pl.Null)
    return (series.cast(pl.String) if as_text else series).rechunk().to_arrow()


def _reader(batches: Iterator[dict[str, Any]]) -> Any:
    made = (pa.RecordBatch.from_pydict(batch) for batch in batches)
    first = next(made)
    return pa.RecordBatchReader.from_batches(first.schema, itertools.chain([first], made))
