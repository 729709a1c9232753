"""What a function carries with it or finds in its modules: data in closures and defaults, and state of the session."""

from __future__ import annotations

import functools
import inspect
import sys
import sysconfig
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .pieces import Incomparable, digest, is_plain
from .result_pieces import take_apart

__all__ = ["captured_data", "carried_values", "fingerprints", "is_data", "is_ours", "own_modules", "session_state"]

_LIBRARIES = ("pandas", "polars", "pyarrow", "scipy", "numpy", "duckdb")
_MANY = 200
_DEEPEST = 6
_LIBRARY_FOLDERS = tuple({str(Path(sysconfig.get_path(name)).resolve()) for name in ("stdlib", "purelib", "platlib")})


def captured_data(function: Any) -> list[str]:
    """Name the variables that hold data which is not one of the function's arguments.

    It travels with the function and is the same in every run, so what it holds of sealed records would show in
    none of the comparisons.

    Examples
    --------
    >>> import polars as pl
    >>> table = pl.DataFrame({"priors": [1, 2]})
    >>> captured_data(lambda arrests: table)
    ['table']
    """
    return list(dict.fromkeys(name for _, name, value in _captured_variables(function, 0, set()) if is_data(value)))


def carried_values(function: Any) -> list[str]:
    """Name variables with a few numbers that travel with the function, and cannot be distinguished from constants.

    Examples
    --------
    >>> rates = {40: 0.5, 73: 0.25}
    >>> carried_values(lambda arrests: rates)
    ['rates']
    """
    found = [
        name
        for owner, name, value in _captured_variables(function, 0, set())
        if not owner and not is_data(value) and isinstance(value, dict | list | tuple | set) and _has_fraction(value)
    ]
    return list(dict.fromkeys(found))


def _has_fraction(value: Any) -> bool:
    parts = value.values() if isinstance(value, dict) else value
    return any(isinstance(part, float) for part in parts)


def session_state(function: Any) -> dict[str, Any]:
    """Give the variables of modules that a function names, by ``module:name``, if they are data or plain values.

    A fresh interpreter that imports the modules has them as the code makes them; one that worked before, as that work
    left them. Functions that no import finds are left out: they take their variables along.
    """
    found = {}
    for owner, name, value in _captured_variables(function, 0, set()):
        if owner and _is_state(value, 0):
            found[f"{owner}:{name}"] = value
    return found


def fingerprints(state: dict[str, Any]) -> dict[str, str]:
    """Digest a session's variables by what they hold; sets in whatever order."""
    found = {}
    for name, value in state.items():
        try:
            pieces = take_apart(value)
        except Incomparable:
            continue
        parts = [(each.path, sorted(each.facts.items()), _columns(each.columns)) for each in pieces]
        found[name] = digest(parts)
    return found


def _columns(columns: Any) -> list[tuple[str, str, list[Any]]]:
    return [(column.name, column.dtype, column.bits.tolist()) for column in columns]


def _captured_variables(function: Any, depth: int, seen: set[int]) -> Iterator[tuple[str, str, Any]]:
    """Every variable that a function can see other than its arguments: its module, if any, its name and value."""
    if depth > _DEEPEST or id(function) in seen:
        return
    seen.add(id(function))
    if isinstance(function, functools.partial):
        for at, value in [*enumerate(function.args), *function.keywords.items()]:
            yield from _look_at("", f"partial argument {at}", value, depth, seen)
        yield from _captured_variables(function.func, depth, seen)
    elif isinstance(function, types.MethodType):
        yield from _of_object(function.__self__, depth, seen)
        yield from _captured_variables(function.__func__, depth, seen)
    elif isinstance(function, type):
        for part in vars(function).values():
            bare = getattr(part, "__func__", part)
            if isinstance(bare, types.FunctionType):
                yield from _captured_variables(bare, depth + 1, seen)
    elif isinstance(unwrapped := inspect.unwrap(function), types.FunctionType):
        yield from _of_function(unwrapped, depth, seen)
    else:
        yield from _of_object(function, depth, seen)
        yield from _captured_variables(type(function), depth, seen)


def _of_object(value: Any, depth: int, seen: set[int]) -> Iterator[tuple[str, str, Any]]:
    for name, part in getattr(value, "__dict__", {}).items():
        yield from _look_at("", f"self.{name}", part, depth, seen)


