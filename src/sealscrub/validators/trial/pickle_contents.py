"""What travels with a function, however deep it is: known from the function's own pickle, object by object."""

from __future__ import annotations

import contextlib
import io
import re
import sys
import types
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from sealscrub.reports import counted

from .closure_data import is_data
from .pickled_functions import taken_along

__all__ = ["carried_objects"]

_BYTES = 200
_TEXT = 1000
_MANY = 200
_DOCUMENTED = 0x4000000  # of code whose first constant is its documentation, from Python 3.13 on
_CELL = re.compile(r"[0-9]+(?:\.[0-9]+)?|[\n,;|\t]")
_WORD = re.compile(rf"\S{{{_BYTES + 1},}}")
_CONTAINERS = (dict, list, tuple, set, frozenset)
_CHANCE = "numpy.random"


def _is_long(container: Any) -> bool:
    return len(container) > _MANY


def _holds_rows(text: str) -> bool:
    """Whether a long text reads as a table, a list or something encoded, and not as prose or code."""
    return _WORD.search(text) is not None or sum(1 for _ in islice(_CELL.finditer(text), _MANY + 1)) > _MANY


def _constants(code: types.CodeType) -> tuple[Any, ...]:
    """The constants of some code, less its documentation."""
    documented = code.co_flags & _DOCUMENTED if sys.version_info >= (3, 13) else not code.co_name.startswith("<")
    constants = code.co_consts
    return constants[1:] if documented and constants and isinstance(constants[0], str) else constants


def carried_objects(function: Callable[[Any], Any], by_value: Iterable[Any]) -> tuple[list[str], list[str]]:
    """Name the kinds of data, and of long texts, that a function's pickle holds.

    A function takes along what it closes over, its defaults and attributes, and the state of objects of one's own, in
    which data may be deeper than any name shows. What is imported by its name in the other interpreter stays out.

    Parameters
    ----------
    function : callable
    by_value : iterable of module
        Modules that are looked into though they travel by their names; those that no other interpreter finds are, too.

    Returns
    -------
    (list of str, list of str)
        Kinds of data, texts of rows among them; and other long texts, which may be data.

    Examples
    --------
    >>> import polars as pl
    >>> class Store:
    ...     def __init__(self, table):
    ...         self.inside = {"table": table}
    >>> store = Store(pl.DataFrame({"priors": [1, 2]}))
    >>> carried_objects(lambda arrests: store, [])
    (['a DataFrame'], [])
    """
    import cloudpickle

    class Looking(cloudpickle.Pickler):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(io.BytesIO())
            self.data: dict[str, None] = {}
            self.texts: dict[str, None] = {}
            self._said: set[int] = set()

        def persistent_id(self, item: Any) -> str | None:
            if isinstance(item, type | types.FunctionType):
                self._said.add(id(item.__doc__))
            if isinstance(item, bytes | bytearray):
                if len(item) > _BYTES:
                    self.data[counted(len(item), "byte")] = None
            elif isinstance(item, str):
                if len(item) > _TEXT and id(item) not in self._said:
                    (self.data if _holds_rows(item) else self.texts)["a long text"] = None
            elif _is_long(item) if isinstance(item, _CONTAINERS) else is_data(item):
                self.data[f"a {type(item).__name__}"] = None
                return "data"
            return None

        def reducer_override(self, item: Any) -> Any:
            meet(item)
            kind = type(item)
            if kind is types.CodeType:
                return _constants, (_constants(item),)
            if kind.__module__.startswith(_CHANCE) or kind.__name__.endswith("Dtype"):
                return str, ()
            return super().reducer_override(item)

    found = Looking()
    with taken_along(function, by_value) as meet, contextlib.suppress(Exception):
        found.dump(function)  # what cannot travel is refused elsewhere
    return list(found.data), list(found.texts)
