"""Every type comes back as it came in, with nothing of the removed rows in it."""

from __future__ import annotations

import pickle
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sealscrub.errors import UnreadableInput, UsageError
from sealscrub.tables import RowEdit, frame_adapter

from .conftest import CANARY, arrow_buffers, edited, pickled_by_value, polars_buffers

MASK = np.array([True, False, True, True])
VALUES = ["b", CANARY, None, "a"]
REST = ["b", None, "a"]
union = pa.UnionArray.from_dense(
    pa.array([0, 0, 1, 0], pa.int8()),
    pa.array([0, 1, 0, 2], pa.int32()),
    [pa.array(["b", CANARY, "a"]), pa.array([7])],
)
sparse_union = pa.UnionArray.from_sparse(
    pa.array([0, 0, 1, 0], pa.int8()), [pa.array(["b", CANARY, "c", "a"]), pa.array([1, 2, 3, 4])]
)
item = pa.struct([pa.field("text", pa.string(), metadata={"note": "kept"})])
ARRAYS = {
    "string": pa.array(VALUES),
    "large_string": pa.array(VALUES, pa.large_string()),
    "string_view": pa.array(VALUES, pa.string_view()),
    "binary_view": pa.array([None if v is None else v.encode() for v in VALUES], pa.binary_view()),
    "fixed binary": pa.array([b"b" * 16, CANARY[:16].encode(), None, b"a" * 16], pa.binary(16)),
    "dictionary[int16]": pa.array(VALUES, pa.dictionary(pa.int16(), pa.string())),
    "dictionary[uint8, large]": pa.array(VALUES, pa.dictionary(pa.uint8(), pa.large_string())),
    "dictionary[view]": pa.DictionaryArray.from_arrays(
        pa.array([0, 1, None, 2]), pa.array(["b", CANARY, "a"], pa.string_view())
    ),
    "ordered dictionary": pa.DictionaryArray.from_arrays(
        pa.array([2, 1, None, 0]), pa.array(["a", CANARY, "b"]), ordered=True
    ),
    "list": pa.array([["b"], [CANARY], None, ["a", None]]),
    "large list": pa.array([["b"], [CANARY], None, ["a"]], pa.large_list(pa.string())),
    "list view": pa.array([["b"], [CANARY], None, ["a"]], pa.list_view(pa.string())),
    "list of views": pa.array([["b"], [CANARY], None, ["a"]], pa.list_(pa.string_view())),
    "list of dictionaries": pa.array([["b"], [CANARY], None, ["a"]], pa.list_(pa.dictionary(pa.int8(), pa.string()))),
    "fixed list": pa.array([["b", "c"], [CANARY, "c"], None, ["a", "d"]], pa.list_(pa.string(), 2)),
    "map": pa.array([[("b", "b")], [(CANARY, CANARY)], None, []], pa.map_(pa.string(), pa.string())),
    "struct": pa.array([{"text": v} for v in VALUES], item),
    "list of structs": pa.array([None if v is None else [{"text": v}] for v in VALUES], pa.list_(item)),
    "run-end encoded": pa.RunEndEncodedArray.from_arrays(
        pa.array([1, 2, 4], pa.int16()), pa.array(["b", CANARY, None])
    ),
    "dense union": union,
    "sparse union": sparse_union,
    "uuid": pa.array([b"b" * 16, CANARY.encode()[:16], None, b"a" * 16], pa.uuid()),
    "json": pa.ExtensionArray.from_storage(pa.json_(), pa.array(['"b"', f'"{CANARY}"', None, "1"])),
    "decimal": pa.array([1, 771, None, 3]).cast(pa.decimal128(30, 2)),
    "bool": pa.array([True, False, None, True]),
    "null": pa.nulls(4),
    "interval": pa.array([(1, 2, 3), (7, 7, 1), None, (0, 0, 0)], pa.month_day_nano_interval()),
    "timestamp": pa.array([1, 771, None, 3], pa.timestamp("ms", "America/New_York")),
}


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("layout", ["whole", "slices"])
def test_arrow_types_come_back(name: str, layout: str) -> None:
    array = ARRAYS[name]
    field = pa.field("c", array.type, metadata={"unit": "none"})
    chunks = [array] if layout == "whole" else [array.slice(0, 1), array.slice(1, 2), array.slice(3)]
    data = pa.Table.from_arrays([pa.chunked_array(chunks)], schema=pa.schema([field], metadata={"a": "b"}))

    kept = frame_adapter(data).keep(MASK)

    kept.validate(full=True)
    assert kept.schema.equals(data.schema)
    assert kept.schema.metadata is None
    assert kept.field("c").metadata is None
    values = array.to_pylist()
    assert kept["c"].to_pylist() == [values[0], *values[2:]]
    assert kept["c"].num_chunks == 1
    assert CANARY[:16].encode() not in arrow_buffers(kept)
    whole = data.combine_chunks() if layout == "slices" and "run" not in name else data
    assert pickle.dumps(kept) == pickle.dumps(frame_adapter(whole).keep(MASK))


