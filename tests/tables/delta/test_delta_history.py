"""A scan of the history finds what any version, any file or the log still holds."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import deltalake
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.errors import ConfigError, UnreadableInput

from ...contracts.test_every_format import KEPT, ROWS, table
from ...transforms.arrests import NULLS, ON, SEALED, index
from .hand_built import hand_built


def history(folder: Path, **options: Any) -> Any:
    return ss.scan(f"delta:{folder}", index(), ON, **{"policy": NULLS, "history": True} | options)


def write(folder: Path, rows: Any = ROWS, **options: Any) -> None:
    deltalake.write_deltalake(folder, table(rows), mode="append", **options)


def deleted(folder: Path) -> None:
    write(folder)
    deltalake.DeltaTable(folder).delete(f"arrest_no in ('{SEALED[0]}', '{SEALED[1]}')")


def overwritten(folder: Path) -> None:
    write(folder)
    deltalake.write_deltalake(folder, table(KEPT), mode="overwrite")


def hidden(folder: Path) -> None:
    hand_built(folder, [ROWS], vectors={0: [0, 3]}, reader=["deletionVectors"])


def orphaned(folder: Path) -> None:
    write(folder, KEPT)
    pq.write_table(table(ROWS), folder / "part-left.parquet")


def fed(folder: Path) -> None:
    write(folder, KEPT, configuration={"delta.enableChangeDataFeed": "true"})
    (folder / "_change_data").mkdir(exist_ok=True)
    changes = table(ROWS).append_column("_change_type", pa.array(["delete"] * len(ROWS)))
    pq.write_table(changes, folder / "_change_data" / "cdc-0.parquet")


@pytest.mark.parametrize("made", [deleted, overwritten, hidden, orphaned, fed])
def test_rows_that_no_version_shows_any_more_are_found(tmp_path: Path, made: Callable[[Path], None]) -> None:
    made(tmp_path / "t")
    assert ss.scan(f"delta:{tmp_path / 't'}", index(), ON, policy=NULLS).clean
    report = history(tmp_path / "t")
    assert [each.name for each in report.tables] == ["delta:t", "delta:t (history)"]
    assert [each.keys[0].sealed for each in report.tables] == [0, 2]
    assert report.exit_code == 1


def test_the_history_of_a_table_without_one_is_clean(tmp_path: Path) -> None:
    write(tmp_path / "t", KEPT, partition_by=["precinct"])
    write(tmp_path / "t", KEPT)
    deltalake.DeltaTable(tmp_path / "t").create_checkpoint()
    report = history(tmp_path / "t")
    assert (report.clean, report.complete) == (True, True)
    write(tmp_path / "dirty")
    ss.scrub(f"delta:{tmp_path / 'dirty'}", index(), ON, output=f"delta:{tmp_path / 'new'}", policy=NULLS)
    assert history(tmp_path / "new").clean


@pytest.mark.parametrize("checkpoint", [False, True])
def test_a_bound_in_the_log_of_a_file_that_is_gone_is_found(tmp_path: Path, checkpoint: bool) -> None:
    overwritten(tmp_path / "t")
    opened = deltalake.DeltaTable(tmp_path / "t")
    if checkpoint:
        deltalake.DeltaTable(tmp_path / "t", version=0).create_checkpoint()
    opened.vacuum(0, dry_run=False, enforce_retention_duration=False)
    if checkpoint:
        (tmp_path / "t" / "_delta_log" / f"{0:020}.json").write_text("")
    report = history(tmp_path / "t")
    assert report.tables[1].keys[0].sealed == 0
    assert [(each.place, each.found > 0) for each in report.tables[1].elsewhere] == [("(metadata)", True)]


def test_an_id_in_a_predicate_of_the_log_is_found(tmp_path: Path) -> None:
    write(tmp_path / "t", KEPT)
    deltalake.DeltaTable(tmp_path / "t").delete(f"note = 'seen' or note = 'see {SEALED[4]}'")
    assert [each.place for each in history(tmp_path / "t").tables[1].elsewhere] == ["(metadata)"]


def _listing(text: str) -> pa.Array:
    """Two texts in a dictionary of which a row uses one."""
    return pa.DictionaryArray.from_arrays(pa.array([0], pa.int8()), pa.array(["{}", text]))


def _in_metadata(text: str) -> pa.Table:
    return pa.table({"txn": [{"appId": "a"}]}).replace_schema_metadata({"note": text})


def _in_a_field(text: str) -> pa.Table:
    return pa.table([pa.array(["a"])], schema=pa.schema([pa.field("txn", pa.string(), metadata={"note": text})]))


def _in_levels(text: str) -> pa.Table:
    return pa.table({"stats": _listing(json.dumps({"minValues": {"arrest_no": text}}))})


def _in_inner_levels(text: str) -> pa.Table:
    return pa.table({"txn": pa.StructArray.from_arrays([_listing(text)], ["appId"])})


@pytest.mark.parametrize("made", [_in_metadata, _in_a_field, _in_levels, _in_inner_levels])
def test_what_a_checkpoint_holds_other_than_actions_is_read(tmp_path: Path, made: Callable[[str], pa.Table]) -> None:
    write(tmp_path / "t", KEPT)
    deltalake.DeltaTable(tmp_path / "t").create_checkpoint()
    sidecars = tmp_path / "t" / "_delta_log" / "_sidecars"
    sidecars.mkdir()
    pq.write_table(made("Q14999999"), sidecars / "3a0d65cd-4056-49b8-937b-95f9e3ee90e5.parquet")
    assert history(tmp_path / "t").exit_code == 0
    pq.write_table(made(SEALED[0]), sidecars / "3a0d65cd-4056-49b8-937b-95f9e3ee90e5.parquet")
    report = history(tmp_path / "t")
    assert [each.place for each in report.tables[1].elsewhere] == ["(metadata)"]


def test_bytes_of_a_checkpoint_that_no_reader_meets_are_named(tmp_path: Path) -> None:
    write(tmp_path / "t", KEPT)
    deltalake.DeltaTable(tmp_path / "t").create_checkpoint()
    (held,) = (tmp_path / "t" / "_delta_log").glob("*.checkpoint.parquet")
    whole = held.read_bytes()
    size = int.from_bytes(whole[-8:-4], "little") + 8
    held.write_bytes(whole[:-size] + SEALED[0].encode() + whole[-size:])
    assert history(tmp_path / "t").exit_code == 3


def test_partitions_of_versions_before_are_found(tmp_path: Path) -> None:
    write(tmp_path / "t", ROWS, partition_by=["arrest_no"])
    deltalake.DeltaTable(tmp_path / "t").delete(f"arrest_no = '{SEALED[0]}' or arrest_no = '{SEALED[1]}'")
    assert history(tmp_path / "t").tables[1].keys[0].sealed == 2
    for number in range(2):  # and where the log does not name the file any more
        log = tmp_path / "t" / "_delta_log" / f"{number:020}.json"
        lines = [line for line in log.read_text().splitlines() if SEALED[0] not in line and SEALED[1] not in line]
        log.write_text("".join(f"{line}\n" for line in lines))
    assert history(tmp_path / "t").tables[1].keys[0].sealed == 2


def test_what_is_not_read_is_named(tmp_path: Path) -> None:
    write(tmp_path / "t", KEPT)
    (tmp_path / "t" / "notes.txt").write_text("of last year")
    report = history(tmp_path / "t")
    assert report.exit_code == 3
    assert "neither data nor log" in report.to_text()
    (tmp_path / "t" / "notes.txt").rename(tmp_path / "t" / f"{SEALED[0]}.txt")
    assert [each.place for each in history(tmp_path / "t").tables[1].elsewhere] == ["(file name)"]


@pytest.mark.parametrize(
    "left",
    [
        "arrest_no={}/",
        "{}/",
        "_delta_log/{}/",
        "arrest_no={}/.part-1.parquet.crc",
        ".{}.crc",
        "{}/deletion_vector_1.bin",
        "deletion_vector_{}.bin",
        "_delta_log/{}.json",
        "_delta_log/.{}.json.crc",
        "_delta_log/00000000000000000009.{}.json",
        "fifo {}",
        "arrest_no={}/part-1.parquet",
        "old_key={}/part-1.parquet",
        "old%20key=see%20{}/precinct=75/part-1.parquet",
    ],
)
def test_a_name_of_anything_that_lies_there_is_swept(left: str, tmp_path: Path) -> None:
    write(tmp_path / "t", KEPT)
    deltalake.DeltaTable(tmp_path / "t").create_checkpoint()
    place = tmp_path / "t" / left.format(SEALED[0])
    place.parent.mkdir(parents=True, exist_ok=True)
    if left.endswith(".parquet"):
        pq.write_table(table(KEPT), place)
    elif left.endswith("/"):
        place.mkdir()
    elif left.startswith("fifo"):
        os.mkfifo(place)
    else:
        place.write_bytes(b"crc\x00" if left.endswith("crc") else b"" if left.endswith("bin") else b"{}")
    report = history(tmp_path / "t")
    assert [each.place for each in report.tables[1].elsewhere] == ["(file name)"]
    assert report.exit_code == 1


@pytest.mark.parametrize("cut", [32, 11])
def test_a_bound_that_may_be_cut_is_named_where_its_file_is_gone(tmp_path: Path, cut: int) -> None:
    write(tmp_path / "t", [*KEPT, (KEPT[0][0], 3, "a note of a day that is longer than what a log holds of it")])
    log = tmp_path / "t" / "_delta_log" / f"{0:020}.json"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    for line in lines:
        if "add" in line:
            stats = json.loads(line["add"]["stats"])
            stats["minValues"]["note"] = stats["maxValues"]["note"] = "a note of a day that is longer t"[:cut]
            line["add"]["stats"] = json.dumps(stats)
        elif "metaData" in line and cut < 32:
            line["metaData"]["configuration"] = {"delta.dataSkippingStringPrefixLength": str(cut)}
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    deltalake.write_deltalake(tmp_path / "t", table(KEPT), mode="overwrite")
    assert history(tmp_path / "t").exit_code == 0
    deltalake.DeltaTable(tmp_path / "t").vacuum(0, dry_run=False, enforce_retention_duration=False)
    report = history(tmp_path / "t")
    assert "cut within an id" in " ".join(report.to_text().split())
    assert report.exit_code == 3


def test_a_damaged_file_of_the_log_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "t", KEPT)
    (tmp_path / "t" / "_delta_log" / f"{0:020}.checkpoint.parquet").write_bytes(b"PAR1 cut")
    with pytest.raises(UnreadableInput):
        history(tmp_path / "t")


def test_other_sources_have_no_history(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Delta"):
        ss.scan(table(ROWS), index(), ON, policy=NULLS, history=True)
    pq.write_table(table(ROWS), tmp_path / "file.parquet")
    with pytest.raises(ConfigError, match="Delta"):
        ss.scan(tmp_path / "file.parquet", index(), ON, policy=NULLS, history=True)
