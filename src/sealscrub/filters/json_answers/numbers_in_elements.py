"""Numbers that may count records, in whatever way they are written."""

from __future__ import annotations

import decimal
import numbers
import re
import unicodedata
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

__all__ = ["SameNumbers", "could_count", "is_number", "is_whole", "whole_value"]

_NUMBERS = (bool, int, float, decimal.Decimal, np.number, np.bool_)
_SPACE = r"[\s'’_,]"
_WHOLE_NUMBER = rf"[+-]?\d(?:{_SPACE}?\d)*{_SPACE}?"
_OF = rf"(?:{_WHOLE_NUMBER}\s*(?:[-–—~]|\.\.+|to)\s*)?{_WHOLE_NUMBER}\s*(?:of|out of|/)\s*{_WHOLE_NUMBER}"
_WHOLE_TEXT = re.compile(rf"{_WHOLE_NUMBER}|{_OF}|[+-]?0(?:x[0-9a-f_]+|b[01_]+|o[0-7_]+)", re.IGNORECASE)
_LONGEST = 64
"""Letters of a text that is a number; more are not read."""
_DECIMAL_TEXT = re.compile(r"[+-]?(?:\d[\d,\s_]*\.[\d.,\s_]*|\.\d+|\d+)(?:e[+-]?\d{1,3})?", re.IGNORECASE)


def is_number(found: Any) -> bool:
    """Whether a value is a number, a truth value, or a text that is a number.

    Examples
    --------
    >>> [is_number(each) for each in (3, 2.5, True, "３", "3e0", "1-3 of 3", "v3")]
    [True, True, True, True, True, True, False]
    """
    if isinstance(found, str):
        text = _decimal_text(found)
        return bool(_WHOLE_TEXT.fullmatch(text) or _DECIMAL_TEXT.fullmatch(text))
    return isinstance(found, _NUMBERS)


def is_whole(found: Any) -> bool:
    """Whether a value is a whole number by its form, as a number or as a text.

    Examples
    --------
    >>> [is_whole(each) for each in (3, "3", "1,204", 3.0, "3.0", True, "M14000017")]
    [True, True, True, False, False, False, False]
    """
    if isinstance(found, str):
        return bool(_WHOLE_TEXT.fullmatch(_decimal_text(found)))
    return isinstance(found, numbers.Integral) and not isinstance(found, bool | np.bool_)


def whole_value(found: Any) -> float | None:
    """The value of a whole number that is written as a decimal one, ``3.0`` or ``"3e0"``; None of anything else."""
    value: float | None = None
    if isinstance(found, str):
        text = _decimal_text(found)
        if _DECIMAL_TEXT.fullmatch(text) and not is_whole(found):
            text = re.sub(r"[,\s_]", "", text)
            value = float(text) if text.count(".") <= 1 else None
    elif isinstance(found, float | np.floating | decimal.Decimal):
        value = float(found)
    return value if value is not None and value.is_integer() else None


def could_count(same: float, left: int) -> bool:
    """Whether a decimal number that is the same in all elements may say how many they were before some were removed.

    Of one that is left, 1.0 is as good as always a share or a score.
    """
    return same >= max(left, 2)


class SameNumbers:
    """What holds the same whole number, written as a decimal one, in every element of a stream so far."""

    def __init__(self) -> None:
        self._same: dict[Hashable, float] = {}
        self._count = 0

    def add(self, fields: Mapping[Hashable, Any]) -> None:
        """Take the undeclared fields of an element that stays."""
        found = {at: value for at, field in fields.items() if (value := whole_value(field)) is not None}
        self._same = dict(found.items() & self._same.items()) if self._count else found
        self._count += 1

    @property
    def may_count(self) -> bool:
        """Whether one of them may say how many elements there were."""
        return any(could_count(same, self._count) for same in self._same.values())


def _decimal_text(text: str) -> str:
    if len(text) > _LONGEST:
        return ""
    if text.isascii():
        return text.strip()
    digits = (str(unicodedata.decimal(char, char)) for char in unicodedata.normalize("NFKC", text))
    return "".join(digits).strip()
