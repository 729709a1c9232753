"""The engine against a slow reading of CPL 160.50."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealscrub.custodian.law import Decision, Event, EventKind

from .asking import ask, event_of
from .reference_160_50 import Count, sealed

TEXTS = {
    "DISMISSED": "DISMISSED",
    "TOD": "TRIAL ORDER OF DISMISSAL",
    "VERDICT SET ASIDE": "VERDICT SET ASIDE",
    "VACATED AND DISMISSED": "VACATED 440.10 AND DISMISSED",
    "HABEAS": "DISCHARGED - HABEAS",
    "ACQUITTED": "NOT GUILTY",
    "NO TRUE BILL": "NO TRUE BILL",
    "REVERSED AND DISMISSED": "REVERSED AND DISMISSED",
    "DISMISSED 215.40": "DISMISSED 215.40",
    "ACD DISMISSED": "ACD - DISMISSED",
    "DECLINED": "DP",
    "VOIDED": "VOIDED ARREST",
    "COVERED": "DISMISSED - COVERED BY 2014KN012346",
    "STET": "STET",
    "LEAVE": "DISM W/LEAVE",
    "CRIME": "PLED GUILTY PL 120.05",
    "PENDING": "PENDING",
    **{f"ACD {number}": f"ACD {number}" for number in ("170.55", "170.56", "210.46", "210.47", "215.40")},
}
APPEALABLE = ("DISMISSED", "TOD", "VERDICT SET ASIDE", "VACATED AND DISMISSED", "HABEAS")
BEGINNINGS = [dt.date(2018, 1, 1), dt.date(2015, 8, 15), dt.date(1991, 10, 15), dt.date(2020, 2, 20)]


@st.composite
def counts(draw: st.DrawFn, begin: dt.date) -> Count:
    def after(day: dt.date, most: int) -> dt.date:
        return day + dt.timedelta(days=draw(st.integers(1, most)))

    how, on = draw(st.sampled_from([*TEXTS, "DISMISSED", "ACD 170.55"])), after(begin, 60)
    flag = st.sampled_from([None, True, False])
    given: dict[str, Any] = {"family": draw(flag)} if how.startswith(("ACD 1", "ACD 210")) else {}
    if how in ("DECLINED", "VOIDED"):
        given = {"certified": draw(flag), "prints": draw(flag)}
    if how.startswith("ACD ") and how != "ACD DISMISSED":
        term = after(on, 500) if draw(st.booleans()) else None
        restored = after(on, 420) if draw(st.booleans()) else None
        return Count(how, on, term=term, restored=restored, **given)
    if how in APPEALABLE:
        appeal = after(on, 29) if draw(st.booleans()) else None
        decided = after(appeal, 300) if appeal and draw(st.booleans()) else None
        served = after(on, 25) if draw(st.booleans()) else None
        return Count(how, on, served=served, appeal=appeal, decided=decided, lost=draw(st.booleans()))
    return Count(how, on, **given)


def rows(number: str, count: Count) -> list[Event]:
    facts: dict[str, Any] = {"severity": "F", "law_code": "PL 120.05"} if count.how == "CRIME" else {}
    found = [
        event_of(
            event_date=count.on,
            text=TEXTS[count.how],
            charge=number,
            family_offense=count.family,
            certified=count.certified,
            prints_sent=count.prints,
            acd_until=count.term,
            served_on=count.served,
            **facts,
        )
    ]
    if count.restored:
        found.append(Event(event_date=count.restored, event=EventKind.RESTORED, charge=number))
    if count.appeal:
        found.append(Event(event_date=count.appeal, event=EventKind.APPEAL_FILED, text="PEOPLE", charge=number))
    if count.decided:
        text = "AFFIRMED" if count.lost else "REVERSED"
        found.append(Event(event_date=count.decided, event=EventKind.APPEAL_DECIDED, text=text, charge=number))
    return found


def engine(decision: Decision) -> str:
    """What the engine says about 160.50 alone."""
    if "us-ny/cpl-160.50" not in decision.regimes:
        return "no"
    return "yes" if decision.answer == "sealed" else "unknown"


@pytest.mark.search
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), begin=st.sampled_from(BEGINNINGS))
def test_the_engine_reads_160_50_as_the_reference_does(data: st.DataObject, begin: dt.date) -> None:
    charged = data.draw(st.lists(counts(begin), min_size=1, max_size=3))
    last = max(count.on for count in charged)
    order = data.draw(st.none() | st.integers(1, 500).map(lambda n: last + dt.timedelta(days=n)))
    # An order is about the ending that stands: one that falls later takes it along.
    if order and any(c.restored or c.decided for c in charged):
        order = None
    events = [event for number, count in enumerate(charged, 1) for event in rows(str(number), count)]
    if order:
        events.append(Event(event_date=order, event=EventKind.NO_SEAL_ORDER))
    on = last + dt.timedelta(days=data.draw(st.integers(0, 700)))

    assert engine(ask(on, *events)) == sealed(charged, order, on)


@pytest.mark.search
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), begin=st.sampled_from(BEGINNINGS))
def test_they_agree_on_the_days_on_which_the_answer_changes(data: st.DataObject, begin: dt.date) -> None:
    count = data.draw(counts(begin))
    events = rows("1", count)
    change = ask(count.on, *events).next_change
    for on in [] if change is None else [change + dt.timedelta(days=around) for around in (-1, 0, 1)]:
        assert engine(ask(on, *events)) == sealed([count], None, on)
