"""The content digest is equal if and only if the multiset of canonical rows is."""

from __future__ import annotations

import datetime as dt
import gzip
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.certificates import content_digest, structure_digest
from sealscrub.errors import UnreadableInput, UsageError

CELLS = {
    "n": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
    "f": st.one_of(st.none(), st.floats(allow_nan=True), st.sampled_from([0.0, -0.0])),
    "s": st.one_of(st.none(), st.text(alphabet="ab\x00é\u0301n,", max_size=4)),
    "b": st.one_of(st.none(), st.booleans()),
    "d": st.one_of(st.none(), st.dates()),
    "t": st.one_of(st.none(), st.datetimes()),
    "l": st.one_of(st.none(), st.lists(st.one_of(st.none(), st.text(alphabet="ab", max_size=2)), max_size=3)),
}
SCHEMA = {
    "n": pl.Int64,
    "f": pl.Float64,
    "s": pl.String,
    "b": pl.Boolean,
    "d": pl.Date,
    "t": pl.Datetime("us"),
    "l": pl.List(pl.String),
}
ROWS = st.lists(st.tuples(*CELLS.values()), max_size=6)


def frame(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def same_by_hand(rows: list[tuple[Any, ...]]) -> Counter[str]:
    """The rows as a reader would compare them, written otherwise than the library does."""
    import unicodedata

    def cell(value: Any) -> Any:
        if isinstance(value, str):
            return unicodedata.normalize("NFC", value)
        if isinstance(value, list):
            return [cell(each) for each in value]
        if isinstance(value, float):
            return None if value != value else value + 0.0
        return value

    return Counter(repr([cell(value) for value in row]) for row in rows)


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS)
def test_equal_if_and_only_if_the_rows_are(one: list[Any], other: list[Any]) -> None:
    same = content_digest(frame(one)).value == content_digest(frame(other)).value

    assert same == (same_by_hand(one) == same_by_hand(other))


