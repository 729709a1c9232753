"""Pieces of a result, and the bits of plain values: what two runs of a function are compared by."""

from __future__ import annotations

import contextlib
import enum
import hashlib
import io
import pickle
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["Column", "Incomparable", "Piece", "bits", "cell_bits", "digest", "is_plain", "numbered", "numbers", "plain"]


_PLAIN = {type(None), str, bytes, bool, int, float}
_REPR = {"datetime", "decimal", "uuid", "fractions"}


class Incomparable(Exception):
    """A result that cannot be compared: what it is, by type, and where."""


def numbered(names: Iterable[str]) -> list[str]:
    """Give a number to each name that is before, so no column hides another.

    Examples
    --------
    >>> numbered(["n", "id", "n"])
    ['n', 'id', 'n #2']
    """
    found: dict[str, None] = {}
    for name in names:
        said, number = name, 1
        while said in found:
            number += 1
            said = f"{name} #{number}"
        found[said] = None
    return list(found)


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Values of one column, by row.

    Parameters
    ----------
    name : str
        Its name.
    dtype : str
        Its type, with the levels of a categorical.
    bits : numpy.ndarray
        One value by row that is equal where the values are bit for bit equal, all NaN being one.
    numbers : numpy.ndarray or None
        The values as float64, if they are numbers.
    """

    name: str
    dtype: str
    bits: np.ndarray
    numbers: np.ndarray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One piece of a result.

    Parameters
    ----------
    path : str
        If it is in the result: ``""``, ``X``, ``features``, ``model.coef_``.
    kind : str
        ``table``, ``array`` or ``value``.
    columns : tuple of Column
        Of a table or array.
    facts : mapping of str to str
        What else must be equal, by what it is called: ``(attrs)``, ``(dtype)``, ``(type)``.
    """

    path: str
    kind: str
    columns: tuple[Column, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


def plain(cell: Any) -> Any:
    """Give a value that is equal to another's if both are equal in type and bits."""
    if cell is None or isinstance(cell, str | bytes | bool | int):
        return (type(cell).__name__, cell)
    if isinstance(cell, float):
        return ("float", "nan" if cell != cell else cell.hex())
    if isinstance(cell, dict):
        return ("dict", tuple((key, plain(item)) for key, item in cell.items()))
    if isinstance(cell, list | tuple):
        return (type(cell).__name__, tuple(map(plain, cell)))
    return (type(cell).__name__, repr(cell))


def bits(array: np.ndarray) -> np.ndarray:
    """The bits of plain values, with one NaN for all."""
    array = np.ascontiguousarray(array)
    if array.dtype.kind in "fc":
        bare = array.copy()
        bare[np.isnan(bare)] = np.nan
        array = bare
    size = array.dtype.itemsize
    if size in (1, 2, 4, 8):
        return array.view(f"u{size}")
    return array.view(np.uint8).reshape(*array.shape, size)


def numbers(array: np.ndarray) -> np.ndarray | None:
    """The values as float64, if they are numbers."""
    return array.astype(np.float64) if array.dtype.kind in "iufb" else None


def digest(value: Any) -> str:
    """The bits of any value, as a short text.

    What pickles remember of an object that is in a value twice is left out: equal values have equal digests.

    Raises
    ------
    Incomparable
        When it has none: a lock, an open file.
    """
    for dump in (_dumped_plainly, _pickled, _dumped_by_value):
        with contextlib.suppress(Exception):
            return hashlib.sha256(dump(value)).hexdigest()
    raise Incomparable(f"a {type(value).__name__} has no bits that could be compared")


def _dumped_plainly(value: Any) -> bytes:
    written = io.BytesIO()
    pickler = pickle.Pickler(written, 4)
    pickler.fast = True
    pickler.dump(value)
    return written.getvalue()


def _pickled(value: Any) -> bytes:
    return pickle.dumps(value, 4)


def _dumped_by_value(value: Any) -> bytes:
    import cloudpickle

    return bytes(cloudpickle.dumps(value, 4))


def is_plain(item: Any) -> bool:
    """Whether a value is a single one of Python's own, and says nothing next to it."""
    if type(item) in _PLAIN:
        return True
    return isinstance(item, str | bytes | int | float) and (isinstance(item, enum.Enum) or not _attributes(item))


def _attributes(item: Any) -> Any:
    return getattr(item, "__dict__", None)


def cell_bits(cell: Any) -> Any:
    """Give of any object in a cell a value that is equal if the objects are; sets in whatever order."""
    if type(cell) in _PLAIN or type(cell).__module__ in _REPR:
        return plain(cell)
    if type(cell) in (list, tuple):
        return (type(cell).__name__, tuple(map(cell_bits, cell)))
    if type(cell) is dict:
        return ("dict", tuple((cell_bits(key), cell_bits(item)) for key, item in cell.items()))
    if type(cell) in (set, frozenset):
        return (type(cell).__name__, tuple(sorted(map(digest, cell))))
    return (type(cell).__name__, digest(cell))
