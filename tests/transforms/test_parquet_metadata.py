"""Of a Parquet file's metadata, structure is made again from what stays; no identifier is left in any entry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.transforms.plans import Plan

from .arrests import NULLS, ON, SEALED, index, many

ROWS = 9
ID = SEALED[0]
KEYS = many(ROWS)
texts = st.sampled_from([ID, f'{{"{ID}": ["{ID}"]}}', f'{{"columns": {{"{ID}": {{"crs": "{ID}"}}}}}}'])
entries = st.none() | st.dictionaries(st.sampled_from(["note", "pandas", "geo", "PANDAS_ATTRS", ID]), texts, max_size=3)
TYPES = {
    "fast": lambda noted: pa.int64(),
    "struct": lambda noted: pa.struct([pa.field("x", pa.int64(), metadata=noted)]),
    "list of structs": lambda noted: pa.list_(
        pa.field("item", pa.struct([pa.field("x", pa.int64(), metadata=noted)]), metadata=noted)
    ),
    "map": lambda noted: pa.map_(pa.string(), pa.field("value", pa.int64(), metadata=noted)),
}
VALUES: dict[str, Any] = {"fast": 1, "struct": {"x": 1}, "list of structs": [{"x": 1}], "map": [("k", 1)]}


def table(kind: str, keys: list[str], noted: Any = None, of_schema: Any = None) -> pa.Table:
    fields = [pa.field("arrest_no", pa.string(), metadata=noted), pa.field("c", TYPES[kind](noted), metadata=noted)]
    values = pa.array([VALUES[kind]] * len(keys), fields[1].type)
    return pa.Table.from_arrays([pa.array(keys), values], schema=pa.schema(fields, metadata=of_schema))


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(sorted(TYPES)),
    noted=entries,
    of_schema=entries,
    edited=st.booleans(),
    aside=st.booleans(),
)
def test_no_entry_leaves_a_trace(
    tmp_path_factory: pytest.TempPathFactory, kind: str, noted: Any, of_schema: Any, edited: bool, aside: bool
) -> None:
    folder = tmp_path_factory.mktemp("metadata")
    plain: dict[str, Any] = {"compression": "none"}
    data = table(kind, KEYS, noted, of_schema)
    pq.write_table(data, folder / "data.parquet", bloom_filter_options={"arrest_no": True}, **plain)
    clean = [key for key in KEYS if key not in SEALED]
    pq.write_table(table(kind, clean), folder / "without.parquet", **plain)
    assert ID.encode() in (folder / "data.parquet").read_bytes()
    options: dict[str, Any] = {"quarantine": folder / "aside.parquet"} if aside else {}

    if edited:
        options |= {"null_columns": ["arrest_no"], "accept_marks": ["arrest_no"], "policy": NULLS}
    ss.scrub(folder / "data.parquet", index(), ON, output=folder / "out.parquet", **options)
    ss.scrub(folder / "without.parquet", index(), ON, output=folder / "same.parquet", **options)

    left = pq.read_schema(folder / "out.parquet").metadata or {}
    assert ID.encode() not in (folder / "out.parquet").read_bytes()
    assert set(left) <= {b"pandas", b"geo"}
    if not left and not edited:
        assert (folder / "out.parquet").read_bytes() == (folder / "same.parquet").read_bytes()


def test_the_report_names_what_went_but_not_what_may_be_data(tmp_path: Path) -> None:
    data = table("struct", KEYS, {"unit": "x"}, {"note": ID, ID: "x", "kept": "yes"})
    pq.write_table(data, tmp_path / "data.parquet")

    report = ss.scrub(
        tmp_path / "data.parquet", index(), ON, output=tmp_path / "out.parquet", keep_metadata=["kept", "absent"]
    )

    assert report.tables[0].notes == ("removed metadata entries: note, unit, 1 whose name may be data",)
    assert "removed metadata entries" in report.to_text()
    for travelling in (report.to_junit(), report.to_sarif()):
        assert "unit" not in travelling
    assert pq.read_schema(tmp_path / "out.parquet").metadata == {b"kept": b"yes"}
    done = ss.scrub(data, index(), ON, keep_metadata=["kept"], detail=True)
    assert done.report.tables[0].notes == report.tables[0].notes
    assert done.data.schema.metadata == {b"kept": b"yes"}


def test_attributes_of_a_frame_of_pandas_go_with_the_file(tmp_path: Path) -> None:
    frame = pd.DataFrame({"arrest_no": KEYS})
    frame.attrs = {"removed": ID, "unit": "years"}
    frame.to_parquet(tmp_path / "data.parquet")

    ss.scrub(tmp_path / "data.parquet", index(), ON, output=tmp_path / "out.parquet")
    assert ID.encode() not in (tmp_path / "out.parquet").read_bytes()
    assert pd.read_parquet(tmp_path / "out.parquet").attrs == {}

    ss.scrub(tmp_path / "data.parquet", index(), ON, output=tmp_path / "out.parquet", keep_metadata=["unit"])
    assert ID.encode() not in (tmp_path / "out.parquet").read_bytes()
    assert pd.read_parquet(tmp_path / "out.parquet").attrs == {"unit": "years"}


@pytest.mark.parametrize("slow", [False, True])
def test_an_enum_of_polars_comes_back_with_its_levels_less_those_that_are_sealed(tmp_path: Path, slow: bool) -> None:
    levels = pl.Enum(["a", ID, "b", "c"])
    values = pl.Series([ID if key in SEALED else "a" for key in KEYS], dtype=levels)
    frame = pl.DataFrame({"arrest_no": KEYS, "c": values} | ({"l": [[1]] * ROWS} if slow else {}))
    frame.write_parquet(tmp_path / "data.parquet")

    ss.scrub(tmp_path / "data.parquet", index(), ON, output=tmp_path / "out.parquet")

    assert ID.encode() not in (tmp_path / "out.parquet").read_bytes()
    assert pl.read_parquet(tmp_path / "out.parquet")["c"].dtype == pl.Enum(["a", "b", "c"])


def test_the_structure_of_geoparquet_is_made_again(tmp_path: Path) -> None:
    geo = {
        "version": "1.1.0",
        "primary_column": "g",
        "columns": {"g": {"encoding": "WKB", "geometry_types": ["Point"], "crs": {"name": "WGS 84", "remarks": ID}}},
        "note": ID,
    }
    data = pa.table({"arrest_no": KEYS, "g": [b"wkb"] * ROWS}).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(data, tmp_path / "data.parquet")

    ss.scrub(tmp_path / "data.parquet", index(), ON, output=tmp_path / "out.parquet")

    after = json.loads(pq.read_schema(tmp_path / "out.parquet").metadata[b"geo"])
    assert after["columns"]["g"] == {"encoding": "WKB", "geometry_types": [], "crs": {"name": "WGS 84"}}
    assert set(after) == {"version", "primary_column", "columns"}


@pytest.mark.parametrize("as_frames", [False, True])
def test_a_plan_keeps_entries_by_name(tmp_path: Path, as_frames: bool) -> None:
    data = table("struct", KEYS, {"unit": "x", "note": ID}, {"note": ID})
    pq.write_table(data, tmp_path / "data.parquet")
    rule = {"source": "data.parquet", "keys": ON, "keep_metadata": ["unit"], "independent": {"c": "a constant"}}
    plan = Plan.from_dict({"version": 1, "tables": {"data": rule}}, root=tmp_path)

    if as_frames:
        done = plan.scrub({"data": data}, index(), detail=True)
        schema, report = done.data["data"].schema, done.report
    else:
        report = plan.scrub(index=index(), output=tmp_path / "out")
        schema = pq.read_schema(tmp_path / "out" / "data.parquet")

    assert schema.metadata is None
    assert schema.field("c").metadata == schema.field("c").type.field(0).metadata == {b"unit": b"x"}
    assert "removed metadata entries: note" in report.tables[0].notes
