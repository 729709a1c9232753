"""Parquet files of the same rows by four writers, in many ways, and what reads them back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

import sealscrub as ss

from .arrests import NULLS, ON, Arrest, arrow, index

CANARY = "CANARY-5b0e-long-enough-to-live-outside-a-view"
Write = Callable[[Sequence[Arrest], Path, Any], None]


def _table(rows: Sequence[Arrest], extra: str) -> pa.Table:
    """The rows with columns that need another path: nested and half-seconds, or levels that have an order."""
    table = arrow(rows)
    if extra in ("slow", "both"):
        notes = pa.array([[row.note, row.offense] for row in rows], pa.list_(pa.string()))
        times = pa.array([row.made_on and row.made_on.time() for row in rows], pa.time64("us"))
        table = table.append_column("notes", notes).append_column("at", times)
    if extra in ("levels", "both"):
        levels = ["fraud", "theft", "zoning", "assault"]
        used = [level for level in levels if level in {row.offense for row in rows}]
        codes = pa.array([None if row.offense is None else used.index(row.offense) for row in rows], pa.int8())
        ranked = pa.DictionaryArray.from_arrays(codes, pa.array(used, pa.string()), ordered=True)
        table = table.append_column("ranked", ranked)
    return table


def by_pyarrow(rows: Sequence[Arrest], path: Path, how: Any) -> None:
    table = _table(rows, how["extra"])
    pq.write_table(table, path, row_group_size=how["group"], compression=how["codec"], use_dictionary=how["dictionary"])


def by_pandas(rows: Sequence[Arrest], path: Path, how: Any) -> None:
    frame = _table(rows, how["extra"]).to_pandas()
    for name in ("offense", "ranked"):
        if name in frame:
            levels = frame[name].cat.categories.astype("str")
            frame[name] = frame[name].cat.set_categories(levels if frame[name].cat.ordered else sorted(levels))
    if how["index"] == "named":
        frame.index = pd.Index([f"row of {row.key}" for row in rows], name="row", dtype="str")
    elif how["index"] == "column":
        frame = frame.set_index("note")  # numbers at even steps, pandas would take for a range
    elif how["index"] == "steps":
        frame.index = pd.RangeIndex(10, 10 + 5 * len(rows), 5)
    codec = "none" if how["codec"] == "none" else how["codec"]
    frame.to_parquet(path, row_group_size=how["group"], compression=None if codec == "none" else codec)


def by_polars(rows: Sequence[Arrest], path: Path, how: Any) -> None:
    frame = pl.DataFrame(_table(rows, how["extra"]))
    codec = "uncompressed" if how["codec"] == "none" else how["codec"]
    frame.write_parquet(path, row_group_size=how["group"], compression=codec)


def by_duckdb(rows: Sequence[Arrest], path: Path, how: Any) -> None:
    connection = duckdb.connect()
    connection.register("arrests", _table(rows, how["extra"]))
    codec = {"none": "uncompressed"}.get(how["codec"], how["codec"])
    connection.sql("SELECT * FROM arrests").to_parquet(str(path), compression=codec)


WRITERS: dict[str, Write] = {
    "pyarrow": by_pyarrow, "pandas": by_pandas, "polars": by_polars, "duckdb": by_duckdb
}  # fmt: skip
WAYS = st.fixed_dictionaries(
    {
        "group": st.sampled_from([1, 3, 100]),
        "codec": st.sampled_from(["snappy", "zstd", "gzip", "none"]),
        "dictionary": st.booleans(),
        "index": st.sampled_from(["range", "named", "column", "steps"]),
    }
)


def scrub(path: Path, **options: Any) -> bytes:
    out = path.with_name("out.parquet")
    ss.scrub(path, index(), ON, output=out, **{"policy": NULLS} | options)
    return out.read_bytes()


def content(path: Path | bytes) -> dict[str, list[Any]]:
    table = pq.read_table(pa.BufferReader(path) if isinstance(path, bytes) else path, partitioning=None)
    return table.to_pydict()
