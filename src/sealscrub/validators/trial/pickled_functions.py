"""How a function and its data reach another interpreter: by cloudpickle."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import FunctionType, ModuleType
from typing import Any

from sealscrub.errors import UsageError

from .closure_data import is_ours

__all__ = ["pickled", "pickled_function", "taken_along"]

_FOUND_SPECS: dict[tuple[object, ...], ModuleSpec] = {}
_MOST_OBJECTS = 10_000


def pickled(value: Any, what: str, function: Any = None) -> bytes:
    """Pickle a value; objects of the project's own classes that a fresh interpreter does not find take these along.

    Raises
    ------
    UsageError
        When it holds what no other interpreter can have, such as a connection or a lock.
    """
    written = io.BytesIO()
    try:
        with taken_along(function) as meet:
            _pickler(written, meet).dump(value)
        return written.getvalue()
    except Exception as error:
        raise UsageError(
            f"{what} cannot be sent to another interpreter ({type(error).__name__})",
            hint="open connections and files inside the function, and give it frames or paths.",
        ) from None


def _pickler(written: io.BytesIO, meet: Callable[[Any], None]) -> Any:
    """Cloudpickle's, which also takes polars' columns of objects; polars itself writes none of these."""
    import cloudpickle
    import polars as pl

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
        def reducer_override(self, item: Any) -> Any:
            meet(item)
            if isinstance(item, pl.LazyFrame) and pl.Object in item.collect_schema().dtypes():
                return _lazily, (item.collect(),)
            if isinstance(item, pl.DataFrame) and pl.Object in item.dtypes:
                return pl.DataFrame, (dict(zip(item.columns, item.get_columns(), strict=True)),)
            if isinstance(item, pl.Series) and item.dtype == pl.Object:
                return _of_objects, (item.name, item.to_list())
            return super().reducer_override(item)

    return Pickler(written)


@contextlib.contextmanager
def taken_along(function: Any = None, also: Iterable[ModuleType] = ()) -> Iterator[Callable[[Any], None]]:
    """Let modules travel by what they are that no other interpreter finds, as a pickler meets something of theirs.

    A project has many modules, and pytest loads all of those of its tests: most of them have nothing to do with what is
    pickled, and are not looked for.

    Parameters
    ----------
    function : callable, optional
        What is pickled: modules of its package are taken along themselves, too.
    also : iterable of module
        Modules that are taken along whether or not they are found.

    Yields
    ------
    callable
        To be called with each object before it is pickled.
    """
    import cloudpickle

    near = _package(getattr(function, "__module__", None))
    asked: dict[str, ModuleSpec | None] = {}
    settled = cloudpickle.list_registry_pickle_by_value()
    taken: list[ModuleType] = []

    def take(module: ModuleType) -> None:
        settled.add(module.__name__)
        cloudpickle.register_pickle_by_value(module)
        taken.append(module)

    def meet(item: Any) -> None:
        if not isinstance(item, type | FunctionType | ModuleType):
            return
        name = item.__name__ if isinstance(item, ModuleType) else item.__module__
        module = sys.modules.get(name) if isinstance(name, str) else None
        if name in settled or name == "__main__" or module is None or module.__name__ != name:
            return
        if _package(name) != near and (isinstance(item, ModuleType) or not is_ours(name)):
            return
        settled.add(name)
        if not _importable(name, module, asked):
            take(module)

    try:
        for each in also:
            if each.__name__ not in settled:
                take(each)
        yield meet
    finally:
        for each in taken:
            cloudpickle.unregister_pickle_by_value(each)


def _package(module: object) -> str:
    return str(module or "").partition(".")[0]


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
    return pickled((function, probe), "the function", function)


def _importable(name: str, module: Any, asked: dict[str, ModuleSpec | None]) -> bool:
    """Whether a fresh interpreter, with the same path, imports just this module by its name."""
    found = _found(name, asked)
    file = getattr(module, "__file__", None)
    return found is not None and (file is None or found.origin == file)


def _found(name: str, asked: dict[str, ModuleSpec | None]) -> ModuleSpec | None:
    """Find a module in its package, which others are in, too, and is looked for once: `asked` has what was found."""
    if name not in asked:
        package = name.rpartition(".")[0]
        around = _found(package, asked) if package else None
        place = None if around is None else around.submodule_search_locations
        asked[name] = None if package and around is None else _found_afresh(name, place)
    return asked[name]


def _found_afresh(name: str, place: Sequence[str] | None) -> ModuleSpec | None:
    """Find a module as an interpreter does that has loaded none: what is in ``sys.modules`` does not count.

    What was found is found again, as long as its file is there and the path is the same.
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
