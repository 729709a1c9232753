"""Key columns reach the matcher as they are: exact text, and a float that is seen to be one."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sealscrub.errors import ColumnError, UsageError
from sealscrub.tables import frame_adapter

from .conftest import Constructor, row

TEXTS = ["M17682243", " m 17682243", None, "00000009", "é"]


def keys(series: object) -> pl.Series:
    return frame_adapter(pd.DataFrame({"k": series})).key_batch(["k"]).to_series()


def test_every_container_hands_out_the_same_keys(constructor: Constructor) -> None:
    adapter = frame_adapter(constructor.build([row(text, n, offense=text) for n, text in enumerate(TEXTS)]))

    batch = adapter.key_batch(["key", "n", "day", "offense", "key"])

    assert batch.columns == ["key", "n", "day", "offense"]
    assert batch.schema["key"] == pl.String
    assert batch["key"].to_list() == TEXTS
    assert batch["offense"].cast(pl.String).to_list() == TEXTS
    assert batch.schema["n"] == pl.Int64
    assert batch["n"].to_list() == list(range(5))
    assert batch["day"].cast(pl.Date).to_list() == [dt.date(2020, 1, 1 + n) for n in range(5)]
    assert adapter.rows == batch.height == 5
    assert adapter.columns[:2] == ["key", "n"]


def test_no_key_column_is_as_many_rows_as_there_are(constructor: Constructor) -> None:
    adapter = frame_adapter(constructor.build([row(text, n) for n, text in enumerate(TEXTS)]))

    assert adapter.key_batch([]).height == adapter.rows == len(TEXTS)


@pytest.mark.parametrize(
    ("series", "dtype", "values"),
    [
        (pd.Series([1.0, None]), pl.Float64, [1.0, None]),
        (pd.Series([1, 2**63], dtype="uint64"), pl.UInt64, [1, 2**63]),
        (pd.array([1, None], dtype="Int32"), pl.Int32, [1, None]),
        (pd.array([1.5, None], dtype="Float64"), pl.Float64, [1.5, None]),
        (pd.Series(["007", np.nan], dtype=object), pl.String, ["007", None]),
        (
            pd.Series(["007", 123456.0, 7, None, pd.NA], dtype=object),
            pl.String,
            ["007", "123456.0", "7", None, None],
        ),
        (pd.Series([123456.0, None], dtype=object), pl.Float64, [123456.0, None]),
        (pd.Series([7, None], dtype=object), pl.Int64, [7, None]),
        (pd.Series([10**30, 7], dtype=object), pl.String, [str(10**30), "7"]),
        (pd.Series([b"M1", b"\xff"], dtype=object), pl.Binary, [b"M1", b"\xff"]),
        (pd.Series(["\udcff", "M1"], dtype=object), pl.Binary, [b"\xed\xb3\xbf", b"M1"]),
        (pd.Series([None, None], dtype=object), pl.String, [None, None]),
        (pd.Series([dt.date(2020, 1, 2), "x"], dtype=object), pl.String, ["2020-01-02", "x"]),
        (pd.Categorical(["b", None, "a"]), pl.Categorical, ["b", None, "a"]),
        (pd.Categorical([7, None, 5]), pl.Int64, [7, None, 5]),
        (pd.arrays.SparseArray([0, 7]), pl.Int64, [0, 7]),
    ],
)
def test_pandas_values_are_exact(series: object, dtype: pl.DataType, values: list[object]) -> None:
    batch = keys(series)

    assert batch.dtype == dtype
    assert batch.to_list() == values


def test_a_time_with_a_zone_keeps_its_own_day() -> None:
    batch = keys(pd.Series(pd.to_datetime(["2020-01-01 23:30"]).tz_localize("America/New_York")))

    assert batch.dt.date().to_list() == [dt.date(2020, 1, 1)]


@pytest.mark.parametrize(
    "array",
    [
        pa.array(["a", None]).cast(pa.string_view()),
        pa.array([b"a", None]),
        pa.array([b"a", None], type=pa.binary(1)),
        pa.RunEndEncodedArray.from_arrays(pa.array([1, 2], pa.int32()), pa.array(["a", None])),
        pa.array(["a", None]).dictionary_encode(),
        pa.array(["a", None], type=pa.large_string()),
    ],
    ids=lambda array: str(array.type).partition("<")[0],
)
def test_arrow_texts_of_any_layout_are_text(array: pa.Array) -> None:
    batch = frame_adapter(pa.table({"k": array})).key_batch(["k"])

    assert batch["k"].cast(pl.String).to_list() == ["a", None]


@pytest.mark.parametrize(
    "data",
    [
        pa.table({"k": [["a"]]}),
        pl.DataFrame({"k": [["a"]]}),
        pl.DataFrame({"k": [{"a": 1}]}),
        pd.DataFrame({"k": pd.array([["a"]], dtype=pd.ArrowDtype(pa.list_(pa.string())))}),
    ],
)
def test_a_nested_column_cannot_be_a_key(data: object) -> None:
    with pytest.raises(UsageError, match="cannot be record keys"):
        frame_adapter(data).key_batch(["k"])


def test_a_name_that_is_absent_or_there_twice_is_refused(constructor: Constructor) -> None:
    with pytest.raises(ColumnError, match="did you mean 'offense'"):
        frame_adapter(constructor.build([row("a", 1)])).key_batch(["ofense"])


def test_only_the_column_that_is_asked_for_must_be_there_once() -> None:
    data = pd.DataFrame([["a", 1, 2], ["b", 3, 4]], columns=["k", "x", "x"])
    adapter = frame_adapter(data)

    with pytest.raises(ColumnError, match="2 columns are called 'x'"):
        adapter.key_batch(["x"])
    assert adapter.keep(np.array([False, True])).to_numpy().tolist() == [["b", 3, 4]]
    with pytest.raises(ColumnError, match="names the index"):
        frame_adapter(data.set_index("k")).key_batch(["k"])


def test_an_unknown_container_is_refused_without_being_shown() -> None:
    with pytest.raises(UsageError, match=r"builtins\.list") as caught:
        frame_adapter(["a secret"])

    assert "secret" not in str(caught.value)
    assert "pandas DataFrame" in caught.value.hint


def test_no_library_is_imported_for_the_sake_of_another() -> None:
    code = """
import sys, numpy as np, polars as pl
from sealscrub.tables import frame_adapter
frame_adapter(pl.DataFrame({"k": ["a", "b"]})).keep(np.array([True, False]))
assert not {"pandas", "duckdb", "sklearn"} & set(sys.modules), sorted(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
