"""Derived columns and tables, computed by Spark: each recipe must first return what is stored, on Spark itself."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sealscrub.errors import ConfigError
from sealscrub.reports import counted
from sealscrub.tables.spark.numbered_files import ROW, quoted

from ..plan_rules import TableRules
from ..recomputation.derived_tables import Derived
from ..recomputation.recipes import Recipe, order_recipes, read_columns
from ..sql.functions import FLOAT_TYPES
from ..sql.recipe import RecipeSQL
from .estate_files import EstateFiles
from .turned_recipes import TurnedRecipe, summed_columns, turn_recipe

__all__ = ["DerivedInSpark", "SparkRecipes", "check_recipe"]

_ROUNDING = "1e-9"


@dataclass(slots=True, eq=False)
class DerivedInSpark(Derived):
    """What recipes gave: DataFrames of new columns by the numbers of rows, and files of new tables."""

    columns: dict[str, tuple[Any, tuple[str, ...]]] = field(default_factory=dict)
    made: dict[str, tuple[Path, int]] = field(default_factory=dict)

    def rows(self, table: str) -> int:
        """Count the rows of a new table."""
        return self.made[table][1] if table in self.made else 0


@dataclass(slots=True, eq=False)
class _Tried:
    """How many stored values there are, how many the recipe gave; and, if not all, which."""

    rows: int
    same: int
    flags: Any = None

    @property
    def share(self) -> float:
        return self.same / self.rows if self.rows else 1.0


class SparkRecipes:
    """The recipes of a plan over one estate, run by Spark.

    Parameters
    ----------
    session : pyspark.sql.SparkSession
        Of this run alone: it has views of the tables.
    recipes : mapping of Recipe to RecipeSQL
        As :func:`check_recipe` gives them.
    tables : mapping of str to EstateFiles
        Which know which rows stay, and what changes in them.
    rules : mapping of str to TableRules
    folder : Path
        A private folder that every worker sees, for results.
    """

    def __init__(
        self,
        session: Any,
        recipes: Mapping[Recipe, RecipeSQL],
        tables: Mapping[str, EstateFiles],
        rules: Mapping[str, TableRules],
        folder: Path,
    ) -> None:
        self._session, self._recipes, self._tables, self._rules = session, recipes, tables, rules
        self._folder, self._numbers = folder, itertools.count()
        names = {name: table.columns for name, table in tables.items()}
        self._read = read_columns([*recipes], names)
        for recipe in recipes:
            self._read.setdefault(recipe.table, [])
            own = names[recipe.table] if recipe.column is None else [recipe.column]
            self._read[recipe.table] = [c for c in names[recipe.table] if c in {*own, *self._read[recipe.table]}]

    def run(self, kept: Mapping[str, int]) -> DerivedInSpark:
        """Try every recipe, and run it on what is left.

        Parameters
        ----------
        kept : mapping of str to int
            How many rows of each table stay.

        Raises
        ------
        ConfigError
            When a recipe does not reproduce what is stored.
        UnreadableInput
            When Spark cannot run it.
        """
        derived = DerivedInSpark()
        for name, columns in self._read.items():
            self._show("before", name, self._tables[name].spark.rows_as(columns, after=False))
        tried = {recipe: self._try(recipe) for recipe in self._recipes}
        for name, columns in self._read.items():
            after = not self._rules[name].derived_whole
            self._show("after", name, self._tables[name].spark.rows_as(columns, after=after))
        for group in order_recipes([*self._recipes]):
            for name in dict.fromkeys(recipe.table for recipe in group):
                some = [recipe for recipe in group if recipe.table == name]
                if some[0].column is None:
                    self._new_table(some[0], tried[some[0]], derived)
                else:
                    self._new_columns(name, some, tried, kept[name], derived)
        return derived

    def _try(self, recipe: Recipe) -> _Tried:
        """Compare what a recipe gives with what is stored; the values stay in Spark."""
        from pyspark.sql import functions as make

        spark, turned = self._tables[recipe.table].spark, self._turn(recipe, "before")
        columns = list(self._tables[recipe.table].columns) if recipe.column is None else [recipe.column]
        with spark.unquoted():
            stored = self._session.table(_view("before", recipe.table))
            stored = stored.select(make.col(ROW).alias("n0"), *_numbered("s", columns))
            if recipe.column is None:
                given = self._made(recipe, turned)[0].select(make.col(ROW).alias("n1"), *_numbered("v", columns))
            else:
                given = self._session.sql(turned.sql).select(make.col("n").alias("n1"), make.col("v").alias("v0"))
            same, lost = make.lit(True), make.lit(False)
            for at in range(len(columns)):
                kind, wanted = given.schema[f"v{at}"].dataType, stored.schema[f"s{at}"].dataType
                value = make.col(f"v{at}")
                lost |= ~_fits(value, kind, wanted)
                rounded = turned.rounds and wanted.simpleString() in ("double", "float")
                same &= _equal(make.col(f"s{at}"), _cast(value, kind, wanted), rounded=rounded)
            both = stored.join(given, make.col("n0") == make.col("n1"), "full")
            paired = make.col("n0").isNotNull() & make.col("n1").isNotNull()
            flags = both.select("n0", "n1", (same & paired).alias("same"), (lost & paired).alias("lost"))
            counts = [make.count("n0"), make.count("n1"), *(make.count_if(make.col(each)) for each in ("same", "lost"))]
            rows, got, equal, lossy = flags.agg(*counts).first()
        recipe.check_rows(got, rows)
        if rows != sum(self._tables[recipe.table].file_rows()):
            raise spark.changed_meanwhile()
        if lossy:
            raise ConfigError(
                f"{counted(lossy, 'value')} that the recipe gives on Spark would change in the type of the column",
                where=recipe.where,
                hint="cast in the recipe.",
            )
        found = _Tried(rows, equal)
        if found.share < recipe.spec.reproduces:
            raise ConfigError(
                f"on Spark the recipe reproduces {equal:,} of {rows:,} stored values "
                f"({found.share:.2%}, {recipe.spec.reproduces:.2%} required)",
                where=recipe.where,
                hint="see whether it does on this machine: leave out the engine. If so, write it in words that both "
                "engines take alike.",
            )
        if equal != rows and recipe.column is not None:
            with spark.unquoted():
                found.flags = self._kept(flags.select("n0", "same"))
        return found

    def _new_columns(
        self, name: str, recipes: Sequence[Recipe], tried: Mapping[Recipe, _Tried], rows: int, derived: DerivedInSpark
    ) -> None:
        """Compute columns of a table that do not read each other, and write them down for what comes next."""
        from pyspark.sql import functions as make

        with self._tables[name].spark.unquoted():
            data = self._session.table(_view("after", name))
            columns = list(data.columns)
            kinds = {field.name: field.dataType for field in data.schema}
            data = data.toDF(*[f"c{at}" for at in range(len(columns))])  # names hold anything
            number = make.col(f"c{columns.index(ROW)}")
            new, said, counts = {}, [], [make.count(make.lit(1)), make.count_distinct(number)]
            for at, recipe in enumerate(recipes):
                turned, column = self._turn(recipe, "after"), recipe.column or ""
                given = self._session.sql(turned.sql).select(
                    make.col("n").alias(f"n{at}"), make.col("v").alias(f"v{at}")
                )
                data = data.join(given, number == make.col(f"n{at}"), "left")
                kind, value = given.schema[f"v{at}"].dataType, make.col(f"v{at}")
                fresh, stored = _cast(value, kind, kinds[column]), make.col(f"c{columns.index(column)}")
                exception = make.lit(False)
                flags = tried[recipe].flags
                if flags is not None:
                    flags = flags.select(make.col("n0").alias(f"f{at}"), make.col("same").alias(f"s{at}"))
                    data = data.join(flags, number == make.col(f"f{at}"), "left")
                    exception = ~make.coalesce(make.col(f"s{at}"), make.lit(False))
                other = {"null": make.lit(None).cast(kinds[column]), "keep": stored, "recompute": fresh}
                new[column] = make.when(exception, other[recipe.handled]).otherwise(fresh)
                said += [stored.alias(f"w{at}"), exception.alias(f"e{at}")]
                said.append((~_fits(value, kind, kinds[column])).alias(f"l{at}"))
                counts.append(make.count_if(~stored.eqNullSafe(make.col(f"w{at}"))))
                counts += [make.count_if(make.col(f"e{at}")), make.count_if(make.col(f"l{at}"))]
            values = [new.get(each, make.col(f"c{at}")).alias(f"c{at}") for at, each in enumerate(columns)]
            data = self._kept(data.select(*values, *said))
            got, distinct, *numbers = data.agg(*counts).first()
            shown = [make.col(f"c{at}").alias(each) for at, each in enumerate(columns)]
            self._show("after", name, data.select(*shown))
        if got != rows or distinct != rows:
            raise ConfigError(
                f"a recipe gives {counted(got, 'value')} for {counted(rows, 'row')}",
                where=recipes[0].where,
                hint="check the recipes.",
            )
        for at, recipe in enumerate(recipes):
            differs, exceptions, lossy = numbers[3 * at : 3 * at + 3]
            if lossy:
                raise ConfigError(
                    f"{counted(lossy, 'value')} that the recipe gives would change in the type of the column",
                    where=recipe.where,
                    hint="cast in the recipe.",
                )
            derived.report(recipe, tried[recipe].share, changed=differs, exceptions=exceptions)
        made = (*derived.columns.get(name, (None, ()))[1], *new)
        derived.columns[name] = (self._session.table(_view("after", name)), made)

    def _new_table(self, recipe: Recipe, tried: _Tried, derived: DerivedInSpark) -> None:
        """Compute a table as a whole, in one file."""
        from pyspark.sql import functions as make

        name, columns = recipe.table, self._tables[recipe.table].columns
        with self._tables[name].spark.unquoted():
            before = self._session.table(_view("before", name)).drop(ROW)
            made, place, rows = self._made(recipe, self._turn(recipe, "after"), before.schema)
            one, other = made.select(*_numbered("a", columns)), before.select(*_numbered("b", columns))
            same = make.lit(True)
            for at in range(len(columns)):
                same &= make.col(f"a{at}").eqNullSafe(make.col(f"b{at}"))
            changed = one.join(other, same, "left_anti").count()
            self._show("after", name, made)
        derived.made[name] = (place, rows)
        derived.report(recipe, tried.share, changed=changed, exceptions=tried.rows - tried.same)

    def _made(self, recipe: Recipe, turned: TurnedRecipe, schema: Any = None) -> tuple[Any, Path, int]:
        """Run a recipe that gives a table; give what was written with its rows numbered, where, and how many."""
        from pyspark.sql import functions as make

        found = self._session.sql(turned.sql)
        recipe.check_columns(found.columns, self._tables[recipe.table].columns)
        if schema is not None:
            kinds = {field.name: field.dataType for field in found.schema}
            found = found.select(
                *[_checked(make.col(quoted(c.name)), kinds[c.name], c.dataType).alias(c.name) for c in schema]
            )
        place = self._folder / f"table.{next(self._numbers)}"
        found.coalesce(1).write.option("maxRecordsPerFile", 0).parquet(str(place))
        (part,) = place.glob("part-*.parquet")
        rows = self._session.read.parquet(str(part))
        rows = rows.select("*", make.col("_metadata.row_index").alias(ROW))
        return rows, part, rows.count()

    def _kept(self, data: Any) -> Any:
        """Write what was computed down, so that it is computed once."""
        place = self._folder / f"columns.{next(self._numbers)}"
        data.write.parquet(str(place))
        return self._session.read.schema(data.schema).parquet(str(place))

    def _show(self, world: str, name: str, data: Any) -> None:
        with self._tables[name].spark.unquoted():
            data.createOrReplaceTempView(_view(world, name))

    def _turn(self, recipe: Recipe, world: str) -> TurnedRecipe:
        views = {name: _view(world, name) for name in self._read}
        return turn_recipe(self._recipes[recipe], views, recipe.table if recipe.column is not None else None)


def check_recipe(recipe: Recipe, tables: Mapping[str, EstateFiles]) -> RecipeSQL:
    """Give the SQL of a recipe; refuse one that Spark cannot run, or of which it gives another result each time.

    Raises
    ------
    ConfigError
    """
    if recipe.sql is None:
        raise ConfigError(
            "a recipe in Python does not run on Spark",
            where=recipe.where,
            hint="write it in SQL, or leave out the engine.",
        )
    if recipe.sql.may_tie:
        raise ConfigError(
            "rows of the recipe may tie in its ORDER BY, and Spark has them in another order each time",
            where=recipe.where,
            hint="order a table by all of its columns (ORDER BY ALL), and aggregate what needs no order.",
        )
    if _sums_floats(recipe, recipe.sql, tables):
        raise ConfigError(
            "the recipe sums floating-point numbers, and Spark adds them in another order each time",
            where=recipe.where,
            hint="sum whole numbers or decimals: sum(x::decimal(18, 4)).",
        )
    return recipe.sql


def _sums_floats(recipe: Recipe, sql: RecipeSQL, tables: Mapping[str, EstateFiles]) -> bool:
    """Whether floating-point numbers may come into a sum of a recipe."""
    if not sql.order_sensitive_floats:
        return False
    read = [field for name in {*recipe.tables, recipe.table} for field in tables[name].spark.fields]
    kinds = [(field.name.lower(), field.dataType.simpleString()) for field in read]
    floats = {name for name, kind in kinds if any(word in kind for word in FLOAT_TYPES)}
    summed, made = summed_columns(sql)
    unknown = summed - made - {name for name, _ in kinds}
    return sql.makes_floats or bool(floats & summed) or bool(floats and unknown)


def _view(world: str, name: str) -> str:
    """Name the view of a table, whose own name is a word: plans have no others."""
    return f"sealscrub_{world}_{name}"


def _numbered(letter: str, columns: Sequence[str]) -> list[Any]:
    """Give columns under a letter and their places: names hold anything."""
    from pyspark.sql import functions as make

    return [make.col(quoted(column)).alias(f"{letter}{at}") for at, column in enumerate(columns)]


def _plain(value: Any, kind: Any) -> Any:
    """Give a value of Spark's own kinds in one that columns have: days between dates are a number."""
    return value.cast("int") if kind.simpleString() == "interval day" else value


def _cast(value: Any, kind: Any, wanted: Any) -> Any:
    """Bring a value to the type of a column; null if it has no such value."""
    return _plain(value, kind).try_cast(wanted)


def _fits(value: Any, kind: Any, wanted: Any) -> Any:
    """Say whether a value is the same in the type of a column."""
    back = "int" if kind.simpleString() == "interval day" else kind
    return _cast(value, kind, wanted).try_cast(back).eqNullSafe(_plain(value, kind))


def _checked(value: Any, kind: Any, wanted: Any) -> Any:
    """Bring a value to the type of a column; one that does not fit fails."""
    from pyspark.sql import functions as make

    misfit = make.raise_error(make.lit("sealscrub: a value does not fit its column")).cast(wanted)
    return make.when(_fits(value, kind, wanted), _cast(value, kind, wanted)).otherwise(misfit)


def _equal(one: Any, other: Any, *, rounded: bool) -> Any:
    from pyspark.sql import functions as make

    same = one.eqNullSafe(other)
    if not rounded:
        return same
    near = make.abs(one - other) <= make.lit(float(_ROUNDING)) * (make.abs(one) + make.abs(other) + 1)
    return same | make.coalesce(near, make.lit(False))
