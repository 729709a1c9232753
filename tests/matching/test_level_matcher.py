"""A level that names a sealed record is held, one that a sweep would call chance as well."""

from __future__ import annotations

import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.matching import LevelMatcher

SHORT = example_index({"opaque:jail": ["17", "J-003"]})
SEVERAL = example_index({"person_arrest": ["12345678A@2014-01-05"]})


@pytest.mark.parametrize("levels", [["17", "18"], ["J-003", "J-004"], [" 17 ", "117"], [17, 18]], ids=str)
def test_a_short_id_is_held(levels: list[object]) -> None:
    assert LevelMatcher(SHORT, []).held(pl.Series(levels)).tolist() == [True, False]


def test_a_key_of_several_columns_is_held_in_one_level() -> None:
    levels = pl.Series(["12345678A 2014-01-05T03:00:00", "12345678A 2014-01-06T03:00:00"])
    assert LevelMatcher(SEVERAL, []).held(levels).tolist() == [True, False]
    assert LevelMatcher(SEVERAL, []).held(levels.head(1)).tolist() == [True]
