"""What is known of the lists of levels of a table: which columns are keys, and which levels are barred."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.index import Index
from sealscrub.matching import KeyColumn, LevelMatcher, Policy, TableMatcher
from sealscrub.tables.levels import LevelRules, Suspect

__all__ = ["level_rules", "without_met"]


def level_rules(
    index: Index,
    keys: Sequence[KeyColumn],
    policy: Policy | None = None,
    links: Collection[str] = (),
    leave: Collection[str] = (),
) -> LevelRules:
    """Give the rules for the lists of a table's columns.

    Parameters
    ----------
    index : Index
    keys : sequence of KeyColumn
        The table's keys.
    policy : Policy, optional
    links : collection of str
        Further columns whose levels are values: those by which rows depend on rows of other tables.
    leave : collection of str
        Columns whose levels are not compared with the index.
    """
    lists = LevelMatcher(index, keys, policy, leave=leave)
    return LevelRules(keys=lists.columns | frozenset(links), barred=lists.barred, left=lists.leave)


def without_met(suspect: Suspect, matchers: Sequence[TableMatcher]) -> Suspect:
    """Leave out levels and bounds of a key column whose record has a row: that says enough, and is known."""

    def which(column: str, levels: pl.Series) -> Mask:
        found = suspect(column, levels)
        for matcher in matchers:
            found[found] = ~matcher.have_rows(column, levels.filter(pl.Series(found)))
        return found

    return which
