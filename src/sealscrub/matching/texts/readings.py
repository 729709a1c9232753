"""The texts that a sequence of runs may be read as, whatever is between these."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from sealscrub.identifiers import Scheme

__all__ = ["packed", "readings"]

_BETWEEN_RUNS = re.compile(r"[^0-9A-Z]+")
_SEPARATORS = "-/.#_"  # that spellings know, as well white space
_ODD_SEPARATOR = re.compile(r"[^0-9A-Z][^0-9A-Z]|[^0-9A-Z \-/.#_]")  # what is not only a separator
_NO_MARKS = {code: None for code in range(128) if not chr(code).isalnum()}
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_AS_WRITTEN = 128  # characters up to which a text is also read as it is written


def readings(texts: Sequence[str], scheme: Scheme) -> tuple[list[int], list[str]]:
    """Give what texts may be read as: the number of the text, and the reading.

    Examples
    --------
    >>> from sealscrub.identifiers import get_scheme
    >>> readings(["K14 | 612345"], get_scheme("arrest_number"))
    ([0, 0, 0], ['K14 | 612345', 'K14 612345', 'K14612345'])
    """
    rows, found = list(range(len(texts))), list(texts)
    for number, text in enumerate(texts):
        if not text.isalnum():
            more = _other_readings(text, scheme)
            if len(text) > _AS_WRITTEN and more:
                found[number] = more.pop(0)
            rows += [number] * len(more)
            found += more
    return rows, found


def _other_readings(text: str, scheme: Scheme) -> list[str]:
    """The readings of a text in which something is between letters and digits, as well as it is written."""
    more = []
    if _ODD_SEPARATOR.search(text) is not None:
        more.append(_BETWEEN_RUNS.sub(_separator, text))
    if scheme.shape:  # its values are also looked for with gaps anywhere
        more.append(packed(text))
    elif "," in text:
        more.append(_BETWEEN_RUNS.sub(_separator, _THOUSANDS.sub("", text)))
    return more


def packed(text: str) -> str:
    """Only the letters and digits of a text."""
    return text.translate(_NO_MARKS) if text.isascii() else _BETWEEN_RUNS.sub("", text)


def _separator(between: re.Match[str]) -> str:
    return _separator_of(between[0])


@lru_cache(maxsize=1_024)
def _separator_of(between: str) -> str:
    return next((sign for sign in _SEPARATORS if sign in between), " ")
