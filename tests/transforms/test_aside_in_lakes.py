"""Rows are set aside in files: the address of a table of a lake is not taken for the name of one."""

from __future__ import annotations

from pathlib import Path

import deltalake
import polars as pl
import pytest

import sealscrub as ss
from sealscrub.errors import ConfigError, UsageError
from sealscrub.matching import Policy
from sealscrub.transforms.plans import Plan

from ..contracts.test_every_format import ROWS, table
from ..tables.iceberg.lakehouse import Lakehouse
from .arrests import ON, index

REFUSED = r"is the address of a table|must be a Parquet file"
ASIDE = Policy(quarantine=True)
DELTA, ICEBERG = "delta:aside.parquet", "iceberg:lakehouse/police.aside"
OUTPUTS = {
    "in.parquet": "out.parquet",
    "in.csv": "out.csv",
    "delta:lake": "delta:new",
    "iceberg:lakehouse/police.lake": "iceberg:lakehouse/police.new",
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    pl.DataFrame(table(ROWS)).write_parquet("in.parquet")
    pl.DataFrame(table(ROWS)).write_csv("in.csv")
    deltalake.write_deltalake("lake", table(ROWS))
    return tmp_path


@pytest.mark.parametrize("aside", [DELTA, ICEBERG])
@pytest.mark.parametrize("data", OUTPUTS)
def test_an_address_is_refused_for_rows_set_aside(place: Path, data: str, aside: str) -> None:
    lake = Lakehouse(place)
    lake.create("lake", table(ROWS).schema, rows=table(ROWS))
    before = sorted(place.rglob("*"))
    try:
        with pytest.raises((UsageError, ConfigError), match=REFUSED):
            ss.scrub(data, index(), ON, policy=ASIDE, output=OUTPUTS[data], quarantine=aside)
        assert sorted(place.rglob("*")) == before
    finally:
        lake.close()


@pytest.mark.parametrize("aside", [DELTA, ICEBERG])
def test_a_plan_refuses_it_too(place: Path, aside: str) -> None:
    plan = Plan.from_dict({"version": 1, "tables": {"arrests": {"source": "in.parquet", "keys": ON}}}, root=place)
    before = sorted(place.rglob("*"))
    with pytest.raises(UsageError, match="is the address of a table"):
        plan.scrub(index=index(), output="out", policy=ASIDE, quarantine=aside)
    assert sorted(place.rglob("*")) == before
