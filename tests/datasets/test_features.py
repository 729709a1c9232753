from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from sealscrub.datasets import FEATURE_COLUMNS, City, derive_features, make_city
from sealscrub.errors import ColumnError


def test_the_training_file_is_what_the_features_of_the_arrests_are(clean: City, messy: City) -> None:
    for city in (clean, messy):
        assert derive_features(city.tables["arrests"]).equals(city.tables["training"])
        assert city.tables["training"].width == 15


def test_features_agree_with_a_plain_loop() -> None:
    arrests = make_city(400, seed=2, mess=0).tables["arrests"]
    rows = arrests.to_dicts()
    year = dt.timedelta(days=365)
    for row, got in zip(rows, derive_features(arrests).to_dicts(), strict=True):
        day = row["arrest_date"]
        mine = sorted(other["arrest_date"] for other in rows if other["nysid"] == row["nysid"])
        before = [date for date in mine if date < day]
        nearby = [r for r in rows if r["precinct"] == row["precinct"] and day - year <= r["arrest_date"] < day]
        assert got["priors_count"] == len(before)
        assert got["days_since_last"] == ((day - before[-1]).days if before else None)
        assert got["precinct_rate"] == len(nearby) / 365
        assert got["co_arrests"] == sum(r["complaint_number"] == row["complaint_number"] for r in rows) - 1
        assert got["rearrested_within_1y"] == any(day < date <= day + year for date in mine)


def test_spellings_of_a_nysid_are_one_person_and_sentinels_nobody() -> None:
    written = ["01234567A", "1234567a", "NYSID# 01234567-A", "(null)", "(null)", "00000009", "00000009", None]
    days = pl.date_range(dt.date(2020, 1, 1), dt.date(2020, 1, 8), eager=True)
    arrests = make_city(8, seed=0, mess=0).tables["arrests"]
    arrests = arrests.with_columns(nysid=pl.Series(written), arrest_date=days)
    assert derive_features(arrests)["priors_count"].to_list() == [0, 1, 2, 0, 0, 0, 0, 0]


def test_dropping_sealed_rows_afterwards_leaves_every_derived_column_wrong(clean: City) -> None:
    arrests, sealed = clean.tables["arrests"], clean.truth.sealed_rows("arrests")
    dropped = derive_features(arrests).filter(~sealed)
    right = derive_features(arrests.filter(~sealed))
    wrong = {name for name in right.columns if not dropped[name].equals(right[name])}
    assert wrong == set(FEATURE_COLUMNS)
    assert (dropped["rearrested_within_1y"] != right["rearrested_within_1y"]).sum() > 500


def test_no_arrests_have_no_features() -> None:
    nothing = make_city(5).tables["arrests"].clear()
    assert derive_features(nothing).shape == (0, 15)


def test_an_absent_column_is_named() -> None:
    arrests = make_city(5).tables["arrests"].rename({"nysid": "NYSID"})
    with pytest.raises(ColumnError, match="did you mean 'NYSID'"):
        derive_features(arrests)
