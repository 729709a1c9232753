"""The order of levels is that of the world without the sealed rows, anyone who made the list, and from what."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyarrow import feather

import sealscrub as ss

from .arrests import CLEAR, SEALED, index

Row = tuple[str, str, str | None]  # two arrests, each a key, and a value of a categorical
VALUES = ["d", "b", "a", "c"]
KEYS = [CLEAR[2], SEALED[0], CLEAR[0], CLEAR[1]]
ON = {"arrest_number": ["arrest_no", "other_no"]}
TEXT = "string" if pd.__version__ < "3" else "str"  # pandas 2's "str" are objects: none, no type


class Column(NamedTuple):
    """How categoricals are made: of a list that somebody declared, or of the values that there are."""

    made: str  # declared, sorted, or appearance
    levels: tuple[str, ...]  # in the order of a declaration
    keys: tuple[str, ...]
    ordered: bool

    def listed(self, values: Sequence[str | None], declared: Sequence[str]) -> list[str]:
        there = list(dict.fromkeys(value for value in values if value is not None))
        if self.made == "declared":
            return list(declared)
        return sorted(there) if self.made == "sorted" else there


class Parts(NamedTuple):
    """Columns of the rows, and the lists of the two that are categorical."""

    keys: list[str]
    others: list[str]
    values: list[str | None]
    other_levels: list[str]
    levels: list[str]


def parts(rows: Sequence[Row], column: Column) -> Parts:
    keys, others, values = ([row[at] for row in rows] for at in range(3))
    return Parts(keys, others, values, column.listed(others, column.keys), column.listed(values, column.levels))


def codes_of(values: Sequence[str | None], levels: Sequence[Any]) -> list[int]:
    return [-1 if value is None else list(levels).index(value) for value in values]


def of_pandas(rows: Sequence[Row], column: Column) -> pd.DataFrame:
    part = parts(rows, column)
    levels = pd.Index(part.levels, dtype=TEXT)
    made = pd.Categorical(part.values, levels, ordered=column.ordered)
    others = pd.Categorical(part.others, pd.Index(part.other_levels, dtype=TEXT))
    index = pd.MultiIndex(levels=[levels], codes=[codes_of(part.values, part.levels)], names=["i"])
    index = pd.CategoricalIndex(made) if column.ordered else index
    data = {"arrest_no": pd.array(part.keys, TEXT), "other_no": others, "c": made}
    return pd.DataFrame(data, index=index)


def of_objects(rows: Sequence[Row], column: Column) -> pd.DataFrame:
    """Categories of several types, some of which have no order among each other."""
    kinds: dict[str | None, Any] = {"d": ("d",), "b": 7, "a": frozenset("a"), "c": dt.date(2020, 1, 1)}
    part = parts(rows, column)
    levels = pd.Index([kinds[level] for level in part.levels], dtype=object, tupleize_cols=False)
    made = pd.Categorical.from_codes(codes_of(part.values, part.levels), levels, ordered=column.ordered)
    others = pd.array(part.others, TEXT)
    return pd.DataFrame({"arrest_no": pd.array(part.keys, TEXT), "other_no": others, "c": made})


def of_arrow(rows: Sequence[Row], column: Column) -> pa.Table:
    part = parts(rows, column)
    others = _dictionary(part.others, part.other_levels, ordered=False)
    values = _dictionary(part.values, part.levels, ordered=column.ordered)
    return pa.table({"arrest_no": pa.array(part.keys, pa.string()), "other_no": others, "c": values})


def _dictionary(values: Sequence[str | None], levels: Sequence[str], *, ordered: bool) -> Any:
    codes = pa.array([None if value is None else list(levels).index(value) for value in values], pa.int8())
    return pa.DictionaryArray.from_arrays(codes, pa.array(levels, pa.string()), ordered=ordered)


def of_polars(rows: Sequence[Row], column: Column) -> pl.DataFrame:
    """An Enum is declared; that of a key is a list of values."""
    part = parts(rows, column)
    others = pl.Series(part.others, dtype=pl.Enum(part.other_levels))
    values = pl.Series(part.values, dtype=pl.Enum(column.levels))
    return pl.DataFrame({"arrest_no": pl.Series(part.keys, dtype=pl.String), "other_no": others, "c": values})


def of_duckdb(rows: Sequence[Row], column: Column) -> Any:
    connection, part = duckdb.connect(), parts(rows, column)
    for name, levels in (("ids", part.other_levels or KEYS), ("names", column.levels)):
        connection.execute(f"CREATE TYPE {name} AS ENUM ({', '.join(repr(level) for level in levels)})")
    connection.execute("CREATE TABLE t (arrest_no VARCHAR, other_no ids, c names)")
    if rows:
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", [list(row) for row in rows])
    return connection.sql("SELECT * FROM t")


BUILDS: dict[str, Callable[[Sequence[Row], Column], Any]] = {
    "pandas": of_pandas,
    "pandas, objects": of_objects,
    "pandas, pyarrow": lambda rows, column: of_arrow(rows, column).to_pandas(types_mapper=pd.ArrowDtype),
    "polars": of_polars,
    "polars, lazy": lambda rows, column: of_polars(rows, column).lazy(),
    "polars, categorical": lambda rows, column: pl.DataFrame(of_arrow(rows, column._replace(ordered=False))),
    "pyarrow": of_arrow,
    "pyarrow, of polars": lambda rows, column: of_polars(rows, column).to_arrow(),
    "pyarrow, dataset": lambda rows, column: ds.dataset(of_arrow(rows, column)),
    "duckdb": of_duckdb,
}
WRITERS: dict[str, Callable[[Sequence[Row], Column, Path], Any]] = {
    "pandas": lambda rows, column, path: of_pandas(rows, column).reset_index(drop=True).to_parquet(path),
    "polars": lambda rows, column, path: of_polars(rows, column).write_parquet(path),
    "polars, by pyarrow": lambda rows, column, path: pq.write_table(of_polars(rows, column).to_arrow(), path),
    "pyarrow": lambda rows, column, path: pq.write_table(of_arrow(rows, column), path),
    "pyarrow, plain": lambda rows, column, path: pq.write_table(of_arrow(rows, column), path, use_dictionary=False),
    "pandas.arrow": lambda rows, column, path: of_pandas(rows, column).reset_index(drop=True).to_feather(path),
    "polars.arrow": lambda rows, column, path: of_polars(rows, column).write_ipc(path),
    "pyarrow.arrow": lambda rows, column, path: feather.write_feather(of_arrow(rows, column), str(path)),
}


def facts(data: Any) -> Any:
    """Rows, types and lists of what comes back, in their orders."""
    if isinstance(data, pd.DataFrame):
        columns = [(column.dtype, column.tolist(), _list(column.array)) for _, column in data.items()]
        return repr((columns, _list(data.index), data.index.tolist()))
    if isinstance(data, pl.LazyFrame):
        data = data.collect()
    if isinstance(data, pl.DataFrame):
        return data.schema, data.to_dicts(), data.write_ipc(None, compat_level=pl.CompatLevel.oldest()).getvalue()
    if isinstance(data, duckdb.DuckDBPyRelation):
        return data.types, data.fetchall()
    sink, table = io.BytesIO(), data.to_table() if isinstance(data, ds.Dataset) else data
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write(table)
    return sink.getvalue()


def _list(values: Any) -> Any:
    if hasattr(values, "levels"):
        return [list(level) for level in values.levels]
    if isinstance(values.dtype, pd.ArrowDtype):
        chunks = pa.chunked_array([pa.array(values)]).chunks
        return [chunk.dictionary.to_pylist() for chunk in chunks if pa.types.is_dictionary(chunk.type)]
    return list(getattr(values, "categories", ()))


def drawn(count: int) -> st.SearchStrategy[tuple[list[Row], Column]]:
    """Rows of which some are sealed, and categoricals of so many levels."""
    columns = st.builds(
        Column,
        st.sampled_from(["appearance", "declared", "sorted", "appearance"]),
        st.permutations(VALUES[:count]).map(tuple),
        st.permutations(KEYS).map(tuple),
        st.booleans(),
    ).map(lambda column: column._replace(made="declared") if column.ordered else column)
    value, clear = st.sampled_from([*VALUES[:count], None]), st.sampled_from(CLEAR[:3])
    sealed = st.tuples(st.just(SEALED[0]), clear, value)
    rows = st.lists(st.tuples(clear, st.sampled_from(KEYS), value) | sealed, max_size=8)
    return st.tuples(st.tuples(sealed, rows).map(lambda some: [some[0], *some[1]]), columns)


def barred(row: Row) -> bool:
    return SEALED[0] in row


worlds = st.integers(1, 4).flatmap(drawn)
TWO = (
    [(SEALED[0], CLEAR[0], "a"), (CLEAR[0], CLEAR[1], "b"), (CLEAR[1], CLEAR[2], "a")],
    Column("appearance", ("a", "b"), tuple(KEYS), ordered=False),
)
AGAIN = ([(SEALED[0], CLEAR[1], "a"), (CLEAR[0], CLEAR[0], "b"), (CLEAR[1], CLEAR[1], "a")], TWO[1])
GIVEN = (TWO[0], TWO[1]._replace(made="declared", levels=("b", "a")))


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
@given(world=worlds, many=st.booleans())
@example(world=TWO, many=False)
@example(world=GIVEN, many=False)
@example(world=AGAIN, many=False)
@settings(max_examples=60, deadline=None)
def test_the_order_of_levels_is_that_of_the_world_without(
    build: Callable[[Sequence[Row], Column], Any], world: tuple[list[Row], Column], many: bool
) -> None:
    rows, column = world
    rows = rows * 50 if many else rows
    stayed = [row for row in rows if not barred(row)]

    clean = ss.scrub(build(rows, column), index(), ON)

    assert facts(clean) == facts(ss.scrub(build(stayed, column), index(), ON))
    assert facts(clean) == facts(ss.scrub(clean, index(), ON))


@pytest.mark.parametrize("writer", WRITERS)
@given(world=worlds)
@example(world=TWO)
@example(world=GIVEN)
@example(world=AGAIN)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_levels_in_a_file_is_that_of_the_world_without(
    writer: str, tmp_path: Path, world: tuple[list[Row], Column]
) -> None:
    rows, column = world
    ending = Path(writer).suffix or ".parquet"
    for name, some in {"data": rows, "world": [row for row in rows if not barred(row)]}.items():
        WRITERS[writer](some, column, tmp_path / f"{name}{ending}")
        ss.scrub(tmp_path / f"{name}{ending}", index(), ON, output=tmp_path / f"{name}-clean{ending}")

    clean, other = tmp_path / f"data-clean{ending}", tmp_path / f"world-clean{ending}"
    assert clean.read_bytes() == other.read_bytes()


def test_frames_and_files_of_pandas_put_levels_in_one_order(tmp_path: Path) -> None:
    rows = [(SEALED[0], CLEAR[0], "a"), (CLEAR[0], CLEAR[1], "b"), (CLEAR[1], CLEAR[0], "a")]
    frame = of_pandas(rows, Column("appearance", (), (), False)).reset_index(drop=True)
    frame.to_parquet(tmp_path / "data.parquet")

    ss.scrub(tmp_path / "data.parquet", index(), ON, output=tmp_path / "clean.parquet")

    clean = ss.scrub(frame, index(), ON)
    assert clean["c"].cat.categories.tolist() == ["a", "b"]
    read = pd.read_parquet(tmp_path / "clean.parquet")
    pd.testing.assert_frame_equal(read, clean, check_categorical=pd.__version__ >= "3")  # pandas 2 reads objects
    assert all(read[name].cat.categories.tolist() == clean[name].cat.categories.tolist() for name in ("other_no", "c"))


def test_an_order_that_somebody_gave_stays_where_it_is_kept() -> None:
    levels = ["mid", "low", "high"]
    frame = pd.DataFrame(
        {"arrest_no": CLEAR[:3], "other_no": CLEAR[:3], "c": pd.Categorical(["high", "mid", "low"], levels)}
    )

    assert ss.scrub(frame, index(), ON)["c"].cat.categories.tolist() == ["high", "low", "mid"]
    assert ss.scrub(frame, index(), ON, keep_levels=["c"])["c"].cat.categories.tolist() == levels
    frame["c"] = frame["c"].cat.as_ordered()
    assert ss.scrub(frame, index(), ON)["c"].cat.categories.tolist() == levels
