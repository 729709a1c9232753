"""What a person's other actions say of one: clocks begun anew, charges pending, pleas that cover, new arrests.

Facts of this kind are found when a rule asks for them, and on the day that is asked about: an adjournment may have run
out by then. Each has three values; a severity or a day of arrest that is left blank makes it unknown.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from .dispositions import CONVICTIONS, OPEN, Disposition
from .events import Action
from .folding import Standing
from .jurisdictions import jurisdiction
from .linking import one_arrest
from .narrowing import residuals
from .rules import Jurisdiction
from .truth import Truth, any_of
from .weighing import Finding, weigh_charge

__all__ = ["BY_DAY", "OF_ACTION", "OF_OTHERS", "READ", "Folded", "Person", "View", "settled"]

#: An action and how each of its charges stands.
Folded = tuple[Action, Mapping[str, Standing]]

_DEEPEST = 2
_CONVICTED = "CONVICTED"
_SAID = {Truth.YES: "Y", Truth.NO: "N", Truth.UNKNOWN: None}
_NOT_OVER = frozenset(
    {
        Disposition.ACD_PENDING,
        Disposition.NO_DISPOSITION,
        Disposition.SUPERSEDED,
        Disposition.TRANSFERRED_SUPERIOR,
        Disposition.UNMAPPED,
        "AMBIGUOUS",
    }
)
_PARTIAL = Disposition.ACQUITTED_PARTIAL
_NEITHER = frozenset(  # over, and neither in favour nor by a conviction that the row tells
    {_PARTIAL, Disposition.YO_ADJUDICATED, Disposition.JD_ADJUDICATED, Disposition.REMOVED_FAMILY_COURT}
)


class View(Mapping[str, object]):
    """A charge's facts on a day: those of its rows, and those that the person's other actions give.

    Attributes
    ----------
    thresholds : set of datetime.date
        Days on which the latter may change by themselves.
    """

    def __init__(self, person: Person, state: Standing, on: dt.date) -> None:
        self._person = person
        self._held = state
        self._on = on
        self._found: dict[str, object] = {}
        self.thresholds: set[dt.date] = set()

    def __getitem__(self, name: str) -> object:
        if name in self._held or name not in _LEARNT:
            return self._held[name]
        if name not in self._found:
            self._found[name] = _LEARNT[name](self._person, self._held, self._on, self.thresholds)
        return self._found[name]

    def get(self, name: str, default: object = None) -> object:  # a fact that is not known is asked for often
        """Give a fact; None where it is not known."""
        if name in self._held:
            return self._held[name]
        return self[name] if name in _LEARNT else default

    def __iter__(self) -> Iterator[str]:
        return iter({**self._held, **_LEARNT})

    def __len__(self) -> int:
        return len({**self._held, **_LEARNT})


class Person:
    """The other actions of one person, seen from one of them."""

    def __init__(self, place: Jurisdiction, action: Action, others: Sequence[Folded], depth: int = 0) -> None:
        self.place = place
        self.action = action
        self.others = others
        self.depth = depth

    def view(self, state: Standing, on: dt.date) -> View:
        """Facts of one charge on a day."""
        return View(self, state, on)

    def companions(self) -> list[Folded]:
        """The other actions of the arrest."""
        return [other for other in self.others if one_arrest(self.action, other[0])]

    def is_crime(self, state: Standing) -> Truth:
        """Whether a charge is one of a crime."""
        severity = state.get("severity")
        if severity is None:
            return Truth.UNKNOWN
        return Truth.YES if severity in self.place.crimes else Truth.NO

    def counts(self, state: Standing) -> Truth:
        """Whether a conviction is one of a crime that stands: what the law vacates and expunges is a nullity."""
        crime = self.is_crime(state)
        return crime if crime is Truth.NO else min(crime, ~_nullity(self.place.name, _told(self.place.name, state)))

    def fate(self, other: Folded, on: dt.date, changes: set[dt.date]) -> tuple[str | None, dt.date | None]:
        """How another action has ended: ``crime``, ``petty``, ``favour`` with its day, ``open``, or not known."""
        ends = [self.end(other, state, on, changes) for state in other[1].values()]
        how = [end for end, _ in ends]
        for worst in ("crime", None, "open", "petty"):
            if worst in how:
                return worst, None
        return "favour", max((day for _, day in ends if day is not None), default=None)

    def end(
        self, other: Folded, state: Standing, on: dt.date, changes: set[dt.date]
    ) -> tuple[str | None, dt.date | None]:
        """How one charge of another action has ended, and the day."""
        ended = state.get("ended_on")
        if state["ending"] in CONVICTIONS:
            how = {Truth.YES: "crime", Truth.NO: "petty", Truth.UNKNOWN: None}[self.counts(state)]
            return how, ended if isinstance(ended, dt.date) else None
        if state["ending"] in _NEITHER:
            guilty = state["ending"] == _PARTIAL and self.is_crime(state) is Truth.YES
            return ("crime" if guilty else None), None
        finding = self._favour(other, state, on)
        changes |= {day for day in finding.thresholds if day > on}
        if finding.truth is Truth.YES:
            return "favour", finding.legal_from
        return (None, None) if finding.truth is Truth.UNKNOWN else ("open", None)

    def _favour(self, other: Folded, state: Standing, on: dt.date) -> Finding:
        rest = [each for each in self.others if each is not other]
        seen_from_there = Person(self.place, other[0], rest, self.depth + 1)
        groups = [group for group in self.place.regimes if group.regime in self.place.favourable]
        return weigh_charge(groups, self.place, seen_from_there.view(state, on), on)


@lru_cache
def _asked(place: str) -> tuple[str, ...]:
    """What must be known of a conviction to tell whether it is a nullity."""
    groups = [group for group in jurisdiction(place).regimes if group.regime in jurisdiction(place).favourable]
    rules = residuals(tuple(rule for group in groups for rule in group.rules), _CONVICTED)
    return tuple(sorted(frozenset[str]().union(*(each.facts() for each in rules)) - {"as_of"}))


def _told(place: str, state: Standing) -> tuple[tuple[str, object], ...]:
    return tuple((name, state.get(name)) for name in _asked(place))


@lru_cache(maxsize=4096)
def _nullity(place: str, told: tuple[tuple[str, object], ...]) -> Truth:
    """Whether a conviction is one that the law has by now made a nullity, since when is no matter."""
    groups = [group for group in jurisdiction(place).regimes if group.regime in jurisdiction(place).favourable]
    return weigh_charge(groups, jurisdiction(place), dict(told), dt.date.max).truth


def opened_after(other: Folded, day: object) -> Truth:
    """Whether an action was opened after a day: by its own charge, the arrest, or else what its rows tell."""
    action, states = other
    if not isinstance(day, dt.date):
        return Truth.UNKNOWN
    for opened in (_earliest(states, "charged_on"), action.arrest_date):
        if opened is not None:
            return Truth.UNKNOWN if opened == day else Truth(2 * (opened > day))
    first = _earliest(states, "begun_on")
    if first is not None and first <= day:
        return Truth.NO
    return Truth.YES if action.crime_date is not None and action.crime_date > day else Truth.UNKNOWN


def starts_on(state: Standing) -> dt.date | None:
    """When the clocks of a conviction begin: release, or sentence, or at the least its own day."""
    days = [day for name in ("released_on", "sentenced_on") if isinstance(day := state.get(name), dt.date)]
    ended = state.get("ended_on")
    return max(days, default=ended if isinstance(ended, dt.date) else None)


def _earliest(states: Mapping[str, Standing], name: str) -> dt.date | None:
    return min((day for state in states.values() if isinstance(day := state.get(name), dt.date)), default=None)


def _later_convictions(person: Person, state: Standing) -> list[tuple[Standing, Truth]]:
    """Convictions after this one that are, or may be, of a crime."""
    own = state.get("ended_on")
    found = []
    for _, states in person.others:
        for other in states.values():
            ended = other.get("ended_on")
            if (
                other["ending"] in CONVICTIONS
                and isinstance(own, dt.date)
                and isinstance(ended, dt.date)
                and ended > own
            ):
                found.append((other, person.counts(other)))
    return [(other, crime) for other, crime in found if crime is not Truth.NO]


def _restart(sure: bool) -> Callable[[Person, Standing, dt.date, set[dt.date]], object]:
    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        later = [o for o, crime in _later_convictions(person, state) if crime is Truth.YES or not sure]
        return max((day for other in later if (day := starts_on(other)) is not None), default=None)

    return found


def _in_custody(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Back in prison, on this sentence or on that of a later crime, and not released since."""
    each = [_held(state)]
    each += [min(_held(other), crime) for other, crime in _later_convictions(person, state)]
    return _SAID[any_of(each)]


