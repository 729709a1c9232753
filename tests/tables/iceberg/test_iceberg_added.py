"""Files that were added from outside of a table's folder, with deletes that reach them; deletes by keys."""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq
import pytest
from pyiceberg.manifest import DataFileContent
from pyiceberg.table import Table
from pyiceberg.table.update import SetSnapshotRefUpdate

from sealscrub.errors import UnreadableInput, UsageError

from ...contracts.test_every_format import KEPT, ROWS, Row, as_text, table
from ...transforms.arrests import CLEAR, SEALED
from .lakehouse import (
    Lakehouse,
    commit_deletes,
    data_file,
    data_paths,
    delete_file,
    local,
    rows_of,
    scan,
    scrub,
    without_chance,
)
from .test_iceberg_commit import in_order, in_place
from .test_iceberg_purge import assert_alone, purged

GONE: Row = (CLEAR[7], 40, "deleted")


def added(lake: Lakehouse, name: str, *files: list[Row]) -> Table:
    """A table of files that lie next to its folder, the last row of each of which is deleted."""
    held = lake.create(name, table(ROWS).schema)
    for at, rows in enumerate(files):
        place = lake.warehouse / f"{name}-{at}.parquet"
        pq.write_table(table([*rows, GONE]), place)
        held.add_files([f"file://{place}"])
    paths = sorted(data_paths(held))
    return commit_deletes(
        held, *(delete_file(held, path, [len(rows)]) for path, rows in zip(paths, files, strict=True))
    )


def outside(lake: Lakehouse) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in lake.warehouse.glob("*.parquet")}


def test_they_are_scanned_and_written_as_if_the_sealed_rows_had_never_been(lake: Lakehouse) -> None:
    """Files, bounds and counts are those of the table without them."""
    found: list[Any] = []
    for name, rows in (("arrests", ROWS), ("others", KEPT)):
        added(lake, name, rows, KEPT)
        assert in_order(rows_of(lake.address(name))) == in_order(as_text([*rows, *KEPT]))
        assert [each.keys[0].sealed for each in scan(lake.address(name)).tables] == [len(rows) - len(KEPT)]
        scrub(lake.address(name), lake.address(f"clean_{name}"))
        found.append(without_chance(lake, f"clean_{name}"))
    assert found[0] == found[1]


def test_in_place_they_stay_where_they_are_and_are_told(lake: Lakehouse) -> None:
    """The rows are read from a file of the table; the file outside is found by its history, and never deleted."""
    held = added(lake, "arrests", ROWS, KEPT)
    before = outside(lake)
    in_place(lake.address("arrests"))
    assert in_order(rows_of(lake.address("arrests"))) == in_order(as_text([*KEPT, *KEPT]))
    assert held.refresh().scan().to_arrow().num_rows == 2 * len(KEPT)
    assert outside(lake) == before
    assert scan(lake.address("arrests")).clean
    assert not scan(lake.address("arrests"), history=True).clean
    with pytest.raises(UsageError, match="outside of its folder"):
        purged(lake)
    assert outside(lake) == before
    assert local(data_paths(held.refresh())[0]).exists()


def test_ids_that_only_equality_deletes_of_another_version_hold_are_found_and_purged(lake: Lakehouse) -> None:
    """Engines name the rows that they delete by keys; the version that is read has no such file."""
    held = lake.create("arrests", table(KEPT).schema, rows=table(KEPT))
    (first,) = held.snapshots()
    keys = table([(SEALED[0], 0, None)]).select(["arrest_no"])
    commit_deletes(held, data_file(held, keys, content=DataFileContent.EQUALITY_DELETES, equality_ids=[1]))
    for ask in (scan, in_place, lambda address: scan(address, history=True), lambda _: purged(lake)):
        with pytest.raises(UnreadableInput, match="not read: equality deletes"):
            ask(lake.address("arrests"))
    back = SetSnapshotRefUpdate(ref_name="main", type="branch", snapshot_id=first.snapshot_id)
    held._do_commit((back,), ())
    assert scan(lake.address("arrests")).clean
    assert not scan(lake.address("arrests"), history=True).clean
    purged(lake)
    assert_alone(lake, KEPT, [])
