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
FELONIES = {
    law: replace(CONVICTED, severity="F", law_code=code)
    for law, code in {"us-ny": "PL 120.10", "us-or": "164.415", "us-pa": "18 § 3701", "us-va": "18.2-51"}.items()
}


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
    assert len({rule.id for rule in without_doubts("us-or").doubts}) == 4


STATUSES = {
    "us-ny": ("Sealed", "Record Sealed", "Sealed CPL 160.55"),
    "us-or": ("Sealed", "Expunged", "Record Sealed"),
    "us-pa": ("Sealed", "Expunged", "Limited Access"),
    "us-va": ("Sealed", "Expunged", "Record Expunged"),
}
ENDINGS = {
    "us-ny": ("CONVICTED", "Pled Guilty", "PENDING"),
    "us-or": ("CONVICTED", "DISMISSED", "PENDING"),
    "us-pa": ("Guilty", "Withdrawn", "Pending"),
    "us-va": ("GUILTY", "NOLLE PROSEQUI", "PENDING"),
}


@pytest.mark.parametrize(("law", "status"), [(law, status) for law in STATUSES for status in STATUSES[law]])
def test_what_a_row_says_to_be_sealed_is_never_known_to_be_open(law: str, status: str) -> None:
    action = Action(arrest_date=dt.date(2021, 1, 1))
    told = Event(event_date=dt.date(2025, 1, 1), text=status)
    again = Event(event_date=dt.date(2025, 6, 1), text=status)
    order = Event(event_date=dt.date(2025, 8, 1), event="seal_order", text=ORDERS[law])

    for text in ENDINGS[law]:
        ended = replace(FELONIES[law], text=text)
        assert str(decide(action, [ended], dt.date(2026, 6, 1), law=law).answer) == "not_sealed"
        for rows in ([ended, told], [ended, told, again]):
            decision = decide(action, rows, dt.date(2026, 6, 1), law=law)
            assert (str(decision.answer), decision.withheld) == ("unknown", True), text
            assert str(decide(action, rows, dt.date(2024, 12, 31), law=law).answer) == "not_sealed"
    rows = [replace(FELONIES[law], text=ENDINGS[law][0]), told, order]
    assert str(decide(action, rows, dt.date(2026, 7, 2), law=law).answer) in ("sealed", "unknown")


@pytest.mark.parametrize(("law", "status"), [(law, status) for law in STATUSES for status in STATUSES[law]])
def test_a_status_stays_until_an_order_says_otherwise(law: str, status: str) -> None:
    action, guilty = Action(arrest_date=dt.date(2021, 1, 1)), ENDINGS[law][0]
    told = Event(event_date=dt.date(2021, 6, 1), text=status)
    ended = replace(FELONIES[law], text=guilty)
    order, lifted = (
        Event(event_date=dt.date(2026, 8, 1), event=kind, text=ORDERS[law]) for kind in ("seal_order", "no_seal_order")
    )

    def said(*events: Event) -> str:
        return str(decide(action, events, ON, law=law).answer)

    assert said(told, ended) == "unknown", "whatever follows it"
    assert [said(told, ended, row) for row in (order, lifted)] == ["sealed", "not_sealed"]
