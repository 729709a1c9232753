"""Derived columns and tables: each recipe is tried on the data as it is, then run on what is left.

A stored value stays only if the recipe, run before anything is scrubbed, gives that value; so what the recipe
gives afterwards is what would have been stored had the sealed records never existed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ConfigError, UnreadableInput, UsageError
from sealscrub.reports import counted
from sealscrub.tables.changes import Patch
from sealscrub.tables.table import Table

from ...scrub_report_values import ColumnReport
from ..estate.estate_search import Estate
from ..plan_rules import TableRules
from ..sql.workbench import Workbench, World
from .recipe_checks import Reproduced
from .recipes import Recipe, needed_columns, order_recipes, presumed_columns, read_columns
from .stored_values import StoredColumn, disagreement

__all__ = ["Derivation", "Derived"]

Patches = dict[str, dict[str, Patch]]


@dataclass(slots=True, eq=False)
class Derived:
    """What recipes gave: new values by table and column, new tables, and what is to be said about them."""

    patches: Patches = field(default_factory=dict)
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    reports: dict[str, list[ColumnReport]] = field(default_factory=dict)

    def rows(self, table: str) -> int:
        """Count the rows of a new table; 0 for one that was not made."""
        return self.tables[table].height if table in self.tables else 0

    def report(self, recipe: Recipe, share: float, *, changed: int = 0, exceptions: int = 0) -> None:
        """Add what is to be said about a recipe that returned a share of the stored values."""
        said = ColumnReport(
            column=recipe.column or "",
            kind="derived" if recipe.column is not None else "derived table",
            changed=changed,
            reproduced=share,
            exceptions=exceptions,
            handled=recipe.handled,
            reason=recipe.spec.reason or "",
        )
        self.reports.setdefault(recipe.table, []).append(said)


@dataclass(slots=True, eq=False)
class _TriedRecipe:
    """A recipe that was tried: what is stored, and which of it the recipe gave."""

    stored: dict[str, StoredColumn]
    same: Mask
    share: float


class Derivation:
    """The recipes of a plan over one estate.

    Parameters
    ----------
    recipes : sequence of Recipe
    tables : mapping of str to Table
    rules : mapping of str to TableRules
    folder : Path or None
        A private folder for what does not fit into memory.
    memory : str
        Most memory before that happens.
    known : mapping of str to ndarray of bool
        By the names of recipes, which stored values they are known to return: those are not tried again.
    """

    def __init__(
        self,
        recipes: Sequence[Recipe],
        tables: Mapping[str, Table],
        rules: Mapping[str, TableRules],
        *,
        folder: Path | None = None,
        memory: str = "2GB",
        known: Reproduced = MappingProxyType({}),
    ) -> None:
        self._recipes = recipes
        self._groups = order_recipes(recipes)
        self._tables, self._rules = tables, rules
        self._columns = {
            name: table.columns or presumed_columns(rules[name], recipes) for name, table in tables.items()
        }
        self._needed = needed_columns(recipes, self._columns)
        self._read = {name: self._loaded(name, read) for name, read in read_columns(recipes, self._columns).items()}
        self._stored: dict[str, dict[str, pl.Series]] = {}
        self._tried: dict[Recipe, _TriedRecipe] = {}
        self._folder, self._memory, self._known = folder, memory, known

    def run(self, estate: Estate | None, edits: Patches) -> Derived:
        """Try every recipe, and run it on what is left; without an estate they are only tried.

        Raises
        ------
        ConfigError
            When a recipe does not reproduce what is stored, or gives another result when run again.
        UsageError
            When a value cannot be written in its column.
        """
        derived = Derived()
        if not self._recipes:
            return derived
        with Workbench(self._folder, self._memory) as bench:
            for name, columns in self._read.items():
                bench.load("before", name, self._kept_batches(name), self._types(name, columns), columns=columns)
            for recipe in self._recipes:
                if recipe.sql is not None and recipe.name in self._known and self._tables[recipe.table].columns:
                    self._tried[recipe] = self._as_tried(recipe, self._known[recipe.name])
                    continue
                self._tried[recipe] = self._try(recipe, self._result(bench, "before", recipe))
                if recipe.sql is not None:
                    bench.check_deterministic("before", recipe.sql, recipe.table if recipe.column is not None else None)
            if estate is None:
                self._report_tried(derived)
                return derived
            self._recompute(bench, estate, edits, derived)
        return derived

    def _loaded(self, name: str, read: Sequence[str]) -> list[str]:
        """Columns of a table that come before recipes: those that they read, and those whose declared type is tried."""
        wanted = [*read, *self._types(name, self._needed[name])]
        return [column for column in self._needed[name] if column in wanted] or self._needed[name][:1]

    def _types(self, name: str, columns: Sequence[str]) -> dict[str, str]:
        types = self._rules[name].spec.types
        return {column: types[column] for column in columns if column in types}

    def _kept_batches(self, name: str) -> Iterator[pl.DataFrame]:
        """Hand a table on in batches, and keep what its recipes are to be compared with."""
        columns, loaded = self._needed[name], self._read[name]
        whole = self._rules[name].derived_whole
        kept = list(columns) if whole else [c.column for c in self._recipes if c.table == name and c.column is not None]
        parts: dict[str, list[pl.Series]] = {column: [] for column in kept}
        for batch in self._tables[name].batches(columns):
            for column in kept:
                parts[column].append(batch.get_column(column))
            yield pl.DataFrame({column: batch.get_column(column) for column in loaded})
        self._stored[name] = {
            column: pl.concat(series) if series else pl.Series(column, [], dtype=pl.String)
            for column, series in parts.items()
        }

    def _result(self, bench: Workbench, world: World, recipe: Recipe) -> dict[str, pl.Series]:
        """Run a recipe, and give what each column becomes."""
        if recipe.sql is not None and recipe.column is not None:
            found = bench.scalar(world, recipe.table, {recipe.column: recipe.sql})
            return {recipe.column: _series(found, recipe.column)}
        if recipe.sql is not None:
            result = bench.query(world, recipe.sql)
            return {name: _series(result, name) for name in result.column_names}
        names = [*recipe.tables, *([recipe.table] if recipe.column is not None else [])]
        frames = {name: bench.frame(world, name) for name in dict.fromkeys(names)}
        if recipe.column is not None:  # else a function could hand on what is stored, and would seem to compute it
            frames[recipe.table] = frames[recipe.table].drop(recipe.column, strict=False)
        result = _call_recipe(recipe, frames)
        if recipe.column is None:
            return {name: result.get_column(name) for name in result.columns}
        if recipe.column not in result.columns or result.height != frames[recipe.table].height:
            raise ConfigError(
                f"the function gives {result.height} rows, or lacks the column",
                where=recipe.where,
                hint=f"give a frame with the column {recipe.column!r} and a row for each row of {recipe.table}.",
            )
        return {recipe.column: result.get_column(recipe.column)}

    def reproduced(self) -> dict[str, Mask]:
        """Give which stored values each recipe returned, by its name, once it was run."""
        return {recipe.name: tried.same for recipe, tried in self._tried.items()}

    def _as_tried(self, recipe: Recipe, same: Mask) -> _TriedRecipe:
        """Take a recipe as tried whose result over the same files is known."""
        stored = self._stored_columns(recipe)
        if any(len(column.values) != len(same) for column in stored.values()):
            raise UnreadableInput("the table changed after it was checked", where=recipe.where, hint="check it again.")
        return _TriedRecipe(stored, same, float(same.mean()) if len(same) else 1.0)

    def _stored_columns(self, recipe: Recipe) -> dict[str, StoredColumn]:
        known = self._tables[recipe.table].columns and self._columns[recipe.table]
        columns = (known or list(self._stored[recipe.table])) if recipe.column is None else [recipe.column]
        text = self._tables[recipe.table].text
        return {name: StoredColumn(self._stored[recipe.table][name], recipe.where, text) for name in columns}

    def _try(self, recipe: Recipe, results: dict[str, pl.Series]) -> _TriedRecipe:
        """Compare what a recipe gives with what is stored."""
        if recipe.column is None and not self._tables[recipe.table].columns:
            self._stored[recipe.table] = {name: pl.Series(name, [], dtype=pl.String) for name in results}
        stored = self._stored_columns(recipe)
        columns = list(stored)
        recipe.check_columns(list(results), columns)
        rows, given = len(next(iter(stored.values())).values), len(next(iter(results.values())))
        recipe.check_rows(given, rows)
        if rows != given:
            return _TriedRecipe(stored, np.zeros(rows, bool), 0.0)
        same = np.ones(rows, bool)
        for name in columns:
            same &= stored[name].reproduced(results[name])
        share = float(same.mean()) if rows else 1.0
        if share < recipe.spec.reproduces:
            raise self._not_reproduced(recipe, stored, results, same)
        return _TriedRecipe(stored, same, share)

    def _not_reproduced(
        self, recipe: Recipe, stored: dict[str, StoredColumn], results: dict[str, pl.Series], same: Mask
    ) -> ConfigError:
        told = []
        for name, column in stored.items():
            equal = column.reproduced(results[name])
            if not equal.all():
                pattern = disagreement(column, results[name], equal)
                told.append(pattern if recipe.column is not None else f"{name}: {pattern}")
        right = int(np.count_nonzero(same))
        return ConfigError(
            f"the recipe reproduces {right:,} of {counted(len(same), 'stored value')} "
            f"({right / len(same):.2%}, {recipe.spec.reproduces:.2%} required); {'; '.join(told)}",
            where=recipe.where,
            hint="fix the recipe, or set reproduces and exceptions.",
        )

    def _report_tried(self, derived: Derived) -> None:
        for recipe, tried in self._tried.items():
            derived.report(recipe, tried.share, exceptions=int(np.count_nonzero(~tried.same)))

    def _recompute(self, bench: Workbench, estate: Estate, edits: Patches, derived: Derived) -> None:
        touched: set[str] = set()
        for name in self._read:
            if self._rules[name].derived_whole:
                bench.keep(name, np.ones(len(next(iter(self._stored[name].values()), [])), bool), {})
                continue
            keep = ~estate.nodes[name].gone
            patches = {c: patch for c, patch in edits.get(name, {}).items() if c in self._read[name]}
            bench.keep(name, keep, patches)
            if patches or not keep.all():
                touched.add(name)
        for group in self._groups:
            # what a recipe does not return is seen to whether or not a seal reaches it: else it would reveal that
            stale = [
                recipe
                for recipe in group
                if touched & {recipe.table, *recipe.tables} or not self._tried[recipe].same.all()
            ]
            for recipe in group:
                if recipe not in stale:
                    self._untouched(recipe, derived)
            for recipe in stale:
                results = self._result(bench, "after", recipe)
                if recipe.column is None:
                    changed = self._new_table(bench, recipe, results, derived)
                else:
                    changed = self._new_column(bench, recipe, results[recipe.column], estate, derived)
                if changed:
                    touched.add(recipe.table)

    def _untouched(self, recipe: Recipe, derived: Derived) -> None:
        """What nothing reached, and the recipe returns, keeps its values."""
        if recipe.column is None:
            derived.tables[recipe.table] = pl.DataFrame(self._stored[recipe.table])
        derived.report(recipe, self._tried[recipe].share)

    def _new_column(
        self, bench: Workbench, recipe: Recipe, result: pl.Series, estate: Estate, derived: Derived
    ) -> bool:
        tried = self._tried[recipe]
        stored = tried.stored[recipe.column or ""]
        kept = np.flatnonzero(~estate.nodes[recipe.table].gone)
        if len(result) != len(kept):
            raise ConfigError(
                f"the recipe gives {counted(len(result), 'value')} for {counted(len(kept), 'row')}",
                where=recipe.where,
                hint="check the recipe.",
            )
        old = StoredColumn(stored.values.gather(kept), recipe.where, stored.text)
        differs = ~old.reproduced(result)
        new = old.written(old.cast(result), tried.same[kept] & ~differs, stored.values)
        patch = self._patch(recipe, tried, kept, new, differs, derived)
        if any(other.reads(recipe) for other in self._recipes):
            full = old.values.clone().scatter(np.searchsorted(kept, patch.rows), patch.values.cast(old.values.dtype))
            bench.put("after", recipe.table, recipe.column, _arrow(full))
        return bool(len(patch.rows))

    def _patch(
        self,
        recipe: Recipe,
        tried: _TriedRecipe,
        kept: npt.NDArray[np.int64],
        new: pl.Series,
        differs: Mask,
        derived: Derived,
    ) -> Patch:
        """Take the new value if the recipe is known to give what is stored, and see to the others."""
        stored = tried.stored[recipe.column or ""].values
        unknown = ~tried.same[kept]
        handled = recipe.handled
        if unknown.any() and recipe.spec.exceptions is None and not self._tables[recipe.table].holds_null(stored.name):
            raise UsageError(
                f"{counted(int(unknown.sum()), 'value')} that the recipe does not return cannot be null in this column",
                where=recipe.where,
                hint="set exceptions = 'recompute' or 'keep', with a reason.",
            )
        if handled == "null":
            take = (differs & ~unknown) | (unknown & stored.gather(kept).is_not_null().to_numpy())
            new = new.set(pl.Series(unknown), None) if unknown.any() else new
        elif handled == "keep":
            take = differs & ~unknown
        else:
            take = differs
        rows = kept[take]
        patch = Patch(rows, new.filter(pl.Series(take)))
        derived.patches.setdefault(recipe.table, {})[recipe.column or ""] = patch
        derived.report(recipe, tried.share, changed=len(rows), exceptions=int(unknown.sum()))
        return patch

    def _new_table(self, bench: Workbench, recipe: Recipe, results: dict[str, pl.Series], derived: Derived) -> bool:
        tried = self._tried[recipe]
        columns = {}
        for name, stored in tried.stored.items():
            columns[name] = stored.written(stored.cast(results[name]), tried.same).alias(name)
        table = pl.DataFrame(columns)
        before = pl.DataFrame(self._stored[recipe.table])
        same = before.height == table.height and before.equals(table.cast(before.schema))
        changed = 0 if same else table.join(before, on=table.columns, how="anti", nulls_equal=True).height
        derived.tables[recipe.table] = table
        derived.report(recipe, tried.share, changed=changed, exceptions=int(np.count_nonzero(~tried.same)))
        bench.put("after", recipe.table, None, pa.table({name: _arrow(table[name]) for name in table.columns}))
        return not same


def _series(table: Any, name: str) -> pl.Series:
    found = pl.from_arrow(table.column(name))
    assert isinstance(found, pl.Series)  # noqa: S101 - of one column comes one
    return found.alias(name)


def _arrow(values: pl.Series) -> Any:
    """Hand values to the workbench as its tables are loaded: levels as text."""
    return (values.cast(pl.String) if values.dtype in (pl.Categorical, pl.Enum) else values).to_arrow()


def _call_recipe(recipe: Recipe, frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    try:
        result = recipe.function(frames)  # type: ignore[operator]  # a recipe has either
    except Exception as error:
        raise ConfigError(
            f"the function failed with {type(error).__name__}", where=recipe.where, hint="run it on its own."
        ) from None
    if not isinstance(result, pl.DataFrame):
        try:
            result = pl.DataFrame(result)
        except Exception:
            raise ConfigError(
                "the function does not return a frame", where=recipe.where, hint="return a frame."
            ) from None
    return result
