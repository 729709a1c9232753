"""Data that a function carries is an ambient input, whether it travels by value or is imported by its name."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sealscrub.index import Index
from sealscrub.testing import NullityVerdict, check_output_nullity
from sealscrub.validators.trial.session import carried_data, carried_texts

from .conftest import ON
from .test_verdicts import Checked

SOURCE = """
import functools
import polars as pl
import sealscrub as ss

SCHEMA = {"person": pl.Int64}
TABLE = pl.DataFrame({"person": [0, 1], "priors": [4, 5]})
CODES = {str(at): at for at in range(300)}

class Store:
    def __init__(self, table):
        self.deeper = {"inside": [table]}

    def joined(self, arrests):
        return arrests.join(self.deeper["inside"][0], on="person")

STORE = Store(TABLE)

def decorate(table):
    def around(function):
        @functools.wraps(function)
        def wrapper(arrests):
            return function(arrests).join(table, on="person")
        return wrapper
    return around

TEXT = "\\n".join(f"{person},{person % 13}" for person in range(1000))
PROSE = "SELECT what it says about a person FROM what everybody knows. " * 60

def in_a_text(arrests):
    return arrests, TEXT

def in_its_code(arrests):
    return arrests["person"][0] in {NUMBERS}

def with_prose(arrests):
    return arrests, PROSE

def in_a_global(arrests):
    return arrests.join(TABLE, on="person")

def in_a_long_mapping(arrests):
    return [CODES[str(each)] for each in arrests["person"]]

def through_a_helper(arrests):
    return in_a_global(arrests)

def deep_in_a_global(arrests):
    return STORE.joined(arrests)

def in_a_default(arrests, table=TABLE):
    return arrests.join(table, on="person")

@decorate(pl.DataFrame({"person": [0, 1], "priors": [4, 5]}))
def in_a_closure(arrests):
    return arrests

class Step:
    def __init__(self, table):
        self.table = table

    def __call__(self, arrests):
        return arrests.join(self.table, on="person")

of_an_object = Step(TABLE)

class scrubbed_first:
    def __init__(self, function, index):
        self.function, self.index = function, index

    def __call__(self, arrests):
        return self.function(ss.scrub(arrests, self.index, on={"arrest_number": "arrest_no"}))

def nothing(arrests):
    return arrests.select(pl.col("person").cast(SCHEMA["person"]))
