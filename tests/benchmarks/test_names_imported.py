"""The benchmarks are no part of the test run: what they import from the library is still there."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

import benchmarks

FILES = sorted(Path(benchmarks.__path__[0]).glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_a_benchmark_imports_exists(file: Path) -> None:
    if file.stem == "expectations":
        pytest.importorskip("great_expectations")
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sealscrub"):
            module = import_module(str(node.module))
            missing = [name.name for name in node.names if not hasattr(module, name.name)]
            for name in missing:  # a module of its own
                import_module(f"{node.module}.{name}")
