"""What type checkers are told is true: each overload takes what the function takes.

mypy itself reads ``typed_user.py``, as it reads the library.
"""

from __future__ import annotations

import importlib
import inspect
import typing

from .source_tree import PACKAGE, module_names


def overloaded() -> dict[str, typing.Any]:
    found = {}
    for name in module_names():
        module = importlib.import_module(name)
        for each in module.__all__:
            made = inspect.unwrap(getattr(module, each)) if inspect.isroutine(getattr(module, each)) else None
            if made is not None and made.__module__.startswith(PACKAGE) and typing.get_overloads(made):
                found[f"{made.__module__}.{made.__qualname__}"] = made
    return found


def taken(function: typing.Any) -> set[str]:
    """Names of all arguments, those of a typed dictionary that stands for several among them."""
    names = set()
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            (options,) = typing.get_args(eval(parameter.annotation, function.__globals__))  # noqa: S307 - ours
            names |= set(options.__annotations__)
        else:
            names.add(parameter.name)
    return names


def test_each_overload_takes_what_the_function_takes() -> None:
    found = overloaded()  # every module is imported, so not while tests are collected
    for name, function in found.items():
        for each in typing.get_overloads(function):
            assert taken(each) == set(inspect.signature(function).parameters), name

    assert {"sealscrub.transforms.verbs.scrub", "sealscrub.filters.ranking_guard.guard_ranking"} <= set(found)
