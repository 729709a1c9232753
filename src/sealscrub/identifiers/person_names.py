"""Names of people as words that compare: without case, accents, apostrophes, hyphens and what is behind a name.

A name is looked for in the orders in which people write it: given name first or last, with all given names or the
first only, double names as one word or as two.
"""

from __future__ import annotations

import re
from itertools import product

from .letters import fold_letters
from .name_letters import is_letter, plain_letters

__all__ = ["APOSTROPHES", "MOST_WORDS", "TITLES", "name_words", "names_of"]

MOST_WORDS = 12
"""Words of a name that are compared; one of more is known by its first."""
_FEWEST_LETTERS = 4  # those of fewer are in texts by chance
TITLES = frozenset({"JR", "SR", "II", "III", "IV", "MR", "MRS", "MS", "DR"})
"""Words next to a name, or between its parts, that are not compared."""
APOSTROPHES = (
    "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\u02cb\u0374\u0384\u055a\u05f3\u07f4\u07f5\u1fbd\u1fbf\u1ffd"
    "\u1ffe\u2018\u2019\u201b\u2032\u2035\u275b\u275c\ua78b\ua78c\uff07\uff40"
)
_APOSTROPHE = re.compile(f"[{APOSTROPHES}]")
_SCOTTISH = re.compile(r"\b(MA?C)(?=[^\W\d_]{4})", re.IGNORECASE)


def name_words(text: str) -> list[str]:
    """The words of a name, or of any text, as they compare.

    Examples
    --------
    >>> name_words("Jos\u00e9 O\u2019Brien-Smith, Jr.")
    ['JOSE', 'OBRIEN', 'SMITH', 'JR']
    """
    if text.isascii() and text.replace(" ", "").isalpha():
        return text.upper().split()
    letters = plain_letters(fold_letters(_APOSTROPHE.sub("", text))).text
    return "".join([sign if is_letter(sign) else " " for sign in letters]).split()


def names_of(last: str | None, first: str | None, aliases: str | None = None) -> list[tuple[str, ...]]:
    """Ways in which a person may be named, as words.

    Parameters
    ----------
    last, first : str or None
        Family name and given names.
    aliases : str or None
        Other names, ``LAST, FIRST``, several divided by semicolons.

    Returns
    -------
    list of tuple of str
        Each of two to :data:`MOST_WORDS` words; none if a part is missing, since one word names no one, or both have
        fewer than four letters together.

    Examples
    --------
    >>> names_of("QUILL-FEATHER", "ANN")
    [('ANN', 'QUILL', 'FEATHER'), ('QUILL', 'FEATHER', 'ANN'), ('ANN', 'QUILLFEATHER'), ('QUILLFEATHER', 'ANN')]
    """
    pairs = [(last or "", first or "")]
    for alias in (aliases or "").split(";"):
        family, comma, given = alias.partition(",")
        if not comma:
            family, given = (family.split()[-1:] or [""])[0], " ".join(family.split()[:-1])
        pairs.append((family, given))
    found: dict[tuple[str, ...], None] = {}
    for family, given in pairs:
        found.update(dict.fromkeys(_name_readings(family, given)))
    return list(found)


def _name_readings(last: str, first: str) -> list[tuple[str, ...]]:
    family, given = _ways_of_part(last), _ways_of_part(first)
    if not family or not given:
        return []
    firsts = dict.fromkeys([given[0][:1], *given])
    found = []
    for some, names in product(family, firsts):
        found += [(*names, *some)[:MOST_WORDS], (*some, *names)[:MOST_WORDS]]
    return [way for way in found if sum(map(len, way)) >= _FEWEST_LETTERS]


def _ways_of_part(part: str) -> list[tuple[str, ...]]:
    """As it is, as one word, and with O', D' and Mc as words of their own."""
    words = _untitled(part)
    if not words:
        return []
    apart = part if part.isascii() and "'" not in part and "`" not in part else _APOSTROPHE.sub(" ", part)
    if "C" in apart or "c" in apart:
        apart = _SCOTTISH.sub(r"\1 ", apart)
    divided = words if apart == part else _untitled(apart)
    return list(dict.fromkeys([words, ("".join(words),), divided]))


def _untitled(part: str) -> tuple[str, ...]:
    return tuple([word for word in name_words(part) if word not in TITLES])
