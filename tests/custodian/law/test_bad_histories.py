"""Histories that cannot be, or hardly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sealscrub.custodian.law import COLUMNS, Action, decide, decide_all, read_cases
from sealscrub.errors import UsageError

from .asking import answers, ask, case, convicted, day, row

NOT, YES, UNKNOWN = "not_sealed", "sealed", "unknown"
CRIME = {"severity": "M", "law_code": "PL 120.00"}


@pytest.mark.parametrize(
    "days",
    [
        {"arrest_date": day("2018-05-02")},
        {"crime_date": day("2018-05-02")},
        {"arrest_date": day("2018-04-01"), "crime_date": day("2018-04-02")},
    ],
)
def test_what_cannot_have_happened_is_no_answer(days: dict[str, Any]) -> None:
    decision = decide(Action(docket="D", **days), [row("2018-05-01", "ACQUITTED")], day("2019-01-01"))

    assert str(decision.answer) == UNKNOWN
    assert ("us-ny/doubt/ambiguous", "1") in decision.rules
    assert decision.reasons is not None
    assert "an event before the arrest" in "\n".join(decision.reasons.lines())


def test_a_county_that_nobody_knows_is_no_matter() -> None:
    assert answers("2019-01-01", case("2018ZZ000001", row("2018-05-01", "ACQUITTED"))) == [YES]


def test_instruments_that_refer_to_one_another_in_a_circle_tell_nothing() -> None:
    one_arrest = {"arrest_number": "K", "arrest_date": day("2018-01-01")}
    covered = [
        case("A", row("2018-05-01", "COVERED BY 2018KN000002"), **one_arrest),
        case("2018KN000002", row("2018-05-01", "COVERED BY 2018KN000001"), **one_arrest),
    ]
    superseded = [
        case("2018KN000001", row("2018-05-01", "SUPERSEDED BY IND 2018KN000002"), **one_arrest),
        case("2018KN000002", row("2018-05-01", "SUPERSEDED BY IND 2018KN000001"), **one_arrest),
    ]

    assert answers("2019-01-01", *covered) == [UNKNOWN, UNKNOWN]
    assert answers("2019-01-01", *superseded) == [UNKNOWN, UNKNOWN]
    itself = case("2018KN000001", row("2018-05-01", "COVERED BY 2018KN000001"))
    assert answers("2019-01-01", itself) == [UNKNOWN]


def test_many_instruments_that_supersede_one_another_are_decided_all_the_same() -> None:
    cases = [
        case(
            f"D{n}",
            row("2018-05-01", "SUPERSEDED"),
            arrest_number="K",
            indictment=f"I{n}",
            arrest_date=day("2018-01-01"),
        )
        for n in range(12)
    ]

    assert set(answers("2019-01-01", *cases)) == {UNKNOWN}


def test_ten_thousand_charges_on_one_docket() -> None:
    rows = [row("2018-05-01", "ACQUITTED", charge=str(n)) for n in range(10_000)]
    last = row("2018-06-01", "PLED GUILTY", charge="9999", **CRIME)

    assert str(decide(Action(docket="D"), rows, day("2019-01-01"), explain=False).answer) == YES
    assert str(decide(Action(docket="D"), [*rows[:-1], last], day("2019-01-01"), explain=False).answer) == NOT


def test_many_rows_of_one_day_without_numbers_of_charges() -> None:
    same = [row("2018-05-01", "DISMISSED", law_code=f"PL 120.{n:02}") for n in range(10, 90)]

    assert str(ask("2019-01-01", *same).answer) == YES
    assert str(ask("2019-01-01", *same, row("2018-05-01", "PLED GUILTY", **CRIME)).answer) == UNKNOWN


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    pl.DataFrame(rows).write_csv(path)
    return path


def test_a_docket_in_two_arrests_makes_them_one(tmp_path: Path) -> None:
    common = {"docket": "D1", "defendant_id": "7", "event_date": "2018-05-01"}
    rows = [
        {**common, "arrest_number": "K2", "disposition": "PENDING"},
        {**common, "arrest_number": "K1", "disposition": "ACQUITTED"},
        {**common, "docket": "D2", "arrest_number": "K1", "disposition": "ACQUITTED"},
    ]
    for n, order in enumerate((rows, rows[::-1])):
        [one, other] = [action for action, _ in read_cases(write(tmp_path / f"{n}.csv", order))]
        assert one.arrests() & other.arrests()


def test_a_day_that_does_not_exist_is_refused_by_its_row(tmp_path: Path) -> None:
    row_of_it = {"docket": "D1", "defendant_id": "7", "disposition": "ACQUITTED", "event_date": "2018-05-01"}
    for column in ("arrest_date", "crime_date", "birth_date", "recorded_at"):
        with pytest.raises(UsageError, match=f"line 2, column {column}: is not a date"):
            read_cases(write(tmp_path / "d.csv", [{**row_of_it, column: "2018-02-30"}]))


def test_every_optional_column_may_be_missing(tmp_path: Path) -> None:
    texts = [
        "DISMISSED",
        "ACQUITTED",
        "PLED GUILTY",
        "ACD",
        "",
        "COVERED BY 2014KN012346",
        "PLED TO DISCON 240.20",
        "ROR",
    ]
    rows = [{"defendant_id": str(n), "disposition": t, "event_date": "2018-05-01"} for n, t in enumerate(texts)]
    given = {
        str(decision.answer) for decision in decide_all(read_cases(write(tmp_path / "d.csv", rows)), day("2022-01-03"))
    }

    assert given == {YES, UNKNOWN}
    assert set(rows[0]) < set(COLUMNS)


def test_an_event_of_the_whole_docket_bears_on_each_charge() -> None:
    counts = [*convicted("2018-05-01", "2018-05-01", "1", **CRIME), row("2018-05-01", "ACQUITTED", charge="2")]

    assert str(ask("2020-01-01", *counts, row("2019-01-01", "DISMISSED", "vacated")).answer) == YES
