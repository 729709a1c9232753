"""A small world for the commands: keys, a registry, an index and a few files."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from sealscrub.cli import run
from sealscrub.datasets import example_index

SEALED, WITHHELD, NEAR = "K14612345", "M14000099", "K146I2345"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    example_index([SEALED], withheld=[WITHHELD], folder=folder)
    (folder / "example.key.state").unlink(missing_ok=True)
    rows = [f"M14{at:06d},{at}" for at in range(1, 60)]
    for name, more in (("clean", []), ("found", [SEALED]), ("withheld", [WITHHELD]), ("doubtful", [NEAR])):
        lines = ["arrest_no,n", *rows, *(f"{number},0" for number in more)]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    both = (folder / "found.csv").read_text() + f"{NEAR},0\n"
    (folder / "found_and_doubtful.csv").write_text(both)
    (folder / "header_only.csv").write_text("arrest_no,n\n")
    (folder / "without_keys.csv").write_text("arrest_no,n\n,1\nNONE,2\n")
    (folder / "notices.csv").write_text(
        "seal_id,event,regime,effective_from,notified_on,basis,arrest_number\n"
        f"S1,sealed,us-ny/cpl-160.50,2015-03-02,2015-04-01,notice,{SEALED}\n"
    )
    return folder


@pytest.fixture
def world(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh copy of the folder, which is the current one."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sealscrub() -> Callable[..., Ended]:
    """Run a command in this process."""

    def call(*words: object) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run([str(word) for word in words])
        return Ended(code, out.getvalue(), err.getvalue())

    return call


@pytest.fixture
def options() -> list[str]:
    return ["--index", "example.sealindex", "--key-file", "example.key", "--on", "arrest_number=arrest_no"]
