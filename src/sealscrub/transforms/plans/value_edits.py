"""From what was found to new values: nulls and constants, lists without elements, counts of what is left."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ConfigError
from sealscrub.matching import Policy
from sealscrub.tables.changes import Patch
from sealscrub.tables.table import Table

from ..edited_keys import refuse_edited
from .estate.estate_search import Estate
from .plan_rules import TableRules

__all__ = ["check_edited", "check_held", "edits_of"]

_ACCEPT = "accept_marks = ['{}']"


def check_edited(rules: Mapping[str, TableRules], policy: Policy) -> None:
    """Refuse edits after which a key of a row that stays could not be checked, and no one accepts that.

    Raises
    ------
    ConfigError
    """
    for rule in rules.values():
        keys = [key.key for key in rule.keys]
        lists = [part.key for part in rule.elements if part.key is not None and part.row_columns]
        for edit in rule.edits:
            refuse_edited(keys, edit, policy if rule.spec.accept_null is None else policy.accepting("null"), rule.where)
            refuse_edited(lists, edit, policy.accepting("null"), rule.where)


def check_held(table: Table, rules: TableRules) -> None:
    """Refuse edits that the table cannot hold, whether or not a row is reached by them.

    Raises
    ------
    UsageError
    """
    for edit in rules.all_edits:
        table.check_edit(edit)


def edits_of(estate: Estate, rules: TableRules) -> dict[str, Patch]:
    """Give the new values of a table's columns that follow without any recipe.

    Raises
    ------
    UsageError
        When a value would mark the rows that were reached, or does not fit its column.
    ConfigError
        When a count does not count what the plan says that it counts.
    """
    name = rules.name
    node, gathered = estate.nodes[name], estate.gathered[name]
    kept = ~node.gone
    edits = [(rows, edit) for rows, edit in node.edited if (rows & kept).any()]
    said = {"where": rules.where, "rows": "that were reached", "accept": _ACCEPT}
    patches = gathered.table.new_values(edits, kept, gathered.columns, rules.spec.accept_marks, **said)
    for part in rules.elements:
        elements, lost = estate.elements[part.node], estate.nodes[part.node].gone
        patches[part.column] = elements.without(lost, kept)
        if part.count is not None:
            left = np.bincount(elements.owner[~lost], minlength=gathered.rows)
            patches[part.count] = _counts(gathered.columns[part.count], elements.lengths(), left, kept, part.where)
    for support in rules.supports:
        if support.count:
            joined = estate.joins[support.link]
            before, after = joined.parents(), joined.parents(~estate.nodes[support.link.parent].gone)
            codes = joined.child
            patches[support.count] = _counts(
                gathered.columns[support.count],
                np.append(before, 0)[codes],
                np.append(after, 0)[codes],
                kept,
                support.link.where,
            )
    if name in estate.narratives:
        patches |= estate.narratives[name].patches(kept, _ACCEPT)
    return {column: patch for column, patch in patches.items() if len(patch.rows)}


def _counts(
    stored: pl.Series, before: npt.NDArray[np.int64], after: npt.NDArray[np.int64], kept: Mask, where: str
) -> Patch:
    """Put a count right in rows that lost something, once it is sure that it counts just that."""
    held = stored.str.strip_chars().cast(pl.Int64, strict=False) if stored.dtype == pl.String else stored
    differs = held.cast(pl.Int64, strict=False).ne_missing(pl.Series(before)).to_numpy()
    wrong = np.count_nonzero(differs & kept)
    if wrong:
        raise ConfigError(
            f"{stored.name!r} is not a count of these: {wrong} of {np.count_nonzero(kept)} rows hold another number",
            where=where,
            hint="remove count, and declare the column as derived or independent.",
        )
    rows = np.flatnonzero((before != after) & kept)
    new = pl.Series(stored.name, after[rows])
    return Patch(rows, new.cast(pl.String) if stored.dtype == pl.String else new.cast(stored.dtype))
