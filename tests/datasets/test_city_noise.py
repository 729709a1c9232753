"""A city whose people were written down with errors."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl
import pytest

from sealscrub.datasets import City, make_city, write_city
from sealscrub.errors import UsageError


@cache
def city(noise: float) -> City:
    return make_city(2_000, seed=4, names_noise=noise)


def test_names_and_birth_dates_of_people_differ_and_nothing_else() -> None:
    for name, table in city(0).tables.items():
        if name != "people":
            assert table.equals(city(5).tables[name]), name
    plain, noisy = city(0).tables["people"], city(5).tables["people"]
    assert plain.select("nysid", "sex").equals(noisy.select("nysid", "sex"))
    for name in ("last_name", "first_name", "birth_date"):
        share = (plain[name].cast(pl.String).ne_missing(noisy[name])).mean()
        assert 0.05 < float(share or 0) < 0.4, name  # type: ignore[arg-type]  # a share of booleans is a number
    assert make_city(2_000, seed=4, names_noise=0).tables["people"].equals(plain)


def test_a_city_that_is_written_has_the_same_noise(tmp_path: Path) -> None:
    write_city(tmp_path, 2_000, seed=4, names_noise=5)
    assert pl.read_parquet(tmp_path / "people.parquet").equals(city(5).tables["people"])


@pytest.mark.parametrize("level", [-1, 11])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    with pytest.raises(UsageError, match="noise"):
        make_city(100, names_noise=level)
