"""The database in which recipes run: private, locked, and with one table for each table of a world."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.errors import ConfigError, UsageError

from .duckdb_batches import Feed, quoted
from .duckdb_errors import told_plainly
from .sql_tree import ROW, words

__all__ = ["TURNED", "RecipeDatabase", "cast_as", "places_of", "selection"]

# a third world, in which the rows of a table are in another arrangement
TURNED = "turned"
_WORLDS = ("before", "after", TURNED)
# the schema of the native tables
_NUMBERED_TABLE = "numbered"

# one thread is chosen if sums of floating-point numbers need it; all else is fixed before a recipe runs
_LOCKS = (
    "SET TimeZone = 'UTC'",
    "SET autoload_known_extensions = false",
    "SET autoinstall_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET allow_persistent_secrets = false",
    "SET python_enable_replacements = false",
    "SET preserve_insertion_order = true",
    "SET allowed_configs = ['threads']",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)

_NESTED = frozenset({"array", "list", "map", "struct"})
_INEXACT = words("bignum bit geometry interval time_ns uhugeint union variant") | {"time with time zone"}


def selection(columns: Iterable[str], source: str) -> str:
    """Write a SELECT of columns and a source that are SQL themselves, their names quoted."""
    return f"SELECT {', '.join(columns)} FROM {source}"  # noqa: S608 - of quoted names and judged recipes


def cast_as(value: str, kind: str | None, name: str = "") -> str:
    """Write a value as one of a column's type."""
    text = f"CAST({value} AS {kind})" if kind else value
    return f"{text} AS {quoted(name) if name else value}"


