"""What somebody else does to an Iceberg table while it is purged stops the purge, at whichever step it comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.table import Table

from sealscrub.errors import UnreadableInput, UsageError

from ...contracts.test_every_format import KEPT, ROWS, Row, as_text, table
from ..other_writers import LATE, at
from .lakehouse import Lakehouse, rows_of
from .test_iceberg_commit import in_order, made
from .test_iceberg_purge import assert_alone, purge_alone, purged, widened

NEW = "00000-0-11111111-2222-4333-8444-555555555555.parquet"
PURGE, TABLE = "sealscrub.tables.iceberg.iceberg_purge", "sealscrub.tables.iceberg.iceberg_table"


def swapped(lake: Lakehouse) -> None:
    """The table gets another name, and another table gets its own."""
    lake.catalog.rename_table("police.arrests", "police.renamed")
    other = lake.catalog.create_table(
        "police.arrests", table(KEPT).schema, location=f"file://{lake.warehouse}/police/place"
    )
    other.append(table(KEPT))
    other.overwrite(table(LATE))


def made_anew(lake: Lakehouse) -> None:
    lake.catalog.drop_table("police.arrests")
    lake.catalog.create_table("police.arrests", table(KEPT).schema).append(table(LATE))


def tagged(lake: Lakehouse) -> None:
    held = lake.catalog.load_table("police.arrests")
    held.manage_snapshots().create_tag(held.current_snapshot().snapshot_id, "audit").commit()  # type: ignore[union-attr]


def branched(lake: Lakehouse) -> None:
    held = lake.catalog.load_table("police.arrests")
    held.manage_snapshots().create_branch(held.current_snapshot().snapshot_id, "audit").commit()  # type: ignore[union-attr]
    lake.catalog.load_table("police.arrests").append(table(LATE), branch="audit")


STEPS = (  # where it comes: before or after the call of a function
    (TABLE, "commit_iceberg", False),
    (TABLE, "commit_iceberg", True),
    (PURGE, "refuse_purge", True),
    (PURGE, "leftovers", True),
    (PURGE, "_commit_alone", False),
    (PURGE, "_commit_alone", True),
)


def every_version(held: Table) -> list[list[Any]]:
    """The rows of every version that a table has, branches and tags among them."""
    return [
        in_order(held.scan(snapshot_id=each.snapshot_id).to_arrow().to_pylist()) for each in held.metadata.snapshots
    ]


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("rows", [ROWS, KEPT], ids=["sealed", "clean"])
@pytest.mark.parametrize("again", [False, True], ids=["", "again"])
@pytest.mark.parametrize("change", [swapped, made_anew, tagged, branched])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step[1]}{'-after' * step[2]}")
def test_another_table_or_version_in_its_place_stops_it(
    lake: Lakehouse,
    step: tuple[str, str, bool],
    change: Callable[[Lakehouse], None],
    again: bool,
    rows: list[Row],
    version: str,
) -> None:
    """And all that anybody can read of either table afterwards was readable before."""
    made(lake, [rows], properties={"format-version": version})
    if again:
        purged(lake)
        pq.write_table(table(KEPT), lake.folder("arrests") / "data" / NEW)
    happened: list[dict[str, Any]] = []

    def meanwhile() -> None:
        change(lake)
        names = [name for _, name in lake.catalog.list_tables("police")]
        happened.append({name: every_version(lake.catalog.load_table(f"police.{name}")) for name in names})

    with pytest.MonkeyPatch.context() as patch:
        at(step, meanwhile, patch)
        with pytest.raises((UnreadableInput, UsageError), match=r"changed meanwhile|somebody else|another table|keep"):
            purged(lake)
    (before,) = happened
    for name, versions in before.items():
        now = every_version(lake.catalog.load_table(f"police.{name}"))
        assert [each for each in versions if each not in now] == []


@pytest.mark.parametrize("alone", [False, True])
def test_files_that_wait_for_their_commit_are_not_committed_afterwards(lake: Lakehouse, alone: bool) -> None:
    """A writer whose files are deleted cannot commit them; one that comes again can."""
    held = made(lake, [KEPT])
    if alone:
        purged(lake)
    transaction = held.refresh().transaction()
    transaction.append(table(LATE))
    purged(lake)
    with pytest.raises((CommitFailedException, ValidationException)):
        transaction.commit_transaction()
    assert_alone(lake, KEPT, [])


def test_a_file_written_meanwhile_stops_it_again(lake: Lakehouse) -> None:
    made(lake, [KEPT])
    purged(lake)
    place = lake.folder("arrests") / "data" / NEW
    pq.write_table(table(KEPT), place.with_name(f"0{NEW}"))
    with pytest.MonkeyPatch.context() as patch:
        at((PURGE, "_commit_alone", False), lambda: pq.write_table(table(KEPT), place), patch)
        with pytest.raises(UnreadableInput, match="somebody else"):
            purge_alone(lake)
    assert place.exists()


def test_a_table_of_the_same_state_is_another_one(lake: Lakehouse) -> None:
    """Of two tables without rows nothing but the id says which is which, between the last look and the commit."""
    made(lake, [])
    real = SqlCatalog.commit_table

    def commit(catalog: SqlCatalog, *given: Any) -> Any:
        patch.undo()
        lake.catalog.rename_table("police.arrests", "police.renamed")
        lake.catalog.create_table("police.arrests", table(KEPT).schema)
        return real(catalog, *given)

    with pytest.MonkeyPatch.context() as patch:
        held = lake.catalog.load_table("police.arrests")
        with held.transaction() as change:
            change.set_properties(comment="of a year")
        patch.setattr(SqlCatalog, "commit_table", commit)
        with pytest.raises(UnreadableInput, match="changed meanwhile"):
            purge_alone(lake)
    assert lake.catalog.load_table("police.arrests").current_snapshot() is None


def test_what_was_committed_right_before_is_seen_after(lake: Lakehouse) -> None:
    """A property that was set between the last look and the commit: nothing is deleted."""
    made(lake, [ROWS])
    real, held = SqlCatalog.commit_table, lake.catalog.load_table("police.arrests")

    def commit(catalog: SqlCatalog, *given: Any) -> Any:
        patch.undo()
        with held.transaction() as change:
            change.set_properties(owner="city")
        return real(catalog, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SqlCatalog, "commit_table", commit)
        with pytest.raises(UnreadableInput, match="somebody else"):
            purged(lake)
    assert len(lake.catalog.load_table("police.arrests").snapshots()) > 1
    assert in_order(rows_of(lake.address("arrests"))) == in_order(as_text(KEPT))


def test_a_schema_that_was_dropped_is_expired_though_no_file_is_left_to_delete(lake: Lakehouse) -> None:
    held = made(lake, [KEPT])
    purged(lake)
    widened(lake, held.refresh())
    for path in (lake.folder("arrests") / "metadata").glob("*.metadata.json"):
        if path.name != held.metadata_location.rpartition("/")[2]:
            path.unlink()
    purged(lake)
    assert_alone(lake, KEPT, [])
