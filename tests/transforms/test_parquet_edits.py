"""Parquet: matched rows that stay without their values, and levels that go or stay."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.errors import ColumnError, UsageError

from .arrests import CLEAR, NULLS, ON, SEALED, Arrest, arrow, index, many
from .parquet_writers import CANARY, WRITERS, content, scrub

EDITED = [
    Arrest("sealed", SEALED[0], 75, "theft", 0.1, None, CANARY),
    Arrest("clear", CLEAR[0], 75, "assault", None, dt.datetime(2020, 1, 1), None),
    Arrest("clear", CLEAR[1], 40, None, 0.9, None, "open"),
    Arrest("null", None, 41, "theft", 0.2, None, "open"),
]


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("extra", ["fast", "slow", "levels"])
@pytest.mark.parametrize("writer", WRITERS)
def test_matched_rows_can_stay_without_their_values(tmp_path: Path, writer: str, extra: str) -> None:
    how = {"extra": extra, "group": 2, "codec": "none", "index": "range", "dictionary": True}
    WRITERS[writer](EDITED, tmp_path / "data.parquet", how)
    before = content(tmp_path / "data.parquet")
    slow = ["notes"] if extra == "slow" else []
    null = ["arrest_no", "note", "offense", *slow]
    written = scrub(
        tmp_path / "data.parquet", null_columns=null, set_values={"precinct": "40"}, accept_marks=slow, policy=NULLS
    )
    expected = before | {name: [None, *before[name][1:]] for name in null}
    expected["precinct"] = [40, *before["precinct"][1:]]
    assert content(written) == expected
    assert CANARY.encode() not in written
    assert pq.read_schema(pa.BufferReader(written)).types == pq.read_schema(tmp_path / "data.parquet").types


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    "edit",
    [
        {"null_columns": ["precinct"]},
        {"set_values": {"precinct": "99"}},
        {"set_values": {"note": "never seen"}},
        {"set_values": {"offense": "never seen"}},
    ],
)
def test_an_edit_that_marks_the_row_is_refused_unless_accepted(
    tmp_path: Path, edit: dict[str, Any], dry_run: bool
) -> None:
    pq.write_table(arrow(EDITED), tmp_path / "data.parquet", row_group_size=2)
    out = None if dry_run else tmp_path / "out.parquet"
    with pytest.raises(UsageError, match="mark"):
        ss.scrub(tmp_path / "data.parquet", index(), ON, output=out, dry_run=dry_run, policy=NULLS, **edit)
    assert not (tmp_path / "out.parquet").exists()
    (column,) = edit.get("null_columns") or edit["set_values"]
    report = ss.scrub(
        tmp_path / "data.parquet", index(), ON, output=out, dry_run=dry_run, accept_marks=[column], policy=NULLS, **edit
    )
    assert (report.tables[0].changed, report.tables[0].removed) == (1, 0)
    if out:
        given = "precinct" if column == "precinct" else None
        value = edit.get("set_values", {}).get(column)
        assert content(out)[column][0] == (int(value) if value and given else value)


def test_an_edit_of_a_column_that_is_absent(tmp_path: Path) -> None:
    pq.write_table(arrow(EDITED), tmp_path / "data.parquet")
    for edit in ({"null_columns": ["absent"]}, {"set_values": {"absent": "1"}}, {"keep_levels": ["absent"]}):
        with pytest.raises(ColumnError, match="absent"):
            scrub(tmp_path / "data.parquet", **edit)


def test_edits_keep_a_categorical_what_it_was(tmp_path: Path) -> None:
    frame = pd.DataFrame({"arrest_no": many(6), "made": pd.Categorical(["N", "Y", "N", "Y", "Y", "Y"])})
    frame["level"] = pd.Categorical(["c", "b", "a", "b", "b", "a"], categories=["c", "b", "a"], ordered=True)
    frame.to_parquet(tmp_path / "data.parquet")
    scrub(tmp_path / "data.parquet", set_values={"made": "Y", "level": "b"}, null_columns=["arrest_no"],
          accept_marks=["arrest_no"], policy=NULLS)  # fmt: skip
    clean = pd.read_parquet(tmp_path / "out.parquet")
    assert clean["made"].tolist() == ["Y", "Y", "N", "Y", "Y", "Y"]
    assert clean["level"].tolist() == ["b", "b", "a", "b", "b", "a"]
    assert clean["made"].cat.categories.tolist() == ["N", "Y"]
    assert clean["level"].cat.categories.tolist() == ["b", "a"]
    assert clean["level"].cat.ordered


def test_levels_go_with_their_rows_unless_declared(tmp_path: Path) -> None:
    frame = pd.DataFrame({"arrest_no": many(6)})
    frame["plain"] = pd.Categorical(["z", "b", "a", "z", "a", "b"])
    frame["found"] = pd.Categorical(["z", "b", "a", "z", "a", "b"], categories=["z", "b", "a"])
    frame["ranked"] = pd.Categorical(["z", "b", "a", "z", "a", "b"], categories=["y", "z", "b", "a"], ordered=True)
    frame["number"] = pd.Categorical([9, 2, 1, 9, 1, 2])
    frame.to_parquet(tmp_path / "data.parquet")
    for slow in (False, True):
        if slow:
            frame.assign(at=dt.time(1, 2)).to_parquet(tmp_path / "data.parquet")
        scrub(tmp_path / "data.parquet")
        clean = pd.read_parquet(tmp_path / "out.parquet")
        levels = {name: clean[name].cat.categories.tolist() for name in ("plain", "found", "ranked")}
        assert levels == {"plain": ["a", "b"], "found": ["a", "b"], "ranked": ["b", "a"]}
        metadata = pq.read_schema(tmp_path / "out.parquet").pandas_metadata
        counts = {entry["name"]: entry["metadata"] for entry in metadata["columns"] if entry["metadata"]}
        assert {name: fact["num_categories"] for name, fact in counts.items()} == dict.fromkeys(
            ["plain", "found", "ranked", "number"], 2
        )
        scrub(tmp_path / "data.parquet", keep_levels=["plain", "ranked"])
        clean = pd.read_parquet(tmp_path / "out.parquet")
        assert clean["plain"].cat.categories.tolist() == ["a", "b", "z"]
        assert clean["ranked"].cat.categories.tolist() == ["y", "z", "b", "a"]
        kept = {
            entry["name"]: entry["metadata"]
            for entry in pq.read_schema(tmp_path / "out.parquet").pandas_metadata["columns"]
        }
        assert (kept["plain"]["num_categories"], kept["ranked"]["num_categories"]) == (3, 4)


def test_pandas_metadata_counts_what_is_there(tmp_path: Path) -> None:
    pd.DataFrame({"arrest_no": many(10), "n": range(10)}).to_parquet(tmp_path / "data.parquet")
    scrub(tmp_path / "data.parquet")
    (noted,) = pq.read_schema(tmp_path / "out.parquet").pandas_metadata["index_columns"]
    assert noted["stop"] == 6
    assert pd.read_parquet(tmp_path / "out.parquet").index.equals(pd.RangeIndex(6))
