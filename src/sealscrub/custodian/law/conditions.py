"""Conditions on facts, as data: every one can be weighed, explained, and printed.

A condition only combines its parts by "and", "or" and "not" of three values. So a fact more can settle an answer,
and never turn one settled answer into the other: rules are monotone because nothing else can be written.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from .reasons import Reason
from .three_values import Truth

__all__ = ["ALWAYS", "NEVER", "After", "Condition", "Either", "Every", "Facts", "Is", "Known", "Not"]

Facts = Mapping[str, object]
_NO_FACTS = frozenset[str]()


class Condition(Protocol):
    """What a rule asks of the facts."""

    def truth(self, facts: Facts) -> Truth:
        """Weigh it."""

    def reason(self, facts: Facts) -> Reason:
        """Weigh it, and say how."""

    def words(self) -> str:
        """Print it."""

    def facts(self) -> frozenset[str]:
        """Names of the facts that it asks for."""

    def missing(self, facts: Facts) -> frozenset[str]:
        """Names of the facts for want of which it is not known; none if it is."""


@dataclass(frozen=True)
class _OfFact(ABC):
    fact: str

    @abstractmethod
    def truth(self, facts: Facts) -> Truth: ...

    def reason(self, facts: Facts) -> Reason:
        value = facts.get(self.fact)
        if value is None:
            return Reason("missing", f"{self.fact} is not known", Truth.UNKNOWN, fact=self.fact)
        return Reason("fact", f"{self.fact} is {value}", self.truth(facts), fact=self.fact)

    def facts(self) -> frozenset[str]:
        return frozenset({self.fact})

    def missing(self, facts: Facts) -> frozenset[str]:
        return frozenset({self.fact}) if facts.get(self.fact) is None else _NO_FACTS


@dataclass(frozen=True)
class Is(_OfFact):
    """A fact is one of some values."""

    values: frozenset[str]

    def __init__(self, fact: str, *values: str) -> None:
        object.__setattr__(self, "fact", fact)
        object.__setattr__(self, "values", frozenset(values))

    def truth(self, facts: Facts) -> Truth:
        value = facts.get(self.fact)
        if value is None:
            return Truth.UNKNOWN
        return Truth.YES if value in self.values else Truth.NO

    def words(self) -> str:
        return f"{self.fact} is {' or '.join(sorted(self.values))}"


@dataclass(frozen=True)
class After(_OfFact):
    """A day is on or after another."""

    day: dt.date

    def truth(self, facts: Facts) -> Truth:
        value = facts.get(self.fact)
        if not isinstance(value, dt.date):
            return Truth.UNKNOWN
        return Truth.YES if value >= self.day else Truth.NO

    def words(self) -> str:
        return f"{self.fact} is {self.day} or later"


@dataclass(frozen=True)
class Known(_OfFact):
    """A fact is known, whatever it is; if it is not, the condition is not known either."""

    def truth(self, facts: Facts) -> Truth:
        return Truth.UNKNOWN if facts.get(self.fact) is None else Truth.YES

    def words(self) -> str:
        return f"{self.fact} is known"


@dataclass(frozen=True)
class _Compound(ABC):
    parts: tuple[Condition, ...]

    def __init__(self, *parts: Condition) -> None:
        object.__setattr__(self, "parts", parts)

    @abstractmethod
    def truth(self, facts: Facts) -> Truth: ...

    def facts(self) -> frozenset[str]:
        return _NO_FACTS.union(*(part.facts() for part in self.parts))

    def missing(self, facts: Facts) -> frozenset[str]:
        if self.truth(facts) is not Truth.UNKNOWN:
            return _NO_FACTS
        return _NO_FACTS.union(*(part.missing(facts) for part in self.parts))


@dataclass(frozen=True, init=False)
class Every(_Compound):
    """All of some conditions hold."""

    def truth(self, facts: Facts) -> Truth:
        least = Truth.YES
        for part in self.parts:
            if (truth := part.truth(facts)) is Truth.NO:
                return truth
            least = min(least, truth)
        return least

    def reason(self, facts: Facts) -> Reason:
        return Reason("all", "all of these", self.truth(facts), tuple(part.reason(facts) for part in self.parts))

    def words(self) -> str:
        return " and ".join(f"({part.words()})" if isinstance(part, Either) else part.words() for part in self.parts)


@dataclass(frozen=True, init=False)
class Either(_Compound):
    """At least one of some conditions holds."""

    def truth(self, facts: Facts) -> Truth:
        most = Truth.NO
        for part in self.parts:
            if (truth := part.truth(facts)) is Truth.YES:
                return truth
            most = max(most, truth)
        return most

    def reason(self, facts: Facts) -> Reason:
        return Reason("any", "one of these", self.truth(facts), tuple(part.reason(facts) for part in self.parts))

    def words(self) -> str:
        return ", or ".join(f"({part.words()})" if isinstance(part, Every) else part.words() for part in self.parts)


@dataclass(frozen=True)
class Not:
    """A condition does not hold."""

    part: Condition

    def truth(self, facts: Facts) -> Truth:
        return ~self.part.truth(facts)

    def reason(self, facts: Facts) -> Reason:
        return Reason("not", "not this", self.truth(facts), (self.part.reason(facts),))

    def words(self) -> str:
        return f"not ({self.part.words()})"

    def facts(self) -> frozenset[str]:
        return self.part.facts()

    def missing(self, facts: Facts) -> frozenset[str]:
        return self.part.missing(facts)


ALWAYS = Every()
NEVER = Either()
