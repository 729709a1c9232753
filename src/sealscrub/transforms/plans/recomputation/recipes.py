"""The recipes of a plan, in an order in which each is run after those that it reads from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sealscrub.errors import ConfigError

from ..column_names import first_column
from ..plan_rules import TableRules
from ..plan_spec import DerivedSpec
from ..sql.recipe import RecipeSQL, read_recipe
from .python_recipe import load_recipe

__all__ = [
    "Recipe",
    "needed_columns",
    "order_recipes",
    "presumed_columns",
    "read_columns",
    "read_recipes",
    "read_sql_recipes",
]


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """One recipe: of a column, or (`column` None) of a whole table."""

    table: str
    column: str | None
    spec: DerivedSpec
    where: str
    sql: RecipeSQL | None = None
    function: object | None = None

    @property
    def name(self) -> str:
        """What it computes."""
        return self.table if self.column is None else f"{self.table}.{self.column}"

    @property
    def handled(self) -> str:
        """What happens to stored values that it does not return; a whole table is always recomputed."""
        return "recompute" if self.column is None else self.spec.exceptions or "null"

    @property
    def tables(self) -> frozenset[str]:
        """Tables that it reads, its own row not counted."""
        return self.sql.tables if self.sql is not None else frozenset(self.spec.reads)

    def check_rows(self, given: int, rows: int) -> None:
        """Refuse another number of rows than the table has, unless the table is recomputed whatever it was.

        Raises
        ------
        ConfigError
        """
        if given != rows and not (self.column is None and self.spec.exceptions == "recompute"):
            raise ConfigError(
                f"the recipe gives {given} rows, and the table has {rows}",
                where=self.where,
                hint="fix the recipe until it returns the stored rows.",
            )

    def check_columns(self, given: Sequence[str], stored: Sequence[str]) -> None:
        """Refuse other columns than the table has.

        Raises
        ------
        ConfigError
        """
        if {*given} != {*stored} or len(given) != len(stored):
            other = ", ".join(sorted({*given} ^ {*stored}))
            raise ConfigError(
                f"the recipe and the table do not have the same columns: {other}",
                where=self.where,
                hint="give the query's columns the names of the table's.",
            )

    def reads(self, other: Recipe) -> bool:
        """Whether it reads what another one computes."""
        if other.column is None:
            return other.table in self.tables
        column = other.column.lower()
        if self.sql is None:
            return other.table in self.tables or (other.table == self.table and other is not self)
        if other.table in self.tables and (column in self.sql.columns or "*" in self.sql.columns):
            return True
        return other.table == self.table and (column in self.sql.this_columns or "*" in self.sql.this_columns)


def read_recipes(rules: Mapping[str, TableRules], allow_python: Collection[str]) -> list[Recipe]:
    """Read all recipes of a plan.

    Raises
    ------
    ConfigError
        When one is not a recipe: it reads what is not a table of the plan, may give another result each time, or is
        Python code that no one allowed.
    """
    found = []
    for name, rule in rules.items():
        for column, spec in _parts(rule):
            where = f"{rule.where}.derived.{column}" if column is not None else f"{rule.where}.derived_from"
            sql = function = None
            if spec.sql is not None:
                sql = read_recipe(spec.sql, where=where, query=column is None, tables=list(rules))
            else:
                function = load_recipe(spec.python or "", allow_python, where)
                _check_reads(spec.reads, rules, where)
            found.append(Recipe(name, column, spec, where, sql, function))
    return found


def read_sql_recipes(rules: Mapping[str, TableRules]) -> list[Recipe]:
    """Read all recipes for a drawing; those in Python are not looked at, and nothing of them runs."""
    found = []
    for name, rule in rules.items():
        for column, spec in _parts(rule):
            where = f"{rule.where}.{'derived_from' if column is None else 'derived.' + column}"
            sql = None
            if spec.sql is not None:
                sql = read_recipe(spec.sql, where=where, query=column is None, tables=list(rules))
            found.append(Recipe(name, column, spec, where, sql))
    return found


def _parts(rule: TableRules) -> Iterator[tuple[str | None, DerivedSpec]]:
    yield from rule.spec.derived.items()
    if rule.spec.derived_from is not None:
        yield None, rule.spec.derived_from


def _check_reads(reads: Sequence[str], rules: Mapping[str, TableRules], where: str) -> None:
    for table in reads:
        if table not in rules:
            raise ConfigError(f"the plan has no table {table!r}", where=where, hint="see reads = […].")


def order_recipes(recipes: Sequence[Recipe]) -> list[list[Recipe]]:
    """Put recipes in order: each group reads only what groups before it compute.

    Raises
    ------
    ConfigError
        When recipes read each other in a circle, which is named.
    """
    waiting = {recipe: [other for other in recipes if recipe.reads(other)] for recipe in recipes}
    groups: list[list[Recipe]] = []
    while waiting:
        ready = [recipe for recipe, needs in waiting.items() if not any(other in waiting for other in needs)]
        if not ready:
            raise ConfigError(
                f"recipes read each other in a circle: {' → '.join(_circle(waiting))}",
                where=next(iter(waiting)).where,
                hint="compute one of them from tables that no recipe changes.",
            )
        groups.append(ready)
        for recipe in ready:
            del waiting[recipe]
    return groups


def _circle(waiting: Mapping[Recipe, Sequence[Recipe]]) -> list[str]:
    recipe = next(iter(waiting))
    seen: list[Recipe] = []
    while recipe not in seen:
        seen.append(recipe)
        recipe = next(other for other in waiting[recipe] if other in waiting)
    return [step.name for step in seen[seen.index(recipe) :]] + [recipe.name]


def needed_columns(recipes: Sequence[Recipe], columns: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Columns of each table that recipes read or compute, in the table's order; only tables that are read.

    Of a table whose rows are counted and whose columns no one reads there is one, by which its rows are known.
    """
    needed = {table: set(names) for table, names in read_columns(recipes, columns).items()}
    for recipe in recipes:
        needed[recipe.table].update(columns[recipe.table] if recipe.column is None else [recipe.column])
    found = {table: [name for name in columns[table] if name in names] for table, names in needed.items()}
    return {table: names or first_column(columns[table]) for table, names in found.items()}


