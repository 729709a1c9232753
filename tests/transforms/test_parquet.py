"""Parquet: the output is what it would be in the world without, by whichever path and anyone who wrote the input."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.errors import IncompleteError
from sealscrub.matching import Policy
from sealscrub.tables.parquet.parquet_engine import ROW_GROUP_ROWS

from .arrests import ANY, CLEAR, NULLS, ON, SEALED, Arrest, arrests, index, many, without
from .parquet_writers import CANARY, WAYS, WRITERS, by_pandas, by_pyarrow, content, scrub


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parquet")


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("extra", ["fast", "slow", "levels", "both"])
@pytest.mark.parametrize("writer", WRITERS)
@settings(max_examples=8, deadline=None)
@given(rows=arrests(), how=WAYS)
def test_what_is_written_is_the_world_without(
    folder: Path, writer: str, extra: str, rows: list[Arrest], how: dict[str, Any]
) -> None:
    _check_nullity(folder, writer, extra, rows, how)


@pytest.mark.long
@pytest.mark.parametrize("extra", ["fast", "slow", "levels", "both"])
@pytest.mark.parametrize("writer", WRITERS)
@settings(max_examples=100, deadline=None)
@given(rows=arrests(max_rows=40), how=WAYS)
def test_what_is_written_is_the_world_without_at_length(
    folder: Path, writer: str, extra: str, rows: list[Arrest], how: dict[str, Any]
) -> None:
    _check_nullity(folder, writer, extra, rows, how)


def _check_nullity(folder: Path, writer: str, extra: str, rows: list[Arrest], how: dict[str, Any]) -> None:
    data, world = folder / "data.parquet", folder / "world.parquet"
    how = how | {"extra": extra}
    if writer == "pandas":  # which tells a column's type by its values; a table without any has none
        rows = [*rows, Arrest("clear", CLEAR[0])]
    WRITERS[writer](rows, data, how)
    WRITERS[writer](without(rows, "sealed", "withheld"), world, how)
    written = scrub(data)
    assert written == scrub(world)
    kept = np.array([not row.barred for row in rows], dtype=bool)
    assert content(written) == pq.read_table(data).filter(pa.array(kept)).to_pydict()
    if rows:  # of no rows, DuckDB and pandas tell no types
        expected = pq.read_schema(data).remove_metadata()
        assert pq.read_schema(pa.BufferReader(written)).remove_metadata().equals(expected, check_metadata=True)
    again = folder / "again.parquet"
    again.write_bytes(written)
    assert scrub(again) == written
    assert not ss.scan(again, index(), ON, policy=NULLS).found


@settings(max_examples=10, deadline=None)
@given(rows=arrests(), how=WAYS)
def test_pandas_reads_back_what_pandas_would_have_written(
    folder: Path, rows: list[Arrest], how: dict[str, Any]
) -> None:
    data, world = folder / "data.parquet", folder / "world.parquet"
    rows = [*rows, Arrest("clear", CLEAR[0])]
    for extra in ("fast", "slow", "levels"):
        by_pandas(rows, data, how | {"extra": extra})
        by_pandas(without(rows, "sealed", "withheld"), world, how | {"extra": extra})
        scrub(data)
        clean, expected = pd.read_parquet(folder / "out.parquet"), pd.read_parquet(world)
        pd.testing.assert_frame_equal(clean, expected, check_index_type="exact")


@pytest.mark.parametrize("extra", ["fast", "slow", "levels"])
def test_nothing_that_only_a_removed_row_held_is_in_the_file(tmp_path: Path, extra: str) -> None:
    rows = [Arrest("clear", key) for key in CLEAR] * 3
    rows[40] = Arrest("sealed", SEALED[0], 122, CANARY, 0.123456789, dt.datetime(1999, 9, 9), CANARY)
    for writer in WRITERS.values():
        how = {"extra": extra if extra != "levels" else "fast", "group": 7, "codec": "none", "index": "named"}
        writer(rows, tmp_path / "data.parquet", how | {"dictionary": True})
        before, after = (tmp_path / "data.parquet").read_bytes(), scrub(tmp_path / "data.parquet")
        for trace in (CANARY.encode(), SEALED[0].encode(), np.float64(0.123456789).tobytes()):
            assert trace in before
            assert trace not in after


@pytest.mark.parametrize("kind", ["fast", "slow", "levels"])
def test_row_groups_are_filled_to_a_fixed_size(tmp_path: Path, kind: str) -> None:
    """Were they not, their sizes would tell where rows went."""
    count = 2 * ROW_GROUP_ROWS + 1000
    keys = pa.array(many(count, sealed_each=7))
    sealed = np.array([at % 7 == 0 for at in range(count)])
    table = pa.table({"arrest_no": keys, "n": np.arange(count, dtype=np.int32)})
    if kind == "slow":
        table = table.append_column("at", pa.array((np.arange(count) % 86_400).astype(np.int32), pa.time32("s")))
    if kind == "levels":
        words = pa.array(["c", "b", "a"])
        codes = pa.array(np.arange(count) % 3, pa.int8())
        table = table.append_column("ranked", pa.DictionaryArray.from_arrays(codes, words, ordered=True))
    world = table.filter(pa.array(~sealed))
    pq.write_table(table, tmp_path / "data.parquet", row_group_size=50_000)
    pq.write_table(world, tmp_path / "world.parquet", row_group_size=70_000)
    written = scrub(tmp_path / "data.parquet")
    assert written == scrub(tmp_path / "world.parquet")
    file = pq.ParquetFile(pa.BufferReader(written))
    sizes = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
    assert sizes == [ROW_GROUP_ROWS, world.num_rows - ROW_GROUP_ROWS]
    assert file.read().cast(world.schema).combine_chunks().equals(world.combine_chunks())


def test_every_row_is_judged_once_and_never_a_statistic(tmp_path: Path) -> None:
    """A filter that is pushed into the reader is tried on the least and greatest key of each row group as well."""
    keys = [SEALED[0]] * 50 + [CLEAR[0]] * 50 + many(50) + [None] * 50
    table = pa.table({"arrest_no": keys, "n": range(200)})
    for group in (1, 10, 50, 200):
        pq.write_table(table, tmp_path / "data.parquet", row_group_size=group, write_page_index=True)
        report = ss.scrub(tmp_path / "data.parquet", index(), ON, output=tmp_path / "out.parquet", policy=NULLS)
        (key,) = report.tables[0].keys
        sealed = sum(value in SEALED for value in keys)
        assert (key.rows, key.sealed, key.null) == (200, sealed, 50)
        assert report.tables[0].removed == sealed
        assert content(tmp_path / "out.parquet")["n"] == [at for at, value in enumerate(keys) if value not in SEALED]
        (found,) = ss.scan(tmp_path / "data.parquet", index(), ON, policy=NULLS).tables[0].keys
        assert found == key


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize("keys", [[], [SEALED[0]] * 5, [CLEAR[0]] * 5, [None] * 5])
@pytest.mark.parametrize("codec", ["snappy", "zstd", "gzip", "brotli", "lz4", "none"])
@pytest.mark.parametrize("slow", [False, True])
def test_none_all_or_no_rows_removed(tmp_path: Path, keys: list[str | None], codec: str, slow: bool) -> None:
    table = pa.table({"arrest_no": pa.array(keys, pa.string()), "n": pa.array(range(len(keys)), pa.int64())})
    if slow:
        table = table.append_column("l", pa.array([[1]] * len(keys), pa.list_(pa.int8())))
    pq.write_table(table, tmp_path / "data.parquet", compression=codec)
    written = scrub(tmp_path / "data.parquet")
    expected = table.filter(pa.array([key not in SEALED for key in keys], pa.bool_()))
    out = pq.ParquetFile(pa.BufferReader(written))
    assert out.read().equals(expected)
    if expected.num_rows:
        codecs = {out.metadata.row_group(0).column(at).compression for at in range(table.num_columns)}
        assert codecs == {pq.ParquetFile(tmp_path / "data.parquet").metadata.row_group(0).column(0).compression}
    else:
        assert out.num_row_groups == 0
    pq.write_table(table.slice(0, 0), tmp_path / "data.parquet")
    assert expected.num_rows or scrub(tmp_path / "data.parquet") == written


@settings(max_examples=10, deadline=None)
@given(rows=arrests(ANY), extra=st.sampled_from(["fast", "slow", "levels"]))
def test_quarantine_takes_what_could_not_be_checked(folder: Path, rows: list[Arrest], extra: str) -> None:
    how = {"extra": extra, "group": 3, "codec": "zstd", "dictionary": True}
    by_pyarrow(rows, folder / "data.parquet", how)
    by_pyarrow(without(rows, "sealed", "withheld", "near", "unparsable"), folder / "world.parquet", how)
    aside = folder / "aside.parquet"
    aside.unlink(missing_ok=True)
    policy = Policy(accept="null", max_unparsable=1)
    unchecked = [row.key for row in rows if row.kind in ("near", "unparsable")]
    if unchecked:
        with pytest.raises(IncompleteError):
            scrub(folder / "data.parquet", policy=policy)
    written = scrub(folder / "data.parquet", policy=policy, quarantine=aside)
    if unchecked:
        assert content(aside)["arrest_no"] == unchecked
        assert aside.stat().st_mode & 0o777 == 0o600
    else:
        assert not aside.exists()
    assert written == scrub(folder / "world.parquet")


def test_positions_are_those_of_matched_rows(tmp_path: Path) -> None:
    pq.write_table(pa.table({"arrest_no": many(10)}), tmp_path / "data.parquet", row_group_size=3)
    scanned = ss.scan(tmp_path / "data.parquet", index(), ON, positions=True, policy=NULLS)
    scrubbed = ss.scrub(
        tmp_path / "data.parquet", index(), ON, positions=True, output=tmp_path / "out.parquet", policy=NULLS
    )
    assert scanned.tables[0].positions == scrubbed.tables[0].positions == (0, 3, 6, 9)
    assert (
        ss.scrub(tmp_path / "data.parquet", index(), ON, output=tmp_path / "o.parquet", policy=NULLS)
        .tables[0]
        .positions
        is None
    )
