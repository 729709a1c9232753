"""Requests with sealed records in them, and the same ones in the world without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index

SEALED = [f"K14{at:06d}" for at in range(1, 5)]
CLEAN = [f"M14{at:06d}" for at in range(1, 9)]
INDEX = example_index(SEALED[:3], withheld=SEALED[3:])
ON = {"arrest_number": "id"}
few = settings(max_examples=12, deadline=None)

_ids = st.sampled_from(SEALED + CLEAN)
_spellings = st.sampled_from(
    [str, str.lower, lambda each: f"{each[0]}-{each[1:3]}-{each[3:]}", lambda s: f"ARREST NO {s}"]
)
spelled_ids = st.builds(lambda each, spell: spell(each), _ids, _spellings)


def is_sealed(raw: str) -> bool:
    """Whether an id is sealed or withheld, by a reading of its own."""
    return any(raw.replace("-", "").upper().endswith(each) for each in SEALED)


@st.composite
def requests(draw: st.DrawFn, least: int = 0) -> list[dict[str, Any]]:
    """Records with an id in some spelling and two features."""
    ids = draw(st.lists(spelled_ids, min_size=least, max_size=12))
    # few scores, so that many are equal
    scores = st.sampled_from([0.0, 0.25, 0.5, 1.0, -3.5]) | st.floats(-9, 9)
    return [{"id": each, "x": draw(scores), "n": draw(st.integers(0, 3))} for each in ids]


def without(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the same records in the world without."""
    return [record for record in records if not is_sealed(record["id"])]


_TYPES = {"id": pl.String, "x": pl.Float64, "n": pl.Int64}


def as_polars(records: Sequence[dict[str, Any]]) -> pl.DataFrame:
    extra = {name: pl.Float64 for record in records for name in record if name not in _TYPES}
    return pl.DataFrame(list(records), schema={**_TYPES, **extra})


def as_pandas(records: Sequence[dict[str, Any]]) -> pd.DataFrame:
    return as_polars(records).to_pandas()


def as_arrow(records: Sequence[dict[str, Any]]) -> pa.Table:
    return as_polars(records).to_arrow()


def as_array(records: Sequence[dict[str, Any]]) -> np.ndarray[Any, Any]:
    made = np.empty((len(records), 3), object)
    for at, record in enumerate(records):
        made[at] = [record["id"], record["x"], record["n"]]
    return made


FRAMES = {"polars": as_polars, "pandas": as_pandas, "arrow": as_arrow}


def same(one: Any, other: Any) -> bool:
    """Whether two answers are the same, bit for bit: kind, types, order, values."""
    if type(one) is not type(other):
        return False
    if isinstance(one, pd.DataFrame | pd.Series):
        left, right = (each.to_frame() if each.ndim == 1 else each for each in (one, other))
        try:
            pd.testing.assert_frame_equal(
                left, right, check_exact=True, check_index_type="exact", check_column_type="exact"
            )
        except AssertionError:
            return False
        return True
    if isinstance(one, pl.DataFrame):
        return one.schema == other.schema and one.equals(other)
    if isinstance(one, np.ndarray):
        if one.dtype != other.dtype or one.shape != other.shape:
            return False
        return one.tolist() == other.tolist() if one.dtype == object else one.tobytes() == other.tobytes()
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, pa.Table):
        return bool(one.schema == other.schema and one.equals(other))
    return bool(one == other)
