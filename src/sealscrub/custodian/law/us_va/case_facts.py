"""Facts that Virginia's rules ask for: deferral, ancillary matters, and what the person's other cases show.

Every charge of Virginia's has a case number of its own; a file that puts several into one docket is read too: what the
other charges of it show are facts of their own, found with the docket's.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from ..adult_rules import juvenile_fact
from ..charge_events import Standing
from ..clocks import add_months
from ..common_facts import SAID
from ..conviction_days import earliest
from ..person import Person
from ..record import Highest, Record, Spans, Tally
from ..state_declarations import Fact
from ..three_values import Truth, any_of
from .virginia_convictions import (
    ELSEWHERE,
    felony_of,
    is_conviction,
    is_deemed,
    is_expunged,
    is_reported,
    is_unlisted,
)
from .virginia_offences import FELONY, INFRACTION, MATTER_CODES, MATTERS, MISDEMEANOUR
from .virginia_periods import ALL_OF_1986, FIRST_OFFENCE

__all__ = ["FACTS", "WORDS"]

#: Values that the facts distinguish and no rule names.
WORDS = frozenset({"1", "2", "3", "4", *MATTER_CODES})

_SEVEN, _TEN, _TWENTY = 84, 120, 240


def _crime_date(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """The day of the offence; where that is blank and it ended before 1986, that day: the offence was no later."""
    ended = state.get("ended_on")
    before = isinstance(ended, dt.date) and ended < FIRST_OFFENCE
    return person.action.crime_date or (ended if before else None)


def _of_1986(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether the offence is of 1986 or later; where its day is blank, a case that ended long after says so too."""
    offence, ended = _crime_date(person, state, on, changes), state.get("ended_on")
    if isinstance(offence, dt.date):
        return "Y" if offence >= FIRST_OFFENCE else "N"
    return "Y" if isinstance(ended, dt.date) and ended >= ALL_OF_1986 else None


