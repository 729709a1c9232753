"""What a module offers is what its ``__all__`` says.

A *room* is what users import: ``sealscrub``, the packages and modules directly in it, and those of the custodian.
The files of a room are for the room: they list what leaves them, and share the rest among themselves.
"""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from types import ModuleType

import pytest

import sealscrub

from .source_tree import PACKAGE, module_names

MODULES = module_names()
_WING = f"{PACKAGE}.custodian."
ROOMS = [name for name in MODULES if name.removeprefix(_WING).count(".") <= (0 if name.startswith(_WING) else 1)]


def unlisted_names(room: ModuleType) -> set[str]:
    """Public names of a room that it defines, in whichever of its files, and does not list."""
    return {
        name
        for name, value in vars(room).items()
        if not name.startswith("_")
        and not isinstance(value, ModuleType)
        and str(getattr(value, "__module__", "")).startswith(room.__name__)
    } - set(room.__all__)


def listing_order(name: str) -> tuple[int, str]:
    """Constants, classes, then the others, as ruff sorts ``__all__``."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_lists_what_it_offers(name: str) -> None:
    module = importlib.import_module(name)
    offered = list(module.__all__)

    assert offered == sorted(set(offered), key=listing_order)
    assert [each for each in offered if not hasattr(module, each)] == []
    assert [each for each in offered if each.startswith("_")] == []


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_offers_nothing_unlisted(name: str) -> None:
    room = importlib.import_module(name)
    used = {
        each for each, value in vars(room).items() if getattr(value, "__module__", "") == "sealscrub.cli.exit_codes"
    }

    assert unlisted_names(room) - used == set()  # the program uses how it ends, and offers no one that


@pytest.mark.parametrize("name", ROOMS)
def test_what_a_room_offers_is_listed_where_it_is_defined(name: str) -> None:
    room = importlib.import_module(name)
    homes = {each: inspect.getmodule(value) for each, value in vars(room).items() if each in room.__all__}

    assert [
        f"{home.__name__}.{each}"
        for each, home in homes.items()
        if home is not None and home.__name__.startswith(PACKAGE) and each not in (*home.__all__, *_modules_of(room))
    ] == []


def _modules_of(room: ModuleType) -> list[str]:
    return [each for each, value in vars(room).items() if isinstance(value, ModuleType)]


@pytest.mark.parametrize("name", ROOMS)
def test_a_star_import_brings_what_is_listed(name: str) -> None:
    names: dict[str, object] = {}
    exec(f"from {name} import *", names)  # noqa: S102 - the statement under test

    assert set(names) - {"__builtins__"} == set(importlib.import_module(name).__all__)


def test_an_unlisted_name_is_found() -> None:
    room = ModuleType("sealscrub.made_up")
    exec("__all__ = ['shown']\ndef shown(): ...\ndef hidden(): ...", room.__dict__)  # noqa: S102

    assert unlisted_names(room) == {"hidden"}


def test_the_names_of_the_front_door_load_when_they_are_asked_for() -> None:
    code = f"""
import sys, sealscrub
rooms = lambda: {{m for m in sys.modules if m.startswith("sealscrub.")}}
assert not rooms(), rooms()
for name in sealscrub.__all__:
    assert name in dir(sealscrub), name
assert not rooms(), rooms()
assert sealscrub.errors is sys.modules["sealscrub.errors"]
assert rooms() == {{"sealscrub.errors"}}, rooms()
for name in {sealscrub.__all__!r}:
    assert getattr(sealscrub, name) is getattr(sealscrub, name)
    assert name in vars(sealscrub), name
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_front_door_knows_no_other_name() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'unscrub'"):
        _ = sealscrub.unscrub

    assert sorted([*sealscrub.__all__, "__version__"]) == dir(sealscrub)


@pytest.mark.parametrize("name", ROOMS)
def test_a_function_that_a_room_offers_says_what_its_parameters_are(name: str) -> None:
    room = importlib.import_module(name)
    functions = {each: inspect.unwrap(made) for each in room.__all__ if inspect.isroutine(made := getattr(room, each))}

    unsaid = [
        each
        for each, made in functions.items()
        if inspect.signature(made).parameters and "Parameters\n---" not in inspect.cleandoc(made.__doc__ or "")
    ]
    assert unsaid == []
