"""Which places have rules: every package of this room that offers a ``jurisdiction``; the engine lists none."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["folder_of", "places"]


@cache
def places() -> tuple[str, ...]:
    """Names of the places, in order of the alphabet.

    Examples
    --------
    >>> "us-ny" in places()
    True
    """
    room = files("sealscrub.law")
    found = (each.name for each in room.iterdir() if each.is_dir() and each.joinpath("jurisdiction.py").is_file())
    return tuple(sorted(name.replace("_", "-") for name in found))


def folder_of(place: str) -> str:
    """The package of a place.

    Examples
    --------
    >>> folder_of("us-ny")
    'us_ny'
    """
    return place.replace("-", "_")
