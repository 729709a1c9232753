"""How a seal spreads over an estate: along links, through elements, to rows that are left without a parent.

Each rule only ever removes more rows, so applying them until nothing changes ends, in cycles too, and the result
does not depend on their order: it is the least set of rows that satisfies all rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import UncheckedKeys
from sealscrub.reports import counted
from sealscrub.tables import RowEdit

from .equal_rows import Joined

__all__ = ["Hang", "Node", "Orphans", "remove_rows", "spread"]


@dataclass(slots=True, eq=False)
class Node:
    """Rows of a table, or elements of its lists, and what has happen to them so far.

    Parameters
    ----------
    name : str
    gone : ndarray of bool
        Rows that are removed.
    edited : list of (ndarray of bool, RowEdit)
        Rows that stay and change.
    parentless : int
        Rows that never had a row that they are orphans of.
    dangling, unset : int
        How often a link of a row names a row that does not exist, or is null.
    """

    name: str
    gone: Mask
    edited: list[tuple[Mask, RowEdit]] = field(default_factory=list)
    parentless: int = 0
    dangling: int = 0
    unset: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Hang:
    """Rows that are removed, or change, with the rows that they depend on."""

    child: str
    parent: str
    joined: Joined
    path: str
    where: str
    when: str | None = None
    edit: RowEdit | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Orphans:
    """Rows that are removed, or change, when all of their parents were removed; parents may be in several tables."""

    child: str
    parents: tuple[tuple[str, Joined], ...]
    edit: RowEdit | None = None


def spread(nodes: dict[str, Node], hangs: Iterable[Hang], orphans: Iterable[Orphans]) -> None:
    """Remove rows until every rule is satisfied, then note the edits.

    Raises
    ------
    UncheckedKeys
        When of the parents of a row some are removed and some kept, and the plan does not say what then.
    """
    hangs, orphans = list(hangs), list(orphans)
    remove_rows(nodes, hangs, orphans)
    for hang in hangs:
        if hang.edit is not None:
            _edit(nodes[hang.child], _reached_rows(hang, nodes), hang.edit)
        if hang.when is None:
            _refuse_mixed(hang, nodes)
    for rule in orphans:
        if rule.edit is not None:
            _edit(nodes[rule.child], _orphaned(rule, nodes), rule.edit)
    for hang in hangs:
        nodes[hang.child].unset += hang.joined.unset
        nodes[hang.child].dangling += int(np.count_nonzero(hang.joined.child < 0)) - hang.joined.unset
    for rule in orphans:
        had = np.zeros(len(nodes[rule.child].gone), bool)
        for _, joined in rule.parents:
            had |= joined.child >= 0
        nodes[rule.child].parentless += int(np.count_nonzero(~had))


def remove_rows(nodes: dict[str, Node], hangs: Sequence[Hang], orphans: Sequence[Orphans]) -> None:
    """Remove rows until every rule is satisfied; refuse and note nothing."""
    changed = {name for name, node in nodes.items() if node.gone.any()}
    while changed:
        before, changed = changed, set()
        for hang in hangs:
            if hang.edit is None and hang.parent in before | changed:
                _remove_reached(nodes[hang.child], _reached_rows(hang, nodes), changed)
        for rule in orphans:
            if rule.edit is None and before.union(changed).intersection(parent for parent, _ in rule.parents):
                _remove_reached(nodes[rule.child], _orphaned(rule, nodes), changed)


def _remove_reached(node: Node, reached: Mask, changed: set[str]) -> None:
    if (reached & ~node.gone).any():
        node.gone |= reached
        changed.add(node.name)


def _edit(node: Node, reached: Mask, edit: RowEdit) -> None:
    rows = reached & ~node.gone
    if rows.any():
        node.edited.append((rows, edit))


def _reached_rows(hang: Hang, nodes: dict[str, Node]) -> Mask:
    total = hang.joined.parents()
    gone = hang.joined.parents(nodes[hang.parent].gone)
    return hang.joined.of_child(gone > 0 if hang.when == "any" else (gone > 0) & (gone == total))


def _orphaned(rule: Orphans, nodes: dict[str, Node]) -> Mask:
    rows = len(nodes[rule.child].gone)
    had, left = np.zeros(rows, bool), np.zeros(rows, bool)
    for parent, joined in rule.parents:
        stays = joined.parents(~nodes[parent].gone) > 0
        had |= joined.child >= 0
        left |= joined.of_child(stays)
    return had & ~left


def _refuse_mixed(hang: Hang, nodes: dict[str, Node]) -> None:
    if not nodes[hang.parent].gone.any():
        return
    total = hang.joined.parents()
    gone = hang.joined.parents(nodes[hang.parent].gone)
    mixed = hang.joined.of_child((gone > 0) & (gone < total)) & ~nodes[hang.child].gone
    count = int(np.count_nonzero(mixed))
    if count:
        raise UncheckedKeys(
            f"{hang.path}: {counted(count, 'row', 'depends', 'depend')} on several rows, some removed and some kept",
            where=hang.where,
            hint="set when = 'all' or when = 'any' in the link's long form, or link by a column that names one record.",
        )
