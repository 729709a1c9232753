"""The tables of a plan as ``check-nullity`` hands them to the function: read from where the plan says that they are."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from sealscrub.errors import ConfigError

from .nullity_data import checked_kind

if TYPE_CHECKING:
    from sealscrub.tables.table import Table
    from sealscrub.transforms.plans import Plan

__all__ = ["load_sources", "texts_of"]

_TEXTS = ("VARCHAR", "TEXT", "CHAR", "STRING")


def load_sources(
    plan: Plan, kind: str, function: Callable[..., Any], allow_database: Collection[str]
) -> dict[str, Any]:
    """Read every table of a plan in the kind that the function takes.

    Raises
    ------
    ConfigError
        When the function takes a path, or a source is not one that the plan may have.
    UsageError, UnreadableInput
        When a source does not exist, or cannot be read.
    """
    from sealscrub.tables.database.stores import closing
    from sealscrub.transforms.plans.open_tables import open_sources

    kind = checked_kind(kind, function)
    if kind == "path":
        raise ConfigError(
            "a plan's tables can only be given as frames", hint="--as polars, pandas or pyarrow; or --data FILE."
        )
    texts = texts_of(plan)
    tables = open_sources(plan.rules, plan.root, allow_database, use=plan.spec.use)
    with closing(tables):
        return {name: _frame(table, kind, texts[name]) for name, table in tables.items()}


def texts_of(plan: Plan) -> dict[str, list[str]]:
    """Columns that are text whatever is in them, by table: keys, which may begin with zeros, and what is linked."""
    found = {
        (name, column) for name, rules in plan.rules.items() for key in rules.keys for column in key.key.columns
    } | {
        (name, column)
        for name, rules in plan.rules.items()
        for column, declared in rules.spec.types.items()
        if declared.upper() in _TEXTS
    }
    links = [link for rules in plan.rules.values() for link in rules.links]
    pairs = [
        ((link.table, own), (link.parent, other))
        for link in links
        for own, other in zip(link.columns, link.parent_columns, strict=True)
    ]
    while more := {end for pair in pairs if found & set(pair) for end in pair} - found:
        found |= more
    return {name: sorted(column for table, column in found if table == name) for name in plan.rules}


def _frame(table: Table, kind: str, texts: list[str]) -> Any:
    from sealscrub.tables.opener import pandas_of
    from sealscrub.tables.value_free_errors import unquoted

    with unquoted(table.name):
        if kind == "pandas":
            return pandas_of(table, typed=True, texts=texts)
        frame = table.frame(typed=True, texts=texts)
        return frame.to_arrow() if kind == "pyarrow" else frame
