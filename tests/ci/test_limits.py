"""A test that does not end fails, and the tests after it are run."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = """
import threading

def test_without_an_end():
    threading.Event().wait()

def test_after_it():
    pass
"""


def test_a_test_without_an_end_fails(tmp_path: Path) -> None:
    given = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert given["timeout"] > 0
    (tmp_path / "test_some.py").write_text(TESTS)
    options = [
        "-q",
        "-n",
        "1",
        "-p",
        "no:cacheprovider",
        "-o",
        "timeout=3",
        "-o",
        f"timeout_method={given['timeout_method']}",
    ]
    command = [sys.executable, "-m", "pytest", *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "1 failed, 1 passed" in done.stdout, done.stdout[-2000:]
    assert "threading.Event().wait()" in done.stdout
