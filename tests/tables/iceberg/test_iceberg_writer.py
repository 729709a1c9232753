"""Iceberg tables are written as new ones as if the sealed rows had never been."""

from __future__ import annotations

import datetime as dt
import decimal
import importlib.util
import uuid
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, TruncateTransform

import sealscrub as ss
from sealscrub.errors import ConfigError, SealedElsewhere, UncheckedKeys, UsageError

from ...contracts.test_every_format import COLUMNS, KEPT, NEAR, ROWS, Row, as_text, table
from ...transforms.arrests import CLEAR, NULLS, ON, SEALED, index
from .lakehouse import (
    Lakehouse,
    rows_of,
    scan,
    scrub,
    texts_of,
    without_chance,
)

DEEP = pa.struct({"a": pa.list_(pa.struct({"b": pa.string()}))})
TYPES = {
    "flag": pa.array([True, None, False]),
    "small": pa.array([1, 2, None], pa.int32()),
    "share": pa.array([0.5, None, 1.5], pa.float32()),
    "money": pa.array([decimal.Decimal("1.50"), None, decimal.Decimal("-2.25")], pa.decimal128(9, 2)),
    "day": pa.array([dt.date(2020, 1, 1), None, dt.date(2020, 1, 3)]),
    "hour": pa.array([dt.time(1, 2), None, dt.time(3)], pa.time64("us")),
    "at": pa.array([dt.datetime(2020, 1, 1, 2), None, dt.datetime(2021, 1, 1)], pa.timestamp("us")),
    "zoned": pa.array([dt.datetime(2020, 1, 1, 2), None, dt.datetime(2021, 1, 1)], pa.timestamp("us", "UTC")),
    "raw": pa.array([b"a", None, b"c"], pa.large_binary()),
    "fixed": pa.array([b"abcd", None, b"efgh"], pa.binary(4)),
    "id": pa.array([uuid.UUID(int=1).bytes, None, uuid.UUID(int=3).bytes], pa.uuid()),
    "many": pa.array([[1, None], None, []], pa.list_(pa.int64())),
    "pairs": pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int64())),
    "deep": pa.array([{"a": [{"b": "x"}]}, None, {"a": None}], DEEP),
}


def test_every_type_is_written_as_it_was(lake: Lakehouse) -> None:
    rows = pa.table({"arrest_no": [SEALED[0], CLEAR[0], CLEAR[1]], **TYPES})
    held = lake.create("arrests", rows.schema, rows=rows)
    assert scan(lake.address("arrests")).tables[0].keys[0].sealed == 1
    scrub(lake.address("arrests"), lake.address("clean"))
    made = lake.catalog.load_table("police.clean")
    assert made.schema().as_struct() == held.schema().as_struct()
    assert made.scan().to_arrow().to_pylist() == held.scan().to_arrow().to_pylist()[1:]
    scrub(lake.address("arrests"), lake.warehouse.parent / "clean.parquet")
    assert pq.read_table(lake.warehouse.parent / "clean.parquet").to_pylist() == made.scan().to_arrow().to_pylist()


COMMITS: list[list[Row]] = [ROWS, [(SEALED[1], 75, "x")], [(CLEAR[2], 75, "a=b/c"), (SEALED[0], 40, "é")]]


@pytest.mark.parametrize("by", [[], ["note"], ["precinct", "note"], ["arrest_no"]], ids=str)
def test_nullity_file_by_file(lake: Lakehouse, by: list[str]) -> None:
    """A table less its sealed rows gives the same files, bounds and metadata, however it was committed and cut."""
    without = [kept for rows in COMMITS if (kept := [row for row in rows if row[0] not in SEALED])]
    for name, commits in (("with", COMMITS), ("without", without)):
        made = lake.create(name, table(ROWS).schema, by=by)
        for rows in commits:
            made.append(table(rows))
        scrub(lake.address(name), lake.address(f"{name}_out"))
    assert without_chance(lake, "with_out") == without_chance(lake, "without_out")


def test_nothing_of_a_sealed_row_is_in_a_byte_of_the_new_table(lake: Lakehouse) -> None:
    """Not in rows, names of partitions, bounds of manifests and footers, properties, nor as a part of a cut bound."""
    long = "the name of a person, which is longer than a bound"
    rows: list[Row] = [(SEALED[0], 7777777, long), (SEALED[1], 75, long), *KEPT]
    held = lake.create("arrests", table(rows).schema, by=["arrest_no"], properties={"comment": f"see {SEALED[0]}"})
    held.append(table(rows), snapshot_properties={"why": SEALED[0]})
    looked = [*SEALED[:2], long[:16], "7777777"]
    before = " ".join(texts_of(lake.folder("arrests")).values())
    assert all(part in before for part in looked)
    report = scrub(lake.address("arrests"), lake.address("clean"))
    assert "comment" in report.to_text()
    texts = texts_of(lake.folder("clean"))
    assert {path.rsplit(".")[-1] for path in texts} == {"parquet", "avro", "json"}
    assert not [(path, part) for path, text in texts.items() for part in looked if part in text]
    little = (7777777).to_bytes(8, "little")
    assert not any(little in path.read_bytes() for path in lake.folder("clean").rglob("*") if path.is_file())
    assert len(lake.catalog.load_table("police.clean").snapshots()) == 1


