"""Marks of rows: the same rows are known again whatever columns or rows are left out, and by the key alone."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from sealscrub.datasets import make_named_arrests
from sealscrub.errors import UsageError
from sealscrub.extracts import extract, open_extract, row_marks, share_marked
from sealscrub.identifiers import generate_keys, load_annex, load_recipient

KEY = bytes(range(32))


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return make_named_arrests(6_000, seed=3).rows.filter(pl.col("id").is_first_distinct())


@pytest.mark.parametrize(
    ("others", "share"),
    [
        (lambda rows: rows, 1.0),
        (lambda rows: rows.drop("birth_date", "first_name"), 1.0),
        (lambda rows: rows.select("id", "arrest_date"), 1.0),
        (lambda rows: rows[::-1][: len(rows) // 2], 1.0),
        (lambda rows: pl.concat([rows[:1_000], rows.with_columns(pl.col("id") + "x")]), 1_000 / 7_000),
        (lambda rows: rows.with_columns(pl.col("id") + "x"), 0.0),
        (lambda rows: rows[:0], 0.0),
        (lambda rows: rows.select("id", "sex"), 0.0),
    ],
)
def test_the_share_of_rows_that_were_marked(
    others: Callable[[pl.DataFrame], pl.DataFrame], share: float, rows: pl.DataFrame
) -> None:
    assert share_marked(others(rows), row_marks(rows, KEY), KEY) == pytest.approx(share, abs=0.05)


def test_marks_are_a_sample_of_keyed_digests(rows: pl.DataFrame) -> None:
    marks = row_marks(rows, KEY)
    assert {len(each) for each in marks.values()} <= set(range(1, 2_049))
    assert marks == row_marks(rows[::-1], KEY)
    assert share_marked(rows, marks, bytes(32)) == 0.0


def test_a_mark_that_is_damaged_is_refused(rows: pl.DataFrame) -> None:
    for mark in ("Zebedee", "f" * 17):
        with pytest.raises(UsageError) as refused:
            share_marked(rows, {"last_name": (mark,)}, KEY)
        assert mark not in str(refused.value)


def test_the_key_by_which_rows_are_marked_stays_out_of_pickles_and_representations(
    rows: pl.DataFrame, tmp_path: Path
) -> None:
    *_, annex, _, public = generate_keys(tmp_path / "seal.key")
    extract(rows, row_id="id", fields={"last_name": "last_name"}).write(tmp_path / "x.linkin", load_recipient(public))
    opened = open_extract(tmp_path / "x.linkin", load_annex(annex))
    assert len(opened.marking_key) == 32
    assert opened.marking_key not in pickle.dumps(opened)
    assert repr(opened.marking_key) not in repr(opened)
