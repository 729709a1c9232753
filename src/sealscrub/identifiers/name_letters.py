"""Letters of names that are written with plain ones too: \u0141 and L, \u00d8 and O, \u00c6 and AE.

Identifiers are not read so: their schemes say which letters they have.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import numpy as np

from .letters import Letters

__all__ = ["is_letter", "plain_letters"]

_OTHERS = {"\u1e9e": "SS", "\u00de": "TH", "\u00d0": "D", "\u014a": "N", "\u0138": "K", "\u0131": "I", "\u0237": "J"}
_NAME = re.compile(r"LATIN (?:CAPITAL |SMALL )?(?:LETTER|LIGATURE) (?:SMALL CAPITAL )?([A-Z]{1,2})(?: WITH .+)?")


def plain_letters(letters: Letters) -> Letters:
    """Give a folded text with plain letters.

    Examples
    --------
    >>> from sealscrub.identifiers.letters import fold_letters
    >>> plain_letters(fold_letters("\u0141ukasz \u00c6r\u00f8")).text
    'LUKASZ AERO'
    """
    if letters.text.isascii():
        return letters
    text = letters.text.translate(_TABLE)
    if len(text) == len(letters.text):
        return letters if text == letters.text else replace(letters, text=text)
    lengths = [len(_TABLE[ord(sign)]) for sign in letters.text]
    at = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    starts = at if letters.starts is None else letters.starts[at]
    ends = at + 1 if letters.ends is None else letters.ends[at]
    return Letters(text, starts, ends)


def is_letter(sign: str) -> bool:
    """Whether a sign of a folded text is a part of a word: a letter, or a vowel that is written next to one.

    Examples
    --------
    >>> is_letter("\u0930"), is_letter("\u093e"), is_letter("-")
    (True, True, False)
    """
    return sign.isalpha() or unicodedata.category(sign) == "Mc"


class _Table(dict[int, str]):
    """Which plain letters each is, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        named = None if code < 128 else _NAME.fullmatch(unicodedata.name(sign, ""))
        self[code] = plain = _OTHERS.get(sign, named[1] if named else sign)
        return plain


_TABLE = _Table()
