"""What else must be known of an action, for many at once: of its own days, and of the person's other actions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from .charges import ChargeRows
from .events import Action
from .folding import Standing
from .folds import Folds
from .person import BY_DAY, OF_ACTION, OF_OTHERS, Person, settled
from .reading import action_of, named_actions
from .rules import Jurisdiction
from .rules import Unit as Extent
from .standings import Standings

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

    def settle(self, standings: Standings) -> npt.NDArray[np.bool_]:
        """Let charges stand with whatever else a rule asks of them; say for which actions that depends on the day."""
        folds, alone = self._folds, self._alone()
        of, number = folds.action, folds.number
        elsewhere = standings.asking(OF_OTHERS)[number] & ~alone[of]
        asking = standings.asking(OF_ACTION)[number] | elsewhere
        daily = np.zeros(len(alone), bool)
        daily[of[elsewhere & standings.asking(BY_DAY)[number]]] = True
        if self._by_arrest:
            daily |= ~alone
        for action in np.unique(of[asking & ~daily[of]]).tolist():
            self._settle(action, standings, OF_ACTION if alone[action] else OF_ACTION | OF_OTHERS)
        return daily

    def _settle(self, number: int, standings: Standings, names: frozenset[str]) -> None:
        person, states = self.person(number), self.folded(number)[1]
        for charge, state in zip(self._folds.charges(number), states.values(), strict=True):
            unit = self._folds.unit(charge, standings)
            if asked := standings.beyond(unit[0]) & names:
                self._folds.put(charge, standings.with_facts(unit, settled(person, state, asked)))

    def _alone(self) -> npt.NDArray[np.bool_]:
        """Of which actions the person has no others."""
        return np.array([all(other == at for other in self._of.get(who, ())) for at, who in enumerate(self._who)], bool)
