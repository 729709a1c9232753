"""What a module offers is what its ``__all__`` says.

A *room* is what users import: ``sealscrub``, the packages and modules directly in it, and those of the custodian.
The files of a room are for the room: they list what leaves them, and share the rest among themselves.
"""

from __future__ import annotations

import ast
import enum
import importlib
import inspect
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from types import ModuleType

import pytest

import sealscrub

from .source_tree import PACKAGE, module_names

MODULES = module_names()
_WING = f"{PACKAGE}.custodian."
ROOMS = [name for name in MODULES if name.removeprefix(_WING).count(".") <= (0 if name.startswith(_WING) else 1)]
INNER_ROOMS = [f"{PACKAGE}.validators.{name}" for name in ("artefacts", "certification", "nullity", "output_nullity")]


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

    assert len(offered) == len(set(offered))
    assert offered == sorted(offered, key=listing_order) or module is sealscrub
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


def test_the_front_door_shows_the_data_scientists_names_first() -> None:
    """What is called comes first, then the rooms in the order in which its docstring says what they are for."""
    rooms = list(dict.fromkeys(re.findall(r":mod:`sealscrub\.(\w+)`", sealscrub.__doc__ or "")))
    offered = list(sealscrub.__all__)

    assert offered[-len(rooms) :] == rooms
    assert rooms[-1] == "custodian"
    assert offered[:4] == ["open_index", "Policy", "scan", "scrub"]


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


def says(made: object, section: str) -> bool:
    """Whether a docstring has a section."""
    return f"{section}\n{'-' * len(section)}\n" in inspect.cleandoc(made.__doc__ or "")


def raises_itself(function: Callable[..., object]) -> bool:
    """Whether there is a ``raise`` in a function's own body, and not only in one that it calls or defines."""
    waiting: list[ast.AST] = list(ast.parse(textwrap.dedent(inspect.getsource(function))).body[0].body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Raise):
            return True
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
    return False


def unsaid(room: ModuleType) -> list[str]:
    """Public functions and classes of a room without an example, and functions that do not say what they raise."""
    made = {each: inspect.unwrap(getattr(room, each)) for each in room.__all__}
    functions = {each: one for each, one in made.items() if inspect.isfunction(one)}
    classes = [
        each for each, one in made.items() if inspect.isclass(one) and not issubclass(one, enum.Enum | BaseException)
    ]
    return [
        *(f"{each}: Raises" for each, one in functions.items() if raises_itself(one) and not says(one, "Raises")),
        *(f"{each}: Examples" for each in (*functions, *classes) if not says(made[each], "Examples")),
    ]


@pytest.mark.parametrize("name", sorted({*ROOMS, *INNER_ROOMS}))
def test_what_a_room_offers_says_what_it_raises_and_has_an_example(name: str) -> None:
    assert unsaid(importlib.import_module(name)) == []


def test_what_is_not_said_is_found() -> None:
    room = ModuleType("sealscrub.made_up")
    room.__dict__["__all__"] = ["Report", "State", "defining", "raising"]
    room.__dict__.update(raising=_raising, defining=_defining, Report=ModuleType, State=enum.Enum)

    assert unsaid(room) == ["raising: Raises", "defining: Examples", "raising: Examples", "Report: Examples"]


def _raising(number: int) -> int:
    if number:
        raise ValueError
    return number


def _defining() -> Callable[[int], int]:
    def inner(number: int) -> int:
        raise ValueError

    return inner
