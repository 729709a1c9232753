"""Numbers and times that lines begin with, over which an identifier or a name may continue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from sealscrub.identifiers.letters import Letters

__all__ = ["NUMBERED_LINE", "cut_out", "has_line_numbers", "line_numbers", "with_and_without", "without_line_numbers"]

_TIMES = r"[0-9:.,]{4,16} --> [0-9:.,]{4,16}"
_MARGIN = r"[ \t>]{0,16}"
_NUMBER = rf"{_MARGIN}(?:(?:[0-9]{{1,5}}\r?\n)?{_TIMES}\r?\n|[\[(]?[0-9][0-9:.,)\]|]{{0,15}}"  # and a space or tab
_LINE_NUMBER = re.compile(rf"\n{_NUMBER}(?=[ \t]))")
_IN_POLARS = rf"\n{_NUMBER}[ \t])".replace(r"\n", r"[\n\x{e9}]")  # an escape may end a line; nothing looks ahead
NUMBERED_LINE = rf"\n{_MARGIN}[\[(]?[0-9]"
"""What every number of a line begins with."""
_MARKS = " \t\r\n!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_NEAR = 12  # letters and digits next to a number of which one is a digit, if an identifier continues over it
_FAR = 256  # and how many marks may be between
_DIGIT = re.compile("[0-9]")


def cut_out(letters: Letters, spans: Sequence[tuple[int, int]]) -> Letters:
    """A folded text without some parts of it, which are in order and apart.

    Examples
    --------
    >>> cut_out(Letters("K14-612"), [(1, 2), (3, 4)]).text
    'K4612'
    """
    kept = np.ones(len(letters.text), bool)
    parts, at = [], 0
    for start, end in spans:
        kept[start:end] = False
        parts.append(letters.text[at:start])
        at = end
    places = np.flatnonzero(kept)
    starts = places if letters.starts is None else letters.starts[places]
    ends = places + 1 if letters.ends is None else letters.ends[places]
    return Letters("".join([*parts, letters.text[at:]]), starts, ends)


def with_and_without(letters: Letters) -> Iterator[Letters]:
    r"""A folded text, and itself without those numbers of lines that may be within an identifier, if it has any.

    Examples
    --------
    >>> print(list(with_and_without(Letters("13 SEE K14\n14 612345\n15 IT IS")))[1].text)
    13 SEE K14
     612345
     IT IS
    >>> len(list(with_and_without(Letters("13 SO IT WAS SAID\n14 AND THEN IT WAS DONE AND SAID"))))
    1
    """
    yield letters
    spans = list(_spans(letters.text)) if "\n" in letters.text else []
    if spans:
        yield cut_out(letters, spans)


def has_line_numbers(text: str) -> bool:
    """Whether a text has numbers of lines that may be within an identifier."""
    return "\n" in text and next(_spans(text), None) is not None


def line_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Where the numbers and times are that lines begin with, and the lines of them that are before a subtitle."""
    return ((each.start() + 1, each.end()) for each in _LINE_NUMBER.finditer(text))


def without_line_numbers(column: pl.Expr) -> pl.Expr:
    """Texts without any number or time that a line begins with; an escape is the sign U+00E9 in them."""
    return column.str.replace_all(_IN_POLARS, " ")


def _spans(text: str) -> Iterator[tuple[int, int]]:
    return ((start, end) for start, end in line_numbers(text) if _has_digit_near(text, start, end))


def _has_digit_near(text: str, start: int, end: int) -> bool:
    """Whether a digit is next to a place, or may be behind the end of the text."""
    before, behind = text[max(0, start - _FAR) : start].rstrip(_MARKS), text[end : end + _FAR].lstrip(_MARKS)
    if len(behind) < _NEAR and end + _FAR > len(text):
        return True
    return _DIGIT.search(before[-_NEAR:] + behind[:_NEAR]) is not None
