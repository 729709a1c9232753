"""A gallery of generated vectors with records beside them, an index that seals some, and what a check needs beside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.index import Index
from sealscrub.testing import OutputNullityReport, check_output_nullity

ON = {"arrest_number": "arrest_no"}
ROWS, WIDTH = 240, 8
SEALED = tuple(f"K14{at:06d}" for at in range(5, ROWS, 23))


@pytest.fixture(scope="session")
def gallery() -> pl.DataFrame:
    draws = np.random.default_rng(7)
    vectors = draws.standard_normal((ROWS, WIDTH)).astype(np.float32)
    return pl.DataFrame(
        {
            "arrest_no": [f"K14{at or ROWS:06d}" for at in range(ROWS)],
            "person": [f"P{chr(65 + at % 19)}" for at in range(ROWS)],
            "cell": [int(each) for each in draws.integers(0, 40, ROWS)],
            "age": [int(each) for each in draws.integers(18, 60, ROWS)],
            "alias": [f"{'abcdefghij'[at % 10]}{'klmnopqrst'[at // 10 % 10]} brook" for at in range(ROWS)],
            "vector": pl.Series(vectors, dtype=pl.Array(pl.Float32, WIDTH)),
        }
    )


@pytest.fixture(scope="session")
def index() -> Index:
    return example_index(SEALED)


@pytest.fixture
def checked(gallery: pl.DataFrame, index: Index) -> Callable[..., OutputNullityReport]:
    """Check a system over the gallery in this interpreter, with few probes and no variants."""

    def check(build: Callable[[Any], Any], query: Any, **options: Any) -> OutputNullityReport:
        usual: dict[str, Any] = {"variants": (), "isolated": False, "targets": 3, "random": 6, "k": 5}
        usual |= {"data": gallery, "index": index, "on": ON, "person": "person", "cell": "cell"}
        usual |= options
        return check_output_nullity(build, usual.pop("data"), usual.pop("index"), usual.pop("on"), query=query, **usual)

    return check
