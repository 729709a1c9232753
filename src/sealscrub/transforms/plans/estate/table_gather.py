"""One pass over a table of a plan: its keys are judged, and the columns that links and edits need are kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ColumnError, UnreadableInput
from sealscrub.index import Index
from sealscrub.matching import Policy, TableMatcher, Verdicts
from sealscrub.tables.aggregate_mark import marked_in
from sealscrub.tables.table import Table
from sealscrub.tables.value_free_errors import unquoted

from ...options import Progress
from ..column_names import first_column
from ..plan_rules import KeyRule, TableRules

__all__ = ["Gathered", "Judged", "RowJudge", "gather"]

RowJudge: TypeAlias = Callable[[Table, TableMatcher], Verdicts]


@dataclass(slots=True, eq=False)
class Judged:
    """What the keys of one effect say: which rows match, and which could not be checked."""

    rules: tuple[KeyRule, ...]
    matcher: TableMatcher
    matched: Mask
    unchecked: Mask
    status: npt.NDArray[np.uint8]


@dataclass(slots=True, eq=False)
class Gathered:
    """A table after the pass."""

    table: Table
    rules: TableRules
    rows: int
    judged: tuple[Judged, ...]
    columns: dict[str, pl.Series]
    judged_before: tuple[Judged, ...] = ()


def gather(
    table: Table,
    rules: TableRules,
    index: Index | None,
    policy: Policy,
    wanted: Sequence[str],
    progress: Progress | None = None,
    *,
    keys: Collection[str] = (),
    since: Index | None = None,
    judge: RowJudge | None = None,
) -> Gathered:
    """Read a table once.

    Parameters
    ----------
    table : Table
    rules : TableRules
    index : Index or None
        Without one no key is judged.
    policy : Policy
    wanted : sequence of str
        Columns to keep.
    progress : callable, optional
    keys : collection of str
        Columns in which what can be no key is refused.
    since : Index, optional
        An earlier index under the same key, by which keys are judged as well.
    judge : callable, optional
        Judges all rows of a table by a matcher elsewhere, and lets it count them; by default they are read here.

    Raises
    ------
    ColumnError
        When a column that the plan names does not exist.
    UnreadableInput
        When the table cannot be read to its end.
    """
    current, before = _groups(rules, index, policy), _groups(rules, since, policy)
    groups = [*current, *before]
    here = groups if judge is None else []
    names = list(dict.fromkeys([*(name for group in here for name in group.matcher.columns), *wanted]))
    if not names:
        names = first_column(table.known_columns or ())
    kept: dict[str, list[pl.Series]] = {name: [] for name in wanted}
    found: list[list[Verdicts]] = [[] if judge is None else [judge(table, group.matcher)] for group in groups]
    rows = 0
    with unquoted(rules.name), _columns_checked(table, rules):
        for batch in table.key_batches(names, keys):
            for group, parts in zip(here, found[: len(here)], strict=True):
                parts.append(group.matcher.judge(batch))
            for name in wanted:
                kept[name].append(batch.get_column(name))
            rows += batch.height
            if progress is not None:
                progress(rules.name, rows, 0.5 * rows / max(1, table.rows or rows))
    for group, parts in zip(groups, found, strict=True):
        group.matched = _concatenate_masks([verdicts.matched for verdicts in parts])
        group.unchecked = _concatenate_masks([verdicts.unchecked for verdicts in parts])
        if parts:
            group.status = np.concatenate([verdicts.status for verdicts in parts])
    if any(len(group.matched) != rows for group in groups) or table.rows not in (None, rows):
        raise UnreadableInput("not every row was read exactly once", where=rules.name, hint="run it again.")
    columns = {name: _column(parts, name) for name, parts in kept.items()}
    return Gathered(table, rules, rows, tuple(current), columns, tuple(before))


@contextmanager
def _columns_checked(table: Table, rules: TableRules) -> Iterator[None]:
    """Refuse columns that the table has not: before it is read, or after that if only reading shows its columns."""
    late = table.known_columns is None
    if not late:
        check_columns(table, rules)
    try:
        with marked_in(rules.where) if late else nullcontext():
            yield
    except ColumnError:
        if late:
            check_columns(table, rules)  # which says where the plan names it
        raise
    if late:
        check_columns(table, rules)


def check_columns(table: Table, rules: TableRules) -> None:
    """Refuse a column that the plan names and the table has not."""
    columns = table.columns
    for name in sorted(rules.named()):
        # a file of JSON Lines without a line names none, and a path into an object or a list begins with a name
        if columns and name not in columns and re.split(r"\.|\[\]", name)[0] not in columns:
            raise ColumnError.absent(name, columns, where=rules.where)
    for name in sorted(rules.addressed()):
        if columns.count(name) > 1:
            raise ColumnError.twice(name, columns, where=rules.where)


def _groups(rules: TableRules, index: Index | None, policy: Policy) -> list[Judged]:
    if index is None:
        return []
    groups: dict[str, list[KeyRule]] = {}
    for rule in rules.keys:
        groups.setdefault(repr(rule.edit), []).append(rule)
    # coverage is judged over all tables that are linked, and so are rows without a key
    loose = replace(policy, min_coverage=0.0).accepting("null")
    nothing = np.zeros(0, bool)
    found = []
    for group in groups.values():
        matcher = TableMatcher(index, [rule.key for rule in group], loose, rules.name)
        found.append(Judged(tuple(group), matcher, nothing, nothing, np.zeros((0, len(group)), np.uint8)))
    return found


def _concatenate_masks(parts: list[Mask]) -> Mask:
    return np.concatenate(parts) if parts else np.zeros(0, bool)


def _column(parts: list[pl.Series], name: str) -> pl.Series:
    return pl.concat(parts).alias(name) if parts else pl.Series(name, [], dtype=pl.String)
