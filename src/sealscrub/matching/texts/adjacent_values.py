"""Numbers in which one value may end and the next begin, digit next to digit (``K146123452014KN012345``)."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from sealscrub.boundary.array_types import Mask

__all__ = ["LONGER", "touching"]

Places = npt.NDArray[np.int64]

_FEWEST = 3  # digits of such a number: the last of one value, and two of the next
_LONG = 5  # where white space is before it
LONGER = 9  # where white space is behind it: more than an arrest number has in a row
_REACH = 1_000
_LETTER = ord("a")
_FURTHER_SIGNS = re.compile(rb"[., ]+(?:d|a{1,2}(?!a))")  # what a value could have there: digits, or few letters


def touching(kinds: bytes, signs: npt.NDArray[np.uint8], places: Places, alone: int) -> Places:
    """Positions of all digits but the first of the numbers in which two values may touch.

    A value continues beyond the number, or is only digits. So there is a letter, or a mark such as a hyphen with
    something before it, on both sides; or on one, and the number is longer than a value of only digits. Over white
    space and other things a value continues from a long number only.

    Parameters
    ----------
    kinds : bytes
        Of a folded text, as of ``kinds_of``.
    signs : numpy.ndarray of uint8
        The text.
    places : numpy.ndarray of int64
        Where its digits are.
    alone : int
        How many digits without a mark may be a value, at the fewest.

    Examples
    --------
    >>> text, kinds = b"K141K", b"addda"
    >>> touching(kinds, np.frombuffer(text, np.uint8), np.array([1, 2, 3]), 13)
    array([2, 3])
    """
    ends = np.flatnonzero(np.diff(places, append=-1) != 1)
    sizes = np.diff(ends, prepend=-1)
    long = sizes >= _FEWEST
    sizes, last = sizes[long], places[ends[long]]
    first = last - sizes + 1
    of = np.frombuffer(kinds, np.uint8)
    before, behind = _letter_is_near(of, signs, first, -1), _letter_is_near(of, signs, last, 1)
    may = (before & behind) | ((before | behind) & (sizes > alone))
    for at in np.flatnonzero(~may & ((behind & (sizes >= _LONG)) | (before & (sizes >= LONGER)))).tolist():
        start, end = int(first[at]), int(last[at]) + 1
        beyond = kinds[max(0, start - _REACH) : start][::-1] if behind[at] else kinds[end : end + _REACH]
        may[at] = _FURTHER_SIGNS.match(beyond) is not None
    first, more = first[may], sizes[may] - 1
    inner = np.arange(int(more.sum())) - np.repeat(np.cumsum(more) - more, more)
    found: Places = inner + np.repeat(first + 1, more)
    return found


def _letter_is_near(kinds: npt.NDArray[np.uint8], signs: npt.NDArray[np.uint8], at: Places, way: int) -> Mask:
    """Whether a letter is next to a place, or a mark that spellings have and a letter or digit next to that."""
    one, two = at + way, at + 2 * way
    inside_one, inside_two = (one >= 0) & (one < len(kinds)), (two >= 0) & (two < len(kinds))
    one, two = np.where(inside_one, one, 0), np.where(inside_two, two, 0)
    letter = inside_one & (kinds[one] >= _LETTER)
    near: Mask = letter | (inside_two & _TIGHT[signs[one]] & (kinds[two] >= _LETTER))
    return near


def _tight() -> Mask:
    table = np.zeros(256, bool)
    table[list(b"-/.#_")] = True  # what spellings have between their parts
    return table


_TIGHT = _tight()
