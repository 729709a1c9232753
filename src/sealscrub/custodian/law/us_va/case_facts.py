"""Facts that Virginia's rules ask for: deferral, ancillary matters, and what the person's other cases show.

Convictions and arrests of the person's other cases are read; other charges of the same docket are not, since in
Virginia every charge has a case number of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from ..charge_events import Standing
from ..clocks import add_months
from ..common_facts import SAID
from ..conviction_days import earliest
from ..dispositions import CONVICTIONS, MAY_BE_CONVICTED
from ..person import Person
from ..state_declarations import Fact
from ..three_values import Truth, all_of, any_of
from .virginia_offences import FELONY, INFRACTION, LISTED_CODES, MATTER_CODES, MATTERS, MISDEMEANOUR

__all__ = ["FACTS", "WORDS"]

#: Values that the facts distinguish and no rule names.
WORDS = frozenset({"1", "2", "3", "4", *MATTER_CODES})

_MAY_BE_CONVICTED = MAY_BE_CONVICTED | {"NOT_SAID", "PREPAID"}
_EXPUNGED = ("392.2",)
_SEVEN, _TEN, _TWENTY = 84, 120, 240


def _crime_date(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    return person.action.crime_date


def _history(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Only that it is complete is known: what a partial history lacks may be a conviction."""
    return "Y" if state.get("history_complete") == "Y" else None