"""
SOURCE = SOURCE.replace("NUMBERS", ", ".join(map(str, range(300))))
CARRYING = (
    "in_a_text",
    "in_its_code",
    "in_a_global",
    "in_a_long_mapping",
    "through_a_helper",
    "deep_in_a_global",
    "in_a_default",
    "in_a_closure",
    "of_an_object",
)


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A module that a fresh interpreter finds by its name."""
    (tmp_path / "carrying_features.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("carrying_features")
    sys.modules.pop("carrying_features", None)


@pytest.fixture
def by_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same module, which no other interpreter finds."""
    module = types.ModuleType("carrying_loaded")
    module.__file__ = str(tmp_path / "carrying_loaded.py")
    monkeypatch.setitem(sys.modules, "carrying_loaded", module)
    exec(compile(SOURCE, module.__file__, "exec"), vars(module))  # noqa: S102 - our own source
    return module


@pytest.mark.parametrize("name", CARRYING)
def test_data_is_found_alike_by_value_and_by_reference(name: str, imported: Any, by_value: Any) -> None:
    assert carried_data(getattr(imported, name)) == carried_data(getattr(by_value, name)) != []


def test_texts_that_may_be_data_are_named_alike(imported: Any, by_value: Any) -> None:
    assert carried_texts(imported.with_prose) == carried_texts(by_value.with_prose) == ["a long text"]
    assert carried_data(imported.with_prose) == carried_data(by_value.with_prose) == []


def test_functions_without_data_carry_none(imported: Any, by_value: Any) -> None:
    assert carried_data(imported.nothing) == carried_data(by_value.nothing) == []


@pytest.mark.thinned(together=0)
@pytest.mark.parametrize("way", ["imported", "by_value"])
@pytest.mark.parametrize("name", CARRYING)
def test_the_verdict_is_the_same(
    name: str, way: str, checked: Checked, index: Index, request: pytest.FixtureRequest
) -> None:
    module = request.getfixturevalue(way)
    scrubbed = module.scrubbed_first(getattr(module, name), index)

    assert checked(scrubbed).verdict is NullityVerdict.AMBIENT_INPUT


CELLS = """
import sealscrub as ss
from . import settings
from .settings import Kept, extra

LOOKED_UP = None
KEPT = Kept()

def closing(table):
    def build(arrests):
        return given(arrests) if table is None else given(arrests).join(table, on="person")
    return build

def through_a_default(arrests, table=None):
    return given(arrests) if table is None else given(arrests).join(table, on="person")

def through_a_global(arrests):
    return through_a_default(arrests, LOOKED_UP)

def through_a_module(arrests):
    return through_a_default(arrests, settings.TABLE)

def through_a_helper(arrests):
    return through_a_default(arrests, extra(arrests))

def through_an_object(arrests):
    return through_a_default(arrests, KEPT.parts["table"])

through_a_closure = closing(None)
"""
SETTINGS = """
TABLE = None

class Kept:
    def __init__(self):
        self.parts = {"table": None}

def extra(arrests):
    return None
"""


def change_a_global(cells: Any, table: Any) -> None:
    cells.LOOKED_UP = table


def change_a_module(cells: Any, table: Any) -> None:
    cells.settings.TABLE = table


def change_a_helper(cells: Any, table: Any) -> None:
    """A cell is run again, which defines the function anew; what has the old one by its name sees the new one."""
    cells.extra = lambda arrests: table


def change_an_object(cells: Any, table: Any) -> None:
    cells.KEPT.parts["table"] = table


def change_a_default(cells: Any, table: Any) -> None:
    cells.through_a_default.__defaults__ = (table,)


def change_a_closure(cells: Any, table: Any) -> None:
    cells.through_a_closure.__closure__[0].cell_contents = table


CHANGES: dict[str, Callable[[Any, Any], None]] = {
    "through_a_global": change_a_global,
    "through_a_module": change_a_module,
    "through_a_helper": change_a_helper,
    "through_an_object": change_an_object,
    "through_a_default": change_a_default,
    "through_a_closure": change_a_closure,
}


@pytest.fixture(params=["imported", "by_value"])
def cells(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: Index
) -> Iterator[Any]:
    """A package that a fresh interpreter finds, or does not find any more."""
    package = tmp_path / "carrying_notebook"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "cells.py").write_text(CELLS)
    (package / "settings.py").write_text(SETTINGS)
    with monkeypatch.context() as path:
        path.syspath_prepend(tmp_path)
        module: Any = importlib.import_module("carrying_notebook.cells")
        module.given = lambda arrests: module.ss.scrub(arrests, index, on=ON)
        if request.param == "by_value":
            path.undo()
        yield module
    for name in [name for name in sys.modules if name.partition(".")[0] == "carrying_notebook"]:
        del sys.modules[name]


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_between_two_checks_is_carried_by_the_second(
    name: str, cells: Any, arrests: pl.DataFrame, index: Index
) -> None:
    """As in a notebook: to and fro, since what a check remembers of another is wrong either way."""
    table = pl.DataFrame({"person": [0, 1], "priors": [4, 5]})

    def verdict() -> str:
        report = check_output_nullity(
            getattr(cells, name), arrests, index, ON, query=lambda built, probe: built, isolated=False, variants=()
        )
        return report.verdict.value

    assert (carried_data(getattr(cells, name)), verdict()) == ([], "PASS")
    CHANGES[name](cells, table)
    assert (carried_data(getattr(cells, name)) != [], verdict()) == (True, "AMBIENT_INPUT")
    CHANGES[name](cells, None)
    assert (carried_data(getattr(cells, name)), verdict()) == ([], "PASS")