def _held(state: Standing) -> Truth:
    held = state.get("held")
    return Truth.UNKNOWN if held is None else Truth(2 * (held == "Y"))


def _pending_crime(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """A charge of a crime, brought after this conviction, that is not over."""
    each = []
    for other in person.others:
        after = opened_after(other, state.get("ended_on"))
        for charge in other[1].values():
            pending = Truth.YES if charge["ending"] in OPEN else Truth(int(charge["ending"] in _NOT_OVER))
            each.append(min(after, pending, person.is_crime(charge)))
    return _SAID[any_of(each)]


def _new_case(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """A new arrest or charge of a crime after the order, unless it ended in favour or without a crime."""
    each = [_charged_here(person, state)]
    for other in person.others:
        after = opened_after(other, state.get("ordered_on"))
        if after is Truth.NO:
            continue
        for charge in other[1].values():
            how, _ = person.end(other, charge, on, changes)
            bars = {"crime": Truth.YES, "petty": Truth.NO, "favour": Truth.NO, None: Truth.UNKNOWN}.get(how, Truth.YES)
            each.append(min(after, bars, person.is_crime(charge)))
    return _SAID[any_of(each)]


def _charged_here(person: Person, state: Standing) -> Truth:
    """A new charge that the sealed docket's own rows tell, where no other action of that day says how it went on."""
    day = state.get("new_charge_on")
    if state.get("new_charged") != "Y" or any(
        day in (_earliest(states, "charged_on"), other.arrest_date) for other, states in person.others
    ):
        return Truth.NO
    return person.is_crime({"severity": state.get("new_charge_severity")})


def _resealed_on(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """When the last of such new cases ended so."""
    days = []
    for other in person.others:
        if opened_after(other, state.get("ordered_on")) is not Truth.NO:
            ends = [(person.end(other, charge, on, changes), charge) for charge in other[1].values()]
            days += [day for (_, day), charge in ends if day is not None and person.is_crime(charge) is not Truth.NO]
    return max(days, default=None)


def _companion_crime(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether the file holds the conviction of a crime that covers it: of the docket named, or else of the arrest."""
    others = _named(person, state) if state.get("refers_to") else person.companions()
    pleas = [each for other in others for each in _followed(person, other)[1].values() if each["ending"] in CONVICTIONS]
    return "Y" if any(person.counts(plea) is Truth.YES for plea in pleas) else "N"


def _followed(person: Person, other: Folded) -> Folded:
    """The action in which another goes on, where it was superseded and the file tells by what."""
    seen = {id(other)}
    while any(state["ending"] in _ELSEWHERE for state in other[1].values()):
        there = Person(person.place, other[0], person.others)
        found = [each for state in other[1].values() for each in _heirs(there, state) if id(each) not in seen]
        if len(found) != 1:
            return other
        other = found[0]
        seen.add(id(other))
    return other


_ELSEWHERE = (Disposition.SUPERSEDED, Disposition.TRANSFERRED_SUPERIOR)


def _named(person: Person, state: Standing) -> list[Folded]:
    name = _plain(str(state.get("refers_to") or ""))
    return [o for o in person.others if name and name in (_plain(o[0].docket), _plain(o[0].indictment))]


def _heirs(person: Person, state: Standing) -> list[Folded]:
    """The instruments in which a superseded one may go on: the one named, or the indictments of the arrest."""
    if named := _named(person, state):
        return named
    own = _plain(person.action.indictment)
    superior = [o for o in person.companions() if o[0].indictment and o[1]]
    return [o for o in superior if not own or _plain(o[0].indictment) == own]


def _plain(number: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", number.upper())


def _successor(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """How the instrument ended in which a superseded one goes on; ``none`` where the file holds none."""
    if person.depth > _DEEPEST:  # instruments that refer to one another in a circle tell nothing
        return None
    ends = {person.fate(_followed(person, other), on, changes)[0] for other in _heirs(person, state)}
    return "none" if not ends else ends.pop() if len(ends) == 1 else None


def _successor_from(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    days = [person.fate(_followed(person, other), on, changes)[1] for other in _heirs(person, state)]
    return max((day for day in days if day is not None), default=None)


def _age(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whole years at the act, in figures."""
    born, act = person.action.birth_date, person.action.crime_date
    if born is None or act is None:
        return None
    return str(act.year - born.year - ((act.month, act.day) < (born.month, born.day)))


def _crimes(person: Person, state: Standing) -> list[tuple[Standing, Truth]]:
    others = [other for _, states in person.others for other in states.values()]
    found = [(other, person.counts(other)) for other in others if other["ending"] in CONVICTIONS]
    found += [(state, person.is_crime(state))] if state["ending"] in CONVICTIONS else []
    return [(other, crime) for other, crime in found if crime is not Truth.NO]


def _latest_crime_from(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """When the clock of the last of all convictions of a crime begins."""
    days = [starts_on(other) for other, _ in _crimes(person, state)]
    return max((day for day in days if day is not None), default=None)


def _more_than(most: int, severities: frozenset[str]) -> Callable[[Person, Standing, dt.date, set[dt.date]], object]:
    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        known = sum(
            other.get("severity") in severities for other, crime in _crimes(person, state) if crime is Truth.YES
        )
        unknown = sum(crime is Truth.UNKNOWN for _, crime in _crimes(person, state))
        return "Y" if known > most else None if known + unknown > most else "N"

    return found


def _arrested_on(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    return person.action.arrest_date


_LEARNT: dict[str, Callable[[Person, Standing, dt.date, set[dt.date]], object]] = {
    "restart": _restart(sure=True),
    "restart_if": _restart(sure=False),
    "in_custody": _in_custody,
    "pending_crime": _pending_crime,
    "new_case": _new_case,
    "resealed_on": _resealed_on,
    "companion_crime": _companion_crime,
    "successor": _successor,
    "successor_from": _successor_from,
    "age_at_crime": _age,
    "arrested_on": _arrested_on,
    "latest_crime_from": _latest_crime_from,
    "more_than_two_crimes": _more_than(2, frozenset({"F", "M"})),
    "more_than_one_felony": _more_than(1, frozenset({"F"})),
}
#: Facts that the action's own days give, and those that the person's other actions give.
OF_ACTION = frozenset({"age_at_crime", "arrested_on"})
OF_OTHERS = frozenset(_LEARNT) - OF_ACTION
#: Those that may come out otherwise on another day.
BY_DAY = frozenset({"new_case", "resealed_on", "successor", "successor_from"})
#: What they read of the charge's own facts.
READ = {
    "in_custody": frozenset({"held", "ended_on"}),
    "new_case": frozenset({"ordered_on", "new_charged", "new_charge_on", "new_charge_severity"}),
    "latest_crime_from": frozenset({"released_on", "sentenced_on", "ended_on", "severity"}),
    "more_than_two_crimes": frozenset({"severity"}),
    "more_than_one_felony": frozenset({"severity"}),
}


def settled(person: Person, state: Standing, names: Iterable[str]) -> dict[str, object]:
    """Facts of one charge that are none of those ``BY_DAY``: the same on any day."""
    return {name: _LEARNT[name](person, state, dt.date.min, set()) for name in names}