def _reached_by_11(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether the yearly list reaches the offence: of one before 1986 its text was not read."""
    return "Y" if _of_1986(person, state, on, changes) == "Y" else None


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
    return [
        _Conviction(other, truth, of)
        for of, (_, states) in enumerate(record.actions)
        for other in states.values()
        if (truth := is_conviction(other)) is not Truth.NO and not _is_continued(record, of, other)
    ]


def _here(person: Person) -> list[_Conviction]:
    """Those of this docket, the charge's own among them."""

    def found(record: Record) -> dict[int, list[_Conviction]]:
        dockets: dict[int, list[_Conviction]] = {}
        for each in _convictions(person):
            dockets.setdefault(each.of, []).append(each)
        return dockets

    return [] if person.at is None else person.record.once("va_dockets", found).get(person.at, [])


def _is_continued(record: Record, of: int, state: Standing) -> bool:
    """Whether the record has the case to which a charge went: of its arrest, for the same offence, from that day on."""
    sent, law = state.get("ended_on"), state.get("law")
    if state["ending"] not in ELSEWHERE or law is None or not isinstance(sent, dt.date):
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
            if state["ending"] not in ELSEWHERE and isinstance(day, dt.date):
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


def _convicted_within(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Convicted again in the seven years after: for good, whatever comes later."""
    own = state.get("ended_on")
    if not isinstance(own, dt.date):
        return None
    dated = person.record.once("va_reported", lambda _: _Dated(_convictions(person), is_reported))
    return SAID[dated.between(own, add_months(own, _SEVEN), person.at)]


def _beside_unlisted(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Convicted on the same day of an offence that is not on the list."""
    own = state.get("ended_on")
    if not isinstance(own, dt.date):
        return None
    dated = person.record.once("va_unlisted", lambda _: _Dated(_convictions(person), is_unlisted))
    return SAID[dated.on(own, person.at)]


def _convicted_ever(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Convicted in another case of what § 19.2-392.11 counts."""
    return SAID[_any_other(person, "ever", is_deemed)]


def _docket_blocks(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether the docket keeps it off the list: convicted that day of what is not listed, or again within years."""
    own = state.get("ended_on")
    if not isinstance(own, dt.date):
        return None

    def found(test: Callable[[Standing], Truth]) -> _Dated:
        return person.record.once(f"va_{test.__name__}_{person.at}", lambda _: _Dated(_here(person), test))

    within = found(is_reported).between(own, add_months(own, _SEVEN), None)
    return SAID[max(found(is_unlisted).on(own, None), within)]


def _docket_convicted(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Convicted in this docket of what § 19.2-392.11 counts."""

    def found(record: Record) -> Truth:
        return any_of(min(each.truth, is_deemed(each.state)) for each in _here(person))

    return SAID[person.record.once(f"va_deemed_{person.at}", found)]


def _docket_felony(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Convicted in this docket of a felony other than the charge itself."""

    def felony(one: Standing) -> Truth:
        return min(is_conviction(one), FELONY.truth(one))

    def found(record: Record) -> Counter[Truth]:
        return Counter(felony(each.state) for each in _here(person))

    others = person.record.once(f"va_felonies_{person.at}", found) - Counter([felony(state)])
    return SAID[max(others, default=Truth.NO)]


def _opened(record: Record) -> list[tuple[dt.date, Truth, int]]:
    """Arrests and charges under Virginia's law of more than an infraction, the last first, and their places."""
    found = []
    for of, (action, states) in enumerate(record.actions):
        opened = action.arrest_date or earliest(states, "charged_on") or earliest(states, "begun_on")
        truth = any_of(
            min(~is_expunged(charge), ~INFRACTION.truth(charge))
            for charge in states.values()
            if charge.get("other_state") != "Y"
        )
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
    return SAID[_any_other(person, "top_felony", lambda other: min(felony_of(other, "1", "2")))]


def _barred_start(sure: bool) -> Callable[[Person, Standing, dt.date, set[dt.date]], object]:
    """When the period of a petition may begin, so it ends with the last bar of a felony.

    A conviction of Class 3 or 4 bars for twenty years, of another felony for ten; the period itself is ten, or seven.
    """

    def begins(person: Person, own: int) -> Highest[dt.date]:
        return Highest(
            (0, add_months(each.day, (_TWENTY if heavy >= least else _TEN) - own), each.of)
            for each in _convictions(person)
            for felony, heavy in [felony_of(each.state, "3", "4")]
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
_FELONIES = ("disposition", "event_date", "severity", "offense_class")
_OFFENCES = ("disposition", "severity", "law_code")
FACTS = {
    "juvenile": juvenile_fact("JJ"),
    "crime_date": Fact(_crime_date, of_action=True, reads=_OWN_DAY),
    "of_1986": Fact(_of_1986, of_action=True, reads=_OWN_DAY, told_by=("crime_date",)),
    "reached_by_11": Fact(_reached_by_11, of_action=True, reads=_OWN_DAY, told_by=("crime_date",)),
    "history": Fact(_history, of_action=True, reads=frozenset({"history_complete"})),
    "ancillary": Fact(_ancillary, of_action=True, reads=frozenset({"matter", "law"})),
    "prejudice": Fact(_prejudice, of_action=True, reads=frozenset({"ending", "with_prejudice"})),
    "deferral": Fact(_deferral, of_action=True, reads=frozenset({"ending", "deferred", "plea"})),
    "last_event": Fact(_last_event, of_action=True, reads=frozenset({"ended_on", "released_on", "violated_on"})),
    "docket_blocks": Fact(_docket_blocks, of_action=True, reads=_OWN_DAY, told_by=_OFFENCES),
    "docket_convicted": Fact(_docket_convicted, of_action=True, told_by=_OFFENCES),
    "docket_felony": Fact(_docket_felony, of_action=True, reads=frozenset({"ending", "severity"})),
    "convicted_within": Fact(_convicted_within, reads=_OWN_DAY),
    "beside_unlisted": Fact(_beside_unlisted, reads=_OWN_DAY),
    "convicted_ever": Fact(_convicted_ever),
    "clear_from": Fact(_clear_from(sure=True)),
    "clear_from_if": Fact(_clear_from(sure=False)),
    "top_felony": Fact(_top_felony, told_by=_FELONIES),
    "barred_start": Fact(_barred_start(sure=True), reads=frozenset({"severity"}), told_by=_FELONIES),
    "barred_start_if": Fact(_barred_start(sure=False), reads=frozenset({"severity"}), told_by=_FELONIES),
    "granted_twice": Fact(_granted_twice, told_by=("disposition", "event")),
}
