"""Facts that Virginia's rules ask for: deferral, ancillary matters, and what the person's other cases show.

Convictions and arrests of the person's other cases are read; other charges of the same docket are not, since in
Virginia every charge has a case number of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from ..adult_rules import juvenile_fact
from ..charge_events import Standing
from ..clocks import add_months
from ..common_facts import SAID
from ..conviction_days import earliest
from ..dispositions import CONVICTIONS, MAY_BE_CONVICTED
from ..person import Person
from ..record import Highest, Record, Spans, Tally
from ..state_declarations import Fact
from ..three_values import Truth, any_of
from .virginia_offences import FELONY, INFRACTION, LISTED_CODES, MATTER_CODES, MATTERS, MISDEMEANOUR

__all__ = ["FACTS", "WORDS"]

#: Values that the facts distinguish and no rule names.
WORDS = frozenset({"1", "2", "3", "4", *MATTER_CODES})

_ELSEWHERE = frozenset({"SENT_ELSEWHERE", "TRANSFERRED_SUPERIOR", "SUPERSEDED"})
_MAY_BE_CONVICTED = MAY_BE_CONVICTED | _ELSEWHERE | {"NOT_SAID", "PREPAID"}
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


class _Conviction(NamedTuple):
    """One that is, or may be, of more than an infraction: its day, if known, and the place of its case."""

    state: Standing
    truth: Truth
    of: int

    @property
    def day(self) -> dt.date | None:
        return day if isinstance(day := self.state.get("ended_on"), dt.date) else None


def _convictions(person: Person) -> list[_Conviction]:
    """Those of the whole record; which are of other cases than this one, the place says."""
    return person.record.once("va_convictions", _convictions_of)


def _convictions_of(record: Record) -> list[_Conviction]:
    found = []
    for of, (_, states) in enumerate(record.actions):
        for other in states.values():
            convicted = (
                Truth.YES if other["ending"] in CONVICTIONS else Truth(int(other["ending"] in _MAY_BE_CONVICTED))
            )
            excused = any(other.get(name) == "Y" for name in ("pardoned", "innocent"))
            stands = min(~_expunged(other), Truth.UNKNOWN if excused else Truth.YES)
            if not _is_continued(record, of, other):
                found.append(_Conviction(other, min(convicted, stands, ~INFRACTION.truth(other)), of))
    return [each for each in found if each.truth is not Truth.NO]


def _is_continued(record: Record, of: int, state: Standing) -> bool:
    """Whether the record has the case to which a charge went: of its arrest, for the same offence, from that day on."""
    sent, law = state.get("ended_on"), state.get("law")
    if state["ending"] not in _ELSEWHERE or law is None or not isinstance(sent, dt.date):
        return False
    found = record.once("va_continued", _of_arrests)
    arrests = record.actions[of][0].arrests()
    return any(at != of and day >= sent for number in arrests for at, day in found.get((number, law), ()))


def _of_arrests(record: Record) -> dict[tuple[object, object], list[tuple[int, dt.date]]]:
    """By number of an arrest and offence, the places of the cases that went nowhere else, and when they stood so."""
    found: dict[tuple[object, object], list[tuple[int, dt.date]]] = {}
    for at, (action, states) in enumerate(record.actions):
        for state in states.values():
            day = state.get("ended_on") or state.get("begun_on")
            if state["ending"] not in _ELSEWHERE and isinstance(day, dt.date):
                for number in action.arrests():
                    found.setdefault((number, state.get("law")), []).append((at, day))
    return found


def _any_other(person: Person, name: str, test: Callable[[Standing], Truth]) -> Truth:
    """Whether any conviction of another case is such a one."""

    def found(record: Record) -> Highest[Truth]:
        return Highest((0, min(each.truth, test(each.state)), each.of) for each in _convictions(person))

    return person.record.once(f"va_any_{name}", found).of_all(but=person.at) or Truth.NO


class _Dated:
    """Convictions that are, or may be, such as one asks for, by their days."""

    def __init__(self, each: list[_Conviction], test: Callable[[Standing], Truth]) -> None:
        found = [(one, min(one.truth, test(one.state))) for one in each]
        self._sure, self._possible = (
            Spans((one.day, one.of) for one, truth in found if one.day is not None and truth is asked)
            for asked in (Truth.YES, Truth.UNKNOWN)
        )
        self._undated = Tally(("", one.of) for one, truth in found if one.day is None and truth is not Truth.NO)

    def between(self, after: dt.date, end: dt.date, but: int | None) -> Truth:
        """Whether any of another case is after a day and before another; one without a day may be."""
        return self._truth(but, lambda spans: spans.between(after, end, but=but))

    def on(self, day: dt.date, but: int | None) -> Truth:
        """Whether any of another case is on a day; one without a day may be."""
        return self._truth(but, lambda spans: spans.on(day, but=but))

    def _truth(self, but: int | None, number: Callable[[Spans], int]) -> Truth:
        if number(self._sure):
            return Truth.YES
        return Truth(int(bool(number(self._possible) or self._undated.of("", but=but))))


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
    dated = person.record.once("va_reported", lambda _: _Dated(_convictions(person), _reported))
    return SAID[dated.between(own, add_months(own, _SEVEN), person.at)]


def _unlisted(state: Standing) -> Truth:
    law = state.get("law")
    listed = Truth.UNKNOWN if law is None else Truth(2 * (law in LISTED_CODES))
    return ~min(listed, MISDEMEANOUR.truth(state))


def _beside_unlisted(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Convicted on the same day of an offence that is not on the list."""
    own = state.get("ended_on")
    if not isinstance(own, dt.date):
        return None
    dated = person.record.once("va_unlisted", lambda _: _Dated(_convictions(person), _unlisted))
    return SAID[dated.on(own, person.at)]


