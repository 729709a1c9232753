"""What versions of an Iceberg table left in its folder is found: rows of every file, bounds, names and properties."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.table import Table
from pyiceberg.table.update import SetLocationUpdate

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, UnreadableInput, UsageError

from ...contracts.test_every_format import KEPT, ROWS, Row, table
from ...transforms.arrests import CLEAR, NULLS, SEALED
from .lakehouse import Lakehouse, commit_deletes, data_paths, delete_file, edit_metadata, local, scan, scrub


def history(lake: Lakehouse, name: str = "arrests", **options: Any) -> Any:
    return scan(lake.address(name), history=True, **options)


def found(report: Any) -> tuple[int, dict[str, int]]:
    """Sealed keys in rows of the history, and finds elsewhere."""
    _, past = report.tables
    hidden = any(each.place == "(file name)" and each.found for each in past.elsewhere)
    assert past.name == ("(a file whose name is an id)" if hidden else "iceberg:lakehouse/police.arrests (history)")
    return past.keys[0].sealed, {each.place: each.found for each in past.elsewhere if each.found}


def deleted(lake: Lakehouse) -> Table:
    """A table whose current version is clean, since rows were deleted copy on write."""
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    held.delete(f"arrest_no in ('{SEALED[0]}', '{SEALED[1]}')")
    return held


def test_rows_in_files_of_earlier_versions_are_found(lake: Lakehouse) -> None:
    deleted(lake)
    assert scan(lake.address("arrests"), sweep=True).clean
    report = history(lake)
    sealed, elsewhere = found(report)
    assert (report.exit_code, report.tables[0].keys[0].sealed, sealed) == (1, 0, 2)
    assert report.tables[1].rows == len(ROWS) + len(KEPT)
    assert set(elsewhere) == {"(metadata)"}  # the bounds of the removed file in a manifest


def test_rows_that_files_of_deletes_hide_are_found(lake: Lakehouse) -> None:
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    commit_deletes(held, delete_file(held, data_paths(held)[0], [0, 3]))
    assert scan(lake.address("arrests"), sweep=True).clean
    assert found(history(lake))[0] == 2


def test_files_that_no_version_names_are_found(lake: Lakehouse) -> None:
    lake.create("arrests", table(KEPT).schema, rows=table(KEPT))
    assert history(lake).clean
    pq.write_table(table(ROWS[:1]), lake.folder("arrests") / "data" / "orphan.parquet")
    assert found(history(lake))[0] == 1


def test_a_column_that_was_renamed_or_dropped_is_still_in_the_files(lake: Lakehouse) -> None:
    old = pa.table({"no": [SEALED[0], CLEAR[0]], "precinct": [1, 2], "note": [None, f"with {SEALED[1]}"]})
    held = lake.create("arrests", old.schema, rows=old)
    with held.update_schema() as change:
        change.rename_column("no", "arrest_no").delete_column("note")
    held.delete(f"arrest_no == '{SEALED[0]}'")
    assert scan(lake.address("arrests"), sweep=True).clean
    sealed, elsewhere = found(history(lake))
    assert (sealed, elsewhere["note"]) == (1, 1)


@pytest.mark.parametrize("by", [[], ["arrest_no"]], ids=["", "partitions"])
def test_bounds_and_values_of_partitions_of_files_that_are_gone_are_found(lake: Lakehouse, by: list[str]) -> None:
    held = lake.create("arrests", table(ROWS[:1]).schema, rows=table(ROWS[:1]), by=by)
    first = local(data_paths(held)[0])
    held.append(table(KEPT))
    held.delete(f"arrest_no == '{SEALED[0]}'")
    first.unlink()
    sealed, elsewhere = found(history(lake))
    assert (sealed, elsewhere["(metadata)"] > 0) == (0, True)
    assert ("(file name)" in elsewhere) == bool(by)  # the folder stays


@pytest.mark.parametrize(
    ("kind", "by"),
    [("int64", []), ("int64", ["key"]), ("decimal", []), ("decimal", ["key"]), ("uuid", []), ("string", [])],
)
def test_bounds_are_read_by_the_types_of_their_columns(lake: Lakehouse, kind: str, by: list[str]) -> None:
    """Of a file that is gone: numbers of decimals are in another order of bytes, and a UUID's are no text."""
    kinds = {"int64": pa.int64(), "decimal": pa.decimal128(12, 0), "uuid": pa.uuid(), "string": pa.string()}
    numbers = [9876543210, 9876543211, 9876543212]
    values: list[Any] = [*map(Decimal, numbers)] if kind == "decimal" else [*map(str, numbers)]
    if kind == "int64":
        values = [*numbers]
    texts = [*map(str, values)]
    if kind == "uuid":
        made = [uuid.UUID(int=number << 80 | 0x616263646566) for number in numbers]
        values, texts = [each.bytes for each in made], [*map(str, made)]
    rows = pa.table({"key": pa.array(values, kinds[kind]), "arrest_no": [CLEAR[0], None, CLEAR[1]]})
    held = lake.create("arrests", rows.schema, rows=rows.slice(0, 1), by=by)
    first = local(data_paths(held)[0])
    held.overwrite(rows.slice(1))
    first.unlink()
    sealed = example_index({"opaque:key": texts[:1], "arrest_number": [SEALED[0]]})
    report = ss.scan(lake.address("arrests"), sealed, {"arrest_number": "arrest_no"}, policy=NULLS, history=True)
    assert "(metadata)" in {each.place for each in report.tables[1].elsewhere}


