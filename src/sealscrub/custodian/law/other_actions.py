"""What else must be known of an action, for many at once: of its own days, and of the person's other actions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from .batch_charge_status import Folds
from .charge_events import Standing
from .charges import ChargeRows
from .disposition_files import action_of, named_actions
from .equal_histories import Numbers
from .events import Action
from .person import Person, settled
from .record import Record
from .rules import Jurisdiction
from .rules import Unit as Extent
from .status_numbers import Standings
from .traced_days import Progress

__all__: list[str] = []

_BLOCK = 4096


class Others:
    """The persons of a file, whose actions are looked at once a rule asks for them."""

    def __init__(self, charges: ChargeRows, rows: pl.DataFrame, place: Jurisdiction, folds: Folds) -> None:
        """Take the rows of the file, and those of them that count on the day that is asked about."""
        self._place = place
        facts = place.facts
        self._of_action = frozenset(name for name, fact in facts.items() if fact.of_action)
        self._of_others = frozenset(facts) - self._of_action
        self._by_day = frozenset(name for name, fact in facts.items() if fact.by_day)
        self._folds = folds
        self._by_arrest = any(group.unit is Extent.ARREST for group in place.regimes)
        who = charges.actions["person"].to_numpy()
        self._who: Numbers = np.unique(who, return_inverse=True)[1]
        self._order = np.argsort(self._who, kind="stable")  # those of one person are together
        self._at = np.empty_like(self._order)
        self._at[self._order] = np.arange(len(who))
        self._first = np.searchsorted(self._who[self._order], np.arange(len(who) + 1))
        self._seen = np.ones(len(who), bool)
        self._seen[charges.rows["action"].unique().to_numpy()] = False  # they have not begun
        self._seen[rows["action"].unique().to_numpy()] = True
        self._actions = named_actions(charges.actions[self._order])
        self._block = -1
        self._named: dict[int, Action] = {}
        self._folded: dict[int, tuple[Action, Mapping[str, Standing]]] = {}
        self._record: tuple[Record, Mapping[int, int]] | None = None
        self._whose = -1

    def person(self, number: int) -> Person:
        """The person, seen from one action."""
        action, _ = self.folded(number)
        if self._record is None:
            theirs = self._order[self._first[self._whose] : self._first[self._whose + 1]]
            seen = theirs[self._seen[theirs]].tolist()
            self._record = Record([self.folded(other) for other in seen]), {other: at for at, other in enumerate(seen)}
        record, places = self._record
        return Person(self._place, action, record, places.get(number))

    def folded(self, number: int) -> tuple[Action, Mapping[str, Standing]]:
        """An action, and how its charges stand."""
        if self._who[number] != self._whose:
            self._folded.clear()
            self._record = None
            self._whose = int(self._who[number])
        found = self._folded.get(number)
        if found is None:
            found = self._folded[number] = self._action(number), self._folds.states(number)
        return found

    def _action(self, number: int) -> Action:
        """It is made with those around it, which are asked for next."""
        block = int(self._at[number]) // _BLOCK
        if block != self._block:
            rows = self._actions.slice(block * _BLOCK, _BLOCK)
            self._block, self._named = block, {row["action"]: action_of(row) for row in rows.iter_rows(named=True)}
        return self._named[number]

    def by_person(self, of: npt.NDArray[np.bool_]) -> list[int]:
        """Some actions, those of one person one after the other."""
        found: list[int] = self._order[of[self._order]].tolist()
        return found

    def settle(self, standings: Standings, tell: Progress) -> npt.NDArray[np.bool_]:
        """Let charges stand with whatever else a rule asks of them; say for which actions that depends on the day."""
        folds, alone = self._folds, self._without_others()
        of, number = folds.action, folds.number
        elsewhere = standings.asking(self._of_others)[number] & ~alone[of]
        asking = standings.asking(self._of_action)[number] | elsewhere
        daily = np.zeros(len(alone), bool)
        daily[of[elsewhere & standings.asking(self._by_day)[number]]] = True
        if self._by_arrest:
            daily |= ~alone
        asked = np.zeros(len(alone), bool)
        asked[of[asking]] = True
        listed = self.by_person(asked & ~daily)
        for done, action in enumerate(listed):
            if done % _BLOCK == 0:
                tell("looking at persons", done, len(listed))
            self._settle(action, standings, self._of_action if alone[action] else self._of_action | self._of_others)
        return daily

    def _settle(self, number: int, standings: Standings, names: frozenset[str]) -> None:
        person, states = self.person(number), self.folded(number)[1]
        found: dict[object, dict[str, object]] = {}
        for charge, state in zip(self._folds.charges(number), states.values(), strict=True):
            unit = self._folds.unit(charge, standings)
            if asked := standings.beyond(unit[0]) & names:
                stands = asked, tuple(state.items())
                if stands not in found:
                    found[stands] = settled(person, state, asked)
                self._folds.put(charge, standings.with_facts(unit, found[stands]))

    def _without_others(self) -> npt.NDArray[np.bool_]:
        """Of which actions the person has no others."""
        theirs = np.bincount(self._who, weights=self._seen, minlength=1)
        alone: npt.NDArray[np.bool_] = theirs[self._who] == self._seen
        return alone
