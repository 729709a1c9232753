"""Facts that any state's rules may ask for: clocks begun again, custody, pending charges, cases continued elsewhere.

Facts of this kind are found when a rule asks for them, and on the day that is asked about: an adjournment may have run
out by then. Each has three values; a severity or a day of arrest that is left blank makes it unknown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .charge_events import Standing
from .conviction_days import opened_until, starts_on
from .dispositions import CONVICTIONS, Disposition
from .ending_kinds import is_adjourned, is_open
from .person import Person, bare_number
from .record import Folded, Highest, Record
from .state_declarations import Fact
from .three_values import Truth

__all__ = [
    "COMMON_FACTS",
    "SAID",
    "crimes_of",
    "followed",
    "named_actions",
]

#: A fact of three values, as conditions ask for it.
SAID = {Truth.YES: "Y", Truth.NO: "N", Truth.UNKNOWN: None}
_DEEPEST = 2
_NOT_OVER = frozenset(
    {
        Disposition.NO_DISPOSITION,
        Disposition.SUPERSEDED,
        Disposition.TRANSFERRED_SUPERIOR,
        Disposition.UNMAPPED,
        "AMBIGUOUS",
    }
)


@dataclass(frozen=True)
class Conviction:
    """A conviction in a person's record that is, or may be, of a crime; of which action it is, by place."""

    of: int
    state: Standing
    crime: Truth


def _convictions(person: Person) -> list[Conviction]:
    """Those of the whole record."""

    def found(record: Record) -> list[Conviction]:
        every = (
            Conviction(of, state, person.counts(state))
            for of, (_, states) in enumerate(record.actions)
            for state in states.values()
            if state["ending"] in CONVICTIONS
        )
        return [each for each in every if each.crime is not Truth.NO]

    return person.record.once("convictions", found)


def _ended_day(state: Standing) -> int | None:
    """The day after which later convictions came."""
    own = state.get("ended_on")
    return own.toordinal() if isinstance(own, dt.date) else None


def _restart(sure: bool) -> Callable[[Person, Standing, dt.date, set[dt.date]], object]:
    name = "restart" if sure else "restart_if"

    def begins(person: Person) -> Highest[dt.date]:
        return Highest(
            (ended, day, each.of)
            for each in _convictions(person)
            if (each.crime is Truth.YES or not sure)
            and (ended := _ended_day(each.state)) is not None
            and (day := starts_on(each.state)) is not None
        )

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        """When the clock of the latest of the later convictions begins."""
        if person.alone or (ended := _ended_day(state)) is None:
            return None
        later = person.record.once(name, lambda _: begins(person))
        return later.after(ended, but=person.at)

    return found


