"""The order of a file's rows, and which other persons stand in it, are no matter: each action is decided by itself."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sealscrub.datasets import make_city

from .court_files import Answered, Row, all_at_once, court_files, one_by_one, written
from .histories import late_days as days
from .places import SAMPLES

NOW = dt.date(2026, 11, 25)
SLOWLY = settings(max_examples=60, deadline=None, suppress_health_check=[*HealthCheck])
BLANK = dict.fromkeys(("nysid", "charge", "severity", "law_code", "indictment", "offense_class"), "")


def row(docket: str, date: str, text: str, **facts: str) -> Row:
    named = {"docket": docket, "defendant_id": "7", "arrest_number": "K14000001"}
    return BLANK | named | {"event_date": date, "disposition": text} | facts


SUPERSEDED = [
    row("2014KN000001", "2014-05-01", "SUPERSEDED BY IND 2014KN000003"),
    row("2014KN000002", "2014-05-01", "SUPERSEDED BY IND 2014KN000004"),
    row("2014KN000003", "2015-05-01", "ACQUITTED"),
    row("2014KN000004", "2015-05-01", "PLED GUILTY", severity="F", law_code="PL 120.05"),
]
TWO_OFFENCES = [  # no rule names them, and that there are two says that one row is wrong
    row("2014KN000001", "2014-05-01", "PLED GUILTY", severity="M", law_code="PL 155.25"),
    row("2014KN000001", "2014-05-02", "PLED GUILTY", severity="M", law_code="PL 140.15"),
]
ONE_OFFENCE = [row("2014KN000002", date, "PLED GUILTY", severity="M", law_code="PL 155.25") for date in
               ("2014-05-01", "2014-05-02")]  # fmt: skip
TOLD_TWICE = [
    row("2014KN000001", "2014-05-01", "COVERED BY 2014KN000003", arrest_date="2014-01-02", indictment="IND-02/2014"),
    row("2014KN000001", "2014-05-01", "Covered by 2014KN000004", arrest_date="2014-01-01", indictment="IND-01/2014"),
    row("2014KN000003", "2014-05-01", "SUPERSEDED BY IND IND-01/2014", arrest_date="2014-01-01"),
    row("2014KN000004", "2014-05-01", "ACQUITTED", arrest_date="2014-01-01"),
]


@SLOWLY
@example(SUPERSEDED, NOW, 1, 0)
@example([*TWO_OFFENCES, *ONE_OFFENCE], NOW, 1, 0)
@example(TOLD_TWICE, NOW, 1, 0)
@given(court_files(), days, st.integers(0, 10**6), st.sampled_from([-400, 0, 0, 1, 400]))
def test_any_order_of_rows_gives_what_each_action_gives_by_itself(
    file: list[Row], as_of: dt.date, seed: int, later: int
) -> None:
    known_at = as_of + dt.timedelta(days=later)
    with written(file) as path:
        alone = one_by_one(path, as_of, known_at)
        assert all_at_once(path, as_of, known_at) == alone
    shuffled = random.Random(seed).sample(file, len(file))
    for order in (shuffled, shuffled[::-1]):
        with written(order) as path:
            assert all_at_once(path, as_of, known_at) == alone


@SLOWLY
@given(st.lists(court_files(), min_size=2, max_size=4), days, st.integers(0, 10**6))
def test_batches_of_whole_persons_give_what_the_whole_file_gives(
    files: list[list[Row]], as_of: dt.date, seed: int
) -> None:
    """People of different batches have names of their own; dockets may be the same."""
    batches = [[_of_batch(each, at) for each in file] for at, file in enumerate(files)]
    every = [each for batch in batches for each in batch]
    random.Random(seed).shuffle(every)
    apart = Counter[Answered]()
    for batch in batches:
        with written(batch) as path:
            apart += all_at_once(path, as_of)

    with written(every) as path:
        assert all_at_once(path, as_of) == apart


FILES: dict[str, st.SearchStrategy[list[Row]]] = {
    law: files for law, place in SAMPLES.items() if (files := place.files()) is not None
}


@settings(max_examples=15, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data(), seed=st.integers(0, 10**6))
@pytest.mark.parametrize("law", FILES)
def test_any_order_of_rows_gives_the_same_in_every_place(law: str, data: st.DataObject, seed: int) -> None:
    """Each place's own test says that these are what each action gives by itself."""
    draw = random.Random(seed)
    file = data.draw(FILES[law])
    file = [*file, *draw.choices(file, k=3)]  # rows that are given twice
    as_of = data.draw(st.sampled_from([dt.date(2019, 7, 1), dt.date(2024, 6, 11), NOW, dt.date(2026, 12, 1)]))
    with written(file) as path:
        expected = all_at_once(path, as_of, law=law)
    for _ in range(2):
        with written(draw.sample(file, len(file))) as path:
            assert all_at_once(path, as_of, law=law) == expected


def _of_batch(each: Row, at: int) -> Row:
    return each | {"defendant_id": f"{each['defendant_id']}-{at}", "nysid": f"{at + 1}{each['nysid'][1:]}"}


def answers(rows: pl.DataFrame, folder: Path) -> Counter[Answered]:
    path = folder / "dispositions.parquet"
    rows.write_parquet(path)
    return all_at_once(path, NOW)


@cache
def city(people: int) -> tuple[pl.DataFrame, Counter[Answered]]:
    """Rows of a city, and the answers to them in their own order."""
    rows = make_city(people).dispositions()
    with TemporaryDirectory() as folder:
        found = answers(rows, Path(folder))
    assert found.total() > people
    return rows, found


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 100))])
def test_a_city_is_decided_alike_however_its_rows_are_shuffled(seed: int, tmp_path: Path) -> None:
    rows, expected = city(20_000 if seed else 4_000)
    assert answers(rows.sample(fraction=1.0, shuffle=True, seed=seed), tmp_path) == expected
