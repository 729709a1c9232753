"""Whether rows that an object stores are of the table that was given, at a stage that could be compared.

An object that stores training rows and equals no row given, sealed or not, was trained at another stage or on
another table: that no sealed row was found in it says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .row_search import RowSearch, Stage

__all__ = ["Witnesses"]

Store = tuple[int, str]  # number of the file, path in it


class Witnesses:
    """Follows the objects that store rows.

    Parameters
    ----------
    retained : sequence of Stage
        Rows of the table that are not sealed; none if only sealed ones were given: then an array of as many
        columns as these have counts as compared.
    width : int
        How many features the rows have.
    """

    def __init__(self, retained: Sequence[Stage], width: int) -> None:
        self._width = width
        self._search = RowSearch(retained, counted=False) if retained else None
        self._open: dict[Store, str] = {}
        self._stores: dict[int, set[str]] = {}
        self._seen: set[Store] = set()

    def store(self, file: int, path: str, owner: str) -> None:
        """Note an object that stores rows."""
        self._open.setdefault((file, path), owner)
        self._stores.setdefault(file, set()).add(path)

    def stored(self, file: int, path: str) -> bool:
        """Whether a place is within an object that stores rows."""
        return any(path.startswith(store) for store in self._stores.get(file, ()))

    def at_stages(self, stages: Sequence[Stage]) -> None:
        """Compare with these from now on."""
        self._search = RowSearch(stages, counted=False)

    def saw(self, file: int, path: str, found: bool, given: npt.NDArray[Any] | bytes, columns: tuple[str, ...]) -> None:
        """Take what was compared at a place, and whether a sealed row was found there."""
        if not self._stores or not (found or self._witnessed(given, columns)):
            return
        self._seen.add((file, path))
        self._close(file, path)

    def again(self, file: int, path: str, first: str) -> None:
        """Take that what is at a place was at another one before."""
        if (file, first) in self._seen:
            self._close(file, path)

    def _close(self, file: int, path: str) -> None:
        for store in [key for key in self._open if key[0] == file and path.startswith(key[1])]:
            del self._open[store]

    def _witnessed(self, given: npt.NDArray[Any] | bytes, columns: tuple[str, ...]) -> bool:
        if isinstance(given, bytes):
            return self._search is None or bool(self._search.in_bytes(given))
        if self._search is not None:
            return bool(self._search.in_numbers(given, columns))
        return given.ndim == 2 and self._width in given.shape

    @property
    def left(self) -> list[tuple[int, str, str]]:
        """File, path and class of the objects none of whose rows were of the table."""
        return [(file, path, owner) for (file, path), owner in self._open.items()]

    def __repr__(self) -> str:
        return f"Witnesses({len(self._open)} open)"


def sampled(rows: npt.NDArray[np.float64], most: int = 1_000_000) -> npt.NDArray[np.float64]:
    """At most so many of some rows, evenly spaced."""
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]