def _in_custody(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Back in prison, on this sentence or on that of a later crime, and not released since."""
    own = _is_held(state)
    if person.alone or (ended := _ended_day(state)) is None:
        return SAID[own]

    def held(record: Record) -> Highest[Truth]:
        return Highest(
            (day, min(_is_held(each.state), each.crime), each.of)
            for each in _convictions(person)
            if (day := _ended_day(each.state)) is not None
        )

    later = person.record.once("in_custody", held).after(ended, but=person.at)
    return SAID[max(own, later or Truth.NO)]


def _is_held(state: Standing) -> Truth:
    held = state.get("held")
    return Truth.UNKNOWN if held is None else Truth(2 * (held == "Y"))


def _pending_crime(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """A charge of a crime, brought after this conviction, that is not over."""
    if person.alone:
        return SAID[Truth.NO]
    pending = person.record.once("pending_crime", lambda record: Highest(_pending(person, record)))
    ended = _ended_day(state)
    if ended is None:  # whether it was brought later is not known
        return SAID[min(pending.of_all(but=person.at) or Truth.NO, Truth.UNKNOWN)]
    return SAID[pending.after(ended, but=person.at) or Truth.NO]


def _pending(person: Person, record: Record) -> Iterator[tuple[int, Truth, int]]:
    """For each action with a pending charge, the days up to which it surely and perhaps came later."""
    place = person.place
    for of, (action, states) in enumerate(record.actions):
        most = Truth.NO
        for charge in states.values():
            adjourned = is_adjourned(charge["ending"], place)
            may = Truth(int(adjourned or charge["ending"] in _NOT_OVER))
            pending = Truth.YES if is_open(charge["ending"], place) else may
            most = max(most, min(pending, person.is_crime(charge)))
        if most is Truth.NO:
            continue
        surely, perhaps = opened_until(action, states)
        yield perhaps, Truth.UNKNOWN, of
        if most is Truth.YES:
            yield surely, Truth.YES, of


def followed(person: Person, other: Folded) -> Folded:
    """The action in which another continues, if it was superseded and the file says by what."""
    seen = {id(other)}
    while any(state["ending"] in _ELSEWHERE_ENDINGS for state in other[1].values()):
        there = Person(person.place, other[0], person.record, person.at)
        found = [each for state in other[1].values() for each in _heirs(there, state) if id(each) not in seen]
        if len(found) != 1:
            return other
        other = found[0]
        seen.add(id(other))
    return other


_ELSEWHERE_ENDINGS = (Disposition.SUPERSEDED, Disposition.TRANSFERRED_SUPERIOR)


def named_actions(person: Person, state: Standing, how: str = "refers_to") -> list[Folded]:
    """The person's other actions whose number a row names."""
    name = bare_number(str(state.get(how) or ""))
    return person.numbered(name) if name else []


def _heirs(person: Person, state: Standing) -> list[Folded]:
    """The instruments in which a superseded one may continue: the one named, or the indictments of the arrest."""
    if named := named_actions(person, state):
        return named
    own = bare_number(person.action.indictment)
    superior = [o for o in person.companions() if o[0].indictment and o[1]]
    return [o for o in superior if not own or bare_number(o[0].indictment) == own]


def _successor(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """How the instrument ended in which a superseded one continues; ``none`` if the file holds none."""
    if person.depth > _DEEPEST:  # instruments that refer to one another in a circle say nothing
        return None
    ends = {person.fate(followed(person, other), on, changes)[0] for other in _heirs(person, state)}
    return "none" if not ends else ends.pop() if len(ends) == 1 else None


def _successor_from(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    days = [person.fate(followed(person, other), on, changes)[1] for other in _heirs(person, state)]
    return max((day for day in days if day is not None), default=None)


def _age(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whole years at the act, in figures."""
    born, act = person.action.birth_date, person.action.crime_date
    if born is None or act is None:
        return None
    return str(act.year - born.year - ((act.month, act.day) < (born.month, born.day)))


def _latest_crime_from(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """When the clock of the last of all convictions of a crime begins, this one among them."""
    own = state["ending"] in CONVICTIONS and person.is_crime(state) is not Truth.NO
    days = [starts_on(state)] if own else []
    if not person.alone:

        def begins(record: Record) -> Highest[dt.date]:
            every = ((each.of, starts_on(each.state)) for each in _convictions(person))
            return Highest((0, day, of) for of, day in every if day is not None)

        days.append(person.record.once("latest_crime_from", begins).of_all(but=person.at))
    return max((day for day in days if day is not None), default=None)


def crimes_of(person: Person, state: Standing, severities: frozenset[str]) -> tuple[int, int]:
    """How many convictions, this one among them, are of a crime of these severities; and how many may be of a crime."""

    def counted(record: Record) -> dict[int | None, dict[tuple[object, Truth], int]]:
        found: dict[int | None, dict[tuple[object, Truth], int]] = {None: {}}
        for each in _convictions(person):
            told = each.state.get("severity"), each.crime
            for counts in (found[None], found.setdefault(each.of, {})):
                counts[told] = counts.get(told, 0) + 1
        return found

    by_action = person.record.once("crimes_by_severity", counted)
    own = {} if person.at is None else by_action.get(person.at, {})
    crime = person.is_crime(state) if state["ending"] in CONVICTIONS else Truth.NO
    known, unknown = int(crime is Truth.YES and state.get("severity") in severities), int(crime is Truth.UNKNOWN)
    for counts, sign in ((by_action[None], 1), (own, -1)):
        for (severity, truth), number in counts.items():
            if truth is Truth.UNKNOWN:
                unknown += sign * number
            elif severity in severities:
                known += sign * number
    return known, unknown


def _arrested_on(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    return person.action.arrest_date


#: By name. A state lists them among its own.
COMMON_FACTS = {
    "restart": Fact(_restart(sure=True)),
    "restart_if": Fact(_restart(sure=False)),
    "in_custody": Fact(_in_custody, reads=frozenset({"held", "ended_on"})),
    "pending_crime": Fact(_pending_crime),
    "successor": Fact(_successor, by_day=True),
    "successor_from": Fact(_successor_from, by_day=True),
    "age_at_crime": Fact(_age, of_action=True, told_by=("birth_date", "crime_date")),
    "arrested_on": Fact(_arrested_on, of_action=True, told_by=("arrest_date",)),
    "latest_crime_from": Fact(
        _latest_crime_from, reads=frozenset({"released_on", "sentenced_on", "ended_on", "severity"})
    ),
}
