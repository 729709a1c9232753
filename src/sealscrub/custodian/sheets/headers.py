"""Names of columns: which ones are meant to be the same, and which may be shown."""

from __future__ import annotations

import re

__all__ = ["folded_name", "shown_name"]

_LONGEST = 60


def folded_name(name: str) -> str:
    """A column's name without case, and with underscores for spaces and hyphens.

    Parameters
    ----------
    name : str
        As the file's header has it.

    Examples
    --------
    >>> folded_name(" Arrest-Number ")
    'arrest_number'
    """
    return re.sub(r"[\s\-]+", "_", name.strip()).casefold()


def shown_name(name: str, at: int) -> str:
    """A column's name; its position if the name may be a value, as in a file without a header.

    Parameters
    ----------
    name : str
        As the file's header has it.
    at : int
        The column's place, from 0.

    Examples
    --------
    >>> shown_name("docket", 0), shown_name("2014KN012345", 2)
    ("'docket'", 'number 3')
    """
    plain = len(name) <= _LONGEST and name.isprintable() and not re.search(r"\d{3}", name)
    return repr(name) if plain else f"number {at + 1}"
