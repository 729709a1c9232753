"""A purge deletes nothing that another table, or a writer of this one, needs; a history is scanned wherever it is."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from pyiceberg.catalog import Catalog

import sealscrub as ss
from sealscrub.errors import SealscrubError, UnreadableInput, UsageError
from sealscrub.tables.changes import TableChange
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.iceberg.iceberg_catalog import local_path
from sealscrub.tables.iceberg.iceberg_purge import purge_iceberg
from sealscrub.tables.iceberg.iceberg_snapshot import IcebergSnapshot
from sealscrub.tables.iceberg.iceberg_table import IcebergTable

from ...contracts.test_every_format import KEPT, ROWS, as_text, table
from ...transforms.arrests import NULLS, ON, index
from .lakehouse import Lakehouse, rows_of, scan


def purged(lake: Lakehouse, name: str = "arrests") -> None:
    ss.scrub(lake.address(name), index(), ON, policy=NULLS, in_place=True, purge_history=True)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("how", ["writes there", "took a file"])
def test_files_of_another_table_of_the_catalog(lake: Lakehouse, how: str) -> None:
    lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    if how == "writes there":
        place = {"write.data.path": f"file://{lake.folder('arrests')}/data"}
        lake.create("other", table(KEPT).schema, rows=table(KEPT), properties=place)
    else:
        path = lake.folder("arrests") / "data" / "taken.parquet"
        pq.write_table(table(KEPT), path)
        lake.create("other", table(KEPT).schema).add_files([f"file://{path}"])
    before = files(lake.folder("arrests"))
    with pytest.raises(UsageError, match="another table of the catalog has files"):
        purged(lake)
    assert files(lake.folder("arrests")) == before
    assert len(lake.catalog.load_table("police.arrests").snapshots()) == 1
    assert rows_of(lake.address("other")) == as_text(KEPT)


def test_a_writer_that_has_not_committed_yet(lake: Lakehouse) -> None:
    """After a purge another one deletes its files, but not so that its commit would succeed."""
    lake.create("arrests", table(KEPT).schema, rows=table(KEPT))
    purged(lake)
    writer = lake.catalog.load_table("police.arrests").transaction()
    writer.append(table(KEPT[:1]))
    with contextlib.suppress(SealscrubError):
        purged(lake)
    with contextlib.suppress(Exception):
        writer.commit_transaction()
    assert rows_of(lake.address("arrests"))[: len(KEPT)] == as_text(KEPT)


def _swap(catalog: Catalog, lake: Lakehouse) -> None:
    catalog.rename_table("police.arrests", "police.renamed")
    made = catalog.create_table("police.arrests", table(KEPT).schema, location=f"file://{lake.folder('elsewhere')}")
    made.append(table(KEPT))
    made.append(table(KEPT))


def _tag(catalog: Catalog, lake: Lakehouse) -> None:
    held = catalog.load_table("police.arrests")
    held.manage_snapshots().create_tag(held.snapshots()[0].snapshot_id, "audit").commit()


@pytest.mark.parametrize("change", [_swap, _tag])
def test_what_changes_after_the_table_was_read(lake: Lakehouse, change: object) -> None:
    lake.create("arrests", table(KEPT).schema, rows=table(KEPT)).append(table(KEPT))
    snapshot = IcebergSnapshot.open(IcebergAddress.parse(lake.address("arrests")))
    held = IcebergTable(snapshot)
    change(lake.catalog, lake)  # type: ignore[operator]
    before = files(lake.warehouse)
    with pytest.raises(UnreadableInput, match="somebody else"):
        purge_iceberg(snapshot)
    with pytest.raises(UnreadableInput, match="changed meanwhile"):
        held.committed(TableChange(np.arange(held.rows) > 0))
    if change is _swap:
        with pytest.raises(UnreadableInput, match="another table has this name"):
            held.purged()
    assert files(lake.warehouse) == before
    assert len(lake.catalog.load_table("police.arrests").snapshots()) == 2


def test_a_history_outside_of_the_folder_is_scanned(lake: Lakehouse) -> None:
    """Where files went before the table was told another place, which no property names any more."""
    apart = {f"write.{kind}.path": f"file://{lake.warehouse}/apart/{kind}" for kind in ("data", "metadata")}
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS), properties=apart)
    with held.transaction() as change:
        change.remove_properties(*apart)
    held.overwrite(table(KEPT))
    assert scan(lake.address("arrests")).clean
    assert not scan(lake.address("arrests"), history=True).clean


def test_a_folder_whose_name_is_read_in_two_ways_is_refused() -> None:
    for name in ("a;2024", "a?b", "a#b"):
        with pytest.raises(UsageError, match="the name of a folder holds"):
            local_path(f"/warehouse/{name}", "arrests")
    assert local_path("file:///warehouse/a;2024", "arrests") == Path("/warehouse/a;2024")
