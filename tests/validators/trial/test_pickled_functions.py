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

from sealscrub.validators.trial.pickled_functions import pickled, pickled_function


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


def travels(project: Path) -> bool:
    """Whether a function of the project reaches another interpreter by what it is, and not by its name."""
    build = importlib.import_module(f"{project.name}.features").build
    written = pickled_function(build, None)
    assert cloudpickle.list_registry_pickle_by_value() == set()
    return b"_make_function" in written


def test_a_module_that_is_found_does_not_travel(project: Path) -> None:
    assert not travels(project)


@pytest.mark.parametrize("asked_before", [True, False])
def test_a_module_whose_file_is_gone_travels(project: Path, asked_before: bool) -> None:
    if asked_before:
        assert not travels(project)
    importlib.import_module(f"{project.name}.features")
    (project / "features.py").unlink()
    importlib.invalidate_caches()

    assert travels(project)


@pytest.mark.parametrize("asked_before", [True, False])
def test_a_module_that_the_path_does_not_reach_any_more_travels(
    project: Path, asked_before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if asked_before:
        assert not travels(project)
    importlib.import_module(f"{project.name}.features")
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each != str(project.parent)])

    assert travels(project)


NEAR = """
from typing import TypeVar
KIND = TypeVar("KIND")
class Kind:
    pass
def said():
    return "told"
"""
#: Ways in which a function uses another module of its package.
USES = {
    "a function": "from .near import said\ndef build(data):\n    return said()\n",
    "a class": "from .near import Kind\ndef build(data):\n    return Kind()\n",
    "a type variable": "from .near import KIND\ndef build(data):\n    return KIND\n",
    "a module": "from . import near\ndef build(data):\n    return near.said()\n",
}


@pytest.mark.parametrize("use", USES)
def test_what_a_function_uses_of_its_package_travels_with_it(
    project: Path, use: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "near.py").write_text(NEAR)
    (project / "features.py").write_text(USES[use])
    build = importlib.import_module(f"{project.name}.features").build
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each != str(project.parent)])

    written = pickled_function(build, None)

    assert cloudpickle.list_registry_pickle_by_value() == set()
    subprocess.run([sys.executable, "-c", CALLED], input=written, check=True, cwd=project)


#: Calls a function from its pickle on standard input.
CALLED = "import pickle, sys; pickle.load(sys.stdin.buffer)[0](None)"


def test_a_module_that_the_caller_registered_stays_registered(project: Path) -> None:
    module = importlib.import_module(f"{project.name}.features")
    (project / "features.py").unlink()
    importlib.invalidate_caches()
    cloudpickle.register_pickle_by_value(module)
    try:
        pickled_function(module.build, None)
        assert cloudpickle.list_registry_pickle_by_value() == {module.__name__}
    finally:
        cloudpickle.unregister_pickle_by_value(module)


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
def test_only_modules_that_a_function_uses_are_looked_for_and_a_package_once(
    project: Path, reached: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In pytest every module of the tests is loaded by its file before the first check."""
    (project / "features.py").write_text("from .near import said\ndef build(data):\n    return said()\n")
    (project / "near.py").write_text(NEAR)
    for name in ("features", "labels"):
        importlib.import_module(f"{project.name}.{name}")
    if not reached:
        monkeypatch.setattr(sys, "path", [each for each in sys.path if each != str(project.parent)])
    asked = Asked()
    monkeypatch.setattr(sys, "meta_path", [asked, *sys.meta_path])

    assert travels(project) is not reached
    assert asked.names == ([project.name, f"{project.name}.features"] if reached else [project.name])
