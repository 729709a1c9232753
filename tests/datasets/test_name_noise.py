"""Errors in names and dates are as many as was asked for, and equal for equal seeds."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sealscrub.datasets import make_named_arrests, noisy_records
from sealscrub.errors import UsageError


@pytest.fixture(scope="module")
def clean() -> pl.DataFrame:
    return make_named_arrests(4_000, seed=1, noise=0, nysid=True).rows


def differing(clean: pl.DataFrame, noisy: pl.DataFrame, column: str) -> float:
    return float((clean[column].is_not_null() & clean[column].ne_missing(noisy[column])).mean())


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [("last_name", 0.15, 0.24), ("first_name", 0.15, 0.24), ("birth_date", 0.16, 0.24), ("nysid", 0.13, 0.2)],
)
def test_a_bad_file_has_as_many_errors_as_were_measured(
    clean: pl.DataFrame, column: str, low: float, high: float
) -> None:
    assert low < differing(clean, noisy_records(clean, level=5), column) < high
    assert differing(clean, noisy_records(clean, level=1), column) < high / 3


def test_equal_seeds_give_equal_errors(clean: pl.DataFrame) -> None:
    assert_frame_equal(noisy_records(clean, level=5, seed=2), noisy_records(clean, level=5, seed=2))
    assert not noisy_records(clean, level=5, seed=2).equals(noisy_records(clean, level=5, seed=3))
    assert_frame_equal(make_named_arrests(500, seed=3).rows, make_named_arrests(500, seed=3).rows)


def test_ids_and_columns_that_are_not_of_people_stay(clean: pl.DataFrame) -> None:
    noisy = noisy_records(clean.with_columns(precinct=pl.lit("75")), level=10)

    assert noisy["id"].equals(clean["id"])
    assert noisy["precinct"].unique().to_list() == ["75"]


def test_a_row_stands_for_every_seal() -> None:
    city = make_named_arrests(2_000, seed=1)

    assert city.truth["row"].is_in(city.rows["id"].implode()).all()
    assert set(city.truth["seal"]) == set(city.seals["id"])
    assert city.rows["id"].n_unique() == city.rows.height == 2_000
    assert city.seals.height > city.truth.height


@pytest.mark.parametrize("call", [lambda: noisy_records(pl.DataFrame(), level=-1), lambda: make_named_arrests(0)])
def test_what_cannot_be_made_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        call()