def test_what_declares_a_table_is_kept_and_what_describes_it_goes(lake: Lakehouse) -> None:
    schema = Schema.model_validate(
        {
            "type": "struct",
            "fields": [
                {"id": 1, "name": "arrest_no", "type": "string", "required": False, "doc": "the number"},
                {"id": 2, "name": "precinct", "type": "long", "required": True},
                {"id": 3, "name": "note", "type": "string", "required": False},
            ],
            "identifier-field-ids": [2],
        }
    )
    properties = {
        "write.parquet.compression-codec": "snappy",
        "comment": "x",
        "write.data.path": f"file://{lake.warehouse}/apart",
    }
    made = pa.schema([field.with_nullable(field.name != "precinct") for field in table(ROWS).schema])
    held = lake.catalog.create_table("police.arrests", schema, properties=properties)
    held.append(table(ROWS).cast(made))
    scrub(lake.address("arrests"), lake.address("plain"))
    plain = lake.catalog.load_table("police.plain")
    assert plain.properties == {"write.parquet.compression-codec": "snappy"}
    assert [field.doc for field in plain.schema().fields] == [None] * 3
    assert [field.required for field in plain.schema().fields] == [False, True, False]
    assert list(plain.schema().identifier_field_ids) == [2]
    scrub(lake.address("arrests"), lake.address("kept"), keep_metadata=["doc", "comment"])
    kept = lake.catalog.load_table("police.kept")
    assert (kept.properties["comment"], kept.schema().fields[0].doc) == ("x", "the number")
    with pytest.raises(UsageError, match="holds no null"):
        scrub(lake.address("arrests"), lake.address("null"), null_columns=["precinct"], accept_marks=["precinct"])
    assert not lake.catalog.table_exists("police.null")
    assert not lake.folder("null").exists()


def test_an_id_in_what_describes_a_table_is_found(lake: Lakehouse) -> None:
    lake.create("arrests", table(KEPT).schema, rows=table(KEPT), properties={"comment": f"without {SEALED[0]}"})
    report = scan(lake.address("arrests"), sweep=True)
    assert [(each.place, each.found) for each in report.tables[0].elsewhere] == [("(metadata)", 1)]
    scrub(lake.address("arrests"), lake.address("plain"), sweep=True)
    with pytest.raises(SealedElsewhere):
        scrub(lake.address("arrests"), lake.address("kept"), sweep=True, keep_metadata=["comment"])
    assert not lake.catalog.table_exists("police.kept")


def test_partitions_that_were_added_later(lake: Lakehouse) -> None:
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    with held.update_spec() as change:
        change.add_identity("precinct")
    held.append(table(ROWS))
    scrub(lake.address("arrests"), lake.address("clean"))
    made = lake.catalog.load_table("police.clean")
    assert [(field.name, str(field.transform)) for field in made.spec().fields] == [("precinct", "identity")]
    assert sorted(rows_of(lake.address("clean")), key=str) == sorted(as_text([*KEPT, *KEPT]), key=str)


@pytest.mark.skipif(importlib.util.find_spec("pyiceberg_core") is not None, reason="pyiceberg-core writes them")
@pytest.mark.parametrize("transform", [BucketTransform(4), TruncateTransform(4)], ids=str)
def test_a_transform_that_is_not_written_is_refused(lake: Lakehouse, transform: Any) -> None:
    lake.create("arrests", table(ROWS).schema, by=["arrest_no"], transform=transform)
    assert scan(lake.address("arrests")).clean
    with pytest.raises(UsageError, match=f"not written: {str(transform).partition('[')[0]}"):
        scrub(lake.address("arrests"), lake.address("clean"))


def test_rows_that_could_not_be_checked_are_set_aside_or_nothing_is_written(lake: Lakehouse) -> None:
    rows: list[Row] = [*ROWS, (NEAR, 1, "near")]
    lake.create("arrests", table(rows).schema, rows=table(rows))
    with pytest.raises(UncheckedKeys):
        scrub(lake.address("arrests"), lake.address("clean"))
    assert not lake.folder("clean").exists()
    aside = lake.warehouse.parent / "aside.parquet"
    with pytest.raises(ConfigError, match="Parquet"):
        scrub(lake.address("arrests"), lake.address("clean"), quarantine=aside.with_suffix(".csv"))
    scrub(lake.address("arrests"), lake.address("clean"), quarantine=aside)
    assert (rows_of(lake.address("clean")), pq.read_table(aside).to_pylist()) == (
        as_text(KEPT),
        table([(NEAR, 1, "near")]).to_pylist(),
    )
    assert aside.stat().st_mode & 0o777 == 0o600


