"""Data and indexes that a nullity test cannot be made with, or hardly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import ColumnError, ConfigError, UnsuitableIndex
from sealscrub.index import Index
from sealscrub.testing import NullityReport, NullityVerdict

from .conftest import ON

Checked = Callable[..., NullityReport]


def counts(arrests: pl.DataFrame) -> pl.DataFrame:
    return arrests.group_by("person").len().sort("person")


def test_data_without_the_key_column(checked: Checked) -> None:
    with pytest.raises(ColumnError, match="no column"):
        checked(counts, on={"arrest_number": "ARREST_NUMBER"})


def test_a_table_that_is_not_there(checked: Checked, arrests: pl.DataFrame) -> None:
    with pytest.raises(ConfigError, match="no table"):
        checked(counts, data={"arrests": arrests}, on={"people": ON})


def test_no_key_column(checked: Checked) -> None:
    with pytest.raises(ConfigError, match="no key column"):
        checked(counts, on=None)


def test_a_scheme_that_the_index_does_not_hold(checked: Checked) -> None:
    with pytest.raises(UnsuitableIndex):
        checked(counts, on={"opaque:jail": "arrest_no"})


@pytest.mark.parametrize(
    "options",
    [{"variants": ("shuffle",)}, {"plant": "never"}, {"sandbox": "yes"}, {"attribute": "rows"}],
    ids=lambda options: next(iter(options)),
)
def test_an_unknown_option(options: dict[str, Any], checked: Checked) -> None:
    with pytest.raises(ConfigError):
        checked(counts, **options)


def test_rows_are_aligned_by_a_key_that_comes_twice(checked: Checked) -> None:
    report = checked(lambda arrests: arrests.select("person", pl.col("age").sum().over("person")), key="person")

    assert report.verdict is NullityVerdict.INTERFERENCE
    assert "age" in report.contaminated
    assert all(difference.rows >= 0 for difference in report.differences)
    (rows,) = [difference for difference in report.differences if difference.what == "rows"]
    assert rows.rows == 2


@pytest.mark.long
def test_a_key_that_no_result_has_is_said(checked: Checked) -> None:
    report = checked(counts, key="nysid")

    assert report.verdict is NullityVerdict.INTERFERENCE
    assert any("'nysid'" in weakening for weakening in report.weakenings)


@pytest.mark.long
def test_an_index_without_entries_is_planted_in(checked: Checked) -> None:
    index = example_index({"arrest_number": []})

    report = checked(lambda arrests: counts(ss.scrub(arrests, index, on=ON)), index=index)

    assert (report.verdict, report.planted) == (NullityVerdict.PASS, True)


def test_an_expired_index_is_refused(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    from sealscrub.errors import ExpiredIndex

    index = example_index(["K14000003"])
    monkeypatch.setattr("sealscrub.index.index_lookup.the_day", lambda: dt.date.today() + dt.timedelta(days=400))

    with pytest.raises(ExpiredIndex):
        checked(counts, index=index)


@pytest.mark.long
def test_data_of_which_every_row_is_sealed(checked: Checked, arrests: pl.DataFrame, index: Index) -> None:
    both = arrests.filter(pl.col("arrest_no").is_in(["K14000003", "K14000020"]))

    nothing_left = checked(lambda arrests: counts(ss.scrub(arrests, index, on=ON)), data=both)

    assert nothing_left.verdict is NullityVerdict.INCONCLUSIVE
    assert "sealed" in nothing_left.reason


@pytest.mark.long
def test_a_leak_of_data_of_which_every_row_is_sealed(checked: Checked, arrests: pl.DataFrame) -> None:
    both = arrests.filter(pl.col("arrest_no").is_in(["K14000003", "K14000020"]))

    assert checked(counts, data=both).verdict is NullityVerdict.INTERFERENCE


def test_an_empty_table(checked: Checked, arrests: pl.DataFrame) -> None:
    assert checked(counts, data=arrests.clear()).verdict is NullityVerdict.NO_SEALED_ROWS


def test_a_sandbox_that_is_asked_for_and_not_there_is_refused(
    checked: Checked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sealscrub.validators.trial.setup.landlock_abi", lambda: 0)

    with pytest.raises(ConfigError, match="no Landlock"):
        checked(counts, sandbox=True)
