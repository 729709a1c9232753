"""What is left of the law once some of a charge's facts are settled: for many charges, the same little.

A condition that is settled is removed, and so is a rule that can no longer be met. What is left has the same truth and
the same missing facts as the whole, whatever the other facts turn out to be; rules themselves stay as they are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

from .clocks import Clock
from .conditions import ALWAYS, NEVER, Condition, Either, Every, Facts, Not
from .rules import Jurisdiction, RegimeRules, Rule, Unit
from .status_transitions import SIDES
from .three_values import Truth

__all__ = ["Bearing", "Residual", "bearing_of", "bearing_on", "narrowed", "order_of_rules", "residuals"]

_ALWAYS: Condition = ALWAYS
_NEVER: Condition = NEVER


class Residual(NamedTuple):
    """What is left of a rule."""

    rule: Rule
    when: Condition
    doubt: Condition
    clock: Clock | None

    def facts(self) -> frozenset[str]:
        """Names of the facts that it asks for."""
        clock = self.clock.facts() | {self.clock.stopped_by} if self.clock else frozenset[str]()
        return self.when.facts() | self.doubt.facts() | clock | {*self.rule.starts, self.rule.governed_by}

    def narrowed(self, held: Facts) -> Residual | None:
        """What is left of it once some facts are settled; None if it cannot be met."""
        when = narrowed(self.when, held)
        if when is _NEVER:
            return None
        clock = self.clock
        if clock is not None:
            longer = clock.longer and (narrowed(clock.longer[0], held), clock.longer[1])
            if longer != clock.longer or clock.unless is not _NEVER:
                clock = replace(clock, longer=longer, unless=narrowed(clock.unless, held))
        return Residual(self.rule, when, narrowed(self.doubt, held), clock)


@dataclass(frozen=True)
class Bearing:
    """What of the law bears on a charge.

    Attributes
    ----------
    rules : mapping of str to tuple of Residual
        Those of each regime that it may meet.
    doubts : tuple of Residual
        Those that bear on several regimes.
    doubtful : frozenset of str
        Regimes on which they bear.
    blocked, rest : mapping of str to Condition
        Those of each regime.
    """

    rules: Mapping[str, tuple[Residual, ...]]
    doubts: tuple[Residual, ...]
    doubtful: frozenset[str]
    blocked: Mapping[str, Condition]
    rest: Mapping[str, Condition]

    @cached_property
    def all_rules(self) -> Mapping[str, tuple[Residual, ...]]:
        """Those of each regime, with the doubts."""
        return {name: (*rules, *self.doubts) if name in self.doubtful else rules for name, rules in self.rules.items()}

    @cached_property
    def reached(self) -> frozenset[str]:
        """Regimes of which it may meet a rule, or under which it may be blocked."""
        return frozenset(name for name in self.rules if self.all_rules[name] or self.blocked[name] is not _NEVER)

    def facts(self) -> frozenset[str]:
        """Names of the facts that it asks for."""
        every = [each for rules in (*self.rules.values(), self.doubts) for each in rules]
        beside = (*self.blocked.values(), *self.rest.values())
        return frozenset[str]().union(*(each.facts() for each in every), *(each.facts() for each in beside))

    def narrowed(self, held: Facts) -> Bearing:
        """What is left of it once some facts are settled."""
        return Bearing(
            {name: _narrowed_rules(rules, held) for name, rules in self.rules.items()},
            _narrowed_rules(self.doubts, held),
            self.doubtful,
            {name: narrowed(condition, held) for name, condition in self.blocked.items()},
            {name: narrowed(condition, held) for name, condition in self.rest.items()},
        )

    def key(self) -> tuple[object, ...]:
        """The same for what asks the same."""
        every = ((name, rules) for name, rules in (*self.rules.items(), ("", self.doubts)) if rules)
        asked = tuple((name, tuple((id(each.rule), *each[1:]) for each in rules)) for name, rules in every)
        return asked, tuple(self.blocked.values()), tuple(self.rest.values())


@lru_cache(maxsize=512)
def bearing_of(place: Jurisdiction, ending: object) -> Bearing:
    """What of a place's law bears on a charge that stands so, each rule as it is written."""
    groups = {group.regime: group for group in place.regimes}

    def rules(group: RegimeRules) -> tuple[Rule, ...]:
        others = group.others if group.unit is Unit.EVERY_CHARGE else ()
        return (*group.rules, *(rule for name in others for rule in groups[name].rules))

    return Bearing(
        {group.regime: residuals(rules(group), ending) for group in place.regimes},
        residuals(place.doubts, ending),
        frozenset(group.regime for group in place.regimes if group.doubtful) or frozenset({next(iter(groups))}),
        {group.regime: group.blocked for group in place.regimes},
        {group.regime: group.rest for group in place.regimes},
    )


