"""Free text brought to plain letters, each of which remembers where it was.

Upper case, without accents, invisible characters and typographic variety; letters of other scripts that look like
Latin ones become these. Every character is folded on its own, so a text's folding does not depend on the pieces
in which it came.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Letters", "fold_letters"]

Places = npt.NDArray[np.int64]

_GONE, _SEVERAL = "\x00", "\x01"
_CONTROLS = bytes([*range(9), *range(14, 32), 127])
_DASHES = frozenset("\u2212\u00b7\u2022\u2027\u2043\u2219\u22c5\u30fb\uff65")  # and all of Unicode's own
_ACUTES = frozenset("\u00b4\u0384\u1fbd\u1fbf\u1ffd\u1ffe")  # accents that are typed in the place of an apostrophe
_UNSEEN = frozenset("\u0640\u115f\u1160\u2800\u3164\uffa0\ufffc\ufffd")
# Letters that look like Latin ones and are not, by Unicode's confusables (UTS #39), capitals.
_LOOKALIKES = str.maketrans(
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"  # Greek
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u051a\u051c\u0492"
    "\u13aa\u13f4\u13df\u13a0\u13ac\u13c0\u13bb\u13ab\u13e6\u13de\u13b7\u13e2\u13a1\u13da\u13a2\u13d9\u13b3\u13bd\u13c3"
    "\ua4ee\ua4d0\ua4da\ua4d3\ua4f0\ua4dd\ua4d6\ua4e7\ua4f2\ua4d9\ua4d7\ua4e1\ua4df\ua4e0\ua4f3\ua4d1\ua4e3\ua4e2\ua4d4"
    "\ua4f4\ua4e6\ua4ea\ua4eb\ua4ec\ua4dc"  # Lisu
    "\u2c82\u2ca4\u2c88\u2c8e\u2c92\u2c94\u2c98\u2c9a\u2c9e\u2ca2\u2ca6\u2cac\u2ca8\u216c\u2164\u2169",  # Coptic
    "ABEZHIKMNOPTYXABESIJKMHOPCTYXQWFABCDEGHJKLMPRSTVWYZABCDEFGHIJKLMNOPRSTUVWXYZBCEHIKMNOPTXYLVX",
)
_ALPHABETS = (0x249C, 0x1F110, 0x1F150, 0x1F170, 0x1F1E6)
"""Where letters begin that are in brackets, circles, squares or flags, A to Z."""


@dataclass(frozen=True, slots=True, eq=False)
class Letters:
    """A folded text.

    Attributes
    ----------
    text : str
        What happened to it.
    starts, ends : numpy.ndarray of int64, or None
        Where each character of it begins and ends in the text that was folded; None if nothing has moved.
    """

    text: str
    starts: Places | None = None
    ends: Places | None = None

    def start(self, at: int) -> int:
        """Where the character at this position begins in the text that was folded."""
        return at if self.starts is None else int(self.starts[at])

    def end(self, at: int) -> int:
        """Where the character before this position ends in the text that was folded."""
        return at if self.ends is None else int(self.ends[at - 1]) if at else 0

    def first_from(self, place: int) -> int:
        """The first character that begins at a place of the text that was folded, or after it."""
        return min(place, len(self.text)) if self.starts is None else int(np.searchsorted(self.starts, place))

    def __repr__(self) -> str:
        return f"Letters({len(self.text)} characters)"


def fold_letters(text: str) -> Letters:
    """Fold a text.

    Parameters
    ----------
    text : str

    Returns
    -------
    Letters

    Examples
    --------
    >>> fold_letters("k14\u2010612\u200b345, Jos\u00e9").text
    'K14-612345, JOSE'
    """
    if text.isascii():
        plain = text.encode("ascii")
        if len(plain.translate(None, _CONTROLS)) == len(plain):
            return Letters(text.upper())
    folded = text.translate(_TABLE)
    if _SEVERAL in folded:
        return _unequal(text)
    if _GONE not in folded:
        return Letters(folded)
    codes = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), np.uint32)
    starts = np.flatnonzero(codes)
    return Letters(codes[starts].tobytes().decode("utf-32-le", "surrogatepass"), starts, starts + 1)


def _unequal(text: str) -> Letters:
    """Fold a text in which a character becomes several."""
    parts = [_FOLDED[each] for each in text]
    lengths = np.fromiter(map(len, parts), np.int64, len(parts))
    starts = np.repeat(np.arange(len(parts), dtype=np.int64), lengths)
    return Letters("".join(parts), starts, starts + 1)


def folded_character(character: str) -> str:
    """What happens to one character: one, several or none."""
    if character in "\t\n\v\f\r\x85\u2028\u2029":
        return " " if character in "\x85\u2028\u2029" else character
    if character in _DASHES:
        return "-"
    if character in _ACUTES:
        return "'"
    if (digit := unicodedata.digit(character, None)) is not None:
        return str(digit)
    for first in _ALPHABETS:
        if 0 <= ord(character) - first < 26:
            return chr(ord("A") + ord(character) - first)
    out = []
    for each in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).upper()):
        kind = unicodedata.category(each)
        if kind in ("Mn", "Me", "Cf", "Cc", "Cs") or each in _UNSEEN:
            continue
        if kind == "Nd":
            each = str(unicodedata.digit(each))
        elif kind == "Zs":
            each = " "
        out.append("-" if kind == "Pd" or each in _DASHES else each.translate(_LOOKALIKES))
    folded = "".join(out)
    return folded if any(each.isalnum() for each in folded) else folded[:1]  # of several marks, one


class _Folded(dict[str, str]):
    """What happens to each character, worked out when it is first met."""

    def __missing__(self, character: str) -> str:
        self[character] = folded = folded_character(character)
        return folded


class _Table(dict[int, str]):
    """What happens to each character as one character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = _FOLDED[chr(code)]
        self[code] = value = folded if len(folded) == 1 else _SEVERAL if folded else _GONE
        return value


_FOLDED = _Folded()
_TABLE = _Table()
