"""After a purge the folder holds what the newest version needs, and nothing of what was removed."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import deltalake
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, SealedElsewhere, UnreadableInput, UsageError, WriteFailed
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.delta.delta_purge import purge_delta
from sealscrub.tables.delta.delta_snapshot import DeltaSnapshot

from ...contracts.test_every_format import KEPT, ROWS, Row, table
from ...transforms.arrests import CLEAR, NULLS, ON, SEALED, index
from .hand_built import hand_built
from .test_delta_table import drawn, expected, files, rows_of, written

COUNT = re.compile(r"\d[^:]* files?[^:]* \([\d,]+ bytes\)")
LONG = f"a note of more characters than are kept of it, on {SEALED[0]}"
LOG = "_delta_log"
LEFT = "part-00000-5b1a4a2c-1111-4222-8333-444455556666.c000.snappy.parquet"
NONE_IS_OLD, CENTURIES = 0.0, 100_000  # of all files, as a moment and in days
OLD = "deletion_vector_5b1a4a2c-1111-4222-8333-444455556666.bin"


def purged(folder: Path, **options: Any) -> Any:
    asked = {"policy": NULLS, "in_place": True, "purge_history": True, "orphans_older_than": 0} | options
    return ss.scrub(f"delta:{folder}", index(), ON, **asked)


def texts(folder: Path) -> str:
    """All that the folder holds, decoded: names, JSON, values, statistics and metadata of Parquet, and the bytes."""
    said: list[str] = []
    for path in folder.rglob("*"):
        said.append(str(path.relative_to(folder)))
        if path.is_file():
            said.append(path.read_bytes().decode("latin-1"))
        if path.suffix == ".parquet":
            opened = pq.ParquetFile(path)
            said += [str(opened.read().to_pylist()), str(opened.metadata.metadata)]
            groups = [opened.metadata.row_group(at) for at in range(opened.num_row_groups)]
            columns = [group.column(at) for group in groups for at in range(group.num_columns)]
            said += [str(column.statistics and column.statistics.to_dict()) for column in columns]
    return "\n".join(said)


def assert_alone(folder: Path, rows: list[Row]) -> None:
    """The version is there, nothing else is, and the table goes on."""
    opened = deltalake.DeltaTable(folder)
    version, held = opened.version(), texts(folder)
    assert not [key for key in SEALED if key in held]
    assert LONG[:32] not in held
    assert rows_of(folder) == expected(rows)
    logged = {path.name for path in (folder / LOG).iterdir()}
    assert logged == {f"{version:020}.json", f"{version:020}.checkpoint.parquet", "_last_checkpoint"}
    data = {path.name for path in folder.rglob("*") if path.is_file() and path.parent != folder / LOG}
    assert data == {uri.rpartition("/")[2] for uri in opened.file_uris()}
    assert not [path for path in folder.rglob("*") if path.is_dir() and not any(path.iterdir())]
    for earlier in range(version):
        with pytest.raises(DeltaError):
            deltalake.DeltaTable(folder, version=earlier)
    written(folder, [KEPT])
    assert len(rows_of(folder)) == len(rows) + len(KEPT)


def checkpointed(folder: Path) -> None:
    deltalake.DeltaTable(folder).create_checkpoint()


def deleted(folder: Path) -> None:
    deltalake.DeltaTable(folder).delete(f"arrest_no = '{SEALED[1]}'")


def compacted(folder: Path) -> None:
    deltalake.DeltaTable(folder).optimize.compact()


def overwritten(folder: Path) -> None:
    held = deltalake.DeltaTable(folder).to_pyarrow_table()
    deltalake.write_deltalake(folder, held, mode="overwrite")


def strewn(folder: Path) -> None:
    """Files that other engines and runs that were cut off leave."""
    log, feed, old = folder / LOG, folder / "_change_data", folder / f"arrest_no={SEALED[2]}"
    for place in (feed, old / "empty", log / "_sidecars"):
        place.mkdir(parents=True, exist_ok=True)
    for place in (folder, feed, old, log / "_sidecars"):
        pq.write_table(table(ROWS), place / LEFT)
    one = f"{0:020}"
    for name in (f"{one}.crc", f"{one}.{1:020}.compacted.json", f"_commit_{uuid.uuid4()}.json.tmp"):
        (log / name).write_text(json.dumps({"add": {"path": SEALED[3]}}))
    (log / f".{one}.json.crc").write_bytes(b"crc\x00" + SEALED[4].encode())
    (folder / f".{LEFT}.crc").write_bytes(b"crc\x00")
    (folder / OLD).write_bytes(b"\x01")
    (folder / f".{'a' * 16}.part").write_text(SEALED[5])


STEPS: list[Callable[[Path], None]] = [checkpointed, deleted, compacted, overwritten, strewn]


def removed(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row[0] not in SEALED]


@settings(max_examples=4, deadline=None)
@given(
    st.lists(st.lists(drawn, min_size=1, max_size=4), min_size=1, max_size=2),
    st.sampled_from([None, ["note"], ["precinct"]]),
    st.lists(st.sampled_from(STEPS), max_size=4),
)
def test_what_is_left_is_the_version_alone(
    tmp_path_factory: pytest.TempPathFactory,
    commits: list[list[Row]],
    by: list[str] | None,
    steps: list[Callable[[Path], None]],
) -> None:
    folder = tmp_path_factory.mktemp("purge") / "t"
    written(folder, commits, partition_by=by)
    for step in steps:
        step(folder)
    purged(folder)
    assert_alone(folder, removed([row for rows in commits for row in rows]))


@settings(max_examples=3, deadline=None)
@given(st.lists(st.lists(drawn, min_size=1, max_size=4), min_size=1, max_size=3), st.sampled_from([None, ["precinct"]]))
def test_which_files_held_sealed_rows_is_hidden(
    tmp_path_factory: pytest.TempPathFactory, commits: list[list[Row]], by: list[str] | None
) -> None:
    """Files are, by name and bytes, those of the table without the sealed rows; so is the log but for id and times."""
    folder, made = tmp_path_factory.mktemp("hidden"), []
    for name, rows in (("with", commits), ("without", [removed(each) for each in commits])):
        written(folder / name, rows, partition_by=by)
        purged(folder / name, rewrite="all")
        (place,) = (folder / name / LOG).glob("*.parquet")
        adds = [row["add"] for row in pq.read_table(place).to_pylist() if row["add"]]
        said = sorted((add["path"], add["size"], add["stats"], str(add["partitionValues"])) for add in adds)
        held = {path: data for path, data in files(folder / name).items() if not path.startswith(LOG)}
        made.append((held, said))
    assert made[0] == made[1]


def test_which_files_held_sealed_rows_is_hidden_where_a_run_before_named_them(tmp_path: Path) -> None:
    """Files of runs in place are named by their content: those of one that removed nothing have their name already."""
    rows, earlier, names = [ROWS[:2], ROWS[1:3], ROWS[2:]], example_index(["Q14999999"]), []
    for name, commits in (("with", rows), ("without", [removed(each) for each in rows])):
        written(tmp_path / name, commits)
        for known in (earlier, index()):
            options: Any = {"policy": NULLS, "in_place": True, "rewrite": "all", "purge_history": True}
            ss.scrub(f"delta:{tmp_path / name}", known, ON, orphans_older_than=0, **options)
        names.append(sorted(path.name for path in (tmp_path / name).glob("*.parquet")))
    assert names[0] == names[1]


def whole(folder: Path) -> Path:
    """A table on which all of it was done."""
    written(folder, [ROWS, [(SEALED[0], 75, LONG)]], partition_by=["precinct"])
    for step in STEPS:
        step(folder)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return whole(tmp_path_factory.mktemp("built") / "t")


def test_a_table_on_which_all_was_done(built: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(built, tmp_path / "t"))
    before = files(folder)
    said = " ".join(purged(folder, dry_run=True).to_text().split())
    count = COUNT.search(said)
    assert "the history would be deleted" in said
    assert "no earlier version could be opened afterwards" in said
    for kind in (
        "log entries",
        "checkpoints",
        "data files",
        "3 checksums",
        "1 orphaned deletion vector",
        "change data feed",
    ):
        assert kind in said
    assert files(folder) == before
    done = " ".join(purged(folder).to_text().split())
    assert "the history was deleted" in done
    assert count is not None
    assert count[0] in done
    again = files(folder)
    assert "no file" in purged(folder).to_text()
    assert files(folder) == again
    assert_alone(folder, KEPT)


@pytest.mark.parametrize("stored", [False, True])
def test_rows_behind_deletion_vectors_are_gone(tmp_path: Path, stored: bool) -> None:
    options: dict[str, Any] = {"reader": ["deletionVectors"], "stored": stored}
    hand_built(tmp_path / "t", [ROWS, KEPT], vectors={0: [0, 1, 3], 1: [0]}, **options)
    purged(tmp_path / "t", orphans_older_than=CENTURIES)  # vectors that the log names are not orphans
    assert_alone(tmp_path / "t", [ROWS[2], ROWS[4], *KEPT[1:]])


def test_a_table_with_checkpoints_of_version_2(tmp_path: Path) -> None:
    hand_built(tmp_path / "t", [ROWS], reader=["v2Checkpoint"], properties={"delta.checkpointPolicy": "v2"})
    purged(tmp_path / "t")
    written(tmp_path / "t", [KEPT])
    purged(tmp_path / "t")
    assert rows_of(tmp_path / "t") == expected([*KEPT, *KEPT])
    assert not [key for key in SEALED if key in texts(tmp_path / "t")]


def test_what_the_table_declares_stays(tmp_path: Path) -> None:
    properties = {"delta.constraints.one": "precinct < 80", "delta.logRetentionDuration": "interval 9 days"}
    hand_built(tmp_path / "t", [ROWS], properties=properties, versions=(1, 3), name="arrests", description="of a year")
    log = tmp_path / "t" / LOG / f"{0:020}.json"
    log.write_text(log.read_text() + json.dumps({"txn": {"appId": "nightly", "version": 7}}) + "\n")
    was = deltalake.DeltaTable(tmp_path / "t")
    purged(tmp_path / "t")
    now = deltalake.DeltaTable(tmp_path / "t")
    for name in ("id", "name", "description", "created_time", "configuration", "partition_columns"):
        assert getattr(now.metadata(), name) == getattr(was.metadata(), name)
    assert str(now.protocol()) == str(was.protocol())
    assert now.schema() == was.schema()
    assert now.transaction_version("nightly") == 7
    with pytest.raises(Exception, match="1 rows failed validation"):
        written(tmp_path / "t", [[(CLEAR[0], 90, None)]])


def test_empty_folders_that_a_run_left_are_removed_by_the_next(tmp_path: Path) -> None:
    """Though there is no file to delete any more: their names can hold ids."""
    written(tmp_path / "t", [ROWS])
    purged(tmp_path / "t")
    (tmp_path / "t" / f"arrest_no={SEALED[2]}" / "empty").mkdir(parents=True)
    purged(tmp_path / "t")
    assert_alone(tmp_path / "t", KEPT)


@pytest.mark.parametrize("rows", [ROWS, KEPT], ids=["sealed", "clean"])
@pytest.mark.parametrize("place", [LEFT, f"_change_data/{LEFT}", OLD])
def test_an_orphan_stays_while_an_engine_may_commit_it(tmp_path: Path, place: str, rows: list[Row]) -> None:
    """And if it holds a sealed record, the run is not clean; when it is old, or no age is asked, it is deleted."""
    folder = tmp_path / "t"
    written(folder, [ROWS])
    (folder / place).parent.mkdir(exist_ok=True)
    if place == OLD:
        (folder / place).write_bytes(b"\x01")
    else:
        pq.write_table(table(rows), folder / place)
    os.utime(folder / place, (2**33, 2**33))
    if rows == ROWS and place != OLD:
        with pytest.raises(SealedElsewhere, match="too young to be deleted: 1 orphaned"):
            purged(folder, orphans_older_than=7)
    else:
        said = [" ".join(purged(folder, orphans_older_than=7, dry_run=dry).to_text().split()) for dry in (True, False)]
        assert all(re.search("1 orphaned [a-z ]+, written less than 7 days ago,", each) for each in said)
    assert (folder / place).exists()
    assert rows_of(folder) == expected(KEPT)
    os.utime(folder / place, (0, 0))
    purged(folder, orphans_older_than=7)
    assert_alone(folder, KEPT)


def test_what_was_left_can_be_committed_afterwards(tmp_path: Path) -> None:
    """By an engine that tries again, such as Spark."""
    written(tmp_path / "t", [ROWS])
    late: list[Row] = [(CLEAR[7], 40, "late")]
    pq.write_table(table(late), tmp_path / "t" / LEFT)
    purged(tmp_path / "t", orphans_older_than=CENTURIES)
    action = AddAction(LEFT, (tmp_path / "t" / LEFT).stat().st_size, {}, 1000, True, json.dumps({"numRecords": 1}))
    writer = deltalake.DeltaTable(tmp_path / "t")
    writer.create_write_transaction([action], "append", writer.schema())
    assert rows_of(tmp_path / "t") == expected([*KEPT, *late])


@pytest.mark.parametrize("days", [-1, float("nan"), float("inf"), "7"])
def test_an_age_is_a_number_of_days(tmp_path: Path, days: Any) -> None:
    written(tmp_path / "t", [ROWS])
    before = files(tmp_path / "t")
    with pytest.raises(ConfigError, match="number of days"):
        purged(tmp_path / "t", orphans_older_than=days)
    assert files(tmp_path / "t") == before


def test_what_is_asked_ends_the_run_before_anything_is_changed(tmp_path: Path) -> None:
    """It says what goes, as the dry run and the report do."""
    written(tmp_path / "t", [ROWS])
    before, said = files(tmp_path / "t"), []

    def refuse(proposed: str) -> None:
        said.append(proposed)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        purged(tmp_path / "t", confirm=refuse)
    assert files(tmp_path / "t") == before
    report = " ".join(purged(tmp_path / "t", dry_run=True).to_text().split())
    assert said[0] in report
    purged(tmp_path / "t", confirm=said.append)
    assert said[0] == said[1]
    assert_alone(tmp_path / "t", KEPT)


class Killed(BaseException):
    """The process ended."""


CHANGES = ("unlink", "rmdir", "link", "rename", "replace")


@contextlib.contextmanager
def killed_at(step: int, before: Callable[[int], None] = lambda number: None) -> Iterator[list[str]]:
    """Let no change of the file system happen from a step on, as after a kill; the steps that happened."""
    seen: list[str] = []
    real = {name: getattr(os, name) for name in CHANGES}

    def called(name: str) -> Callable[..., Any]:
        def change(*places: Any, **options: Any) -> Any:
            if len(seen) >= step:
                raise Killed
            before(len(seen))
            seen.append(name)
            return real[name](*places, **options)

        return change

    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGES:
            patch.setattr(os, name, called(name))
        yield seen


def test_after_a_kill_at_any_step_the_table_is_read_and_purged(tmp_path: Path) -> None:
    written(tmp_path / "made", [ROWS, [(CLEAR[5], 40, None)]])
    for step in (checkpointed, deleted, strewn):
        step(tmp_path / "made")
    purged(tmp_path / "made", purge_history=False)
    kept = [*KEPT, (CLEAR[5], 40, None)]
    for number in itertools.count():
        folder = Path(shutil.copytree(tmp_path / "made", tmp_path / f"t{number}"))
        snapshot = DeltaSnapshot.open(DeltaAddress(folder))
        with killed_at(number) as steps, contextlib.suppress(Killed):
            purge_delta(snapshot, snapshot.head)
        assert rows_of(folder) == expected(kept)
        if number % 3 == 0:
            written(folder, [KEPT])
            again = DeltaSnapshot.open(DeltaAddress(folder))
            purge_delta(again, again.head)
            assert_alone(folder, [*kept, *KEPT])
        shutil.rmtree(folder)
        if len(steps) < number:
            break
    assert number > 20


def test_after_a_kill_at_any_step_of_a_purge_young_files_are_known_by_name(tmp_path: Path) -> None:
    """Though the log that named them is gone: they are not orphans, which would stay for some days."""
    written(tmp_path / "made", [ROWS, [(CLEAR[5], 40, None)]], partition_by=["note"])
    compacted(tmp_path / "made")
    purged(tmp_path / "made", purge_history=False)
    for number in itertools.count():
        folder = Path(shutil.copytree(tmp_path / "made", tmp_path / f"t{number}"))
        snapshot = DeltaSnapshot.open(DeltaAddress(folder))
        with killed_at(number) as steps, contextlib.suppress(Killed):
            purge_delta(snapshot, snapshot.head, NONE_IS_OLD)
        again = DeltaSnapshot.open(DeltaAddress(folder))
        purge_delta(again, again.head, NONE_IS_OLD)
        assert_alone(folder, [*KEPT, (CLEAR[5], 40, None)])
        shutil.rmtree(folder)
        if len(steps) < number:
            break
    assert number > 10


def removed_text(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [row for row in rows if row[0] not in SEALED]


@pytest.mark.parametrize("number", [4, 9])
def test_a_commit_of_another_writer_stops_it(built: Path, tmp_path: Path, number: int) -> None:
    folder = Path(shutil.copytree(built, tmp_path / "t"))
    late = [(CLEAR[7], 40, "late")]

    def meanwhile(step: int) -> None:
        if step == number:
            written(folder, [late])

    with killed_at(1000, meanwhile) as steps, pytest.raises(UnreadableInput, match="somebody else"):
        purged(folder)
    assert len(steps) == number + 1 or number < 5
    assert removed_text(rows_of(folder)) == expected([*KEPT, *late])
    purged(folder)
    assert_alone(folder, [*KEPT, *late])


def test_a_file_that_somebody_is_writing_stops_it(built: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(built, tmp_path / "t"))

    def meanwhile(step: int) -> None:
        pq.write_table(table(KEPT), folder / "precinct=40" / LEFT)

    count, snapshot = len(files(folder)), DeltaSnapshot.open(DeltaAddress(folder))
    with killed_at(1000, meanwhile), pytest.raises(UnreadableInput, match="somebody else"):
        purge_delta(snapshot, snapshot.head)
    assert len(files(folder)) > count


@pytest.mark.parametrize(
    "place",
    [
        *("notes.txt", f"{LOG}/notes.txt", f"{LOG}/mine.json", f"{SEALED[6]}.txt"),
        *(
            f"export-{LEFT}",
            "docs/model.parquet",
            f"_hidden/{LEFT}",
            f"docs/{LEFT}",
            "model.parquet",
            f"precinct=40/{SEALED[6]}.parquet",
        ),
        *(f"{LOG}/_sidecars/model.parquet", f"sub/{LOG}/{0:020}.checkpoint.parquet", ".model.parquet.crc"),
    ],
)
def test_files_that_are_not_of_a_table_are_refused(tmp_path: Path, place: str) -> None:
    written(tmp_path / "t", [ROWS])
    (tmp_path / "t" / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "t" / place).write_text("{}")
    before = files(tmp_path / "t")
    for dry in (True, False):
        with pytest.raises(UsageError, match=r"1 file .* not known as of a Delta table") as caught:
            purged(tmp_path / "t", dry_run=dry)
        assert SEALED[6] not in str(caught.value)
    assert files(tmp_path / "t") == before


def test_symbolic_links_are_not_followed(tmp_path: Path) -> None:
    written(tmp_path / "t", [ROWS])
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "a.parquet").write_bytes(b"x")
    for link, target in (("folder", tmp_path / "else"), ("a.parquet", tmp_path / "else" / "a.parquet")):
        (tmp_path / "t" / link).symlink_to(target)
        with pytest.raises(UnreadableInput, match="symbolic link"):
            purged(tmp_path / "t")
        (tmp_path / "t" / link).unlink()
    assert (tmp_path / "else" / "a.parquet").read_bytes() == b"x"
    assert deltalake.DeltaTable(tmp_path / "t").version() == 0


def test_an_id_in_the_name_of_an_application_is_found_before_anything_is_changed(tmp_path: Path) -> None:
    """A version says which of an application's batches it holds, and goes on saying it."""
    hand_built(tmp_path / "t", [ROWS])
    log = tmp_path / "t" / LOG / f"{0:020}.json"
    log.write_text(log.read_text() + json.dumps({"txn": {"appId": f"load {SEALED[0]}", "version": 7}}) + "\n")
    before = files(tmp_path / "t")
    with pytest.raises(SealedElsewhere, match=r"1 value of \(metadata\)") as caught:
        purged(tmp_path / "t")
    assert caught.value.exit_code == 3
    assert SEALED[0] not in str(caught.value)
    assert files(tmp_path / "t") == before
    ss.scrub(f"delta:{tmp_path / 't'}", index(), ON, policy=NULLS, output=f"delta:{tmp_path / 'new'}")
    assert SEALED[0] not in texts(tmp_path / "new")


