"""The categories that Arrow fields list for polars, made to fit the columns that are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from ..levels import Stays, Suspect
from .arrow_layouts import retyped
from .arrow_lists import used_and_listed
from .enum_fields import all_levels, has_lists, listed_levels, relisted, relisted_within

__all__ = ["relisted_fields", "relisted_schema", "unused_in_fields", "used_levels"]


def relisted_schema(
    columns: list[Any], schema: Any, own: Sequence[Stays | None], within: Callable[[str], Stays]
) -> tuple[list[Any], Any]:
    """Give columns and their schema with lists of the categories that stay.

    Parameters
    ----------
    columns : list of pyarrow.ChunkedArray
        Columns of survivors, with the dictionaries that stay.
    schema : pyarrow.Schema
        Their schema, whose fields may list other categories.
    own : sequence of callable or None
        Which categories of each column's own Enum stay that no row uses; None if none does, and those that rows
        use are sorted.
    within : callable
        From the name of a column to the same of an Enum in its lists and structs.
    """
    for at, (column, field) in enumerate(zip(columns, schema, strict=True)):
        if has_lists(field):
            schema = schema.set(at, _relist_field(field, column, own[at], within(field.name)))
    types = [field.type for field in schema]
    columns = [retyped(column, kind) for column, kind in zip(columns, types, strict=True)]
    return columns, schema


def relisted_fields(
    schema: Any, levels: Mapping[str, Sequence[str]], read: Callable[[Any], Any], within: Callable[[str], Stays]
) -> Any:
    """Give a schema whose fields list these levels, and below the top those that stay.

    Parameters
    ----------
    schema : pyarrow.Schema
    levels : mapping of str to sequence of str
        The levels of columns that list some themselves.
    read : callable
        Gives the survivors of a field's column; called where a list below the top may have to change.
    within : callable
        From the name of a column to which categories of an Enum in its lists and structs stay that no row uses.
    """
    for at, field in enumerate(schema):
        if listed_levels(field) is not None:
            schema = schema.set(at, relisted(field, levels.get(field.name, ())))
        elif not _all_stay(all_levels(field), within(field.name)):
            schema = schema.set(at, _relist_field(field, read(field), None, within(field.name)))
    return schema


def _all_stay(levels: list[str], stays: Stays) -> bool:
    return bool(stays(pl.Series(levels, dtype=pl.String), np.zeros(len(levels), dtype=np.bool_)).all())


def _relist_field(field: Any, column: Any, own: Stays | None, within: Stays) -> Any:
    listed, used = listed_levels(field), used_levels(column)
    if listed is not None:
        return relisted(field, sorted(used.intersection(listed)) if own is None else _choose_levels(listed, used, own))
    return relisted_within(field, lambda levels: _choose_levels(levels, used, within))


def _choose_levels(levels: list[str], used: set[Any], stays: Stays) -> list[str]:
    there = np.array([level in used for level in levels], dtype=np.bool_)
    kept = there | stays(pl.Series(levels, dtype=pl.String), there)
    return [level for level, stay in zip(levels, kept, strict=True) if stay]


def unused_in_fields(field: Any, column: Any, suspect: Suspect) -> Iterator[pl.Series]:
    """Give the suspect categories that a field, or one below it, lists and no row uses."""
    if not has_lists(field):
        return
    levels = pl.Series(list(dict.fromkeys(all_levels(field))), dtype=pl.String)
    used = used_levels(column)
    unused = levels.filter(~levels.is_in(pl.Series(list(used), dtype=pl.String).implode()))
    unused = unused.filter(pl.Series(suspect(field.name, unused), dtype=pl.Boolean))
    if len(unused):
        yield unused


def used_levels(column: Any) -> set[Any]:
    """Give the levels that rows of a column use, whichever of its lists they are in."""
    return {level for present, _ in used_and_listed(column) for level in present.to_pylist()}
