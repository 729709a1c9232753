"""Words and looks of the trees that DuckDB parses SQL to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = [
    "HIDDEN",
    "ROW",
    "WORLD",
    "as_named",
    "dicts",
    "is_all",
    "is_column",
    "is_float",
    "orders_by_column",
    "path_of",
    "this_column",
    "words",
]

# the hidden number of a row, which no recipe may see
ROW = "__row"
HIDDEN = frozenset({ROW, "rowid"})
# what is in a judged tree for the schema of the world in which the recipe runs
WORLD = "sealscrub world"


def words(text: str) -> frozenset[str]:
    """Take a list of words apart.

    Examples
    --------
    >>> sorted(words("sum avg"))
    ['avg', 'sum']
    """
    return frozenset(text.split())


def this_column(column: str) -> str:
    """Name a column of the row so that no column of a table can be meant.

    Examples
    --------
    >>> this_column("person_id")
    'this.person_id'
    """
    return f"this.{column}"


def as_named(kind: str, name: str) -> str:
    """Name a table, column or function, unless what stands for its name may be a value.

    Examples
    --------
    >>> as_named("table", "arrests"), as_named("table", "people/2024.csv")
    ('the table arrests', 'a table')
    """
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,59}", name) and not re.search(r"\d{3}", name)
    return f"the {kind} {name}" if plain else f"a {kind}"


def path_of(node: Mapping[str, Any]) -> list[str]:
    """Give the parts of a function's name, lower-cased."""
    path = (node.get("qualified_name") or {}).get("path") or [node.get("function_name") or ""]
    return [str(part).lower() for part in path]


def orders_by_column(orders: Iterable[Mapping[str, Any]]) -> bool:
    """Whether an ORDER BY orders by a column; a constant orders nothing."""
    return any(is_column(each) or each.get("class") == "STAR" for each in dicts(list(orders)))


def is_float(literal: Mapping[str, Any]) -> bool:
    """Whether a literal is a floating-point number; with only a point it is a decimal."""
    return literal.get("kind") == "NUMERIC" and "e" in str(literal.get("text")).lower()


def is_column(node: Mapping[str, Any]) -> bool:
    """Whether it names a column."""
    return node.get("class") == "COLUMN_REF"


def is_all(node: Mapping[str, Any]) -> bool:
    """Whether it is the ALL of ORDER BY ALL."""
    return node.get("class") == "STAR" and bool(node.get("columns")) and not node.get("expr")


def dicts(node: Any) -> Iterable[dict[str, Any]]:
    """Give every object of a tree, in no particular order."""
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            yield each
            pending.extend(each.values())
        elif isinstance(each, list):
            pending.extend(each)