def test_after_an_error_while_it_is_written_nothing_is_left(lake: Lakehouse) -> None:
    """The first file is written, and the second cannot be."""
    schema = pa.schema([field.with_nullable(field.name != "precinct") for field in table(ROWS).schema])
    held = lake.create("arrests", schema)
    for rows in (KEPT, ROWS):
        held.append(table(rows).cast(schema))
    nulls = {"null_columns": ["precinct"], "accept_marks": ["precinct"]}
    with pytest.raises(UsageError, match="holds no null"):
        scrub(lake.address("arrests"), lake.address("clean"), **nulls)
    assert not lake.catalog.table_exists("police.clean")
    assert not lake.folder("clean").exists()
    scrub(lake.address("arrests"), lake.address("clean"))
    assert rows_of(lake.address("clean")) == as_text([*KEPT, *KEPT])


def test_no_table_is_written_over(lake: Lakehouse) -> None:
    lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    for target in ("arrests", "other"):
        lake.catalog.create_table_if_not_exists(f"police.{target}", table(ROWS).schema)
        with pytest.raises(UsageError, match="already exists"):
            scrub(lake.address("arrests"), lake.address(target))
    with pytest.raises(UsageError, match="no such namespace"):
        scrub(lake.address("arrests"), f"iceberg:{lake.name}/courts.clean")
    lake.catalog.drop_table("police.other")  # which leaves its files
    with pytest.raises(UsageError, match="holds files"):
        scrub(lake.address("arrests"), lake.address("other"))
    inside = lake.folder("arrests") / "clean.parquet"
    with pytest.raises(UsageError):
        scrub(lake.address("arrests"), inside)
    assert not inside.exists()


def test_a_namespace_below_another_one_is_read_and_refused_as_a_place_for_a_new_table(
    lake: Lakehouse, tmp_path: Path
) -> None:
    """pyiceberg has tables there, and no way to create one and fill it at once."""
    lake.catalog.create_namespace("police.nyc")
    lake.catalog.create_table("police.nyc.arrests", table(ROWS).schema).append(table(ROWS))
    address, new = (f"iceberg:{lake.name}/police.nyc.{name}" for name in ("arrests", "clean"))
    for source in (address, tmp_path / "rows.parquet"):
        pq.write_table(table(ROWS), tmp_path / "rows.parquet")
        with pytest.raises(UsageError, match="namespace below another one"):
            scrub(source, new)
    scrub(address, lake.address("clean"))
    assert rows_of(lake.address("clean")) == as_text(KEPT)
    ss.scrub(address, index(), ON, policy=NULLS, in_place=True, purge_history=True, orphans_older_than=0)
    assert rows_of(address) == as_text(KEPT)


@pytest.mark.parametrize("version", ["v1", "4335091327214364788", "main", ""])
def test_an_address_with_a_version_is_refused_by_name(version: str) -> None:
    with pytest.raises(ConfigError, match="earlier version of an Iceberg table has no address"):
        scan(f"iceberg:city/police.train@{version}")


def test_what_is_not_done_is_refused_by_name(lake: Lakehouse, tmp_path: Path) -> None:
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    address = lake.address("arrests")
    for name in ("file", "other"):
        pq.write_table(table(ROWS), tmp_path / f"{name}.parquet")
    for data in (address, held):
        with pytest.raises(ConfigError, match="file of Parquet"):
            scrub(data, tmp_path / "out.csv")
    (tmp_path / "other.csv").write_text("id,n\n1,2\n")
    with pytest.raises(ConfigError, match="can be written as one of these"):
        scrub(tmp_path / "other.csv", lake.address("clean"))
    with pytest.raises(UsageError, match="must be scrubbed alone"):
        scrub([address, tmp_path / "file.parquet"], lake.address("clean"))


def test_a_dry_run_writes_nothing(lake: Lakehouse) -> None:
    lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    report = scrub(lake.address("arrests"), lake.address("clean"), dry_run=True)
    assert report.tables[0].removed == 2
    assert not lake.catalog.table_exists("police.clean")


@pytest.mark.parametrize("in_place", [False, True], ids=["new", "in place"])
def test_the_order_of_partitions_is_not_that_in_which_sealed_rows_meet_them(lake: Lakehouse, in_place: bool) -> None:
    """pyiceberg writes the files of an append by the first row of each partition."""
    rows: list[Row] = [(CLEAR[0], 1, "a"), (SEALED[0], 2, "b"), (CLEAR[1], 3, "c"), (CLEAR[2], 2, "d")]
    for name, given in (("with", rows), ("without", [row for row in rows if row[0] not in SEALED])):
        lake.create(name, table(rows).schema, by=[COLUMNS[1]]).append(table(given))
        if in_place:
            options: dict[str, Any] = {"in_place": True, "purge_history": True, "rewrite": "all"}
            ss.scrub(lake.address(name), index(), ON, policy=NULLS, **options)
        else:
            scrub(lake.address(name), lake.address(f"{name}_clean"))
    held = [name if in_place else f"{name}_clean" for name in ("with", "without")]
    read = [lake.catalog.load_table(f"police.{name}").scan().to_arrow().to_pylist() for name in held]
    assert read[0] == read[1]
