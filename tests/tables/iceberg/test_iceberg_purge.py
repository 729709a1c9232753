"""After a purge the folder of an Iceberg table holds its current version, and nothing else."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.io.pyarrow import PyArrowFile
from pyiceberg.table import StaticTable, Table
from pyiceberg.table.statistics import BlobMetadata, PartitionStatisticsFile, StatisticsFile
from pyiceberg.table.update import SetPartitionStatisticsUpdate
from pyiceberg.types import StringType
from sqlalchemy.orm import Session

import sealscrub as ss
from sealscrub.errors import ConfigError, SealedElsewhere, UnreadableInput, UsageError, WriteFailed
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.iceberg.iceberg_purge import purge_iceberg
from sealscrub.tables.iceberg.iceberg_snapshot import IcebergSnapshot

from ...contracts.test_every_format import KEPT, ROWS, Row, as_text, table
from ...transforms.arrests import CLEAR, NULLS, ON, SEALED, index
from ..delta.test_delta_purge import COUNT
from ..delta.test_delta_table import drawn
from .lakehouse import Lakehouse, commit_deletes, data_paths, delete_file, local, rows_of, texts_of
from .test_iceberg_commit import as_they_are, in_order, made, stays

DRAWN = "5b1a4a2c-1111-4222-8333-444455556666"
LONG = "the name of a person, which is longer than a bound"


def purged(lake: Lakehouse, name: str = "arrests", **options: Any) -> Any:
    asked = {"policy": NULLS, "in_place": True, "purge_history": True, "orphans_older_than": 0} | options
    return ss.scrub(lake.address(name), index(), ON, **asked)


def purge_alone(lake: Lakehouse) -> Any:
    snapshot = IcebergSnapshot.open(IcebergAddress.parse(lake.address("arrests")))
    return purge_iceberg(snapshot, snapshot.metadata_location)


def earlier(folder: Path) -> list[Path]:
    """The metadata files of a folder, through which a version can be opened."""
    return sorted(folder.rglob("*.metadata.json"))


def assert_alone(lake: Lakehouse, rows: list[Row], before: list[Path], looked: tuple[str, ...] = ()) -> None:
    """The version is there, nothing else is, no file holds what went, and the table goes on."""
    folder, held = lake.folder("arrests"), lake.catalog.load_table("police.arrests")
    assert in_order(held.scan().to_arrow().to_pylist()) == in_order(table(rows).to_pylist())
    texts = " ".join([*texts_of(folder).values(), *(str(path.relative_to(folder)) for path in folder.rglob("*"))])
    assert [each for each in (*SEALED, LONG[:15], *looked) if each in texts] == []
    named = [held.metadata_location, *data_paths(held)]
    current = held.current_snapshot()
    if current is not None:
        assert [each.snapshot_id for each in held.snapshots()] == [current.snapshot_id]
        assert [each.snapshot_id for each in held.history()] == [current.snapshot_id]
        named += [current.manifest_list, *(each.manifest_path for each in current.manifests(held.io))]
    assert {path for path in folder.rglob("*") if path.is_file()} == {local(each) for each in named}
    assert not [path for path in folder.rglob("*") if path.is_dir() and not any(path.iterdir())]
    for path in set(before) - {local(held.metadata_location)}:
        with pytest.raises(FileNotFoundError):
            StaticTable.from_metadata(f"file://{path}")
    held.append(table(KEPT))
    assert held.scan().to_arrow().num_rows == len(rows) + len(KEPT)


@pytest.mark.parametrize("rows", [ROWS, KEPT], ids=["sealed", "clean"])
@pytest.mark.parametrize("place", ["data/00000-0-{}.parquet", "metadata/{}-m0.avro"])
def test_an_orphan_stays_while_an_engine_may_commit_it(lake: Lakehouse, place: str, rows: list[Row]) -> None:
    """And if it holds a sealed record, the run is not clean; when it is old, or no age is asked, it is deleted."""
    held = made(lake, [ROWS])
    before = earlier(lake.folder("arrests"))
    orphan = lake.folder("arrests") / place.format(DRAWN)
    if place.startswith("data"):
        pq.write_table(table(rows), orphan)
    else:
        other = lake.create("other", table(rows).schema, rows=table(rows)).current_snapshot()
        assert other is not None
        shutil.copy(local(other.manifests(held.io)[0].manifest_path), orphan)
    os.utime(orphan, (2**33, 2**33))
    if rows == ROWS:
        with pytest.raises(SealedElsewhere, match="too young to be deleted: 1 orphaned"):
            purged(lake, orphans_older_than=7)
    else:
        said = [" ".join(purged(lake, orphans_older_than=7, dry_run=dry).to_text().split()) for dry in (True, False)]
        assert all("1 orphaned" in each and "written less than 7 days ago" in each for each in said)
    assert orphan.exists()
    os.utime(orphan, (0, 0))
    purged(lake, orphans_older_than=7)
    assert_alone(lake, KEPT, before)


def deleted(lake: Lakehouse, held: Table) -> None:
    held.delete(f"arrest_no = '{SEALED[1]}'")


def merged_on_read(lake: Lakehouse, held: Table) -> None:
    paths = data_paths(held)
    if paths:
        rows = pq.read_table(local(paths[0])).column("arrest_no").to_pylist()
        hidden = [at for at, key in enumerate(rows) if key in SEALED]
        if hidden:
            commit_deletes(held, delete_file(held, paths[0], hidden))


def compacted(lake: Lakehouse, held: Table) -> None:
    held.overwrite(held.scan().to_arrow())


def widened(lake: Lakehouse, held: Table) -> None:
    name = f"more_{len(held.schemas())}"
    with held.update_schema() as change:
        change.add_column(name, StringType(), doc=f"see {SEALED[3]}")
    with held.update_schema() as change:
        change.delete_column(name)


def described(lake: Lakehouse, held: Table) -> None:
    with held.transaction() as change:
        change.set_properties(comment=f"see {SEALED[2]}")
    with held.transaction() as change:
        change.remove_properties("comment")


def counted(lake: Lakehouse, held: Table) -> None:
    """A file of statistics, as other engines write them."""
    current = held.current_snapshot()
    if current is not None:
        place = f"{held.location()}/metadata/{current.snapshot_id}.stats"
        local(place).write_bytes(b"PFA1" + SEALED[4].encode())
        kind = {"type": "apache-datasketches-theta-v1", "fields": [1]}
        blob = BlobMetadata.model_validate(
            {**kind, "snapshot-id": current.snapshot_id, "sequence-number": 1, "properties": {}}
        )
        file = StatisticsFile(
            snapshot_id=current.snapshot_id,
            statistics_path=place,
            file_size_in_bytes=4,
            file_footer_size_in_bytes=1,
            blob_metadata=[blob],
        )
        with held.update_statistics() as change:
            change.set_statistics(file)
        parted = f"{held.location()}/metadata/partition-stats-{current.snapshot_id}.parquet"
        pq.write_table(table(ROWS), local(parted))
        stated = PartitionStatisticsFile(
            snapshot_id=current.snapshot_id, statistics_path=parted, file_size_in_bytes=local(parted).stat().st_size
        )
        held._do_commit((SetPartitionStatisticsUpdate(partition_statistics=stated),), ())


def strewn(lake: Lakehouse, held: Table) -> None:
    """Files that other engines and runs that were cut off leave."""
    folder = lake.folder("arrests")
    old = folder / "data" / f"arrest_no={SEALED[2]}"
    (old / "empty").mkdir(parents=True, exist_ok=True)
    pq.write_table(table(ROWS), old / f"00000-0-{DRAWN}-00001.parquet")
    pq.write_table(table(ROWS), folder / "metadata" / f"partition-stats-1-{DRAWN}.parquet")
    (folder / "metadata" / f"00009-{DRAWN}.metadata.json").write_text(f'{{"table-uuid": "{SEALED[3]}')
    (folder / "metadata" / f"{DRAWN}-m0.avro").write_bytes(b"Obj\x01" + SEALED[4].encode())
    (folder / "metadata" / f"snap-7-0-{DRAWN}.avro").write_bytes(b"Obj\x01" + SEALED[4].encode())
    (folder / "data" / f".00000-0-{DRAWN}.orc.crc").write_bytes(b"crc\x00" + SEALED[5].encode())
    (folder / "data" / f"00000-0-{DRAWN}.orc").write_bytes(b"ORC" + SEALED[6].encode())


STEPS: list[Callable[[Lakehouse, Table], None]] = [
    deleted,
    merged_on_read,
    compacted,
    widened,
    described,
    counted,
    strewn,
]


@settings(max_examples=6, deadline=None)
@given(
    st.lists(st.lists(drawn, min_size=1, max_size=4), min_size=1, max_size=2),
    st.sampled_from([[], ["note"], ["precinct"]]),
    st.lists(st.sampled_from([each for each in STEPS if each is not merged_on_read]), max_size=4),
)
def test_what_is_left_is_the_version_alone(
    tmp_path_factory: pytest.TempPathFactory,
    commits: list[list[Row]],
    by: list[str],
    steps: list[Callable[[Lakehouse, Table], None]],
) -> None:
    lake = Lakehouse(tmp_path_factory.mktemp("purge"))
    with contextlib.closing(lake):
        held = made(lake, commits, by=by)
        for step in steps:
            step(lake, held)
        before = earlier(lake.folder("arrests"))
        purged(lake)
        assert_alone(lake, stays(commits), before)


def whole(lake: Lakehouse) -> list[Row]:
    """A table on which all of it was done; the rows that stay."""
    held = made(lake, [ROWS, [(SEALED[0], 75, LONG), (CLEAR[5], 40, None)]])
    for step in STEPS:
        step(lake, held)
    return [*KEPT, (CLEAR[5], 40, None)]


def test_a_table_on_which_all_was_done(lake: Lakehouse) -> None:
    kept = whole(lake)
    folder = lake.folder("arrests")
    before, names = as_they_are(folder), earlier(folder)
    said = " ".join(purged(lake, dry_run=True).to_text().split())
    assert "the history would be deleted" in said
    count = COUNT.search(said)
    assert "no earlier version could be opened afterwards" in said
    for kind in ("metadata files", "statistics files", "manifest lists", "manifests", "data files", "1 checksum"):
        assert kind in said
    assert as_they_are(folder) == before
    report = purged(lake)
    done = " ".join(report.to_text().split())
    assert "the history was deleted" in done
    assert count is not None
    assert count[0] in done
    assert "earlier versions of the table" not in report.to_text()
    again = as_they_are(folder)
    assert "no file" in purged(lake).to_text()
    assert as_they_are(folder) == again
    assert_alone(lake, kept, names)


@pytest.mark.parametrize("version", ["1", "2"])
def test_bounds_of_a_removed_file_are_gone(lake: Lakehouse, version: str) -> None:
    """Whole, cut at 16 characters with the last one raised, and as bytes of numbers; of a file that has no row left."""
    rows: list[Row] = [(SEALED[0], 7777777, LONG), (SEALED[1], 7777778, LONG)]
    made(lake, [rows, KEPT], properties={"format-version": version})
    little = [(number).to_bytes(8, "little") for number in (7777777, 7777778)]
    folder = lake.folder("arrests")
    texts = " ".join(texts_of(folder).values())
    assert LONG[:15] in texts
    purged(lake)
    assert not [each for path in folder.rglob("*") if path.is_file() for each in little if each in path.read_bytes()]
    assert_alone(lake, KEPT, [], looked=tuple(repr(each)[2:-1] for each in little))


def test_empty_folders_that_a_run_left_are_removed_by_the_next(lake: Lakehouse) -> None:
    """Though there is no file to delete any more: their names can hold ids."""
    made(lake, [ROWS])
    purged(lake)
    (lake.folder("arrests") / "data" / f"arrest_no={SEALED[2]}" / "empty").mkdir(parents=True)
    purged(lake)
    assert_alone(lake, KEPT, [])


def test_every_row_goes(lake: Lakehouse) -> None:
    made(lake, [[(SEALED[0], 1, LONG)]])
    purged(lake)
    assert_alone(lake, [], [])


def test_a_table_that_never_had_a_row(lake: Lakehouse) -> None:
    held = made(lake, [])
    described(lake, held)
    widened(lake, held)
    before = earlier(lake.folder("arrests"))
    purged(lake)
    assert_alone(lake, [], before)


def test_a_file_of_which_rows_are_hidden_is_written_again(lake: Lakehouse) -> None:
    held = made(lake, [ROWS, KEPT])
    sealed = next(path for path in data_paths(held) if pq.read_metadata(local(path)).num_rows == len(ROWS))
    hidden = [at for at, row in enumerate(ROWS) if row[0] in SEALED]
    commit_deletes(held, delete_file(held, sealed, hidden))
    purged(lake)
    assert_alone(lake, [*KEPT, *KEPT], [])


DEEP: dict[str, tuple[Any, Any, Any]] = {  # a dropped column: its name, its type, and a value
    "top": ("deep", pa.string(), SEALED[0]),
    "struct": (("deep", "a"), pa.struct({"a": pa.string(), "b": pa.string()}), {"a": SEALED[0], "b": "y"}),
    "list": (
        ("deep", "element", "a"),
        pa.list_(pa.struct({"a": pa.string(), "b": pa.string()})),
        [{"a": SEALED[0], "b": "y"}],
    ),
    "map": (
        ("deep", "value", "a"),
        pa.map_(pa.string(), pa.struct({"a": pa.string(), "b": pa.string()})),
        [("x", {"a": SEALED[0], "b": "y"})],
    ),
    "deeper": (
        ("deep", "m", "a"),
        pa.struct({"m": pa.struct({"a": pa.string(), "b": pa.string()})}),
        {"m": {"a": SEALED[0], "b": "y"}},
    ),
}


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("ids", [True, False], ids=["", "without-ids"])
@pytest.mark.parametrize("place", DEEP)
def test_a_column_that_was_dropped_leaves_the_files(lake: Lakehouse, place: str, ids: bool) -> None:
    """Also those that another program wrote, whose fields have names and no ids."""
    name, kind, value = DEEP[place]
    rows = pa.table({"arrest_no": [CLEAR[0]], "precinct": [1], "deep": pa.array([value], type=kind)})
    held = lake.create("arrests", rows.schema)
    if ids:
        held.append(rows)
    else:
        path = f"file://{lake.folder('arrests')}/data/added.parquet"
        local(path).parent.mkdir(parents=True)
        pq.write_table(rows, local(path))
        held.add_files([path])
    with held.update_schema() as change:
        change.delete_column(name)
    purged(lake)
    texts = " ".join(texts_of(lake.folder("arrests")).values())
    assert [key for key in SEALED if key in texts] == []
    (kept,) = lake.catalog.load_table("police.arrests").scan().to_arrow().to_pylist()
    assert (kept["arrest_no"], kept["precinct"]) == (CLEAR[0], 1)
    assert ("deep" in kept) == (place != "top")


def test_what_the_table_declares_stays(lake: Lakehouse) -> None:
    properties = {"comment": "of a year", "write.parquet.compression-codec": "snappy", "owner": "city"}
    held = made(lake, [ROWS], by=["precinct"], properties=properties)
    purged(lake)
    now = lake.catalog.load_table("police.arrests")
    for name in ("properties", "table_uuid", "location", "format_version", "default_spec_id", "default_sort_order_id"):
        assert getattr(now.metadata, name) == getattr(held.metadata, name)
    assert (now.schema(), now.spec(), now.sort_order()) == (held.schema(), held.spec(), held.sort_order())


@settings(max_examples=4, deadline=None)
@given(st.lists(st.lists(drawn, min_size=1, max_size=4), min_size=1, max_size=3), st.sampled_from([[], ["precinct"]]))
def test_which_files_held_sealed_rows_is_hidden(
    tmp_path_factory: pytest.TempPathFactory, commits: list[list[Row]], by: list[str]
) -> None:
    """With all files written again they are, but for what is drawn, those of the table without the sealed rows."""
    lake, found = Lakehouse(tmp_path_factory.mktemp("hidden")), []
    with contextlib.closing(lake):
        without = [kept for rows in commits if (kept := [row for row in rows if row[0] not in SEALED])]
        for name, rows in (("with", commits), ("without", without)):
            made(lake, rows, name, by=by)
            purged(lake, name, rewrite="all")
            found.append(without_chance(lake, name))
    assert found[0] == found[1]


def without_chance(lake: Lakehouse, name: str) -> Any:
    """What a purged table holds and says, but for ids, names, numbers and times that are drawn or counted."""
    held = lake.catalog.load_table(f"police.{name}")
    current, stated = held.current_snapshot(), []
    for manifest in [] if current is None else current.manifests(held.io):
        for entry in manifest.fetch_manifest_entry(held.io):
            file = entry.data_file
            path = local(file.file_path)
            folder = path.parent.relative_to(lake.folder(name)).as_posix()
            facts = (file.record_count, file.column_sizes, file.value_counts, file.lower_bounds, file.upper_bounds)
            stated.append((entry.status, folder, path.name.split("-")[:2], *facts, path.read_bytes()))
    document = json.loads(held.metadata.model_dump_json())
    kept = ("schemas", "partition-specs", "properties", "sort-orders")
    summary = None if current is None or current.summary is None else current.summary.additional_properties
    return stated, summary if stated else None, [document[each] for each in kept]


class Killed(BaseException):
    """The process ended."""


CHANGES: tuple[tuple[Any, str], ...] = (
    (os, "unlink"),
    (os, "rmdir"),
    (PyArrowFile, "create"),
    (SqlCatalog, "commit_table"),
    (Session, "commit"),  # after the metadata file was written
)


@contextlib.contextmanager
def killed_at(step: int, before: Callable[[int], None] = lambda number: None) -> Iterator[list[str]]:
    """Let nothing be written, committed or deleted from a step on, as after a kill; the steps that happened."""
    seen: list[str] = []

    def called(name: str, real: Any) -> Callable[..., Any]:
        def change(*given: Any, **named: Any) -> Any:
            if len(seen) >= step:
                raise Killed
            before(len(seen))
            seen.append(name)
            return real(*given, **named)

        return change

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in CHANGES:
            patch.setattr(owner, name, called(name, getattr(owner, name)))
        yield seen


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.long)])
def test_after_a_kill_at_any_step_the_table_is_read_and_purged(lake: Lakehouse, tmp_path: Path, every: int) -> None:
    """From the first file of the new version to the last folder that is removed."""
    kept = whole(lake)
    catalog, folder = lake.warehouse.parent / "catalog.db", lake.folder("arrests")
    before = earlier(folder)
    shutil.copytree(folder, tmp_path / "built")
    shutil.copy(catalog, tmp_path / "built.db")
    for number in itertools.count(0, every):
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "built", folder)
        lake.catalog.close()  # SQLite keeps pages of a file that was replaced by one of as many changes
        shutil.copy(tmp_path / "built.db", catalog)
        with killed_at(number) as steps, contextlib.suppress(Killed):
            purged(lake)
        rows = [row for row in rows_of(lake.address("arrests")) if row[0] not in SEALED]
        assert in_order(rows) == in_order(as_text(kept))
        if number % 2 == 0 or len(steps) < number:
            purged(lake)
            assert_alone(lake, kept, before)
        if len(steps) < number:
            break
    assert number > 20
    assert {name for _, name in CHANGES} <= set(steps)


@pytest.mark.thinned(together=0)
@pytest.mark.parametrize("number", range(0, 24, 3))
def test_after_a_kill_young_files_are_known_by_name(lake: Lakehouse, number: int) -> None:
    """So the next run deletes them; what it wrote and did not commit are orphans without a sealed record."""
    held = made(lake, [ROWS, [(SEALED[0], 75, LONG), (CLEAR[5], 40, None)]])
    held.overwrite(held.scan().to_arrow())
    with killed_at(number), contextlib.suppress(Killed):
        purged(lake)
    purged(lake, orphans_older_than=100_000)
    kept: list[Row] = [*KEPT, (CLEAR[5], 40, None)]
    assert in_order(rows_of(lake.address("arrests"))) == in_order(as_text(kept))
    assert not [key for key in (*SEALED, LONG[:15]) if key in " ".join(texts_of(lake.folder("arrests")).values())]
    purged(lake)
    assert_alone(lake, kept, [])


@pytest.mark.parametrize("said", ["false", "FALSE"])
def test_a_table_whose_files_may_not_be_deleted_is_refused(lake: Lakehouse, said: str) -> None:
    """Engines set it where another table has the same files."""
    held = made(lake, [ROWS], properties={"gc.enabled": said})
    before = as_they_are(lake.folder("arrests"))
    with pytest.raises(UsageError, match=r"gc\.enabled"):
        purged(lake)
    assert as_they_are(lake.folder("arrests")) == before
    held.transaction().set_properties({"gc.enabled": "true"}).commit_transaction()
    purged(lake)
    assert_alone(lake, KEPT, [])


@pytest.mark.parametrize("step", ["create", "commit_table", "unlink"])
def test_a_commit_of_another_writer_stops_it(lake: Lakehouse, step: str) -> None:
    """Before the version is committed, before it is made to stand alone, and while files are deleted."""
    made(lake, [ROWS])
    late: list[Row] = [(CLEAR[7], 40, "late")]
    done: list[bool] = []
    real = {"create": PyArrowFile.create, "commit_table": SqlCatalog.commit_table, "unlink": os.unlink}[step]
    owner = {"create": PyArrowFile, "commit_table": SqlCatalog, "unlink": os}[step]

    def change(*given: Any, **named: Any) -> Any:
        if not done:
            done.append(True)
            lake.catalog.load_table("police.arrests").append(table(late))
        return real(*given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, step, change)
        with pytest.raises(UnreadableInput, match=r"changed meanwhile|somebody else"):
            purged(lake)
    rows = [row for row in rows_of(lake.address("arrests")) if row[0] not in SEALED]
    assert in_order(rows) == in_order(as_text([*KEPT, *late]))
    purged(lake)
    assert_alone(lake, [*KEPT, *late], [])


def test_a_file_that_somebody_is_writing_stops_it(lake: Lakehouse) -> None:
    made(lake, [KEPT])
    folder = lake.folder("arrests")

    def meanwhile(step: int) -> None:
        pq.write_table(table(KEPT), folder / "data" / f"00000-0-{DRAWN}.parquet")

    with killed_at(1000, meanwhile), pytest.raises(UnreadableInput, match="somebody else"):
        purge_alone(lake)
    assert (folder / "data" / f"00000-0-{DRAWN}.parquet").exists()
    assert len(rows_of(lake.address("arrests"))) == len(KEPT)


def test_tags_are_named(lake: Lakehouse) -> None:
    held = made(lake, [ROWS])
    current = held.current_snapshot().snapshot_id  # type: ignore[union-attr]  # there is one
    held.manage_snapshots().create_tag(current, "audit").create_tag(current, f"of-{SEALED[0]}").commit()
    before = as_they_are(lake.folder("arrests"))
    for dry in (True, False):
        with pytest.raises(UsageError, match=r"keep versions: audit, 1 whose names are not of letters") as caught:
            purged(lake, dry_run=dry)
        assert SEALED[0] not in str(caught.value)
    assert as_they_are(lake.folder("arrests")) == before
    held.manage_snapshots().remove_tag("audit").remove_tag(f"of-{SEALED[0]}").commit()
    purged(lake)
    assert_alone(lake, KEPT, [])


@pytest.mark.parametrize("place", ["notes.txt", "metadata/mine.json", f"{SEALED[6]}.txt"])
def test_files_that_are_not_of_a_table_are_refused(lake: Lakehouse, place: str) -> None:
    made(lake, [ROWS])
    (lake.folder("arrests") / place).write_text("{}")
    before = as_they_are(lake.folder("arrests"))
    for dry in (True, False):
        with pytest.raises(UsageError, match=r"1 file .* not known as of an Iceberg table") as caught:
            purged(lake, dry_run=dry)
        assert SEALED[6] not in str(caught.value)
    assert as_they_are(lake.folder("arrests")) == before


def test_files_outside_of_the_folder_are_refused(lake: Lakehouse) -> None:
    """Also when only an earlier version names them."""
    held = made(lake, [ROWS], properties={"write.data.path": f"file://{lake.warehouse}/apart"})
    with pytest.raises(UsageError, match="files of the table are outside of its folder, and would not be deleted: 1"):
        purged(lake)
    with held.transaction() as change:
        change.remove_properties("write.data.path")
    held.overwrite(table(KEPT))
    with pytest.raises(UsageError, match="outside of its folder"):
        purged(lake)


def test_files_of_another_table_are_not_deleted(lake: Lakehouse) -> None:
    made(lake, [ROWS])
    lake.catalog.create_table("police.other", table(KEPT).schema, location=f"file://{lake.folder('arrests')}").append(
        table(KEPT)
    )
    before = as_they_are(lake.folder("arrests"))
    for name in ("arrests", "other"):
        with pytest.raises(UsageError, match="metadata of another table"):
            purged(lake, name)
    assert as_they_are(lake.folder("arrests")) == before


def test_symbolic_links_are_not_followed(lake: Lakehouse, tmp_path: Path) -> None:
    made(lake, [ROWS])
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "a.parquet").write_bytes(b"x")
    (lake.folder("arrests") / "data" / "folder").symlink_to(tmp_path / "else")
    with pytest.raises(UnreadableInput, match="symbolic link"):
        purged(lake)
    assert (tmp_path / "else" / "a.parquet").read_bytes() == b"x"


def test_files_without_a_sealed_row_stay_as_they_are(lake: Lakehouse) -> None:
    """But for one whose footer says more than its rows."""
    held = made(lake, [KEPT, ROWS])
    before = set(data_paths(held))
    purged(lake)
    after = set(data_paths(held.refresh()))
    assert len(before & after) == 1
    path = f"{held.location()}/data/added.parquet"
    rows = table(KEPT).replace_schema_metadata({"about": f"see {SEALED[0]}"})
    pq.write_table(rows, local(path))
    held.add_files([path])
    purged(lake)
    assert path not in data_paths(held.refresh())
    assert_alone(lake, [*KEPT, *KEPT, *KEPT], [])


def test_it_goes_with_rows_that_are_removed_in_place(lake: Lakehouse) -> None:
    made(lake, [ROWS])
    before = as_they_are(lake.folder("arrests"))
    for options in (
        {"in_place": False, "output": lake.address("out")},
        {"null_columns": ["note"]},
        {"purge_history": False, "rewrite": "all"},
    ):
        with pytest.raises(ConfigError, match=r"deleted only|deleting a history"):
            purged(lake, **options)
    assert as_they_are(lake.folder("arrests")) == before


def test_a_table_that_was_handed_in_is_purged_as_its_catalog_has_it(lake: Lakehouse) -> None:
    held = made(lake, [ROWS])
    ss.scrub(held, index(), ON, policy=NULLS, in_place=True, purge_history=True)
    assert_alone(lake, KEPT, [])


def test_a_file_that_cannot_be_deleted_is_said(lake: Lakehouse) -> None:
    made(lake, [ROWS])
    real = os.unlink

    def refused(place: Any, *_: Any, **__: Any) -> None:
        if str(place).endswith(".json"):
            raise PermissionError(13, "Permission denied", SEALED[0])
        real(place)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "unlink", refused)
        with pytest.raises(WriteFailed, match="Permission denied") as caught:
            purged(lake)
    assert SEALED[0] not in str(caught.value)
    purged(lake)
    assert_alone(lake, KEPT, [])


def test_partition_specs_that_files_have_stay_and_others_go(lake: Lakehouse) -> None:
    held = made(lake, [KEPT], by=["precinct"])
    with held.update_spec() as change:
        change.add_identity("note")
    with held.update_spec() as change:
        change.remove_field("part_0")
    with held.update_spec() as change:
        change.remove_field("note")
    held.append(table(ROWS))
    assert len(held.refresh().specs()) == 4
    purged(lake)
    now = lake.catalog.load_table("police.arrests")
    assert sorted(now.specs()) == [0, now.metadata.default_spec_id]
    assert now.inspect.files().column("spec_id").to_pylist() != [now.metadata.default_spec_id] * 2
    assert in_order(now.scan().to_arrow().to_pylist()) == in_order(table([*KEPT, *KEPT]).to_pylist())
