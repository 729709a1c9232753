"""An error raised while another is handled is raised ``from None``: the other's text may hold values of rows."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from .source_tree import source_folder, tree_of


def chained(source: str) -> Iterator[int]:
    """Lines that raise a new error in an except block and let the one that is handled show."""
    if "except" not in source or "raise" not in source:
        return
    for handler in ast.walk(tree_of(source)):
        if isinstance(handler, ast.ExceptHandler):
            yield from (node.lineno for node in _raises(handler.body) if not _is_quiet(node, handler.name))


def _raises(body: list[ast.stmt]) -> Iterator[ast.Raise]:
    for node in body:
        if isinstance(node, ast.Raise):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = [child for child in ast.walk(node) if isinstance(child, ast.Raise)]
            yield from inner


def _is_quiet(node: ast.Raise, handled: str | None) -> bool:
    again = node.exc is None or (isinstance(node.exc, ast.Name) and node.exc.id == handled)
    nothing = isinstance(node.cause, ast.Constant) and node.cause.value is None
    return again or nothing


def test_no_error_carries_another() -> None:
    files = sorted(source_folder().rglob("*.py"))

    assert [f"{file.name}:{line}" for file in files for line in chained(file.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    ("raised", "lines"),
    [
        ("raise KeyError", [4]),
        ("raise KeyError('x') from error", [4]),
        ("if error:\n        raise KeyError", [5]),
        ("raise KeyError from None", []),
        ("raise", []),
        ("raise error", []),
    ],
)
def test_a_chain_is_found(raised: str, lines: list[int]) -> None:
    assert list(chained(f"try:\n    f()\nexcept ValueError as error:\n    {raised}\n")) == lines
