"""Lists of levels: those of a key column are values, and no list names a sealed record that no row uses."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.errors import UsageError
from sealscrub.matching import Policy

from .arrests import CLEAR, NULLS, ON, SEALED, WITHHELD, index

LIST = [*SEALED, *CLEAR, *WITHHELD]
BARRED = {*SEALED, *WITHHELD}
NAMES = ["a", *SEALED[:2], "b", "c"]
Row = tuple[str | None, str | None]  # key, and a value of a column that is not a key
Build = Callable[[Sequence[Row]], Any]


def polars_enums(rows: Sequence[Row]) -> pl.DataFrame:
    keys, names = [row[0] for row in rows], [row[1] for row in rows]
    return pl.DataFrame(
        {
            "arrest_no": pl.Series(keys, dtype=pl.Enum(LIST)),
            "name": pl.Series(names, dtype=pl.Enum(NAMES)),
            "names": pl.Series([[name] for name in names], dtype=pl.List(pl.Enum(NAMES))),
            "pair": pl.Series([{"x": name} for name in names], dtype=pl.Struct({"x": pl.Enum(NAMES)})),
        }
    )


def arrow_dictionaries(rows: Sequence[Row]) -> pa.Table:
    """Dictionaries with levels in use or not, another list in each chunk, nested too."""
    chunks = [rows[:2], rows[2:]] if len(rows) > 1 else [rows]
    made: dict[str, list[Any]] = {"arrest_no": [], "name": [], "names": [], "pair": []}
    for turn, chunk in enumerate(chunks):
        keys = _dictionary([row[0] for row in chunk], LIST[::-1] if turn else LIST)
        names = _dictionary([row[1] for row in chunk], NAMES[::-1] if turn else NAMES)
        made["arrest_no"].append(keys)
        made["name"].append(names)
        made["names"].append(pa.ListArray.from_arrays(pa.array(range(len(chunk) + 1), pa.int32()), names))
        made["pair"].append(pa.StructArray.from_arrays([names], ["x"]))
    return pa.table({name: pa.chunked_array(parts) for name, parts in made.items()})


def _dictionary(values: Sequence[str | None], levels: Sequence[str]) -> Any:
    codes = pa.array([None if value is None else list(levels).index(value) for value in values], pa.int16())
    return pa.DictionaryArray.from_arrays(codes, pa.array(levels))


def delta_dictionaries(rows: Sequence[Row]) -> Any:
    """Batches of a stream, each of which adds levels to the dictionary of the one before."""
    schema = pa.schema([("arrest_no", pa.dictionary(pa.int16(), pa.string())), ("name", pa.string())])
    sink, known = io.BytesIO(), LIST[:4]
    options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
    with pa.ipc.new_stream(sink, schema, options=options) as writer:
        for at in range(0, max(len(rows), 1), 2):
            part, known = rows[at : at + 2], [*known, *(level for level in LIST if level not in known)]
            keys = _dictionary([row[0] for row in part], known)
            writer.write_batch(pa.record_batch([keys, pa.array([row[1] for row in part], pa.string())], schema=schema))
    return pa.ipc.open_stream(sink.getvalue())


def pandas_categories(rows: Sequence[Row]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "arrest_no": pd.Categorical([row[0] for row in rows], LIST),
            "name": pd.Categorical([row[1] for row in rows], NAMES),
        }
    )
    labels = [
        LIST.index(row[0]) if row[0] in LIST else -1 for row in rows
    ]  # a row's label is its own, whatever rows are above it
    frame.index = pd.MultiIndex(levels=[["x", *LIST], range(len(LIST))], codes=[[0] * len(rows), labels])
    frame.columns = pd.CategoricalIndex(frame.columns, ["arrest_no", *LIST, "name"])
    return frame


def pandas_arrow(rows: Sequence[Row]) -> pd.DataFrame:
    return arrow_dictionaries(rows).to_pandas(types_mapper=pd.ArrowDtype)


def relation(rows: Sequence[Row]) -> Any:
    connection = duckdb.connect()
    for name, levels in (("ids", LIST), ("names", NAMES)):
        listed = ", ".join(f"'{level}'" for level in levels)
        connection.execute(f"CREATE TYPE {name} AS ENUM ({listed})")
    connection.execute("CREATE TABLE t (arrest_no ids, name names, names names[], pair STRUCT(x names))")
    for key, name in rows:
        connection.execute("INSERT INTO t VALUES ($1, $2, [$2::names], {'x': $2::names})", [key, name])
    return connection.sql("SELECT * FROM t")


BUILDS: dict[str, Build] = {
    "polars": polars_enums,
    "polars[lazy]": lambda rows: polars_enums(rows).lazy(),
    "pyarrow": arrow_dictionaries,
    "pyarrow[batch]": lambda rows: (
        arrow_dictionaries(rows).combine_chunks().to_batches()[0]
        if rows
        else pa.RecordBatch.from_pylist([], arrow_dictionaries([]).schema)
    ),
    "pyarrow[reader]": lambda rows: arrow_dictionaries(rows).to_reader(),
    "pyarrow[deltas]": delta_dictionaries,
    "pyarrow[dataset]": lambda rows: ds.dataset(arrow_dictionaries(rows)),
    "pyarrow[of polars]": lambda rows: polars_enums(rows).to_arrow(),
    "pandas": pandas_categories,
    "pandas[pyarrow]": pandas_arrow,
    "duckdb": relation,
}
builds = pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)


def dump(data: Any) -> str:
    """Everything that a container holds, types and lists included, as text."""
    if isinstance(data, duckdb.DuckDBPyRelation):
        return f"{data.columns} {data.types} {data.fetchall()}"
    if isinstance(data, pl.LazyFrame):
        data = data.collect()
    if isinstance(data, pl.DataFrame):
        ipc = data.write_ipc(None).getvalue() + pickle.dumps(data)
        return f"{data.schema} {data.to_dicts()} {ipc.decode('latin-1')}"
    if isinstance(data, pd.DataFrame):
        levels = [list(data[name].cat.categories) for name in data if hasattr(data[name], "cat")]
        return f"{levels} {data.to_dict('list')} {pickle.dumps(data).decode('latin-1')}"
    if isinstance(data, ds.Dataset):
        data = data.to_table()
    if isinstance(data, pa.RecordBatchReader):
        data = data.read_all()
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, data.schema) as writer:
        writer.write(data)
    return f"{data.schema} {data.to_pylist()} {sink.getvalue().decode('latin-1')}"


def same(one: Any, other: Any) -> bool:
    """Whether two containers hold the same rows, types and lists."""
    one, other = (each.read_all() if isinstance(each, pa.RecordBatchReader) else each for each in (one, other))
    if isinstance(one, pl.DataFrame | pl.LazyFrame | pd.DataFrame | duckdb.DuckDBPyRelation):
        return _facts(one) == _facts(other)
    return dump(one) == dump(other)


def _facts(data: Any) -> Any:
    data = data.collect() if isinstance(data, pl.LazyFrame) else data
    if isinstance(data, pl.DataFrame):
        return data.schema, data.to_dicts()
    if isinstance(data, pd.DataFrame):
        indexes = [getattr(index, "levels", getattr(index, "categories", ())) for index in (data.index, data.columns)]
        lists = [[list(level) for level in index] for index in indexes]
        columns = [pa.Table.from_pandas(data.iloc[:, [at]]).column(0) for at in range(data.shape[1])]
        return lists, [(column.type, column.to_pylist(), *map(_lists, column.chunks)) for column in columns]
    return data.columns, data.types, data.fetchall()


def _lists(array: Any) -> Any:
    return array.dictionary.to_pylist() if pa.types.is_dictionary(array.type) else None


rows_drawn = st.lists(
    st.tuples(st.sampled_from([*SEALED[:2], *WITHHELD[:1], *CLEAR, None]), st.sampled_from(["a", "b", "c", None])),
    min_size=1,
    max_size=8,
)


@builds
@given(rows=rows_drawn)
@settings(max_examples=15, deadline=None)
def test_no_list_names_a_sealed_record_and_the_world_without_has_the_same(build: Build, rows: list[Row]) -> None:
    stayed = [row for row in rows if row[0] not in BARRED]

    clean = ss.scrub(build(rows), index(), ON, policy=NULLS)

    held = dump(clean if not isinstance(clean, pa.RecordBatchReader) else (clean := clean.read_all()))
    assert not [key for key in BARRED if key in held]
    used = {row[0] for row in stayed}
    assert not [key for key in CLEAR if key not in used and key in held]
    assert same(clean, ss.scrub(build(stayed), index(), ON, policy=NULLS))
    assert same(clean, ss.scrub(clean, index(), ON, policy=NULLS))


@builds
def test_a_scan_is_not_clean_while_a_list_names_a_sealed_record(build: Build) -> None:
    rows = [(CLEAR[0], "a"), (CLEAR[1], "b")]
    before = ss.scan(build(rows), index(), ON, policy=NULLS)

    assert before.found
    assert not before.clean
    assert before.exit_code == 1
    assert before.tables[0].keys[0].sealed == 0
    after = ss.scan(ss.scrub(build(rows), index(), ON, policy=NULLS), index(), ON, policy=NULLS)
    assert after.clean


@builds
def test_rows_set_aside_leave_with_no_list(build: Build) -> None:
    near = "K1460000O"
    LIST.append(near)
    try:
        rows = [(CLEAR[0], "a"), (near, "b"), (SEALED[0], "c")]
        done = ss.scrub(
            build(rows), index(), ON, policy=Policy(quarantine=True, accept="null", max_unparsable=1), detail=True
        )
    finally:
        LIST.remove(near)

    aside = dump(done.quarantined)
    assert near in aside
    assert not [key for key in (*BARRED, *CLEAR) if key in aside]


@pytest.mark.parametrize("build", [polars_enums, relation], ids=["polars", "duckdb"])
def test_a_declared_list_stays_without_what_is_sealed(build: Build) -> None:
    clean = ss.scrub(build([(SEALED[0], "a"), (CLEAR[0], "b")]), index(), ON, policy=NULLS)

    types = (
        dict(clean.schema) if isinstance(clean, pl.DataFrame) else dict(zip(clean.columns, clean.types, strict=True))
    )
    if isinstance(clean, pl.DataFrame):
        assert types["name"] == pl.Enum(["a", "b", "c"])
        assert types["names"] == pl.List(pl.Enum(["a", "b", "c"]))
    else:
        assert str(types["name"]) == "ENUM('a', 'b', 'c')"
        assert str(types["pair"]) == "STRUCT(x ENUM('a', 'b', 'c'))"


@builds
def test_levels_of_a_key_column_cannot_be_kept(build: Build) -> None:
    for rows in ([(SEALED[0], "a"), (CLEAR[0], "b")], [(CLEAR[0], "b")]):
        with pytest.raises(UsageError, match=r"arrest_no.*key column"):
            ss.scrub(build(rows), index(), ON, keep_levels=["arrest_no"], policy=NULLS)


@pytest.mark.parametrize("name", ["pyarrow", "pyarrow[reader]", "pyarrow[dataset]", "pandas", "pandas[pyarrow]"])
def test_levels_that_are_kept_by_name_are_so_without_what_is_sealed(name: str) -> None:
    rows = [(SEALED[0], "a"), (CLEAR[0], "b")]

    clean = ss.scrub(BUILDS[name](rows), index(), ON, keep_levels=["name"], policy=NULLS)

    held = dump(clean if not isinstance(clean, pa.RecordBatchReader) else (clean := clean.read_all()))
    assert not [key for key in BARRED if key in held]
    if isinstance(clean, pd.DataFrame):
        levels = pa.array(clean["name"].array).dictionary if name != "pandas" else clean["name"].cat.categories
    else:
        levels = (clean.to_table() if isinstance(clean, ds.Dataset) else clean)["name"].chunk(0).dictionary
    assert sorted(str(level) for level in levels) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "levels",
    [
        pd.Index([14612345, 7, 8]),
        pd.Index([1.5, 2.5]),
        pd.DatetimeIndex(["2020-01-01", "2021-01-01"]),
        pd.IntervalIndex.from_breaks([0, 1, 2]),
        pd.Index(["x", 7, None], dtype=object).dropna(),
        pd.Index([True, False]),
    ],
    ids=lambda levels: str(levels.dtype),
)
def test_levels_of_other_types_are_read_or_left(levels: pd.Index) -> None:
    frame = pd.DataFrame({"arrest_no": CLEAR[:2], "c": pd.Categorical([levels[0]] * 2, levels)})

    assert ss.scan(frame, index(), ON, policy=NULLS).clean
    assert list(ss.scrub(frame, index(), ON, keep_levels=["c"], policy=NULLS)["c"].cat.categories) == list(levels)


def test_column_names_lose_the_levels_that_no_column_has() -> None:
    frame = pd.DataFrame({"arrest_no": CLEAR[:2], "n": [1, 2]})
    frame.columns = pd.MultiIndex(levels=[["arrest_no", "n", SEALED[0]], ["", SEALED[1]]], codes=[[0, 1], [0, 0]])
    keys = {"arrest_number": str(frame.columns[0])}

    assert ss.scan(frame, index(), keys, policy=NULLS).found
    clean = ss.scrub(frame, index(), keys, policy=NULLS)

    assert clean.columns.tolist() == frame.columns.tolist()
    assert not [key for key in BARRED if key in dump(clean)]
