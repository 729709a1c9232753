"""Rows and masks that Hypothesis draws."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from hypothesis import strategies as st

words = st.sampled_from(["", "a", "b", "zeta", "a text that is longer than twelve bytes", "été"])
days = st.dates(dt.date(1990, 1, 1), dt.date(2025, 12, 31))
row_values = st.tuples(
    st.none() | words,
    st.integers(-(2**53), 2**53),
    st.none() | st.floats(allow_nan=False),
    st.none() | st.sampled_from(["theft", "assault", "fraud", "zoning"]),
    st.none() | st.booleans(),
    st.none() | days,
    st.none() | st.lists(st.none() | words, max_size=3),
    st.none() | st.fixed_dictionaries({"name": st.none() | words, "x": st.integers(-100, 100)}),
)


@st.composite
def rows_and_mask(draw: st.DrawFn, max_rows: int = 24) -> tuple[list[tuple[Any, ...]], Any]:
    """Draw rows and which of them stay."""
    rows = draw(st.lists(row_values, max_size=max_rows))
    kept = draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    return rows, np.array(kept, dtype=np.bool_)
