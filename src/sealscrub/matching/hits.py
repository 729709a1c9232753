"""What a value, or a key in one, is found to be."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

__all__ = ["Hit", "Likeness"]


class Likeness(IntEnum):
    """How a value is like a key that may not stay."""

    NONE = 0
    """It is not in the index."""
    CHANCE = 1
    """It is, and so are so many numbers of as many digits that it may be chance."""
    CHANCE_IN_TEXT = 2
    """The same of a number in a sentence, or of a name."""
    NEAR = 3
    """It would be, if letters that look like digits were digits."""
    HELD = 4
    """It is."""


class Hit(NamedTuple):
    """A key in a value, or what is like one.

    Attributes
    ----------
    row : int
        The value, by its place among those given.
    likeness : Likeness
    scheme, value : str
        The latter canonical.
    written : str
        What is there, as it was read.
    whole : bool
        Whether it is all of the value.
    """

    row: int
    likeness: Likeness
    scheme: str
    value: str
    written: str
    whole: bool

    def __repr__(self) -> str:
        return f"Hit({self.likeness.name})"