@pytest.mark.parametrize(
    ("note", "properties"),
    [
        (f"a note of an officer on {SEALED[0]}", {}),
        ("eight ch", {"write.metadata.metrics.default": "truncate(8)"}),
        ("eight ch", {"write.metadata.metrics.column.note": "Truncate(8)"}),
    ],
    ids=["default", "table", "column"],
)
def test_a_bound_that_may_be_cut_within_an_id_makes_the_scan_incomplete(
    lake: Lakehouse, note: str, properties: dict[str, str]
) -> None:
    rows: list[Row] = [(CLEAR[0], 1, note)]
    held = lake.create("arrests", table(rows).schema, rows=table(rows), properties=properties)
    first = local(data_paths(held)[0])
    held.append(table(KEPT))
    held.delete(f"arrest_no == '{CLEAR[0]}'")
    assert not [part for part in history(lake).tables[1].notes if "cut" in part]
    first.unlink()
    report = history(lake)
    assert report.exit_code == 3
    assert "may be cut within an id" in report.to_text()


def test_what_versions_said_of_themselves_is_found(lake: Lakehouse) -> None:
    held = lake.create("arrests", table(KEPT).schema, properties={"comment": f"see {SEALED[0]}"})
    with held.transaction() as change:
        change.remove_properties("comment")
    held.append(table(KEPT), snapshot_properties={"why": f"without {SEALED[1]}"})
    assert scan(lake.address("arrests"), sweep=True).clean
    assert found(history(lake))[1] == {"(metadata)": 2}


def test_what_is_not_read_makes_it_incomplete(lake: Lakehouse) -> None:
    lake.create("arrests", table(KEPT).schema, rows=table(KEPT))
    (lake.folder("arrests") / "data" / f"{SEALED[0]}.orc").write_bytes(b"ORC")
    report = history(lake)
    assert found(report)[1] == {"(file name)": 1}
    assert "neither data nor metadata, and were not read: 1" in " ".join(report.to_text().split())
    (lake.folder("arrests") / "data" / "link.parquet").symlink_to("/dev/null")
    with pytest.raises(UnreadableInput, match="symbolic link"):
        history(lake)


@pytest.mark.parametrize("left", ["fifo {}", "{} \udcff.txt"])
def test_a_name_of_anything_that_is_there_is_swept(lake: Lakehouse, left: str) -> None:
    """Also if it is not UTF-8."""
    lake.create("arrests", table(KEPT).schema, rows=table(KEPT))
    place = lake.folder("arrests") / left.format(SEALED[0])
    os.mkfifo(place) if left.startswith("fifo") else place.touch()
    assert found(history(lake))[1]["(file name)"] == 1


def test_files_outside_of_the_folder_are_looked_at(lake: Lakehouse) -> None:
    apart = {"write.data.path": f"file://{lake.warehouse}/apart"}
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS), properties=apart)
    held.delete(f"arrest_no in ('{SEALED[0]}', '{SEALED[1]}')")
    assert found(history(lake))[0] == 2
    with held.transaction() as change:
        change.remove_properties("write.data.path")  # which manifests name all the same
    assert found(history(lake))[0] == 2


