"""Endings of which nothing can be said are not known in any place, unless it says otherwise."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from sealscrub.custodian.law import Action, Event, decide, jurisdiction
from sealscrub.custodian.law.rules import Jurisdiction

PLACES = ("us-ny", "us-or", "us-pa", "us-va", "us-ca-demonstration")
ORDERS = {"us-ny": "CPL 160.59", "us-or": "ORS 137.225", "us-pa": "9122.1", "us-va": "19.2-392.7"}
ON = dt.date(2026, 11, 25)
CONVICTED = Event(event_date=dt.date(2022, 1, 10), text="CONVICTED", severity="M", offense_class="A")


def without_doubts(law: str) -> Jurisdiction:
    return replace(jurisdiction(law), doubts=())


@pytest.mark.parametrize("law", ORDERS)
def test_what_followed_a_vacated_judgment_is_not_known_until_a_row_says_so(law: str) -> None:
    order = Event(event_date=dt.date(2026, 8, 1), event="seal_order", text=ORDERS[law])
    vacated = Event(event_date=dt.date(2026, 9, 1), event="vacated")
    again = Event(event_date=dt.date(2026, 10, 1), text="DISMISSED")
    action = Action(arrest_date=dt.date(2021, 1, 1))

    def said(*events: Event) -> str:
        return str(decide(action, [CONVICTED, *events], ON, law=law).answer)

    assert [said(order), said(order, vacated)] == ["sealed", "unknown"]
    assert said(order, vacated, again) == said(vacated, again)


@pytest.mark.parametrize("law", PLACES)
@pytest.mark.parametrize("ending", ["UNMAPPED", "AMBIGUOUS", "VACATED"])
def test_a_place_has_the_doubts_without_saying_so(law: str, ending: str) -> None:
    for place in (jurisdiction(law), without_doubts(law)):
        assert [rule.id for rule in place.rules() if ending in (rule.endings or ())]


def test_a_place_may_say_otherwise() -> None:
    assert "us-pa/doubt/vacated-and-not-told" not in [rule.id for rule in jurisdiction("us-pa").rules()]
    assert len({rule.id for rule in without_doubts("us-or").doubts}) == 3
