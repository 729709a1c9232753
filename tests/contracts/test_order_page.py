"""The page of the order names commands and tests that are there, in every row."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import typer

from sealscrub.cli.application import build

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "order-2023.md"
CELLS = [line.strip("| ").split(" | ") for line in PAGE.read_text("utf-8").splitlines() if re.match(r"\| \d", line)]
ROWS = [cells for cells in CELLS if len(cells) == 4]
TESTS = {cells[0]: cells[1] for cells in CELLS if len(cells) == 2}


def test_there_is_a_row_for_each_sentence() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, len(ROWS) + 1))
    assert len(ROWS) >= 14
    assert all(cell.strip() for row in ROWS for cell in row)
    assert list(TESTS) == [row[0] for row in ROWS]
    assert len(CELLS) == len(ROWS) + len(TESTS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_names_commands_and_tests_that_are_there(row: list[str]) -> None:
    commands, tests = (re.findall(r"`([^`]+)`", cell) for cell in (row[2], TESTS[row[0]]))

    assert commands
    assert tests
    for command in commands:
        group: Any = typer.main.get_command(build())
        for word in command.removeprefix("sealscrub ").split():
            assert word in getattr(group, "commands", {}), command
            group = group.commands[word]
    for test in tests:
        path, _, name = test.partition("::")
        found = ast.parse((ROOT / "tests" / path).read_text("utf-8")).body
        assert name in {each.name for each in found if isinstance(each, ast.FunctionDef)}, test


def test_it_says_that_the_order_was_vacated() -> None:
    page = PAGE.read_text("utf-8")

    assert "vacated on 4 June 2024" in page
    assert "in force" not in page
