"""Iceberg tables are read as the spec says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.manifest import DataFileContent, FileFormat
from pyiceberg.table import Table
from pyiceberg.types import LongType, StringType

import sealscrub as ss
from sealscrub.certificates.content import content_digest
from sealscrub.certificates.structure import structure_digest
from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, UnreadableInput, UsageError
from sealscrub.tables.opener import DataSource

from ...contracts.test_every_format import KEPT, ROWS, Row, as_text, table
from ...transforms.arrests import CLEAR, NULLS, SEALED, index
from .lakehouse import (
    Lakehouse,
    commit_data,
    commit_deletes,
    data_file,
    data_paths,
    delete_file,
    edit_metadata,
    rows_of,
    scan,
    scrub,
    texts_of,
    true_file,
)


def test_the_current_version_is_read_and_no_other(lake: Lakehouse) -> None:
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    held.append(table([(CLEAR[2], 41, "later")]))
    report = scan(lake.address("arrests"))
    assert (report.tables[0].name, report.tables[0].rows, report.tables[0].keys[0].sealed) == (
        "iceberg:lakehouse/police.arrests",
        6,
        2,
    )
    held.delete(f"arrest_no == '{SEALED[0]}'")  # copy on write: the file is written again
    report = scan(lake.address("arrests"))
    assert (report.tables[0].rows, report.tables[0].keys[0].sealed, report.clean) == (5, 1, False)
    held.delete(f"arrest_no == '{SEALED[1]}'")
    assert scan(lake.address("arrests")).clean


def test_a_version_whose_files_have_no_rows_is_empty(lake: Lakehouse) -> None:
    """As writers leave them: the version names a file, which is not read."""
    held = lake.create("arrests", table(ROWS).schema)
    with held.transaction() as change, change.update_snapshot().fast_append() as append:
        append.append_data_file(true_file(held, table([])))
    assert scan(lake.address("arrests"), history=True).clean
    assert rows_of(lake.address("arrests")) == []
    scrub(lake.address("arrests"), lake.address("clean"))
    assert rows_of(lake.address("clean")) == []


@pytest.mark.parametrize("history", [False, True])
def test_a_key_of_uuids_is_read_as_its_texts(lake: Lakehouse, history: bool) -> None:
    """Though their bytes are UTF-8, too."""
    held = [UUID(bytes=b"\x00\x10\xc3\xa9abcdefghij\x00" + bytes([at])) for at in range(4)]
    rows = pa.table({"id": pa.array([each.bytes for each in held], pa.uuid()), "x": range(4)})
    lake.create("arrests", rows.schema, rows=rows)
    sealed, on = example_index({"opaque:x": [str(held[0])]}), {"opaque:x": "id"}

    report = ss.scan(lake.address("arrests"), sealed, on, history=history)
    assert [each.keys[0].sealed for each in report.tables] == [1] * (1 + history)
    ss.scrub(lake.address("arrests"), sealed, output=lake.address("clean"), on=on)
    assert ss.scan(lake.address("clean"), sealed, on).tables[0].rows == 3


def test_a_partition_by_a_key_is_found_once_and_not_shown(lake: Lakehouse) -> None:
    lake.create("arrests", table(ROWS).schema, rows=table(ROWS), by=["arrest_no"])
    (found,) = scan(lake.address("arrests"), sweep=True).tables
    assert (found.name, found.keys[0].sealed, found.elsewhere) == (lake.address("arrests"), 2, ())


def test_rows_are_in_the_order_of_commits(lake: Lakehouse) -> None:
    held = lake.create("arrests", table(ROWS).schema)
    for at in range(4):
        held.append(table([(CLEAR[at], 40 + at, None), (CLEAR[at], 40 + at, "again")]))
    assert [row[1:] for row in rows_of(lake.address("arrests"))] == [
        (str(40 + at), note) for at in range(4) for note in (None, "again")
    ]


def test_rows_are_in_the_order_of_the_files_also_when_a_manifest_was_written_again(lake: Lakehouse) -> None:
    """As pyiceberg writes a manifest from which a file goes: in no order."""
    rows: list[Row] = [(CLEAR[at], at, None) for at in range(12)]
    held = lake.create("arrests", table(rows).schema, rows=table(rows), by=["precinct"])
    before = rows_of(lake.address("arrests"))
    with held.transaction() as change, change.update_snapshot().overwrite() as overwrite:
        overwrite.delete_data_file(next(iter(held.scan().plan_files())).file)
    after = rows_of(lake.address("arrests"))
    assert (len(after), after) == (11, [row for row in before if row in after])


def test_a_table_in_python_is_read_at_the_version_that_it_has(lake: Lakehouse) -> None:
    early = lake.create("arrests", table(KEPT).schema, rows=table(KEPT))
    lake.catalog.load_table("police.arrests").append(table(ROWS))
    assert scan(early).clean
    assert not scan(early.refresh()).clean


@pytest.mark.parametrize("several", [False, True], ids=["one file of deletes", "two"])
def test_rows_that_positional_deletes_name_are_not_there(lake: Lakehouse, several: bool) -> None:
    """Merge on read: neither scanned nor written again; rows of another file at the same positions stay."""
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    held.append(table([(CLEAR[2], 75, "other"), (CLEAR[3], 75, "file")]))
    path = next(each for each in data_paths(held) if pq.read_metadata(each.removeprefix("file://")).num_rows == 5)
    if several:
        commit_deletes(held, delete_file(held, path, [0, 1]))
        commit_deletes(held, delete_file(held, path, [0]))
    else:
        commit_deletes(held, delete_file(held, path, [0, 1]))
    expected = [*ROWS[2:], (CLEAR[2], 75, "other"), (CLEAR[3], 75, "file")]
    assert rows_of(lake.address("arrests")) == as_text(expected)
    assert scan(lake.address("arrests")).tables[0].keys[0].sealed == 1
    scrub(lake.address("arrests"), lake.address("clean"))
    assert rows_of(lake.address("clean")) == as_text([row for row in expected if row[0] not in SEALED])
    assert not any(SEALED[0] in text for text in texts_of(lake.folder("clean")).values())


def test_a_delete_that_pyiceberg_passes_over_is_an_error(lake: Lakehouse) -> None:
    """By bounds that a writer cut and did not raise, the file of deletes seems to be of other files."""
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    cut = {2147483546: data_paths(held)[0][:16].encode()}
    commit_deletes(held, delete_file(held, data_paths(held)[0], [0], lower_bounds=cut, upper_bounds=cut))
    assert held.refresh().scan().to_arrow().num_rows == len(ROWS)
    with pytest.raises(UnreadableInput, match="files of deletes leave"):
        scan(lake.address("arrests"))


def test_rows_that_were_added_after_a_delete_stay(lake: Lakehouse) -> None:
    """A delete reaches no file of a later commit, though it names it."""
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    (task,) = held.scan().plan_files()
    task.file.spec_id = 0
    commit_deletes(held, delete_file(held, task.file.file_path, [0]))
    with held.transaction() as change, change.update_snapshot().overwrite() as overwrite:
        overwrite.delete_data_file(task.file)
        overwrite.append_data_file(task.file)
    assert rows_of(lake.address("arrests")) == as_text(ROWS)


def test_a_delete_after_positional_deletes_brings_no_row_back(lake: Lakehouse) -> None:
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    commit_deletes(held, delete_file(held, data_paths(held)[0], [0]))
    held.delete(f"arrest_no == '{CLEAR[0]}'")
    assert rows_of(lake.address("arrests")) == as_text([ROWS[2], *ROWS[3:]])


STATES: dict[str, Callable[[Table], None]] = {
    "equality deletes": lambda held: _stated(held, content=DataFileContent.EQUALITY_DELETES, equality_ids=[1]),
    "deletion vectors": lambda held: _stated(held, file_format=FileFormat.PUFFIN),
    "files of ORC": lambda held: _stated(held, file_format=FileFormat.ORC),
    "files of AVRO": lambda held: _stated(held, data=True, file_format=FileFormat.AVRO),
    "encryption": lambda held: _stated(held, data=True, key_metadata=b"key"),
    "format version 3": lambda held: edit_metadata(held, {"format-version": 3, "next-row-id": 0}),
}


def _stated(held: Table, *, data: bool = False, **facts: Any) -> None:
    file = delete_file(held, data_paths(held)[0], [0], **({"content": DataFileContent.DATA} if data else {}) | facts)
    (commit_data if data else commit_deletes)(held, file)


@pytest.mark.parametrize("feature", STATES)
def test_what_is_not_read_truly_is_refused_by_name(lake: Lakehouse, feature: str) -> None:
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    STATES[feature](held)
    for done in (scan, lambda address: scrub(address, lake.address("clean"))):
        with pytest.raises(UnreadableInput, match=f"not read: {feature}"):
            done(lake.address("arrests"))
    assert not lake.catalog.table_exists("police.clean")


def _file(held: Table) -> Path:
    return Path(data_paths(held)[0].removeprefix("file://"))


def _cut(held: Table) -> None:
    _file(held).write_bytes(_file(held).read_bytes()[:-20])


def _twice(held: Table) -> None:
    (task,) = held.scan().plan_files()
    task.file.spec_id = 0
    commit_data(held, task.file)


DAMAGES: dict[str, tuple[Callable[[Table], Any], str]] = {
    "lost": (lambda held: _file(held).unlink(), "does not exist"),
    "another": (lambda held: pq.write_table(table(KEPT), _file(held)), "another than the manifests say"),
    "cut": (_cut, "cannot be read"),
    "twice": (_twice, "twice"),
    "a position that is not there": (
        lambda held: commit_deletes(held, delete_file(held, data_paths(held)[0], [77])),
        "of another file",
    ),
    "no manifests": (
        lambda held: [path.unlink() for path in _file(held).parents[1].rglob("*.avro")],
        "cannot read this version",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_table_is_an_error(lake: Lakehouse, damage: str) -> None:
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    done, said = DAMAGES[damage]
    done(held)
    with pytest.raises(UnreadableInput, match=said) as caught:
        scan(lake.address("arrests"))
    assert _file.__name__ not in str(caught.value)
    assert ".parquet" not in str(caught.value)


def test_columns_are_those_of_the_schema_now_whatever_files_say(lake: Lakehouse) -> None:
    """Renamed, widened, dropped, added and made again under an old name: by ids of fields, as the spec says."""
    narrow = pa.table({"no": [SEALED[0], CLEAR[0]], "precinct": pa.array([40, 41], pa.int32()), "note": ["a", "b"]})
    held = lake.create("arrests", narrow.schema, rows=narrow)
    with held.update_schema() as change:
        change.rename_column("no", "arrest_no").update_column("precinct", LongType()).delete_column("note")
    with held.update_schema() as change:
        change.add_column("note", StringType())
    held.append(table([(CLEAR[1], 2**40, "new")]))
    assert rows_of(lake.address("arrests")) == [
        (SEALED[0], "40", None),
        (CLEAR[0], "41", None),
        (CLEAR[1], str(2**40), "new"),
    ]
    scrub(lake.address("arrests"), lake.address("clean"))
    assert rows_of(lake.address("clean")) == [(CLEAR[0], "41", None), (CLEAR[1], str(2**40), "new")]


@pytest.mark.parametrize("history", [False, True], ids=["version", "history"])
def test_a_value_that_does_not_fit_the_tables_type_is_in_no_error(lake: Lakehouse, *, history: bool) -> None:
    """pyiceberg hands over what a file holds in a wider type of the same length."""
    large = 2**63 + 14612345
    rows = pa.table({"arrest_no": [CLEAR[0]], "precinct": pa.array([large], pa.uint64()), "note": ["a"]})
    held = lake.create("arrests", table(ROWS).schema)
    commit_data(held, data_file(held, rows))
    with DataSource(lake.address("arrests"), history=history) as source:
        *_, last = source.tables()
        with pytest.raises(UnreadableInput, match="in another type than the table's") as caught:
            list(last.batches(["precinct"]))
    assert (str(large) in repr(caught.value), caught.value.__cause__) == (False, None)


@pytest.mark.parametrize(
    "text", ["iceberg:", "iceberg:city", "iceberg:city/arrests", f"iceberg:s3://{SEALED[0]}@x/a.b"]
)
def test_what_is_no_address_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ConfigError, match="names no Iceberg table") as caught:
        scan(text)
    assert SEALED[0] not in str(caught.value)


def test_catalogs_and_tables_that_are_not_there(lake: Lakehouse) -> None:
    with pytest.raises(ConfigError, match="cannot open this catalog"):
        scan("iceberg:unknown/police.arrests")
    with pytest.raises(UsageError, match="no table of this name"):
        scan(lake.address("absent"))
    with pytest.raises(UsageError, match="no table of this name"):
        scan(f"iceberg:{lake.name}/courts.absent")


def test_a_table_of_version_1_and_one_without_a_version(lake: Lakehouse) -> None:
    held = lake.create("arrests", table(ROWS).schema, properties={"format-version": "1"})
    assert scan(lake.address("arrests")).tables[0].rows == 0
    scrub(lake.address("arrests"), lake.address("empty"))
    assert rows_of(lake.address("empty")) == []
    for rows in (ROWS, KEPT):
        held.append(table(rows))
    held.delete(f"arrest_no == '{SEALED[0]}'")
    assert sorted(rows_of(lake.address("arrests")), key=str) == sorted(as_text([*ROWS[1:], *KEPT]), key=str)
    scrub(lake.address("arrests"), lake.address("clean"))
    assert sorted(rows_of(lake.address("clean")), key=str) == sorted(as_text([*KEPT, *KEPT]), key=str)
    assert lake.catalog.load_table("police.clean").format_version == 1


def test_files_that_were_added_have_columns_by_their_names(lake: Lakehouse) -> None:
    """They have no ids of fields: the table maps names to ids."""
    held = lake.create("arrests", table(ROWS).schema)
    pq.write_table(table(ROWS).select(["note", "precinct", "arrest_no"]), lake.warehouse / "added.parquet")
    held.add_files([f"file://{lake.warehouse}/added.parquet"])
    assert rows_of(lake.address("arrests")) == as_text(ROWS)
    report = scan(lake.address("arrests"), history=True)
    assert [each.keys[0].sealed for each in report.tables] == [2, 2]
    scrub(lake.address("arrests"), lake.address("clean"))
    assert rows_of(lake.address("clean")) == as_text(KEPT)


@pytest.mark.parametrize("name", ["arrest no", "Ārrest.no", "9-no"])
def test_a_column_of_any_name(lake: Lakehouse, name: str) -> None:
    rows = table(ROWS).rename_columns([name, "precinct", "note"])
    lake.create("arrests", rows.schema, rows=rows)
    on = {"arrest_number": name}
    for data, sealed in ((lake.address("arrests"), 2), (lake.address("clean"), 0)):
        report = ss.scan(data, index(), on, history=True, policy=NULLS)
        assert [each.keys[0].sealed for each in report.tables] == [sealed, sealed]
        if sealed:
            ss.scrub(data, index(), on, output=lake.address("clean"), policy=NULLS)
    assert lake.catalog.load_table("police.clean").scan().to_arrow().column_names == [name, "precinct", "note"]


def test_a_table_in_a_store_is_refused(lake: Lakehouse) -> None:
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    edit_metadata(held, {"location": "s3://bucket/police/arrests"})
    with pytest.raises(UsageError, match="this machine"):
        scan(lake.address("arrests"))


def test_digests_are_those_of_the_rows_and_of_what_declares_them(lake: Lakehouse) -> None:
    lake.create("arrests", table(KEPT).schema, rows=table(KEPT))
    cut = lake.create("cut", table(KEPT).schema)
    for row in KEPT:
        cut.append(table([row]))
    one, other = lake.address("arrests"), lake.address("cut")
    assert content_digest(one) == content_digest(other) == content_digest(table(KEPT))
    assert structure_digest(one) == structure_digest(other)
    with cut.update_schema() as change:
        change.add_column("more", StringType())
    assert structure_digest(one) != structure_digest(other)
