"""Files of a lake table that are damaged, cut or deleted while it is read: no error shows the id in their path."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from deltalake import write_deltalake

from sealscrub.cli import run
from sealscrub.datasets import example_index

from ..contracts.test_every_format import ROWS, table
from ..transforms.arrests import SEALED
from .iceberg.lakehouse import Lakehouse


def damaged(path: Path) -> None:
    held = path.read_bytes()
    path.write_bytes(held[:4] + b"\xff" * 56 + held[60:])


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


HOW = [damaged, cut, Path.unlink, folder]


class Tables:
    """A table in folders of ids, of either kind."""

    def __init__(self, kind: str, place: Path) -> None:
        self.kind, self.place = kind, place
        self.lake = Lakehouse(place)
        example_index(SEALED, folder=place)
        if kind == "delta":
            write_deltalake(place / "t", table(ROWS), partition_by=["arrest_no"])
        else:
            self.lake.create("arrests", table(ROWS).schema, rows=table(ROWS), by=["arrest_no"])
        self.folder = place / "t" if kind == "delta" else self.lake.folder("arrests") / "data"
        self.address = f"delta:{place / 't'}" if kind == "delta" else self.lake.address("arrests")
        shutil.copytree(self.folder, place / "whole")

    def again(self) -> None:
        if self.lake.catalog.table_exists("police.new"):
            self.lake.catalog.drop_table("police.new")
        for path in (self.folder, self.place / "new", self.lake.folder("new")):
            shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.place / "whole", self.folder)

    def spoil(self, how: Callable[[Path], object]) -> None:
        for path in sorted(self.folder.rglob("*=*/*.parquet")):
            how(path)

    def close(self) -> None:
        self.lake.close()


COMMANDS = [["scan"], ["scan", "--history"], ["scrub"], ["scrub", "--plan"]]
PLAN = """version = 1
use = "training"
[tables.arrests]
source = "{}"
keys = {{ arrest_number = "arrest_no" }}
[policy]
accept = ["null"]
"""


def ended(lake: Tables, command: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command; give what it said if it failed."""
    words = [*command, lake.address, "--on", "arrest_number=arrest_no", "--accept", "null"]
    if "--plan" in command:
        plan = lake.place / "sealscrub.toml"
        plan.write_text(PLAN.format("delta:t" if lake.kind == "delta" else lake.address), "utf-8")
        words = [*command, str(plan), "-o", f"{lake.place}/new"]
    words += ["--index", f"{lake.place}/example.sealindex", "--key-file", f"{lake.place}/example.key"]
    new = f"delta:{lake.place}/new" if lake.kind == "delta" else lake.lake.address("new")
    words += ["-o", new] if command == ["scrub"] else []
    code = run(words)
    said = " ".join(capsys.readouterr().err.split())
    return said if code == 3 else ""


@contextmanager
def at_call(number: int, change: Callable[[], object]) -> Iterator[list[int]]:
    """Do something at a call of a function of the room of tables."""
    seen = [0]

    def watched(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and "/sealscrub/tables/" in frame.f_code.co_filename:
            seen[0] += 1
            if seen[0] == number:
                sys.settrace(None)
                change()

    sys.settrace(watched)  # it is told of calls of Python functions alone, and a profile of every return too
    try:
        yield seen
    finally:
        sys.settrace(None)


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize("kind", ["delta", "iceberg"])
@pytest.mark.parametrize("how", HOW, ids=lambda how: how.__name__)
@pytest.mark.parametrize("command", COMMANDS, ids="".join)
def test_no_error_shows_an_id_of_a_path(
    command: list[str], kind: str, how: Callable[[Path], object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor is one unforeseen."""
    with closing(Tables(kind, tmp_path)) as lake:
        with at_call(0, int) as calls:
            assert not ended(lake, command, capsys)
        refused = 0
        for number in range(1, calls[0], calls[0] // 4):
            lake.again()
            with at_call(number, lambda: lake.spoil(how)):
                said = ended(lake, command, capsys)
            refused += bool(said)
            assert not [row[0] for row in ROWS if row[0] and row[0] in said]
            assert "unforeseen" not in said
            assert "operating system refused" not in said
            assert "Hint: " in said or not said or how is not Path.unlink
        assert refused