def _of_function(function: types.FunctionType, depth: int, seen: set[int]) -> Iterator[tuple[str, str, Any]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield from _look_at("", name, cell.cell_contents, depth, seen)
        except ValueError:
            continue
    for value in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
        yield from _look_at("", "a default argument", value, depth, seen)
    owner = function.__module__ if _is_imported(function) else ""
    names = list(dict.fromkeys(_names(function.__code__)))
    for name in names:
        if name not in function.__globals__:
            continue
        value = function.__globals__[name]
        if isinstance(value, types.ModuleType) and is_ours(value.__name__):
            for inner in names:
                if inner in vars(value):
                    yield from _look_at(value.__name__, inner, vars(value)[inner], depth, seen)
        else:
            yield from _look_at(owner, name, value, depth, seen)


def _is_imported(function: types.FunctionType) -> bool:
    """Whether the function is what its module has under its name, and so travels by that name."""
    module: Any = sys.modules.get(function.__module__ or "")
    return module is not None and module.__name__ != "__main__" and vars(module) is function.__globals__


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _look_at(owner: str, name: str, value: Any, depth: int, seen: set[int]) -> Iterator[tuple[str, str, Any]]:
    if callable(value) and not is_data(value):
        module = getattr(value, "__module__", None)
        if isinstance(module, str) and is_ours(module):
            yield from _captured_variables(value, depth + 1, seen)
    else:
        yield owner, name, value


def is_ours(module: str) -> bool:
    """Whether a module is the project's own, and not a library's."""
    if module.partition(".")[0] == "sealscrub":
        return False
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    if "site-packages" in file or "dist-packages" in file:
        return False
    return bool(file and not file.startswith(_LIBRARY_FOLDERS)) or module == "__main__" or module not in sys.modules


def own_modules(function: Any) -> list[types.ModuleType]:
    """Give the project's own modules of whose names a function uses one, as far as they are imported by theirs."""
    owners = {owner for owner, _, _ in _captured_variables(function, 0, set()) if owner}
    while isinstance(function, functools.partial):
        function = function.func
    owners.add(getattr(function, "__module__", None) or type(function).__module__)
    return [
        sys.modules[name] for name in sorted(owners) if name in sys.modules and is_ours(name) and name != "__main__"
    ]


def is_data(value: Any, depth: int = 0) -> bool:
    """Whether a value is data: a table, an array, a long container, or an estimator that was fitted."""
    library = type(value).__module__.partition(".")[0]
    if library in _LIBRARIES and not isinstance(value, type | types.ModuleType | dict) and not callable(value):
        size = getattr(value, "size", None)
        return _holds_values(value) and (not isinstance(size, int) or size > 1)
    if isinstance(value, dict | list | tuple | set | frozenset):
        parts = value.values() if isinstance(value, dict) else value
        return len(value) > _MANY or (depth < _DEEPEST and any(is_data(each, depth + 1) for each in parts))
    fitted = (
        not isinstance(value, type)
        and hasattr(value, "get_params")
        and any(name.endswith("_") and not name.startswith("_") for name in getattr(value, "__dict__", ()))
    )
    return bool(fitted)


def _holds_values(value: Any) -> bool:
    """Tables and arrays do; types, expressions, points in time and schemas of the same libraries do not."""
    if type(value).__name__ in ("LazyFrame", "DuckDBPyRelation"):
        return True
    bare = type(value).__name__.endswith(("Schema", "Dtype")) or type(value).__module__.startswith(
        ("numpy.dtypes", "numpy.random")
    )
    return not bare and (hasattr(value, "__len__") or hasattr(value, "shape"))


def _is_state(value: Any, depth: int) -> bool:
    """Whether a variable holds nothing but plain values and data, however nested."""
    if is_plain(value) or (is_data(value) and not isinstance(value, dict | list | tuple | set | frozenset)):
        return True
    if depth > _DEEPEST:
        return False
    if isinstance(value, dict):
        return all(_is_state(each, depth + 1) for pair in value.items() for each in pair)
    return isinstance(value, list | tuple | set | frozenset) and all(_is_state(each, depth + 1) for each in value)
