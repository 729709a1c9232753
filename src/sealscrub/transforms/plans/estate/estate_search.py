"""Find first, over the whole estate: which rows and elements are removed, and which rows change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ConfigError, SealscrubError
from sealscrub.identifiers import get_scheme
from sealscrub.index import Index
from sealscrub.matching import KeyColumn, Policy, TableMatcher
from sealscrub.matching.narrative_batches import Narratives
from sealscrub.tables.table import Table

from ...narrative_columns import NarrativeColumns
from ...narrative_pass import ReadNarratives, read_narratives
from ...options import Progress
from ..element_rules import ElementsRule
from ..plan_rules import KeyRule, LinkRule, TableRules
from .checked_coverage import has_reach, keyed_rows, rows_without_key
from .equal_rows import Joined, join_rows
from .fan_out import check_fan_out
from .list_elements import Elements, take_apart
from .seal_propagation import Hang, Node, Orphans, remove_rows, spread
from .table_gather import Gathered, Judged, RowJudge, gather

__all__ = ["Estate", "find", "keyed_columns"]


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
    without_key : dict of str to ndarray of bool
        Rows that stay without a key, if the plan does not accept that, and are not set aside.
    earlier : Estate, optional
        The same tables by an earlier index.
    narratives : dict of str to ReadNarratives
        What was read in the texts of tables that have some.
    """

    gathered: dict[str, Gathered]
    nodes: dict[str, Node] = field(default_factory=dict)
    elements: dict[str, Elements] = field(default_factory=dict)
    element_keys: dict[str, Judged] = field(default_factory=dict)
    aside: dict[str, Mask] = field(default_factory=dict)
    joins: dict[LinkRule, Joined] = field(default_factory=dict)
    doubtful: dict[str, Mask] = field(default_factory=dict)
    without_key: dict[str, Mask] = field(default_factory=dict)
    earlier: Estate | None = None
    narratives: dict[str, ReadNarratives] = field(default_factory=dict)

    def matched(self, name: str) -> Mask:
        """Rows of a table with a matching key."""
        rows = np.zeros(self.gathered[name].rows, bool)
        for group in self.gathered[name].judged:
            rows |= group.matched
        return rows

    def refused(self, without_key: Mapping[str, Mask]) -> dict[str, Mask]:
        """Give the rows without a key of those tables that should have one, and say no reason why not."""
        rules = {name: found.rules for name, found in self.gathered.items()}
        asked = {name for name, rule in rules.items() if has_reach(rule) and rule.spec.accept_null is None}
        return {name: rows for name, rows in without_key.items() if name in asked}

    def keys_of(self, name: str) -> list[Judged]:
        """What was judged in a table: its keys, and those in its lists."""
        found = list(self.gathered[name].judged)
        return found + [judged for node, judged in self.element_keys.items() if node.startswith(f"{name}.")]


def find(
    tables: Mapping[str, Table],
    rules: Mapping[str, TableRules],
    index: Index | None,
    policy: Policy,
    progress: Progress | None = None,
    *,
    since: Index | None = None,
    narratives: Narratives | None = None,
    judge: RowJudge | None = None,
) -> Estate:
    """Find what is removed and what changes; without an index nothing does, but every rule is tried.

    `judge` judges the rows of a table by a matcher; by default they are read here.

    Raises
    ------
    ColumnError, ConfigError, UnreadableInput
        When the tables are not as the plan says.
    WrongColumnError
        When a key column mostly does not parse.
    UncheckedKeys
        When rows depend on several rows of which some are removed and some kept.
    """
    gathered = {
        name: gather(
            table,
            rules[name],
            index,
            policy,
            _columns_to_gather(rules[name]),
            progress,
            keys=keyed_columns(rules[name], rules),
            since=since,
            judge=judge,
        )
        for name, table in tables.items()
        if not rules[name].derived_whole
    }
    estate = Estate(gathered)
    _judge(estate, index, policy)
    if narratives is not None:
        _read_texts(estate, rules, narratives, progress)
    _spread_seals(estate, rules, policy, judged=index is not None)
    if since is not None:
        before = {name: replace(found, judged=found.judged_before) for name, found in gathered.items()}
        estate.earlier = Estate(before, joins=dict(estate.joins))
        _judge(estate.earlier, since, policy)
        _spread_seals(estate.earlier, rules, policy)
    check_fan_out(estate.joins, estate.nodes)
    for elements in estate.elements.values():
        elements.check_read(~estate.nodes[elements.rule.table].gone)
    return estate


def _judge(estate: Estate, index: Index | None, policy: Policy) -> None:
    for name, found in estate.gathered.items():
        _make_nodes(estate, name, found, index, policy)


