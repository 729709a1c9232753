"""Endings of which nothing can be said are not known in any place, unless it says otherwise."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from sealscrub.custodian.law import JURISDICTIONS, Action, Event, decide, jurisdiction
from sealscrub.custodian.law.rules import Jurisdiction

from .places import SAMPLES

ON = dt.date(2026, 11, 25)


def ended(law: str, text: str = "") -> Event:
    """A felony, convicted if no text says otherwise."""
    place = SAMPLES[law]
    code, severity, grade = place.FELONY
    return Event(
        event_date=dt.date(2022, 1, 10),
        text=text or place.ENDINGS[0],
        law_code=code,
        severity=severity,
        offense_class=grade,
    )


def without_doubts(law: str) -> Jurisdiction:
    return replace(jurisdiction(law), doubts=())


@pytest.mark.parametrize("law", SAMPLES)
def test_what_followed_a_vacated_judgment_is_not_known_until_a_row_says_so(law: str) -> None:
    order = Event(event_date=dt.date(2026, 8, 1), event="seal_order", text=SAMPLES[law].ORDER)
    vacated = Event(event_date=dt.date(2026, 9, 1), event="vacated")
    again = Event(event_date=dt.date(2026, 10, 1), text=SAMPLES[law].DISMISSED)
    action = Action(arrest_date=dt.date(2021, 1, 1))

    def said(*events: Event) -> str:
        return str(decide(action, [ended(law), *events], ON, law=law).answer)

    assert [said(order), said(order, vacated)] == ["sealed", "unknown"]
    assert said(order, vacated, again) == said(vacated, again)


@pytest.mark.parametrize("law", JURISDICTIONS)
@pytest.mark.parametrize("ending", ["UNMAPPED", "AMBIGUOUS", "VACATED"])
def test_a_place_has_the_doubts_without_saying_so(law: str, ending: str) -> None:
    for place in (jurisdiction(law), without_doubts(law)):
        assert [rule.id for rule in place.rules() if ending in (rule.endings or ())]


def test_a_place_may_say_otherwise() -> None:
    assert "us-pa/doubt/vacated-and-not-told" not in [rule.id for rule in jurisdiction("us-pa").rules()]
    assert len({rule.id for rule in without_doubts("us-or").doubts}) == 4


@pytest.mark.parametrize(
    ("law", "status"), [(law, status) for law, place in SAMPLES.items() for status in place.STATUSES]
)
def test_what_a_row_says_to_be_sealed_is_never_known_to_be_open(law: str, status: str) -> None:
    action = Action(arrest_date=dt.date(2021, 1, 1))
    told = Event(event_date=dt.date(2025, 1, 1), text=status)
    again = Event(event_date=dt.date(2025, 6, 1), text=status)
    order = Event(event_date=dt.date(2025, 8, 1), event="seal_order", text=SAMPLES[law].ORDER)

    for text in SAMPLES[law].ENDINGS:
        first = ended(law, text)
        assert str(decide(action, [first], dt.date(2026, 6, 1), law=law).answer) == "not_sealed"
        for rows in ([first, told], [first, told, again]):
            decision = decide(action, rows, dt.date(2026, 6, 1), law=law)
            assert (str(decision.answer), decision.withheld) == ("unknown", True), text
            assert str(decide(action, rows, dt.date(2024, 12, 31), law=law).answer) == "not_sealed"
    rows = [ended(law), told, order]
    assert str(decide(action, rows, dt.date(2026, 7, 2), law=law).answer) in ("sealed", "unknown")


@pytest.mark.parametrize(
    ("law", "status"), [(law, status) for law, place in SAMPLES.items() for status in place.STATUSES]
)
def test_a_status_stays_until_an_order_says_otherwise(law: str, status: str) -> None:
    action, first = Action(arrest_date=dt.date(2021, 1, 1)), ended(law)
    told = Event(event_date=dt.date(2021, 6, 1), text=status)
    order, lifted = (
        Event(event_date=dt.date(2026, 8, 1), event=kind, text=SAMPLES[law].ORDER)
        for kind in ("seal_order", "no_seal_order")
    )

    def said(*events: Event) -> str:
        return str(decide(action, events, ON, law=law).answer)

    assert said(told, first) == "unknown", "whatever follows it"
    assert [said(told, first, row) for row in (order, lifted)] == ["sealed", "not_sealed"]
