"""A log and files that contradict each other, or name what cannot be, are refused without showing a value."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.errors import ConfigError, UnreadableInput, UsageError
from sealscrub.matching import Policy
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.delta.delta_table import DeltaTable

from ...contracts.test_every_format import table
from ...transforms.arrests import CLEAR, NULLS, ON, SEALED, index
from .hand_built import field, hand_built
from .test_delta_table import files, written

ROWS = [(SEALED[0], 1, "s"), (CLEAR[0], 1, "t")]
ADD = {"partitionValues": {}, "size": 1, "modificationTime": 1, "dataChange": True}


def commit(folder: Path, action: dict[str, Any], number: int = 1) -> None:
    (folder / "_delta_log" / f"{number:020}.json").write_text(json.dumps(action) + "\n")


@pytest.mark.parametrize("path", ["", "%00", f"{SEALED[0]}{'a' * 300}.parquet", "%20/..", f"{SEALED[0]}/x%FF.parquet"])
@pytest.mark.parametrize("history", [False, True])
def test_a_path_that_cannot_be_is_refused(tmp_path: Path, path: str, history: bool) -> None:
    written(tmp_path / "t", [ROWS])
    commit(tmp_path / "t", {"add": ADD | {"path": path}})
    with pytest.raises(UnreadableInput) as caught:
        ss.scan(f"delta:{tmp_path / 't'}", index(), ON, policy=NULLS, history=history)
    assert SEALED[0] not in str(caught.value)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:60])


def corrupted(path: Path) -> None:
    held = path.read_bytes()
    path.write_bytes(held[:4] + bytes(len(held) - 200) + held[-196:])


def absent(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    pq.write_table(pa.table({"precinct": [7], "note": ["z"]}), path)


@pytest.mark.parametrize("damage", [cut, corrupted, absent, replaced])
@pytest.mark.parametrize("sized", [False, True])
@pytest.mark.parametrize("history", [False, True])
def test_a_damaged_file_is_not_named_by_its_partition(
    tmp_path: Path, damage: Callable[[Path], None], sized: bool, history: bool
) -> None:
    folder = tmp_path / "t"
    written(folder, [ROWS], partition_by=["arrest_no"])
    (path,) = (folder / f"arrest_no={SEALED[0]}").glob("*.parquet")
    damage(path)
    log = folder / "_delta_log" / f"{0:020}.json"
    if not sized and path.exists():
        text = "\n".join(
            json.dumps({"add": action["add"] | {"size": 0, "stats": None}} if "add" in action else action)
            for action in map(json.loads, log.read_text().splitlines())
        )
        log.write_text(text + "\n")
    if (damage is absent and history) or (damage is replaced and (history or not sized)):
        return
    with pytest.raises(UnreadableInput) as caught:
        ss.scan(f"delta:{folder}", index(), ON, policy=NULLS, history=history)
    assert not [key for key in SEALED if key in str(caught.value)]


@pytest.mark.parametrize("said", [{"size": 5}, {"stats": '{"numRecords":1}'}, {"size": 0, "stats": '{"numRecords":3}'}])
def test_a_file_that_is_another_than_the_log_says_is_not_read(tmp_path: Path, said: dict[str, Any]) -> None:
    place = hand_built(tmp_path / "t", [table(ROWS)])
    log = tmp_path / "t" / "_delta_log" / f"{0:020}.json"
    *first, add = map(json.loads, log.read_text().splitlines())
    log.write_text("".join(json.dumps(each) + "\n" for each in (*first, {"add": add["add"] | said})))
    with pytest.raises(UnreadableInput, match="differs from the log"):
        ss.scan(place, index(), ON, policy=NULLS)


def test_a_removal_without_values_keeps_those_of_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    written(folder, [ROWS], partition_by=["arrest_no"])
    log = folder / "_delta_log" / f"{0:020}.json"
    paths = [each["add"]["path"] for each in map(json.loads, log.read_text().splitlines()) if "add" in each]
    (sealed,) = [path for path in paths if SEALED[0] in path]
    plain = folder / "plain.parquet"  # whose folder does not say the value
    (folder / sealed).rename(plain)
    log.write_text(log.read_text().replace(sealed, plain.name))
    commit(folder, {"remove": {"path": plain.name, "deletionTimestamp": 1, "dataChange": True}})
    assert ss.scan(f"delta:{folder}", index(), ON, policy=NULLS).clean
    report = ss.scan(f"delta:{folder}", index(), ON, policy=NULLS, history=True)
    assert sum(key.sealed for each in report.tables for key in each.keys)


def test_an_output_has_no_version(tmp_path: Path) -> None:
    written(tmp_path / "t", [ROWS])
    with pytest.raises(ConfigError, match="no version"):
        ss.scrub(f"delta:{tmp_path / 't'}", index(), ON, output=f"delta:{tmp_path / 'new'}@v1", policy=NULLS)
    assert not (tmp_path / "new").exists()


def test_what_was_set_aside_does_not_stay_after_a_lost_race(tmp_path: Path) -> None:
    folder, did = tmp_path / "t", list[int]()
    written(folder, [[*ROWS, ("K14-60O001", 1, "x")]])

    def meanwhile(*_: object) -> None:
        if not did:
            did.append(1)
            written(folder, [[(SEALED[2], 1, "s")]])

    with pytest.raises(UnreadableInput, match="nothing was"):
        ss.scrub(
            *(f"delta:{folder}", index(), ON),
            in_place=True,
            policy=Policy(accept={"null"}),
            quarantine=tmp_path / "aside.parquet",
            progress=meanwhile,
        )
    assert did
    assert [path.name for path in tmp_path.iterdir()] == ["t"]


@pytest.mark.parametrize("by", [["arrest_no"], ["note", "arrest_no"]])
@pytest.mark.parametrize("rows", [ROWS, ROWS[1:]])
def test_a_table_partitioned_by_its_key_is_not_scrubbed_in_place(tmp_path: Path, by: list[str], rows: Any) -> None:
    """Whatever it holds: the commit would name folders that are called by ids."""
    written(tmp_path / "t", [rows], partition_by=by)
    before = files(tmp_path / "t")
    with pytest.raises(UsageError, match="partitioned by a key column"):
        ss.scrub(f"delta:{tmp_path / 't'}", index(), ON, in_place=True, policy=NULLS)
    assert files(tmp_path / "t") == before


def test_a_commit_in_place_holds_no_values_of_partitions(tmp_path: Path) -> None:
    written(tmp_path / "t", [ROWS], partition_by=["note"])
    ss.scrub(f"delta:{tmp_path / 't'}", index(), ON, in_place=True, policy=NULLS)
    log = (tmp_path / "t" / "_delta_log" / f"{1:020}.json").read_text()
    removed = [each["remove"] for each in map(json.loads, log.splitlines()) if "remove" in each]
    assert [sorted(each) for each in removed] == [["dataChange", "deletionTimestamp", "path"]]
    assert ss.scan(f"delta:{tmp_path / 't'}", index(), ON, policy=NULLS).clean


@pytest.mark.parametrize("name", ["a%20b", "a%25"])
def test_a_folder_that_the_library_takes_for_another_is_named(tmp_path: Path, name: str) -> None:
    written(tmp_path / "t", [ROWS])
    (tmp_path / "t").rename(tmp_path / name)
    with pytest.raises(UnreadableInput, match="percent sign"):
        ss.scan(f"delta:{tmp_path / name}", index(), ON, policy=NULLS)


@pytest.mark.parametrize("name", ["a%20b", "a%25"])
@pytest.mark.parametrize("of", ["delta:t", "t.parquet"])
def test_a_new_table_that_could_not_be_read_is_not_written(
    tmp_path: Path, name: str, of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "t", [ROWS])
    pq.write_table(table(ROWS), tmp_path / "t.parquet")
    for dry_run in (True, False):
        with pytest.raises(UnreadableInput, match="percent sign"):
            ss.scrub(of, index(), ON, policy=NULLS, output=f"delta:{name}", dry_run=dry_run)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t", "t.parquet"]


def test_fields_of_a_mapped_column_are_read_by_their_physical_names(tmp_path: Path) -> None:
    mapped = lambda at: {"delta.columnMapping.id": at, "delta.columnMapping.physicalName": f"c{at}"}  # noqa: E731
    inner = [field("no", "string", **mapped(3)), field("late", "long", **mapped(4))]
    fields = [field("arrest_no", **mapped(1)), field("more", {"type": "struct", "fields": inner}, **mapped(2))]
    values = [{"c3": "u"}, {"c3": "kept"}, None, {"c3": None}]
    held = pa.table(
        {
            "c1": [SEALED[0], CLEAR[0], CLEAR[1], "K14-60O001"],
            "c2": pa.array(values, pa.struct([("c3", pa.string())])),
        }
    )
    properties = {"delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": "4"}
    place = hand_built(tmp_path / "t", [held], fields=fields, properties=properties, reader=["columnMapping"])
    options = {"output": f"delta:{tmp_path / 'new'}", "policy": Policy(accept={"null"})}
    ss.scrub(place, index(), ON, quarantine=tmp_path / "aside.parquet", **options)

    assert pq.read_table(tmp_path / "aside.parquet").to_pylist() == [
        {"arrest_no": "K14-60O001", "more": {"no": None, "late": None}}
    ]
    frame = DeltaTable.open(DeltaAddress.parse(place)).frame()
    assert frame["more"].to_list() == [
        {"no": "u", "late": None},
        {"no": "kept", "late": None},
        None,
        {"no": None, "late": None},
    ]
