"""A level that no row uses is compared as a value is: it may hold a sentence, a list, JSON or bytes, in any column."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.matching import Policy

from .arrests import CLEAR, ON, SEALED, index

USED = ["theft", "fraud"]
FOUND = {
    "an id": SEALED[0],
    "a sentence": f"Released, see arrest {SEALED[0]}.",
    "a list": f"{CLEAR[0]}; {SEALED[0]}",
    "JSON": json.dumps({"hits": [{"id": SEALED[0]}]}),
    "JSON with escapes": '{"id": "' + "".join(f"\\u{ord(each):04x}" for each in SEALED[0]) + '"}',
}
NEAR = {"a near id": "K1460000O", "a near id in a sentence": "See arrest K1460000O."}
PLAIN = {"another id": CLEAR[0], "a sentence of another": f"See arrest {CLEAR[0]}.", "nothing": "assault"}


def enums(level: str) -> pl.DataFrame:
    return pl.DataFrame({"arrest_no": CLEAR[:2], "kind": pl.Series(USED, dtype=pl.Enum([*USED, level]))})


def nested(level: str) -> pl.DataFrame:
    kinds = pl.Series([[each] for each in USED], dtype=pl.List(pl.Enum([*USED, level])))
    return pl.DataFrame({"arrest_no": CLEAR[:2], "kind": kinds})


def categories(level: str) -> pd.DataFrame:
    return pd.DataFrame({"arrest_no": CLEAR[:2], "kind": pd.Categorical(USED, [*USED, level])})


def dictionaries(level: str) -> pa.Table:
    kinds = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), pa.array([*USED, level]))
    return pa.table({"arrest_no": CLEAR[:2], "kind": kinds})


def of_bytes(level: str) -> pa.Table:
    values = pa.array([each.encode() for each in (*USED, level)] + [b"\xff\x00"], pa.binary())
    kinds = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), values)
    return pa.table({"arrest_no": CLEAR[:2], "kind": kinds})


BUILDS: dict[str, Callable[[str], Any]] = {
    "polars": enums,
    "polars, in lists": nested,
    "pandas": categories,
    "arrow": dictionaries,
    "arrow, bytes": of_bytes,
}
KEPT: dict[str, dict[str, Any]] = {  # a container of whose type the list is no part keeps it where that is said
    name: {} if name.startswith("polars") else {"keep_levels": ["kind"]} for name in BUILDS
}
builds = pytest.mark.parametrize("build", BUILDS)


def held(data: Any) -> str:
    if isinstance(data, pd.DataFrame):
        return str(data["kind"].cat.categories.tolist())
    return str(data.schema) if isinstance(data, pl.DataFrame) else str(data["kind"].chunk(0).dictionary.to_pylist())


@pytest.mark.thinned(together=1)
@builds
@pytest.mark.parametrize("level", [*FOUND, *NEAR, *PLAIN])
def test_a_scan_finds_it_and_a_scrub_removes_it(build: str, level: str) -> None:
    text = (FOUND | NEAR | PLAIN)[level]
    data = BUILDS[build](text)

    report = ss.scan(data, index(), ON)
    clean = ss.scrub(data, index(), ON, **KEPT[build])

    assert report.exit_code == (1 if level in FOUND else 3 if level in NEAR else 0)
    assert (text in held(clean)) == (level in PLAIN) or "escapes" in level
    assert ss.scan(clean, index(), ON).exit_code == 0
    assert held(ss.scrub(clean, index(), ON, **KEPT[build])) == held(clean)


@builds
@pytest.mark.parametrize("level", [*FOUND, *NEAR])
def test_a_list_that_is_left_stays_as_it_is(build: str, level: str) -> None:
    data = BUILDS[build]((FOUND | NEAR)[level])
    leave = {"kind": "words of the form"}

    report = ss.scan(data, index(), ON, leave=leave)

    assert report.exit_code == 0
    assert dict(report.tables[0].left) == leave
    assert held(ss.scrub(data, index(), ON, leave=leave, **KEPT[build])) == held(data)
    plan = ss.Plan.from_dict(
        {"version": 1, "tables": {"data": {"source": "data", "keys": ON, "independent": "as booked", "leave": leave}}}
    )
    assert plan.scan({"data": data}, index()).exit_code == 0


@builds
@pytest.mark.parametrize("level", NEAR)
def test_near_levels_stay_where_they_are_accepted(build: str, level: str) -> None:
    data, policy = BUILDS[build](NEAR[level]), Policy(accept={"near"})

    assert ss.scan(data, index(), ON, policy=policy).exit_code == 0
    assert held(ss.scrub(data, index(), ON, policy=policy, **KEPT[build])) == held(data)


@pytest.mark.parametrize("level", [*FOUND, *NEAR])
def test_a_file_is_compared_as_a_frame_is(level: str, tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    enums((FOUND | NEAR)[level]).write_parquet(path)

    report = ss.scan(path, index(), ON)
    ss.scrub(path, index(), ON, output=tmp_path / "clean.parquet")

    assert report.exit_code == (1 if level in FOUND else 3)
    assert ss.scan(tmp_path / "clean.parquet", index(), ON).exit_code == 0
    assert SEALED[0].encode() not in (tmp_path / "clean.parquet").read_bytes()
    assert pq.read_table(tmp_path / "clean.parquet").num_rows == 2


OTHERWISE = f"{SEALED[0][:3].lower()}-{SEALED[0][3:]}"


@pytest.mark.parametrize("by", ["scan", "plan"])
@pytest.mark.parametrize("rows", [[SEALED[0], CLEAR[0]], [SEALED[1], CLEAR[0]], CLEAR[:2]])
def test_a_level_of_a_key_column_is_found_unless_a_row_is_of_its_record(
    rows: list[str], by: str, tmp_path: Path
) -> None:
    ids = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), pa.array([*rows, OTHERWISE, "K1460000O"]))
    pq.write_table(pa.table({"arrest_no": ids, "kind": pa.array([OTHERWISE[:0], "theft"])}), tmp_path / "a.parquet")
    tables = {"arrests": {"source": "a.parquet", "keys": ON, "independent": "as booked"}}
    report: Any = (
        ss.scan(tmp_path / "a.parquet", index(), ON)
        if by == "scan"
        else ss.Plan.from_dict({"version": 1, "tables": tables}, root=tmp_path).scan(index=index())
    )
    levels = [(each.column, each.found, each.unchecked) for each in report.tables[0].levels]
    assert levels == [("arrest_no", int(SEALED[0] not in rows), 1)]
    assert report.exit_code == 1
