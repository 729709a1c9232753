from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import make_notices, make_training
from sealscrub.errors import ColumnError, UsageError


def test_notices_are_each_of_another_arrest_and_the_same_for_a_seed() -> None:
    notices = make_notices(50_000, seed=4)
    assert notices["arrest_number"].n_unique() == notices["seal_id"].n_unique() == 50_000
    assert notices["arrest_number"].str.contains(r"^[MBKQS](1[4-9]|2[0-3])\d{6}$").all()
    assert (notices["effective_from"] <= notices["notified_on"]).all()
    assert notices.equals(make_notices(50_000, seed=4))
    assert not notices.equals(make_notices(50_000, seed=5))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 2**40), st.floats(0, 1))
def test_a_stretch_of_training_rows_depends_on_nothing_else(start: int, n: int, seed: int, share: float) -> None:
    notices = make_notices(200, seed=seed)
    whole = make_training(6000, seed, sealed=notices, share=share)
    assert make_training(n, seed, sealed=notices, share=share, start=start).equals(whole[start : start + n])


def test_only_the_rows_meant_to_be_sealed_are() -> None:
    notices = make_notices(30_000, seed=1)
    numbers = set(notices["arrest_number"])
    assert not numbers & set(make_training(100_000, seed=2)["arrest_no"])
    for sealed in (notices, notices["arrest_number"]):
        rows = make_training(20_000, seed=2, sealed=sealed, share=0.25)
        assert abs(rows["arrest_no"].is_in(list(numbers)).mean() - 0.25) < 0.02
        assert rows.width == 15


def test_a_row_is_of_the_year_of_its_arrest_number() -> None:
    rows = make_training(5_000, sealed=make_notices(100))
    years = rows["arrest_no"].str.slice(1, 2)
    # Leap days move the last days of a year by up to three.
    off = (rows["arrest_date"].dt.offset_by("3d").dt.to_string("%y") != years) & (
        rows["arrest_date"].dt.to_string("%y") != years
    )
    assert not off.any()


def test_what_cannot_be_made_is_refused() -> None:
    with pytest.raises(UsageError):
        make_notices(10**9)
    with pytest.raises(UsageError):
        make_training(10, start=24_000_000)
    with pytest.raises(UsageError):
        make_training(10, share=2)
    with pytest.raises(ColumnError):
        make_training(10, sealed=pl.DataFrame({"arrest_numbr": ["K14000001"]}))