def presumed_columns(rules: TableRules, recipes: Sequence[Recipe]) -> list[str]:
    """Columns that an empty file of JSON Lines would have, as far as a plan speaks of them."""
    found = dict.fromkeys([*sorted(rules.named()), *rules.spec.derived])
    for recipe in recipes:
        if recipe.sql is not None:
            read = recipe.sql.columns if rules.name in recipe.tables else frozenset()
            own = recipe.sql.this_columns if rules.name == recipe.table else frozenset()
            found |= dict.fromkeys(sorted((read | own) - {each.lower() for each in found} - {"*"}))
    return list(found)


def read_columns(recipes: Sequence[Recipe], columns: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Columns of each table that recipes read, in the table's order; of a table that they only compute, none."""
    read: dict[str, set[str]] = {}
    for recipe in recipes:
        for table, names in _read_by(recipe, columns):
            read.setdefault(table, set()).update(names)
    return {table: [name for name in columns[table] if name in names] for table, names in read.items()}


def _read_by(recipe: Recipe, columns: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, list[str]]]:
    own = columns[recipe.table]
    if recipe.sql is None:
        for table in {*recipe.tables, recipe.table}:
            yield table, list(columns[table])
        return
    for table in recipe.tables:
        yield table, _selected_columns(columns[table], recipe.sql.columns)
    yield recipe.table, [] if recipe.column is None else _selected_columns(own, recipe.sql.this_columns)


def _selected_columns(columns: Sequence[str], names: Collection[str]) -> list[str]:
    return [name for name in columns if "*" in names or name.lower() in names]
