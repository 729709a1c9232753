"""An Iceberg table that is scrubbed in place gets one version, which stands upon the one that was read."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.manifest import ManifestEntryStatus
from pyiceberg.table import StaticTable, Table
from pyiceberg.transforms import TruncateTransform

import sealscrub as ss
from sealscrub.errors import ConfigError, SealedElsewhere, UncheckedKeys, UnreadableInput, UsageError, WriteFailed

from ...contracts.test_every_format import KEPT, NEAR, ROWS, Row, as_text, table
from ...transforms.arrests import CLEAR, NULLS, ON, SEALED, index
from ..delta.test_delta_table import drawn
from .lakehouse import (
    Lakehouse,
    avro_rows,
    commit_deletes,
    data_paths,
    delete_file,
    edit_metadata,
    local,
    rows_of,
    scan,
)


def in_place(data: Any, **options: Any) -> Any:
    return ss.scrub(data, index(), ON, **{"policy": NULLS, "in_place": True} | options)


def made(lake: Lakehouse, commits: list[list[Row]], name: str = "arrests", **options: Any) -> Table:
    held = lake.create(name, table(ROWS).schema, **options)
    for rows in commits:
        held.append(table(rows))
    return held


def as_they_are(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def in_order(rows: Any) -> list[Any]:
    return sorted(rows, key=str)


def stays(commits: list[list[Row]]) -> list[Row]:
    return [row for rows in commits for row in rows if row[0] not in SEALED]


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.lists(drawn, min_size=1, max_size=5), min_size=1, max_size=3),
    st.sampled_from([[], ["note"], ["note", "precinct"]]),
    st.sampled_from(["1", "2"]),
)
def test_the_new_version_has_the_rows_that_stay(
    tmp_path_factory: pytest.TempPathFactory, commits: list[list[Row]], by: list[str], version: str
) -> None:
    """And every row once; files of which no row goes are those that were; what declares the table is the same."""
    lake = Lakehouse(tmp_path_factory.mktemp("place"))
    with contextlib.closing(lake):
        held = made(lake, commits, by=by, properties={"format-version": version, "comment": "x", "write.x": "y"})
        before, address = set(data_paths(held)), lake.address("arrests")
        touched = any(row[0] in SEALED for rows in commits for row in rows)
        in_place(address)
        now = lake.catalog.load_table("police.arrests")
        assert in_order(rows_of(address)) == in_order(as_text(stays(commits)))
        assert in_order(now.scan().to_arrow().to_pylist()) == in_order(table(stays(commits)).to_pylist())
        assert len(now.snapshots()) == len(held.snapshots()) + touched
        assert touched or set(data_paths(now)) == before
        assert scan(address).clean
        for name in ("properties", "format_version", "table_uuid", "location", "schemas", "partition_specs"):
            assert getattr(now.metadata, name) == getattr(held.metadata, name)
        assert now.metadata.sort_orders == held.metadata.sort_orders
        now.append(table(KEPT))  # and it goes on
        assert len(rows_of(address)) == len(KEPT) + len(stays(commits))


def test_files_without_a_sealed_row_stay_and_others_keep_their_order(lake: Lakehouse) -> None:
    held = made(lake, [KEPT, ROWS, KEPT, [(SEALED[0], 1, "x")]])
    before = set(data_paths(held))
    report = in_place(lake.address("arrests"))
    now = lake.catalog.load_table("police.arrests")
    after = set(data_paths(now))
    assert len(before & after) == 2
    (fresh,) = after - before
    assert [row["arrest_no"] for row in pq.read_table(local(fresh)).to_pylist()] == [row[0] for row in KEPT]
    assert "earlier versions of the table" in report.to_text()
    summary = now.current_snapshot().summary  # type: ignore[union-attr]  # there is one
    assert (summary["total-data-files"], summary["total-records"]) == ("3", str(3 * len(KEPT)))  # type: ignore[index]  # there is one


def test_manifests_that_hold_several_files_keep_those_that_stay(lake: Lakehouse) -> None:
    """A manifest is written again when one of its files is replaced; the others keep their order and numbers."""
    rows: list[Row] = [(CLEAR[at], at % 3, None) for at in range(6)] + [(SEALED[0], 1, None)]
    held = made(lake, [rows], by=["precinct"])
    before = rows_of(lake.address("arrests"))
    sequence = {
        entry["data_file"]["file_path"]: entry["sequence_number"] for entry in held.inspect.entries().to_pylist()
    }
    in_place(lake.address("arrests"))
    now = lake.catalog.load_table("police.arrests")
    assert in_order(rows_of(lake.address("arrests"))) == in_order(row for row in before if row[0] != SEALED[0])
    for entry in now.inspect.entries().to_pylist():
        path = entry["data_file"]["file_path"]
        if entry["status"] == ManifestEntryStatus.EXISTING:
            assert entry["sequence_number"] == sequence[path]


def test_the_commit_says_nothing_of_what_goes(lake: Lakehouse) -> None:
    """No predicate and no bounds: neither in the new manifests, nor in their list, nor in the version's summary."""
    held = made(lake, [[*ROWS, (SEALED[0], 7777777, "a name that is longer than a bound")]])
    before = set(as_they_are(lake.folder("arrests")))
    in_place(lake.address("arrests"))
    fresh = set(as_they_are(lake.folder("arrests"))) - before
    texts = [repr(avro_rows(lake.folder("arrests") / path)) for path in fresh if path.endswith(".avro")]
    assert len(texts) == 3  # files that are added, that are deleted, and the list
    snapshot = lake.catalog.load_table("police.arrests").current_snapshot()
    said = " ".join([*texts, snapshot.model_dump_json()])  # type: ignore[union-attr]  # there is one
    little = repr((7777777).to_bytes(8, "little"))[2:-1]
    assert data_paths(held)[0] in said
    assert [each for each in (*SEALED, "a name", "7777777", little) if each in said] == []