ENUMS = pa.DictionaryArray.from_arrays(pa.array([0]), pa.array(["b"], pa.string_view())).type
NESTED = {
    "list": pa.list_(ENUMS),
    "large list": pa.large_list(ENUMS),
    "list view": pa.list_view(ENUMS),
    "fixed list": pa.list_(ENUMS, 2),
    "struct": pa.struct([("x", ENUMS)]),
    "map": pa.map_(ENUMS, ENUMS),
    "list of dates": pa.list_(pa.dictionary(pa.int8(), pa.date32())),
    "list of lists": pa.list_(pa.list_(ENUMS)),
}
EMPTIED = {name: array.type for name, array in ARRAYS.items()} | {f"{key} of levels": NESTED[key] for key in NESTED}


@pytest.mark.parametrize("name", EMPTIED)
@pytest.mark.parametrize("chunks", [0, 1])
def test_a_column_of_which_no_row_is_left_has_its_type(name: str, chunks: int) -> None:
    kind = EMPTIED[name]
    data = pa.table({"c": pa.chunked_array([pa.nulls(3, kind)] * chunks, type=kind)})

    kept = frame_adapter(data).keep(np.zeros(3 * chunks, dtype=np.bool_))

    kept.validate(full=True)
    assert (kept.schema, kept.num_rows) == (data.schema, 0)
    assert pickle.dumps(kept) == pickle.dumps(frame_adapter(kept).keep(np.zeros(0, dtype=np.bool_)))


@pytest.mark.parametrize("name", sorted(set(ARRAYS) - {"dense union", "sparse union"}))
def test_arrow_nulls_hold_nothing(name: str) -> None:
    data = pa.table({"c": ARRAYS[name]})
    edit = RowEdit(null=("c",), accept_marks=("c",))

    kept = edited(data, edit, ~MASK)

    kept.validate(full=True)
    assert kept["c"].to_pylist()[1] is None
    assert CANARY[:16].encode() not in arrow_buffers(kept)


def test_arrow_schema_keeps_what_pandas_noted_of_the_rows_that_are_left() -> None:
    frame = pd.DataFrame({"c": pd.Categorical(["b", CANARY, None, "a"])})

    kept = frame_adapter(pa.Table.from_pandas(frame)).keep(MASK)

    without = pa.Table.from_pandas(pd.DataFrame({"c": pd.Categorical(REST, ["b", "a"])}))
    assert kept.schema.metadata == without.schema.metadata


def test_an_arrow_reader_comes_back_in_batches_of_one_size() -> None:
    table = pa.table({"c": VALUES * 3})
    reader = pa.RecordBatchReader.from_batches(table.schema, iter(table.to_batches(max_chunksize=1)))

    kept = frame_adapter(reader).keep(np.tile(MASK, 3))

    assert isinstance(kept, pa.RecordBatchReader)
    assert [batch.num_rows for batch in kept] == [9]


