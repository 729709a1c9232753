"""What only rows that are removed hold has no part in a sweep; what a row that stays holds is swept."""

from __future__ import annotations

import datetime
import json
import sqlite3
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.errors import SealedElsewhere

from .arrests import CLEAR, ON, SEALED, index


class Thing:
    """An object that no library knows."""


OBJECTS: list[Any] = [
    None, 1, 2**70, 1.5, True, "theft", b"\xff\x00", [1, "a"], {"a": 1}, {"b"}, (1, 2), Thing(), uuid.UUID(int=5),
    datetime.date(2020, 1, 2), np.int64(3), np.array([1, 2]), float("nan"), pd.NaT, 10**30, object,
]  # fmt: skip


def told(data: Any, **options: Any) -> list[tuple[str, int, int]]:
    report = ss.scan(data, index(), ON, sweep=True, **options)
    return [(each.place, each.found, each.unchecked) for table in report.tables for each in table.elsewhere]


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("sealed", OBJECTS, ids=lambda value: type(value).__name__ + str(value)[:8])
@pytest.mark.parametrize("stays", [["x", None], [f"see {SEALED[1]}", "b"], [3, 4], [["a"], {"k": SEALED[1]}]])
def test_objects_of_removed_rows_do_not_say_how_a_column_is_read(sealed: Any, stays: list[Any]) -> None:
    values = pd.Series([sealed, *stays], dtype=object)
    data = pd.DataFrame({"arrest_no": [SEALED[0], *CLEAR[:2]], "note": values})
    without = pd.DataFrame({"arrest_no": CLEAR[:2], "note": pd.Series(stays, dtype=object)})
    assert told(data) == told(without)
    assert bool(told(without)) == (SEALED[1] in str(stays))


@pytest.mark.parametrize("kind", ["object", "polars"])
def test_an_object_that_cannot_be_read_is_not_checked_where_its_row_stays(kind: str) -> None:
    things = [Thing(), "x", None]
    data = pd.DataFrame({"arrest_no": [CLEAR[0], SEALED[0], CLEAR[1]], "note": pd.Series(things, dtype=object)})
    if kind == "polars":
        frame = pl.DataFrame({"arrest_no": data["arrest_no"].tolist(), "note": pl.Series(things, dtype=pl.Object)})
        assert [place for place, _, unchecked in told(frame) if unchecked] == ["note"]
    else:
        assert [place for place, _, unchecked in told(data) if unchecked] == ["note"]


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_names_of_fields_that_only_removed_lines_have_are_not_swept(tmp_path: Path) -> None:
    rows = [{"arrest_no": SEALED[0], SEALED[0]: 1}, {"arrest_no": CLEAR[0], "n": 1}]
    assert told(write_lines(tmp_path / "a.jsonl", rows)) == []
    rows[1] = {"arrest_no": CLEAR[0], SEALED[0]: 1}
    assert told(write_lines(tmp_path / "b.jsonl", rows)) == [("(column names)", 1, 0)]


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("declared", ["INTEGER", "REAL", "TEXT", "BLOB", "", "NUMERIC", "BOOLEAN", "DATE"])
@pytest.mark.parametrize("sealed", [None, 1, 1.5, "text", b"\x00\xff"])
def test_sqlite_lets_any_value_into_a_column(tmp_path: Path, declared: str, sealed: Any) -> None:
    def made(name: str, rows: list[tuple[str, Any]]) -> str:
        path = tmp_path / f"{name}.sqlite"
        with sqlite3.connect(path) as connection:
            connection.execute(f"CREATE TABLE arrests (arrest_no TEXT, note {declared})")
            connection.executemany("INSERT INTO arrests VALUES (?, ?)", rows)
        return f"{path}#arrests"

    assert told(made("clean", [(SEALED[0], sealed), (CLEAR[0], 7), (CLEAR[1], "x")])) == []
    hits = [(CLEAR[0], f"see {SEALED[1]}"), (CLEAR[1], SEALED[1].encode()), (CLEAR[2], 7)]
    assert told(made("held", [(SEALED[0], sealed), *hits])) == [("note", 2, 0)]


