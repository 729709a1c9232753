"""Columns whose own name is an id of a sealed record: reports do not name them, since reports travel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.name_search import search_names
from sealscrub.matching.sweep import NAMELESS
from sealscrub.matching.value_search import Likeness

from .scrub_report_values import TableReport

__all__ = ["hide_columns"]


def hide_columns(tables: Iterable[TableReport], index: Index, policy: Policy) -> tuple[TableReport, ...]:
    """Give reports of tables that say ``(a column whose name is an id)`` if that is so.

    Parameters
    ----------
    tables : iterable of TableReport
    index : Index
    policy : Policy
        Whether withheld records are allowed.

    Returns
    -------
    tuple of TableReport
        Places that the sweep met are left as they are: it names none whose name is an id.
    """
    tables = tuple(tables)
    names = sorted({name for table in tables for name in _names(table)})
    flags = search_names(index, policy, names)
    held = {name for name, flag in zip(names, flags, strict=True) if flag == Likeness.HELD}
    return tuple(_hide_columns(table, held) for table in tables) if held else tables


def _names(table: TableReport) -> Iterable[str]:
    for parts in (table.keys, table.levels, table.narratives, table.columns):
        yield from (each.column for each in parts)
    yield from table.left


def _hide_columns(table: TableReport, held: set[str]) -> TableReport:
    def shown(name: str) -> str:
        return NAMELESS if name in held else name

    return replace(
        table,
        keys=tuple(replace(each, column=shown(each.column)) for each in table.keys),
        levels=tuple(replace(each, column=shown(each.column)) for each in table.levels),
        narratives=tuple(replace(each, column=shown(each.column)) for each in table.narratives),
        columns=tuple(replace(each, column=shown(each.column)) for each in table.columns),
        left={shown(name): reason for name, reason in table.left.items()},
    )
