"""Texts as extracts spoil them: with notes, slips of the pen, words cut short, and cut at the width of a column.

Each gives other readings of a normalised text that no phrase matches. Phrases still match as a whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

from .real_words import REAL_WORDS

__all__ = ["abbreviated", "completed", "corrected", "may_be_short", "without_notes"]

_LEAST_LETTERS = 8  # of a word that may hold a slip: shorter ones are one letter from words of other meaning
_ENDING = 2  # letters
_WIDTH = 5  # columns of text are so many characters wide, or a multiple of it
_NARROWEST = 15
_LEAST_SHORTENED = 3  # letters
_VOWELS = frozenset("AEIOU")
_FORMS = frozenset({"S", "D", "ED", "ES", "ING", "R"})  # of a word that is written out
_MOST_READINGS = 48


def without_notes(plain: str, notes: Sequence[re.Pattern[str]]) -> str:
    """Leave out what says where and before whom it was.

    Examples
    --------
    >>> without_notes("DISMISSED 30.30 PT AP2", [re.compile("PT [A-Z]+[0-9]")])
    'DISMISSED 30.30'
    """
    for note in notes:
        plain = " ".join(note.sub(" ", plain).split())
    return plain


def corrected(plain: str, vocabulary: frozenset[str]) -> str:
    """Write a long word that is one letter within it from exactly one word of the vocabulary as that word.

    A real word of another meaning is not a slip.

    Examples
    --------
    >>> corrected("DISMSISSED BY COURT", frozenset({"DISMISSED", "BY", "COURT"}))
    'DISMISSED BY COURT'
    >>> corrected("DEFENDANT INDUCTED", frozenset({"DEFENDANT", "INDICTED"}))
    'DEFENDANT INDUCTED'
    """
    return " ".join(_corrected(word, vocabulary) for word in plain.split())


def _corrected(word: str, vocabulary: frozenset[str]) -> str:
    if len(word) < _LEAST_LETTERS or not word.isalpha() or word in vocabulary or word in REAL_WORDS:
        return word
    alike = [each for each in vocabulary if len(each) >= _LEAST_LETTERS and _one_slip(word, each)]
    return alike[0] if len(alike) == 1 else word


def _one_slip(one: str, other: str) -> bool:
    """Whether words differ in one letter: more, less, another, or two that changed places; not in how they end."""
    if one[0] != other[0] or one[-_ENDING:] != other[-_ENDING:]:
        return False
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return False
    at = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at + 1 : at + 2] + short[at : at + 1] + short[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or swapped == long[at:]


def completed(text: str, plain: str, runs: frozenset[str]) -> Iterator[str]:
    """Give a text that its column cut within a word with each run of words that the last may have begun.

    Examples
    --------
    >>> list(completed("NO TRUE BILL RETURNE", "NO TRUE BILL RETURNE", frozenset({"RETURNED", "REFUSED"})))
    ['NO TRUE BILL RETURNED']
    """
    width, (*whole, last) = len(text.strip()), plain.split() or [""]
    if width < _NARROWEST or width % _WIDTH or not last.isalpha() or not whole or last in runs:
        return
    for run in sorted(runs):
        if run.startswith(last):
            yield " ".join([*whole, run])


def abbreviated(plain: str, vocabulary: frozenset[str], turning: frozenset[str]) -> Iterator[str]:
    """Give a text with each word that the vocabulary lacks as the words that it may be short for.

    What may be short for a word that turns an ending into something else is given as such words only.

    Examples
    --------
    >>> words = frozenset({"DISMISSED", "SPEEDY", "TRIAL", "DENIED", "DENIAL"})
    >>> list(abbreviated("DISMISSED SPDY TRL", words, frozenset()))
    ['DISMISSED SPEEDY TRIAL']
    >>> list(abbreviated("DISMISSED DEN", words, frozenset({"DENIED"})))
    ['DISMISSED DENIED']
    """
    choices = [_may_be(word, vocabulary, turning) for word in plain.split()]
    if prod(map(len, choices)) <= _MOST_READINGS:
        yield from (" ".join(each) for each in product(*choices) if " ".join(each) != plain)


def _may_be(word: str, vocabulary: frozenset[str], turning: frozenset[str]) -> list[str]:
    if len(word) < _LEAST_SHORTENED or not word.isalpha() or word in vocabulary or word in turning:
        return [word]
    found = [each for each in (*vocabulary, *turning) if _short_for(word, each)]
    return sorted({each for each in found if each in turning} or set(found)) or [word]


def may_be_short(word: str, wholes: frozenset[str]) -> bool:
    """Whether a word may be short for one of others.

    Examples
    --------
    >>> [may_be_short(word, frozenset({"DENIED"})) for word in ("DEN", "DND", "SMITH")]
    [True, True, False]
    """
    return len(word) >= _LEAST_SHORTENED and any(_short_for(word, each) for each in wholes)


def _short_for(word: str, whole: str) -> bool:
    """Whether a word is how another begins, or some of its letters from its first to its last."""
    if len(word) >= len(whole) or word[0] != whole[0]:
        return False
    if whole.startswith(word):
        return whole[len(word) :] not in _FORMS
    letters = iter(whole)
    return (
        word[-1] == whole[-1]
        and 3 * len(word) >= len(whole)
        and sum(letter in _VOWELS for letter in word[1:]) < 2  # these are left out first
        and all(letter in letters for letter in word)
    )