NESTED: list[tuple[str, Callable[[list[str]], Any]]] = [
    ("lists", lambda ids: pa.array([[each] for each in ids])),
    ("large lists", lambda ids: pa.array([[each] for each in ids], pa.large_list(pa.string()))),
    ("views", lambda ids: pa.array([[each] for each in ids], pa.list_view(pa.string()))),
    ("structs", lambda ids: pa.array([{"id": each} for each in ids])),
    ("maps", lambda ids: pa.array([[(each, 1)] for each in ids], pa.map_(pa.string(), pa.int8()))),
    ("dictionaries", lambda ids: pa.array(ids).dictionary_encode()),
    ("bytes", lambda ids: pa.array([each.encode() for each in ids])),
    ("views of text", lambda ids: pa.array(ids, pa.string_view())),
]


UNKNOWN = {  # types that the library itself does not read
    ("views", "parquet"),
    ("views", "polars"),
    ("views", "pandas"),
    ("views of text", "pandas"),
}


HELD = [
    pytest.param(make, container, id=f"{container}-{name}")
    for container in ("arrow", "pandas", "polars", "parquet")
    for name, make in NESTED
    if (name, container) not in UNKNOWN
]


@pytest.mark.parametrize(("make", "container"), HELD)
def test_nested_values_are_swept_of_the_rows_that_stay(
    tmp_path: Path, make: Callable[[list[str]], Any], container: str
) -> None:
    def held(table: pa.Table) -> Any:
        if container == "parquet":
            pq.write_table(table, tmp_path / "t.parquet")
            return tmp_path / "t.parquet"
        if container == "pandas":
            return table.to_pandas(types_mapper=pd.ArrowDtype)
        return pl.from_arrow(table) if container == "polars" else table

    for ids, found in (([SEALED[1], CLEAR[2], CLEAR[3]], 0), ([CLEAR[2], SEALED[1], SEALED[2]], 2)):
        table = pa.table({"arrest_no": [SEALED[0], *CLEAR[:2]], "note": make(ids)})
        assert sum(hits for _, hits, _ in told(held(table))) == found


def test_a_range_of_ids_is_swept_where_pandas_counts_it_as_an_index() -> None:
    from sealscrub.datasets import example_index

    ids = example_index({"opaque:case": ["90000002", "90000003"]})
    frame = pd.DataFrame({"case": ["90000002", "1", "2"]}, index=pd.RangeIndex(90000001, 90000004, name="case_id"))
    report = ss.scan(frame, ids, {"opaque:case": "case"}, sweep=True)
    assert [(each.place, each.found) for each in report.tables[0].elsewhere] == [("(index)", 2)]
    plain = ss.scan(frame.reset_index(drop=True), ids, {"opaque:case": "case"}, sweep=True)
    assert plain.tables[0].elsewhere == ()


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet", ".jsonl"])
@pytest.mark.parametrize(
    "form", ["{id}", "case-{id}", "{id}-final", "2020.{id}", "arrest={id}/part", "year=2020/{id}.v2"]
)
def test_names_of_files_are_swept(tmp_path: Path, suffix: str, form: str) -> None:
    for at, id in enumerate((SEALED[0], CLEAR[0])):
        folder = tmp_path / str(at)
        path = folder / (form.format(id=id) + suffix)
        path.parent.mkdir(parents=True)
        data = pl.DataFrame({"arrest_no": CLEAR[:2]})
        if suffix == ".parquet":
            data.write_parquet(path)
        elif suffix == ".jsonl":
            data.write_ndjson(path)
        else:
            data.write_csv(path, compression="gzip" if suffix == ".csv.gz" else "uncompressed")
        report = ss.scan(folder, index(), ON)
        assert [each.place for table in report.tables for each in table.elsewhere] == ([] if at else ["(file name)"])
        for shown in (
            report.text(),
            report.to_json(),
            report.to_sarif(),
            report.to_junit(),
            report.to_html(),
            repr(report),
        ):
            assert SEALED[0] not in shown
        if not at:
            with pytest.raises(SealedElsewhere) as caught:
                ss.scrub(folder, index(), ON, output=tmp_path / "clean")
            assert SEALED[0] not in str(caught.value)


