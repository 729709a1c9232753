"""After the system has killed a run, at whichever step, the table is read and the next run does what is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LONG = [pytest.param(format, purge, 1, marks=pytest.mark.long) for format in ("delta", "iceberg") for purge in (0, 1)]


@pytest.mark.parametrize(("format", "purge", "every"), [("delta", 1, 9), ("iceberg", 1, 9), *LONG])
def test_a_table_is_whole_after_a_kill(tmp_path: Path, format: str, purge: int, every: int) -> None:
    """No row is lost or doubled, and after a purge none that was sealed is there."""
    code = "import pathlib; from tests.tables.killed_runs import main\n"
    code += f"main({format!r}, bool({purge}), pathlib.Path({str(tmp_path / 'made')!r}), {every})"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr[-3000:]
    assert int(said.stdout) >= 9  # it was killed at a step or more
