"""What travels with a function, however deep it is: told from the function's own pickle, object by object."""

from __future__ import annotations

import contextlib
import io
import types
from collections.abc import Callable
from typing import Any

from .captured import is_data

__all__ = ["carried_objects"]

_BYTES = 200
_TEXT = 1000
_MANY = 200
_CONTAINERS = (dict, list, tuple, set, frozenset)
_CHANCE = "numpy.random"


def _is_long(container: Any) -> bool:
    return len(container) > _MANY


def carried_objects(function: Callable[[Any], Any], by_value: list[Any]) -> tuple[list[str], list[str]]:
    """Name the kinds of data, and of long texts, that a function's pickle holds.

    A function takes along what it closes over, its defaults and attributes, and the state of objects of one's own, in
    which data may lie deeper than any name shows. What is imported by its name in the other interpreter stays out.

    Parameters
    ----------
    function : callable
    by_value : list of module
        Modules that travel by what they are.

    Returns
    -------
    (list of str, list of str)
        Kinds of data, and kinds of text that may be data.

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
                    self.data[f"{len(item):,} bytes"] = None
            elif isinstance(item, str):
                if len(item) > _TEXT and id(item) not in self._said:
                    self.texts["a long text"] = None
            elif _is_long(item) if isinstance(item, _CONTAINERS) else is_data(item):
                self.data[f"a {type(item).__name__}"] = None
                return "data"
            return None

        def reducer_override(self, item: Any) -> Any:
            kind = type(item)
            if kind is types.CodeType or kind.__module__.startswith(_CHANCE) or kind.__name__.endswith("Dtype"):
                return str, ()
            return super().reducer_override(item)

    found = Looking()
    for each in by_value:
        cloudpickle.register_pickle_by_value(each)
    try:
        with contextlib.suppress(Exception):  # what cannot travel is refused elsewhere
            found.dump(function)
    finally:
        for each in by_value:
            cloudpickle.unregister_pickle_by_value(each)
    return list(found.data), list(found.texts)