def places_of(rows: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64] | None:
    """Say where each of the ascending `numbers` is in `rows`; None unless each is there just once."""
    if len(rows) != len(numbers):
        return None
    places = np.full(int(numbers[-1]) + 1 if len(numbers) else 0, -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    found = places[numbers]
    return None if (found < 0).any() else found


class RecipeDatabase:
    """One DuckDB database, which reaches no file but its own, no network, no extension and no variable.

    Each table is a native one whose rows are numbered, and recipes read a view of it without the numbers. A table of
    ``after`` in which nothing changed is stored once for both worlds. A fresh table takes the place of an earlier one
    only when it is complete.

    Parameters
    ----------
    folder : Path or None
        Where a private folder is made for it; None keeps it in memory, from where it does not spill.
    memory_limit : str
        As DuckDB writes it.
    threads : int or None
        DuckDB's own choice if it is None.

    Raises
    ------
    MissingExtra
        When DuckDB is not installed.
    IncompleteError
        When the folder cannot be written.
    """

    def __init__(self, folder: Path | None, memory_limit: str, threads: int | None) -> None:
        import duckdb

        self._homes: dict[tuple[str, str], str] = {}
        self._types: dict[str, dict[str, str]] = {}
        self._numbers: dict[str, npt.NDArray[np.int64]] = {}
        self._made = 0
        self._connection: Any = None
        self._private = None if folder is None else Path(tempfile.mkdtemp(prefix=".sealscrub-recipes-", dir=folder))
        place = ":memory:" if self._private is None else str(self._private / "recipes.duckdb")
        spill = "" if self._private is None else str(self._private / "spill")
        try:
            with told_plainly("the database of recipes"):
                config: dict[str, Any] = {"memory_limit": memory_limit}
                self._connection = duckdb.connect(place, config=config | ({"threads": threads} if threads else {}))
                self._connection.execute("SET temp_directory = ?", [spill])
                for statement in _LOCKS:
                    self._connection.execute(statement)
                self._connection.execute(f"CREATE SCHEMA {_NUMBERED_TABLE}")
                for world in _WORLDS:
                    self._connection.execute(f"CREATE SCHEMA {quoted(self.seen(world))}")
                self.threads = int(self.one("SELECT current_setting('threads')"))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Forget all tables, and remove the folder."""
        if self._connection is not None:
            self._connection.close()
        if self._private is not None:
            shutil.rmtree(self._private, ignore_errors=True)

    def seen(self, world: str) -> str:
        """Name the schema of the views that recipes of a world read."""
        return f"{world} seen"

    def native(self, world: str, table: str) -> str:
        """Name the table with numbered rows, as SQL."""
        return f"{_NUMBERED_TABLE}.{self._home(world, table)}"

    def types_of(self, world: str, table: str) -> dict[str, str]:
        """Give DuckDB's types of a table's columns, in their order."""
        home = self._home(world, table)
        if home not in self._types:  # the catalog is slow to ask, and a stored table never changes
            rows = self._connection.execute(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? "
                "ORDER BY column_index",
                [_NUMBERED_TABLE, home],
            )
            self._types[home] = {name: kind for name, kind in rows.fetchall() if name != ROW}
        return dict(self._types[home])

    def columns(self) -> list[str]:
        """Name all columns of all tables."""
        return sorted({name for home in self._homes for name in self.types_of(*home)})

    def numbers(self, world: str, table: str) -> npt.NDArray[np.int64]:
        """Give the numbers of a table's rows, ascending."""
        home = self._home(world, table)
        if home not in self._numbers:
            found = self._connection.sql(selection([ROW], self.native(world, table))).to_arrow_table().column(0)
            numbers = np.asarray(found.to_numpy(), dtype=np.int64)
            self._numbers[home] = numbers if (numbers[1:] > numbers[:-1]).all() else np.sort(numbers)
        return self._numbers[home]

    def one(self, statement: str) -> Any:
        """Give the one value of a SELECT."""
        return self._connection.execute(statement).fetchall()[0][0]

    def run(self, statement: str, where: str) -> Any:
        """Run a recipe's SELECT, and give its rows as a ``pyarrow.Table``."""
        with told_plainly(where, self.columns()):
            rows = self._connection.sql(statement)
            if any(_inexact(kind) for kind in rows.types):
                hint = "cast it to a common type, such as BIGINT, VARCHAR or TIMESTAMP."
                raise ConfigError("the recipe returns a type that cannot be converted exactly", where=where, hint=hint)
            return rows.to_arrow_table()

    @contextmanager
    def on_threads(self, threads: int) -> Iterator[None]:
        """Run what follows on so many threads."""
        self._connection.execute(f"SET threads = {int(threads)}")
        try:
            yield
        finally:
            self._connection.execute(f"SET threads = {int(self.threads)}")

    def store(self, world: str, table: str, statement: str, feeds: Mapping[str, Any], feed: Feed | None = None) -> None:
        """Make a table of a SELECT, row by row on one thread, so equal rows are stored in the same way."""
        if any(other != table and other.casefold() == table.casefold() for _, other in self._homes):
            hint = "rename one of them: SQL does not distinguish them."
            raise ConfigError("names of tables differ only in case", where=f"tables.{table}", hint=hint)
        self._made += 1
        home = f"table{self._made}"
        for name, data in feeds.items():
            self._connection.register(name, data)
        try:
            with told_plainly(f"tables.{table}"), self.on_threads(1):
                self._connection.execute(f"CREATE TABLE {_NUMBERED_TABLE}.{home} AS {statement}")
        except Exception:
            if feed is not None and feed.failure is not None:
                raise feed.failure from None
            raise
        finally:
            for name in feeds:
                self._connection.unregister(name)
        self._settle(world, table, home)

    def share(self, table: str) -> None:
        """Let the table of ``after`` be that of ``before``."""
        self._settle("after", table, self._home("before", table))

    def has(self, world: str, table: str) -> bool:
        """Say whether a table is loaded."""
        return (world, table) in self._homes

    def drop(self, world: str, table: str) -> None:
        """Forget a table of a world."""
        home = self._homes.pop((world, table), "")
        if home:
            self._connection.execute(f"DROP VIEW {quoted(self.seen(world))}.{quoted(table)}")
        if home and home not in self._homes.values():
            self._connection.execute(f"DROP TABLE {_NUMBERED_TABLE}.{home}")
            self._types.pop(home, None)
            self._numbers.pop(home, None)

    def _settle(self, world: str, table: str, home: str) -> None:
        self.drop(world, table)
        self._homes[world, table] = home
        columns = [quoted(name) for name in self.types_of(world, table)] or ["NULL"]
        view = f"{quoted(self.seen(world))}.{quoted(table)}"
        self._connection.execute(f"CREATE VIEW {view} AS {selection(columns, self.native(world, table))}")

    def _home(self, world: str, table: str) -> str:
        if (world, table) not in self._homes:
            hint = "load the tables that a recipe reads before it runs."
            raise UsageError("the table is not loaded", where=f"tables.{table}", hint=hint)
        return self._homes[world, table]


def _inexact(kind: Any) -> bool:
    """Whether values of a type, or of one within it, are not themselves any more outside of DuckDB."""
    if kind.id in _NESTED:
        return any(_inexact(child) for _, child in kind.children if hasattr(child, "id"))
    return kind.id in _INEXACT
