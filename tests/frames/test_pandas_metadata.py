"""Metadata that pandas and GeoParquet leave speaks of the rows that are there."""

from __future__ import annotations

import json

import pandas as pd
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.frames.pandas_metadata import rewrite, rewrite_geo, rewrite_schema


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

    assert rewrite(written, after, {"c": after}) == without


def test_what_is_not_pandas_own_stays_byte_for_byte() -> None:
    for metadata in (b"", b"\xff", b"[1,  2]", b'{"a":1}', b'{"index_columns": ["i"], "columns": 7}'):
        assert rewrite(metadata, 3, {}) == metadata
        assert rewrite_geo(metadata) == metadata


def test_extents_and_types_of_geometries_go() -> None:
    column = {"encoding": "WKB", "geometry_types": ["Point", "Polygon"], "crs": None, "bbox": [0, 0, 9, 9]}
    geo = json.dumps({"version": "1.1.0", "primary_column": "g", "columns": {"g": column}}).encode()

    after = json.loads(rewrite_geo(geo))

    assert after["columns"]["g"] == {"encoding": "WKB", "geometry_types": [], "crs": None}
    assert after["version"] == "1.1.0"


def test_other_keys_of_a_schema_are_left_alone() -> None:
    metadata = {b"note": b'{"bbox": [1]}', b"geo": b"{}"}

    assert rewrite_schema(metadata, 1, {}) == metadata
    assert rewrite_schema(None, 1, {}) is None
