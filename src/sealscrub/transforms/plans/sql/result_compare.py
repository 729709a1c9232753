"""Compare two results of a recipe, bit for bit."""

from __future__ import annotations

from typing import Any

import polars as pl

__all__ = ["differing_rows"]

_ROUNDING = 1e-9


def differing_rows(first: Any, second: Any, *, rounded: bool = False) -> int:
    """Count the rows in which two tables differ.

    Parameters
    ----------
    first, second : pyarrow.Table
        Of the same columns.
    rounded : bool, optional
        Whether floating-point numbers may differ by their rounding.

    Returns
    -------
    int
        All rows of the longer one if their number or types differ.

    Examples
    --------
    >>> import pyarrow as pa
    >>> differing_rows(pa.table({"a": [0.0, 1.0]}), pa.table({"a": [-0.0, 1.0]}))
    1
    """
    if len(first) != len(second) or first.schema.types != second.schema.types:
        return max(len(first), len(second))
    differ = pl.Series([False]).new_from_index(0, len(first))
    for one, other in zip(first.columns, second.columns, strict=True):
        differ |= _differ(pl.Series(pl.from_arrow(one)), pl.Series(pl.from_arrow(other)), rounded)
    return int(differ.sum())


def _differ(one: pl.Series, other: pl.Series, rounded: bool) -> pl.Series:
    if one.dtype not in (pl.Float32, pl.Float64):
        return one.ne_missing(other)
    if rounded:
        near = ((one - other).abs() <= _ROUNDING * (one.abs() + other.abs() + 1)).fill_null(value=False)
        return one.ne_missing(other) & ~near
    bits = pl.UInt32 if one.dtype == pl.Float32 else pl.UInt64
    return one.reinterpret(dtype=bits).ne_missing(other.reinterpret(dtype=bits))
