"""A later day comes out as if it had been asked about first: what cannot have changed by then is not weighed again."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.custodian.law import Action, Event, jurisdiction
from sealscrub.custodian.law.action_answers import group_equal_charges
from sealscrub.custodian.law.charge_events import fold
from sealscrub.custodian.law.dispositions import read_map
from sealscrub.custodian.law.folded_actions import FoldedAction, RegimeResult
from sealscrub.custodian.law.person import Person
from sealscrub.custodian.law.record import Record
from sealscrub.custodian.law.residual_rules import bearing_of

from .histories import days, histories
from .places import PLACES, SAMPLES


def asked_about(law: str, rows: list[Event]) -> FoldedAction:
    place = jurisdiction(law)
    states = group_equal_charges(fold(Action(), rows, read_map(law)))
    charges = [(number, state, bearing_of(place, state["ending"])) for number, state in states.items()]
    return FoldedAction(Person(place, Action(), Record([])), charges)


def said(weighed: RegimeResult) -> object:
    """All of a day but the days that govern rules, which a decision takes from the first."""
    return weighed.truth, weighed.thresholds, {name: one._replace(rules=()) for name, one in weighed.found.items()}


def each_day_as_if_first(law: str, rows: list[Event], on: dt.date, more: list[int]) -> int:
    """Ask about all days on which something may change, and some others; say how many that were."""
    asked = asked_about(law, rows)
    weighed = asked.weigh(on)
    borders = {day for rule in jurisdiction(law).rules() for day in (rule.in_force_from, rule.in_force_to) if day}
    ahead = {day for day in weighed.thresholds | borders if day > on} | {on + dt.timedelta(days=days) for days in more}
    seen = set[dt.date]()
    while ahead:
        day = min(ahead)
        weighed = asked.later(weighed, day)
        assert said(weighed) == said(asked_about(law, rows).weigh(day)), f"on {day}"
        seen.add(day)
        ahead = (ahead | weighed.thresholds) - seen
    return len(seen)


some_days = st.lists(st.integers(1, 5000), max_size=3)


@settings(max_examples=60, deadline=None)
@given(histories, days, some_days)
def test_a_later_day_of_new_york(rows: list[Event], on: dt.date, more: list[int]) -> None:
    each_day_as_if_first("us-ny", rows, on, more)


@pytest.mark.parametrize("law", PLACES)
def test_a_later_day_of_any_place(law: str) -> None:
    """Cases of two charges that ended in each two ways that the place's tests know, on days before its newest rules."""
    samples = SAMPLES[law]
    code, severity, offense_class = samples.OFFENCE
    looked = 0
    for at, first in enumerate(samples.ENDINGS):
        second = samples.ENDINGS[(at + 1) % len(samples.ENDINGS)]
        rows = [
            Event(
                event_date=dt.date(2012 + number, 3, 31),
                text=text,
                charge=str(number),
                law_code=code,
                severity=severity,
                offense_class=offense_class,
            )
            for number, text in enumerate((first, second), 1)
        ]
        looked += each_day_as_if_first(law, rows, dt.date(2014, 6, 1), [30, 3000])

    assert looked > 2 * len(samples.ENDINGS), "days on which something may change were among them"
