"""What else must be known of an action, for many at once: of its own days, and of the person's other actions."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from .charges import ChargeRows
from .events import Action
from .folding import Standing
from .person import BY_DAY, OF_ACTION, Person, settled
from .reading import action_of, named_actions
from .rules import Jurisdiction
from .rules import Unit as Extent
from .standings import Folds, Standings, Unit

__all__: list[str] = []


class Others:
    """The persons of a file, whose actions are looked at once a rule asks for them."""

    def __init__(self, charges: ChargeRows, rows: pl.DataFrame, place: Jurisdiction, folds: Folds) -> None:
        """Take the rows of the file, and those of them that count on the day that is asked about."""
        self._place = place
        self._folds = folds
        self._by_arrest = any(group.unit is Extent.ARREST for group in place.regimes)
        self._actions = named_actions(charges.actions)
        self._who = charges.actions["person"].to_list()
        self._of: dict[int, list[int]] = {}
        unseen = set(charges.rows["action"].unique()) - set(rows["action"].unique())  # they have not begun
        for number, who in enumerate(self._who):
            if number not in unseen:
                self._of.setdefault(who, []).append(number)
        self._folded: dict[int, tuple[Action, Mapping[str, Standing]]] = {}

    def person(self, number: int) -> Person:
        """The person, seen from one action."""
        action, _ = self.folded(number)
        others = [self.folded(other) for other in self._of.get(self._who[number], ()) if other != number]
        return Person(self._place, action, others)

    def folded(self, number: int) -> tuple[Action, Mapping[str, Standing]]:
        """An action, and how its charges stand."""
        found = self._folded.get(number)
        if found is None:
            action = action_of(self._actions.row(number, named=True))
            found = self._folded[number] = action, self._folds.states(number)
        return found

    def settle(self, number: int, standings: Standings) -> list[Unit] | None:
        """How its charges stand, with whatever else a rule asks of them; None where that depends on the day."""
        units = self._folds.units(number)
        alone = all(other == number for other in self._of.get(self._who[number], ()))
        if self._by_arrest and not alone:
            return None
        asked = [standings.beyond(unit[0]) & OF_ACTION if alone else standings.beyond(unit[0]) for unit in units]
        if not any(asked):
            return units
        if any(facts & BY_DAY for facts in asked):
            return None
        person = self.person(number)
        states = self.folded(number)[1].values()
        each = zip(units, states, asked, strict=True)
        return [standings.with_facts(unit, settled(person, state, facts)) for unit, state, facts in each]