def test_rows_that_files_of_deletes_hide_do_not_come_back(lake: Lakehouse) -> None:
    held = made(lake, [[(CLEAR[0], 1, "a"), (CLEAR[1], 2, "b"), (SEALED[0], 3, "c")], [(CLEAR[2], 4, "d")]])
    first, second = sorted(data_paths(held), key=lambda path: -pq.read_metadata(local(path)).num_rows)
    commit_deletes(held, delete_file(held, first, [1]), delete_file(held, second, [0]))
    in_place(lake.address("arrests"))
    assert rows_of(lake.address("arrests")) == as_text([(CLEAR[0], 1, "a")])
    now = lake.catalog.load_table("police.arrests")
    assert now.scan().to_arrow().column("arrest_no").to_pylist() == [CLEAR[0]]


def test_schemas_and_partitions_that_changed(lake: Lakehouse) -> None:
    held = made(lake, [ROWS])
    with held.update_spec() as change:
        change.add_identity("precinct")
    with held.update_schema() as change:
        change.rename_column("note", "words").add_column("more", pa_type())
    rows = pa.table(
        {**table(ROWS).rename_columns(["arrest_no", "precinct", "words"]).to_pydict(), "more": ["m"] * len(ROWS)}
    )
    held.append(rows.cast(held.schema().as_arrow()))
    expected = [row for row in held.scan().to_arrow().to_pylist() if row["arrest_no"] not in SEALED]
    in_place(lake.address("arrests"))
    now = lake.catalog.load_table("police.arrests")
    assert in_order(now.scan().to_arrow().to_pylist()) == in_order(expected)
    assert scan(lake.address("arrests"), sweep=True).clean


def pa_type() -> Any:
    from pyiceberg.types import StringType

    return StringType()


def test_a_table_of_which_every_row_goes_is_empty(lake: Lakehouse) -> None:
    made(lake, [[(SEALED[0], 1, "x")]])
    in_place(lake.address("arrests"))
    now = lake.catalog.load_table("police.arrests")
    assert (rows_of(lake.address("arrests")), now.scan().to_arrow().num_rows) == ([], 0)
    now.append(table(KEPT))
    assert rows_of(lake.address("arrests")) == as_text(KEPT)


