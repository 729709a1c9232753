"""The sweep of an estate: what is left of sealed records in columns that the plan does not read as keys."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

import polars as pl

from sealscrub.identifiers import Status
from sealscrub.index import Index
from sealscrub.matching import Policy, Sweep, SweepTally
from sealscrub.tables.files_table import FilesTable
from sealscrub.tables.row_verdicts import KnownRows, RemainingRows, RowMask
from sealscrub.tables.table import Table

from ..table_sweep import sweep_columns, sweep_keys, sweep_names
from .element_rules import ElementsRule
from .estate.estate_search import Estate
from .plan_rules import TableRules

__all__ = ["ColumnSweep", "sweep_estate"]

ColumnSweep: TypeAlias = Callable[[Table, KnownRows, Collection[str], Sweep], None]
"""Lets a sweep take the values of a table's columns that are not settled, of the rows that stay."""


def sweep_estate(
    estate: Estate,
    tables: Mapping[str, Table],
    rules: Mapping[str, TableRules],
    index: Index,
    policy: Policy,
    *,
    written: bool,
    run: str | None = None,
    columns: ColumnSweep = sweep_columns,
) -> dict[str, tuple[SweepTally, ...]]:
    """Compare each table with the index wherever the plan does not say what happens to a value.

    Removed rows are not looked at, nor are columns that are recomputed or emptied, and of rows that are edited the
    columns that get another value. Columns of links are looked at: a value of theirs that names a sealed record in
    another spelling has no removed parent. So are elements that stay in a list, but for those that are keys.

    `columns` lets a sweep take the columns of a table; parts that it joins are of `run`.

    Returns
    -------
    dict of str to tuple of SweepTally
        By table, places where something was met, or could not be read.
    """
    found = {}
    for name, gathered in estate.gathered.items():
        changed: dict[str, RowMask] = {}
        for reached, edit in estate.nodes[name].edited:
            changed |= {column: reached | changed.get(column, reached) for column in edit.columns}
        texts = estate.narratives.get(name)
        changed |= texts.changed() if texts is not None else {}
        declared = [column for rule in rules[name].keys for column in rule.key.columns]
        declared += [rule.column for rule in rules[name].elements if _are_keys(rule)]
        sweep = Sweep(index, policy, leave=rules[name].spec.leave, declared=declared, run=run)
        for column, left in texts.left(~estate.nodes[name].gone) if texts is not None else ():
            sweep.add(column, left)
        for rule in rules[name].elements:
            elements = estate.elements[rule.node]
            stays = ~estate.nodes[rule.node].gone & ~estate.nodes[name].gone[elements.owner]
            if _are_keys(rule):  # those that parse were looked up
                stays &= estate.element_keys[rule.node].status[:, 0] >= Status.UNPARSABLE
            sweep.add(rule.column, elements.values.filter(pl.Series(stays)).implode())
        rows = RemainingRows(~estate.nodes[name].gone, changed)
        keys = [key for group in gathered.judged for key in group.matcher.tally().keys]
        batches = tables[name].batches(list(dict.fromkeys(column for key in keys for column in key.key.columns)))
        sweep_keys(batches, keys, KnownRows(rows), sweep, where=name)
        kept = rules[name].spec.keep_metadata if written else None
        table = tables[name]
        parts = table.remaining_parts(rows.keep) if written and isinstance(table, FilesTable) else None
        columns(table, KnownRows(rows), _settled_columns(rules[name]), sweep)
        sweep_names([table] if parts is None else parts, sweep, kept)
        found[name] = sweep.tally()
    return found


def _are_keys(rule: ElementsRule) -> bool:
    """Say whether the elements of a list are keys as they are, and not in a field."""
    return rule.key is not None and rule.field is None


def _settled_columns(rules: TableRules) -> set[str]:
    """Columns of which the plan says what happens to each value."""
    keys = {column for rule in rules.keys for column in rule.key.columns}
    emptied = {column for column, rule in rules.spec.columns.items() if rule == "null"}
    lists = {rule.column for rule in rules.elements}
    return keys | lists | emptied | {*rules.spec.derived, *rules.spec.rekey}
