"""What a database is to a plan: tables to read, and a new place to which all of them are written at once."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl

from sealscrub.errors import ColumnError, ConfigError, UsageError

from ..changes import Patch, RowEdit, TableChange
from ..levels import LevelRules, Suspect
from ..object_texts import object_texts
from ..row_verdicts import Remaining
from ..table import DECLARATION, FoundRows, Table, Wanted
from .database_layout import Change, DatabaseColumn, Layout, Written, check_change
from .database_source import DatabaseKind, DatabaseSource, TableName, kind_named

__all__ = ["ANY", "BATCH_ROWS", "DatabaseStore", "DatabaseTable"]

_LEVELS = re.compile(r"ENUM\s*\((?:\s*'(?:[^']|'')*'\s*,?)*\s*\)", re.IGNORECASE)

ANY = "any"  # a column that is handed out as whatever a row holds, or as text
BATCH_ROWS = 131_072  # some MB of a wide table


class DatabaseStore(ABC):
    """One database of an estate. It is read, never changed; use it as a context manager, or close it.

    While a store is open, what it reads is one state of the database.

    Attributes
    ----------
    writer : callable
        Writes tables with what happens to them: from the store, the tables and the target to what was written.
    commented : set of TableName
        Tables of which the comments are copied: a comment is metadata, and can say anything of the rows.
    holds_any : bool
        Whether a column can hold values that are not of its type.
    """

    writer: Callable[[Any, dict[TableName, tuple[Layout, Change]], Any], Written]
    holds_any: ClassVar[bool] = False

    def __init__(self, place: str) -> None:
        self.place = place
        self.commented: set[TableName] = set()
        self.levels = LevelRules()
        self._types: dict[TableName, Mapping[str, str]] = {}

    def listed(self, column: DatabaseColumn) -> list[str]:
        """Give the levels that a column's type lists, at every depth."""
        return column.dtype.categories.to_list() if isinstance(column.dtype, pl.Enum) else []

    @abstractmethod
    def declared(self, layout: Layout) -> list[str]:
        """Give the statements by which a table is declared, with its defaults, checks and indexes."""

    def comments(self, layout: Layout) -> list[str]:
        """Give the comments on a table and its columns."""
        return []

    @abstractmethod
    def views(self, layout: Layout) -> list[str]:
        """Give the statements of views and their triggers, and names of sequences, that may be copied with a table."""

    @abstractmethod
    def tables(self) -> list[TableName]:
        """Give the names of the tables that a plan may use, sorted."""

    @abstractmethod
    def layout(self, table: TableName, types: Mapping[str, str]) -> Layout:
        """Find a table and its columns.

        Raises
        ------
        ConfigError
            When the table does not exist, or it is of a kind that can't be copied.
        """

    @abstractmethod
    def count(self, layout: Layout) -> int:
        """Count the rows of a table."""

    @abstractmethod
    def read(self, layout: Layout, columns: Sequence[DatabaseColumn]) -> Iterator[pl.DataFrame]:
        """Give columns of every row in the table's order; at least one frame."""

    def write(self, changes: Mapping[str | TableName, Change], target: Path | str) -> Written:
        """Write the tables with their changes into a new database.

        Parameters
        ----------
        changes : mapping of str or TableName to TableChange or polars.DataFrame
            For each table of the plan what happens to it: a change (an empty one for a table that stays as it
            is), or other rows altogether. Tables that are not named are not copied.
        target : Path or str
            The new file; of PostgreSQL the new schema's name.

        Returns
        -------
        Written

        Raises
        ------
        UsageError
            When a change does not fit its table, or the target already exists.
        ConfigError
            When a table refers to one that is not named.
        WriteFailed
            When the changed rows break a constraint of the table, or the disk fails; nothing is left behind.
        """
        return self.writer(self, self._planned(changes), target)

    @abstractmethod
    def close(self) -> None:
        """Close the database."""

    def open_table(self, name: str, table: str | TableName, *, types: Mapping[str, str] | None = None) -> DatabaseTable:
        """Open a table.

        Parameters
        ----------
        name : str
            What the plan calls it.
        table : str or TableName
            ``table`` or ``schema.table``.
        types : mapping of str to str, optional
            Columns that are handed out as text whatever they hold: ``{"remarks": "text"}``.

        Raises
        ------
        ConfigError
            When the table does not exist.
        """
        layout = self.layout(_table_name(table), types or {})
        self._types[layout.name] = dict(types or {})
        return DatabaseTable(name, self, layout)

    def text_types(self, layout: Layout) -> Mapping[str, str]:
        """Give the columns of a table that are handed out as text whatever they hold."""
        return self._types.get(layout.name, {})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.place!r})"

    def _planned(self, changes: Mapping[str | TableName, Change]) -> dict[TableName, tuple[Layout, Change]]:
        """Find every table that is written, in the order of their names, and check each change against it."""
        planned: dict[TableName, tuple[Layout, Change]] = {}
        for table, change in changes.items():
            layout = self.layout(_table_name(table), {})
            if layout.name in planned:
                raise ConfigError("two tables of the plan are the same table", where=str(layout.name))
            layout = self.layout(layout.name, self._types.get(layout.name, {}))
            check_change(layout, self.count(layout), change)
            planned[layout.name] = (layout, change)
        return dict(sorted(planned.items(), key=lambda item: (item[0].schema or "", item[0].table)))

    def unknown_table(self, table: TableName) -> ConfigError:
        """Say that the table does not exist."""
        known = ", ".join(map(str, self.tables()[:20]))
        return ConfigError(f"there is no table {table}", where=self.place, hint=f"there are: {known}.")


