"""How charges stand, by number: what the rules cannot distinguish has one number, and keeps what they still ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .charge_events import Standing
from .dispositions import DispositionMap
from .residual_rules import Bearing, bearing_of
from .rules import Jurisdiction
from .traced_days import as_number

__all__: list[str] = []

#: A charge: the number of its standing, and that standing's days.
Unit = tuple[int, ...]

_ALWAYS_ASKED = "notified_on"  # asked whatever the rules say


class _KeptFacts(NamedTuple):
    words: Mapping[str, object]
    days: tuple[str, ...]
    bearing: Bearing
    beyond: frozenset[str]


class Standings:
    """Standings by number, less the facts that no rule asks of a charge that stands so."""

    def __init__(self, place: Jurisdiction, mapping: DispositionMap) -> None:
        self.mapping = mapping
        self.place = place
        self._facts = place.facts
        self._endings: dict[object, tuple[Bearing, frozenset[str]]] = {}
        self._said: dict[object, int] = {}
        self._numbers: dict[object, int] = {}
        self._kept: list[_KeptFacts] = []
        self._more: dict[object, tuple[int, tuple[int, ...]]] = {}

    def keep(self, state: Standing) -> tuple[int, tuple[str, ...]]:
        """The number of a standing, and the names of its days."""
        bearing, asked = self._of_ending(state["ending"])
        held = {name: value for name, value in sorted(state.items()) if name in asked}
        days = tuple(name for name, value in held.items() if isinstance(value, dt.date))
        words = {name: value for name, value in held.items() if name not in days}
        said = state["ending"], tuple(words.items()), days
        number = self._said.get(said)
        if number is None:
            number = self._said[said] = self._number(words, days, bearing.narrowed(words))
        return number, self.days(number)

    def _of_ending(self, ending: object) -> tuple[Bearing, frozenset[str]]:
        """What bears on a charge that stands so, and all that may be asked of it."""
        if ending not in self._endings:
            bearing = bearing_of(self.place, ending).narrowed({"ending": ending})
            asked = bearing.facts()
            self._endings[ending] = (
                bearing,
                asked.union({"ending", _ALWAYS_ASKED}, *(self._read(name) for name in asked)),
            )
        return self._endings[ending]

    def _number(self, words: Mapping[str, object], days: Sequence[str], bearing: Bearing) -> int:
        """What is settled and asked by nothing else is left out: standings that differ in it alone are one."""
        asked = bearing.facts()
        beyond = frozenset(name for name in asked & self._facts.keys() if name not in words and name not in days)
        read = frozenset[str]().union(*(self._read(name) for name in beyond), {"ending"} if beyond else ())
        held = {
            name: value
            for name, value in words.items()
            if (name in read and value is not None) or name in asked & self._facts.keys()
        }
        named = tuple(name for name in days if name in asked or name in read or name == _ALWAYS_ASKED)
        number = self._numbers.setdefault((bearing.key(), tuple(held.items()), named), len(self._numbers))
        if number == len(self._kept):
            self._kept.append(_KeptFacts(held, named, bearing, beyond))
        return number

    def _read(self, name: str) -> frozenset[str]:
        """What a fact that is found reads of the charge's own."""
        return self._facts[name].reads if name in self._facts else frozenset()

    def days(self, number: int) -> tuple[str, ...]:
        """The names of a standing's days."""
        return self._kept[number].days

    def beyond(self, number: int) -> frozenset[str]:
        """What a rule may ask of it that its own rows do not show."""
        return self._kept[number].beyond

    def asking(self, names: frozenset[str]) -> npt.NDArray[np.bool_]:
        """For each number, whether a rule may ask one of these of it."""
        return np.array([bool(kept.beyond & names) for kept in self._kept], bool)

    def with_facts(self, unit: Unit, facts: Mapping[str, object]) -> Unit:
        """A charge with some facts more."""
        number, *stamps = unit
        more = tuple(sorted(name for name, value in facts.items() if isinstance(value, dt.date)))
        said = tuple((name, value) for name, value in sorted(facts.items()) if name not in more)
        found = self._more.get((number, said, more))
        if found is None:
            kept = self._kept[number]
            days = (*kept.days, *more)
            words = dict(sorted({**kept.words, **dict(said)}.items()))
            then = self._number(words, days, kept.bearing.narrowed(dict(said)))
            found = self._more[number, said, more] = then, tuple(days.index(name) for name in self._kept[then].days)
        then, places = found
        stamps += [as_number(day) for name in more if isinstance(day := facts[name], dt.date)]
        return (then, *(stamps[place] for place in places))

    def on(self, number: int, places: Sequence[int | None], days: Sequence[dt.date]) -> tuple[Standing, Bearing]:
        """A standing on some of these days, and what of the law bears on it."""
        words, names, bearing, _ = self._kept[number]
        each: dict[str, Any] = {
            name: days[place] for name, place in zip(names, places, strict=False) if place is not None
        }
        return {**words, **each}, bearing
