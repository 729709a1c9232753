"""From an edit of some rows to new values: nulls and constants of each column's own type."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Collection, Mapping
from typing import Any, cast

import numpy as np
import polars as pl

from sealscrub.errors import Spelled, UsageError

from .changes import Patch, RowEdit
from .fit_errors import unfit_constant
from .row_verdicts import RowMask
from .text.text_habits import truths

__all__ = ["constants", "edit_patches", "refuse_marks"]

_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def edit_patches(
    edit: RowEdit, columns: Mapping[str, pl.Series], rows: RowMask, kept: RowMask, *, text: bool, where: str
) -> dict[str, Patch]:
    """Give the new values of a table's rows.

    Parameters
    ----------
    edit : RowEdit
    columns : mapping of str to polars.Series
        What the table has in the columns that change.
    rows : ndarray of bool
        Rows that are edited.
    kept : ndarray of bool
        Rows that stay, those among them.
    text : bool
        Whether values are text.
    where : str
        The table, for errors.

    Raises
    ------
    UsageError
        When a value would mark the rows that are edited, or does not fit its column.
    """
    patches = constants(edit, columns, rows, text=text)
    for name, patch in patches.items() if rows.any() else ():
        if name not in edit.accept_marks:
            refuse_marks(columns[name], patch, kept, where=where)
    return patches


def constants(edit: RowEdit, columns: Mapping[str, pl.Series], rows: RowMask, *, text: bool) -> dict[str, Patch]:
    """Give the same null or constant to some rows of each column of an edit."""
    at, patches = np.flatnonzero(rows), {}
    for name in edit.columns:
        value = _constant(columns[name], edit.set[name], text=text) if name in edit.set else None
        new = pl.repeat(cast(Any, value), len(at), dtype=columns[name].dtype, eager=True)
        patches[name] = Patch(at, new.alias(name))
    return patches


def _constant(column: pl.Series, value: object, *, text: bool) -> object:
    if value is None:
        raise UsageError(f"the value to set in the column {column.name!r} is None", hint="name it in null_columns.")
    if text or column.dtype == pl.String:
        return _truth(column, value) if isinstance(value, bool) else str(value)
    try:
        made = _cast(value, column.dtype)
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError):
        made = None
    whole = column.dtype.is_integer() or column.dtype == pl.Boolean
    if made is None or (whole and not isinstance(value, str) and made != value):  # a cast cuts a number to fit
        raise unfit_constant(column.name)
    return made


def _cast(value: object, dtype: Any) -> object:
    given = pl.Series([value])
    if isinstance(value, str) and dtype == pl.Boolean:
        return _TRUTH.get(value.strip().casefold())
    if isinstance(value, str) and dtype.is_temporal() and dtype != pl.Time and dtype.base_type() != pl.Duration:
        with contextlib.suppress(pl.exceptions.PolarsError):
            return given.str.to_date().cast(dtype).item()
        return given.str.to_datetime().cast(dtype).item()
    return given.cast(dtype, strict=True).item()


def _truth(column: pl.Series, value: bool) -> str:
    yes, no = truths(cast(Collection[str], column.drop_nulls().unique().to_list()))
    return yes if value else no


def refuse_marks(
    column: pl.Series,
    patch: Patch,
    kept: RowMask,
    *,
    where: str,
    rows: str = "that matched",
    hint: str | None = None,
    holds_null: bool = True,
) -> None:
    """Refuse a null or a value that no other row of the output has: it would show which rows were edited.

    Raises
    ------
    UsageError
    """
    name = column.name
    others = kept.copy()
    others[patch.rows] = False
    rest = column.filter(pl.Series(others))
    for value in patch.values.unique().to_list():
        shown = rest.null_count() > 0 if value is None else bool((rest == value).any())
        if shown and holds_null:
            continue
        what = "otherwise has no null" if value is None else "has this value in no other row"
        raise UsageError(
            f"the column {name!r} {what if holds_null else 'its type holds no null and would change'}: "
            f"the edit would mark the rows {rows}",
            where=where,
            hint=hint
            or Spelled(
                f"drop the rows, edit another column, or accept it with accept_marks=[{name!r}].",
                f"drop the rows, edit another column, or accept it with --accept-marks {shlex.quote(name)}.",
            ),
        )