LONG = "a text that is longer than a string view holds"
SERIES = {
    "String": pl.Series([LONG, CANARY, None, "a"]),
    "Binary": pl.Series([LONG.encode(), CANARY.encode(), None, b"a"]),
    "Categorical": pl.Series(VALUES, dtype=pl.Categorical),
    "Categorical[named]": pl.Series(VALUES, dtype=pl.Categorical(pl.Categories("mine"))),
    "Enum": pl.Series(["x", "y", None, "x"], dtype=pl.Enum(["x", "y"])),
    "List": pl.Series([[LONG], [CANARY], None, []]),
    "List[Categorical]": pl.Series([["b"], [CANARY], None, []], dtype=pl.List(pl.Categorical)),
    "List[Enum]": pl.Series([["x"], ["y"], None, []], dtype=pl.List(pl.Enum(["z", "x", "y"]))),
    "Array": pl.Series([[LONG], [CANARY], None, ["a"]], dtype=pl.Array(pl.String, 1)),
    "Struct": pl.Series([{"a": LONG, "b": 1}, {"a": CANARY, "b": 2}, None, {"a": None, "b": 3}]),
    "Int128": pl.Series([1, 2**100, None, 3], dtype=pl.Int128),
    "UInt64": pl.Series([1, 2**63, None, 3], dtype=pl.UInt64),
    "Float16": pl.Series([1, 2, None, 3], dtype=pl.Float16),
    "Decimal": pl.Series([1, 2, None, 3], dtype=pl.Decimal(30, 2)),
    "Time": pl.Series([1, 2, None, 3], dtype=pl.Time),
    "Duration": pl.Series([1, 2, None, 3], dtype=pl.Duration("ms")),
    "Datetime": pl.Series([1, 2, None, 3], dtype=pl.Datetime("us", "America/New_York")),
    "Boolean": pl.Series([True, False, None, True]),
    "Null": pl.Series([None] * 4),
}


@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize("lazy", [False, True])
def test_polars_types_come_back(name: str, lazy: bool) -> None:
    data = SERIES[name].alias("c").to_frame()

    kept = frame_adapter(data.lazy() if lazy else data).keep(MASK)

    kept = kept.collect() if lazy else kept
    assert kept.schema == data.schema
    assert kept["c"].to_list() == data["c"].filter(pl.Series(MASK)).to_list()
    assert kept["c"].n_chunks() == 1
    assert CANARY.encode() not in polars_buffers(kept)


def test_polars_objects_come_back() -> None:
    data = pl.DataFrame({"c": pl.Series([{1}, {2}, None, {3}], dtype=pl.Object)})

    assert frame_adapter(data).keep(MASK)["c"].to_list() == [{1}, None, {3}]


def test_a_polars_enum_keeps_its_declared_levels() -> None:
    data = SERIES["Enum"].alias("c").to_frame()

    kept = frame_adapter(data).keep(np.array([True, False, False, False]))

    assert kept.schema["c"] == pl.Enum(["x", "y"])


class Subclass(pd.DataFrame):
    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return Subclass


