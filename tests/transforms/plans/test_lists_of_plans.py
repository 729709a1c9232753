"""Lists of levels in a plan's tables, of whatever kind: none names a sealed record after a scrub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sealscrub.errors import ConfigError, UsageError
from sealscrub.matching import Policy
from sealscrub.transforms.plans import Plan

from ..arrests import CLEAR, SEALED, index
from ..test_level_lists import BARRED, BUILDS, LIST, dump, polars_enums
from ..test_level_lists_in_parquet import WRITERS, held

ROWS = [(SEALED[0], "a"), (CLEAR[0], "b"), (CLEAR[1], "a")]
SPEC: dict[str, Any] = {
    "version": 1,
    "tables": {
        "arrests": {"source": "arrests.parquet", "keys": {"arrest_number": "arrest_no"}},
        "charges": {"source": "charges.parquet", "link": {"arrest_no": "arrests.arrest_no"}},
    },
}
IN_THE_GATE = {"polars", "pyarrow", "pandas", "pandas[pyarrow]", "duckdb", "polars, by pyarrow", "groups"}
ALONE: dict[str, Any] = {"version": 1, "tables": {"arrests": SPEC["tables"]["arrests"]}}


def _long(name: str) -> Any:
    """One of each library is in the gate: the verbs' tests have every kind there."""
    return pytest.param(name, marks=() if name in IN_THE_GATE else pytest.mark.long)


@pytest.mark.parametrize("name", [_long(name) for name in BUILDS if name not in ("pandas", "pyarrow[deltas]")])
def test_frames_of_a_plan(name: str) -> None:
    """A frame with an index of ids is not for plans, and no more are lists of what polars has no type for."""
    plan = Plan.from_dict(SPEC)
    estate = {"arrests": BUILDS[name](ROWS), "charges": BUILDS[name](ROWS)}

    assert plan.scan(estate, index()).found
    estate = {"arrests": BUILDS[name](ROWS), "charges": BUILDS[name](ROWS)}
    clean = plan.scrub(estate, index())

    for table in clean.values():
        table = table.read_all() if isinstance(table, pa.RecordBatchReader) else table
        assert not [key for key in (*BARRED, CLEAR[5]) if key in dump(table)]


@pytest.mark.parametrize("name", [_long(name) for name in BUILDS])
def test_a_scan_of_a_plan_is_not_clean_while_a_list_names_a_sealed_record(name: str) -> None:
    plan = Plan.from_dict(ALONE)

    report = plan.scan({"arrests": BUILDS[name](ROWS[1:])}, index())

    assert report.found
    assert report.tables[0].keys[0].sealed == 0


@pytest.mark.parametrize("writer", [_long(name) for name in WRITERS])
def test_files_of_a_plan(writer: str, tmp_path: Path) -> None:
    write = WRITERS[writer]
    write(ROWS, tmp_path / "arrests.parquet")
    write(ROWS, tmp_path / "charges.parquet")
    plan = Plan.from_dict(SPEC, root=tmp_path)

    plan.scrub(None, index(), output=tmp_path / "clean")

    for name in ("arrests", "charges"):
        assert held(tmp_path / "clean" / f"{name}.parquet") == []
    assert plan.scan(None, index()).found
    assert Plan.from_dict(SPEC, root=tmp_path / "clean").scan(None, index()).clean


def test_rows_set_aside_by_a_plan_leave_with_no_list(tmp_path: Path) -> None:
    near = "K1460000O"
    LIST.append(near)
    try:
        polars_enums([*ROWS, (near, "c")]).write_parquet(tmp_path / "arrests.parquet")
    finally:
        LIST.remove(near)
    plan = Plan.from_dict(ALONE, root=tmp_path)

    plan.scrub(None, index(), output=tmp_path / "clean", quarantine=tmp_path / "aside", policy=Policy(max_unparsable=1))

    assert held(tmp_path / "aside" / "arrests.parquet") == []


def test_levels_of_a_key_column_of_a_plan_cannot_be_kept() -> None:
    table = {**SPEC["tables"]["arrests"], "keep_levels": ["arrest_no"]}
    plan = Plan.from_dict({"version": 1, "tables": {"arrests": table}})

    with pytest.raises(UsageError, match=r"arrest_no.*key column"):
        plan.scrub({"arrests": polars_enums(ROWS)}, index())


