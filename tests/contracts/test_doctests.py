"""The examples in the docstrings of every module run."""

from __future__ import annotations

import doctest
import importlib
import re
from functools import cache
from pathlib import Path

import pytest

from .source_tree import module_files

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


SCOPE = re.compile(r"^( *)(?:(?:async )?def|class) (\w+)|^( *)>>> ", re.MULTILINE)


def written(source: str, module: str) -> list[str]:
    """Name what has an example, by its indentation: to import every module would take each worker seconds."""
    around: list[tuple[int, str]] = []
    found = set()
    for line in SCOPE.finditer(source):
        depth = len(line[1] if line[2] else line[3])
        around = [(begins, name) for begins, name in around if begins < depth]
        if line[2]:
            around.append((depth, line[2]))
        else:
            found.add(".".join([module, *(name for _, name in around)]))
    return sorted(found)


@cache
def examples_of(module: str) -> dict[str, doctest.DocTest]:
    found = doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(module), module)
    return {example.name: example for example in found if example.examples}


EXAMPLES = [
    (module, name) for module, file in module_files().items() for name in written(file.read_text("utf-8"), module)
]
LONG = {
    "sealscrub.custodian.linkage.splink_training.train",
    "sealscrub.validators.nullity.function_check.assert_nullity",
    "sealscrub.validators.output_nullity.service_check.assert_output_nullity",
    "sealscrub.validators.output_nullity.service_report.OutputNullityReport",
}
"""What trains, or checks in interpreters of its own as an example of the gate next to it does."""


def test_the_long_examples_are_there() -> None:
    assert {name for _, name in EXAMPLES} >= LONG


@pytest.mark.parametrize(
    ("module", "name"),
    [
        pytest.param(module, name, id=name, marks=[pytest.mark.long] if name in LONG else [])
        for module, name in EXAMPLES
    ],
)
def test_an_example_runs(module: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = examples_of(module)[name]
    monkeypatch.chdir(tmp_path)
    said: list[str] = []

    runner = doctest.DocTestRunner(optionflags=FLAGS)
    runner.run(example, out=said.append, clear_globs=False)

    assert not runner.failures, "".join(said)


def test_every_example_runs() -> None:
    assert [(module, name) for module in module_files() for name in sorted(examples_of(module))] == EXAMPLES


def test_there_are_examples_of_every_room() -> None:
    rooms = {part for _, name in EXAMPLES for part in name.split(".")[1:3]}

    assert rooms >= {"custodian", "datasets", "identifiers", "index", "law", "matching", "atomic_write", "transforms"}
    assert rooms >= {"aggregates", "custody", "registry"}
    assert "sealscrub" in {name for _, name in EXAMPLES}
