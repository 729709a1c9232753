"""Columns by their values: typed when handed out to a plan, and taken back only if the column can hold them."""

from __future__ import annotations

from typing import Any

import polars as pl

from sealscrub.errors import UsageError

__all__ = ["exactly", "handed", "handed_type", "unfit_patch", "unfit_values"]


def handed_type(dtype: Any) -> Any:
    """Give the type in which values are handed out: categoricals as text, at every depth.

    >>> handed_type(pl.List(pl.Categorical))
    List(String)
    """
    if isinstance(dtype, pl.Categorical | pl.Enum) or dtype in (pl.Categorical, pl.Enum):
        return pl.String()
    if isinstance(dtype, pl.List):
        return pl.List(handed_type(dtype.inner))
    if isinstance(dtype, pl.Array):
        return pl.Array(handed_type(dtype.inner), dtype.size)
    if isinstance(dtype, pl.Struct):
        return pl.Struct([pl.Field(field.name, handed_type(field.dtype)) for field in dtype.fields])
    return dtype


def handed(series: pl.Series) -> pl.Series:
    """Hand a column out.

    Raises
    ------
    UsageError
        When its values are objects of Python.
    """
    if series.dtype == pl.Object:
        raise unfit_values(series.name)
    kind = handed_type(series.dtype)
    return series if kind == series.dtype else series.cast(kind)


def exactly(values: pl.Series, dtype: Any, name: str) -> pl.Series:
    """Cast values to a type that can hold each of them as it is.

    Raises
    ------
    UsageError
        When it cannot.

    Examples
    --------
    >>> exactly(pl.Series([1.0, None]), pl.Int8, "n").to_list()
    [1, None]
    """
    if values.dtype == dtype:
        return values
    if values.null_count() == len(values):  # nothing but nulls, of whatever type
        return pl.Series(values.name, [], dtype=dtype).extend_constant(None, len(values))
    try:
        made = values.cast(dtype, strict=True)
        if made.cast(values.dtype, strict=True).equals(values, null_equal=True):
            return made
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, TypeError, ValueError, OverflowError):
        pass
    raise unfit_patch(name)


def unfit_patch(column: str) -> UsageError:
    """Say that a column cannot hold a new value, without showing it."""
    return UsageError(
        f"the column {column!r} cannot hold one of its new values exactly as it is",
        hint="cast what is new to the column's type, or give the column a type that holds it: text for a text.",
    )


def unfit_values(column: str) -> UsageError:
    """Say that a column's type cannot be read."""
    return UsageError(
        f"the column {column!r} is of a type that cannot be read, or holds bytes that are not UTF-8",
        hint="convert it to a plain type, or decode its bytes, first.",
    )
