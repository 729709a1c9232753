"""Names of a room that are loaded when one of them is asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

from .room_wrapper import bound_room

__all__ = ["late_names"]


def late_names(room: str, homes: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """Make a room's ``__getattr__``: the first of its late names that is asked for loads and wraps all of them.

    A file of the room that needs none of them is imported without.

    Parameters
    ----------
    room : str
        The package's name, ``__name__``.
    homes : mapping of str to tuple of str
        By file of the room, the names that it defines.

    Returns
    -------
    callable
        From a name to what it is; an AttributeError if the room has none of that name.

    Examples
    --------
    >>> late_names("sealscrub", {"errors": ("UsageError",)})("NoError")
    Traceback (most recent call last):
    ...
    AttributeError: module 'sealscrub' has no attribute 'NoError'
    """

    def load(name: str) -> Any:
        if not any(name in names for names in homes.values()):
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        loaded = {
            each: getattr(module, each)
            for home, names in homes.items()
            for module in [importlib.import_module(f".{home}", room)]
            for each in names
        }
        vars(sys.modules[room]).update(loaded)
        bound_room(room)
        return vars(sys.modules[room])[name]

    return load
