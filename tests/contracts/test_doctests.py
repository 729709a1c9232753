"""The examples in the docstrings of every module run."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from .source_tree import module_names

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def examples() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [test for name in module_names() for test in finder.find(importlib.import_module(name), name)]
    return [test for test in found if test.examples]


EXAMPLES = examples()
LONG = {
    "sealscrub.custodian.linkage.splink_training.train",
    "sealscrub.validators.nullity.function_check.assert_nullity",
    "sealscrub.validators.output_nullity.service_check.assert_output_nullity",
    "sealscrub.validators.output_nullity.service_report.OutputNullityReport",
}
"""What trains, or checks in interpreters of its own as an example of the gate next to it does."""


def test_the_long_examples_are_there() -> None:
    assert {example.name for example in EXAMPLES} >= LONG


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(example, id=example.name, marks=[pytest.mark.long] if example.name in LONG else [])
        for example in EXAMPLES
    ],
)
def test_an_example_runs(example: doctest.DocTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said: list[str] = []

    runner = doctest.DocTestRunner(optionflags=FLAGS)
    runner.run(example, out=said.append, clear_globs=False)

    assert not runner.failures, "".join(said)


def test_there_are_examples_of_every_room() -> None:
    rooms = {part for example in EXAMPLES for part in example.name.split(".")[1:3]}

    assert rooms >= {"custodian", "datasets", "identifiers", "index", "law", "matching", "atomic_write", "transforms"}
    assert rooms >= {"aggregates", "custody", "registry"}
    assert "sealscrub" in {example.name for example in EXAMPLES}