def _ancillary(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    return "Y" if state.get("matter") in MATTERS or state.get("law") in MATTER_CODES else "N"


def _prejudice(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    said = {"DISMISSED_WITH_PREJUDICE": "Y", "DISMISSED_WITHOUT_PREJUDICE": "N"}.get(str(state["ending"]))
    column = state.get("with_prejudice")
    return column if said is None else said if column in (None, said) else None


def _deferral(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether judgment was deferred: a plea of guilty and a dismissal do not say."""
    if state["ending"] in ("ACQUITTED_COMPLETE", "NOLLE_PROSEQUI", "NO_TRUE_BILL", "DECLINED_PROSECUTION"):
        return "Y" if state.get("deferred") == "Y" else "N"
    if state["ending"] == "DEFERRED_DISMISSED" or state.get("deferred") == "Y":
        return "Y"
    return "N" if state.get("deferred") == "N" and state.get("plea") not in ("guilty", "nolo contendere") else None


def _last_event(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """The latest of the conviction or dismissal, the release and the last violation of probation."""
    days = [day for name in ("ended_on", "released_on", "violated_on") if isinstance(day := state.get(name), dt.date)]
    return max(days, default=None)


def _expunged(state: Standing) -> Truth:
    ordered = state.get("ordered", "")
    return Truth.UNKNOWN if ordered is None else Truth(2 * (ordered in _EXPUNGED))


def _convictions(person: Person) -> list[tuple[Standing, Truth]]:
    """Convictions of the person's other cases that are, or may be, of more than an infraction."""
    found = []
    for _, states in person.others:
        for other in states.values():
            convicted = (
                Truth.YES if other["ending"] in CONVICTIONS else Truth(int(other["ending"] in _MAY_BE_CONVICTED))
            )
            excused = any(other.get(name) == "Y" for name in ("pardoned", "innocent"))
            stands = min(~_expunged(other), Truth.UNKNOWN if excused else Truth.YES)
            found.append((other, min(convicted, stands, ~INFRACTION.truth(other))))
    return [(other, truth) for other, truth in found if truth is not Truth.NO]


def _reported(state: Standing) -> Truth:
    """Whether its conviction is one that is reported to the repository, or of another state [own].

    Felonies and misdemeanours of Class 1 and 2 are; of Class 3 and 4 some are.
    """
    if state.get("other_state") == "Y" or FELONY.truth(state) is Truth.YES:
        return Truth.YES
    return Truth.YES if state.get("offense_class") in ("1", "2") else Truth.UNKNOWN


def _convicted_within(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Convicted again in the seven years after: for good, whatever comes later."""
    own = state.get("ended_on")
    if not isinstance(own, dt.date):
        return None
    until, each = add_months(own, _SEVEN), []
    for other, truth in _convictions(person):
        day = other.get("ended_on")
        inside = Truth(2 * (own < day < until)) if isinstance(day, dt.date) else Truth.UNKNOWN
        each.append(min(truth, inside, _reported(other)))
    return SAID[any_of(each)]


def _beside_unlisted(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Convicted on the same day of an offence that is not on the list."""
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


def _convicted_ever(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    return SAID[any_of(truth for _, truth in _convictions(person))]


def _clear_from(sure: bool) -> Callable[[Person, Standing, dt.date, set[dt.date]], object]:
    """Three years after the last other arrest or charge of more than an infraction; None without one."""

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        days, same = [], person.companions()
        for action, states in person.others:
            opened = action.arrest_date or earliest(states, "charged_on") or earliest(states, "begun_on")
            if opened is None or opened == person.action.arrest_date or any(action is each for each, _ in same):
                continue
            truth = any_of(min(~_expunged(charge), ~INFRACTION.truth(charge)) for charge in states.values())
            if truth is Truth.YES or (truth is Truth.UNKNOWN and not sure):
                days.append(add_months(opened, 36))
        return max(days, default=None)

    return found


def _top_felony(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Convicted of a felony of Class 1 or 2, ever."""
    return SAID[any_of(min(truth, *_felony_of(other, "1", "2")) for other, truth in _convictions(person))]


def _felony_of(state: Standing, *classes: str) -> tuple[Truth, Truth]:
    held = state.get("offense_class")
    return FELONY.truth(state), Truth.UNKNOWN if held is None else Truth(2 * (held in classes))


def _barred_start(sure: bool) -> Callable[[Person, Standing, dt.date, set[dt.date]], object]:
    """When the period of a petition may begin, so it ends with the last bar of a felony.

    A conviction of Class 3 or 4 bars for twenty years, of another felony for ten; the period itself is ten, or seven.
    """

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        own = _SEVEN if MISDEMEANOUR.truth(state) is Truth.YES else _TEN
        days = []
        for other, truth in _convictions(person):
            day, (felony, heavy) = other.get("ended_on"), _felony_of(other, "3", "4")
            if isinstance(day, dt.date) and min(truth, felony) >= (Truth.YES if sure else Truth.UNKNOWN):
                long = heavy is Truth.YES or (heavy is Truth.UNKNOWN and not sure)
                days.append(add_months(day, (_TWENTY if long else _TEN) - own))
        return max(days, default=None)

    return found


def _granted_twice(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether two petitions have been granted in other cases."""
    ordered = [[charge.get("ordered", "") for charge in states.values()] for _, states in person.others]
    known = sum("392.12" in of for of in ordered)
    unread = sum("392.12" not in of and None in of for of in ordered)
    return "Y" if known > 1 else None if known + unread > 1 else "N"


_OWN_DAY = frozenset({"ended_on"})
FACTS = {
    "crime_date": Fact(_crime_date, of_action=True),
    "history": Fact(_history, of_action=True, reads=frozenset({"history_complete"})),
    "ancillary": Fact(_ancillary, of_action=True, reads=frozenset({"matter", "law"})),
    "prejudice": Fact(_prejudice, of_action=True, reads=frozenset({"ending", "with_prejudice"})),
    "deferral": Fact(_deferral, of_action=True, reads=frozenset({"ending", "deferred", "plea"})),
    "last_event": Fact(_last_event, of_action=True, reads=frozenset({"ended_on", "released_on", "violated_on"})),
    "convicted_within": Fact(_convicted_within, reads=_OWN_DAY),
    "beside_unlisted": Fact(_beside_unlisted, reads=_OWN_DAY),
    "convicted_ever": Fact(_convicted_ever),
    "clear_from": Fact(_clear_from(sure=True)),
    "clear_from_if": Fact(_clear_from(sure=False)),
    "top_felony": Fact(_top_felony),
    "barred_start": Fact(_barred_start(sure=True), reads=frozenset({"severity"})),
    "barred_start_if": Fact(_barred_start(sure=False), reads=frozenset({"severity"})),
    "granted_twice": Fact(_granted_twice),
}
