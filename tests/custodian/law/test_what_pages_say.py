"""What a page says beside its answer: doubts that hold, days that do not move, nothing twice."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.custodian.law import Action, Decision, Event, changed_lines, decide
from sealscrub.custodian.law.desk import deciding_facts

from .places import PLACES

DAY = dt.date(2018, 5, 1)


def decided(on: dt.date, *events: Event, law: str = "us-ny") -> Decision:
    return decide(Action(), events, on, law=law)


def said(decision: Decision) -> str:
    assert decision.reasons is not None
    return " ".join(each.said for each in deciding_facts(decision.reasons))


@pytest.mark.parametrize("law", PLACES)
@given(after=st.integers(0, 400))
def test_waiting_for_a_disposition_gives_no_day_on_which_a_court_may_be_asked(law: str, after: int) -> None:
    begun = Event(event_date=DAY, text="MISSING")
    decision = decided(DAY + dt.timedelta(days=after), begun, law=law)

    assert (decision.eligible_from, decision.may_apply_from) == (None, None)


def test_a_doubt_that_holds_is_named() -> None:
    dismissed = Event(event_date=DAY, text="DISMISSED", severity="M")
    appealed = Event(event_date=dt.date(2018, 5, 10), event="appeal_filed", text="PEOPLE")

    on = dt.date(2026, 11, 25)
    assert "in doubt if appeal is people" in said(decided(on, dismissed, appealed))
    assert "in doubt" not in said(decided(on, dismissed))


@given(after=st.integers(185, 364))
def test_the_last_day_of_a_time_does_not_move_with_the_day_asked_about(after: int) -> None:
    adjourned = Event(event_date=DAY, text="ACD 170.55", severity="M")

    assert "its last day is 2018-11-01 or 2019-05-01" in said(decided(DAY + dt.timedelta(days=after), adjourned))


def test_a_last_day_is_one_where_the_facts_settle_it() -> None:
    adjourned = Event(event_date=DAY, text="ACD 170.55", severity="M", more=(("family_offense", True),))

    assert "its last day is 2019-05-01." in said(decided(dt.date(2018, 12, 1), adjourned))


def test_nothing_is_said_twice() -> None:
    pled = Event(event_date=DAY, text="PLED GUILTY", severity="V", law_code="PL 240.20")
    sentenced = Event(event_date=DAY, event="sentence", text="CD")
    text = said(decided(dt.date(2019, 5, 1), pled, sentenced))

    assert text.count("severity is V") == 1
    assert "As now" not in text


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\u0085", "\x0b", "\x1c", "é"])
def test_decisions_are_lines_whatever_their_cells_hold(tmp_path: Path, mark: str) -> None:
    line = {"docket": f"2014KN{mark}1", "defendant_id": "7", "arrest_number": "", "answer": "unknown"}
    for name, answer in (("old", "unknown"), ("new", "sealed")):
        text = json.dumps({**line, "answer": answer}, ensure_ascii=False)
        (tmp_path / name).write_text(f"{text}\n{text}\n", "utf-8")

    assert len(list(changed_lines(tmp_path / "old", tmp_path / "new"))) == 2
    (tmp_path / "empty").write_text("")
    assert list(changed_lines(tmp_path / "empty", tmp_path / "empty")) == []
