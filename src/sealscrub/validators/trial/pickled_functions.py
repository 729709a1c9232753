"""How a function and its data reach another interpreter: by cloudpickle."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import FunctionType
from typing import Any

from sealscrub.errors import UsageError

from .closure_data import is_ours

__all__ = ["modules_by_value", "pickled", "pickled_function"]

_FOUND_SPECS: dict[tuple[object, ...], ModuleSpec] = {}
_MOST_OBJECTS = 10_000


def pickled(value: Any, what: str) -> bytes:
    """Pickle a value; objects of the project's own classes that a fresh interpreter does not find take these along.

    Raises
    ------
    UsageError
        When it holds what no other interpreter can have, such as a connection or a lock.
    """
    written = io.BytesIO()
    try:
        with contextlib.ExitStack() as by_value:
            _pickler(written, by_value).dump(value)
        return written.getvalue()
    except Exception as error:
        raise UsageError(
            f"{what} cannot be sent to another interpreter ({type(error).__name__})",
            hint="open connections and files inside the function, and give it frames or paths.",
        ) from None


def _pickler(written: io.BytesIO, by_value: contextlib.ExitStack) -> Any:
    """Cloudpickle's, which also takes polars' columns of objects; polars itself writes none of these."""
    import cloudpickle
    import polars as pl

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
        def reducer_override(self, item: Any) -> Any:
            if isinstance(item, type | FunctionType):
                _take_along(item.__module__, by_value)
            if isinstance(item, pl.LazyFrame) and pl.Object in item.collect_schema().dtypes():
                return _lazily, (item.collect(),)
            if isinstance(item, pl.DataFrame) and pl.Object in item.dtypes:
                return pl.DataFrame, (dict(zip(item.columns, item.get_columns(), strict=True)),)
            if isinstance(item, pl.Series) and item.dtype == pl.Object:
                return _of_objects, (item.name, item.to_list())
            return super().reducer_override(item)

    return Pickler(written)


def _take_along(name: str, by_value: contextlib.ExitStack) -> None:
    """Let what is of a module travel by what it is, if the module is the project's and no interpreter finds it."""
    import cloudpickle

    module = sys.modules.get(name)
    if module is None or module.__name__ != name or name in cloudpickle.list_registry_pickle_by_value():
        return
    if name != "__main__" and is_ours(name) and not _importable(name, module, {}):
        cloudpickle.register_pickle_by_value(module)
        by_value.callback(cloudpickle.unregister_pickle_by_value, module)


def _lazily(frame: Any) -> Any:
    return frame.lazy()


def _of_objects(name: str, cells: list[Any]) -> Any:
    import polars as pl

    return pl.Series(name, cells, dtype=pl.Object)


def pickled_function(function: Callable[[Any], Any], probe: Any) -> bytes:
    """Pickle a function: by its module's name if a fresh interpreter finds it, else by what it is.

    Raises
    ------
    UsageError
        When it cannot be pickled.
    """
    import cloudpickle

    by_value = modules_by_value(function)
    for each in by_value:
        cloudpickle.register_pickle_by_value(each)
    try:
        return pickled((function, probe), "the function")
    finally:
        for each in by_value:
            cloudpickle.unregister_pickle_by_value(each)


def modules_by_value(function: Callable[[Any], Any]) -> list[Any]:
    """Modules that travel with a function by what they are, since no other interpreter finds them."""
    module = sys.modules.get(getattr(function, "__module__", "") or "")
    return _unknown_modules(module) if module is not None else []


def _unknown_modules(module: Any) -> list[Any]:
    """Modules of a function's package that a fresh interpreter does not find, as pytest loads them."""
    top = module.__name__.partition(".")[0]
    near = [
        each
        for name, each in list(sys.modules.items())
        if each is not None and name != "__main__" and name.partition(".")[0] == top and name == each.__name__
    ]
    asked: dict[str, ModuleSpec | None] = {}
    return [each for each in near if not _importable(each.__name__, each, asked)]


def _importable(name: str, module: Any, asked: dict[str, ModuleSpec | None]) -> bool:
    """Whether a fresh interpreter, with the same path, imports just this module by its name.

    Its packages are those of others, too, and are looked for once: `asked` has what was found of each, or None.
    """
    found, place = None, None
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        within = ".".join(parts[:depth])
        if within not in asked:
            asked[within] = _found_afresh(within, place)
        found = asked[within]
        if found is None:
            return False
        place = found.submodule_search_locations
    file = getattr(module, "__file__", None)
    return found is not None and (file is None or found.origin == file)


def _found_afresh(name: str, place: Sequence[str] | None) -> ModuleSpec | None:
    """Find a module as an interpreter does that has loaded none: what is in ``sys.modules`` does not count.

    A project has many modules, and each check asks for all of them: what was found is found again, as long as its file
    is there and the path is the same.
    """
    asked = (name, tuple(place or ()), tuple(sys.path), tuple(map(id, sys.meta_path)))
    known = _FOUND_SPECS.get(asked)
    if known is not None and (not known.has_location or os.path.exists(str(known.origin))):
        return known
    if len(_FOUND_SPECS) > _MOST_OBJECTS:
        _FOUND_SPECS.clear()
    for finder in sys.meta_path:
        try:
            found = finder.find_spec(name, place)
        except (ImportError, ValueError, AttributeError):
            continue
        if found is not None:
            _FOUND_SPECS[asked] = found
            return found
    return None
