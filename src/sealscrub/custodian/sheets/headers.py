"""Names of columns: which ones are meant to be the same, and which may be shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sealscrub.errors import ColumnError, Spelled

__all__ = ["folded_name", "showable_names", "shown_name", "two_columns"]

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


def showable_names(names: Sequence[str]) -> list[str]:
    """The names of columns that may be shown.

    Examples
    --------
    >>> showable_names(["docket", "2014KN012345"])
    ['docket']
    """
    return [name for at, name in enumerate(names) if shown_name(name, at) == repr(name)]


def two_columns(field: str, where: str) -> ColumnError:
    """Say that two columns are one field."""
    return ColumnError(
        f"two columns are {field!r}",
        where=where,
        hint=Spelled('map={"COLUMN": ""} leaves one unread.', "--map COLUMN= leaves one unread."),
    )
