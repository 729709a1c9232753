"""What somebody else does to a Delta table while it is purged stops the purge, at whichever step it comes."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import deltalake
import pyarrow.parquet as pq
import pytest
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction

from sealscrub.errors import UnreadableInput
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.delta.delta_purge import purge_delta
from sealscrub.tables.delta.delta_snapshot import DeltaSnapshot

from ...contracts.test_every_format import KEPT, ROWS, Row, table
from ..other_writers import LATE, at
from .test_delta_commit import in_place
from .test_delta_purge import assert_alone, purged
from .test_delta_table import expected, files, rows_of, written

NEW = "part-00000-11111111-2222-4333-8444-555555555555-c000.snappy.parquet"
PURGE, COMMIT, TABLE = (f"sealscrub.tables.delta.delta_{name}" for name in ("purge", "commit", "table"))
STEPS = (
    (TABLE, "commit_delta", False),
    (COMMIT, "commit_actions", False),
    (TABLE, "commit_delta", True),
    (PURGE, "leftovers", True),
    (PURGE, "_commit_nothing", False),
    (PURGE, "_commit_nothing", True),
)


@pytest.mark.parametrize("rows", [ROWS, KEPT], ids=["sealed", "clean"])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step[1]}{'-after' * step[2]}")
def test_a_table_that_is_made_anew_in_its_place_stays_as_it_is(
    tmp_path: Path, step: tuple[str, str, bool], rows: list[Row]
) -> None:
    """Though its version has the same number."""
    folder, other = tmp_path / "t", tmp_path / "other"
    written(folder, [rows])
    happened: list[dict[str, bytes]] = []

    def meanwhile() -> None:
        version = deltalake.DeltaTable(folder).version()
        written(other, [LATE] * (version + 1))
        shutil.rmtree(folder)
        other.rename(folder)
        happened.append(files(folder))

    with pytest.MonkeyPatch.context() as patch:
        at(step, meanwhile, patch)
        if rows is KEPT and step[1] == "commit_actions":
            at((PURGE, "commit_actions", False), meanwhile, patch)
        with pytest.raises(UnreadableInput, match=r"changed|somebody else|cannot be read"):
            purged(folder)
    assert files(folder) == happened[0]


def test_a_table_that_is_made_anew_right_before_the_commit_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last look and the entry of the log."""
    folder, real = tmp_path / "t", os.link
    written(folder, [ROWS])

    def link(*given: Any) -> None:
        if given[1].parent == folder:  # a file of data
            real(*given)
            return
        (part,) = (folder / "_delta_log").glob(".*.part")
        held = part.read_bytes()
        shutil.rmtree(folder)
        written(folder, [LATE])
        part.write_bytes(held)
        real(*given)

    monkeypatch.setattr(os, "link", link)
    with pytest.raises(UnreadableInput, match="changed meanwhile"):
        in_place(folder)
    assert rows_of(folder) == expected(LATE)
    assert deltalake.DeltaTable(folder).version() == 0


@pytest.mark.parametrize("alone", [False, True])
def test_files_that_wait_for_their_commit_are_not_committed_afterwards(tmp_path: Path, alone: bool) -> None:
    folder = tmp_path / "t"
    written(folder, [KEPT])
    if alone:
        purged(folder)
    writer = deltalake.DeltaTable(folder)
    pq.write_table(table(LATE), folder / NEW)
    size = (folder / NEW).stat().st_size
    purged(folder)
    action = AddAction(NEW, size, {}, 1000, True, json.dumps({"numRecords": 1}))
    with pytest.raises(DeltaError):
        writer.create_write_transaction([action], "append", writer.schema())
    assert_alone(folder, KEPT)


def test_a_file_written_meanwhile_stops_it_again(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    written(folder, [KEPT])
    purged(folder)
    pq.write_table(table(KEPT), folder / NEW.replace("00000-", "00001-"))
    snapshot = DeltaSnapshot.open(DeltaAddress(folder))
    with pytest.MonkeyPatch.context() as patch:
        at((PURGE, "_commit_nothing", False), lambda: pq.write_table(table(KEPT), folder / NEW), patch)
        with pytest.raises(UnreadableInput, match="somebody else"):
            purge_delta(snapshot, snapshot.head)
    assert (folder / NEW).exists()