class DatabaseTable(Table):
    """A table of a database as a table of a plan.

    Parameters
    ----------
    name : str
        What the plan calls it.
    store : DatabaseStore
        The database, which must stay open.
    layout : Layout
        The table there.
    """

    def __init__(self, name: str, store: DatabaseStore, layout: Layout) -> None:
        self.name = name
        self.store = store
        self.layout = layout
        self.source: DatabaseSource | None = None
        self._rows: int | None = None

    @property
    def place(self) -> Path | None:
        """The database's file, of the engines that keep it in one."""
        return None if self.source is None else self.source.file

    @property
    def files(self) -> tuple[Path, ...]:
        """The database's file, if it is kept in one."""
        return () if self.source is None or self.source.file is None else (self.source.file,)

    def knowing(self, levels: LevelRules) -> None:
        """Learn which columns are keys, and which levels may be in no list."""
        self.store.levels = levels

    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]:
        """Give the levels that no row uses and are of interest, of every type that lists some."""
        everything = TableChange(np.ones(self.rows, dtype=np.bool_))
        return self._unused_levels(suspect, everything)

    def _unused_levels(self, suspect: Suspect, change: Change) -> list[tuple[str, pl.Series]]:
        found = []
        for column in self.layout.columns:
            levels = pl.Series(self.store.listed(column), dtype=pl.String)
            wanted = levels.filter(pl.Series(suspect(column.name, levels), dtype=pl.Boolean))
            if len(wanted) and isinstance(column.dtype, pl.Enum):  # those of lists and structs are not looked up
                rows = change if isinstance(change, pl.DataFrame) else self.kept_rows(change, column.name)
                wanted = wanted.filter(~wanted.is_in(rows.get_column(column.name).cast(pl.String).unique().implode()))
            if len(wanted):
                found.append((column.name, wanted))
        return found

    def check_lists(self, change: Change) -> None:
        """Refuse a table whose types list what may be in no list: a copy would hold the list.

        Raises
        ------
        UsageError
        """
        barred = self.store.levels.barred
        if barred is None:
            return
        left = self.store.levels.left
        known = lambda column, levels: barred(levels) & (column not in left)  # noqa: E731
        for column, _ in self._unused_levels(known, change):
            raise UsageError(
                f"the type of {column!r} lists sealed or withheld records that no row has",
                where=self.name,
                hint="make it a text column at its source.",
            )

    @property
    def columns(self) -> list[str]:
        """Names of the columns in their order; those that can't be handed out are among them."""
        return [column.name for column in self.layout.columns]

    @property
    def unreadable(self) -> list[str]:
        """Names of the columns that are copied and never handed out."""
        return [column.name for column in self.layout.columns if column.dtype is None]

    def undeclared(
        self, remaining: Remaining, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]:
        """Give the columns that are not declared, of rows that stay; those that are not handed out, as text."""
        types = dict(self.store.text_types(self.layout))
        others = [column for column in self.layout.columns if column.name not in (*declared, *remaining.columns)]
        types |= {column.name: ANY for column in others if column.dtype is None or self.store.holds_any}
        whole = DatabaseTable(self.name, self.store, self.store.layout(self.layout.name, types))
        for name, values in Table.undeclared(whole, remaining, declared, wanted):
            yield name, object_texts(values.to_list()) if values is not None and values.dtype == pl.Object else values

    def names(self) -> Iterator[tuple[str, list[str]]]:
        """Give the names that the table holds, by what they name, and the statements that declare it or read it."""
        yield from super().names()
        stated = [*self.store.declared(self.layout), *self.store.views(self.layout)]
        yield DECLARATION, [_LEVELS.sub("ENUM", each) for each in stated]  # levels are looked at as such

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        """The comments on the table and its columns, as entries of the name ``comment``."""
        return {"comment": self.store.comments(self.layout)}

    def types(self, columns: Sequence[str]) -> list[Any]:
        """Types in which columns are handed out."""
        return [self.layout.column(name).dtype for name in columns]

    @property
    def rows(self) -> int:
        """Number of rows."""
        if self._rows is None:
            self._rows = self.store.count(self.layout)
        return self._rows

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some columns of every row, in the table's order; at least one frame."""
        wanted = [self.layout.column(name) for name in dict.fromkeys(columns)]
        for column in wanted:
            if column.dtype is None:
                raise ColumnError(
                    f"column {column.name!r} is of the type {column.declared}, which can't be handed out",
                    where=self.name,
                    hint="it is copied as it is; leave it out of keys, links and recipes.",
                )
        return self.store.read(self.layout, wanted)

    def limits_texts(self, column: str) -> bool:
        """Say whether the type of a column holds not every text: it lists its values, or is JSON."""
        return isinstance(self.layout.column(column).dtype, pl.Enum)

    def check_names(self, output: Path, aside: Path | None) -> None:
        """Refuse an output of another kind; rows that are set aside go into a file of Parquet.

        Raises
        ------
        ConfigError
        """
        kind, named = self.source and self.source.kind, kind_named(output)
        if kind != DatabaseKind.POSTGRES and named != kind:
            raise ConfigError(
                f"the output must be a database of {kind}, like the input",
                where=str(output),
                hint=f"name a file such as clean.{kind}.",
            )
        if aside is not None and aside.suffix.lower() != ".parquet":
            raise ConfigError(
                "the quarantine of a database must be a Parquet file", where=str(aside), hint="aside.parquet"
            )

    def refuse_listed(self, columns: Collection[str], where: str) -> None:
        """Refuse columns of a type that lists its values: the list is part of the table, and names what was removed.

        Raises
        ------
        ConfigError
        """
        for column in self.layout.columns:
            if isinstance(column.dtype, pl.Enum) and column.name in columns:
                raise ConfigError(
                    f"the type of {column.name!r} lists its values, and keeps those of removed rows",
                    where=where,
                    hint="make it a text column at its source.",
                )

    def kept(
        self, found: FoundRows, edit: RowEdit | None, target: Any, patches: Mapping[str, Patch] = MappingProxyType({})
    ) -> Any:
        """Write a database that holds the rows that stay and nothing else."""
        self.refuse_listed(self.store.levels.keys, self.name)
        self.check_lists(TableChange(found.keep))
        if isinstance(target, Path):
            target.unlink(missing_ok=True)
        return super().kept(found, edit, target, patches)

    def set_aside(self, found: FoundRows, target: Any) -> Any:
        """Give the rows that could not be checked, or write them as Parquet."""
        rows = self.kept_rows(TableChange(found.unchecked), *self.columns)
        return rows if target is None else rows.write_parquet(target)

    def changed(self, change: TableChange, target: Path | str | None) -> Any:
        """Give the changed table as a frame, or write a database that holds it and nothing else.

        A database with several tables of a plan is written by :meth:`DatabaseStore.write`, all at once.
        """
        if target is not None:
            return self.store.write({self.layout.name: change}, target)
        check_change(self.layout, self.rows, change)
        return self.kept_rows(change, *self.columns)

    def kept_rows(self, change: TableChange, *columns: str) -> pl.DataFrame:
        """Give columns of the rows that stay, as they become."""
        frames, start = [], 0
        for frame in self.batches(columns):
            span = change.within(start, start + frame.height)
            start += frame.height
            patched = [_patch_series(series, span) for series in frame.get_columns()]
            frames.append(pl.DataFrame({each.name: each for each in patched}).filter(pl.Series(span.keep)))
        return pl.concat(frames).rechunk()

    def replaced(self, rows: pl.DataFrame, target: Path | None) -> Any:
        """Give other rows, or write a database that holds the table with them and nothing else."""
        check_change(self.layout, None, rows)
        return rows if target is None else self.store.write({self.layout.name: rows}, target)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {str(self.layout.name)!r})"


def _table_name(table: str | TableName) -> TableName:
    return table if isinstance(table, TableName) else TableName.parse(table)


def _patch_series(series: pl.Series, change: TableChange) -> pl.Series:
    patch = change.patches.get(series.name)
    if patch is None or not len(patch.rows):
        return series
    place = np.arange(len(series), dtype=np.int64)
    place[patch.rows] = len(series) + np.arange(len(patch.rows))
    return pl.concat([series, patch.values.cast(series.dtype).alias(series.name)]).gather(place)
