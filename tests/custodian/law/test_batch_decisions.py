"""Many actions at once come out as each by itself."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.custodian.law import Action, ChargeRows, Event, decide, decide_charges

from .asking import event_of, facts_of
from .histories import crowded, days, event, histories

ROW_DAYS = ("event_date", "recorded_at", "acd_until", "served_on", "notified_on")
Case = tuple[Action, list[Event], int]


def charge_rows(cases: Iterable[Case]) -> ChargeRows:
    """What reading gives for a file of these cases; the last item is its arrest: a person has 0 and 1, or 2 and 3."""
    cases = list(cases)
    types: dict[str, Any] = {f.name: pl.String for f in fields(Event) if f.name != "more"} | dict.fromkeys(
        ROW_DAYS, pl.Date
    )
    types["substance"] = pl.String
    types |= dict.fromkeys(("family_offense", "prints_sent", "certified", "youthful_offender"), pl.Boolean)
    rows = [
        {name: facts_of(each).get(name) for name in types} | {"action": at, "event": str(each.event)}
        for at, (_, events, _) in enumerate(cases)
        for each in events
    ]
    frame = pl.DataFrame(rows, schema={**types, "action": pl.UInt32}).rename({"text": "disposition"})
    actions = pl.DataFrame(
        [
            {f.name: getattr(action, f.name) or None for f in fields(Action)}
            | {"action": at, "arrest": arrest, "person": arrest // 2}
            for at, (action, _, arrest) in enumerate(cases)
        ],
        schema={f.name: pl.Date if f.name.endswith("_date") else pl.String for f in fields(Action)}
        | {"action": pl.UInt32, "arrest": pl.UInt32, "person": pl.UInt32},
    )
    return ChargeRows(frame.with_row_index("row", 1), actions)


def one_by_one(cases: list[Case], as_of: dt.date, known_at: dt.date | None = None, law: str = "us-ny") -> list[Any]:
    cases = [
        (replace(action, person=str(number // 2), arrest=str(number)), events, number // 2)
        for action, events, number in cases
    ]
    found = []
    for at, (action, events, person) in enumerate(cases):
        linked = [(a, e) for place, (a, e, other) in enumerate(cases) if other == person and place != at]
        found.append(decide(action, events, as_of, known_at, linked=linked, law=law, explain=False))
    return found


def shifted(events: list[Event], by: int) -> list[Event]:
    span = dt.timedelta(days=by)
    return [
        event_of(
            **{
                name: value + span if name in ROW_DAYS and value is not None else value
                for name, value in facts_of(each).items()
            }
        )
        for each in events
    ]


@st.composite
def files(draw: st.DrawFn) -> list[Case]:
    """Histories that come several times, on other days, some of them in one arrest."""
    cases: list[Case] = []
    for history in draw(st.lists(histories, min_size=1, max_size=3)):
        for by in draw(st.lists(st.integers(-900, 900), min_size=1, max_size=4)):
            events = shifted(history, by)
            begun = draw(st.none() | st.just(min(each.event_date for each in events) - dt.timedelta(days=30)))
            cases.append((Action(arrest_date=begun), events, draw(st.integers(0, 4))))
    return cases


@settings(max_examples=25, deadline=None)
@given(files(), days, st.integers(-400, 400))
def test_many_come_out_as_each_by_itself(cases: list[Case], as_of: dt.date, later: int) -> None:
    known_at = as_of + dt.timedelta(days=later)

    assert list(decide_charges(charge_rows(cases), as_of, known_at)) == one_by_one(cases, as_of, known_at)


@settings(max_examples=10, deadline=None)
@given(files(), days)
def test_a_place_whose_unit_is_the_arrest(cases: list[Case], as_of: dt.date) -> None:
    law = "us-ca-demonstration"

    assert list(decide_charges(charge_rows(cases), as_of, law=law)) == one_by_one(cases, as_of, law=law)


def test_the_order_of_rows_and_of_persons_does_not_matter() -> None:
    """Persons are looked at together, wherever their actions stand in the file."""
    pleas = [
        [Event(event_date=dt.date(2018 + at, 1, 31), text="PLED GUILTY", severity="M", law_code="PL 120.00")]
        for at in range(6)
    ]
    cases: list[Case] = [(Action(), plea, 2 * (at % 3)) for at, plea in enumerate(pleas)]
    as_of = dt.date(2026, 11, 25)

    assert list(decide_charges(charge_rows(cases), as_of)) == one_by_one(cases, as_of)
    backwards = list(decide_charges(charge_rows(cases[::-1]), as_of))
    assert backwards[::-1] == one_by_one(cases, as_of)
    assert len({decision.eligible_from for decision in backwards}) == 3, "a later conviction begins the clock again"


@settings(max_examples=60, deadline=None)
@given(st.lists(crowded, min_size=1, max_size=3), days, st.integers(0, 10**6))
def test_rows_of_one_day_in_any_order(several: list[list[Event]], as_of: dt.date, seed: int) -> None:
    """Where their order is not given, what a charge comes to does not depend on that of the file, or of their texts."""
    cases: list[Case] = [(Action(), [*history, *history[:2]], at) for at, history in enumerate(several)]
    order = random.Random(seed)
    shuffled = [(action, order.sample(events, len(events)), at) for action, events, at in cases]

    assert list(decide_charges(charge_rows(shuffled), as_of)) == one_by_one(cases, as_of)


@pytest.mark.long
@settings(max_examples=250, deadline=None)
@given(files(), days)
def test_many_come_out_as_each_by_itself_for_long(cases: list[Case], as_of: dt.date) -> None:
    assert list(decide_charges(charge_rows(cases), as_of)) == one_by_one(cases, as_of)


@settings(max_examples=10, deadline=None)
@given(event(), st.lists(st.integers(-4000, 4000), min_size=20, max_size=40))
def test_one_history_on_many_days(each: Event, shifts: list[int]) -> None:
    """Rules change between the days, and clocks have run for some."""
    cases: list[Case] = [(Action(), shifted([each], by), at) for at, by in enumerate(shifts)]

    assert list(decide_charges(charge_rows(cases), dt.date(2026, 11, 25))) == one_by_one(cases, dt.date(2026, 11, 25))
