"""Facts that only New York's rules ask for: pleas that cover, instruments tried together, cases after an order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from ..charge_events import Standing
from ..common_facts import COMMON_FACTS, SAID, crimes_of, followed, named_actions
from ..conviction_days import earliest, opened_after
from ..dispositions import CONVICTIONS
from ..person import Person, bare_number
from ..record import Folded, Record
from ..state_declarations import Fact
from ..three_values import Truth, any_of

__all__ = ["FACTS"]


def _new_case(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """A new arrest or charge of a crime after the order, unless it ended in favour or without a crime."""
    each = [_charged_here(person, state)]
    for other in person.others:
        after = opened_after(*other, state.get("ordered_on"))
        if after is Truth.NO:
            continue
        for charge in other[1].values():
            how, _ = person.end(other, charge, on, changes)
            bars = {"crime": Truth.YES, "petty": Truth.NO, "favour": Truth.NO, None: Truth.UNKNOWN}.get(how, Truth.YES)
            each.append(min(after, bars, person.is_crime(charge)))
    return SAID[any_of(each)]


def _charged_here(person: Person, state: Standing) -> Truth:
    """A new charge that the sealed docket's own rows show, if no other action of that day says how it continued."""
    charged, day = state.get("new_charged"), state.get("new_charge_on")
    if charged is None:
        return Truth.UNKNOWN
    if charged != "Y" or any(
        day is not None and day in (earliest(states, "charged_on"), other.arrest_date)
        for other, states in person.others
    ):
        return Truth.NO
    return person.is_crime({"severity": state.get("new_charge_severity")})


def _resealed_on(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """When the last of such new cases ended so."""
    days = []
    for other in person.others:
        if opened_after(*other, state.get("ordered_on")) is not Truth.NO:
            ends = [(person.end(other, charge, on, changes), charge) for charge in other[1].values()]
            days += [day for (_, day), charge in ends if day is not None and person.is_crime(charge) is not Truth.NO]
    return max(days, default=None)


def _companion_crime(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether the file holds the conviction of a crime that covers it: of the docket named, or else of the arrest."""
    others = named_actions(person, state) if state.get("refers_to") else person.companions()
    pleas = [each for other in others for each in followed(person, other)[1].values() if each["ending"] in CONVICTIONS]
    return "Y" if any(person.counts(plea) is Truth.YES for plea in pleas) else "N"


def _covered_elsewhere(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether what covers a count is another case than its own docket."""
    name, own = bare_number(str(state.get("refers_to") or "")), (person.action.docket, person.action.indictment)
    other = bool(name) and name not in map(bare_number, own)
    return "Y" if other or state.get("elsewhere") == "Y" else "N"


def _consolidated_crime(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether a crime was found in another instrument that was consolidated with this one."""
    each = []
    for other in person.others:
        if other in named_actions(person, state, "joined_with") or _is_joined(person, other):
            each += [person.counts(charge) for charge in other[1].values() if charge["ending"] in CONVICTIONS]
    return SAID[any_of(each)]


def _is_joined(person: Person, other: Folded) -> bool:
    there = Person(person.place, other[0], Record([(person.action, {})]))
    return any(named_actions(there, charge, "joined_with") for charge in other[1].values())


def _more_than(most: int, severities: frozenset[str]) -> Callable[[Person, Standing, dt.date, set[dt.date]], object]:
    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        known, unknown = crimes_of(person, state, severities)
        return "Y" if known > most else None if known + unknown > most else "N"

    return found


FACTS = {
    **COMMON_FACTS,
    "new_case": Fact(
        _new_case,
        by_day=True,
        reads=frozenset({"ordered_on", "new_charged", "new_charge_on", "new_charge_severity"}),
    ),
    "resealed_on": Fact(_resealed_on, by_day=True),
    "companion_crime": Fact(_companion_crime),
    "covered_elsewhere": Fact(_covered_elsewhere, of_action=True, told_by=("disposition",)),
    "consolidated_crime": Fact(_consolidated_crime),
    "more_than_two_crimes": Fact(_more_than(2, frozenset({"F", "M"})), reads=frozenset({"severity"})),
    "more_than_one_felony": Fact(_more_than(1, frozenset({"F"})), reads=frozenset({"severity"})),
}
