"""What Pennsylvania's rules ask of other convictions, found by going through all of them each time: slow, and plain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from sealscrub.custodian.law import Action
from sealscrub.custodian.law.charge_events import Standing
from sealscrub.custodian.law.clocks import add_months
from sealscrub.custodian.law.common_facts import SAID
from sealscrub.custodian.law.person import Person
from sealscrub.custodian.law.three_values import Truth, any_of
from sealscrub.custodian.law.us_pa import penalties, pennsylvania_offences
from sealscrub.custodian.law.us_pa.same_docket import bars_as_felony, is_felony, is_standing_conviction

__all__ = ["NAIVE"]

Find = Callable[[Person, Standing, dt.date, set[dt.date]], object]


def _continues(person: Person, action: Action, states: Mapping[str, Standing], state: Standing) -> bool:
    elsewhere = ("TRANSFERRED_SUPERIOR", "SUPERSEDED")
    if state["ending"] not in elsewhere:
        return False
    beside = [each for each in states.values() if each["ending"] not in elsewhere]
    courts = [one for one, _ in person.record.actions if one is not action and one.docket.startswith("CP")]
    return bool(state["ending"] == "SUPERSEDED" and beside) or any(one.arrests() & action.arrests() for one in courts)


def _convictions(person: Person) -> list[tuple[Standing, Truth]]:
    states = [
        other
        for action, states in person.others
        for other in states.values()
        if not _continues(person, action, states, other)
    ]
    found = [(other, min(is_standing_conviction(other), person.is_crime(other))) for other in states]
    return [(other, counts) for other, counts in found if counts is not Truth.NO]


def _other(person: Person, test: Callable[[Standing], Truth]) -> list[Truth]:
    return [min(counts, test(other)) for other, counts in _convictions(person)]


def _of_docket(person: Person, state: Standing, test: Callable[[Standing], Truth]) -> list[Truth]:
    states = [] if person.at is None else list(person.record.actions[person.at][1].values())
    went = any(each["ending"] not in ("TRANSFERRED_SUPERIOR", "SUPERSEDED") for each in states)
    others = [each for each in states if each is not state and not (each["ending"] == "SUPERSEDED" and went)]
    return [min(is_standing_conviction(each), person.is_crime(each), test(each)) for each in others]


def _number(number: int, test: Callable[[Standing], Truth]) -> Find:
    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        each = [test(state), *_other(person, test), *_of_docket(person, state, test)]
        sure, possible = each.count(Truth.YES), each.count(Truth.UNKNOWN)
        return "Y" if sure >= number else None if sure + possible >= number else "N"

    return found


def _later(person: Person, own: dt.date) -> list[tuple[dt.date | None, Truth]]:
    found = []
    for other, counts in _convictions(person):
        day, truth = other.get("ended_on"), min(counts, penalties.at_least(other, 12))
        if truth is not Truth.NO and not (isinstance(day, dt.date) and day <= own):
            found.append((day if isinstance(day, dt.date) else None, truth))
    return sorted(found, key=lambda each: (each[0] is None, each[0] or dt.date.max))


def _surely_again(person: Person, own: dt.date, months: int) -> dt.date:
    last = own
    for day, truth in _later(person, own):
        if day is not None and truth is Truth.YES:
            if day >= add_months(last, months):
                break
            last = day
    return last


def _again(months: int) -> Find:
    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        own = state.get("ended_on")
        if not isinstance(own, dt.date):
            return None
        last = _surely_again(person, own, months)
        return None if last == own else last

    return found


def _again_if(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    own = state.get("ended_on")
    days = [day for day, _ in _later(person, own) if day is not None] if isinstance(own, dt.date) else []
    return max(days, default=None)


def _settled(months: int) -> Find:
    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        own = state.get("ended_on")
        if not isinstance(own, dt.date):
            return None
        later = _later(person, own)
        if not later:
            return "Y"
        if later[-1][0] is None:
            return None
        first = add_months(_surely_again(person, own, months), months)
        last = add_months(later[-1][0], months)
        changes |= {first, last}
        return None if first <= on < last else "Y"

    return found


def _single(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    return "Y" if any_of(_other(person, pennsylvania_offences.is_drug_felony)) is Truth.NO else None


#: By name of the fact.
NAIVE: dict[str, Find] = {
    "any_felony": lambda person, state, on, changes: SAID[
        any_of([*_other(person, is_felony), *_of_docket(person, state, is_felony)])
    ],
    "other_felony": lambda person, state, on, changes: SAID[any_of(_other(person, bars_as_felony))],
    "single_drug_felony": _single,
    "two_over_two_years": _number(2, lambda state: penalties.over(state, 24)),
    "four_of_a_year": _number(4, lambda state: penalties.at_least(state, 12)),
    "listed_conviction": lambda person, state, on, changes: SAID[
        any_of([pennsylvania_offences.listed(state), *_other(person, pennsylvania_offences.listed)])
    ],
    "again_84": _again(84),
    "again_120": _again(120),
    "again_if": _again_if,
    "settled_84": _settled(84),
    "settled_120": _settled(120),
}
