"""The whole numbers of a column of numbers, as their digits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

__all__ = ["may_have_digits", "whole_numbers"]

_LARGEST = 2.0**126
_MOST_DIGITS = 40  # more than the longest number has


def may_have_digits(values: pl.Series, bounds: Iterable[tuple[int, int]]) -> bool:
    """Say cheaply whether one of some numbers may be whole and have so many digits: by the least and the greatest.

    Parameters
    ----------
    values : polars.Series
        Integers, floats or decimals of any width, without nulls.
    bounds : iterable of tuple of int
        The fewest digits and the most; the number has one pair of them at least.

    Examples
    --------
    >>> may_have_digits(pl.Series([-0.5, 99.0]), [(3, 8)]), may_have_digits(pl.Series([0.5, 100.0]), [(3, 8)])
    (False, True)
    """
    low: Any = values.min()
    high: Any = values.max()
    return low is not None and any(_reaches(low, high, *each) for each in bounds)


def _reaches(low: Any, high: Any, least: int, most: int) -> bool:
    fewest = 10 ** (least - 1) if least > 1 else 0
    few = -fewest < low and high < fewest  # neither, if one is NaN
    many = most < _MOST_DIGITS and (low >= 10**most or high <= -(10**most))
    return not few and not many


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
