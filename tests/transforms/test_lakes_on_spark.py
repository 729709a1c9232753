"""Tables of lakes are not given to Spark, which would take the address of one for a folder of files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import deltalake
import polars as pl
import pytest

import sealscrub as ss
from sealscrub.errors import ConfigError
from sealscrub.transforms.plans import Plan

from ..contracts.test_every_format import ROWS, table
from .arrests import ON, index

SPARK: Any = object()  # it is not asked anything
DELTA, ICEBERG = "delta:lake", "iceberg:city/police.arrests"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    deltalake.write_deltalake("lake", table(ROWS))
    pl.DataFrame(table(ROWS)).write_parquet("in.parquet")
    return tmp_path


def refused(place: Path, ask: Any) -> None:
    before = sorted(place.rglob("*"))
    with pytest.raises(ConfigError, match="Delta and Iceberg tables are not read or written with Spark") as caught:
        ask()
    assert "leave out engine" in str(caught.value)
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (DELTA, {"output": "out"}),
        (DELTA, {"output": "delta:new"}),
        (DELTA, {"dry_run": True}),
        (DELTA, {"in_place": True}),
        (ICEBERG, {"output": "out"}),
        (ICEBERG, {"in_place": True}),
        (["in.parquet", DELTA], {"output": "out"}),
        ("in.parquet", {"output": "delta:new"}),
        ("in.parquet", {"output": Path("delta:new")}),
        ("in.parquet", {"output": "iceberg:city/police.new"}),
        (deltalake.DeltaTable, {"output": "out"}),
    ],
)
def test_a_table_of_a_lake_is_refused_by_name(place: Path, data: Any, options: dict[str, Any]) -> None:
    given = data("lake") if data is deltalake.DeltaTable else data
    refused(place, lambda: ss.scrub(given, index(), ON, engine=SPARK, **options))


@pytest.mark.parametrize(
    ("spec", "output"),
    [
        ({"source": DELTA}, "out"),
        ({"source": ICEBERG}, "out"),
        ({"source": "in.parquet", "output": "delta:new"}, "out"),
        ({"source": "in.parquet", "output": "iceberg:city/police.new"}, "out"),
        ({"source": "in.parquet"}, "delta:new"),
    ],
)
def test_a_plan_that_names_one_is_refused(place: Path, spec: dict[str, Any], output: str) -> None:
    tables = {"arrests": {**spec, "keys": ON}}
    plan = Plan.from_dict({"version": 1, "tables": tables}, root=place)
    refused(place, lambda: plan.scrub(index=index(), output=output, engine=SPARK))
