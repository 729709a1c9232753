"""A table of arrests, an index that seals some of them, and what a nullity check needs beside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.index import Index
from sealscrub.testing import NullityReport, check_nullity

ON = {"arrest_number": "arrest_no"}
SEALED = ("K14000003", "K14000020")


@pytest.fixture(scope="session")
def arrests() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "arrest_no": [f"K14{at:06d}" for at in range(1, 41)],
            "person": [at % 7 for at in range(40)],
            "age": [18 + (at * 7) % 40 for at in range(40)],
        }
    )


@pytest.fixture(scope="session")
def index() -> Index:
    return example_index(SEALED)


@pytest.fixture
def checked(arrests: pl.DataFrame, index: Index) -> Callable[..., NullityReport]:
    """Check a function over the table, with no variants unless they are asked for."""

    def check(function: Callable[[Any], Any], **options: Any) -> NullityReport:
        usual: dict[str, Any] = {"data": arrests, "index": index, "on": ON, "variants": ()}
        usual |= options
        return check_nullity(function, usual.pop("data"), usual.pop("index"), usual.pop("on"), **usual)

    return check
