"""A key of several columns in one text, a level or the name of an axis, is found, removed and never certified."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import sealscrub as ss
from sealscrub.certificates import load_signer
from sealscrub.datasets import example_index
from sealscrub.errors import UsageError
from sealscrub.identifiers import generate_certifier
from sealscrub.index import Index
from sealscrub.validators.certification import certify

SEALED = ("01234567Q@2014-01-15", "07654321K@2015-03-02")
ON = {"person_arrest": "nysid+day"}
SPELLED = [
    "01234567Q@2014-01-15",
    "1234567q|2014-01-15",
    "2014-01-15 / 01234567Q",
    "id_1234567Q_2014-01-15",
    "arrest of 7654321K, 03/02/2015",
]
LAWFUL = ["01234567Q@2015-03-02", "07654321K", "2014-01-15", "Queens 2014-01-15", "1234567Q and others of 2014"]
Build = Callable[[str], Any]


@cache
def index() -> Index:
    return example_index({"person_arrest": SEALED})


def rows() -> dict[str, list[str]]:
    return {"nysid": ["02222222L", "03333333M"], "day": ["2016-05-06", "2017-07-08"]}


def of_duckdb(text: str) -> Any:
    connection = duckdb.connect()
    connection.execute(f"CREATE TYPE levels AS ENUM ('a', '{text}')")
    return connection.sql("SELECT '02222222L' AS nysid, '2016-05-06' AS day, 'a'::levels AS c")


def of_arrow(text: str) -> pa.Table:
    levels = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int8()), ["a", text])
    return pa.table({**rows(), "c": levels})


BUILDS: dict[str, Build] = {
    "pandas": lambda text: pd.DataFrame({**rows(), "c": pd.Categorical(["a", "a"], ["a", text])}),
    "index": lambda text: pd.DataFrame(rows(), index=pd.CategoricalIndex(["a", "a"], ["a", text])),
    "name of the index": lambda text: pd.DataFrame(rows()).rename_axis(index=text),
    "name of the columns": lambda text: pd.DataFrame(rows()).rename_axis(columns=text),
    "polars": lambda text: pl.DataFrame({**rows(), "c": pl.Series(["a", "a"], dtype=pl.Enum(["a", text]))}),
    "pyarrow": of_arrow,
    "duckdb": of_duckdb,
}
builds = pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)


def held(data: Any) -> str:
    if isinstance(data, pd.DataFrame):
        lists = [list(data[name].cat.categories) for name in data if hasattr(data[name], "cat")]
        return f"{[*data.index.names, *data.columns.names]} {getattr(data.index, 'categories', '')} {lists}"
    if isinstance(data, pl.DataFrame):
        return f"{data.schema}"
    if isinstance(data, duckdb.DuckDBPyRelation):
        return f"{data.types}"
    return str(data["c"].chunk(0).dictionary.to_pylist())


@pytest.mark.thinned(together=1)
@builds
@pytest.mark.parametrize("text", SPELLED)
def test_a_sealed_key_of_two_columns_is_found_and_removed(build: Build, text: str) -> None:
    report = ss.scan(build(text), index(), ON)

    assert report.exit_code == 1
    assert text in held(build(text))
    clean = ss.scrub(build(text), index(), ON)
    assert text not in held(clean)
    assert ss.scan(clean, index(), ON).clean


@pytest.mark.thinned(together=1)
@builds
@pytest.mark.parametrize("text", LAWFUL)
def test_parts_of_other_keys_are_not(build: Build, text: str) -> None:
    assert ss.scan(build(text), index(), ON).clean


@pytest.mark.thinned(together=1)
@builds
@pytest.mark.parametrize("text", SPELLED)
def test_no_certificate_is_issued(build: Build, text: str, tmp_path: Path) -> None:
    generate_certifier(tmp_path / "team.key")
    with pytest.raises(UsageError, match=r"sealed or withheld records found|names, levels or metadata"):
        certify(build(text), index(), ON, signer=load_signer(tmp_path / "team.key"))


@pytest.mark.parametrize("attrs", [{"note": SPELLED[3]}, {"who": {"nysid": "1234567Q", "day": "2014-01-15"}}])
def test_metadata_that_hold_one_are_not_certified(attrs: dict[str, Any], tmp_path: Path) -> None:
    generate_certifier(tmp_path / "team.key")
    data = pd.DataFrame(rows())
    data.attrs = attrs

    with pytest.raises(UsageError, match=r"sealed or withheld records found|names, levels or metadata"):
        certify(data, index(), ON, signer=load_signer(tmp_path / "team.key"))
    assert ss.scrub(data, index(), ON).attrs == {}
