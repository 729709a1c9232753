"""The actions of a file in its order, each seen among those of its person, with every word that their rows state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from .batch_charge_status import FoldedCharges, fold_exactly
from .charge_events import Standing
from .charges import ChargeRows
from .classes import classes_of
from .disposition_files import action_of, named_actions
from .dispositions import DispositionMap
from .equal_histories import Numbers
from .person import Person
from .record import Folded, Record
from .rules import Jurisdiction

__all__: list[str] = []

_BLOCK = 4096


class ActionAmongOthers(NamedTuple):
    """An action of a file, and how its charges stand."""

    number: int
    person: Person
    states: Mapping[str, Standing]


def actions_in_order(
    charges: ChargeRows, rows: pl.DataFrame, place: Jurisdiction, mapping: DispositionMap
) -> Iterator[ActionAmongOthers]:
    """Give each action of a file; ``rows`` are those of it that count on the day that is asked about."""
    classes, dockets = classes_of(rows, place, mapping)
    folded = fold_exactly(charges.actions, rows.hstack(classes), dockets, mapping)
    begun = np.ones(len(charges.actions), bool)
    begun[charges.rows["action"].unique().to_numpy()] = False
    begun[rows["action"].unique().to_numpy()] = True
    named = named_actions(charges.actions)
    records = _Records(charges.actions["person"], begun)
    for first in range(0, len(begun), _BLOCK):
        block = range(first, min(first + _BLOCK, len(begun)))
        records.add(records.new_in(block), named, folded)
        for number in block:
            own, record, at = records.of(number)
            yield ActionAmongOthers(number, Person(place, own[0], record, at), own[1])


class _Records:
    """The records of persons, of whom some action is still to come."""

    def __init__(self, person: pl.Series, begun: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> None:
        self._who: Numbers = np.unique(person.to_numpy(), return_inverse=True)[1]
        self._order = np.argsort(self._who, kind="stable")  # those of one person are together
        self._first = np.searchsorted(self._who[self._order], np.arange(len(self._who) + 1))
        self._begun = begun
        self._folded: dict[int, Folded] = {}
        self._records: dict[int, tuple[Record, dict[int, int], int]] = {}

    def _theirs(self, who: int) -> list[int]:
        found: list[int] = self._order[self._first[who] : self._first[who + 1]].tolist()
        return found

    def new_in(self, block: range) -> list[int]:
        """The persons whose first action is in a block."""
        some = np.unique(self._who[block.start : block.stop])
        found: list[int] = some[self._order[self._first[some]] >= block.start].tolist()
        return found

    def add(self, persons: list[int], named: pl.DataFrame, folded: FoldedCharges) -> None:
        """Look at all actions of some persons."""
        theirs = {who: self._theirs(who) for who in persons}
        every = [number for numbers in theirs.values() for number in numbers]
        for row in named[every].iter_rows(named=True):
            self._folded[row["action"]] = action_of(row), folded.states(row["action"])
        for who, numbers in theirs.items():
            seen = [number for number in numbers if self._begun[number]]
            places = {number: at for at, number in enumerate(seen)}
            self._records[who] = Record([self._folded[number] for number in seen]), places, numbers[-1]

    def of(self, number: int) -> tuple[Folded, Record, int | None]:
        """An action, its person's record and its place there; that of the last action is dropped."""
        who = int(self._who[number])
        record, places, last = self._records[who]
        if number == last:
            del self._records[who]
        return self._folded.pop(number), record, places.get(number)
