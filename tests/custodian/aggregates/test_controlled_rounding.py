"""Rounded counts are near the truth, and tell no small one exactly."""

from __future__ import annotations

import polars as pl
import pytest

from sealscrub.custodian.aggregates import aggregate
from sealscrub.errors import ConfigError, Refused


def events(*counts: int) -> pl.DataFrame:
    return pl.DataFrame({"a": [at for at, n in enumerate(counts) for _ in range(n)]})


def test_counts_are_rounded_to_the_nearest() -> None:
    figures = aggregate(events(12, 13, 40, 3), "a", round_to=5, levels={"a": range(5)})

    assert figures.table("a")["count"].to_list() == [10, 15, 40, 5, 0]
    assert figures.table()["count"].to_list() == [70]
    assert figures.method == "round"


def test_a_total_that_gives_cells_away_is_held_back() -> None:
    # 0, 0, 0, 0 and a total of 10, from at least 8: only 2, 2, 2, 2 reach it
    figures = aggregate(events(2, 2, 2, 2), "a", round_to=5, levels={"a": range(4)})

    assert figures.table()["count"].to_list() == [None]
    assert figures.table("a")["count"].to_list() == [0, 0, 0, 0]


def test_what_cannot_be_rounded() -> None:
    for base in (1, 2, 4):
        with pytest.raises(ConfigError):
            aggregate(events(20, 30), "a", round_to=base)
    with pytest.raises(ConfigError):
        aggregate(events(20, 30).with_columns(v=pl.lit(1.0)), "a", round_to=5, value="v")
    with pytest.raises(Refused, match="few people"):
        aggregate(events(20, 30).with_columns(who=pl.col("a")), "a", round_to=5, person="who")