def test_it_goes_with_rows_that_are_removed_in_place(tmp_path: Path) -> None:
    written(tmp_path / "t", [ROWS])
    before = files(tmp_path / "t")
    for options in (
        {"in_place": False, "output": f"delta:{tmp_path / 'o'}"},
        {"null_columns": ["note"]},
        {"purge_history": False, "rewrite": "all"},
        {"rewrite": "some"},
    ):
        with pytest.raises(ConfigError, match=r"deleted only|deleting a history"):
            purged(tmp_path / "t", **options)
    with pytest.raises(UnreadableInput):
        ss.scrub(f"delta:{whole(tmp_path / 'w')}@v0", index(), ON, policy=NULLS, in_place=True, purge_history=True)
    assert files(tmp_path / "t") == before


def test_rows_set_aside_have_their_place_before_the_history_goes(tmp_path: Path) -> None:
    written(tmp_path / "t", [[*ROWS, ("K14-60O001", 1, "near")]])
    aside = tmp_path / "aside.parquet"

    def seen(step: int) -> None:
        if not list((tmp_path / "t").glob(LOG + f"/{0:020}.json")):
            assert aside.exists()

    with killed_at(1000, seen):
        purged(tmp_path / "t", quarantine=aside)
    assert pq.read_table(aside).column("arrest_no").to_pylist() == ["K14-60O001"]
    assert_alone(tmp_path / "t", KEPT)


def test_a_file_that_cannot_be_deleted_is_said(tmp_path: Path) -> None:
    written(tmp_path / "t", [KEPT])

    real = os.unlink

    def refused(place: Any, *_: Any, **__: Any) -> None:
        if str(place).endswith(".json"):
            raise PermissionError(13, "Permission denied", SEALED[0])
        real(place)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "unlink", refused)
        with pytest.raises(WriteFailed, match="Permission denied") as caught:
            purged(tmp_path / "t")
    assert SEALED[0] not in str(caught.value)
    purged(tmp_path / "t")
    assert pa.table(deltalake.DeltaTable(tmp_path / "t").scan()).num_rows == len(KEPT)