def elsewhere_once(lake: Lakehouse) -> Table:
    """Data and metadata were put elsewhere, and the properties that said so are gone."""
    places = {f"write.{name}.path": f"file://{lake.warehouse}/apart/{name[0]}" for name in ("data", "metadata")}
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS), properties=places)
    held.overwrite(table(KEPT))
    with held.transaction() as change:
        change.remove_properties(*places)
    return held


def moved(lake: Lakehouse) -> Table:
    """The table has got another location since."""
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    held.overwrite(table(KEPT))
    held._do_commit((SetLocationUpdate(location=f"file://{lake.warehouse}/police/moved"),), ())
    return lake.catalog.load_table("police.arrests")


def moved_and_written(lake: Lakehouse) -> Table:
    moved(lake).append(table(KEPT))
    return lake.catalog.load_table("police.arrests")


@pytest.mark.parametrize("change", [elsewhere_once, moved, moved_and_written])
def test_versions_that_can_be_opened_are_looked_at_wherever_they_are(
    lake: Lakehouse, change: Callable[[Lakehouse], Table]
) -> None:
    held = change(lake)
    opened = held.scan(snapshot_id=held.snapshots()[0].snapshot_id).to_arrow()
    assert opened.num_rows == len(ROWS)
    report = history(lake)
    assert (found(report)[0], report.exit_code) == (2, 1)


def test_orphans_in_an_earlier_folder_are_looked_at(lake: Lakehouse) -> None:
    held = lake.create("arrests", table(KEPT).schema, rows=table(KEPT))
    pq.write_table(table(ROWS), lake.folder("arrests") / "data" / "left.parquet")
    held._do_commit((SetLocationUpdate(location=f"file://{lake.warehouse}/police/moved"),), ())
    held.refresh().append(table(KEPT))
    assert found(history(lake))[0] == 2


@pytest.mark.parametrize("place", [f"{{}}/police/arrests{sign}2024" for sign in (";", "?", "#")])
def test_signs_in_the_name_of_a_folder_are_its_own(lake: Lakehouse, place: str) -> None:
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS), location=place.format(lake.warehouse))
    held.overwrite(table(KEPT))
    assert found(history(lake))[0] == 2


@pytest.mark.parametrize("sign", ["?", "#"])
def test_signs_that_are_read_in_two_ways_are_refused(lake: Lakehouse, sign: str) -> None:
    """In a location with a scheme."""
    held = lake.create("arrests", table(KEPT).schema, rows=table(KEPT))
    edit_metadata(held, {"location": f"{held.location()}{sign}2024"})
    with pytest.raises(UsageError, match=r"\? or #"):
        history(lake)


def test_a_folder_that_is_not_there_is_an_error(lake: Lakehouse) -> None:
    held = lake.create("arrests", table(KEPT).schema, rows=table(KEPT))
    edit_metadata(held, {"location": f"{held.location()};2024"})
    with pytest.raises(UnreadableInput, match="folder does not exist"):
        history(lake)


def test_a_table_that_was_written_new_has_no_history(lake: Lakehouse) -> None:
    deleted(lake)
    scrub(lake.address("arrests"), lake.address("clean"))
    report = history(lake, "clean")
    assert report.clean
    assert [each.rows for each in report.tables] == [3, 3]


def test_a_manifest_that_cannot_be_read_is_an_error(lake: Lakehouse) -> None:
    deleted(lake)
    extra = lake.folder("arrests") / "metadata" / "extra.avro"
    extra.write_bytes(b"Obj\x01 cut")
    with pytest.raises(UnreadableInput, match="manifest cannot be read"):
        history(lake)


def test_only_lakes_have_a_history(lake: Lakehouse, tmp_path: Path) -> None:
    lake.create("arrests", table(KEPT).schema, rows=table(KEPT))
    pq.write_table(table(KEPT), tmp_path / "a.parquet")
    with pytest.raises(ConfigError, match="Delta and Iceberg"):
        scan([lake.address("arrests"), tmp_path / "a.parquet"], history=True)