def duckdb_with(folder: Path, levels: list[str], *, column: str = "name kinds", rows: str = "") -> Plan:
    listed = ", ".join(f"'{level}'" for level in levels)
    with duckdb.connect(folder / "estate.duckdb") as database:
        database.execute(f"CREATE TYPE kinds AS ENUM ({listed})")
        database.execute(f"CREATE TABLE arrests (arrest_no VARCHAR, {column})")
        database.execute(f"INSERT INTO arrests VALUES {rows or default_rows()}")
    arrests = {"source": "estate.duckdb#arrests", "keys": {"arrest_number": "arrest_no"}}
    return Plan.from_dict({"version": 1, "tables": {"arrests": arrests}}, root=folder)


def default_rows() -> str:
    return f"('{SEALED[0]}', NULL), ('{CLEAR[0]}', NULL)"


@pytest.mark.parametrize("column", ["name kinds", "name kinds[]", "name STRUCT(x kinds)"])
def test_a_type_of_a_database_that_lists_a_sealed_record_is_refused(column: str, tmp_path: Path) -> None:
    plan = duckdb_with(tmp_path, ["a", SEALED[1]], column=column)

    assert plan.scan(None, index()).found
    with pytest.raises(UsageError, match="lists sealed") as refused:
        plan.scrub(None, index(), output=tmp_path / "clean")
    assert SEALED[1] not in str(refused.value)
    assert not (tmp_path / "clean").exists()


def test_a_level_that_only_rows_use_that_go_is_none(tmp_path: Path) -> None:
    rows = f"('{SEALED[0]}', '{SEALED[1]}'), ('{CLEAR[0]}', 'a')"
    plan = duckdb_with(tmp_path, ["a", SEALED[1]], rows=rows)

    with pytest.raises(UsageError, match="lists sealed"):
        plan.scrub(None, index(), output=tmp_path / "clean")


def test_a_type_that_no_table_uses_and_lists_a_sealed_record_is_left_out(tmp_path: Path) -> None:
    plan = duckdb_with(tmp_path, ["a", SEALED[1]], column="name VARCHAR")

    report = plan.scrub(None, index(), output=tmp_path / "clean")

    assert SEALED[1].encode() not in (tmp_path / "clean" / "estate.duckdb").read_bytes()
    assert any("type" in warning for warning in report.warnings)


def test_ids_of_a_type_that_lists_them_are_refused_though_its_levels_are_to_be_kept(tmp_path: Path) -> None:
    duckdb_with(tmp_path, ["a"], column="name VARCHAR")
    with duckdb.connect(tmp_path / "estate.duckdb") as database:
        database.execute(f"CREATE TABLE listed (arrest_no ENUM('{CLEAR[0]}', '{SEALED[0]}'))")
    table = {"source": "estate.duckdb#listed", "keys": {"arrest_number": "arrest_no"}, "keep_levels": ["arrest_no"]}

    with pytest.raises(ConfigError, match="lists its values"):
        Plan.from_dict({"version": 1, "tables": {"listed": table}}, root=tmp_path).check()


def test_a_list_by_which_rows_hang_on_others_stays_where_it_is_declared() -> None:
    levels = pd.Categorical(["K", "M"], ["K", "M", "Q"])
    arrests = pl.DataFrame({"arrest_no": [SEALED[0], CLEAR[0]], "borough": ["K", "M"]})
    spec = {
        "version": 1,
        "tables": {
            "arrests": {"source": "a.parquet", "keys": {"arrest_number": "arrest_no"}},
            "boroughs": {
                "source": "b.parquet",
                "orphan_of": {"borough": "arrests.borough"},
                "keep_levels": ["borough"],
            },
        },
    }
    boroughs = pd.DataFrame({"borough": levels})

    clean = Plan.from_dict(spec).scrub({"arrests": arrests, "boroughs": boroughs}, index())["boroughs"]

    assert list(clean["borough"].cat.categories) == ["K", "M", "Q"]
