"""Free text brought to plain letters, each of which remembers where it stood.

Upper case, without accents, invisible characters and typographic variety; letters of other scripts that look like
Latin ones become these. Every character is folded by itself, so that a text's folding does not depend on the pieces
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
_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d")
# Letters that look like Latin ones and are none, by Unicode's confusables (UTS #39), capitals.
_LOOKALIKES = str.maketrans(
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u051a\u051c\u0492"
    "\u13aa\u13df\u13ac\u13bb\u13a0\u13da\u13d6\u216c\u2164\u2169",
    "ABEZHIKMNOPTYXABESIJKMHOPCTYXQWFGCEHDSPLVX",
)


@dataclass(frozen=True, slots=True, eq=False)
class Letters:
    """A folded text.

    Attributes
    ----------
    text : str
        What became of it.
    starts, ends : numpy.ndarray of int64, or None
        Where each character of it begins and ends in the text that was folded; None where nothing has moved.
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
    parts = [folded_character(each) for each in text]
    lengths = np.fromiter(map(len, parts), np.int64, len(parts))
    starts = np.repeat(np.arange(len(parts), dtype=np.int64), lengths)
    return Letters("".join(parts), starts, starts + 1)


def folded_character(character: str) -> str:
    """What becomes of one character: one, several or none."""
    if character in "\t\n\v\f\r\x85\u2028\u2029":
        return " " if character in "\x85\u2028\u2029" else character
    if character in _DASHES:
        return "-"
    out = []
    for each in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).upper()):
        kind = unicodedata.category(each)
        if kind in ("Mn", "Me", "Cf", "Cc") or each in "\u115f\u1160\u3164\uffa0":
            continue
        if kind == "Nd":
            each = str(unicodedata.digit(each))
        elif kind == "Zs":
            each = " "
        out.append("-" if each in _DASHES else each.translate(_LOOKALIKES))
    return "".join(out)


class _Table(dict[int, str]):
    """What becomes of each character as one character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = folded_character(chr(code))
        self[code] = value = folded if len(folded) == 1 else _SEVERAL if folded else _GONE
        return value


_TABLE = _Table()
