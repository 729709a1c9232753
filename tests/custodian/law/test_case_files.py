"""Files of dispositions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from sealscrub.custodian.law import (
    COLUMNS,
    JURISDICTIONS,
    EventKind,
    as_known,
    decide_charges,
    jurisdiction,
    read_cases,
    read_charges,
)
from sealscrub.errors import ColumnError, NoticeError, UnreadableInput, UsageError

ROWS: dict[str, list[str | None]] = {
    "docket": ["2014KN000001", "2014KN000002", "2014KN000001", None],
    "defendant_id": ["7", "7", "8", "9"],
    "arrest_number": ["K14000001", "K14000001", "K14000001", "K14000002"],
    "disposition": ["ACQUITTED", "(null)", "PLED GUILTY", "DP"],
    "event_date": ["2014-05-01", "2014-05-02", "2014-05-03", "2014-05-04"],
    "certified": ["", "N", "Y", "Y"],
    "court": ["Criminal", None, "superior", None],
    "acd_until": ["", "2014-09-01", "", ""],
    "more": ["x", "x", "x", "x"],
}


def write(path: Path, rows: dict[str, list[str | None]] | None = None) -> Path:
    frame = pl.DataFrame(rows or ROWS)
    if path.suffix == ".csv":
        frame.write_csv(path)
    elif path.suffix == ".parquet":
        frame.write_parquet(path)
    else:
        frame.write_ndjson(path)
    return path


@pytest.mark.parametrize("place", JURISDICTIONS)
def test_kinds_of_event_are_each_told_once(tmp_path: Path, place: str) -> None:
    kinds: list[str | None] = ["no such kind"] * len(ROWS["docket"])
    with pytest.raises(NoticeError) as caught:
        read_charges(write(tmp_path / "d.csv", {**ROWS, "event": kinds}), law=place)
    told = next(reason for _, column, reason in caught.value.problems if column == "event")
    names = told.removeprefix("is not one of ").split(", ")

    assert len(names) == len(set(names))
    assert set(jurisdiction(place).events) <= set(names)


@pytest.mark.parametrize("name", ["d.csv", "d.parquet", "d.jsonl"])
def test_a_row_is_an_event_of_an_instrument_and_a_defendant(tmp_path: Path, name: str) -> None:
    cases = read_cases(write(tmp_path / name))

    assert [(action.docket, action.defendant_id, len(events)) for action, events in cases] == [
        ("2014KN000001", "7", 1),
        ("2014KN000002", "7", 1),
        ("2014KN000001", "8", 1),
        ("", "9", 1),
    ]
    first, second = cases[0][1][0], cases[1][1][0]
    assert (first.event, first.text, first.said("certified"), first.court) == (
        EventKind.DISPOSITION,
        "ACQUITTED",
        None,
        "criminal",
    )
    assert (second.text, second.said("certified"), second.said("acd_until")) == ("", False, dt.date(2014, 9, 1))


def test_columns_are_renamed(tmp_path: Path) -> None:
    rows = {("THEIRS" if name == "disposition" else name): values for name, values in ROWS.items()}

    assert len(read_cases(write(tmp_path / "d.csv", rows), {"THEIRS": "disposition"})) == 4
    with pytest.raises(ColumnError):
        read_cases(write(tmp_path / "d.csv", rows))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("event_date", "2014-02-30"),
        ("event_date", ""),
        ("event_date", "2014-05-01SECRET"),
        ("acd_until", "SECRET"),
        ("certified", "SECRET"),
        ("event", "SECRET"),
    ],
)
def test_a_value_that_is_none_is_refused_by_its_row_and_never_shown(tmp_path: Path, column: str, value: str) -> None:
    before: list[str | None] = ROWS.get(column, ["", "", "", ""])[:3]
    rows = {**ROWS, column: [*before, value]}

    with pytest.raises(
        UsageError, match=rf"d\.csv: 1 of 4 rows cannot be read:\n  line 5, column {column}: is "
    ) as caught:
        read_cases(write(tmp_path / "d.csv", rows))
    assert "SECRET" not in str(caught.value)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d.parquet").write_text("SECRET")

    with pytest.raises(UnreadableInput, match=r"d\.parquet: is not a Parquet file"):
        read_cases(tmp_path / "d.parquet")


def test_only_three_columns_are_needed(tmp_path: Path) -> None:
    needed = {name: ROWS[name] for name in ("defendant_id", "disposition", "event_date")}

    assert len(read_cases(write(tmp_path / "d.csv", needed))) == 3
    assert set(needed) < set(COLUMNS)


def test_a_row_without_a_defendant_is_refused_by_its_number(tmp_path: Path) -> None:
    rows = ROWS | {"defendant_id": ["7", " ", "8", None]}

    with pytest.raises(UsageError, match="lines 3 and 5, column defendant_id: is missing") as refused:
        read_cases(write(tmp_path / "d.csv", rows))
    assert "2014KN" not in str(refused.value)


def test_a_charge_is_the_same_in_every_spelling(tmp_path: Path) -> None:
    spellings: list[str | None] = ["1", "01", "1.0", "a", "A", "0", "10"]
    common: dict[str, list[str | None]] = {
        name: [value] * len(spellings)
        for name, value in (("docket", "D"), ("defendant_id", "7"), ("disposition", "PENDING"))
    }
    days: list[str | None] = [f"2014-05-0{n}" for n in range(1, 8)]
    [(_, events)] = read_cases(write(tmp_path / "d.csv", {**common, "event_date": days, "charge": spellings}))

    assert [event.charge for event in events] == ["1", "1", "1", "A", "A", "0", "10"]


def test_a_word_for_nothing_is_no_substance(tmp_path: Path) -> None:
    rows: dict[str, list[str | None]] = {
        "docket": ["D", "E"],
        "defendant_id": ["7", "8"],
        "disposition": ["PLED GUILTY 220.03"] * 2,
        "event_date": ["2014-05-01"] * 2,
        "substance": ["Unknown", "Cocaine"],
    }

    told = [events[0].said("substance") for _, events in read_cases(write(tmp_path / "d.csv", rows))]
    assert told == [None, "cocaine"]


def test_what_was_not_yet_recorded_of_an_action_is_not_known(tmp_path: Path) -> None:
    rows: dict[str, list[str | None]] = {
        "docket": ["D", "D"],
        "defendant_id": ["7", "7"],
        "disposition": ["ACQUITTED", ""],
        "event_date": ["2018-05-01", "2018-05-02"],
        "recorded_at": ["2018-05-02", "2020-01-01"],
        "arrest_date": [None, "2018-07-01"],  # which cannot be
    }
    charges, known = read_charges(write(tmp_path / "d.csv", rows)), dt.date(2019, 1, 1)

    assert [str(d.answer) for d in decide_charges(as_known(charges, known), known, known)] == ["sealed"]
    assert [str(d.answer) for d in decide_charges(charges, dt.date(2020, 1, 1))] == ["unknown"]


@pytest.mark.parametrize(("known", "told"), [("2018-05-01", None), ("2018-05-02", "2018-04-01")])
def test_what_was_recorded_on_a_day_is_known_on_it(tmp_path: Path, known: str, told: str | None) -> None:
    rows: dict[str, list[str | None]] = {
        "docket": ["D"],
        "defendant_id": ["7"],
        "disposition": ["ACQUITTED"],
        "event_date": ["2018-05-01"],
        "recorded_at": ["2018-05-02"],
        "arrest_date": ["2018-04-01"],
    }
    charges = as_known(read_charges(write(tmp_path / "d.csv", rows)), dt.date.fromisoformat(known))

    assert charges.actions["arrest_date"].to_list() == [told and dt.date.fromisoformat(told)]
