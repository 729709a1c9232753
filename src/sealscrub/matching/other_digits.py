"""Digits behind other signs: numbers as a float is printed, and letters that look like digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["PRINTED_NUMBER", "printed_numbers", "repaired", "stands_alone"]

PRINTED_NUMBER = (
    r"^\s*(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.0*)?|[+-]?[0-9]+(?:\.[0-9]*(?:[eE][+-]?[0-9]{1,2})?|[eE][+-]?[0-9]{1,2}))\s*$"
    r"|^-0+$"
)
_DIGITS = 40  # of the longest number
_LOOKALIKE_DIGITS = str.maketrans("OISBLZ", "015812")


def printed_numbers(texts: pl.Series) -> tuple[npt.NDArray[np.int64], pl.Series]:
    """Give the texts that are a whole number printed as a float is, by their places, and their digits.

    Examples
    --------
    >>> rows, digits = printed_numbers(pl.Series(["12345678.0", "1.5", "12,345,678"]))
    >>> rows.tolist(), digits.to_list()
    ([0, 2], ['12345678', '12345678'])
    """
    printed = np.flatnonzero(texts.str.contains(PRINTED_NUMBER).to_numpy()) if len(texts) else np.zeros(0, np.int64)
    if not len(printed):
        return printed, pl.Series([], dtype=pl.String)
    digits = pl.Series([_digits(text) for text in texts[printed]], dtype=pl.String)
    return printed[digits.is_not_null().to_numpy()], digits.drop_nulls()


def repaired(values: pl.Series) -> Iterator[pl.Series]:
    """Give values with digits for the letters that look like them: all of them, and all but the first.

    Examples
    --------
    >>> [made.to_list() for made in repaired(pl.Series(["S146O0000"]))]
    [['514600000'], ['S14600000']]
    """
    if len(values):
        upper = [value.upper() for value in values]
        yield pl.Series([value.translate(_LOOKALIKE_DIGITS) for value in upper], dtype=pl.String)
        yield pl.Series([value[:1] + value[1:].translate(_LOOKALIKE_DIGITS) for value in upper], dtype=pl.String)


def _digits(text: str) -> str | None:
    """Give a whole number that is printed with a point or an exponent as its digits; None if it is not whole."""
    try:
        number = Decimal(re.sub(r"[\s,]", "", text))
    except InvalidOperation:
        return None
    if number != number.to_integral_value() or abs(number) >= Decimal(10) ** _DIGITS:
        return None
    return str(abs(int(number))) if not number else str(int(number))


def stands_alone(number: str, text: str) -> bool:
    """Say whether a number that was read in a text is in it otherwise than as a part of a decimal fraction.

    >>> [stands_alone("712812", text) for text in ("POINT (-73.712812 40.7)", "case 712812.", "1.5: 712812, gone")]
    [False, True, True]
    """
    return number not in text or bool(re.search(rf"(?<![0-9]\.){re.escape(number)}(?!\.0*[1-9]|[0-9])", text))
