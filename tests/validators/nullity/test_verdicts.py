"""Every verdict is reached, and says what it means."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.index import Index
from sealscrub.testing import NullityReport, NullityVerdict, assert_nullity

from .conftest import ON

Checked = Callable[..., NullityReport]


def counts(arrests: pl.DataFrame) -> pl.DataFrame:
    return arrests.group_by("person").len().sort("person")


def test_pass(checked: Checked, index: Index) -> None:
    report = checked(lambda arrests: counts(ss.scrub(arrests, index, on=ON)), variants=("permute",))

    assert report.verdict is NullityVerdict.PASS
    assert (report.passed, report.exit_code, report.contaminated) == (True, 0, [])
    assert (report.runs, report.variants, report.sealed_rows, report.planted) == (5, 1, 2, False)


def test_interference_names_the_column_and_the_rows(checked: Checked) -> None:
    report = checked(counts)

    assert report.verdict is NullityVerdict.INTERFERENCE
    assert report.contaminated == ["len"]
    (difference,) = report.differences
    assert (difference.rows, difference.of, difference.largest, difference.sign) == (2, 7, 1.0, 1)
    assert difference.first == (2, 5)  # the people of the two sealed arrests
    assert report.exit_code == 1
    assert "counted over events" in report.to_text()


def test_assert_nullity_fails_with_the_report(arrests: pl.DataFrame, index: Index) -> None:
    with pytest.raises(AssertionError, match="nullity of counts: INTERFERENCE") as failed:
        assert_nullity(counts, arrests, index, on=ON, variants=())

    assert "What to do: Scrub at the source" in str(failed.value)


def test_vacuous(checked: Checked) -> None:
    report = checked(lambda arrests: pl.DataFrame({"rate": [0.25]}))

    assert report.verdict is NullityVerdict.VACUOUS
    assert report.exit_code == 3


def test_nondeterministic(checked: Checked, index: Index) -> None:
    def drawn(arrests: pl.DataFrame) -> list[int]:
        return [ss.scrub(arrests, index, on=ON).height, int.from_bytes(os.urandom(6))]

    report = checked(drawn)

    assert report.verdict is NullityVerdict.NONDETERMINISTIC
    assert report.exit_code == 3


@pytest.mark.parametrize("folder", ["near", "a" * 100])
def test_ambient_input_is_named_by_its_path(checked: Checked, index: Index, tmp_path: Path, folder: str) -> None:
    store = tmp_path / folder / "store.parquet"  # polars' error has the end of a long path
    store.parent.mkdir()
    pl.DataFrame({"person": [0, 1, 2], "priors": [3, 1, 2]}).write_parquet(store)

    def joined(arrests: pl.DataFrame) -> pl.DataFrame:
        return ss.scrub(arrests, index, on=ON).join(pl.read_parquet(store), on="person").sort("arrest_no")

    report = checked(joined)

    assert report.verdict is NullityVerdict.AMBIENT_INPUT
    assert report.exit_code == 1
    assert str(store)[-20:] in report.to_text()
    assert "store.parquet" not in report.to_junit()


@pytest.mark.long
def test_an_input_that_is_declared_may_be_read(checked: Checked, index: Index, tmp_path: Path) -> None:
    store = tmp_path / "store.parquet"
    pl.DataFrame({"person": [0, 1, 2], "priors": [3, 1, 2]}).write_parquet(store)

    def joined(arrests: pl.DataFrame) -> pl.DataFrame:
        return ss.scrub(arrests, index, on=ON).join(pl.read_parquet(store), on="person").sort("arrest_no")

    assert checked(joined, inputs=[store]).verdict is NullityVerdict.PASS


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems' Python reads no attributes of files")
def test_an_attribute_of_a_file_is_an_ambient_input(checked: Checked, index: Index, tmp_path: Path) -> None:
    os.setxattr(tmp_path, "user.bonus", b"7")

    def added(arrests: pl.DataFrame) -> int:
        return ss.scrub(arrests, index, on=ON).height + int(os.getxattr(tmp_path, "user.bonus"))

    report = checked(added)

    assert (report.verdict, report.denied) == (NullityVerdict.AMBIENT_INPUT, (str(tmp_path),))


def test_attributes_of_files_are_not_missed_where_files_are_copied(checked: Checked, index: Index) -> None:
    def copied(arrests: pl.DataFrame) -> str:
        clean = ss.scrub(arrests, index, on=ON)
        clean.write_csv(Path(tempfile.gettempdir(), "one.csv"))
        return Path(
            shutil.copy2(Path(tempfile.gettempdir(), "one.csv"), tempfile.gettempdir() + "/two.csv")
        ).read_text()

    assert checked(copied).passed


@pytest.mark.long
def test_an_ambient_input_that_is_swallowed_shows_all_the_same(checked: Checked, index: Index, tmp_path: Path) -> None:
    store = tmp_path / "bonus"
    store.write_text("7")

    def quiet(arrests: pl.DataFrame) -> int:
        try:
            bonus = int(store.read_text())
        except OSError:
            bonus = 0
        return ss.scrub(arrests, index, on=ON).height + bonus

    assert checked(quiet).verdict is NullityVerdict.AMBIENT_INPUT


def test_no_sealed_rows(checked: Checked, arrests: pl.DataFrame) -> None:
    clean = arrests.filter(~pl.col("arrest_no").is_in(["K14000003", "K14000020"]))

    never_asks = checked(counts, data=clean)
    not_planted = checked(counts, data=clean, plant=False)

    assert never_asks.verdict is not_planted.verdict is NullityVerdict.NO_SEALED_ROWS
    assert "never asked sealscrub" in never_asks.reason
    assert not_planted.runs == 0
    assert not_planted.exit_code == 3


def test_planted_records_test_clean_data(checked: Checked, arrests: pl.DataFrame, index: Index) -> None:
    clean = arrests.filter(~pl.col("arrest_no").is_in(["K14000003", "K14000020"]))

    def counted_before(arrests: pl.DataFrame) -> pl.DataFrame:
        return ss.scrub(arrests.with_columns(priors=pl.len().over("person")), index, on=ON)

    leak = checked(counted_before, data=clean)  # what does not leak passes: test_an_index_without_entries_is_planted_in

    assert (leak.verdict, leak.contaminated, leak.planted) == (NullityVerdict.INTERFERENCE, ["priors"], True)


def test_inconclusive_when_time_is_over(checked: Checked) -> None:
    def endless(arrests: pl.DataFrame) -> None:
        while True:
            pass

    report = checked(endless, budget_s=2)

    assert report.verdict is NullityVerdict.INCONCLUSIVE
    assert "did not end" in report.reason
    assert report.exit_code == 3
