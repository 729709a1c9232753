"""Rows that stay in a Delta table are those that its files hold, bit by bit, whatever their types."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import deltalake
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.errors import UnreadableInput

from ...transforms.arrests import CLEAR, NULLS, ON, SEALED, index
from ..nested_columns import nested_columns

KEY = pa.array([SEALED[0], *CLEAR[:4], SEALED[1], *CLEAR[4:6]] * 2)
EARLY, LATE = dt.datetime(1, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 12, 31, tzinfo=dt.UTC)


def held_by(folder: Path) -> pa.Table:
    """What the files of a table hold, without deltalake."""
    paths = sorted(deltalake.DeltaTable(folder).file_uris())
    return pa.concat_tables([pq.read_table(path.removeprefix("file://"), partitioning=None) for path in paths])


def scrubbed(folder: Path, how: str) -> Path:
    """Scrub a table in place, or into a new one; give where it is."""
    where: dict[str, Any] = {"in_place": True} if how == "in place" else {"output": f"delta:{folder}-new"}
    ss.scrub(f"delta:{folder}", index(), ON, policy=NULLS, **where)
    return folder if how == "in place" else folder.with_name(f"{folder.name}-new")


def as_spark_writes(folder: Path, rows: pa.Table, declared: pa.Schema | None = None) -> None:
    """Make a table of one file with times of INT96, as Spark writes by default."""
    deltalake.write_deltalake(folder, rows.cast(declared or rows.schema, safe=False))
    (path,) = (Path(each.removeprefix("file://")) for each in deltalake.DeltaTable(folder).file_uris())
    pq.write_table(rows, path, use_deprecated_int96_timestamps=True)
    log = folder / "_delta_log" / f"{0:020}.json"
    actions = [json.loads(line) for line in log.read_text().splitlines()]
    for add in (action["add"] for action in actions if "add" in action):
        add["size"] = path.stat().st_size
    log.write_text("".join(json.dumps(action) + "\n" for action in actions))


@pytest.mark.parametrize("how", ["in place", "new"])
def test_nothing_in_a_row_that_stays_is_another(tmp_path: Path, how: str) -> None:
    """Null, empty and absent stay what they are, inside whatever."""
    deltalake.write_deltalake(tmp_path / "t", pa.table({"arrest_no": KEY, **nested_columns(len(KEY), more=False)}))
    before = held_by(tmp_path / "t")
    stays = [at for at, key in enumerate(KEY.to_pylist()) if key not in SEALED]
    made = held_by(scrubbed(tmp_path / "t", how))
    for column in before.column_names:
        expected = before.column(column).take(stays)
        assert repr(made.column(column).to_pylist()) == repr(expected.to_pylist()), column


@pytest.mark.parametrize("how", ["in place", "new"])
def test_times_of_int96_are_written_as_delta_has_them(tmp_path: Path, how: str) -> None:
    """As moments in microseconds: nanoseconds in 64 bits are not read by Spark."""
    kind = pa.timestamp("us", "UTC")
    times = pa.array([None, dt.datetime(2020, 1, 1, 1, 2, 3, 4, tzinfo=dt.UTC), None], kind)
    inner = pa.array([None, [{"at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}], []], pa.list_(pa.struct([("at", kind)])))
    rows = pa.table({"arrest_no": [SEALED[0], *CLEAR[:2]], "at": times, "inner": inner})
    as_spark_writes(tmp_path / "t", rows)
    made = held_by(scrubbed(tmp_path / "t", how))
    assert made.schema.field("at").type == kind
    assert made.to_pylist() == rows.to_pylist()[1:]


@pytest.mark.parametrize("at", [EARLY, LATE])
@pytest.mark.parametrize("how", ["in place", "new"])
def test_times_that_are_read_as_others_are_refused(tmp_path: Path, how: str, at: dt.datetime) -> None:
    """Rather than written as others: before 1677 and after 2262."""
    times = pa.array([None, at], pa.timestamp("us", "UTC"))
    as_spark_writes(tmp_path / "t", pa.table({"arrest_no": [SEALED[0], CLEAR[0]], "at": times}))
    with pytest.raises(UnreadableInput, match="INT96"):
        scrubbed(tmp_path / "t", how)
    assert ss.scan(f"delta:{tmp_path / 't'}", index(), ON).tables[0].keys[0].sealed == 1


@pytest.mark.parametrize("how", ["in place", "new"])
def test_times_of_int96_that_delta_cannot_hold_are_refused(tmp_path: Path, how: str) -> None:
    """Rather than cut; nothing is left of the attempt."""
    rows = pa.table({"arrest_no": [SEALED[0], CLEAR[0]], "at": pa.array([None, 2001], pa.timestamp("ns", "UTC"))})
    declared = pa.schema({"arrest_no": pa.string(), "at": pa.timestamp("us", "UTC")})
    as_spark_writes(tmp_path / "t", rows, declared)
    before = sorted(path.name for path in (tmp_path / "t").iterdir())
    with pytest.raises(UnreadableInput, match="whole microseconds"):
        scrubbed(tmp_path / "t", how)
    assert sorted(path.name for path in (tmp_path / "t").iterdir()) == before
    assert not (tmp_path / "t-new").exists()
