"""Evaluate recipes: over the tables as they are, and over the tables as scrubbed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from sealscrub.errors import ColumnError, ConfigError, UnreadableInput, UsageError
from sealscrub.tables.changes import Patch

from .database import TURNED, RecipeDatabase, cast_as, places_of, selection
from .duckdb_batches import Feed, duckdb_type, quoted
from .functions import FLOAT_TYPES
from .recipe import RecipeSQL
from .result_compare import differing_rows
from .sql_tree import ROW, this_column

__all__ = ["Workbench", "World"]

World = Literal["before", "after"]


class Workbench:
    """Tables of a plan in DuckDB, and the recipes that are evaluated over them.

    There are two worlds: ``before`` holds the tables as they are, and ``after`` as they are once scrubbed. A table of
    ``after`` is a new one, with the rows that stay: nothing of the others is in it, not in its statistics either.
    The database reaches no file but its own, no network, no extension and no variable of the program.

    Parameters
    ----------
    folder : Path, optional
        Where a private folder for the database is made, and removed at the end. Without it the database is in
        memory, and a result that does not fit there is an error.
    memory_limit : str, optional
        How much memory DuckDB may take, as DuckDB writes it.
    threads : int, optional
        How many threads; DuckDB's own choice unless given.

    Raises
    ------
    MissingExtra
        When DuckDB is not installed.

    Examples
    --------
    >>> from sealscrub.transforms.plans.sql.recipe import read_recipe
    >>> arrests = pl.DataFrame({"person": [1, 1, 2], "day": [3, 5, 4]})
    >>> priors = read_recipe(
    ...     "select count(*) from arrests a where a.person = this.person and a.day < this.day",
    ...     where="tables.arrests.derived.priors", query=False, tables=["arrests"],
    ... )
    >>> with Workbench() as bench:
    ...     bench.load("before", "arrests", iter([arrests]), {})
    ...     bench.keep("arrests", np.array([False, True, True]), {})
    ...     before = bench.scalar("before", "arrests", {"priors": priors})
    ...     after = bench.scalar("after", "arrests", {"priors": priors})
    >>> before["priors"].to_pylist(), after["priors"].to_pylist()
    ([0, 1, 0], [0, 0])
    """

    def __init__(self, folder: Path | None = None, memory_limit: str = "3GB", *, threads: int | None = None) -> None:
        self._options = (folder, memory_limit, threads)
        self._opened: RecipeDatabase | None = None
        self._results: dict[tuple[str, RecipeSQL, str | None], Any] = {}

    def __enter__(self) -> Workbench:
        self._opened = RecipeDatabase(*self._options)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._results.clear()
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def _database(self) -> RecipeDatabase:
        if self._opened is None:
            raise UsageError("the workbench is closed", hint="use it in a with statement.")
        return self._opened

    def load(
        self,
        world: World,
        table: str,
        batches: Iterator[pl.DataFrame],
        types: Mapping[str, str],
        *,
        columns: Sequence[str] = (),
    ) -> None:
        """Make a table of a world, its rows numbered from 0 in their order.

        Parameters
        ----------
        world : {"before", "after"}
            The world.
        table : str
            What the plan calls it.
        batches : iterator of polars.DataFrame
            Its rows, in order; read once, and never held together.
        types : mapping of str to str
            DuckDB's types for columns of text; columns that are not loaded are left out.
        columns : sequence of str, optional
            Columns, as text, of a table of which no batch comes.

        Raises
        ------
        ConfigError
            When a type is unknown, or SQL cannot distinguish columns.
        UnreadableInput
            When values are not of their declared type.
        """
        where = f"tables.{table}"
        feed = Feed(batches, where)
        if not feed.columns:
            feed = Feed(iter([pl.DataFrame(schema=dict.fromkeys(columns or [*types], pl.String))]), where)
        declared = {
            column: duckdb_type(types[column], where=f"{where}.types.{column}")
            for column in feed.columns
            if column in types
        }
        chosen = [
            f"TRY_CAST({quoted(name)} AS {declared[name]}) AS {quoted(name)}" if name in declared else quoted(name)
            for name in feed.columns
        ]
        self._results.clear()
        self._database.store(world, table, selection([*chosen, ROW], "feed"), {"feed": feed.reader()}, feed)
        self._check_types(world, table, declared, feed)

    def keep(self, table: str, keep: npt.NDArray[np.bool_], patches: Mapping[str, Patch]) -> None:
        """Make the table of ``after`` from that of ``before``: rows that stay, with their new values.

        Rows keep the numbers that they have in ``before``.

        Parameters
        ----------
        table : str
            What the plan calls it.
        keep : ndarray of bool, shape (rows,)
            Rows that stay.
        patches : mapping of str to Patch
            New values by column, in the column's type or as text that is cast to it. Columns that are not loaded
            are left out.

        Raises
        ------
        UnreadableInput
            When a new value is not of the column's type.
        """
        kinds = self.types_of("before", table)
        if len(keep) != self._rows("before", table):
            raise UsageError("the number of verdicts must be the number of rows", where=f"tables.{table}")
        used = {name: patch for name, patch in patches.items() if name in kinds and len(patch.rows)}
        if not used and bool(keep.all()):
            self._database.share(table)
            return
        judged = {"kept": pa.array(keep)}
        edits = {}
        for number, (name, patch) in enumerate(used.items()):
            places = np.full(len(keep), -1, dtype=np.int64)
            places[patch.rows] = np.arange(len(patch.rows))
            hit = places >= 0
            values = _patch_at_rows(patch.values, places, hit)
            judged |= {f"hit{number}": pa.array(hit), f"value{number}": values}
            edits[name] = (
                f"CASE WHEN j.hit{number} THEN CAST(j.value{number} AS {kinds[name]}) ELSE t.{quoted(name)} END"
            )
        chosen = [f"{edits.get(name, 't.' + quoted(name))} AS {quoted(name)}" for name in kinds]
        source = f"{self._database.native('before', table)} t POSITIONAL JOIN judged j WHERE j.kept"
        self._database.store("after", table, selection([*chosen, f"t.{ROW}"], source), {"judged": pa.table(judged)})

    def frame(self, world: World, table: str) -> pl.DataFrame:
        """Give a table of a world as a frame, for recipes in Python.

        Parameters
        ----------
        world : {"before", "after"}
            The world.
        table : str
            The table.
        """
        chosen = [quoted(name) for name in self.types_of(world, table)]
        rows = self._database.run(
            f"{selection(chosen, self._database.native(world, table))} ORDER BY {ROW}", f"tables.{table}"
        )
        found = pl.from_arrow(rows)
        return found if isinstance(found, pl.DataFrame) else found.to_frame()

    def types_of(self, world: World, table: str) -> dict[str, str]:
        """Give DuckDB's types of a table's columns, in their order."""
        return self._database.types_of(world, table)

    def scalar(self, world: World, table: str, recipes: Mapping[str, RecipeSQL]) -> Any:
        """Evaluate recipes for every row of a table.

        Parameters
        ----------
        world : {"before", "after"}
            The world.
        table : str
            The table whose row is ``this``.
        recipes : mapping of str to RecipeSQL
            By the name of the column that they give.

        Returns
        -------
        pyarrow.Table
            ``__row`` and one column for each recipe; a row for each row of the table, in its order.

        Raises
        ------
        ConfigError
            When a recipe does not fit the tables, or does not give one value by row.
        UnreadableInput
            When values are not what a recipe takes them for.
        """
        numbers = self._database.numbers(world, table)
        columns = {ROW: pa.array(numbers)}
        for name, recipe in recipes.items():
            with self._threads_for(world, recipe, table):
                columns[name] = self._values(world, table, recipe, numbers)
            self._remember(world, recipe, table, pa.table({"value": columns[name]}))
        return pa.table(columns)

    def query(self, world: World, recipe: RecipeSQL) -> Any:
        """Evaluate a recipe that gives a table.

        Returns
        -------
        pyarrow.Table
            In the order that the recipe says; if it says none, ordered by all columns.

        Raises
        ------
        ConfigError
            When the recipe does not fit the tables, or gives columns of one name.
        UnreadableInput
            When values are not what the recipe takes them for.
        """
        with self._threads_for(world, recipe):
            found = self._result(world, recipe)
        self._remember(world, recipe, None, found)
        return found

    def put(self, world: World, table: str, column: str | None, values: Any) -> None:
        """Store what was recomputed, for recipes that come later.

        Parameters
        ----------
        world : {"before", "after"}
            The world.
        table : str
            The table.
        column : str or None
            The column, new or not; None for the whole table.
        values : pyarrow.Array, pyarrow.ChunkedArray or pyarrow.Table
            One value by row, in the order of the rows; or the table. They become what the column of ``before`` is,
            if it is there: text, say, the type that was declared for it.
        """
        self._results.clear()
        known = self._database.types_of("before", table) if self._database.has("before", table) else {}
        if column is None:
            rows = values.append_column(ROW, pa.array(np.arange(len(values), dtype=np.int64)))
            chosen = [cast_as(quoted(name), known.get(name)) for name in values.column_names]
            self._database.store(world, table, selection([*chosen, ROW], "rows"), {"rows": rows})
            return
        if len(values) != self._rows(world, table):
            raise UsageError("the number of values must be the number of rows", where=f"tables.{table}.{column}")
        kinds = self.types_of(world, table)
        name = next((each for each in kinds if each.casefold() == column.casefold()), column)
        fresh = cast_as("n.value", known.get(name), name)
        chosen = [f"t.{quoted(each)}" if each != name else fresh for each in {**kinds, name: ""}]
        source = f"{self._database.native(world, table)} t POSITIONAL JOIN fresh n"
        statement = selection([*chosen, f"t.{ROW}"], source)
        self._database.store(world, table, statement, {"fresh": pa.table({"value": values})})

    def check_deterministic(self, world: World, recipe: RecipeSQL, table: str | None = None) -> None:
        """Evaluate a recipe twice, the second time over the same rows in another arrangement, and compare.

        A recipe in which nothing can tie gives the same by its form, and is not run. If a recipe sums
        floating-point numbers, which the order of rows rounds otherwise, such results may differ by their rounding:
        :meth:`scalar` and :meth:`query` run these on one thread over the rows in their order.

        Parameters
        ----------
        world : {"before", "after"}
            The world.
        recipe : RecipeSQL
            The recipe.
        table : str, optional
            The table whose row is ``this``.

        Raises
        ------
        ConfigError
            When the results differ; the message says in how many rows.
        """
        if not recipe.may_tie:
            return
        first = self._results.pop((world, recipe, table), None) or self._evaluated(world, recipe, table)
        read = sorted({*recipe.tables, *([table] if table is not None else ())})
        try:
            for name in read:
                backwards = f"{self._database.native(world, name)} ORDER BY {ROW} DESC"
                self._database.store(TURNED, name, selection(self._read_columns(world, name, recipe), backwards), {})
            with self._database.on_threads(1 if self._database.threads != 1 else 2):
                second = self._evaluated(TURNED, recipe, table)
        finally:
            for name in read:
                self._database.drop(TURNED, name)
        differing = differing_rows(first, second, rounded=recipe.order_sensitive_floats)
        if differing:
            hint = "rows in a tie: add columns to its ORDER BY until no two rows are equal in them."
            message = f"the recipe gives another result when run again, in {differing} of {len(first)} rows"
            raise ConfigError(message, where=recipe.where, hint=hint)

    def _remember(self, world: World, recipe: RecipeSQL, table: str | None, found: Any) -> None:
        """Keep a result of the data as it is, which is asked for again when the recipe is run a second time."""
        if recipe.may_tie and world == "before":
            self._results[world, recipe, table] = found

    def _read_columns(self, world: World, table: str, recipe: RecipeSQL) -> list[str]:
        """Columns of a table that a recipe may read, quoted, and the number of the row."""
        kinds = self._database.types_of(world, table)
        used = recipe.columns | recipe.this_columns
        return [*(quoted(name) for name in kinds if "*" in used or name.lower() in used), ROW]

    def _evaluated(self, world: str, recipe: RecipeSQL, table: str | None) -> Any:
        if table is None:
            return self._result(world, recipe)
        numbers = self._database.numbers(world, table)
        return pa.table({"value": self._values(world, table, recipe, numbers)})

    def _values(self, world: str, table: str, recipe: RecipeSQL, numbers: npt.NDArray[np.int64]) -> Any:
        kinds = self._database.types_of(world, table)
        known = {name.lower(): name for name in kinds}
        for column in sorted(recipe.this_columns - known.keys()):
            raise ColumnError.absent(column, [*kinds], where=recipe.where)
        columns = [f"{quoted(known[each])} AS {quoted(this_column(each))}" for each in sorted(recipe.this_columns)]
        this = f"({selection([ROW, *columns], self._database.native(world, table))}) AS this"
        value = recipe.sql(self._database.seen(world))
        found = self._database.run(selection([f"this.{ROW} AS n", f"{value} AS v"], this), recipe.where)
        rows = found.column(0).to_numpy()
        if np.array_equal(rows, numbers):
            return found.column(1)
        order = places_of(rows, numbers)
        if order is None:
            hint = "leave out functions that multiply rows, such as unnest."
            raise ConfigError("the recipe does not give one value for each row", where=recipe.where, hint=hint)
        return found.column(1).take(pa.array(order))

    def _result(self, world: str, recipe: RecipeSQL) -> Any:
        text = recipe.sql(self._database.seen(world))
        found = self._database.run(text if recipe.ordered else selection(["*"], f"({text}) ORDER BY ALL"), recipe.where)
        if len({name.casefold() for name in found.column_names}) != len(found.column_names):
            raise ConfigError("the recipe has two equal column names", where=recipe.where, hint="rename them by AS.")
        return found

    def _threads_for(self, world: str, recipe: RecipeSQL, table: str | None = None) -> AbstractContextManager[None]:
        """One thread if the order of rows would round sums otherwise."""
        read = {*recipe.tables, *([table] if table is not None else ())}
        kinds = [
            kind.lower()
            for name in read
            for column, kind in self._database.types_of(world, name).items()
            if "*" in recipe.columns or column.lower() in recipe.columns
        ]
        floats = recipe.makes_floats or any(word in kind for kind in kinds for word in FLOAT_TYPES | {"json"})
        alone = recipe.order_sensitive_floats and floats
        return self._database.on_threads(1 if alone else self._database.threads)

    def _rows(self, world: World, table: str) -> int:
        return int(self._database.one(selection(["count(*)"], self._database.native(world, table))))

    def _check_types(self, world: str, table: str, declared: Mapping[str, str], feed: Feed) -> None:
        for name, kind in declared.items():
            absent = selection([f"count(*) - count({quoted(name)})"], self._database.native(world, table))
            unread = int(self._database.one(absent)) - feed.nulls[name]
            if unread:
                hint = "declare another type, or VARCHAR and try_cast in the recipe."
                where = f"tables.{table}.types.{name}"
                raise UnreadableInput(f"{unread} of {feed.rows} values are not {kind}", where=where, hint=hint)


def _patch_at_rows(values: pl.Series, places: npt.NDArray[np.int64], hit: npt.NDArray[np.bool_]) -> Any:
    """Put the values of a patch at their rows, and null at the others."""
    if values.dtype in (pl.Categorical, pl.Enum, pl.Null):
        values = values.cast(pl.String)
    return values.to_arrow().take(pa.array(places, mask=~hit))
