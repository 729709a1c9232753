"""A person's actions, seen from one of them: how each ended, and the facts that rules ask for beyond a charge's rows.

Facts of this kind are found when a rule asks for them, and on the day that is asked about: an adjournment may have run
out by then. Each has three values; a severity or a day of arrest that is left blank makes it unknown.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from .charge_events import Standing
from .dispositions import CONVICTIONS, Disposition
from .events import Action
from .jurisdictions import jurisdiction
from .record import Folded, Record
from .residual_rules import Residual, residuals
from .rule_answers import weigh_charge
from .rules import Jurisdiction, RegimeRules
from .state_declarations import EndingKind
from .three_values import Truth
from .weighed_rules import Finding

__all__ = ["Person", "View", "bare_number", "settled"]

_CONVICTED = "CONVICTED"
_PARTIAL = Disposition.ACQUITTED_PARTIAL
# over, and neither in favour nor by a conviction that the row shows
_NEITHER = frozenset({_PARTIAL, Disposition.JD_ADJUDICATED, Disposition.REMOVED_FAMILY_COURT})
_NEITHER_KINDS = (EndingKind.OVER, EndingKind.INSTEAD)


class View(Mapping[str, object]):
    """A charge's facts on a day: those of its rows, and those that the person's other actions give.

    Attributes
    ----------
    thresholds : set of datetime.date
        Days on which the latter may change automatically.
    """

    def __init__(self, person: Person, state: Standing, on: dt.date) -> None:
        self._person = person
        self._held = state
        self._on = on
        self._facts = person.place.facts
        self._found: dict[str, object] = {}
        self.thresholds: set[dt.date] = set()

    def __getitem__(self, name: str) -> object:
        if name in self._held or name not in self._facts:
            return self._held[name]
        if name not in self._found:
            self._found[name] = self._facts[name].find(self._person, self._held, self._on, self.thresholds)
        return self._found[name]

    def get(self, name: str, default: object = None) -> object:  # a fact that is not known is asked for often
        """Give a fact; None if it is not known."""
        if name in self._held:
            return self._held[name]
        return self[name] if name in self._facts else default

    def __iter__(self) -> Iterator[str]:
        return iter({**self._held, **self._facts})

    def __len__(self) -> int:
        return len({**self._held, **self._facts})


class Person:
    """The other actions of one person, seen from one of them.

    Attributes
    ----------
    record : Record
        Of the person.
    at : int or None
        The place of this action among those of the record, if it is one of them.
    """

    def __init__(
        self, place: Jurisdiction, action: Action, record: Record, at: int | None = None, depth: int = 0
    ) -> None:
        self.place = place
        self.action = action
        self.record = record
        self.at = at
        self.depth = depth

    @cached_property
    def others(self) -> Sequence[Folded]:
        """The other actions."""
        every = self.record.actions
        return every if self.at is None else [*every[: self.at], *every[self.at + 1 :]]

    @property
    def alone(self) -> bool:
        """Whether this is the only action of the person."""
        return len(self.record.actions) == (self.at is not None)

    def view(self, state: Standing, on: dt.date) -> View:
        """Facts of one charge on a day."""
        return View(self, state, on)

    def companions(self) -> list[Folded]:
        """The other actions of the arrest."""
        return self._actions_at(
            [at for number in self.action.arrests() for at in self.record.once("arrests", _arrests).get(number, ())]
        )

    def numbered(self, name: str) -> list[Folded]:
        """The other actions that have a docket or an indictment of that number, which is bare of signs."""
        return self._actions_at(self.record.once("numbers", _numbers).get(name, ()))

    def _actions_at(self, places: Iterable[int]) -> list[Folded]:
        return [self.record.actions[at] for at in sorted(set(places)) if at != self.at]

    def is_crime(self, state: Standing) -> Truth:
        """Whether a charge is one of a crime."""
        return self.place.is_crime(state.get("severity"), state.get("offense_class"))

    def counts(self, state: Standing) -> Truth:
        """Whether a conviction is one of a crime that stands: what the law vacates and expunges is a nullity."""
        crime = self.is_crime(state)
        return crime if crime is Truth.NO else min(crime, ~_nullity(self.place.name, state))

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
        if state["ending"] in _NEITHER or self.place.kind_of(state["ending"]) in _NEITHER_KINDS:
            guilty = state["ending"] == _PARTIAL and self.is_crime(state) is Truth.YES
            return ("crime" if guilty else None), None
        finding = self._favour(other, state, on)
        changes |= {day for day in finding.thresholds if day > on}
        if finding.truth is Truth.YES:
            return "favour", finding.legal_from
        return (None, None) if finding.truth is Truth.UNKNOWN else ("open", None)

    def _favour(self, other: Folded, state: Standing, on: dt.date) -> Finding:
        rest = [each for each in self.others if each is not other]
        seen_from_there = Person(self.place, other[0], Record(rest), depth=self.depth + 1)
        return weigh_charge(_favourable(self.place), self.place, seen_from_there.view(state, on), on)


def _arrests(record: Record) -> dict[tuple[str, str], list[int]]:
    """By number of an arrest, the places of its actions."""
    found: dict[tuple[str, str], list[int]] = {}
    for at, (action, _) in enumerate(record.actions):
        for number in action.arrests():
            found.setdefault(number, []).append(at)
    return found


def _numbers(record: Record) -> dict[str, list[int]]:
    """By number of a docket or an indictment, bare of signs, the places of its actions."""
    found: dict[str, list[int]] = {}
    for at, (action, _) in enumerate(record.actions):
        for number in (action.docket, action.indictment):
            found.setdefault(bare_number(number), []).append(at)
    return found


def _nullity(place: str, state: Standing) -> Truth:
    """Whether a conviction is one that the law has by now made a nullity, since when is not a matter."""
    words = tuple([value if isinstance(value := state.get(name), str) else None for name in _nullity_facts(place)])
    asked = _asked_of_nullity(place, words)
    return _nullity_by(place, words, tuple([state.get(name) for name in asked])) if asked is not None else Truth.NO


def _favourable(place: Jurisdiction) -> list[RegimeRules]:
    return [group for group in place.regimes if group.regime in place.favourable]


def _nullity_rules(place: str, ending: object) -> tuple[Residual, ...]:
    rules = (rule for group in _favourable(jurisdiction(place)) for rule in group.rules)
    return residuals((*rules, *jurisdiction(place).doubts), ending)


@lru_cache
def _nullity_facts(place: str) -> tuple[str, ...]:
    """What must be known of a conviction to decide whether it is a nullity."""
    return tuple(
        sorted(frozenset[str]().union(*(each.facts() for each in _nullity_rules(place, _CONVICTED))) - {"as_of"})
    )


@lru_cache(maxsize=4096)
def _asked_of_nullity(place: str, words: tuple[str | None, ...]) -> tuple[str, ...] | None:
    """What the rules that a conviction of these words may meet still ask of it; None if it can meet none."""
    held = _held_words(place, words)
    left = [rule for each in _nullity_rules(place, held["ending"]) if (rule := each.narrowed(held)) is not None]
    asked = frozenset[str]().union(*(rule.facts() for rule in left)) - held.keys()
    return tuple(name for name in _nullity_facts(place) if name in asked) if left else None


@lru_cache(maxsize=4096)
def _nullity_by(place: str, words: tuple[str | None, ...], told: tuple[object, ...]) -> Truth:
    names = _asked_of_nullity(place, words) or ()
    facts: dict[str, object] = {**_held_words(place, words), **dict(zip(names, told, strict=True))}
    return weigh_charge(_favourable(jurisdiction(place)), jurisdiction(place), facts, dt.date.max).truth


def _held_words(place: str, words: tuple[str | None, ...]) -> dict[str, str]:
    return {name: word for name, word in zip(_nullity_facts(place), words, strict=True) if word is not None}


@lru_cache(maxsize=4096)
def bare_number(number: str) -> str:
    """A number without its signs."""
    return re.sub(r"[^0-9A-Z]", "", number.upper())


def settled(person: Person, state: Standing, names: Iterable[str]) -> dict[str, object]:
    """Facts of one charge that are not among ``BY_DAY``: the same on any day."""
    return {name: person.place.facts[name].find(person, state, dt.date.min, set()) for name in names}
