"""Columns without a name, and columns that share one: a scrub finds them by their place, and leaves their names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

import sealscrub as ss
from sealscrub.errors import ColumnError
from sealscrub.transforms.plans import Plan
from sealscrub.transforms.plans.plan_proposal import propose

from .arrests import CLEAR, ON, SEALED, index

KEYS = [SEALED[0], CLEAR[0], CLEAR[1]]
Build = Callable[[pa.Table], Any]
FRAMES: dict[str, Build] = {
    "pandas": lambda table: table.to_pandas(),
    "pandas[pyarrow]": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "pyarrow": lambda table: table,
    "pyarrow[batch]": lambda table: table.combine_chunks().to_batches()[0],
    "pyarrow[reader]": lambda table: table.to_reader(),
}
UNNAMED: dict[str, Build] = {
    **FRAMES,
    "polars": lambda table: pl.DataFrame(dict(zip(table.column_names, map(pl.from_arrow, table.columns), strict=True))),
    "polars[lazy]": lambda table: UNNAMED["polars"](table).lazy(),
    "pyarrow[dataset]": ds.dataset,
}


def names_of(data: Any) -> list[str]:
    if isinstance(data, ds.Dataset | pa.RecordBatchReader):
        return list(data.schema.names)
    if isinstance(data, pl.LazyFrame):
        return data.collect_schema().names()
    return list(data.schema.names) if hasattr(data, "schema") and not hasattr(data, "height") else list(data.columns)


def columns_of(data: Any) -> list[list[Any]]:
    if isinstance(data, pl.LazyFrame):
        data = data.collect()
    if isinstance(data, pl.DataFrame):
        return [series.to_list() for series in data.get_columns()]
    if isinstance(data, pd.DataFrame):
        return [data.iloc[:, at].tolist() for at in range(data.shape[1])]
    data = data.to_table() if isinstance(data, ds.Dataset) else data
    data = data.read_all() if isinstance(data, pa.RecordBatchReader) else data
    return [column.to_pylist() for column in data.columns]


@pytest.mark.parametrize("build", UNNAMED.values(), ids=UNNAMED)
def test_a_column_without_a_name_keeps_none(build: Build) -> None:
    table = pa.table({"": [0, 1, 2], "arrest_no": KEYS, "column_0": ["x", "y", "z"]})

    clean = ss.scrub(build(table), index(), ON)

    assert names_of(clean) == ["", "arrest_no", "column_0"]
    assert columns_of(clean) == [[1, 2], KEYS[1:], ["y", "z"]]
    plan = Plan.from_dict({"version": 1, "tables": {"arrests": {"source": "a.parquet", "keys": ON}}})
    assert names_of(plan.scrub({"arrests": build(table)}, index())["arrests"]) == ["", "arrest_no", "column_0"]


@pytest.mark.parametrize("build", FRAMES.values(), ids=FRAMES)
@pytest.mark.parametrize("others", [(["a", "b", None], ["x", "y", "y"]), ([1, 2, 3], [7, 8, 9])])
def test_columns_that_share_a_name_are_scrubbed_each(build: Build, others: tuple[list[Any], list[Any]]) -> None:
    table = pa.table(
        [pa.array(others[0]), pa.array(KEYS), pa.array(others[1])], names=["priors_count", "arrest_no", "priors_count"]
    )
    data = build(table)

    assert ss.scan(build(table), index(), ON).found
    clean = ss.scrub(data, index(), ON)

    assert names_of(clean) == ["priors_count", "arrest_no", "priors_count"]
    found = columns_of(clean)
    assert [None if pd.isna(value) else value for value in found[0]] == others[0][1:]
    assert found[1:] == [KEYS[1:], others[1][1:]]


@pytest.mark.parametrize("build", FRAMES.values(), ids=FRAMES)
def test_a_key_column_that_is_there_twice_is_refused(build: Build) -> None:
    table = pa.table([pa.array(KEYS), pa.array(KEYS)], names=["arrest_no", "arrest_no"])

    for verb in (ss.scan, ss.scrub):
        with pytest.raises(ColumnError, match="columns 1 and 2"):
            verb(build(table), index(), ON)


@pytest.mark.parametrize(
    "edit",
    [{"null_columns": ["n"]}, {"set_values": {"n": 1}}, {"keep_levels": ["n"]}],
)
def test_an_edit_of_columns_that_share_a_name_is_refused(edit: dict[str, Any], tmp_path: Path) -> None:
    table = pa.table([pa.array([1, 2, 3]), pa.array(KEYS), pa.array([4, 5, 6])], names=["n", "arrest_no", "n"])
    for build in FRAMES.values():
        with pytest.raises(ColumnError):
            ss.scrub(build(table), index(), ON, **edit)
    path = tmp_path / "data.csv"
    path.write_text(f"n,arrest_no,n\n1,{KEYS[0]},4\n")
    if "keep_levels" not in edit:
        with pytest.raises(ColumnError, match="columns 1 and 3"):
            ss.scrub(path, index(), ON, output=tmp_path / "clean.csv", **edit)


def test_a_file_of_text_with_headers_that_share_a_name_is_scrubbed(tmp_path: Path) -> None:
    path, clean = tmp_path / "compas.csv", tmp_path / "clean.csv"
    path.write_text(f"priors_count,arrest_no,priors_count,\n1,{SEALED[0]},4,a\n2,{CLEAR[0]},5,b\n")

    assert ss.scan(path, index(), ON).found
    ss.scrub(path, index(), ON, output=clean)

    assert clean.read_text() == f"priors_count,arrest_no,priors_count,\n2,{CLEAR[0]},5,b\n"
    assert ss.scan(clean, index(), ON).clean


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_proposal_reads_files_with_a_column_without_a_name(suffix: str, tmp_path: Path) -> None:
    frame = pl.DataFrame({"": range(30), "arrest_no": CLEAR[:30], "precinct": [1, 2, 3] * 10})
    getattr(frame, f"write_{suffix}")(tmp_path / f"arrests.{suffix}")

    proposal = propose(tmp_path)

    assert "[tables.arrests]" in proposal
    assert "column_0" not in proposal
