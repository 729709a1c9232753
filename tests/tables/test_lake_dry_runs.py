"""A dry run of a scrub in place ends as the run would, and a purge removes what is said next to files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import deltalake
import pytest

import sealscrub as ss
from sealscrub.errors import SealedElsewhere, SealscrubError

from ..contracts.test_every_format import KEPT, ROWS, Row, table
from ..transforms.arrests import NULLS, ON, SEALED, index
from .delta.hand_built import hand_built
from .delta.test_delta_table import written
from .iceberg.lakehouse import Lakehouse, commit_data, true_file
from .iceberg.test_iceberg_commit import made

COMMITS = [[KEPT, ROWS], [ROWS, KEPT]]


def earlier_delta(folder: Path, lake: Lakehouse, commits: list[list[Row]]) -> Any:
    return f"{written(folder / 't', commits)}@v0"


def loaded_delta(folder: Path, lake: Lakehouse, commits: list[list[Row]]) -> Any:
    written(folder / "t", commits[:1])
    held = deltalake.DeltaTable(folder / "t")
    written(folder / "t", commits[1:])
    return held


def loaded_iceberg(folder: Path, lake: Lakehouse, commits: list[list[Row]]) -> Any:
    held = made(lake, commits[:1])
    lake.catalog.load_table("police.arrests").append(table(commits[1]))
    return held


def partitioned(folder: Path, lake: Lakehouse, commits: list[list[Row]]) -> Any:
    return written(folder / "t", commits, partition_by=["arrest_no"])


def appended_only(folder: Path, lake: Lakehouse, commits: list[list[Row]]) -> Any:
    return hand_built(folder / "t", commits, properties={"delta.appendOnly": "true"})


def newest_delta(folder: Path, lake: Lakehouse, commits: list[list[Row]]) -> Any:
    return f"{written(folder / 't', commits)}@v1"


def newest_iceberg(folder: Path, lake: Lakehouse, commits: list[list[Row]]) -> Any:
    return made(lake, commits)


MADE = [earlier_delta, loaded_delta, loaded_iceberg, partitioned, appended_only, newest_delta, newest_iceberg]


@pytest.fixture
def lake(tmp_path: Path) -> Any:
    house = Lakehouse(tmp_path)
    yield house
    house.close()


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize("purge", [False, True])
@pytest.mark.parametrize("commits", COMMITS, ids=["newer", "older"])
@pytest.mark.parametrize("make", MADE)
def test_a_dry_run_ends_as_the_run(
    tmp_path: Path, lake: Lakehouse, make: Callable[..., Any], commits: list[list[Row]], purge: bool
) -> None:
    data = make(tmp_path, lake, commits)
    ended = []
    for dry in (True, False):
        try:
            ss.scrub(data, index(), ON, policy=NULLS, in_place=True, purge_history=purge, dry_run=dry)
            ended.append(("", ""))
        except SealscrubError as error:
            ended.append((type(error).__name__, error.message))
    assert ended[0] == ended[1]
    assert bool(ended[0][0]) is (make not in (newest_delta, newest_iceberg))


@pytest.mark.parametrize("kind", ["delta", "iceberg"])
@pytest.mark.parametrize("before", ["no row", "rows", "purged"])
def test_a_dry_run_counts_what_the_run_deletes(tmp_path: Path, lake: Lakehouse, kind: str, before: str) -> None:
    """Also if that is nothing: the table was never written, or is purged."""
    rows: list[list[Row]] = [] if before == "no row" else [ROWS, KEPT]
    made(lake, rows)
    address = written(tmp_path / "t", rows or [[]]) if kind == "delta" else lake.address("arrests")

    def said(**how: Any) -> str:
        report = ss.scrub(address, index(), ON, policy=NULLS, in_place=True, purge_history=True, **how)
        (note,) = (note for table in report.tables for note in table.notes if note.startswith("the history "))
        return note.split(": ")[1].split("; ")[0]

    if before == "purged":
        said()
    would, was = said(dry_run=True), said()
    assert would == was
    assert was.startswith("no file") is (before == "purged" or (kind, before) == ("iceberg", "no row"))


def delta_of_wrong_bounds(folder: Path, lake: Lakehouse) -> str:
    address = hand_built(folder / "t", [KEPT])
    log = folder / "t" / "_delta_log" / f"{0:020}.json"
    *first, add = map(json.loads, log.read_text().splitlines())
    said = {"numRecords": len(KEPT), "minValues": {"arrest_no": SEALED[0]}, "maxValues": {"arrest_no": SEALED[1]}}
    add["add"]["stats"] = json.dumps(said)
    log.write_text("".join(json.dumps(each) + "\n" for each in (*first, add)))
    return address


def iceberg_of_wrong_bounds(folder: Path, lake: Lakehouse) -> str:
    held = made(lake, [])
    number = held.schema().find_field("arrest_no").field_id
    bounds = {"lower_bounds": {number: SEALED[0].encode()}, "upper_bounds": {number: SEALED[1].encode()}}
    commit_data(held, true_file(held, table(KEPT), **bounds))
    return lake.address("arrests")


@pytest.mark.parametrize("make", [delta_of_wrong_bounds, iceberg_of_wrong_bounds])
def test_bounds_that_no_row_has_are_removed_by_a_purge(
    tmp_path: Path, lake: Lakehouse, make: Callable[..., str]
) -> None:
    """They are found by a scan of the history, whose hint names what removes them."""
    address = make(tmp_path, lake)
    report = ss.scan(address, index(), ON, policy=NULLS, history=True)
    assert not report.clean
    said = " ".join(report.to_text().split())
    assert "a scrub removes it" not in said
    assert "delete the history" in said
    ss.scrub(address, index(), ON, policy=NULLS, in_place=True, purge_history=True, orphans_older_than=0)
    assert ss.scan(address, index(), ON, policy=NULLS, history=True).clean


def test_a_description_is_not_removed_in_place(tmp_path: Path) -> None:
    """And the hint does not say so; a new table is without it."""
    address = hand_built(tmp_path / "t", [ROWS], description=f"without {SEALED[0]}")
    with pytest.raises(SealedElsewhere) as caught:
        ss.scrub(address, index(), ON, policy=NULLS, in_place=True)
    assert "with its own engine" in caught.value.hint
    ss.scrub(address, index(), ON, policy=NULLS, output=f"delta:{tmp_path / 'new'}")
    assert ss.scan(f"delta:{tmp_path / 'new'}", index(), ON, policy=NULLS, history=True).clean
