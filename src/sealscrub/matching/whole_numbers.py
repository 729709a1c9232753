"""The whole numbers of a column of numbers, as their digits."""

from __future__ import annotations

import polars as pl

__all__ = ["whole_numbers"]

_LARGEST = 2.0**126


def whole_numbers(values: pl.Series) -> pl.Series:
    """Give numbers that are whole as their digits; null for others.

    Parameters
    ----------
    values : polars.Series
        Integers, floats or decimals of any width, without nulls.

    Examples
    --------
    >>> whole_numbers(pl.Series([12345678.0, 0.5, -0.0, float("nan")])).to_list()
    ['12345678', None, '0', None]
    """
    if values.dtype.is_float():
        values = values.cast(pl.Float64)
        whole = values.is_finite() & (values.abs() < _LARGEST) & (values == values.round(0))
        return values.cast(pl.Int128, strict=False).cast(pl.String).zip_with(whole, pl.Series([None], dtype=pl.String))
    if values.dtype.is_decimal():
        texts = values.cast(pl.String).str.replace(r"\.0+$", "").str.replace("^-0$", "0")
        return texts.zip_with(~texts.str.contains(".", literal=True), pl.Series([None], dtype=pl.String))
    return values.cast(pl.String)
