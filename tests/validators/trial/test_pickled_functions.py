"""What travels with a function by what it is: the modules that a fresh interpreter does not find."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cloudpickle
import pytest

from sealscrub.validators.trial.pickled_functions import modules_by_value, pickled


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of two modules on the path, of which one is loaded."""
    package = tmp_path / "made_project"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for name in ("features", "labels"):
        (package / f"{name}.py").write_text("def build(data):\n    return data\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield package
    for name in [name for name in sys.modules if name.partition(".")[0] == "made_project"]:
        del sys.modules[name]


def named(project: Path) -> list[str]:
    build = importlib.import_module(f"{project.name}.features").build
    return [each.__name__ for each in modules_by_value(build)]


def test_a_module_that_is_found_does_not_travel(project: Path) -> None:
    assert named(project) == []


@pytest.mark.parametrize("asked_before", [True, False])
def test_a_module_whose_file_is_gone_travels(project: Path, asked_before: bool) -> None:
    if asked_before:
        assert named(project) == []
    importlib.import_module(f"{project.name}.features")
    (project / "features.py").unlink()
    importlib.invalidate_caches()

    assert named(project) == [f"{project.name}.features"]


@pytest.mark.parametrize("asked_before", [True, False])
def test_a_module_that_the_path_does_not_reach_any_more_travels(
    project: Path, asked_before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if asked_before:
        assert named(project) == []
    importlib.import_module(f"{project.name}.features")
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each != str(project.parent)])

    assert set(named(project)) == {project.name, f"{project.name}.features"}


#: Reads a pickle on standard input, and says what is in it.
READ = "import pickle, sys; print(pickle.load(sys.stdin.buffer)['a'][0].told())"


@pytest.mark.parametrize("reached", [True, False])
def test_data_take_classes_along_that_a_fresh_interpreter_does_not_find(
    project: Path, reached: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of tests that pytest imports by their files, which no path leads to."""
    (project / "kinds.py").write_text(
        "def said():\n    return 'told'\nclass Kind:\n    def told(self):\n        return said()\n"
    )
    one = importlib.import_module(f"{project.name}.kinds").Kind()
    if not reached:
        monkeypatch.setattr(sys, "path", [each for each in sys.path if each != str(project.parent)])

    written = pickled({"a": [one, one]}, "the data")

    assert (project.name.encode() + b".kinds" in written and b"said" not in written) == reached
    assert cloudpickle.list_registry_pickle_by_value() == set()
    paths = os.pathsep.join(sys.path)
    told = subprocess.run(
        [sys.executable, "-c", READ],
        input=written,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        check=True,
    )
    assert told.stdout.split() == [b"told"]


class Asked:
    """A finder of nothing, which keeps what it was asked for."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def find_spec(self, name: str, *more: object) -> None:
        self.names.append(name)


@pytest.mark.parametrize("reached", [True, False])
def test_a_package_is_looked_for_once_however_many_modules_of_it_are_loaded(
    project: Path, reached: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in pytest, which loads every module of the tests by its file before the first check."""
    loaded = [project.name, *(f"{project.name}.{name}" for name in ("features", "labels"))]
    for name in loaded:
        importlib.import_module(name)
    if not reached:
        monkeypatch.setattr(sys, "path", [each for each in sys.path if each != str(project.parent)])
    asked = Asked()
    monkeypatch.setattr(sys, "meta_path", [asked, *sys.meta_path])

    assert set(named(project)) == (set() if reached else set(loaded))
    assert sorted(asked.names) == (loaded if reached else [project.name])
