"""What a Parquet file holds outside of its pages is not clean: bytes that no reader meets, and untrue statistics."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.certificates import structure_digest
from sealscrub.datasets import example_index
from sealscrub.transforms import Verdict

from .arrests import CLEAR, NULLS, ON, SEALED, index
from .outside_pages import FORGED, HIDDEN

ROWS = pa.table({"arrest_no": CLEAR, "note": ["a note"] * len(CLEAR), "n": range(7000, 7000 + len(CLEAR))})
WRITERS: dict[str, Callable[[pa.Table, Path], Any]] = {
    "pyarrow": lambda table, path: pq.write_table(table, path, compression="zstd"),
    "pyarrow, indexes": lambda table, path: pq.write_table(
        table, path, compression="zstd", write_page_index=True, data_page_version="2.0", row_group_size=7
    ),
    "polars": lambda table, path: pl.DataFrame(table).write_parquet(path, row_group_size=9),
    "duckdb": lambda table, path: duckdb.from_arrow(table).write_parquet(str(path), compression="zstd"),
}


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("how", HIDDEN)
def test_bytes_that_no_reader_meets_were_not_checked(writer: str, how: str, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    WRITERS[writer](ROWS, path)
    before = ss.scan(path, index(), ON)
    ss.scrub(path, index(), ON, output=tmp_path / "before.parquet")
    path.write_bytes(HIDDEN[how](path.read_bytes(), CLEAR[0].encode(), SEALED[0].encode()))
    assert pq.read_table(path).num_rows == ROWS.num_rows

    report = ss.scan(path, index(), ON)

    assert (before.verdict, report.verdict, report.exit_code) == (Verdict.CLEAN, Verdict.INCOMPLETE, 3)
    assert "belong to none of its pages" in report.to_text()
    ss.scrub(path, index(), ON, output=tmp_path / "after.parquet")
    assert (tmp_path / "after.parquet").read_bytes() == (tmp_path / "before.parquet").read_bytes()
    assert ss.scan(tmp_path / "after.parquet", index(), ON).clean


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("writer", ["pyarrow", "pyarrow, indexes", "polars"])
@pytest.mark.parametrize("how", FORGED)
@pytest.mark.parametrize("column", ["arrest_no", "note"])
def test_statistics_that_name_a_sealed_record_are_found(writer: str, how: str, column: str, tmp_path: Path) -> None:
    if (writer, how) == ("pyarrow", "headers of pages, or indexes"):
        pytest.skip("pyarrow writes none")
    path = tmp_path / "a.parquet"
    least = min(CLEAR) if column == "arrest_no" else "a note..."
    notes = [*(f"a note {at}, of an arrest" for at in range(len(CLEAR) - 1)), least]
    WRITERS[writer](ROWS.set_column(1, "note", pa.array(notes if column == "note" else ["a note"] * len(CLEAR))), path)
    before = ss.scan(path, index(), ON)
    path.write_bytes(FORGED[how](path.read_bytes(), least.encode(), SEALED[0].encode()))

    report = ss.scan(path, index(), ON)

    assert (before.verdict, report.exit_code) == (Verdict.CLEAN, 1)
    assert [(each.column, each.found) for each in report.tables[0].levels] == [(column, 1)]
    ss.scrub(path, index(), ON, output=tmp_path / "after.parquet")
    assert ss.scan(tmp_path / "after.parquet", index(), ON).clean


@pytest.mark.parametrize("kind", [pa.int32(), pa.uint32(), pa.int64(), pa.uint64(), pa.int16()])
def test_statistics_of_numbers_are_looked_up(kind: Any, tmp_path: Path) -> None:
    path, sealed = tmp_path / "a.parquet", example_index({"opaque:jail": ["8123"]})
    table = pa.table({"id": pa.array(range(7000, 7030), kind), "n": pa.array(range(30), kind)})
    pq.write_table(table, path, compression="zstd")
    assert ss.scan(path, sealed, {"opaque:jail": "id"}).clean
    content = path.read_bytes()
    for width in (4, 8):
        content = content.replace((7029).to_bytes(width, "little"), (8123).to_bytes(width, "little"))
    path.write_bytes(content)

    assert ss.scan(path, sealed, {"opaque:jail": "id"}).exit_code == 1


UUIDS = [UUID(int=0xAB << 120 | at << 64) for at in (*range(30), 99)]
"""Their bytes are not UTF-8."""


@pytest.mark.parametrize("sealed", [str(UUIDS[-1]), UUIDS[-1].hex], ids=["text", "digits"])
@pytest.mark.parametrize("kind", [pa.uuid(), pa.binary(16), pa.binary()], ids=str)
def test_statistics_of_uuids_are_looked_up(kind: Any, sealed: str, tmp_path: Path) -> None:
    path, held = tmp_path / "a.parquet", example_index({"opaque:jail": [sealed]})
    *raw, other = [each.bytes for each in UUIDS]
    table = pa.table({"id": [f"J-{at}" for at in range(30)], "x": pa.array(raw, kind)})
    pq.write_table(table, path, compression="zstd")
    assert ss.scan(path, held, {"opaque:jail": "id"}).clean
    path.write_bytes(path.read_bytes().replace(raw[-1], other))
    assert pq.read_table(path)["x"].to_pylist() == table["x"].to_pylist()

    assert ss.scan(path, held, {"opaque:jail": "id"}).exit_code == 1


texts = st.one_of(st.none(), st.text(max_size=5), st.text("ab\uffff", min_size=60, max_size=70), st.sampled_from(CLEAR))
KINDS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "text": (pa.string(), texts),
    "bytes": (pa.binary(), st.one_of(st.binary(max_size=70), st.sampled_from([b"", b"\x80"]))),
    "uuid": (pa.uuid(), st.uuids().map(lambda each: each.bytes)),
    "bytes of uuids": (pa.binary(), st.uuids().map(lambda each: each.bytes)),
    "int": (pa.int64(), st.integers(-9, 9)),
    "uint": (pa.uint8(), st.integers(0, 255)),
    "float": (pa.float64(), st.floats()),
    "date": (pa.date32(), st.dates()),
    "decimal": (pa.decimal128(9, 2), st.decimals(-9, 9, places=2)),
    "list": (pa.list_(pa.string()), st.lists(texts, max_size=3)),
    "struct": (pa.struct([("x", pa.string())]), st.fixed_dictionaries({"x": texts})),
    "levels": (pa.dictionary(pa.int8(), pa.string()), texts),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(), writer=st.sampled_from(sorted(WRITERS)), kinds=st.lists(st.sampled_from(sorted(KINDS)), max_size=4)
)
def test_files_as_writers_write_them_are_clean(data: Any, writer: str, kinds: list[str], tmp_path: Path) -> None:
    rows = data.draw(st.integers(0, 30))
    columns = {"arrest_no": pa.array([CLEAR[at % 7] if at % 5 else None for at in range(rows)], pa.string())}
    for at, name in enumerate(kinds):
        kind, values = KINDS[name]
        columns[f"{name}{at}"] = pa.array(data.draw(st.lists(values, min_size=rows, max_size=rows)), kind)
    path = tmp_path / "a.parquet"
    WRITERS[writer](pa.table(columns), path)

    assert ss.scan(path, index(), ON, policy=NULLS).exit_code == 0
    if writer != "duckdb":  # its Bloom filters are refused
        assert structure_digest(path).form == "arrow"
