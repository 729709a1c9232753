"""Recipes in Spark's SQL: turned by sqlglot, and by rules for what it turns wrongly.

sqlglot says nothing of what it turns wrongly. So no turned recipe is trusted: it runs only if it returns what is
stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sealscrub.errors import ConfigError
from sealscrub.tables.spark.numbered_files import ROW

from ..sql.recipe import RecipeSQL

__all__ = ["TurnedRecipe", "summed_columns", "turn_recipe"]


@dataclass(frozen=True, slots=True)
class TurnedRecipe:
    """A recipe in Spark's SQL.

    Attributes
    ----------
    sql : str
        A SELECT of `n` and `v`, the number of each row and its value; of a whole table, the query.
    rounds : bool
        Whether it calls functions whose last bits differ between engines.
    """

    sql: str
    rounds: bool


def turn_recipe(recipe: RecipeSQL, views: Mapping[str, str], this: str | None) -> TurnedRecipe:
    """Write a recipe for views of Spark.

    Parameters
    ----------
    recipe : RecipeSQL
        As it was judged in the SQL of DuckDB.
    views : mapping of str to str
        The view of each table of the plan.
    this : str or None
        The table whose row is ``this``; None for a recipe that gives a table.

    Raises
    ------
    ConfigError
        When it cannot be turned.
    MissingExtra
        When sqlglot is not installed.
    """
    import sqlglot
    from sqlglot import exp

    failed = ConfigError(
        "the recipe cannot be written in the SQL of Spark",
        where=recipe.where,
        hint="write it more simply, or leave out the engine.",
    )
    try:
        tree = sqlglot.parse_one(recipe.text, read="duckdb")
        rounding = (exp.Cbrt, exp.Exp, exp.Ln, exp.Log, exp.Pow, exp.Sin, exp.Cos, exp.Tan)
        rounds = tree.find(*rounding) is not None
        tree = _turned(_named(tree, {name.casefold(): view for name, view in views.items()}))
        if this is not None:
            value = tree.subquery() if isinstance(tree, exp.Query) else tree
            text = f"SELECT this.{ROW} AS n, {value.sql('spark')} AS v FROM {views[this]} AS this"  # noqa: S608 - quoted names
        elif recipe.ordered:
            text = tree.sql("spark")
        else:
            text = f"SELECT * FROM ({tree.sql('spark')}) ORDER BY ALL ASC NULLS LAST"  # noqa: S608 - quoted names
    except (sqlglot.errors.SqlglotError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        text, rounds = "", False
    if not text:
        raise failed
    return TurnedRecipe(text, rounds)


def summed_columns(recipe: RecipeSQL) -> tuple[frozenset[str], frozenset[str]]:
    """Name, lower-cased, the columns whose values come into aggregates of a recipe, and those that its VALUES make.

    Raises
    ------
    MissingExtra
        When sqlglot is not installed.
    """
    import sqlglot
    from sqlglot import exp

    try:
        tree = sqlglot.parse_one(recipe.text, read="duckdb")
    except sqlglot.errors.SqlglotError:  # which turning it says again
        return frozenset("*"), frozenset()
    summed = {column.name.lower() for each in tree.find_all(exp.AggFunc) for column in each.find_all(exp.Column)}
    made = {
        column.name.lower()
        for values in tree.find_all(exp.Values)
        if values.alias
        and not any(not each.is_string and "e" in each.name.lower() for each in values.find_all(exp.Literal))
        for column in values.args["alias"].columns
    }
    return frozenset(summed), frozenset(made)


def _named(tree: Any, views: Mapping[str, str]) -> Any:
    """Let each table of the plan be its view, under the name that it had."""
    from sqlglot import exp

    ctes = {cte.alias.casefold() for cte in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        name = table.name.casefold()
        if name in views and name not in ctes and isinstance(table.this, exp.Identifier):
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("this", exp.to_identifier(views[name]))
    return tree


def _turned(tree: Any) -> Any:
    """Rewrite what sqlglot turns wrongly, or Spark does not take."""
    from sqlglot import exp

    def turned(node: Any) -> Any:
        if isinstance(node, exp.PercentileDisc | exp.PercentileCont) and node.args.get("expression") is not None:
            order = exp.Order(expressions=[exp.Ordered(this=node.this, desc=False, nulls_first=True)])
            return exp.WithinGroup(this=type(node)(this=node.args["expression"]), expression=order)
        if isinstance(node, exp.Extract) and node.name.casefold() in ("dow", "dayofweek", "weekday"):
            return exp.Paren(this=exp.Sub(this=node, expression=exp.Literal.number(1)))  # Sunday is 0, and 1 in Spark
        if isinstance(node, exp.Log) and node.args.get("expression") is None:
            return exp.Anonymous(this="LOG10", expressions=[node.this])
        return node

    # leaves first, so that what was rewritten is not met again
    for node in sorted(tree.find_all(exp.Expression), key=lambda each: -each.depth):
        new = turned(node.copy())
        if type(new) is not type(node):
            tree = _replaced(tree, node, new)
    for query in sorted(tree.find_all(exp.Select), key=lambda each: -each.depth):
        lifted = _lifted(query)
        if lifted is not None:
            outer = query.parent if isinstance(query.parent, exp.Subquery | exp.Paren) else query
            tree = _replaced(tree, outer, exp.Paren(this=lifted))
    return tree


def _replaced(tree: Any, node: Any, new: Any) -> Any:
    if node is tree:
        return new
    node.replace(new)
    return tree


def _lifted(query: Any) -> Any:
    """Take the row's own columns out of the SELECT of one aggregated value: Spark takes them in its WHERE alone."""
    from sqlglot import exp

    simple = all(not query.args.get(part) for part in ("group", "having", "distinct", "limit", "with", "with_"))
    if not simple or len(query.expressions) != 1:
        return None
    value = query.expressions[0].unalias()
    sums = [each for each in value.find_all(exp.AggFunc) if each.find_ancestor(exp.Select) is query]
    own = [column for column in value.find_all(exp.Column) if column.table.casefold() == "this"]
    outside = [column for column in own if column.find_ancestor(exp.AggFunc) is None]
    if not sums or not outside or any(each.find_ancestor(exp.AggFunc) is not None for each in sums):
        return None
    rest = [column for column in value.find_all(exp.Column) if column not in own]
    if any(column.find_ancestor(exp.AggFunc) is None for column in rest):
        return None
    lifted = value.copy()
    bare = query.copy()
    for each in list(lifted.find_all(exp.AggFunc)):
        one = bare.copy()
        one.set("expressions", [each.copy()])
        if each is lifted:
            return None
        each.replace(one.subquery())
    return lifted
