"""From what was found to new values: nulls and constants, lists without elements, counts of what is left."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ConfigError, UsageError
from sealscrub.frames.changes import Patch
from sealscrub.frames.interface import unfit_constant

from .estate.finding import Estate
from .rules import TableRules
from .text_habits import truths

__all__ = ["edits_of", "merged"]

Mask = npt.NDArray[np.bool_]


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
    patches: dict[str, Patch] = {}
    for rows, edit in node.edited:
        rows = rows & kept
        if not rows.any():
            continue
        for column in edit.null:
            new = pl.repeat(None, int(rows.sum()), dtype=gathered.columns[column].dtype, eager=True)
            patches[column] = merged(patches.get(column), Patch(np.flatnonzero(rows), new))
        for column, value in edit.set.items():
            constant = _constant(gathered.columns[column], value, text=gathered.table.text)
            new = pl.repeat(cast(Any, constant), int(rows.sum()), dtype=gathered.columns[column].dtype, eager=True)
            patches[column] = merged(patches.get(column), Patch(np.flatnonzero(rows), new))
    for column, patch in patches.items():
        if column not in rules.spec.accept_marks:
            _refuse_marks(gathered.columns[column], patch, kept, rules)
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
    return {column: patch for column, patch in patches.items() if len(patch.rows)}


def merged(old: Patch | None, new: Patch) -> Patch:
    """Put two patches of a column together; where both have a row, the new one counts."""
    if old is None or not len(old.rows):
        return new
    stays = ~np.isin(old.rows, new.rows)
    rows = np.concatenate([old.rows[stays], new.rows])
    order = np.argsort(rows, kind="stable")
    values = pl.concat([old.values.filter(pl.Series(stays)), new.values.cast(old.values.dtype)])
    return Patch(rows[order], values.gather(order))


def _counts(
    stored: pl.Series, before: npt.NDArray[np.int64], after: npt.NDArray[np.int64], kept: Mask, where: str
) -> Patch:
    """Put a count right in rows that lost something, once it is sure that it counts just that."""
    held = stored.str.strip_chars().cast(pl.Int64, strict=False) if stored.dtype == pl.String else stored
    wrong = int((held.cast(pl.Int64, strict=False).ne_missing(pl.Series(before))).sum())
    if wrong:
        raise ConfigError(
            f"{stored.name!r} is no count of these: {wrong} of {len(stored)} rows hold another number",
            where=where,
            hint="leave count out, and declare the column as derived or independent.",
        )
    rows = np.flatnonzero((before != after) & kept)
    new = pl.Series(stored.name, after[rows])
    return Patch(rows, new.cast(pl.String) if stored.dtype == pl.String else new.cast(stored.dtype))


def _constant(column: pl.Series, value: object, *, text: bool) -> object:
    if text or column.dtype == pl.String:
        return _truth(column, value) if isinstance(value, bool) else str(value)
    try:
        if isinstance(value, str) and column.dtype.is_temporal():
            return pl.Series([value]).str.to_date().cast(column.dtype).item()
        return pl.Series([value]).cast(column.dtype, strict=True).item()
    except pl.exceptions.PolarsError:
        raise unfit_constant(column.name) from None


def _truth(column: pl.Series, value: bool) -> str:
    yes, no = truths(column.drop_nulls().unique().to_list())
    return yes if value else no


def _refuse_marks(column: pl.Series, patch: Patch, kept: Mask, rules: TableRules) -> None:
    """Refuse a null or a value that no other row of the output has: it would tell who was reached."""
    others = kept.copy()
    others[patch.rows] = False
    rest = column.filter(pl.Series(others))
    for value in patch.values.unique().to_list():
        shown = rest.null_count() > 0 if value is None else bool((rest == value).any())
        if not shown:
            what = "otherwise has no null" if value is None else "has this value in no other row"
            raise UsageError(
                f"the column {column.name!r} {what}: the edit would mark the rows that were reached",
                where=rules.where,
                hint=f"drop the rows, edit another column, or accept it: accept_marks = ['{column.name}'].",
            )
