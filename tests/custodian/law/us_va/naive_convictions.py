"""What Virginia's rules ask of other cases, found by going through all of them each time: slow, and plain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sealscrub.custodian.law import Action
from sealscrub.custodian.law.charge_events import Standing
from sealscrub.custodian.law.clocks import add_months
from sealscrub.custodian.law.common_facts import SAID
from sealscrub.custodian.law.conviction_days import earliest
from sealscrub.custodian.law.dispositions import CONVICTIONS
from sealscrub.custodian.law.person import Person
from sealscrub.custodian.law.three_values import Truth, all_of, any_of
from sealscrub.custodian.law.us_va.virginia_convictions import (
    MAY_HAVE_ENDED_SO,
    felony_of,
    is_deemed,
    is_expunged,
    is_reported,
)
from sealscrub.custodian.law.us_va.virginia_offences import INFRACTION, LISTED_CODES, MISDEMEANOUR

__all__ = ["NAIVE"]

Find = Callable[[Person, Standing, dt.date, set[dt.date]], object]


def _continues(person: Person, action: Action, state: Standing) -> bool:
    elsewhere, sent = ("SENT_ELSEWHERE", "TRANSFERRED_SUPERIOR", "SUPERSEDED"), state.get("ended_on")
    if state["ending"] not in elsewhere or not isinstance(sent, dt.date) or state.get("law") is None:
        return False
    for one, states in person.record.actions:
        for each in states.values():
            day = each.get("ended_on") or each.get("begun_on")
            same = one is not action and one.arrests() & action.arrests() and each.get("law") == state["law"]
            if same and each["ending"] not in elsewhere and isinstance(day, dt.date) and day >= sent:
                return True
    return False


def _convictions(person: Person) -> list[tuple[Standing, Truth]]:
    found = []
    for action, states in person.others:
        for other in states.values():
            if _continues(person, action, other):
                continue
            convicted = (
                Truth.YES if other["ending"] in CONVICTIONS else Truth(int(other["ending"] in MAY_HAVE_ENDED_SO))
            )
            excused = any(other.get(name) == "Y" for name in ("pardoned", "innocent"))
            stands = min(~is_expunged(other), Truth.UNKNOWN if excused else Truth.YES)
            found.append((other, min(convicted, stands, ~INFRACTION.truth(other))))
    return [(other, truth) for other, truth in found if truth is not Truth.NO]


def _convicted_within(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    own = state.get("ended_on")
    if not isinstance(own, dt.date):
        return None
    until, each = add_months(own, 84), []
    for other, truth in _convictions(person):
        day = other.get("ended_on")
        inside = Truth(2 * (own < day < until)) if isinstance(day, dt.date) else Truth.UNKNOWN
        each.append(min(truth, inside, is_reported(other)))
    return SAID[any_of(each)]


def _beside_unlisted(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    own = state.get("ended_on")
    if not isinstance(own, dt.date):
        return None
    each = []
    for other, truth in _convictions(person):
        day, law = other.get("ended_on"), other.get("law")
        same = Truth(2 * (day == own)) if isinstance(day, dt.date) else Truth.UNKNOWN
        listed = Truth.UNKNOWN if law is None else Truth(2 * (law in LISTED_CODES))
        each.append(min(truth, same, ~all_of([listed, MISDEMEANOUR.truth(other)])))
    return SAID[any_of(each)]


def _clear_from(sure: bool) -> Find:
    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        days, same = [], person.companions()
        for action, states in person.others:
            opened = action.arrest_date or earliest(states, "charged_on") or earliest(states, "begun_on")
            if opened is None or opened == person.action.arrest_date or any(action is each for each, _ in same):
                continue
            own = [charge for charge in states.values() if charge.get("other_state") != "Y"]
            truth = any_of(min(~is_expunged(charge), ~INFRACTION.truth(charge)) for charge in own)
            if truth is Truth.YES or (truth is Truth.UNKNOWN and not sure):
                days.append(add_months(opened, 36))
        return max(days, default=None)

    return found


def _barred_start(sure: bool) -> Find:
    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        own = 84 if MISDEMEANOUR.truth(state) is Truth.YES else 120
        days = []
        for other, truth in _convictions(person):
            day, (felony, heavy) = other.get("ended_on"), felony_of(other, "3", "4")
            if isinstance(day, dt.date) and min(truth, felony) >= (Truth.YES if sure else Truth.UNKNOWN):
                long = heavy is Truth.YES or (heavy is Truth.UNKNOWN and not sure)
                days.append(add_months(day, (240 if long else 120) - own))
        return max(days, default=None)

    return found


def _granted_twice(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    ordered = [[charge.get("ordered", "") for charge in states.values()] for _, states in person.others]
    known = sum("392.12" in of for of in ordered)
    unread = sum("392.12" not in of and None in of for of in ordered)
    return "Y" if known > 1 else None if known + unread > 1 else "N"


#: By name of the fact.
NAIVE: dict[str, Find] = {
    "convicted_within": _convicted_within,
    "beside_unlisted": _beside_unlisted,
    "convicted_ever": lambda person, state, on, changes: SAID[
        any_of(min(truth, is_deemed(other)) for other, truth in _convictions(person))
    ],
    "clear_from": _clear_from(sure=True),
    "clear_from_if": _clear_from(sure=False),
    "top_felony": lambda person, state, on, changes: SAID[
        any_of(min(truth, *felony_of(other, "1", "2")) for other, truth in _convictions(person))
    ],
    "barred_start": _barred_start(sure=True),
    "barred_start_if": _barred_start(sure=False),
    "granted_twice": _granted_twice,
}
