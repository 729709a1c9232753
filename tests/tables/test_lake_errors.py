"""A mistake in this package's own code is not said to be one of the library that reads a lake table."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from sealscrub import tables

ROOT = Path(tables.__file__).parent
FILES = sorted([*(ROOT / "delta").glob("*.py"), *(ROOT / "iceberg").glob("*.py"), *ROOT.glob("lake_*.py")])


def _catches_all(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or (isinstance(handler.type, ast.Name) and handler.type.id == "Exception")


def _raises_own(handler: ast.ExceptHandler) -> bool:
    calls = (node.func for node in ast.walk(handler) if isinstance(node, ast.Call))
    return any(isinstance(function, ast.Name) and function.id == "raise_own" for function in calls)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_catches_every_error_raises_our_own(path: Path) -> None:
    """But for the questions to a catalog after an error, when what was written is taken back."""
    tree = ast.parse(path.read_text("utf-8"))
    asked = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "asked"]
    spared = {id(node) for function in asked for node in ast.walk(function)}
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and id(node) not in spared]
    assert [node.lineno for node in found if _catches_all(node) and not _raises_own(node)] == []