def bearing_on(place: Jurisdiction, state: Mapping[str, object]) -> Bearing:
    """What of a place's law bears on a charge with these facts: nothing that its own words do not let it meet.

    Whether the person is held or supervised is left open: a rule that this alone keeps from a charge is explained.
    """
    ending = state["ending"]
    asked = _of_ending(place, ending)[1]
    words = [(name, state[name]) for name in asked if name not in SIDES and isinstance(state.get(name), str)]
    return _settled_bearing(place, ending, tuple(words))


@lru_cache(maxsize=16_384)
def _settled_bearing(place: Jurisdiction, ending: object, words: tuple[tuple[str, object], ...]) -> Bearing:
    return _of_ending(place, ending)[0].narrowed(dict(words))


@lru_cache(maxsize=512)
def _of_ending(place: Jurisdiction, ending: object) -> tuple[Bearing, tuple[str, ...]]:
    bearing = bearing_of(place, ending).narrowed({"ending": ending})
    return bearing, tuple(sorted(bearing.facts()))


def residuals(rules: tuple[Rule, ...], ending: object) -> tuple[Residual, ...]:
    """Those of some rules that a charge which stands so may meet, as they are written."""
    return tuple(
        Residual(rule, rule.when, rule.doubt, rule.clock)
        for rule in rules
        if rule.endings is None or ending in rule.endings
    )


@lru_cache(maxsize=64)
def order_of_rules(place: Jurisdiction) -> Mapping[int, int]:
    """By the identity of a rule, its place among all of them."""
    return {id(rule): at for at, rule in enumerate(place.rules())}


def _narrowed_rules(rules: tuple[Residual, ...], held: Facts) -> tuple[Residual, ...]:
    return tuple(left for each in rules if (left := each.narrowed(held)) is not None)


def narrowed(condition: Condition, held: Facts) -> Condition:
    """What is left of a condition once some facts are settled.

    Examples
    --------
    >>> from sealscrub.custodian.law.conditions import Is
    >>> convicted = Every(Is("ending", "CONVICTED"), Is("severity", "V"))
    >>> narrowed(convicted, {"ending": "CONVICTED"}).words()
    'severity is V'
    """
    if isinstance(condition, Not):
        part = narrowed(condition.part, held)
        if part is _ALWAYS or part is _NEVER:
            return _NEVER if part is _ALWAYS else _ALWAYS
        return condition if part is condition.part else Not(part)
    if isinstance(condition, Every | Either):
        neutral, decisive = (_ALWAYS, _NEVER) if isinstance(condition, Every) else (_NEVER, _ALWAYS)
        left = []
        for each in condition.parts:
            part = narrowed(each, held)
            if part is decisive:
                return decisive
            if part is not neutral:
                left.append(part)
        if len(left) < 2:
            return left[0] if left else neutral
        return type(condition)(*left)
    truth = condition.truth(held)
    if truth is Truth.UNKNOWN:
        return condition
    return _ALWAYS if truth is Truth.YES else _NEVER
