"""Leaks in Spark are found and named, and their clean twins pass."""

from __future__ import annotations

import pytest

from .case import Case
from .spark_cases import SPARK

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore")]  # Spark's own


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("case", SPARK, ids=lambda case: case.name)
def test_a_leak_is_found_and_named_and_its_twin_is_not_flagged(case: Case) -> None:
    leak, twin = case.check(), case.check(twin=True)

    assert case.found(leak), leak.to_text()
    assert case.named(leak), leak.to_text()
    assert twin.passed, twin.to_text()
    assert twin.open_doors == ("names, links, sizes and times of files, and entries of users, can be seen",), (
        twin.open_doors
    )
