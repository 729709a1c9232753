"""Digits behind other signs: numbers as a float is printed, and letters that look like digits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["PRINTED_NUMBER", "printed_numbers", "repaired", "stands_alone", "with_digits"]

PRINTED_NUMBER = (
    r"^\s*(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.0*)?|[+-]?[0-9]+(?:\.[0-9]*(?:[eE][+-]?[0-9]{1,2})?|[eE][+-]?[0-9]{1,2}))\s*$"
    r"|^-0+$"
)
_DIGITS = 40  # of the longest number
_LOOKALIKES = dict(zip("OISBLZ", "015812", strict=True))
_FEW_LETTERS = 5  # of which any may be digits


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


def repaired(values: pl.Series) -> tuple[npt.NDArray[np.int64], pl.Series]:
    """Give values with digits for letters that look like them, and the places of the values they are made of.

    Examples
    --------
    >>> places, made = repaired(pl.Series(["S146O0000", "K14612345"]))
    >>> places.tolist(), made.to_list()
    ([0, 0, 0], ['5146O0000', 'S14600000', '514600000'])
    """
    made = [with_digits(value.upper()) for value in values]
    places = np.repeat(np.arange(len(values)), [len(each) for each in made])
    return places, pl.Series([text for each in made for text in each], dtype=pl.String)


def with_digits(text: str) -> list[str]:
    """Give the ways to read a text in capitals of which some letters may stand for digits that look like them.

    A code of letters in it, of a borough or a kind of record, may have such letters as well; so any of them may be one,
    or, if they are many, any two codes of three letters at most.

    Examples
    --------
    >>> with_digits("2O14BX")
    ['2014BX', '2O148X', '20148X']
    """
    like = [at for at, sign in enumerate(text) if sign in _LOOKALIKES]
    if len(like) <= _FEW_LETTERS:
        chosen = [each for count in range(1, len(like) + 1) for each in combinations(like, count)]
    else:
        codes = [{*like[at : at + size]} for size in range(4) for at in range(len(like) - size + 1)]
        chosen = [*{tuple(at for at in like if at not in one | other): None for one in codes for other in codes}]
    return ["".join(_as_digits(text, each)) for each in chosen if each]


def _as_digits(text: str, places: Sequence[int]) -> list[str]:
    signs = list(text)
    for at in places:
        signs[at] = _LOOKALIKES[signs[at]]
    return signs


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
