"""From an edit of some rows to new values: nulls and constants of each column's own type."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

import numpy as np
import polars as pl

from sealscrub.errors import Spelled, UsageError

from .changes import Patch, RowEdit
from .fit_errors import unfit_constant
from .row_verdicts import RowMask
from .text.text_habits import truths

__all__ = ["constants", "distinct_values", "refuse_marks", "rows_with", "value_counts"]

_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def constants(
    edit: RowEdit, columns: Mapping[str, pl.Series], rows: RowMask, kept: RowMask, *, text: bool
) -> dict[str, Patch]:
    """Give the same null or constant to some rows of each column of an edit.

    Parameters
    ----------
    edit : RowEdit
    columns : mapping of str to polars.Series
        What the table has in the columns that change; of text only those that become true or false are needed.
    rows : ndarray of bool
        Rows that are edited.
    kept : ndarray of bool
        Rows that stay, those among them.
    text : bool
        Whether values are text.

    Raises
    ------
    UsageError
        When a value does not fit its column.
    """
    at, patches = np.flatnonzero(rows), {}
    for name in edit.columns:
        dtype: Any = pl.String() if text else columns[name].dtype
        value = _constant(name, dtype, edit.set[name], columns, kept & ~rows) if name in edit.set else None
        patches[name] = Patch(
            at, pl.repeat(cast(Any, value), len(at), dtype=dtype, eager=True).alias(name), edited=True
        )
    return patches


def _constant(name: str, dtype: Any, value: object, columns: Mapping[str, pl.Series], others: RowMask) -> object:
    if value is None:
        raise UsageError(f"the value to set in the column {name!r} is None", hint="name it in null_columns.")
    if dtype == pl.String:
        return _truth(columns[name].filter(pl.Series(others)), value) if isinstance(value, bool) else str(value)
    try:
        made = _cast(value, dtype)
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError):
        made = None
    whole = dtype.is_integer() or dtype == pl.Boolean
    if made is None or (whole and not isinstance(value, str) and made != value):  # a cast cuts a number to fit
        raise unfit_constant(name)
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


def distinct_values(patch: Patch) -> list[Any]:
    """Give the new values of a patch, each once, in the order in which they come."""
    return patch.values.unique(maintain_order=True).to_list()


def value_counts(patch: Patch) -> list[int]:
    """Count the rows that get each distinct new value of a patch."""
    rows = pl.DataFrame({"value": patch.values}).group_by("value", maintain_order=True).len()
    return rows["len"].to_list()


def rows_with(column: pl.Series, patch: Patch, kept: RowMask) -> list[int]:
    """Count the other rows that stay and have each distinct new value."""
    others = kept.copy()
    others[patch.rows] = False
    rest = column.filter(pl.Series(others))
    return [rest.null_count() if value is None else int((rest == value).sum()) for value in distinct_values(patch)]


def refuse_marks(
    name: str,
    patch: Patch,
    others: Sequence[int],
    *,
    where: str,
    rows: str = "that matched",
    ways: str = "drop the rows, edit another column",
    accept: str | None = None,
    holds_null: bool = True,
) -> None:
    """Refuse a null or a value that fewer other rows have than get it: most rows that have it would be edited ones.

    Parameters
    ----------
    name : str
        The column.
    patch : Patch
        Its new values.
    others : sequence of int
        How many other rows that stay have each distinct one.
    where : str
        The table, for errors.
    rows : str
        Which rows are edited.
    ways : str
        What can be done other than to accept it.
    accept : str, optional
        How the mark is accepted in a column, if not by an option.
    holds_null : bool
        Whether the column can hold a null.

    Raises
    ------
    UsageError
    """
    for value, given, there in zip(distinct_values(patch), value_counts(patch), others, strict=True):
        if there >= given and holds_null:
            continue
        what = f"has {_called(value)} in {'fewer other rows than would get it' if there else 'no other row'}"
        raise UsageError(
            f"the column {name!r} {what if holds_null else 'its type holds no null and would change'}: "
            f"the edit would mark the rows {rows}",
            where=where,
            hint=_mark_hint(name, f"{ways}, or accept it", accept),
        )


def _called(value: object) -> str:
    if value is None:
        return "a null"
    if not isinstance(value, str) or any(map(str.isalnum, value)):
        return "this value"
    return "a text of just these signs" if value.strip() else "just this white space" if value else "an empty text"


def _mark_hint(name: str, said: str, accept: str | None) -> str:
    if accept is not None:
        return f"{said}: {accept.format(name)}."
    return Spelled(f"{said} with accept_marks=[{name!r}].", f"{said} with --accept-marks {shlex.quote(name)}.")
