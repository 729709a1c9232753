"""Which rows of an estate were checked: by a key of their own, or by a link to a row that was."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from sealscrub.boundary.array_types import Mask
from sealscrub.identifiers import Status

from ..plan_rules import LinkRule, TableRules
from .equal_rows import Joined
from .seal_propagation import Node
from .table_gather import Gathered

__all__ = ["has_reach", "keyed_rows", "reached_rows", "rows_without_key", "unlinked"]

Masks = dict[str, Mask]


def has_reach(rules: TableRules) -> bool:
    """Whether a table has keys or links, by one of which each of its rows is to be reached."""
    return bool(rules.keys or rules.links)


def keyed_rows(found: Gathered) -> Mask:
    """Rows in which there is a key; one that is near or does not parse has its own word in the policy."""
    return _rows(found, lambda status: status != Status.NULL)


def reached_rows(gathered: Mapping[str, Gathered], joins: Mapping[LinkRule, Joined]) -> Masks:
    """Say which rows, as they were read, have a key that parses or depend on a row that was checked.

    Parameters
    ----------
    gathered : mapping of str to Gathered
    joins : mapping of LinkRule to Joined

    Returns
    -------
    dict of str to ndarray of bool
        Of the tables that have keys or links.
    """
    own = {name: _rows(found, lambda status: status == Status.OK) for name, found in gathered.items()}
    reached = _along_links(own, {name: np.ones(found.rows, bool) for name, found in gathered.items()}, joins, {})
    return {name: rows for name, rows in reached.items() if has_reach(gathered[name].rules)}


def rows_without_key(keyed: Mapping[str, Mask], nodes: Mapping[str, Node], joins: Mapping[LinkRule, Joined]) -> Masks:
    """Say which rows that stay have no key, nor depend on a row that stays and has one: as they are written.

    An edit may take a link away. Nothing depends on removed rows, so the answer is the same where they never were.

    Parameters
    ----------
    keyed : mapping of str to ndarray of bool
        By table, rows in which there is a key, or a link that could not be checked.
    nodes : mapping of str to Node
        After seals have spread.
    joins : mapping of LinkRule to Joined

    Returns
    -------
    dict of str to ndarray of bool
    """
    stay = {name: ~nodes[name].gone for name in keyed}
    lost = {rule: unlinked(rule, nodes[rule.table]) for rule in joins}
    reached = _along_links(keyed, stay, joins, lost)
    return {name: stay[name] & ~reached[name] for name in keyed}


def _rows(found: Gathered, holds: Callable[[npt.NDArray[np.uint8]], Mask]) -> Mask:
    rows = np.zeros(found.rows, bool)
    for group in found.judged:
        rows |= holds(group.status).any(axis=1)
    return rows


def unlinked(rule: LinkRule, node: Node) -> Mask:
    """Rows whose link an edit takes away."""
    lost = np.zeros(len(node.gone), bool)
    for edited, edit in node.edited:
        if not set(rule.columns).isdisjoint(edit.columns):
            lost |= edited
    return lost


def _along_links(
    own: Mapping[str, Mask], rows: Mapping[str, Mask], joins: Mapping[LinkRule, Joined], lost: Mapping[LinkRule, Mask]
) -> Masks:
    """Let rows that depend on a checked one be checked, until nothing changes."""
    reached = {name: mask & rows[name] for name, mask in own.items()}
    changed = set(reached)
    while changed:
        before, changed = changed, set()
        for rule, joined in joins.items():
            if rule.table not in own or rule.parent not in before | changed:  # elements of a list are not rows
                continue
            more = joined.of_child(joined.parents(reached[rule.parent]) > 0) & rows[rule.table]
            if rule in lost:
                more &= ~lost[rule]
            if (more & ~reached[rule.table]).any():
                reached[rule.table] |= more
                changed.add(rule.table)
    return reached
