"""A purge deletes what an Iceberg table names and what its writers left, and nothing that is somebody else's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyiceberg.table.update import SetLocationUpdate

from sealscrub.errors import UsageError

from ...contracts.test_every_format import KEPT, ROWS, table
from ...transforms.arrests import SEALED
from .lakehouse import Lakehouse, data_paths, local, rows_of
from .test_iceberg_commit import as_they_are, in_order, made
from .test_iceberg_purge import DRAWN, assert_alone, counted, purged

HIVE = "data/borough=BRONX"


def refused(lake: Lakehouse, match: str, name: str = "arrests") -> None:
    """Beforehand, in the dry run as well, without a change, and without an id in the message."""
    before = as_they_are(lake.warehouse)
    for dry in (True, False):
        with pytest.raises(UsageError, match=match) as caught:
            purged(lake, name, dry_run=dry)
        assert not [key for key in SEALED if key in str(caught.value)]
    assert as_they_are(lake.warehouse) == before


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lakehouse]:
    """With a table that every test finds as it was made, since it is refused."""
    lake = Lakehouse(tmp_path_factory.mktemp("strangers"), "strangers")
    made(lake, [ROWS])
    yield lake
    lake.close()


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("docs/socrata.metadata.json", ".metadata.json"),
        ("docs/x.stats", "docs/x.stats"),
        ("docs/model.orc", "docs/model.orc"),
        ("data/model.parquet", "data/model.parquet"),
        (f"data/docs/{DRAWN}.parquet", "not known"),
        (f"other/data/{DRAWN}.parquet", "not known"),
        (f"{DRAWN}.parquet", "not known"),
        (f"data/export-{DRAWN}.parquet", "not known"),
        ("metadata/mine.avro", "metadata/mine.avro"),
        ("metadata/copy/snap-1-0-" + DRAWN + ".avro", "not known"),
        ("metadata/notes.parquet", "metadata/notes.parquet"),
        (f"{HIVE}/{SEALED[0]}.parquet", "1 file .* not known as of an Iceberg table"),
        ("data/.model.parquet.crc", "not known"),
        ("data/.crc", "not known"),
    ],
)
def test_what_no_version_names_and_no_writer_puts_there_is_refused(
    warehouse: Lakehouse, place: str, shown: str
) -> None:
    path = warehouse.folder("arrests") / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{")
    try:
        refused(warehouse, shown)
    finally:
        path.unlink()


def test_without_them_it_is_purged(lake: Lakehouse) -> None:
    """Also of the empty folder that one was in."""
    made(lake, [ROWS])
    (lake.folder("arrests") / "docs").mkdir()
    purged(lake)
    assert_alone(lake, KEPT, [])


def test_orphans_are_named_apart(lake: Lakehouse) -> None:
    made(lake, [ROWS])
    for name in (f"{HIVE}/00000-0-{DRAWN}-00001.parquet", f"data/0101/0011/0101/00000-0-{DRAWN}.parquet"):
        (lake.folder("arrests") / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table(ROWS), lake.folder("arrests") / name)
    said = " ".join(purged(lake, dry_run=True).to_text().split())
    assert "1 data file, 2 orphaned data files" in said
    said = " ".join(purged(lake).to_text().split())
    assert "1 data file, 2 orphaned data files" in said
    assert_alone(lake, KEPT, [])


def places_of(lake: Lakehouse) -> dict[str, Any]:
    return {"write.data.path": f"file://{lake.folder('arrests')}/data"}


def puts_files_there(lake: Lakehouse) -> None:
    lake.create("other", table(KEPT).schema, rows=table(KEPT), properties=places_of(lake))


def will_put_files_there(lake: Lakehouse) -> None:
    lake.create("other", table(KEPT).schema, properties=places_of(lake))


def took_a_file(lake: Lakehouse, name: str = f"00000-0-{DRAWN}") -> None:
    place = lake.folder("arrests") / "data" / f"{name}.parquet"
    pq.write_table(table(KEPT), place)
    lake.create("other", table(KEPT).schema).add_files([f"file://{place}"])


def took_a_file_of_another_name(lake: Lakehouse) -> None:
    took_a_file(lake, "extern")


def took_a_file_of_the_table(lake: Lakehouse) -> None:
    """And has it in an earlier version only; in a namespace below another one."""
    lake.catalog.create_namespace("city.police")
    other = lake.catalog.create_table("city.police.other", table(KEPT).schema)
    other.add_files(data_paths(lake.catalog.load_table("police.arrests")))
    other.overwrite(table(KEPT))


def moved_away(lake: Lakehouse) -> None:
    other = lake.create(
        "other", table(KEPT).schema, rows=table(KEPT), location=f"file://{lake.folder('arrests')}/data/x"
    )
    other._do_commit((SetLocationUpdate(location=f"file://{lake.warehouse}/police/other"),), ())


def registered(lake: Lakehouse) -> None:
    held = lake.catalog.load_table("police.arrests")
    lake.catalog.register_table("police.other", held.metadata_location)


@pytest.mark.parametrize(
    "other",
    [
        *(puts_files_there, will_put_files_there, took_a_file, took_a_file_of_another_name, took_a_file_of_the_table),
        *(moved_away, registered),
    ],
)
def test_files_that_another_table_uses_stay(lake: Lakehouse, other: Callable[[Lakehouse], None]) -> None:
    made(lake, [ROWS])
    other(lake)
    refused(lake, "another table")


def test_a_table_that_cannot_be_read_may_use_files(lake: Lakehouse) -> None:
    """One whose metadata file is gone cannot."""
    made(lake, [ROWS])
    other = lake.create("other", table(KEPT).schema, rows=table(KEPT))
    place = Path(other.metadata_location.removeprefix("file://"))
    place.write_text("{}")
    refused(lake, "a table of the catalog cannot be read, and may use files of the folder: other")
    place.unlink()
    purged(lake)
    assert_alone(lake, KEPT, [])


@pytest.mark.parametrize("change", ["without", "cut off"])
def test_a_table_below_without_an_id_is_refused(lake: Lakehouse, change: str) -> None:
    """That of version 1 need not have one."""
    made(lake, [ROWS])
    place = f"file://{lake.folder('arrests')}/sub"
    lake.create("nested", table(KEPT).schema, location=place, properties={"format-version": "1"}, rows=table(KEPT))
    for path in (lake.folder("arrests") / "sub").rglob("*.metadata.json"):
        document = json.loads(path.read_text())
        document.pop("table-uuid")
        path.write_text(json.dumps(document)[: None if change == "without" else -20])
    lake.catalog.drop_table("police.nested")
    refused(lake, "another table" if change == "without" else "not known as of an Iceberg table")


@pytest.mark.parametrize("sign", [";", "?", "#", "%20", "=&+", "ä"])
def test_signs_in_the_name_of_a_folder_are_its_own(lake: Lakehouse, sign: str) -> None:
    """A location without a scheme is a path; the folder whose name ends before the sign is a neighbour."""
    neighbour = lake.warehouse / "police" / "place"
    neighbour.mkdir(parents=True)
    pq.write_table(table(KEPT), neighbour / "mine.parquet")
    held = made(lake, [ROWS], location=f"{neighbour}{sign}2024")
    purged(lake)
    assert (neighbour / "mine.parquet").exists()
    assert in_order(rows_of(lake.address("arrests"))) == in_order([tuple(map(_text, row)) for row in KEPT])
    assert len(list(Path(f"{neighbour}{sign}2024").rglob("*.parquet"))) == 1
    assert len(held.refresh().snapshots()) == 1


def _text(value: Any) -> Any:
    return None if value is None else str(value)


@pytest.mark.parametrize("name", ["write.data.path", "write.metadata.path"])
@pytest.mark.parametrize("rows", [ROWS, KEPT], ids=["sealed", "clean"])
def test_a_place_outside_is_refused_before_it_is_used(lake: Lakehouse, name: str, rows: Any) -> None:
    held = made(lake, [rows])
    with held.transaction() as change:
        change.set_properties({name: f"file://{lake.folder('arrests')}/../apart"})
    refused(lake, "outside of its folder")


def test_a_metadata_file_outside_is_refused(lake: Lakehouse) -> None:
    """Which the metadata log alone names."""
    held = made(lake, [ROWS])
    for _ in range(2):
        with held.transaction() as change:
            change.set_properties({"write.metadata.path": f"file://{lake.warehouse}/apart"})
    with held.transaction() as change:
        change.remove_properties("write.metadata.path")
    assert list((lake.warehouse / "apart").iterdir())
    refused(lake, "outside of its folder")


def test_statistics_outside_are_refused(lake: Lakehouse) -> None:
    """Which nothing but an entry of the metadata names."""
    held = made(lake, [ROWS])
    counted(lake, held)
    (place,) = (each.statistics_path for each in held.refresh().metadata.statistics)
    local(place).rename(lake.warehouse / "apart.stats")
    for path in lake.folder("arrests").rglob("*.metadata.json"):
        path.write_text(path.read_text().replace(place, f"file://{lake.warehouse}/apart.stats"))
    refused(lake, "files of the table are outside of its folder, and would not be deleted: 1")


def test_the_hint_of_hadoop_stays(lake: Lakehouse) -> None:
    made(lake, [ROWS])
    place = lake.folder("arrests") / "metadata" / "version-hint.text"
    place.write_text("7")
    place.with_name(".version-hint.text.crc").write_bytes(b"crc\x00")
    purged(lake)
    assert place.with_name(".version-hint.text.crc").exists()
    assert place.read_text() == "7"
    assert len(rows_of(lake.address("arrests"))) == len(KEPT)