def test_values_are_edited_in_place(lake: Lakehouse) -> None:
    held = made(lake, [ROWS, KEPT])
    in_place(lake.address("arrests"), null_columns=["note", "arrest_no"], accept_marks=["note", "arrest_no"])
    rows = [tuple(row.values()) for row in held.refresh().scan().to_arrow().to_pylist()]
    expected = [(None, row[1], None) if row[0] in SEALED else row for row in ROWS]
    assert in_order(rows) == in_order([*expected, *KEPT])


def appended(held: Table) -> None:
    held.append(table([(SEALED[2], 9, "late")]))


def compacted(held: Table) -> None:
    held.overwrite(held.scan().to_arrow())


def removed(held: Table) -> None:
    held.delete(f"arrest_no == '{CLEAR[0]}'")


def altered(held: Table) -> None:
    with held.update_schema() as change:
        change.add_column("more", pa_type())


def repartitioned(held: Table) -> None:
    with held.update_spec() as change:
        change.add_identity("precinct")


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize(
    "meanwhile", [appended, compacted, removed, altered, repartitioned], ids=lambda each: each.__name__
)
def test_another_writer_was_first(lake: Lakehouse, meanwhile: Callable[[Table], None], version: str) -> None:
    """Nothing is committed and no row is lost or doubled; the next run does it."""
    held = made(lake, [ROWS, KEPT], properties={"format-version": version})
    loaded = lake.catalog.load_table("police.arrests")
    meanwhile(held)
    before, rows = as_they_are(lake.folder("arrests")), held.scan().to_arrow().to_pylist()
    with pytest.raises(UnreadableInput, match="changed meanwhile; nothing was written"):
        in_place(loaded)
    left = set(as_they_are(lake.folder("arrests"))) - set(before)
    assert [name for name in left if not name.endswith(".metadata.json")] == []
    assert held.refresh().scan().to_arrow().to_pylist() == rows
    in_place(lake.address("arrests"))
    expected = [row for row in rows if row["arrest_no"] not in SEALED]
    assert in_order(held.refresh().scan().to_arrow().to_pylist()) == in_order(expected)


def test_a_version_of_which_nothing_is_removed_has_to_be_the_newest_too(lake: Lakehouse) -> None:
    held = made(lake, [KEPT])
    loaded = lake.catalog.load_table("police.arrests")
    held.append(table(ROWS))
    before = as_they_are(lake.folder("arrests"))
    with pytest.raises(UnreadableInput, match="changed meanwhile; nothing was written"):
        in_place(loaded)
    assert as_they_are(lake.folder("arrests")) == before


