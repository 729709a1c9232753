"""An action as its charges stand, weighed under every regime on one day and on later ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .charge_events import Standing
from .person import Person
from .record import Record
from .residual_rules import Bearing, bearing_of
from .rule_answers import Charge, edges_of, weigh_regime
from .rules import RegimeRules, Unit
from .three_values import Truth
from .weighed_rules import Day, Finding, is_before, together

__all__ = ["FoldedAction", "RegimeResult"]


class RegimeResult(NamedTuple):
    """What the regimes of a place come to on a day.

    Attributes
    ----------
    thresholds : frozenset of datetime.date
        Days on which that may change automatically.
    """

    day: Day
    charges: list[Charge]
    found: dict[str, Finding]
    truth: Truth
    thresholds: frozenset[dt.date]

    @classmethod
    def of(
        cls, day: Day, charges: list[Charge], found: dict[str, Finding], more: Iterable[dt.date] = ()
    ) -> RegimeResult:
        """What it comes to; `more` are days on which facts may change."""
        thresholds = together([finding.thresholds for finding in found.values()])
        truth = max((finding.truth for finding in found.values()), default=Truth.NO)
        return cls(day, charges, found, truth, thresholds.union(later for later in more if later > day.on))


class FoldedAction:
    """An action as it stands, ready to be asked about on any day."""

    def __init__(self, person: Person, charges: Sequence[tuple[str, Standing, Bearing]]) -> None:
        self.place = person.place
        self._person = person
        self._states = charges
        self._by_arrest = any(group.unit is Unit.ARREST for group in self.place.regimes)
        # a regime of which no rule bears on any charge says no, on any day
        self.regimes = [
            group
            for group in self.place.regimes
            if self._by_arrest or any(bearing.all_rules[group.regime] for _, _, bearing in charges)
        ]
        self._weighed: Sequence[RegimeRules] = self.regimes
        self._edges: dict[str, list[dt.date]] = {}

    def weigh(self, on: dt.date, *, explain: bool = False) -> RegimeResult:
        """Weigh every regime on a day."""
        views = [self._person.view(state, on) for _, state, _ in self._states]
        charges = [Charge(name, view, bearing) for (name, _, bearing), view in zip(self._states, views, strict=True)]
        day, companions = Day.new(on), self._companions(on)
        found = {
            group.regime: weigh_regime(group, charges, day, companions=companions, explain=explain)
            for group in (self.place.regimes if explain else self.regimes)
        }
        return RegimeResult.of(day, charges, found, {later for view in views for later in view.thresholds})

    def later(self, weighed: RegimeResult, on: dt.date) -> RegimeResult:
        """Weigh on a day after the last; if the person has no other actions, only regimes that may change by then."""
        if not self._person.alone:
            return self.weigh(on)
        charges, day = weighed.charges, weighed.day.later(on)
        for group in self._weighed:  # before any is weighed again: they share rules
            self._edges[group.regime] = edges_of(group, charges, day)
        self._weighed = [group for group in self.regimes if not is_before(on, self._edges[group.regime])]
        again = {group.regime: weigh_regime(group, charges, day) for group in self._weighed}
        return RegimeResult.of(day, charges, weighed.found | again)

    def _companions(self, on: dt.date) -> list[Charge]:
        """Charges of the arrest's other actions, if a regime asks for them."""
        if not self._by_arrest:
            return []
        return [
            Charge(
                charge, Person(self.place, action, Record([])).view(state, on), bearing_of(self.place, state["ending"])
            )
            for action, states in self._person.companions()
            for charge, state in states.items()
        ]
