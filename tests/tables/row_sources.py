"""The same rows as data of every kind that is read: frames, files, databases and tables of lakes."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import deltalake
import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as pads

from .iceberg.lakehouse import Lakehouse

__all__ = ["FRAMES", "KINDS", "LAKES", "PLACES", "TYPES", "arrow", "row_sources"]

TYPES = {"arrest_no": pl.String, "age": pl.Int64}


@contextlib.contextmanager
def row_sources(folder: Path, rows: pl.DataFrame) -> Iterator[Path]:
    """Write rows of the columns of `TYPES`; a table of a lake has two versions that hold them."""
    table = arrow(rows)
    (folder / "parts").mkdir(parents=True)
    for file in (folder / "c.parquet", folder / "parts" / "c.parquet"):
        rows.write_parquet(file)
    rows.write_csv(folder / "c.csv")
    rows.write_ndjson(folder / "c.jsonl")
    with duckdb.connect(folder / "c.duckdb") as stored:
        stored.register("rows", table)
        stored.execute("create table t as select * from rows")
    with contextlib.closing(sqlite3.connect(folder / "c.sqlite")) as held:
        held.execute("create table t (arrest_no text, age integer)")
        held.executemany("insert into t values (?, ?)", rows.rows())
        held.commit()
    for _ in range(2):
        deltalake.write_deltalake(folder / "t", table, mode="overwrite")
    with contextlib.closing(Lakehouse(folder)) as lake:
        lake.create("t", table.schema, rows=table).overwrite(table)
        yield folder


def arrow(rows: pl.DataFrame) -> pa.Table:
    return rows.to_arrow().cast(pa.schema([("arrest_no", pa.string()), ("age", pa.int64())]))


def read(place: Path) -> pl.DataFrame:
    return pl.read_parquet(place / "c.parquet")


def catalog_table(place: Path) -> Any:
    with contextlib.closing(Lakehouse(place)) as lake:
        return lake.catalog.load_table("police.t")


FRAMES: dict[str, Callable[[Path], Any]] = {
    "polars": read,
    "a lazy frame": lambda place: read(place).lazy(),
    "pandas": lambda place: read(place).to_pandas(),
    "pyarrow": lambda place: arrow(read(place)),
    "a batch": lambda place: arrow(read(place)).combine_chunks().to_batches()[0],
    "a dataset": lambda place: pads.dataset(place / "parts"),
    "a relation": lambda place: duckdb.from_arrow(arrow(read(place))),
}
PLACES: dict[str, Callable[[Path], Any]] = {
    "Parquet": lambda place: place / "c.parquet",
    "a folder": lambda place: str(place / "parts"),
    "CSV": lambda place: place / "c.csv",
    "JSON Lines": lambda place: place / "c.jsonl",
    "DuckDB": lambda place: f"{place / 'c.duckdb'}#t",
    "SQLite": lambda place: f"{place / 'c.sqlite'}#t",
}
LAKES: dict[str, Callable[[Path], Any]] = {
    "Delta": lambda place: f"delta:{place / 't'}",
    "Delta before": lambda place: f"delta:{place / 't'}@v0",
    "deltalake": lambda place: deltalake.DeltaTable(place / "t", version=0),
    "Iceberg": lambda place: "iceberg:lakehouse/police.t",
    "pyiceberg": catalog_table,
}
KINDS = FRAMES | PLACES | LAKES
