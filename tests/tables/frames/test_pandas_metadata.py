"""Metadata that pandas and GeoParquet leave speaks of the rows that are there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.tables.arrow.geo_metadata import rewrite_geo
from sealscrub.tables.arrow.pandas_metadata import rewrite


def frame(rows: int, start: int = 0, step: int = 1) -> pd.DataFrame:
    index = pd.RangeIndex(start, start + rows * step, step, name="i" if (start, step) == (0, 1) else None)
    return pd.DataFrame({"c": pd.Categorical([str(n) for n in range(rows)], ordered=True)}, index=index)


@given(
    before=st.integers(1, 9),
    after=st.integers(1, 9),
    start=st.integers(-9, 9),
    step=st.sampled_from([-2, -1, 1, 3]),
)
def test_it_is_what_pandas_writes_of_the_rows_that_are_left(before: int, after: int, start: int, step: int) -> None:
    written = pa.Schema.from_pandas(frame(before, start, step)).metadata[b"pandas"]
    without = pa.Schema.from_pandas(frame(after, start, step)).metadata[b"pandas"]

    assert rewrite(written, ["c"], after, {"c": after}) == without


ID = "K14612345"


def test_what_is_not_pandas_own_goes() -> None:
    for metadata in (b"", b"\xff", b"[1,  2]", b"[" * 100_000, ID.encode(), b"7"):
        assert rewrite(metadata, ["c"], 3, {}) is None
        assert rewrite_geo(metadata, ["c"]) is None
    for metadata in (b'{"index_columns": ["i"], "columns": 7}', b'{"a": 1, "index_columns": [], "columns": []}'):
        assert json.loads(rewrite(metadata, ["c"], 3, {}) or b"") == {"index_columns": [], "columns": []}


def paths(noted: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in JSON, and each object once more, for a key that is new in it."""
    yield at
    if isinstance(noted, dict):
        yield (*at, "new")
        for key, each in noted.items():
            yield from paths(each, (*at, key))
    elif isinstance(noted, list):
        for key, each in enumerate(noted):
            yield from paths(each, (*at, key))


def planted(noted: Any, at: tuple[Any, ...], value: Any) -> Any:
    if not at:
        return value
    copied = noted.copy()
    copied[at[0]] = planted(copied.get(at[0]) if isinstance(copied, dict) else copied[at[0]], at[1:], value)
    return copied


NOTED = pd.DataFrame(
    {"c": pd.Categorical(["a"], ordered=True), "t": pd.to_datetime(["2020"]), "n": [1]},
    index=pd.Index(["x"], name="i"),
)
NOTED.attrs = {"source": "city"}
PANDAS = json.loads(pa.Schema.from_pandas(NOTED).metadata[b"pandas"])
COLUMNS = pa.Schema.from_pandas(NOTED).names
CRS = {
    "$schema": "https://proj.org/schemas/v0.7/projjson.schema.json",
    "type": "GeographicCRS",
    "name": "WGS 84 (CRS84)",
    "datum_ensemble": {"name": "World Geodetic System 1984 ensemble", "members": [{"name": "WGS 84 (Transit)"}]},
    "scope": "Not known.",
    "id": {"authority": "OGC", "code": "CRS84"},
}
GEO = {
    "version": "1.1.0",
    "primary_column": "c",
    "columns": {
        "c": {
            "encoding": "WKB",
            "geometry_types": ["Point"],
            "crs": CRS,
            "edges": "planar",
            "orientation": "counterclockwise",
            "bbox": [0, 0, 9, 9],
            "epoch": 2020.5,
            "covering": {"bbox": {"xmin": ["n", "xmin"], "xmax": ["n", "xmax"]}},
        }
    },
    "creator": {"library": "geopandas", "version": "1.0.1"},
}
AXES = {("column_indexes", 0, "name"), ("column_indexes", 0, "field_name")}  # names, as those of the columns are


def test_no_place_in_what_pandas_or_geoparquet_note_takes_an_identifier_in() -> None:
    places = [("pandas", at) for at in paths(PANDAS)] + [("geo", at) for at in paths(GEO)]
    assert len(places) > 80
    for what, at in places:
        if at in AXES:
            continue
        for value in (ID, {ID: ID}, [ID], {"name": ID, "field_name": ID, "kind": "range"}, f"datetime64[ns, {ID}]"):
            noted = json.dumps(planted(PANDAS if what == "pandas" else GEO, at, value)).encode()
            if what == "pandas" and isinstance(value, dict) and at[:-1] in {("index_columns",), ("column_indexes",)}:
                continue  # the name of an index is a name
            made = rewrite(noted, COLUMNS, 3, {}) if what == "pandas" else rewrite_geo(noted, COLUMNS)

            assert ID.encode() not in (made or b""), (what, at, value)


def test_attributes_that_are_kept_by_name_stay_in_what_pandas_notes() -> None:
    noted = json.dumps(PANDAS).encode()

    assert json.loads(rewrite(noted, COLUMNS, 1, {"c": 1}) or b"") == {**PANDAS, "attributes": {}}
    assert json.loads(rewrite(noted, COLUMNS, 1, {"c": 1}, ["source"]) or b"") == PANDAS


def test_extents_and_types_of_geometries_go_and_their_reference_system_stays() -> None:
    after = json.loads(rewrite_geo(json.dumps(GEO).encode(), COLUMNS) or b"")

    crs = {name: each for name, each in CRS.items() if name != "scope"}
    column = {**GEO["columns"]["c"], "geometry_types": [], "crs": crs}  # type: ignore[index]
    del column["bbox"]
    assert after == {"version": "1.1.0", "primary_column": "c", "columns": {"c": column}}
