"""Runs in lakes that the system ends at a step, each in a process forked from one that has only imported."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import sealscrub as ss

from ..contracts.test_every_format import KEPT, ROWS, Row, as_text
from ..transforms.arrests import CLEAR, NULLS, ON, SEALED, index
from .delta import test_delta_purge as delta
from .delta.test_delta_table import rows_of, written
from .iceberg import lakehouse
from .iceberg import test_iceberg_purge as iceberg

OTHERS: list[Row] = [(CLEAR[5], 40, "another file")]
OLD, NEW = ([*rows, *OTHERS, *rows] for rows in (ROWS, KEPT))


def made(format: str, place: Path) -> None:
    """A table of three files, two of which hold sealed rows."""
    place.mkdir()
    if format == "delta":
        written(place / "t", [ROWS, OTHERS, ROWS])
        return
    lake = lakehouse.Lakehouse(place)
    iceberg.made(lake, [ROWS, OTHERS, ROWS])
    lake.close()


def run(format: str, place: Path, *, purge: bool, killed: int = sys.maxsize) -> None:
    """Scrub it in place, unless the system kills the process before a step."""

    def end(step: int) -> None:
        if step == killed:
            os.kill(os.getpid(), signal.SIGKILL)

    options: dict[str, Any] = {"policy": NULLS, "in_place": True, "purge_history": purge}
    if purge:
        options |= {"orphans_older_than": 0}
    if format == "delta":
        with delta.killed_at(sys.maxsize, end):
            ss.scrub(f"delta:{place / 't'}", index(), ON, **options)
        return
    lake = lakehouse.Lakehouse(place)
    with iceberg.killed_at(sys.maxsize, end):
        ss.scrub(lake.address("arrests"), index(), ON, **options)


def check(format: str, place: Path, *, purge: bool, ended: bool) -> None:
    """See that the table is the old one or the new one, and that the next run does what is left to do."""
    held = _rows(format, place)
    assert held == _sorted(NEW) or (not ended and held == _sorted(OLD)), held
    run(format, place, purge=purge)
    assert _rows(format, place) == _sorted(NEW)
    if purge:
        folder = place / "t" if format == "delta" else place / "warehouse"
        said = delta.texts(folder) if format == "delta" else " ".join(lakehouse.texts_of(folder).values())
        assert [key for key in SEALED if key in said] == []


def _rows(format: str, place: Path) -> list[tuple[object, ...]]:
    if format == "delta":
        return rows_of(place / "t")
    lake = lakehouse.Lakehouse(place)
    held = lake.catalog.load_table("police.arrests").scan().to_arrow()
    return _sorted([tuple(row.values()) for row in held.to_pylist()])


def _sorted(rows: Any) -> list[tuple[object, ...]]:
    return sorted(as_text(rows), key=str)


def forked(work: Callable[[], object]) -> int:
    """Do something in a process of its own; give how it ended."""
    process = os.fork()
    if process == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def main(format: str, purge: bool, place: Path, every: int) -> None:
    kept = place.with_name("kept")
    assert forked(partial(made, format, place)) == 0
    place.rename(kept)
    for step in itertools.count(0, every):
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(kept, place)  # in the same place, which its metadata names
        ended = forked(partial(run, format, place, purge=purge, killed=step))
        assert ended in (0, -signal.SIGKILL)
        assert forked(partial(check, format, place, purge=purge, ended=not ended)) == 0, step
        if not ended:
            print(step)
            return
