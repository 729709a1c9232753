"""The width of a dictionary's codes tells how many levels there are, and not how many there were."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import feather

import sealscrub as ss
from sealscrub.datasets import example_index

IDS = [f"K146{at:05}" for at in range(320)]
ON = {"arrest_number": "arrest_no"}
Write = Callable[[pd.DataFrame, Path], Any]
borders = pytest.mark.parametrize(("left", "sealed"), [(126, 1), (127, 190), (300, 20)])


def frame(rows: int) -> pd.DataFrame:
    levels = [f"c{at:04}" for at in range(rows)]
    data = {
        "arrest_no": pd.Categorical(IDS[:rows]),
        "charge": pd.Categorical(levels),
        "grade": pd.Categorical(levels, levels, ordered=True),
        "hours": range(rows),
    }
    return pd.DataFrame(data)


WRITERS: dict[str, Write] = {
    "whole.parquet": lambda data, path: data.to_parquet(path),
    "fast.parquet": lambda data, path: data.drop(columns="grade").to_parquet(path),
    "plain.parquet": lambda data, path: data.to_parquet(path, use_dictionary=False),
    "bare.parquet": lambda data, path: data.to_parquet(path, store_schema=False),
    "whole.feather": lambda data, path: data.to_feather(path),
    "batches.feather": lambda data, path: feather.write_feather(data, path, chunksize=9),
}


@borders
@pytest.mark.parametrize("name", WRITERS)
def test_files_of_pandas(tmp_path: Path, name: str, left: int, sealed: int) -> None:
    seals = example_index(IDS[left : left + sealed])
    made = []
    for rows in (left + sealed, left):
        source, target = tmp_path / f"{rows}-{name}", tmp_path / f"clean-{rows}-{name}"
        WRITERS[name](frame(rows), source)
        ss.scrub(source, seals, ON, output=target)
        made.append(target.read_bytes())

    assert made[0] == made[1]


@borders
@pytest.mark.parametrize("container", [pa.Table.from_pandas, pa.RecordBatch.from_pandas, pl.from_pandas, pd.DataFrame])
def test_frames(container: Callable[[pd.DataFrame], Any], left: int, sealed: int) -> None:
    seals = example_index(IDS[left : left + sealed])
    whole, without = (ss.scrub(container(frame(rows)), seals, ON) for rows in (left + sealed, left))

    assert whole.equals(without)
    if isinstance(whole, pa.Table | pa.RecordBatch):
        assert whole.schema.equals(without.schema, check_metadata=True)
        assert whole.schema.field("charge").type == pa.Schema.from_pandas(frame(left)).field("charge").type


@pytest.mark.parametrize("left", [255, 256])
@pytest.mark.parametrize("kind", ["flat", "list", "struct"])
@pytest.mark.parametrize("name", ["keys.parquet", "keys.arrow"])
def test_enums_of_keys(tmp_path: Path, name: str, kind: str, left: int) -> None:
    seals = example_index(IDS[left:])
    made = []
    for rows in (320, left):
        source, target = tmp_path / f"{rows}-{name}", tmp_path / f"clean-{rows}-{name}"
        keys = pl.DataFrame({"arrest_no": pl.Series(IDS[:rows], dtype=pl.Enum(IDS[:rows]))})
        also = {"flat": pl.lit(1), "list": pl.concat_list("arrest_no"), "struct": pl.struct("arrest_no")}[kind]
        data = keys.with_columns(also=also)
        data.write_parquet(source) if name.endswith("parquet") else data.write_ipc(source)
        ss.scrub(source, seals, ON, output=target)
        made.append(target.read_bytes())

    assert made[0] == made[1]
    assert pl.read_parquet(target).height == left if name.endswith("parquet") else pl.read_ipc(target).height == left
