"""Values that look like a key to a careless eye, and hold one: never read as some other id, never passed as clean."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sealscrub import Policy, scan
from sealscrub.datasets import example_index
from sealscrub.errors import UsageError
from sealscrub.index import Index

LATIN = "É123".encode("latin-1")
ON = {"opaque:x": "id"}


@pytest.fixture(scope="module")
def index() -> Index:
    return example_index({"opaque:x": ["É123", "K9"]})


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame({"id": [LATIN, b"1"]}),
        pd.DataFrame({"id": [LATIN, "1", 2]}),
        pd.DataFrame({"id": pd.Series(["\udcc9123", "1"], dtype=object)}),
        pl.DataFrame({"id": [LATIN, b"1"]}),
        pl.LazyFrame({"id": [LATIN, b"1"]}),
        pa.table({"id": pa.array([LATIN, b"1"])}),
    ],
    ids=["pandas", "pandas mixed", "pandas surrogates", "polars", "polars lazy", "pyarrow"],
)
def test_bytes_that_are_no_text_are_unparsable(index: Index, data: Any) -> None:
    report = scan(data, index, ON, policy=Policy(max_unparsable=1))

    assert report.tables[0].keys[0].unparsable == 1
    assert not report.complete


@pytest.mark.parametrize(
    "values",
    [[["K9"], ["x"]], ["5", ["K9"]], [{"id": "K9"}], [("K9",), 1], [{"K9"}], [True, "a"], np.array([1 + 0j])],
    ids=repr,
)
def test_what_only_holds_an_id_is_no_key(index: Index, values: Any) -> None:
    with pytest.raises(UsageError, match="cannot be record keys"):
        scan(pd.DataFrame({"id": values}), index, ON)


def test_a_range_of_intervals_is_no_key(index: Index) -> None:
    with pytest.raises(UsageError, match="cannot be record keys"):
        scan(pd.DataFrame({"id": pd.interval_range(0, 3)}), index, ON)
