"""The engine against a slow reading of 160.55, 160.57, 160.58 and 720.35, on records drawn at random."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealscrub.custodian.law import Event, EventKind

from .asking import ask_of, case
from .reference_records import Matter, record

SECTIONS = {"F": "PL 140.20", "M": "PL 120.00", "V": "PL 240.20"}
BEGIN = dt.date(2015, 2, 10)
TEXTS = {"guilty": "PLED GUILTY", "youth": "YO ADJUDICATED", "acquitted": "ACQUITTED", "pending": "PENDING"}


@st.composite
def matters(draw: st.DrawFn, *, first: bool = False) -> Matter:
    def after(day: dt.date, most: int) -> dt.date:
        return day + dt.timedelta(days=draw(st.integers(1, most)))

    def maybe(day: dt.date | None, most: int) -> dt.date | None:
        return after(day, most) if day is not None and draw(st.booleans()) else None

    opened = after(BEGIN, 400 if first else 3200)
    how = draw(st.sampled_from(["guilty"] * 5 + ["youth"] if first else ["guilty", "guilty", "acquitted", "pending"]))
    over = after(opened, 300)
    grade = draw(st.sampled_from(["F", "M", "M", "V"] if first or draw(st.booleans()) else ["F", "M", "V", None]))
    if how != "guilty":
        return Matter(opened, how, grade, over)
    sentenced = over if draw(st.booleans()) else maybe(over, 120)
    prison = maybe(sentenced, 900) if grade != "V" else None
    back = maybe(prison, 500)
    again = maybe(back, 500)
    watched: tuple[dt.date, dt.date | None] | None = None
    if sentenced and grade != "V" and draw(st.integers(0, 3)) == 0:
        begun = after(sentenced, 30)
        watched = (begun, maybe(begun, 1500))
    notice = None
    if first and sentenced and grade != "V" and draw(st.booleans()):
        notice = (draw(st.sampled_from(["160.57", "160.58"])), after(sentenced, 3500))
    return Matter(opened, how, grade, over, sentenced, prison, back, again, watched, notice)


def rows(matter: Matter) -> list[Event]:
    facts: dict[str, Any] = {"severity": matter.grade, "law_code": SECTIONS.get(matter.grade or "")}
    found = [Event(event_date=matter.opened, text="PENDING", **facts)]
    if matter.how != "pending":
        found.append(Event(event_date=matter.over, text=TEXTS[matter.how], **facts))
    watched = matter.watched or (None, None)
    for day, kind in (
        (matter.sentenced, EventKind.SENTENCE),
        (matter.left_prison, EventKind.RELEASE),
        (matter.back, EventKind.REINCARCERATED),
        (matter.left_again, EventKind.RELEASE),
        (watched[0], EventKind.SUPERVISION_START),
        (watched[1], EventKind.SUPERVISION_END),
    ):
        if day is not None:
            found.append(Event(event_date=day, event=kind))
    if matter.notice:
        found.append(Event(event_date=matter.notice[1], event=EventKind.SEAL_ORDER, text=matter.notice[0]))
    return found


def compare(data: st.DataObject) -> None:
    own = data.draw(matters(first=True))
    others = data.draw(st.lists(matters(), max_size=3))
    cases = [case(str(n), *rows(each), arrest_date=each.opened) for n, each in enumerate((own, *others))]
    borders = [own.over, *(change for change, _ in ask_of(cases[0], own.over, *cases).changes)]
    near = st.sampled_from(borders).flatmap(lambda day: st.integers(-1, 1).map(lambda n: day + dt.timedelta(days=n)))
    anywhere = st.integers(0, 5500).map(lambda n: BEGIN + dt.timedelta(days=n))
    today = max(own.opened, data.draw(near | anywhere))

    assert str(ask_of(cases[0], today, *cases).answer) == record(own, others, today)


@settings(max_examples=120, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_the_engine_reads_a_record_as_the_reference_does(data: st.DataObject) -> None:
    compare(data)


@pytest.mark.long
@settings(max_examples=2000, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_the_engine_reads_many_records_as_the_reference_does(data: st.DataObject) -> None:
    compare(data)
