"""Rows that stay in an Iceberg table are those that its files hold, bit by bit, also where pyiceberg reads others."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.typedef import Record

from sealscrub.errors import UnreadableInput, UsageError

from ...transforms.arrests import CLEAR, SEALED
from ..nested_columns import nested_columns
from .lakehouse import (
    Lakehouse,
    commit_data,
    commit_deletes,
    data_file,
    data_paths,
    delete_file,
    local,
    scan,
    scrub,
    true_file,
)
from .test_iceberg_commit import in_place

KEY = pa.array([SEALED[0], *CLEAR[:4], SEALED[1], *CLEAR[4:6]] * 2)


def nested() -> pa.Table:
    return pa.table({"arrest_no": KEY, **nested_columns(len(KEY)), "part": pa.array([1] * len(KEY), pa.int32())})


def held_by(lake: Lakehouse, name: str) -> pa.Table:
    """What the files of a table hold, without pyiceberg."""
    table = lake.catalog.load_table(f"police.{name}")
    return pa.concat_tables([pq.read_table(local(path), partitioning=None) for path in data_paths(table)])


@pytest.mark.parametrize(("by", "hidden"), [([], False), (["part"], True)], ids=["plain", "parted and hidden"])
def test_nothing_in_a_row_that_stays_is_another(lake: Lakehouse, by: list[str], hidden: bool) -> None:
    """Null, empty and absent stay what they are, inside whatever; also if deletes hide rows."""
    rows = nested()
    table = lake.create("arrests", rows.schema, by=by)
    facts = {"partition": Record(1) if by else Record()}
    table = commit_data(table, true_file(table, rows, **facts))
    (path,) = data_paths(table)
    before = pq.read_table(local(path), partitioning=None)
    if hidden:
        commit_deletes(table, delete_file(table, path, [1], **facts))
    stays = [at for at, key in enumerate(KEY.to_pylist()) if key not in SEALED and not (hidden and at == 1)]
    expected = before.take(stays).to_pylist()
    scrub(lake.address("arrests"), lake.address("copy"))
    in_place(lake.address("arrests"))
    for name in ("arrests", "copy"):
        made = held_by(lake, name)
        assert made.schema.equals(before.schema)
        for column in made.column_names:
            assert repr(made.column(column).to_pylist()) == repr([row[column] for row in expected]), column


@pytest.mark.parametrize("exact", [False, True])
def test_times_that_the_type_does_not_hold_are_refused(lake: Lakehouse, exact: bool) -> None:
    """pyiceberg cuts nanoseconds off: they are scanned, and not written again otherwise than they were."""
    table = lake.create("arrests", pa.schema({"arrest_no": pa.string(), "at": pa.timestamp("us")}))
    at = pa.array([1000, 2000 if exact else 2001], pa.timestamp("ns"))
    commit_data(table, data_file(table, pa.table({"arrest_no": [SEALED[0], CLEAR[0]], "at": at})))
    assert scan(lake.address("arrests")).tables[0].keys[0].sealed == 1
    if not exact:
        with pytest.raises(UsageError, match="nanoseconds"):
            in_place(lake.address("arrests"))
        return
    in_place(lake.address("arrests"))
    assert held_by(lake, "arrests").column("at").cast(pa.int64()).to_pylist() == [2]


def test_times_that_are_read_as_others_are_refused(lake: Lakehouse) -> None:
    table = lake.create("arrests", pa.schema({"arrest_no": pa.string(), "at": pa.timestamp("us")}))
    late = pa.array([None, dt.datetime(9999, 12, 31)], pa.timestamp("us"))
    rows = pa.table({"arrest_no": [SEALED[0], CLEAR[0]], "at": late})
    place = data_file(table, rows).file_path
    pq.write_table(pq.read_table(local(place)), local(place), use_deprecated_int96_timestamps=True)
    size = local(place).stat().st_size
    commit_data(table, data_file(table, rows, file_path=place, file_size_in_bytes=size))
    with pytest.raises(UnreadableInput, match="INT96"):
        in_place(lake.address("arrests"))
