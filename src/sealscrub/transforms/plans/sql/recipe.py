"""Read one recipe: SQL of a plan, parsed by DuckDB and judged before anything of it runs."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sealscrub.errors import ConfigError

from .functions import known_functions, parser
from .recipe_judge import Judge
from .sql_tree import WORLD, dicts

__all__ = ["RecipeSQL", "read_recipe"]

_LONGEST = 100_000
_PLAIN = {"cte_map", "from_table", "select_list", "type", "aggregate_handling"}


@dataclass(frozen=True, slots=True)
class RecipeSQL:
    """A recipe that may run.

    Attributes
    ----------
    text : str
        As the plan has it.
    where : str
        Its place in the plan, for errors.
    query : bool
        Whether it gives a whole table; otherwise one value for each row.
    tables : frozenset of str
        Tables of the plan that it reads, called as the plan calls them. The table whose rows it is evaluated for is
        not one of them, unless it is in a FROM.
    columns : frozenset of str
        Names of columns used anywhere, lower-cased; ``"*"`` stands for all that there are. May hold names that are not
        columns of a table, such as those that a subquery gives.
    this_columns : frozenset of str
        Columns of the row that it reads, lower-cased.
    own_rows : bool
        Whether a window at its top reads other rows of its own table.
    order_sensitive_floats : bool
        Whether it sums what may be floating-point numbers, so the last bit depends on the order of rows.
    makes_floats : bool
        Whether it makes floating-point numbers of other values, and these may come into its sums. If they do not,
        and no column that it uses holds such numbers, its sums are exact: an average of whole numbers is, too.
    may_tie : bool
        Whether an ORDER BY of it may leave rows in a tie, on which the result hangs.
    ordered : bool
        Whether the rows of its result are in an order that it says.
    """

    text: str
    where: str
    query: bool
    tables: frozenset[str]
    columns: frozenset[str]
    this_columns: frozenset[str]
    own_rows: bool
    order_sensitive_floats: bool
    makes_floats: bool
    may_tie: bool
    ordered: bool
    _tree: str = field(repr=False)

    def sql(self, schema: str) -> str:
        """Write the recipe out for the tables of one schema; a scalar one as an expression over the row ``this``."""
        tree = json.loads(self._tree)
        for each in dicts(tree):
            if each.get("type") == "BASE_TABLE" and each["schema_name"] == WORLD:
                each["schema_name"], each["qualified_name"] = schema, {"path": [schema, each["table_name"]]}
        rows = parser().cursor().execute("SELECT json_deserialize_sql(?::JSON)", [json.dumps(tree)]).fetchall()
        text = str(rows[0][0])
        if self.query:
            return text
        return text.removeprefix("SELECT ") if _is_expression(tree["statements"][0]["node"]) else f"({text})"


def read_recipe(sql: str, *, where: str, query: bool, tables: Collection[str]) -> RecipeSQL:
    """Parse a recipe and judge it.

    Parameters
    ----------
    sql : str
        One SELECT of DuckDB's dialect; for a value by row also a scalar expression. A column of the row is
        ``this.column``; outside of any SELECT, ``column`` will do.
    where : str
        The recipe's place in the plan, for errors.
    query : bool
        Whether it gives a whole table.
    tables : collection of str
        The plan's tables, the only ones that it may read. Names are compared without case, as DuckDB does.

    Returns
    -------
    RecipeSQL

    Raises
    ------
    ConfigError
        When it is anything else, reads anything else, or may give another result when it is run again.
    MissingExtra
        When DuckDB is not installed.

    Examples
    --------
    >>> recipe = read_recipe(
    ...     "select count(*) from arrests a where a.person = this.person and a.day < this.day",
    ...     where="tables.features.derived.priors", query=False, tables=["arrests", "features"],
    ... )
    >>> sorted(recipe.tables), sorted(recipe.this_columns)
    (['arrests'], ['day', 'person'])
    """
    tree = _parsed(sql, where, query)
    node = tree["statements"][0]["node"]
    judge = Judge(where, {name.casefold(): name for name in tables}, known_functions(), this=not query)
    try:
        if not query and _is_expression(node):
            node["select_list"][0]["alias"] = ""
            judge.expression(node["select_list"][0])
        else:
            judge.query(node)
    except (KeyError, TypeError, IndexError, RecursionError):
        raise ConfigError("the recipe cannot be analysed", where=where, hint="write it more simply.") from None
    orders = [each for each in node.get("modifiers") or () if each["type"] == "ORDER_MODIFIER"]
    by_all = bool(orders) and all(each["expression"]["class"] == "STAR" for each in orders[0]["orders"])
    return RecipeSQL(
        text=sql,
        where=where,
        query=query,
        tables=frozenset(judge.tables),
        columns=frozenset(judge.columns),
        this_columns=frozenset(judge.this_columns),
        own_rows=judge.own_rows,
        order_sensitive_floats=judge.sums,
        makes_floats=judge.makes_floats,
        may_tie=judge.may_tie or (query and bool(orders) and not by_all),
        ordered=bool(orders),
        _tree=json.dumps(tree),
    )


def _parsed(sql: str, where: str, query: bool) -> dict[str, Any]:
    """Parse one SELECT, or one expression as the SELECT of it."""
    if len(sql) > _LONGEST:
        raise ConfigError(f"the recipe is longer than {_LONGEST} characters", where=where, hint="split it.")
    if "\0" in sql:
        raise ConfigError("the recipe contains a null character", where=where, hint="leave it out.")
    tree, prefix = _serialized(sql, where), ""
    if tree["error"] and tree.get("error_type") == "parser" and not query:
        as_expression = _serialized(f"SELECT {sql}", where)
        if not as_expression["error"] or _parsed_length(as_expression) - len("SELECT ") > _parsed_length(tree):
            tree, prefix = as_expression, "SELECT "
    if tree["error"]:
        raise _not_parsed(tree, where, len(prefix))
    if len(tree["statements"]) != 1:
        raise ConfigError("the recipe is not one statement", where=where, hint="write one SELECT, without semicolons.")
    # within parentheses a semicolon cannot end it
    if _serialized(f"({prefix}{sql}\n)", where)["error"]:
        raise ConfigError("the recipe ends in a semicolon", where=where, hint="leave the semicolon out.")
    node = tree["statements"][0]["node"]
    if prefix and (not _is_expression(node) or node["select_list"][0]["alias"]):
        raise ConfigError("the recipe is neither an expression nor a SELECT", where=where, hint="begin it with SELECT.")
    return tree


def _serialized(sql: str, where: str) -> dict[str, Any]:
    import duckdb

    try:
        rows = parser().cursor().execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchall()
        tree: dict[str, Any] = json.loads(rows[0][0])
    except (duckdb.Error, RecursionError, UnicodeError, ValueError):
        raise ConfigError("the recipe cannot be parsed", where=where, hint="try it on its own in DuckDB.") from None
    return tree


def _parsed_length(tree: dict[str, Any]) -> int:
    """How far the parser came, in characters; -1 if it does not say."""
    position = str(tree.get("position", ""))
    return int(position) if position.isdecimal() else -1


def _not_parsed(tree: dict[str, Any], where: str, prefix: int) -> ConfigError:
    if tree.get("error_type") == "parser":
        reached = _parsed_length(tree) - prefix
        at = f" at character {reached + 1}" if reached >= 0 else ""
        return ConfigError(f"the recipe is not valid SQL{at}", where=where, hint="try it on its own in DuckDB.")
    hint = "a recipe is one SELECT; PIVOT, DESCRIBE and statements that change something are not."
    return ConfigError("the recipe is not a SELECT", where=where, hint=hint)


def _is_expression(node: dict[str, Any]) -> bool:
    """Whether a SELECT is nothing but one expression."""
    if node.get("type") != "SELECT_NODE" or len(node["select_list"]) != 1:
        return False
    if (node.get("from_table") or {}).get("type") != "EMPTY" or node.get("cte_map", {}).get("map"):
        return False
    if node.get("aggregate_handling") != "STANDARD_HANDLING":
        return False
    return not any(value for key, value in node.items() if key not in _PLAIN)
