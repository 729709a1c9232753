"""Three values, after Kleene: what is not known stays not known until a fact settles it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

__all__ = ["Truth", "all_of", "any_of"]


class Truth(IntEnum):
    """Yes, no, or not known; in order, so "and" is the least and "or" the greatest."""

    NO = 0
    UNKNOWN = 1
    YES = 2

    def __invert__(self) -> Truth:
        return _INVERTED[self]


_INVERTED = (Truth.YES, Truth.UNKNOWN, Truth.NO)


def all_of(truths: Iterable[Truth]) -> Truth:
    """Whether all hold; of none, yes.

    Examples
    --------
    >>> all_of([Truth.YES, Truth.UNKNOWN]).name, all_of([Truth.NO, Truth.UNKNOWN]).name
    ('UNKNOWN', 'NO')
    """
    return min(truths, default=Truth.YES)


def any_of(truths: Iterable[Truth]) -> Truth:
    """Whether any holds; of none, no.

    Examples
    --------
    >>> any_of([Truth.YES, Truth.UNKNOWN]).name, any_of([Truth.NO, Truth.UNKNOWN]).name
    ('YES', 'UNKNOWN')
    """
    return max(truths, default=Truth.NO)
