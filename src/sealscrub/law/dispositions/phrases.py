"""Whole phrases: a rule matches a text from its first word to its last, or not at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Phrase", "compile_phrase", "normalise"]

_SIGNS = re.compile(r"(?:[^\w.{}\[\]?!~¬≠]|_)+")  # letters of other scripts, and signs of doubt or denial, are no noise
_STOPS = re.compile(r"(?<!\d)\.|\.(?!\d)")

# What a slot stands for where the file that uses it does not say.
_BUILT_IN = {
    "number": r"[0-9]{1,3}",
    "docket": r"(?=[0-9A-Z ]*[0-9])[0-9A-Z]+(?: [0-9A-Z]+){0,3}",
    "law": r"(?:PL |VTL )?[0-9]{3,4}(?:\.[0-9]{1,2})?(?: [0-9]{1,2}[A-Z]?)?(?: [A-Z])?",
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase, ready to be matched against normalised text.

    Attributes
    ----------
    text : str
        As the file has it.
    pattern : re.Pattern
        For text with a space before every word.
    literals : int
        How many of its words are fixed; of two phrases that match, that with more wins.
    """

    text: str
    pattern: re.Pattern[str]
    literals: int


def normalise(text: str | None, words: Mapping[str, str] | None = None) -> str:
    """Upper case, words parted by single spaces, signs gone, abbreviations written out.

    Parameters
    ----------
    text : str or None
        As the court wrote it.
    words : mapping of str to str, optional
        Whole words to replace.

    Returns
    -------
    str
        Empty for None. A point stays between digits only.

    Examples
    --------
    >>> normalise("  Dism. – speedy trial (CPL 30.30)", {"DISM": "DISMISSED"})
    'DISMISSED SPEEDY TRIAL CPL 30.30'
    """
    plain = unicodedata.normalize("NFKC", text or "").upper().replace("'", "").replace("’", "")
    parts = _STOPS.sub(" ", _SIGNS.sub(" ", plain)).split()
    return " ".join((words or {}).get(part, part) for part in parts)


def compile_phrase(text: str, slots: Mapping[str, Sequence[str]], words: Mapping[str, str]) -> Phrase:
    """Make a pattern of a phrase.

    Parameters
    ----------
    text : str
        Words; ``[word]`` may be left out; ``{slot}`` stands for any phrase of a slot, of the file's or one of
        ``{law}`` (the number of an offence), ``{docket}`` (a number of a case) and ``{number}``.
    slots : mapping of str to sequence of str
        The file's slots.
    words : mapping of str to str
        Whole words that :func:`normalise` replaces.

    Returns
    -------
    Phrase

    Raises
    ------
    KeyError
        When there is no such slot.

    Examples
    --------
    >>> phrase = compile_phrase("DISMISSED [{why}]", {"why": ["30.30"]}, {})
    >>> [bool(phrase.pattern.fullmatch(f" {text}")) for text in ("DISMISSED 30.30", "DISMISSED", "NOT DISMISSED")]
    [True, True, False]
    """
    pattern, literals = "", 0
    for part in re.findall(r"\[[^\]]*\]|\S+", text):
        optional = part.startswith("[")
        inner = [_word(word, slots, words) for word in part.strip("[]").split()]
        group = "".join(f" {one}" for one in inner)
        pattern += f"(?:{group})?" if optional else group
        literals += 0 if optional else sum(not word.startswith("{") for word in part.split())
    return Phrase(text, re.compile(pattern), literals)


def _word(word: str, slots: Mapping[str, Sequence[str]], words: Mapping[str, str]) -> str:
    if not word.startswith("{"):
        return re.escape(normalise(word, words))
    name = word.strip("{}")
    if name not in slots:
        return f"(?P<{name}>{_BUILT_IN[name]})" if name != "number" else _BUILT_IN[name]
    choices = sorted((re.escape(normalise(choice, words)) for choice in slots[name]), key=len, reverse=True)
    return f"(?P<{name}>{'|'.join(choices)})"
