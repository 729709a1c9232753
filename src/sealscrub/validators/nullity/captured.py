"""Data that a function carries with it: in its closure, its defaults, and the globals that it names."""

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Iterator
from typing import Any

__all__ = ["captured_data"]

_LIBRARIES = ("pandas", "polars", "pyarrow", "scipy", "numpy", "duckdb")
_MANY = 200
_DEEPEST = 4


def captured_data(function: Any) -> list[str]:
    """Name the variables that hold data which is none of the function's arguments.

    It travels with the function and is the same in every run, so that what it holds of sealed records would show in
    none of the comparisons.

    Examples
    --------
    >>> import polars as pl
    >>> table = pl.DataFrame({"priors": [1, 2]})
    >>> captured_data(lambda arrests: table)
    ['table']
    """
    return list(dict.fromkeys(_found(function, 0, set())))


def _found(function: Any, depth: int, seen: set[int]) -> Iterator[str]:
    if depth > _DEEPEST or id(function) in seen:
        return
    seen.add(id(function))
    if isinstance(function, functools.partial):
        for at, value in [*enumerate(function.args), *function.keywords.items()]:
            yield from _look(f"partial argument {at}", value, depth, seen)
        yield from _found(function.func, depth, seen)
        return
    if isinstance(function, types.MethodType):
        for name, value in vars(function.__self__).items() if hasattr(function.__self__, "__dict__") else ():
            yield from _look(f"self.{name}", value, depth, seen)
        yield from _found(function.__func__, depth, seen)
        return
    function = inspect.unwrap(function) if callable(function) else function
    if not isinstance(function, types.FunctionType):
        call = getattr(type(function), "__call__", None)
        if isinstance(call, types.FunctionType) and hasattr(function, "__dict__"):
            for name, value in vars(function).items():
                yield from _look(f"self.{name}", value, depth, seen)
        return
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield from _look(name, cell.cell_contents, depth, seen)
        except ValueError:
            continue
    for value in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
        yield from _look("a default argument", value, depth, seen)
    for name in _names(function.__code__):
        if name in function.__globals__:
            yield from _look(name, function.__globals__[name], depth, seen)


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _look(name: str, value: Any, depth: int, seen: set[int]) -> Iterator[str]:
    if _is_data(value):
        yield name
    elif callable(value) and not isinstance(value, type) and _ours(value):
        yield from _found(value, depth + 1, seen)


def _ours(value: Any) -> bool:
    """Whether a function is the project's own, and not a library's."""
    module = sys.modules.get(getattr(value, "__module__", "") or "")
    file = getattr(module, "__file__", "") or ""
    return "site-packages" not in file and "sealscrub" not in (getattr(value, "__module__", "") or "").split(".")[:1]


def _is_data(value: Any) -> bool:
    library = type(value).__module__.partition(".")[0]
    if library in _LIBRARIES and not isinstance(value, type | types.ModuleType) and not callable(value):
        size = getattr(value, "size", None)
        return not isinstance(size, int) or size > 1
    if isinstance(value, dict | list | tuple | set | frozenset):
        return len(value) > _MANY or any(
            _is_data(each) for each in (value.values() if isinstance(value, dict) else value)
        )
    fitted = hasattr(value, "get_params") and any(
        name.endswith("_") and not name.startswith("_") for name in vars(value)
    )
    return bool(fitted)
