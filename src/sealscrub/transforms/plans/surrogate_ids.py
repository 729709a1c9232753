"""Re-keying: an id gets a surrogate in every column that the plan links it with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from sealscrub.errors import ConfigError
from sealscrub.index import Index
from sealscrub.tables.changes import Patch

from ..scrub_report_values import ColumnReport
from .element_rules import ElementsRule
from .estate.estate_search import Estate
from .plan_rules import TableRules
from .surrogates import number_bits, surrogates

__all__ = ["IdColumns", "id_columns", "raw_namesakes", "rekey"]

Column = tuple[str, str]


@dataclass(frozen=True, slots=True)
class IdColumns:
    """Columns, and columns of lists, that hold one kind of id."""

    name: str
    columns: tuple[Column, ...]
    lists: tuple[ElementsRule, ...]
    derived: tuple[Column, ...]


def id_columns(rules: Mapping[str, TableRules]) -> list[IdColumns]:
    """Find all columns that hold the ids which the plan re-keys: those named, and all that are linked with them.

    Raises
    ------
    ConfigError
        When an id cannot be replaced everywhere.
    """
    near: dict[Column, set[Column]] = {}
    for rule in rules.values():
        for link in rule.links:
            for own, other in zip(link.columns, link.parent_columns, strict=True):
                near.setdefault((link.table, own), set()).add((link.parent, other))
                near.setdefault((link.parent, other), set()).add((link.table, own))
    found: list[IdColumns] = []
    done: dict[Column, IdColumns] = {}
    for rule in rules.values():
        for column in rule.spec.rekey:
            start = (rule.name, column)
            if start in done or rule.derived_whole:
                continue
            members = _reachable(start, near)
            for other, name in _namesakes(rules, {name for _, name in members}, near):
                members += tuple(each for each in _reachable((other, name), near) if each not in members)
            kind = IdColumns(f"{rule.name}.{column}", members, _lists(rules, members), _derived_members(rules, members))
            found.append(kind)
            done |= dict.fromkeys(members, kind)
    for rule in rules.values():
        _check(rule, done, found)
    return found


def _reachable(start: Column, near: Mapping[Column, set[Column]]) -> tuple[Column, ...]:
    seen, waiting = [start], [start]
    while waiting:
        for other in sorted(near.get(waiting.pop(), ())):
            if other not in seen:
                seen.append(other)
                waiting.append(other)
    return tuple(seen)


def _namesakes(
    rules: Mapping[str, TableRules], names: Collection[str], near: Mapping[Column, set[Column]]
) -> Iterator[Column]:
    """Columns that nothing links, and that their tables say to re-key under the name of an id: they hold that id."""
    for rule in rules.values():
        for column in rule.spec.rekey:
            if column in names and (rule.name, column) not in near and not rule.derived_whole:
                yield rule.name, column


def raw_namesakes(kinds: Collection[IdColumns], columns: Mapping[str, Sequence[str]]) -> list[str]:
    """Name columns that are called as a re-keyed id is, and leave as they are: what they hold would undo it."""
    done = {column for kind in kinds for column in (*kind.columns, *kind.derived)}
    names = {name for kind in kinds for _, name in kind.columns}
    return [
        f"{table}.{name} has the name of a re-keyed id, but is not re-keyed: add rekey = ['{name}'] there, or link it"
        for table, known in columns.items()
        for name in known
        if name in names and (table, name) not in done
    ]


def _lists(rules: Mapping[str, TableRules], members: tuple[Column, ...]) -> tuple[ElementsRule, ...]:
    return tuple(
        part
        for rule in rules.values()
        for part in rule.elements
        if part.parent is not None and (part.parent, part.parent_column) in members
    )


def _derived_members(rules: Mapping[str, TableRules], members: tuple[Column, ...]) -> tuple[Column, ...]:
    names = {column for _, column in members}
    return tuple(
        (rule.name, column)
        for rule in rules.values()
        if rule.derived_whole
        for column in rule.spec.rekey
        if column in names
    )


def _check(rule: TableRules, done: Mapping[Column, IdColumns], found: list[IdColumns]) -> None:
    for column in rule.spec.derived:
        if (rule.name, column) in done:
            raise ConfigError(
                "a derived id cannot be re-keyed", where=f"{rule.where}.rekey", hint="derive it from others."
            )
    if rule.derived_whole:
        known = {column for kind in found for table, column in kind.derived if table == rule.name}
        for column in rule.spec.rekey:
            if column not in known:
                raise ConfigError(
                    f"no table re-keys an id called {column!r}",
                    where=f"{rule.where}.rekey",
                    hint="use the column's name in its own table.",
                )
    for kind in found:
        for part in kind.lists:
            if part.field is not None:
                raise ConfigError(
                    "ids inside structs cannot be re-keyed",
                    where=part.where,
                    hint="flatten the lists at their source.",
                )


def rekey(
    kinds: list[IdColumns],
    estate: Estate,
    rules: Mapping[str, TableRules],
    patches: dict[str, dict[str, Patch]],
    tables: dict[str, pl.DataFrame],
    index: Index,
    label: str,
) -> dict[str, list[ColumnReport]]:
    """Replace ids in what is left; `patches` and `tables` are changed in place.

    Raises
    ------
    UsageError
        When a column has no room for surrogates.
    """
    reports: dict[str, list[ColumnReport]] = {}
    for kind in kinds:
        key = index.surrogate_key(f"{label}\n{kind.name}")
        bits = number_bits(_dtypes(kind, estate, rules))
        for table, column in kind.columns:
            if table not in estate.gathered:
                continue
            kept = np.flatnonzero(~estate.nodes[table].gone)
            values = _patch_values(estate.gathered[table].columns[column], patches.get(table, {}).get(column)).gather(
                kept
            )
            new = surrogates(values, key, bits=bits, where=f"{rules[table].where}.rekey")
            patches.setdefault(table, {})[column] = Patch(kept, new)
            reports.setdefault(table, []).append(ColumnReport(column=column, kind="rekeyed", changed=len(kept)))
        for part in kind.lists:
            _rekey_lists(part, estate, patches, key, bits)
            reports.setdefault(part.table, []).append(ColumnReport(column=part.column, kind="rekeyed"))
        for table, column in kind.derived:
            frame = tables[table]
            new = surrogates(frame[column], key, bits=bits, where=f"{rules[table].where}.rekey")
            tables[table] = frame.with_columns(new)
            reports.setdefault(table, []).append(ColumnReport(column=column, kind="rekeyed", changed=frame.height))
    return reports


def _dtypes(kind: IdColumns, estate: Estate, rules: Mapping[str, TableRules]) -> list[pl.DataType]:
    found: list[pl.DataType] = []
    for table, column in kind.columns:
        declared = rules[table].spec.types.get(column, "").upper()
        if declared in ("BIGINT", "INT64", "LONG"):
            found.append(pl.Int64())
        elif declared in ("INTEGER", "INT", "INT32"):
            found.append(pl.Int32())
        elif table in estate.gathered:
            found.append(estate.gathered[table].columns[column].dtype)
    return found


def _rekey_lists(
    part: ElementsRule, estate: Estate, patches: dict[str, dict[str, Patch]], key: bytes, bits: int | None
) -> None:
    elements = estate.elements[part.node]
    kept = ~estate.nodes[part.table].gone
    values = elements.replaced(surrogates(elements.ids, key, bits=bits, where=part.where))
    patches.setdefault(part.table, {})[part.column] = values.without(
        estate.nodes[part.node].gone, kept, everywhere=True
    )


def _patch_values(values: pl.Series, patch: Patch | None) -> pl.Series:
    if patch is None or not len(patch.rows):
        return values
    return values.clone().scatter(patch.rows, patch.values.cast(values.dtype))