@settings(max_examples=40, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_neither_order_nor_container_counts(rows: list[Any], random: Any) -> None:
    wanted = content_digest(frame(rows))
    shuffled = random.sample(rows, len(rows))
    columns = random.sample(list(SCHEMA), len(SCHEMA))
    table = frame(shuffled).select(columns)

    assert content_digest(table) == wanted
    assert content_digest(table.to_arrow()) == wanted
    assert content_digest(table.to_arrow().to_pandas(types_mapper=pd.ArrowDtype)) == wanted


@settings(max_examples=30, deadline=None)
@given(ROWS.filter(bool), st.integers(0, 5))
def test_a_row_more_or_twice_is_another_content(rows: list[Any], at: int) -> None:
    assert content_digest(frame([*rows, rows[at % len(rows)]])) != content_digest(frame(rows))


@pytest.mark.parametrize("compression", ["snappy", "zstd", "none"])
def test_files_are_their_rows(tmp_path: Path, compression: str) -> None:
    table = pl.DataFrame({"id": [f"M{n:08d}" for n in range(1_000)], "n": range(1_000)})
    pq.write_table(table.to_arrow(), tmp_path / "one.parquet", compression=compression, row_group_size=77)
    folder = tmp_path / "folder"
    folder.mkdir()
    table.head(400).write_parquet(folder / "a.parquet")
    table.tail(600).write_parquet(folder / "b.parquet")

    assert content_digest(tmp_path / "one.parquet") == content_digest(folder) == content_digest(table)


def test_what_does_not_count() -> None:
    wide = pl.DataFrame(
        {
            "n": pl.Series([1, 2], dtype=pl.Int64),
            "f": pl.Series([0.5, None], dtype=pl.Float64),
            "s": pl.Series(["a", "b"], dtype=pl.String),
            "t": pl.Series([dt.datetime(2020, 1, 2), None], dtype=pl.Datetime("us")),
            "m": pl.Series([Decimal("1.50"), None], dtype=pl.Decimal(10, 2)),
            "e": pl.Series([None, None], dtype=pl.String),
        }
    )
    narrow = pl.DataFrame(
        {
            "n": pl.Series([1, 2], dtype=pl.UInt8),
            "f": pl.Series([0.5, float("nan")], dtype=pl.Float32),
            "s": pl.Series(["a", "b"], dtype=pl.Categorical),
            "t": pl.Series([dt.datetime(2020, 1, 2), None], dtype=pl.Datetime("ms")),
            "m": pl.Series([Decimal("1.5"), None], dtype=pl.Decimal(10, 1)),
            "e": pl.Series([None, None], dtype=pl.Null),
        }
    )

    assert content_digest(wide) == content_digest(narrow)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": [1]}, {"a": [1.0]}),
        ({"a": ["1"]}, {"a": [1]}),
        ({"a": [None]}, {"a": [""]}),
        ({"a": [True]}, {"a": [1]}),
        ({"a": ["x"], "b": ["y"]}, {"a": ["y"], "b": ["x"]}),
        ({"a": ["xy"], "b": [""]}, {"a": ["x"], "b": ["y"]}),
        ({"a": ["x"]}, {"b": ["x"]}),
        ({"a": [dt.datetime(2020, 1, 1)]}, {"a": [dt.datetime(2020, 1, 1, tzinfo=dt.UTC)]}),
        ({"a": [dt.date(2020, 1, 1)]}, {"a": [dt.datetime(2020, 1, 1)]}),
        ({"a": [2**63]}, {"a": [-(2**63)]}),
        ({"a": []}, {"a": [None]}),
    ],
)
def test_what_counts(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert content_digest(pl.DataFrame(one, strict=False)) != content_digest(pl.DataFrame(other, strict=False))


def test_what_a_list_or_a_long_number_holds_is_written_alike_in_columns_and_alone() -> None:
    whole = pl.DataFrame({"a": pl.Series([5, 2**64 - 1], dtype=pl.UInt64)})
    small = pl.DataFrame({"a": pl.Series([5], dtype=pl.Int8)})

    assert content_digest(whole.head(1)) == content_digest(small)


def test_it_is_the_same_in_every_release() -> None:
    table = pl.DataFrame({"id": ["M14000017", None], "n": [1, -1], "x": [0.5, float("nan")], "l": [["a"], []]})

    assert content_digest(table).value == "fbc7b4ed71f973dbcb9e67728f5f967e493c259bdb509f487d5e245df2d60383"


class OfSomebody(pd.DataFrame):
    """A subclass of another module, as a GeoDataFrame is one."""


def test_the_index_of_a_subclass_is_data_as_well() -> None:
    with pytest.raises(UsageError, match="index"):
        content_digest(OfSomebody({"a": [1, 2]}, index=["x", "y"]))


@settings(max_examples=30, deadline=None)
@given(
    names=st.lists(st.sampled_from("aab"), min_size=1, max_size=4),
    rows=st.lists(st.lists(st.none() | st.integers(0, 2), min_size=4, max_size=4), max_size=4),
    random=st.randoms(use_true_random=False),
)
def test_headers_that_are_there_twice(tmp_path_factory: Any, names: list[str], rows: list[Any], random: Any) -> None:
    rows = [row[: len(names)] for row in rows]
    columns = [pa.array([row[at] for row in rows], pa.int64()) for at in range(len(names))]
    table = pa.Table.from_arrays(columns, names=names)
    wanted = content_digest(table)
    place = tmp_path_factory.mktemp("twice") / "a.parquet"
    pq.write_table(table, place)
    frame = pd.DataFrame({at: pd.array(column.to_pylist(), dtype="Int64") for at, column in enumerate(columns)})
    frame.columns = pd.Index(names)
    shuffled = table.take(pa.array(random.sample(range(len(rows)), len(rows)), pa.int64()))
    order = sorted(range(len(names)), key=lambda at: names[at], reverse=True)  # of one name, in their order

    for same in (place, frame, shuffled, shuffled.select(order)):
        assert content_digest(same) == wanted
    assert wanted.columns == tuple(sorted(names))
    for other in (table.rename_columns([f"{name}x" for name in names]), table.slice(1) if rows else table.select([])):
        assert content_digest(other) != wanted
    if names.count("a") == 2 and rows:
        first, second = (at for at, name in enumerate(names) if name == "a")
        order = [{first: second, second: first}.get(at, at) for at in range(len(names))]
        swapped = content_digest(table.select(order))
        assert (swapped == wanted) == (sorted(map(str, rows)) == sorted(str([row[at] for at in order]) for row in rows))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", 'n,x\n1,""\n2,\n'),
        ("a.tsv", 'n\tx\n1\t""\n2\t\n'),
        ("semicolons.csv", 'n;x\r\n1;""\r\n2;\r\n'),
        ("a.csv.gz", 'n,x\n1,""\n2,\n'),
        ("wide.csv", 'n,x\n1,""\n2,\n'),
        ("a.jsonl", '{"n":1,"x":""}\n{"n":2,"x":null}\n'),
        ("a.jsonl.gz", '{"n":1,"x":""}\n{"n":2}\n'),
        ("wide.jsonl", '{"n":1,"x":""}\n{"n":2}\n'),
    ],
)
def test_a_text_file_is_read_as_a_scan_reads_it(name: str, text: str, tmp_path: Path) -> None:
    """In its own dialect, encoding and compression; only an empty field in quotes is a text and no null."""
    data = text.encode("utf-16" if "wide" in name else "utf-8")
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    schema: dict[str, pl.DataType] = {"n": pl.Int64(), "x": pl.String()}
    wanted = content_digest(pl.DataFrame({"n": [1, 2], "x": ["", None]}))
    assert content_digest(tmp_path / name, schema=schema) == wanted


def test_a_sheet_of_a_workbook_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name in ("one", "two"):
            book.add_worksheet(name).write_column(0, 0, ["note", f"of {name}"])
    held = [f"{path}#{name}" for name in ("one", "two")]
    assert [content_digest(each) for each in held] == [
        content_digest(pl.DataFrame({"note": [f"of {name}"]})) for name in ("one", "two")
    ]
    assert {structure_digest(each).form for each in held} == {"arrow"}
    with pytest.raises(UsageError, match="sheets"):
        content_digest(path)


def test_refusals(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2]}, index=["x", "y"])
    with pytest.raises(UsageError, match="index"):
        content_digest(frame)
    (tmp_path / "a.csv").write_text("a\n1\n")
    with pytest.raises(UsageError, match="schema"):
        content_digest(tmp_path / "a.csv")
    assert content_digest(tmp_path / "a.csv", schema={"a": pl.Int64()}) == content_digest(pl.DataFrame({"a": [1]}))
    (tmp_path / "a.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(UnreadableInput):
        content_digest(tmp_path / "a.parquet")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableInput):
        content_digest(tmp_path / "empty")