def _convicted_ever(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    return SAID[_any_other(person, "ever", lambda state: Truth.YES)]


def _opened(record: Record) -> list[tuple[dt.date, Truth, int]]:
    """Arrests and charges of more than an infraction, the last first, and the places of their cases."""
    found = []
    for of, (action, states) in enumerate(record.actions):
        opened = action.arrest_date or earliest(states, "charged_on") or earliest(states, "begun_on")
        truth = any_of(min(~_expunged(charge), ~INFRACTION.truth(charge)) for charge in states.values())
        if opened is not None and truth is not Truth.NO:
            found.append((opened, truth, of))
    return sorted(found, key=lambda each: each[0], reverse=True)


def _clear_from(sure: bool) -> Callable[[Person, Standing, dt.date, set[dt.date]], object]:
    """Three years after the last other arrest or charge of more than an infraction; None without one."""

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        same = {id(action) for action, _ in person.companions()}
        for opened, truth, of in person.record.once("va_opened", _opened):
            other = of != person.at and id(person.record.actions[of][0]) not in same
            if other and opened != person.action.arrest_date and (truth is Truth.YES or not sure):
                return add_months(opened, 36)
        return None

    return found


def _top_felony(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Convicted of a felony of Class 1 or 2, ever."""
    return SAID[_any_other(person, "top_felony", lambda other: min(_felony_of(other, "1", "2")))]


def _felony_of(state: Standing, *classes: str) -> tuple[Truth, Truth]:
    held = state.get("offense_class")
    return FELONY.truth(state), Truth.UNKNOWN if held is None else Truth(2 * (held in classes))


def _barred_start(sure: bool) -> Callable[[Person, Standing, dt.date, set[dt.date]], object]:
    """When the period of a petition may begin, so it ends with the last bar of a felony.

    A conviction of Class 3 or 4 bars for twenty years, of another felony for ten; the period itself is ten, or seven.
    """

    def begins(person: Person, own: int) -> Highest[dt.date]:
        return Highest(
            (0, add_months(each.day, (_TWENTY if heavy >= least else _TEN) - own), each.of)
            for each in _convictions(person)
            for felony, heavy in [_felony_of(each.state, "3", "4")]
            if each.day is not None and min(each.truth, felony) >= least
        )

    least = Truth.YES if sure else Truth.UNKNOWN

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        own = _SEVEN if MISDEMEANOUR.truth(state) is Truth.YES else _TEN
        begun = person.record.once(f"va_barred_{sure}_{own}", lambda _: begins(person, own))
        return begun.of_all(but=person.at)

    return found


def _granted(record: Record) -> Tally:
    ordered = ([charge.get("ordered", "") for charge in states.values()] for _, states in record.actions)
    return Tally(
        ("known" if "392.12" in each else "unread", of)
        for of, each in enumerate(ordered)
        if "392.12" in each or None in each
    )


def _granted_twice(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether two petitions have been granted in other cases."""
    granted = person.record.once("va_granted", _granted)
    known, unread = (granted.of(value, but=person.at) for value in ("known", "unread"))
    return "Y" if known > 1 else None if known + unread > 1 else "N"


_OWN_DAY = frozenset({"ended_on"})
FACTS = {
    "juvenile": juvenile_fact("JJ"),
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
