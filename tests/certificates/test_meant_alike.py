"""Values that a container holds in a type of its own, finer or coarser than ours: equal if and only if they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sealscrub.certificates import content_digest
from sealscrub.errors import UsageError

WRAPPED: list[Callable[[pl.Series], pl.DataFrame]] = [
    lambda values: pl.DataFrame({"a": [values]}),
    lambda values: values.to_frame("a").select(pl.struct("a").alias("a")),
    lambda values: pl.DataFrame({"a": [[values]]}),
    lambda values: pl.DataFrame({"a": [values]}).select(pl.col("a").cast(pl.Array(values.dtype, 1))),
]


@pytest.mark.parametrize("wrapped", WRAPPED)
@pytest.mark.parametrize("kind", [pl.Datetime("ns"), pl.Datetime("ns", "UTC"), pl.Duration("ns"), pl.Time, pl.Date])
def test_nanoseconds_and_far_days_count_inside_lists(wrapped: Any, kind: Any) -> None:
    def digest(number: int) -> str:
        return content_digest(
            wrapped(pl.Series([number]).cast(pl.Int32 if kind == pl.Date else pl.Int64).cast(kind))
        ).value

    assert digest(3_000_000) != digest(3_000_001)
    assert digest(3_000_000) == digest(3_000_000)


def test_the_unit_does_not_count_inside_lists() -> None:
    coarse, fine = (pl.Series([n]).cast(pl.Datetime(unit)) for n, unit in ((-1, "us"), (-1_000, "ns")))

    for wrapped in WRAPPED:
        assert content_digest(wrapped(coarse)) == content_digest(wrapped(fine))


def test_nested_nulls_and_empties_are_apart() -> None:
    kind = pl.List(pl.Struct({"x": pl.Int64}))
    cells: list[Any] = [None, [], [None], [{"x": None}], [{"x": 1}], [{"x": 1}, None]]
    digests = {content_digest(pl.DataFrame({"a": pl.Series([cell], dtype=kind)})).value for cell in cells}

    assert len(digests) == len(cells)
    whole = pl.DataFrame({"a": pl.Series(cells, dtype=kind)})
    assert content_digest(whole) == content_digest(whole.reverse()) == content_digest(whole.to_arrow())


def test_dates_decimals_and_names_are_what_they_mean(tmp_path: Path) -> None:
    day, number = dt.date(2020, 1, 1), Decimal("1.5")
    plain = pl.DataFrame({"d": [day], "m": [number], "\u00e9": [1]})
    table = pa.table(
        {"d": pa.array([day], pa.date64()), "m": pa.array([number], pa.decimal256(50, 2)), "e\u0301": pa.array([1])}
    )
    pq.write_table(table, tmp_path / "t.parquet")

    assert content_digest(plain) == content_digest(table) == content_digest(tmp_path / "t.parquet")
    assert content_digest(plain) == content_digest(table.to_batches()[0]) == content_digest(table.to_reader())


def test_uuids_are_their_texts_whatever_holds_them(tmp_path: Path) -> None:
    held = [UUID(int=7), None, UUID(int=9)]
    kind = pa.array([each and each.bytes for each in held], pa.uuid())
    table = pa.table({"a": kind})
    coded = pa.table({"a": pa.DictionaryArray.from_arrays(pa.array([0, 1, 2]), kind)})
    pq.write_table(table, tmp_path / "t.parquet")
    frame = pd.DataFrame({"a": pd.Series(pd.array(kind, dtype=pd.ArrowDtype(pa.uuid())))})

    digests = [content_digest(each) for each in (table, coded, frame, tmp_path / "t.parquet", tmp_path)]
    assert digests == [content_digest(pl.DataFrame({"a": [each and str(each) for each in held]}))] * len(digests)


def test_long_decimals_are_refused(tmp_path: Path) -> None:
    table = pa.table({"m": pa.array([Decimal(10) ** 45], pa.decimal256(50, 0))})
    nested = pa.table({"m": pa.array([[Decimal(10) ** 45]], pa.list_(pa.decimal256(50, 0)))})
    for at, each in enumerate((table, nested)):
        pq.write_table(each, tmp_path / f"{at}.parquet")
        for data in (each, tmp_path / f"{at}.parquet"):
            with pytest.raises(UsageError) as refused:
                content_digest(data)
            assert "0" * 10 not in str(refused.value)  # a folder of the tests may be called 1000


def test_sums_of_duckdb_are_integers() -> None:
    duckdb = pytest.importorskip("duckdb")
    made = duckdb.sql("select sum(x) as a, 2::decimal(38,0) as b from (values (1), (2)) t(x)")

    assert content_digest(made) == content_digest(pl.DataFrame({"a": [3], "b": [Decimal(2)]}))


def test_objects_of_several_types_are_refused() -> None:
    for values in (["x", 1], [1, dt.date(2020, 1, 1)]):
        with pytest.raises(UsageError, match="several types"):
            content_digest(pd.DataFrame({"a": pd.Series(values, dtype=object)}))
    texts = pd.DataFrame({"a": pd.Series(["x", None, float("nan")], dtype=object)})
    assert content_digest(texts) == content_digest(pl.DataFrame({"a": ["x", None, None]}))


@pytest.mark.parametrize("name", ["zz.csv", "y=1/a.parquet", "more.bin", "_old.parquet"])
def test_a_folder_is_what_a_scan_reads(tmp_path: Path, name: str) -> None:
    rows = pl.DataFrame({"a": [1]})
    for each in ("a.parquet", "b.PARQUET", "c.parq"):
        rows.write_parquet(tmp_path / each)
    (tmp_path / "_SUCCESS").touch()
    assert content_digest(tmp_path).rows == 3

    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"a\n1\n") if name == "zz.csv" else rows.write_parquet(tmp_path / name)
    if name == "more.bin":
        assert content_digest(tmp_path).rows == 4
        (tmp_path / name).write_bytes(b"no")
    with pytest.raises(UsageError):
        content_digest(tmp_path)
