"""Every public callable of the rooms lets no variable of the library's leave in an error."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Iterator
from enum import Enum
from types import CodeType, FunctionType
from typing import Any

import polars as pl
import pytest

from sealscrub.boundary.error_tracebacks import is_edge
from sealscrub.errors import SealscrubError
from sealscrub.tables import frame_adapter

from .source_tree import PACKAGE, WITH_AN_EXTRA
from .test_exports import ROOMS

APART = {"sealscrub.atomic_write", "sealscrub.boundary", "sealscrub.cli", "sealscrub.errors", "sealscrub.file_system"}
"""Places of files, the edge itself, the program, which shows no traceback, and classes of errors: none has rows."""
UNWRAPPED = {"Jurisdiction.parse_code"}
"""A field of a data class that holds a function."""
SYNTAX = {f"__{name}__" for name in ("call", "contains", "enter", "exit", "getitem", "init", "iter", "next", "aiter")}
"""Methods of syntax that may read rows."""


def callables(made: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Give the functions that a caller reaches by a public name, with what they are called."""
    if not isinstance(made, type):
        if callable(made) and str(getattr(made, "__module__", "")).split(".")[0] == PACKAGE:
            yield name, made
        return
    if issubclass(made, Enum | SealscrubError) or getattr(made, "_is_protocol", False):
        return
    for kind in made.__mro__:
        if kind.__module__.split(".")[0] == PACKAGE and not getattr(kind, "_is_protocol", False):
            for member, value in vars(kind).items():
                if member in SYNTAX or not member.startswith("_"):
                    yield from ((f"{name}.{member}", each) for each in _functions(value))


def _functions(value: Any) -> list[Any]:
    if isinstance(value, property):
        return [each for each in (value.fget, value.fset, value.fdel) if each is not None]
    if isinstance(value, classmethod | staticmethod):
        return [value.__func__]
    if isinstance(value, functools.cached_property):
        return [value.func]
    return [value] if inspect.isroutine(value) else []


def code_of(function: Any) -> CodeType | None:
    """Give the code that runs first: of a cached function or a context manager, that of what is cached or managed."""
    while not isinstance(function, FunctionType) or "contextlib" in function.__code__.co_filename:
        if not hasattr(function, "__wrapped__"):
            return None
        function = function.__wrapped__
    return function.__code__


def open_names(made: Any, name: str) -> list[str]:
    """Names of callables that are not an edge, and run code that somebody wrote: no constructor of a data class."""
    found = ((each, code_of(function)) for each, function in callables(made, name))
    return [each for each, code in found if not (code is None or is_edge(code) or code.co_filename == "<string>")]


@pytest.mark.parametrize("name", [room for room in ROOMS if room not in APART])
def test_every_public_callable_is_an_edge(name: str) -> None:
    room = importlib.import_module(name)

    found = [each for listed in room.__all__ for each in open_names(getattr(room, listed), listed)]

    assert [each for each in found if not {each, each.partition(".")[0]} & UNWRAPPED] == []


@pytest.mark.parametrize("library", ["polars", "pandas", "pyarrow", "duckdb"])
def test_so_is_every_method_of_a_frames_adapter(library: str) -> None:
    made = {
        "polars": lambda: pl.DataFrame({"a": [1]}),
        "pandas": lambda: pytest.importorskip("pandas").DataFrame({"a": [1]}),
        "pyarrow": lambda: pl.DataFrame({"a": [1]}).to_arrow(),
        "duckdb": lambda: pytest.importorskip("duckdb").sql("select 1 as a"),
    }
    adapter = frame_adapter(made[library]())

    assert adapter.columns == ["a"]
    assert open_names(type(adapter), library) == []


def test_the_rooms_offer_many_callables() -> None:
    rooms = [importlib.import_module(name) for name in ROOMS if name not in APART]
    offered = {
        each for room in rooms for listed in room.__all__ for each, _ in callables(getattr(room, listed), listed)
    }

    assert len(rooms) > 15 or WITH_AN_EXTRA
    assert len(offered) > 500


def test_what_is_not_an_edge_is_found() -> None:
    class Store:
        def __init__(self) -> None: ...
        def rows(self) -> None: ...
        @property
        def count(self) -> int: ...  # type: ignore[empty-body]
        @classmethod
        def made(cls) -> None: ...
        def _own(self) -> None: ...

    def scrub() -> None: ...

    Store.__module__ = scrub.__module__ = f"{PACKAGE}.made_up"

    assert open_names(Store, "Store") == ["Store.__init__", "Store.rows", "Store.count", "Store.made"]
    assert open_names(scrub, "scrub") == open_names(functools.cache(scrub), "scrub") == ["scrub"]
