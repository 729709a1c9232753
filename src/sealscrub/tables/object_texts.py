"""Objects of Python as texts, where what they show is that of a library and no one's own code runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import polars as pl

from sealscrub.identifiers.texts_of_bytes import readings_of_bytes

__all__ = ["keys_within", "object_texts"]

_KNOWN_MODULES = {
    "builtins",
    "datetime",
    "decimal",
    "fractions",
    "ipaddress",
    "numpy",
    "pandas",
    "pathlib",
    "uuid",
    "zoneinfo",
}
_SHOWN = (bool, int, float, complex, str, range, slice, type, type(...))  # builtin ones whose text is all that they are
_DEEPEST = 32


def object_texts(values: Iterable[Any]) -> pl.Series | None:
    r"""Give each object as a text, a collection as the texts of what it holds; None if there is one of another type.

    Examples
    --------
    >>> object_texts([{"K14612345"}, (1, "a"), None]).to_list()
    ['K14612345', '1\na', None]
    >>> object_texts([object()]) is None
    True
    """
    texts = []
    for value in values:
        leaves: list[str] = []
        if value is not None and not _gather(value, leaves, 0):
            return None
        texts.append(None if value is None else "\n".join(leaves))
    return pl.Series(texts, dtype=pl.String)


def keys_within(value: Any, depth: int = 0) -> Iterator[str]:
    """Give the keys of dicts in an object that are texts.

    Examples
    --------
    >>> list(keys_within([{"a": None, "b": {"c": 1}}, 2]))
    ['a', 'b', 'c']
    """
    if depth > _DEEPEST or not isinstance(value, dict | list | tuple | np.ndarray):
        return
    if isinstance(value, dict):
        yield from (key for key in value if isinstance(key, str))
        value = list(value.values())
    for each in value:
        yield from keys_within(each, depth + 1)


def _gather(value: Any, leaves: list[str], depth: int) -> bool:
    kind = type(value)
    module = kind.__module__.partition(".")[0]
    if kind is object or module not in _KNOWN_MODULES or depth > _DEEPEST:
        return False
    if kind in (bytes, bytearray, memoryview):
        leaves += readings_of_bytes(bytes(value))
        return True
    if kind is dict:
        return all(_gather(each, leaves, depth + 1) for pair in value.items() for each in pair)
    if kind in (set, frozenset):  # a set has no order that is the same in every run
        return all(_gather(each, leaves, depth + 1) for each in sorted(value, key=str))
    if kind in (list, tuple) or (kind.__module__ == "numpy" and kind.__name__ == "ndarray"):
        return all(_gather(each, leaves, depth + 1) for each in value)
    if kind not in _SHOWN if kind.__module__ == "builtins" else module == "pandas" and hasattr(kind, "__len__"):
        return False  # a long series or frame shows some of its rows alone
    leaves.append(str(value))
    return True
