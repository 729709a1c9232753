"""``scrub --in-place --purge-history`` asks, and where nobody can be asked it has to be told."""

from __future__ import annotations

import io
import os
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
    asked = " ".join(ended.err.split())
    assert "delta:t: the history would be deleted: 1 log entry, 1 data file (" in asked
    assert "Time travel ends" in asked
    assert (ended.code == 0) == (answer == "y\n")
    assert (held(lake) == before) == (answer != "y\n")


@pytest.mark.parametrize(
    ("days", "code"), [([], 3), (["--orphans-older-than", "0.5"], 3), (["--orphans-older-than", "0"], 0)]
)
def test_an_orphan_goes_by_its_age(lake: Path, sealscrub: Run, options: list[str], days: list[str], code: int) -> None:
    orphan = lake / "part-00000-5b1a4a2c-1111-4222-8333-444455556666-c000.snappy.parquet"
    pl.DataFrame({"arrest_no": [SEALED]}).write_parquet(orphan)
    os.utime(orphan, (2**33, 2**33))
    ended = sealscrub("scrub", "delta:t", *options, "--in-place", "--purge-history", "--yes", *days)
    assert (ended.code, orphan.exists()) == (code, code == 3)
    assert ("--orphans-older-than 0" in ended.err) == (code == 3)


@pytest.mark.parametrize(
    "given",
    [["--in-place", "--orphans-older-than", "3"], ["--in-place", "--purge-history", "--orphans-older-than", "-1"]],
)
def test_an_age_is_asked_for_orphans_of_a_purge_alone(
    lake: Path, sealscrub: Run, options: list[str], given: list[str]
) -> None:
    before = held(lake)
    ended = sealscrub("scrub", "delta:t", *options, *given)
    assert (ended.code, "--orphans-older-than" in ended.err, held(lake)) == (2, True, before)
