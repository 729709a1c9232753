"""What a user's type checker sees; it is checked by mypy (test_types.py), and not run."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, assert_type

import deltalake
import duckdb
import networkx as nx
import pandas as pd
import polars as pl
import pyarrow as pa

import sealscrub as ss
from sealscrub.filters import guard_edges, guard_graph, guard_grid, guard_ranking
from sealscrub.transforms import Report, Scrubbed, scrub_text
from sealscrub.validators import artefacts, nullity, output_nullity


def scrubs(
    index: ss.index.Index,
    eager: pl.DataFrame,
    lazy: pl.LazyFrame,
    pandas: pd.DataFrame,
    arrow: pa.Table,
    relation: duckdb.DuckDBPyRelation,
    *,
    whether: bool,
) -> None:
    on = ["arrest_number"]
    assert_type(ss.scrub(eager, index, on), pl.DataFrame)
    assert_type(ss.scrub(lazy, index, on, use="output", policy=ss.Policy()), pl.LazyFrame)
    assert_type(ss.scrub(pandas, index, on, null_columns=["n"]), pd.DataFrame)
    assert_type(ss.scrub(arrow, index, on), pa.Table)
    assert_type(ss.scrub(relation, index, on), duckdb.DuckDBPyRelation)
    assert_type(ss.scrub(pandas, index, on, detail=True), Scrubbed)
    assert_type(ss.scrub(pandas, index, on, dry_run=True), Report)
    assert_type(ss.scrub(pandas, index, on, dry_run=True, detail=True), Report)
    assert_type(ss.scrub(pandas, index, on, detail=whether), pd.DataFrame | Scrubbed | Report)
    ss.scrub(eager, index, on, nonsense=1)  # type: ignore[call-overload]


def files(index: ss.index.Index, lake: deltalake.DeltaTable) -> None:
    on = ["arrest_number"]
    assert_type(ss.scrub("a.csv", index, on, output="b.csv"), Report)
    assert_type(ss.scrub(Path("a.csv"), index, on, dry_run=True), Report)
    assert_type(ss.scrub(["a.csv", Path("b.csv")], index, on, output="clean", quarantine="aside"), Report)
    assert_type(ss.scrub(lake, index, on, in_place=True, purge_history=True, rewrite="all"), Report)
    assert_type(ss.scan("a.csv", index, on), Report)


def texts(index: ss.index.Index, frame: pl.DataFrame, *, whether: bool) -> None:
    assert_type(scrub_text(frame, "text", index), pl.DataFrame)
    assert_type(scrub_text(frame, "text", index, workers=1, detail=True), Scrubbed)
    assert_type(scrub_text(frame, "text", index, detail=whether), pl.DataFrame | Scrubbed)


def outputs(
    index: ss.index.Index,
    eager: pl.DataFrame,
    lazy: pl.LazyFrame,
    pandas: pd.DataFrame,
    relation: duckdb.DuckDBPyRelation,
    graph: nx.Graph,
    hits: list[dict[str, Any]],
    best: Iterator[dict[str, Any]],
    later: AsyncIterator[dict[str, Any]],
) -> None:
    on = {"arrest_number": "id"}
    assert_type(guard_ranking(eager, index, on, k=3, score="score"), pl.DataFrame)
    assert_type(guard_ranking(hits, index, on), list[dict[str, Any]])
    assert_type(guard_ranking(best, index, on), Iterator[dict[str, Any]])
    assert_type(guard_ranking(later, index, on), AsyncIterator[dict[str, Any]])
    assert_type(guard_graph(graph, index, on), nx.Graph)
    assert_type(guard_edges(lazy, index, on), pl.LazyFrame)
    assert_type(guard_grid(pandas, index, on, "x", "y", 50), pd.DataFrame)
    assert_type(guard_grid(lazy, index, on, "x", "y", 50, k=5), pl.DataFrame)
    assert_type(guard_grid(relation, index, on, "x", "y", 50), pl.DataFrame)


def nonsense() -> list[object]:
    return [
        ss.nonsense,  # type: ignore[attr-defined]
        ss.custodian.nonsense,  # type: ignore[attr-defined]
        artefacts.nonsense,  # type: ignore[attr-defined]
        nullity.nonsense,  # type: ignore[attr-defined]
        output_nullity.nonsense,  # type: ignore[attr-defined]
    ]


def lazy_names() -> None:
    assert_type(ss.Policy(), ss.matching.Policy)
    assert_type(nullity.NullityVerdict("PASS"), nullity.NullityVerdict)