ROWS = pd.period_range("2020-01", periods=4, freq="M")
COLUMNS: dict[str, Any] = {
    "str": pd.Series(VALUES, dtype="str"),
    "string": pd.array(VALUES, dtype="string"),
    "string[python]": pd.array(VALUES, dtype="string[python]"),
    "object": pd.Series(["b", CANARY, None, 7], dtype=object),
    "objects": pd.Series([["b"], [CANARY], None, {"a": 1}], dtype=object),
    "category": pd.Categorical(VALUES),
    "ordered": pd.Categorical(VALUES, ["b", CANARY, "a"], ordered=True),
    "category[int]": pd.Categorical([7, 771, None, 5]),
    "category[object]": pd.Categorical(["b", CANARY, None, 7], [7, CANARY, "b"]),
    "Int64": pd.array([1, 771, None, 3], dtype="Int64"),
    "UInt8": pd.array([1, 77, None, 3], dtype="UInt8"),
    "Float32": pd.array([1, 771, None, 3], dtype="Float32"),
    "boolean": pd.array([True, False, None, True], dtype="boolean"),
    "float16": np.array([1, 2, np.nan, 3], dtype="float16"),
    "complex": np.array([1, 2, np.nan, 3], dtype="complex128"),
    "datetime": pd.Series(pd.to_datetime(["2020", "2021", None, "2022"])),
    "datetime[tz]": pd.Series(pd.to_datetime(["2020", "2021", None, "2022"])).dt.tz_localize("America/New_York"),
    "timedelta": pd.to_timedelta([1, 2, None, 3]),
    "period": ROWS,
    "interval": pd.interval_range(0, 4),
    "sparse": pd.arrays.SparseArray([0, 771, 0, 3]),
    "arrow list": pd.array([["b"], [CANARY], None, []], dtype=pd.ArrowDtype(pa.list_(pa.string()))),
    "arrow dictionary": pd.array(VALUES, dtype=pd.ArrowDtype(pa.dictionary(pa.int8(), pa.string()))),
    "arrow decimal": pd.array([1, 771, None, 3], dtype=pd.ArrowDtype(pa.decimal128(9, 2))),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_pandas_types_come_back(name: str) -> None:
    data = Subclass({"c": COLUMNS[name], "n": range(4)})
    data.columns.name = "fields"

    kept = frame_adapter(data).keep(MASK)

    plain = data[MASK].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, plain, check_categorical=False)
    assert type(kept) is Subclass
    assert kept.columns.name == "fields"
    assert CANARY.encode() not in pickle.dumps(kept)
    assert np.int64(771).tobytes() not in pickled_by_value(kept)
    for column in ("c", "n"):
        assert not np.shares_memory(np.asarray(kept[column].array), np.asarray(data[column].array))
    pd.testing.assert_frame_equal(frame_adapter(data).keep(np.ones(4, dtype=np.bool_)), data)


def test_what_lies_under_a_masked_null_goes() -> None:
    data = pd.DataFrame({"c": pd.array([771, 2, None], dtype="Int64")})

    kept = edited(data, RowEdit(null=("c",)), np.array([True, False, False]))

    assert kept["c"].isna().tolist() == [True, False, True]
    assert np.int64(771).tobytes() not in pickle.dumps(kept)


def test_duckdb_types_come_back_on_the_same_connection() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TYPE borough AS ENUM ('K', 'Q', 'M')")
    relation = connection.sql(
        """SELECT i, 'Q'::borough AS e, i::HUGEINT AS h, uuid() AS u, '101'::BIT AS b, [i] AS l,
        {'a': i} AS s, MAP {'a': i} AS m, INTERVAL 1 DAY AS iv, '{"a": 1}'::JSON AS j,
        1.5::DECIMAL(9, 2) AS d,
        TIME '10:00' AS t, '2020-01-01'::TIMESTAMP_S AS ts, i AS "a ""quoted"" name" FROM range(4) r(i)"""
    )

    kept = frame_adapter(relation).keep(MASK)

    assert (kept.columns, kept.types) == (relation.columns, relation.types)
    assert [values[0] for values in kept.fetchall()] == [0, 2, 3]
    assert kept.filter("i > 0").fetchall() == kept.fetchall()[1:]
    assert connection.sql("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)]
    assert connection.sql("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchall() == [(0,)]


def test_a_relation_is_run_once() -> None:
    relation = duckdb.connect().sql("SELECT random() AS r FROM range(100)")
    adapter = frame_adapter(relation)

    first = adapter.key_batch(["r"])["r"].to_list()

    assert [values[0] for values in adapter.keep(np.ones(100, dtype=np.bool_)).fetchall()] == first


def test_a_query_that_fails_shows_nothing() -> None:
    relation = duckdb.connect().sql(f"SELECT CAST(c AS INTEGER) AS c FROM (VALUES ('{CANARY}')) v(c)")

    with pytest.raises(UnreadableInput, match="could not be run") as caught:
        frame_adapter(relation)

    assert CANARY not in str(caught.value)
    assert caught.value.__suppress_context__


def test_rows_that_arrow_cannot_select_are_refused_unseen() -> None:
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([1, 2], pa.int32()), pa.array(["b", CANARY]))
    data = pa.table({"c": pa.StructArray.from_arrays([runs], names=["a"])})

    with pytest.raises(UsageError, match="the type struct cannot be removed") as caught:
        frame_adapter(data).keep(np.array([True, False]))

    assert CANARY not in str(caught.value)
    assert pc.run_end_decode(runs).to_pylist() == ["b", CANARY]
