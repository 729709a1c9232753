"""Names and sentences as they may be shown: a file or column name is somebody else's text."""

from __future__ import annotations

import unicodedata

__all__ = ["cells", "printable", "sentence", "shortened"]


def printable(name: str) -> str:
    r"""Spell out every character that does not print.

    Terminal escapes, text-direction marks, control characters that XML forbids, lone surrogates and
    look-alike spaces become backslash escapes, so a name shows what it is and does nothing.

    Parameters
    ----------
    name : str

    Examples
    --------
    >>> print(printable("ARREST\xa0NO\x1b[2J"))
    ARREST\xa0NO\x1b[2J
    """
    if not name:
        return "(no name)"
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in name)


def sentence(text: str) -> str:
    """Put a message on one line, printable.

    Parameters
    ----------
    text : str
        Of any number of lines.

    Examples
    --------
    >>> sentence("  No sealed   records found ")
    'No sealed records found'
    """
    return printable(" ".join(text.split()))


def cells(text: str) -> int:
    """Count the terminal cells that a printable text fills: two for a wide character, none for an accent.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> cells("arrest"), cells("逮捕")
    (6, 4)
    """
    return len(text) if text.isascii() else sum(_cells_of(char) for char in text)


def shortened(text: str, limit: int) -> str:
    """Fit a printable text into `limit` cells, leaving out its middle: names differ at their ends.

    Parameters
    ----------
    text : str
    limit : int
        In cells.

    Examples
    --------
    >>> shortened("a_very_long_column_name", 11)
    'a_ver…_name'
    """
    if cells(text) <= limit:
        return text
    head, tail = limit // 2, limit - limit // 2 - 1
    return f"{_fitting(text, head)}…{_fitting(text[::-1], tail)[::-1]}"


def _cells_of(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _fitting(text: str, limit: int) -> str:
    used = 0
    for at, char in enumerate(text):
        used += _cells_of(char)
        if used > limit:
            return text[:at]
    return text