def _read_texts(
    estate: Estate, rules: Mapping[str, TableRules], narratives: Narratives, progress: Progress | None
) -> None:
    """Read the narratives of the rows that stay by their keys; those that are to be dropped are removed as by a key."""
    for name, gathered in estate.gathered.items():
        spec = rules[name].spec
        if not spec.narrative:
            continue
        columns = NarrativeColumns.of(spec.narrative, accept_marks=spec.accept_marks)

        def tell(rows: int, share: float, name: str = name) -> None:
            if progress is not None:
                progress(name, rows, 0.5 + 0.4 * share)

        read = read_narratives(gathered.table, columns, narratives, ~estate.nodes[name].gone, tell)
        estate.nodes[name].gone |= read.dropped
        estate.narratives[name] = read


def _spread_seals(estate: Estate, rules: Mapping[str, TableRules], policy: Policy, *, judged: bool = True) -> None:
    """Let what the keys say spread over the estate."""
    hangs, orphans = _relations(estate, rules.values())
    remove_rows(estate.nodes, hangs, orphans)
    for name in estate.gathered:
        _check_columns(estate, name)
    for name in estate.gathered:
        _set_doubtful_aside(estate, name, policy)
    for name, found in estate.gathered.items():
        for group in found.judged:
            edit = group.rules[0].edit
            if edit is not None and group.matched.any():
                estate.nodes[name].edited.append((group.matched, edit))
    _settle(estate, hangs, orphans, policy, judged=judged)


def _settle(estate: Estate, hangs: Sequence[Hang], orphans: Sequence[Orphans], policy: Policy, *, judged: bool) -> None:
    """Let seals spread; rows without a key are set aside if that is asked for, and rows that depend on them removed."""
    own = {name: list(node.edited) for name, node in estate.nodes.items()}
    while True:
        spread(estate.nodes, hangs, orphans)
        if not judged or "null" in policy.accept:
            return
        keyed = {name: keyed_rows(found) | estate.doubtful[name] for name, found in estate.gathered.items()}
        estate.without_key = estate.refused(rows_without_key(keyed, estate.nodes, estate.joins))
        aside = {name: rows & ~_edited_rows(estate.nodes[name]) for name, rows in estate.without_key.items()}
        if not policy.quarantine or not any(rows.any() for rows in aside.values()):
            return
        for name, rows in aside.items():
            estate.aside[name] = estate.aside[name] | rows
            estate.nodes[name].gone |= rows
        for name, node in estate.nodes.items():
            node.edited, node.parentless, node.dangling, node.unset = list(own[name]), 0, 0, 0


def _edited_rows(node: Node) -> Mask:
    rows = np.zeros(len(node.gone), bool)
    for edited, _ in node.edited:
        rows |= edited
    return rows


def _columns_to_gather(rule: TableRules) -> list[str]:
    """Columns to keep in memory: what links compare, what lists hold, what edits change, what counts."""
    names = [column for link in rule.links for column in link.columns] + list(rule.parent_columns)
    names += [column for part in rule.elements for column in (part.column, *part.row_columns)]
    names += [part.count for part in rule.elements if part.count]
    names += [part.count for part in rule.supports if part.count]
    names += [column for edit in rule.edits for column in edit.columns]
    names += rule.spec.rekey
    if rule.spec.files:
        names.append(rule.spec.files.column)
    return list(dict.fromkeys(names))


def keyed_columns(rule: TableRules, rules: Mapping[str, TableRules]) -> set[str]:
    """Name the columns of a table that hold keys or parts of keys, or are compared with such of another table."""
    names = {column for key in rule.keys for column in key.key.columns}
    names |= {column for part in rule.elements for column in part.row_columns}
    for link in rule.links:
        there = {column for key in rules[link.parent].keys for column in key.key.columns}
        pairs = zip(link.columns, link.parent_columns, strict=True)
        names |= {own for own, other in pairs if link.scheme is not None or other in there}
    return names


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
        if rule.key is not None and index is not None:
            beside = {column: found.columns[column].gather(elements.owner) for column in rule.row_columns}
            judged = _judge_elements(elements, rule.key, beside, index, policy)
            estate.element_keys[rule.node] = judged
            lost = judged.matched.copy()
        estate.nodes[rule.node] = Node(rule.node, lost)
    estate.doubtful[name] = doubtful
    estate.nodes[name] = Node(name, gone)


