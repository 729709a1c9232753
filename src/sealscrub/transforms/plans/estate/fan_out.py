"""How many rows one value of a link joins: of kept rows for errors, and of removed rows for warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sealscrub.errors import ConfigError
from sealscrub.reports import counted

from ..plan_rules import LinkRule
from .checked_coverage import unlinked
from .equal_rows import Joined
from .seal_propagation import Node

__all__ = ["check_fan_out", "crowded_links"]


def check_fan_out(joins: Mapping[LinkRule, Joined], nodes: Mapping[str, Node]) -> None:
    """Refuse a value that joins very many rows: a filler such as 0 or UNKNOWN would join everyone with everyone.

    Removed rows are not counted, nor links to them: where they never were, the answer is the same. A join takes no
    more time or memory for a value that is in many rows, so it can be asked after seals have spread.

    Parameters
    ----------
    joins : mapping of LinkRule to Joined
    nodes : mapping of str to Node
        After seals have spread.

    Raises
    ------
    ConfigError
        When one value joins more rows than the plan allows.
    """
    for rule, joined in joins.items():
        child = nodes[rule.table]
        parents = joined.parents(~nodes[rule.parent].gone)
        children = joined.children(~child.gone & ~unlinked(rule, child))
        for counts, side in ((children[parents > 0], rule.table), (parents, rule.parent)):
            most = int(counts.max(initial=0))
            if most > rule.fan_out:
                raise ConfigError(
                    f"{rule.path}: one value is in {most} rows of {side}, more than fan_out = {rule.fan_out}",
                    where=rule.where,
                    hint="null the placeholder value at its source, or raise fan_out.",
                )


def crowded_links(joins: Mapping[LinkRule, Joined], nodes: Mapping[str, Node]) -> Iterator[str]:
    """Name links of which one value took very many rows: it may be a filler, and not a record.

    Parameters
    ----------
    joins : mapping of LinkRule to Joined
    nodes : mapping of str to Node
        After seals have spread.

    Yields
    ------
    str
    """
    for rule, joined in joins.items():
        child, gone = nodes[rule.table], nodes[rule.parent].gone
        if not gone.any():
            continue
        taken = joined.children(child.gone | unlinked(rule, child))[joined.parents(gone) > 0]
        most = int(taken.max(initial=0))
        if most > rule.fan_out:
            yield (
                f"{rule.path}: {counted(most, 'row')} of {rule.table} are removed or change with one value, more than "
                f"fan_out = {rule.fan_out}: if it is a filler, null it at its source"
            )
