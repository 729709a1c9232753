"""Names of people as words that compare: without case, accents, apostrophes, hyphens and what is behind a name.

A name is looked for in the orders in which people write it: given name first or last, with all given names or the
first only, double names as one word or as two, particles before the family name or behind all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from operator import add

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
_FUSED = re.compile(r"\b(DE(?=L)|V[AO]N(?=D))(LA|LOS|LAS|DE[NR]|DE)(?=\s|[^\W\d_]{4})", re.IGNORECASE)
_PARTICLES = frozenset(
    re.findall(
        r"\w+",
        "AL DA DAS DE DEI DEL DELA DELLA DELOS DEN DER DES DI DO DOS DU EL LA LAS LE LOS TEN TER VAN VANDE VANDEN "
        "VANDER VOM VON VONDER ZU ZUM ZUR",
    )
)
_MOST_PARTICLES = 3
_SAINTS = {"ST": "SAINT", "SAINT": "ST", "STE": "SAINTE", "SAINTE": "STE"}
_ASIDE = re.compile(r"[(\[{\"\u201c\u201d]([^()\[\]{}\"\u201c\u201d]*)(?:[)\]}\"\u201c\u201d]|\Z)")
_FORMERLY = re.compile(r"\b(?:N[E\u00c9]E|[AF]\W?K\W?A)\b\W*", re.IGNORECASE)
_BESIDE_NAME = re.compile(rf"[,(\[{{\"\u201c\u201d]|{_FORMERLY.pattern}", re.IGNORECASE)


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
        Family name and given names; both may be in one of them, ``LAST, FIRST``. What is in brackets, or behind a
        comma, may be absent from a text; a name behind ``NEE``, ``AKA`` or ``FKA`` may be in the place of the other.
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
    if not last.strip() or not first.strip():  # both may be in one field
        last, _, first = (last + first).partition(",")
    found: dict[tuple[str, ...], None] = {}
    for family_name, given_names in product(_names_in_field(last), _names_in_field(first)):
        family, given = _ways_of_part(family_name), _ways_of_part(given_names)
        if not family or not given:
            continue
        firsts = dict.fromkeys([given[0][:1], *given])
        for some, names in product(family, firsts):
            found[(*names, *some)[:MOST_WORDS]] = found[(*some, *names)[:MOST_WORDS]] = None
            if some[0] in _PARTICLES and (at := _particles(some)):  # Wobbe, Ann van der
                found[(*some[at:], *names, *some[:at])[:MOST_WORDS]] = None
    return [way for way in found if sum(map(len, way)) >= _FEWEST_LETTERS]


def _names_in_field(field: str) -> list[str]:
    """A field as it is, its name without what is in brackets or behind a comma, and names behind NEE or AKA."""
    if field.isalpha() or _BESIDE_NAME.search(field) is None:
        return [field]
    name, *others = _FORMERLY.split(_ASIDE.sub(" ", field))
    if not name.strip(" ,"):
        return [field]
    for aside in _ASIDE.findall(field):
        others += _FORMERLY.split(aside)[1:]
    return [field, *(each.partition(",")[0] for each in (name, *others))]


def _ways_of_part(part: str) -> list[tuple[str, ...]]:
    """As it is, as one word, with O', Mc and particles as words of their own and joined, with a saint written out."""
    words = _untitled(part)
    if not words:
        return []
    apart = part if part.isascii() and "'" not in part and "`" not in part else _APOSTROPHE.sub(" ", part)
    if "C" in apart or "c" in apart:
        apart = _SCOTTISH.sub(r"\1 ", apart)
    if "D" in apart or "d" in apart:
        apart = _FUSED.sub(r"\1 \2 ", apart)
    divided = words if apart == part else _untitled(apart)
    ways = [words, ("".join(words),), divided]
    if not _SAINTS.keys().isdisjoint(words):
        ways.append((*(_SAINTS.get(word, word) for word in words[:-1]), words[-1]))
    for some in (words, divided):
        if some[0] in _PARTICLES:
            ways += _with_joined_particles(some)
    return list(dict.fromkeys(ways))


def _particles(words: tuple[str, ...]) -> int:
    """How many particles are before the first other word."""
    count = 0
    while count < min(len(words) - 1, _MOST_PARTICLES) and words[count] in _PARTICLES:
        count += 1
    return count


def _with_joined_particles(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Words of which each particle is one of its own, or a part of the next."""
    for gaps in product((" ", ""), repeat=_particles(words)):
        behind = (*gaps, *(" " for _ in words[len(gaps) :]))
        yield tuple("".join(map(add, words, behind)).split())


def _untitled(part: str) -> tuple[str, ...]:
    return tuple([word for word in name_words(part) if word not in TITLES])