def _check_columns(estate: Estate, name: str) -> None:
    """Refuse a key column most of which does not parse, in the rows and elements that seals let stay."""
    gone = estate.nodes[name].gone
    for group in estate.gathered[name].judged:
        group.matcher.count_removed(group.status[gone & ~group.matched])
        group.matcher.check_columns()
    for part in estate.gathered[name].rules.elements:
        judged = estate.element_keys.get(part.node)
        if judged is not None:
            lost = estate.nodes[part.node].gone | gone[estate.elements[part.node].owner]
            judged.matcher.count_removed(judged.status[lost & ~judged.matched])
            judged.matcher.check_columns()
            judged.unchecked &= ~lost


def _set_doubtful_aside(estate: Estate, name: str, policy: Policy) -> None:
    """Set rows aside that could not be checked, if that is asked for; what seals remove is never set aside."""
    doubtful = estate.doubtful[name]
    for part in estate.gathered[name].rules.elements:
        if part.node in estate.element_keys:
            doubtful[estate.elements[part.node].owner[estate.element_keys[part.node].unchecked]] = True
    for rule, joined in estate.joins.items():
        if rule.table == name and joined.doubtful is not None and not policy.accept >= {"near", "unparsable"}:
            doubtful |= joined.doubtful
    doubtful &= ~(estate.matched(name) | estate.nodes[name].gone)
    estate.aside[name] = doubtful if policy.quarantine else np.zeros_like(doubtful)
    estate.nodes[name].gone |= estate.aside[name]


def _judge_elements(
    elements: Elements, key: KeyColumn, beside: Mapping[str, pl.Series], index: Index, policy: Policy
) -> Judged:
    """Judge each element, with what is next to its list in the row."""
    rule = elements.rule
    loose = Policy(
        allow=policy.allow,
        accept=policy.accept | {"null"},
        quarantine=policy.quarantine,
        min_coverage=0.0,
        max_unparsable=policy.max_unparsable,
    )
    matcher = TableMatcher(index, [key], loose, rule.table)
    verdicts = matcher.judge(pl.DataFrame({rule.column: elements.ids, **beside}))
    return Judged((KeyRule(key, None),), matcher, verdicts.matched, verdicts.unchecked, verdicts.status)


def _relations(estate: Estate, rules: Iterable[TableRules]) -> tuple[list[Hang], list[Orphans]]:
    hangs: list[Hang] = []
    orphans: list[Orphans] = []
    for table in rules:
        supports = {support.link for support in table.supports}
        pools: dict[tuple[str, bool], list[tuple[LinkRule, Joined]]] = {}
        for rule in table.links:
            joined = _join(estate, rule)
            if rule.orphan:
                # an edge without support is removed, whatever parents its ends have
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
            f"{rule.path}: the table that it depends on is recomputed as a whole",
            where=rule.where,
            hint="link to a table that is read.",
        )
    if rule in estate.joins:
        return estate.joins[rule]
    child, parent = estate.gathered[rule.table].columns, estate.gathered[rule.parent].columns
    try:
        joined = join_rows(
            [child[name] for name in rule.columns],
            [parent[name] for name in rule.parent_columns],
            rule,
            _schemes(estate, rule),
        )
    except SealscrubError:
        raise
    except pl.exceptions.PolarsError as error:
        raise ConfigError(
            f"{rule.path}: the columns cannot be compared ({type(error).__name__})", where=rule.where
        ) from None
    estate.joins[rule] = joined
    return joined


def _schemes(estate: Estate, rule: LinkRule) -> list[tuple[str, ...]]:
    """Schemes of which the parent's columns are declared keys, or parts of keys."""
    found = []
    for column in rule.parent_columns:
        keys = [each.key for each in estate.gathered[rule.parent].rules.keys if column in each.key.columns]
        parts = [(get_scheme(key.scheme).parts or (key.scheme,))[key.columns.index(column)] for key in keys]
        found.append(tuple(dict.fromkeys(parts)))
    return found


def _relate_elements(estate: Estate, part: ElementsRule, hangs: list[Hang], orphans: list[Orphans]) -> None:
    elements = estate.elements[part.node]
    if part.parent is not None:
        rule = LinkRule(
            part.node, (part.column,), part.parent, (part.parent_column or "",), part.where, fan_out=1 << 40
        )
        if rule not in estate.joins:
            parent = estate.gathered[part.parent].columns[part.parent_column or ""]
            estate.joins[rule] = join_rows([elements.ids], [parent], rule, _schemes(estate, rule))
        joined = estate.joins[rule]
        hangs.append(Hang(part.node, part.parent, joined, rule.path, part.where))
    if part.empty == "drop":
        rows = len(elements.column)
        own = np.where(elements.lengths() > 0, np.arange(rows), -1).astype(np.int32)
        joined = Joined(own, elements.owner.astype(np.int32), rows)
        orphans.append(Orphans(part.table, ((part.node, joined),)))
