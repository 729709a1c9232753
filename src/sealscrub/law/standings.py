"""How many charges stand: each shape of history is folded once, and keeps what some rule asks of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from .classes import named_words
from .conditions import Condition, Either, Every, Is, Not
from .dispositions import DispositionMap
from .events import Action, Event
from .folding import Standing, fold
from .person import OF_ACTION, OF_OTHERS, READ
from .rules import Jurisdiction, Rule
from .tracing import Piece, Shape, as_day, as_number, pieces
from .truth import Truth

__all__: list[str] = []

#: A charge: the number of its standing, and that standing's days (None where one is not known).
Unit = tuple[Any, ...]

_ROW_DAYS = ("event_date", "acd_until", "served_on", "notified_on")
_ALWAYS = frozenset({"ending", "notified_on"})  # asked whatever the rules say
_BEYOND = OF_ACTION | OF_OTHERS
_OTHER = "(no word of the rules)"


class Standings:
    """Standings by number, less the facts that no rule asks of a charge that stands so."""

    def __init__(self, place: Jurisdiction, mapping: DispositionMap) -> None:
        self.mapping = mapping
        self._words = named_words(place)
        self._place = place
        rules = ((rule, rule.requires | {*rule.starts, rule.governed_by}) for rule in place.rules())
        self._beyond = [(rule, facts) for rule, facts in rules if facts & _BEYOND]
        self._needs: dict[int, frozenset[str]] = {}
        self._asked: dict[object, frozenset[str]] = {}
        self._numbers: dict[object, int] = {}
        self._kept: list[tuple[dict[str, object], tuple[str, ...]]] = []

    def keep(self, state: Standing) -> tuple[int, tuple[str, ...]]:
        """The number of a standing, and the names of its days."""
        asked = self._facts_asked(state["ending"])
        held = {name: value for name, value in sorted(state.items()) if name in asked}
        days = tuple(name for name, value in held.items() if isinstance(value, dt.date))
        words = {name: self._word(value) for name, value in held.items() if name not in days}
        words["ending"] = state["ending"]
        return self._number(words, days), days

    def _number(self, words: dict[str, object], days: tuple[str, ...]) -> int:
        number = self._numbers.setdefault((tuple(words.items()), days), len(self._numbers))
        if number == len(self._kept):
            self._kept.append((words, days))
        return number

    def beyond(self, number: int) -> frozenset[str]:
        """What a rule may ask of it that its own rows do not tell."""
        if number not in self._needs:
            words, _ = self._kept[number]
            asked = (facts & _BEYOND for rule, facts in self._beyond if rule.when.truth(words) is not Truth.NO)
            self._needs[number] = frozenset[str]().union(*asked)
        return self._needs[number]

    def with_facts(self, unit: Unit, facts: Mapping[str, object]) -> Unit:
        """A charge with some facts more."""
        if not facts:
            return unit
        number, *stamps = unit
        words, days = self._kept[number]
        more = sorted(name for name, value in facts.items() if isinstance(value, dt.date))
        said = {name: self._word(value) for name, value in sorted(facts.items()) if name not in more}
        found = self._number({**words, **said}, (*days, *more))
        return (found, *stamps, *(as_number(facts[name]) for name in more))  # type: ignore[arg-type]  # they are days

    def on(self, number: int, places: Sequence[int], days: Sequence[dt.date]) -> Standing:
        """A standing, on some of these days."""
        words, names = self._kept[number]
        return {**words, **{name: days[place] for name, place in zip(names, places, strict=True)}}

    def _word(self, value: object) -> object:
        return _OTHER if isinstance(value, str) and value not in self._words else value

    def _facts_asked(self, ending: object) -> frozenset[str]:
        """The facts that any rule may ask of a charge which stands so."""
        found = self._asked.get(ending)
        if found is None:
            asked = frozenset(_asked(self._place, ending)) | _ALWAYS
            read = (READ[fact] for fact in asked if fact in READ)
            found = self._asked[ending] = asked.union(*read)
        return found


def _asked(thing: object, ending: object) -> Iterator[str]:
    """Every word of some rules that bears on a charge which stands so: the names of facts are among them.

    What a rule or a condition says beside an ending that is another one has no bearing.
    """
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, tuple | frozenset):
        for part in thing:
            yield from _asked(part, ending)
    elif isinstance(thing, Is | Every | Either | Not):
        yield from _asked_by(thing, ending)
    elif isinstance(thing, Rule) and _settled(thing.when, ending) is Truth.NO:
        return
    elif is_dataclass(thing) and not isinstance(thing, Truth):
        for each in fields(thing):
            if each.name not in ("requires", "endings"):  # made of the others
                yield from _asked(getattr(thing, each.name), ending)


def _asked_by(condition: Condition, ending: object) -> Iterator[str]:
    if _settled(condition, ending) is not None:
        return
    if isinstance(condition, Every | Either):
        for part in condition.parts:
            yield from _asked_by(part, ending)
    elif isinstance(condition, Not):
        yield from _asked_by(condition.part, ending)
    else:
        yield from condition.facts()


def _settled(condition: Condition, ending: object) -> Truth | None:
    """What a condition comes to by the ending alone; None where other facts have a say."""
    if isinstance(condition, Is):
        return condition.truth({"ending": ending}) if condition.fact == "ending" else None
    if isinstance(condition, Not):
        part = _settled(condition.part, ending)
        return None if part is None else ~part
    if isinstance(condition, Every | Either):
        strong, weak = (Truth.NO, Truth.YES) if isinstance(condition, Every) else (Truth.YES, Truth.NO)
        parts = [_settled(part, ending) for part in condition.parts]
        if strong in parts:
            return strong
        return weak if all(part is weak for part in parts) else None
    return None


@dataclass(frozen=True, eq=False)
class Folds:
    """How the charges of each action stand."""

    _first: Sequence[int]
    _units: Sequence[Unit]
    _pieces: Sequence[Piece]
    _where: npt.NDArray[np.int64]

    def units(self, action: int) -> list[Unit]:
        """What the rules ask of its charges."""
        return list(self._units[self._first[action] : self._first[action + 1]])

    def states(self, action: int) -> dict[str, Standing]:
        """All that is known of its charges, in the order of the units."""
        each = range(self._first[action], self._first[action + 1])
        return {str(at): self._state(at) for at in each}

    def _state(self, at: int) -> Standing:
        of, place = self._where[at]
        piece = self._pieces[of]
        return {
            name: as_day(int(piece.days(value)[place])) if isinstance(value, dt.date) else value
            for name, value in piece.outcome.items()
        }


def fold_charges(actions: pl.DataFrame, rows: pl.DataFrame, events: Sequence[Event], standings: Standings) -> Folds:
    """How the charges of each action stand, in the order of their numbers."""
    histories = list(_histories(actions, rows))

    def folded(shape: Shape, days: Sequence[dt.date]) -> Standing:
        return fold(*_case(shape, days, events), standings.mapping)[""]

    found: list[Unit] = [()] * len(histories)
    where = np.zeros((len(histories), 2), np.int64)
    asked = list(pieces([history[1:] for history in histories], folded))
    for at, piece in enumerate(asked):
        number, names = standings.keep(piece.outcome)
        days = [piece.days(piece.outcome[name]).tolist() for name in names]
        where[piece.members, 0], where[piece.members, 1] = at, np.arange(len(piece.members))
        for member, *stamps in zip(piece.members.tolist(), *days, strict=True):
            found[member] = (number, *stamps)
    first = np.searchsorted([action for action, *_ in histories], np.arange(len(actions) + 1)).tolist()
    return Folds(first, found, asked, where)


def _histories(actions: pl.DataFrame, rows: pl.DataFrame) -> Iterator[tuple[int, Shape, tuple[int, ...]]]:
    """For each charge its action, the shape of its history, and its days in order.

    Days stand in a shape by their place in that order.
    """
    said = rows.drop("row").unique(maintain_order=True).with_columns(pl.col("charge").fill_null(""))
    said = said.with_columns(pl.col(_ROW_DAYS).cast(pl.Int32)).sort("action", "charge", "event_date", "number")
    each = zip(*(said[name].to_list() for name in ("action", "charge", "number", *_ROW_DAYS)), strict=True)
    row = next(each, None)
    begun = actions.select("action", pl.col("arrest_date", "crime_date").cast(pl.Int32))
    for action, *since in begun.iter_rows():
        held: dict[str, list[tuple[int, ...]]] = {}
        while row is not None and row[0] == action:
            held.setdefault(row[1], []).append(row[2:])
            row = next(each, None)
        whole = held.pop("", [])
        for own in held.values() or [[]]:
            yield (action, *_shape([*whole, *own] if whole else own, since))


def _shape(events: list[tuple[int, ...]], since: list[int]) -> tuple[Shape, tuple[int, ...]]:
    stamps: set[Any] = {day for event in events for day in event[1:]} | set(since)
    stamps.discard(None)
    days = tuple(sorted(stamps))
    at: dict[int | None, int | None] = {day: place for place, day in enumerate(days)}
    at[None] = None
    listed: list[tuple[Any, ...]] = [(at[event[1]], event[0], *map(at.__getitem__, event[2:])) for event in events]
    listed.sort(key=_first_two)
    return (tuple(listed), at[since[0]], at[since[1]]), days


def _first_two(event: tuple[Any, ...]) -> tuple[Any, ...]:
    return event[:2]


def _case(shape: Shape, days: Sequence[dt.date], events: Sequence[Event]) -> tuple[Action, list[Event]]:
    """A charge that has a history of this shape, on these days."""
    listed, arrested, committed = shape
    made = []
    for happened, number, *places in listed:
        stamps: Mapping[str, Any] = {
            name: None if place is None else days[place]
            for name, place in zip(_ROW_DAYS, (happened, *places), strict=True)
        }
        made.append(replace(events[number], **stamps))
    since: dict[str, Any] = {"arrest_date": arrested, "crime_date": committed}
    begun: dict[str, Any] = {name: None if at is None else days[at] for name, at in since.items()}
    return Action(**begun), made
