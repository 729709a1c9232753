"""``scrub --in-place --purge-history`` asks, and where nobody can be asked it has to be told."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import deltalake
import polars as pl
import pytest

from .conftest import SEALED, Ended

Run = Callable[..., Ended]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def lake(world: Path) -> Path:
    deltalake.write_deltalake(world / "t", pl.DataFrame({"arrest_no": ["M14000001", SEALED], "n": [1, 2]}))
    return world / "t"


def held(lake: Path) -> list[str]:
    return sorted(str(path.relative_to(lake)) for path in lake.rglob("*"))


def test_where_nobody_can_be_asked_nothing_is_deleted(lake: Path, sealscrub: Run, options: list[str]) -> None:
    before = held(lake)
    command = ["scrub", "delta:t", *options, "--in-place", "--purge-history"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.StringIO("y\n"))
        ended = sealscrub(*command)
    assert (ended.code, "--yes" in ended.err, held(lake)) == (2, True, before)
    ended = sealscrub(*command, "--dry-run")
    assert (ended.code, held(lake)) == (0, before)
    assert "would be deleted: 1 log entry, 1 data file" in " ".join(ended.out.split())
    ended = sealscrub(*command, "--yes")
    assert ended.code == 0
    assert "was deleted: 1 log entry, 1 data file" in " ".join(ended.out.split())
    assert not set(held(lake)) & {name for name in before if name != "_delta_log"}


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "y\n"])
def test_a_terminal_is_asked(lake: Path, sealscrub: Run, options: list[str], answer: str) -> None:
    before = held(lake)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", Terminal(answer))
        ended = sealscrub("scrub", "delta:t", *options, "--in-place", "--purge-history")
    assert "Time travel ends" in ended.err
    assert (ended.code == 0) == (answer == "y\n")
    assert (held(lake) == before) == (answer != "y\n")
