"""Find first, over the whole estate: which rows and elements go, and which rows change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ConfigError, SealscrubError
from sealscrub.index import Index
from sealscrub.matching import KeyColumn, Policy, TableMatcher

from ...options import Progress
from ..rules import ElementsRule, KeyRule, LinkRule, TableRules
from ..tables.table import PlanTable
from .elements import Elements, take_apart
from .gathering import Gathered, Judged, gather
from .joining import Joined, join_rows
from .reaching import Hang, Node, Orphans, spread

__all__ = ["Estate", "find"]

Mask = npt.NDArray[np.bool_]


@dataclass(slots=True, eq=False)
class Estate:
    """An estate after everything has been found, and before anything is done.

    Parameters
    ----------
    gathered : dict of str to Gathered
        Tables that were read.
    nodes : dict of str to Node
        Their rows, and the elements of their lists, by name.
    elements : dict of str to Elements
        Lists taken apart, by the names of their nodes.
    element_keys : dict of str to Judged
        What the keys in lists say.
    aside : dict of str to ndarray of bool
        Rows that are set aside, since a key of theirs could not be checked.
    joins : dict of LinkRule to Joined
    doubtful : dict of str to ndarray of bool
        Rows with a key, or a link by a scheme, that could not be checked.
    earlier : Estate, optional
        The same tables by an earlier index.
    """

    gathered: dict[str, Gathered]
    nodes: dict[str, Node] = field(default_factory=dict)
    elements: dict[str, Elements] = field(default_factory=dict)
    element_keys: dict[str, Judged] = field(default_factory=dict)
    aside: dict[str, Mask] = field(default_factory=dict)
    joins: dict[LinkRule, Joined] = field(default_factory=dict)
    doubtful: dict[str, Mask] = field(default_factory=dict)
    earlier: Estate | None = None

    def matched(self, name: str) -> Mask:
        """Rows of a table with a matching key."""
        rows = np.zeros(self.gathered[name].rows, bool)
        for group in self.gathered[name].judged:
            rows |= group.matched
        return rows

    def keys_of(self, name: str) -> list[Judged]:
        """What was judged in a table: its keys, and those in its lists."""
        found = list(self.gathered[name].judged)
        return found + [judged for node, judged in self.element_keys.items() if node.startswith(f"{name}.")]


def find(
    tables: Mapping[str, PlanTable],
    rules: Mapping[str, TableRules],
    index: Index | None,
    policy: Policy,
    progress: Progress | None = None,
    *,
    since: Index | None = None,
) -> Estate:
    """Find what goes and what changes; without an index nothing does, but every rule is tried.

    Raises
    ------
    ColumnError, ConfigError, UnreadableInput
        When the tables are not as the plan says.
    WrongColumnError
        When a key column mostly does not parse.
    UncheckedKeys
        When rows hang on several rows of which some go and some stay.
    """
    gathered = {
        name: gather(table, rules[name], index, policy, _wanted(rules[name], rules), progress, since=since)
        for name, table in tables.items()
        if not rules[name].derived_whole
    }
    estate = _found(Estate(gathered), rules, index, policy)
    if since is not None:
        before = {name: replace(found, judged=found.judged_before) for name, found in gathered.items()}
        estate.earlier = _found(Estate(before, joins=dict(estate.joins)), rules, since, policy)
    return estate


def _found(estate: Estate, rules: Mapping[str, TableRules], index: Index | None, policy: Policy) -> Estate:
    """Let what the keys say spread over the estate."""
    for name, found in estate.gathered.items():
        for group in found.judged:
            group.matcher.check_columns()
        _make_nodes(estate, name, found, index, policy)
    hangs, orphans = _relations(estate, rules.values())
    for name in estate.gathered:
        _doubt(estate, name, policy)
    for name, found in estate.gathered.items():
        for group in found.judged:
            edit = group.rules[0].edit
            if edit is not None and group.matched.any():
                estate.nodes[name].edited.append((group.matched, edit))
    spread(estate.nodes, hangs, orphans)
    return estate


def _wanted(rule: TableRules, rules: Mapping[str, TableRules]) -> list[str]:
    """Columns to keep in memory: what links compare, what lists hold, what edits change, what counts."""
    names = [column for link in rule.links for column in link.columns] + list(rule.parent_columns)
    names += [part.column for part in rule.elements] + [part.count for part in rule.elements if part.count]
    names += [part.count for part in rule.supports if part.count]
    names += [column for edit in rule.edits for column in edit.columns]
    names += rule.spec.rekey
    if rule.spec.files:
        names.append(rule.spec.files.column)
    return list(dict.fromkeys(names))


def _make_nodes(estate: Estate, name: str, found: Gathered, index: Index | None, policy: Policy) -> None:
    gone, doubtful = np.zeros(found.rows, bool), np.zeros(found.rows, bool)
    for group in found.judged:
        if group.rules[0].edit is None:
            gone |= group.matched
        doubtful |= group.unchecked
    for rule in found.rules.elements:
        elements = take_apart(found.columns[rule.column], rule, text=found.table.text)
        estate.elements[rule.node] = elements
        lost = np.zeros(len(elements.owner), bool)
        if rule.scheme is not None and index is not None:
            judged = _judge_elements(elements, rule, index, policy)
            estate.element_keys[rule.node] = judged
            lost = judged.matched.copy()
            doubtful[elements.owner[judged.unchecked]] = True
        estate.nodes[rule.node] = Node(rule.node, lost)
    estate.doubtful[name] = doubtful
    estate.nodes[name] = Node(name, gone)


def _doubt(estate: Estate, name: str, policy: Policy) -> None:
    """Set rows aside that could not be checked, where that is asked for; what matches is never set aside."""
    doubtful = estate.doubtful[name]
    for rule, joined in estate.joins.items():
        if rule.table == name and joined.doubtful is not None and not policy.accept >= {"near", "unparsable"}:
            doubtful |= joined.doubtful
    doubtful &= ~estate.matched(name)
    estate.aside[name] = doubtful if policy.quarantine else np.zeros_like(doubtful)
    estate.nodes[name].gone |= estate.aside[name]


def _judge_elements(elements: Elements, rule: ElementsRule, index: Index, policy: Policy) -> Judged:
    key = KeyColumn(rule.scheme or "", (rule.column,))
    loose = Policy(
        allow=policy.allow,
        accept=policy.accept,
        quarantine=policy.quarantine,
        min_coverage=0.0,
        max_unparsable=policy.max_unparsable,
    )
    matcher = TableMatcher(index, [key], loose, rule.table)
    verdicts = matcher.judge(pl.DataFrame({rule.column: elements.ids}))
    matcher.check_columns()
    return Judged((KeyRule(key, None),), matcher, verdicts.matched, verdicts.unchecked)


def _relations(estate: Estate, rules: Iterable[TableRules]) -> tuple[list[Hang], list[Orphans]]:
    hangs: list[Hang] = []
    orphans: list[Orphans] = []
    for table in rules:
        supports = {support.link for support in table.supports}
        pools: dict[tuple[str, bool], list[tuple[LinkRule, Joined]]] = {}
        for rule in table.links:
            joined = _join(estate, rule)
            if rule.orphan:
                # an edge without support goes, whatever parents its ends have
                pools.setdefault((repr(rule.edit), rule in supports), []).append((rule, joined))
            else:
                hangs.append(Hang(rule.table, rule.parent, joined, rule.path, rule.where, rule.when, rule.edit))
        for pool in pools.values():
            parents = tuple((rule.parent, joined) for rule, joined in pool)
            orphans.append(Orphans(table.name, parents, pool[0][0].edit))
        for part in table.elements:
            _relate_elements(estate, part, hangs, orphans)
    return hangs, orphans


def _join(estate: Estate, rule: LinkRule) -> Joined:
    if rule.parent not in estate.gathered:
        raise ConfigError(
            f"{rule.path}: the table that it hangs on is recomputed as a whole",
            where=rule.where,
            hint="link to a table that is read.",
        )
    if rule in estate.joins:
        return estate.joins[rule]
    child, parent = estate.gathered[rule.table].columns, estate.gathered[rule.parent].columns
    try:
        joined = join_rows([child[name] for name in rule.columns], [parent[name] for name in rule.parent_columns], rule)
    except SealscrubError:
        raise
    except pl.exceptions.PolarsError as error:
        raise ConfigError(
            f"{rule.path}: the columns cannot be compared ({type(error).__name__})", where=rule.where
        ) from None
    estate.joins[rule] = joined
    return joined


def _relate_elements(estate: Estate, part: ElementsRule, hangs: list[Hang], orphans: list[Orphans]) -> None:
    elements = estate.elements[part.node]
    if part.parent is not None:
        rule = LinkRule(
            part.node, (part.column,), part.parent, (part.parent_column or "",), part.where, fan_out=1 << 40
        )
        parent = estate.gathered[part.parent].columns[part.parent_column or ""]
        joined = join_rows([elements.ids], [parent], rule)
        hangs.append(Hang(part.node, part.parent, joined, rule.path, part.where))
    if part.empty == "drop":
        rows = len(elements.column)
        own = np.where(elements.lengths() > 0, np.arange(rows), -1).astype(np.int32)
        joined = Joined(own, elements.owner.astype(np.int32), rows)
        orphans.append(Orphans(part.table, ((part.node, joined),)))