EDITS: list[dict[str, Any]] = [{"null_columns": ["arrest_no"]}, {"set_values": {"arrest_no": "NONE"}}]


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("note", [SEALED[0], f"see {SEALED[1]}", "theft"])
def test_a_row_that_is_edited_stays_and_is_swept(edit: dict[str, Any], note: str) -> None:
    data = pd.DataFrame({"arrest_no": [SEALED[0], *CLEAR[:2], None], "note": [note, "", "", ""]})
    accepted = ss.Policy(accept={"null"})
    edit = {**edit, "accept_marks": ["arrest_no"], "policy": accepted}
    if note == "theft":
        assert len(ss.scrub(data, index(), ON, sweep=True, **edit)) == 4
        return
    with pytest.raises(SealedElsewhere, match="note"):
        ss.scrub(data, index(), ON, sweep=True, **edit)
    emptied = {**edit, "null_columns": ["arrest_no", "note"], "set_values": {}, "accept_marks": ["arrest_no", "note"]}
    assert len(ss.scrub(data, index(), ON, sweep=True, **emptied)) == 4


def test_a_field_that_an_edit_empties_is_not_swept_and_those_beside_it_are(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    how: dict[str, Any] = {"null_columns": ["case.id"]}
    for other, raised in (("x", False), (SEALED[0], True)):
        case = {"id": SEALED[0], "other": other}
        write_lines(path, [{"arrest_no": SEALED[0], "case": case}, {"arrest_no": CLEAR[0], "case": {"id": None}}])
        if raised:
            with pytest.raises(SealedElsewhere, match="case"):
                ss.scrub(path, index(), ON, output=tmp_path / "b.jsonl", sweep=True, **how)
        else:
            ss.scrub(path, index(), ON, output=tmp_path / "b.jsonl", sweep=True, **how)


UUID = "0af51c3a-0b1c-4d2e-8f30-0123456789ab"
WRITTEN = {
    "a UUID": uuid.UUID(UUID).bytes,
    "UTF-16": UUID.encode("utf-16"),
    "text": UUID.encode(),
}


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("way", ["sqlite", "pandas", "polars", "arrow"])
@pytest.mark.parametrize("beside", [None, "x", 1])
def test_bytes_are_read_alike_whatever_is_beside_them(tmp_path: Path, form: str, way: str, beside: Any) -> None:
    from sealscrub.datasets import example_index

    ids = example_index({"opaque:case": [UUID]})
    values, keys = [WRITTEN[form], beside], ["case-000001", "case-000002"]
    if way == "sqlite":
        with sqlite3.connect(tmp_path / "a.sqlite") as connection:
            connection.execute("CREATE TABLE t (no TEXT, raw BLOB)")
            connection.executemany("INSERT INTO t VALUES (?, ?)", list(zip(keys, values, strict=True)))
        data: Any = f"{tmp_path / 'a.sqlite'}#t"
    elif way == "pandas":
        data = pd.DataFrame({"no": keys, "raw": pd.Series(values, dtype=object)})
    elif beside is not None:
        data = pl.DataFrame({"no": keys, "raw": pl.Series(values, dtype=pl.Object)})
    else:
        data = pl.DataFrame({"no": keys, "raw": values})
        data = data.to_arrow() if way == "arrow" else data
    report = ss.scan(data, ids, {"opaque:case": "no"})
    assert [(each.place, each.found) for each in report.tables[0].elsewhere] == [("raw", 1)]
