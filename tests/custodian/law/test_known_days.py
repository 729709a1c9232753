"""What was recorded, or happened, on the very day that is asked about counts; what is a day later does not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from sealscrub.custodian.law import Action, Event, decide, decide_arrest, decide_charges, explain, read_charges

RECORDED = dt.date(2020, 3, 10)
HAPPENED = dt.date(2020, 3, 1)
AS_OF = dt.date(2026, 11, 25)
EVENTS = [
    Event(event_date=dt.date(2019, 1, 1), text="PENDING"),
    Event(event_date=HAPPENED, text="ACQUITTED", recorded_at=RECORDED),
]
DAYS = [(dt.timedelta(days=-1), "not_sealed"), (dt.timedelta(0), "sealed"), (dt.timedelta(days=1), "sealed")]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "d.csv"
    rows = [f"2019KN000001,7,{e.text},{e.event_date},{e.recorded_at or '2019-01-01'}" for e in EVENTS]
    path.write_text("\n".join(["docket,defendant_id,disposition,event_date,recorded_at", *rows]) + "\n")
    return path


@pytest.mark.parametrize(("apart", "answer"), DAYS)
def test_what_is_recorded_on_the_day_is_known_then(apart: dt.timedelta, answer: str, file: Path) -> None:
    known = RECORDED + apart
    charges = read_charges(file)

    assert str(decide(Action(), EVENTS, AS_OF, known).answer) == answer
    assert str(decide_arrest([(Action(), EVENTS)], AS_OF, known).answer) == answer
    assert [str(each.answer) for each in decide_charges(charges, AS_OF, known)] == [answer]
    said = explain(file, docket="2019KN000001", as_of=AS_OF, known_at=known).text().splitlines()[0]
    assert said.startswith("The action is sealed") == (answer == "sealed")


@pytest.mark.parametrize(("apart", "answer"), DAYS)
def test_what_happens_on_the_day_counts_then(apart: dt.timedelta, answer: str, file: Path) -> None:
    on = HAPPENED + apart

    assert str(decide(Action(), EVENTS, on, RECORDED).answer) == answer
    assert [str(each.answer) for each in decide_charges(read_charges(file), on, RECORDED)] == [answer]


@pytest.mark.parametrize(("apart", "restarts"), [(dt.timedelta(days=-1), False), (dt.timedelta(0), True)])
def test_a_persons_other_action_is_known_from_the_day_it_is_recorded(apart: dt.timedelta, restarts: bool) -> None:
    """A later conviction begins the clock of an earlier one again."""
    recorded = dt.date(2023, 3, 10)
    plea = Event(event_date=dt.date(2022, 1, 31), text="PG 120.00 - TIME SERVED", severity="M")
    later = Event(event_date=dt.date(2023, 1, 31), text="PG 120.00 - TIME SERVED", severity="M", recorded_at=recorded)
    alone = decide(Action(), [plea], AS_OF, recorded).eligible_from
    found = decide(Action(), [plea], AS_OF, recorded + apart, linked=[(Action(docket="2"), [later])])

    assert (found.eligible_from != alone) == restarts