def test_another_writer_commits_at_the_last_moment(lake: Lakehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the question of the catalog which version there is, and its answer to the commit."""
    held = made(lake, [ROWS])
    real, late = SqlCatalog._write_metadata, []

    def write(*given: Any, **named: Any) -> None:
        real(*given, **named)
        if not late:
            late.append(True)
            held.append(table([(CLEAR[5], 9, "late")]))

    monkeypatch.setattr(SqlCatalog, "_write_metadata", staticmethod(write))
    with pytest.raises(UnreadableInput, match="changed meanwhile"):
        in_place(lake.address("arrests"))
    monkeypatch.undo()
    in_place(lake.catalog.load_table("police.arrests"))
    found = held.refresh().scan().to_arrow().column("arrest_no").to_pylist()
    assert in_order(found) == in_order([*(row[0] for row in KEPT), CLEAR[5]])


class Ended(RuntimeError):
    """An error whose text holds an id."""


def test_after_an_error_of_the_catalog_nothing_is_changed_or_it_is_said(
    lake: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(lake, [ROWS])
    made(lake, [ROWS], "other")
    before, real = as_they_are(lake.folder("arrests")), SqlCatalog.commit_table

    def commit_none(*given: Any) -> None:
        raise Ended(SEALED[0])

    def commit_and_lose(*given: Any) -> None:
        real(*given)
        with sqlite3.connect(lake.warehouse.parent / "catalog.db") as held:
            held.execute("ALTER TABLE iceberg_tables RENAME TO lost")
        raise Ended(SEALED[0])

    def commit_and_fail(*given: Any) -> None:
        real(*given)
        raise Ended(SEALED[0])

    monkeypatch.setattr(SqlCatalog, "commit_table", commit_none)
    with pytest.raises(WriteFailed, match="nothing was written") as caught:
        in_place(lake.address("arrests"))
    assert SEALED[0] not in str(caught.value)
    assert as_they_are(lake.folder("arrests")) == before
    monkeypatch.setattr(SqlCatalog, "commit_table", commit_and_lose)
    with pytest.raises(WriteFailed, match="cannot be asked whether the version was committed") as caught:
        in_place(lake.address("arrests"))
    assert SEALED[0] not in str(caught.value)
    with sqlite3.connect(lake.warehouse.parent / "catalog.db") as held:
        held.execute("ALTER TABLE lost RENAME TO iceberg_tables")
    assert rows_of(lake.address("arrests")) == as_text(KEPT)
    monkeypatch.setattr(SqlCatalog, "commit_table", commit_and_fail)
    in_place(lake.address("other"))  # the catalog has the version, whatever was said
    assert rows_of(lake.address("other")) == as_text(KEPT)


def test_rows_set_aside_and_what_could_not_be_checked(lake: Lakehouse) -> None:
    held = made(lake, [[*ROWS, (NEAR, 1, "near")]])
    with pytest.raises(UncheckedKeys):
        in_place(lake.address("arrests"))
    assert len(held.refresh().snapshots()) == 1
    aside = lake.warehouse.parent / "aside.parquet"
    in_place(lake.address("arrests"), quarantine=aside)
    assert pq.read_table(aside).column("arrest_no").to_pylist() == [NEAR]
    assert rows_of(lake.address("arrests")) == as_text(KEPT)


def test_what_stays_in_the_table_is_swept(lake: Lakehouse) -> None:
    held = made(lake, [ROWS], properties={"comment": f"see {SEALED[0]}"})
    with pytest.raises(SealedElsewhere):
        in_place(lake.address("arrests"))
    assert len(held.refresh().snapshots()) == 1


def test_a_dry_run_changes_nothing(lake: Lakehouse) -> None:
    made(lake, [ROWS])
    before = as_they_are(lake.folder("arrests"))
    assert in_place(lake.address("arrests"), dry_run=True).tables[0].removed == 2
    assert as_they_are(lake.folder("arrests")) == before


def test_what_is_not_committed_truly_is_refused_by_name(lake: Lakehouse, tmp_path: Path) -> None:
    keyed = made(lake, [ROWS], by=["arrest_no"])
    static = StaticTable.from_metadata(keyed.metadata_location)
    lake.create("cut", table(ROWS).schema, by=["arrest_no"], transform=TruncateTransform(4))
    dropped = made(lake, [ROWS], "dropped", by=["note"])
    with dropped.update_spec() as spec:
        spec.remove_field("part_0")
    with dropped.update_schema() as schema:
        schema.delete_column("note")
    newer = made(lake, [ROWS], "newer")
    edit_metadata(newer, {"format-version": 3, "next-row-id": 0})
    for data, said in (
        (lake.address("arrests"), "partitioned by a key column"),
        (lake.address("cut"), "not written: truncate|partitioned by a key column"),
        (lake.address("dropped"), "column that was dropped"),
        (static, "without a catalog"),
    ):
        with pytest.raises(UsageError, match=said):
            in_place(data)
    with pytest.raises(UnreadableInput, match="format version 3"):
        in_place(lake.address("newer"))
    for options in ({"output": lake.address("out")}, {"output": tmp_path / "out.parquet"}):
        with pytest.raises(ConfigError, match="without an output"):
            in_place(lake.address("arrests"), **options)
