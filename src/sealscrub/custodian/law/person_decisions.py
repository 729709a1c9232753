"""Actions of some persons decided: each shape of history is decided once, and its answer serves all that have it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from .action_answers import decide_standings, decide_states
from .batch_charge_status import fold_charges
from .charges import ChargeRows
from .classes import classes_of, with_own_counts
from .decisions import Decision
from .dispositions import DispositionMap
from .equal_histories import Group, Numbers
from .events import Action
from .nameless_counts import rows_with_counts_differ
from .other_actions import Others
from .person import Person
from .record import Record
from .rules import Jurisdiction
from .state_declarations import ColumnKind
from .status_numbers import Standings
from .traced_days import Piece, Progress, pieces

__all__: list[str] = []

#: Days of a decision, which follow from those of the action.
DAYS = ("legal_from", "duty_from", "eligible_from", "may_apply_from", "next_change")
_TYPES = {ColumnKind.DAY: pl.Date, ColumnKind.FLAG: pl.Boolean, ColumnKind.FOUND: pl.Boolean}
_NO_DAY = np.iinfo(np.int64).min
_OF_DAYS = {*DAYS, "governed_on", "changes"}
_WITHOUT_DAYS = attrgetter(*(each.name for each in fields(Decision) if each.name not in _OF_DAYS))


class DecidedActions(NamedTuple):
    """The answers about some actions, in the order of their numbers.

    Attributes
    ----------
    shapes : tuple of Decision
        Different answers without their days, in the order in which the actions have them.
    actions : polars.DataFrame
        ``action``, its ``shape``, and :data:`DAYS`.
    governed, changes : polars.DataFrame
        ``action`` and ``day``: what its answer says in the fields of these names, a row a day, in order.
    """

    shapes: tuple[Decision, ...]
    actions: pl.DataFrame
    governed: pl.DataFrame
    changes: pl.DataFrame

    def numbered(self, numbers: Numbers) -> DecidedActions:
        """The same about actions that have other numbers."""
        tables = (each.with_columns(pl.Series("action", numbers).gather(each["action"])) for each in self[1:])
        return DecidedActions(self.shapes, *tables)


def decide_persons(
    charges: ChargeRows, as_of: dt.date, known: dt.date, mapping: DispositionMap, tell: Progress
) -> DecidedActions:
    """Decide every action of some persons, of whom all actions are given."""
    place = mapping.place
    tell("reading histories", 0, len(charges.actions))
    rows = rows_that_count(charges, as_of, known, place, mapping)
    classes, dockets = classes_of(rows, place, mapping)
    standings = Standings(place, mapping)
    folds = fold_charges(charges.actions, rows.hstack(classes), dockets, standings)
    others = Others(charges, rows, place, folds)
    daily = others.settle(standings, tell)
    unnamed = Person(place, Action(), Record([]))

    def decided(group: Group, days: Sequence[dt.date]) -> Decision:
        width = len(group.places) // len(group.labels)
        each = [
            ("", *standings.on(number, group.places[at * width : (at + 1) * width], days))
            for at, number in enumerate(group.labels)
        ]
        return decide_standings(unnamed, each, as_of, mapping.version)

    def one_by_one() -> Iterator[Piece]:
        for number in others.by_person(daily):
            person, states = others.person(number), others.folded(number)[1]
            decision = decide_states(person, states, as_of, mapping.version, explain=False)
            yield Piece(np.array([number]), np.zeros((1, 0), np.int64), decision, {})

    shaped = pieces(list(folds.units(~daily)), decided, tell)
    return _decided(len(charges.actions), chain(shaped, one_by_one()))


def rows_that_count(
    charges: ChargeRows, as_of: dt.date, known: dt.date, place: Jurisdiction, mapping: DispositionMap
) -> pl.DataFrame:
    """The rows of a file that had happened and were recorded, with what each of them comes to for its own count."""
    rows = charges.rows.filter(pl.col("event_date") <= as_of, _recorded_by(known))
    return with_own_counts(rows_with_counts_differ(_with_own_columns(rows, place), mapping), mapping)


def _with_own_columns(rows: pl.DataFrame, place: Jurisdiction) -> pl.DataFrame:
    """The rows with every column of the place's own; one that they lack is blank."""
    lacking = [column for column in place.columns if column.name not in rows.columns]
    return rows.with_columns(
        pl.lit(None, dtype=_TYPES.get(column.kind, pl.String)).alias(column.name) for column in lacking
    )


def _recorded_by(known: dt.date) -> pl.Expr:
    return pl.col("recorded_at").is_null() | (pl.col("recorded_at") <= known)


def joined(parts: Iterable[DecidedActions]) -> DecidedActions:
    """The answers about actions of which each is in one of the parts."""
    shapes: list[Decision] = []
    tables: list[tuple[pl.DataFrame, ...]] = []
    for part in parts:
        actions = part.actions.with_columns(pl.col("shape") + len(shapes))
        tables.append((actions, part.governed, part.changes))
        shapes += part.shapes
    return _in_order(shapes, *(pl.concat(each) for each in zip(*tables, strict=True)))


def _decided(count: int, pieces: Iterator[Piece]) -> DecidedActions:
    shapes: list[Decision] = []
    numbers: dict[tuple[object, ...], int] = {}
    shape_of = np.zeros(count, np.int64)
    columns = {name: np.full(count, _NO_DAY, np.int64) for name in DAYS}
    governed, changes = _LongTable(), _LongTable()
    for piece in pieces:
        decision: Decision = piece.outcome
        for name in DAYS:
            day = getattr(decision, name)
            if day is not None:
                columns[name][piece.members] = piece.days(day)
        governed.add(piece, decision.governed_on)
        changes.add(piece, [day for day, _ in decision.changes])
        answers = tuple([answer for _, answer in decision.changes])
        shape = (*_WITHOUT_DAYS(decision), answers)
        if (number := numbers.get(shape)) is None:
            number = numbers[shape] = len(numbers)
            blank = tuple((dt.date.min, answer) for answer in answers)
            dayless: dict[str, Any] = dict.fromkeys(DAYS)
            shapes.append(replace(decision, governed_on=(), changes=blank, **dayless))
        shape_of[piece.members] = number
    days = {name: column.astype("datetime64[D]") for name, column in columns.items()}
    actions = pl.DataFrame({"action": np.arange(count), "shape": shape_of, **days})
    return _in_order(shapes, actions, governed.frame(), changes.frame())


class _LongTable:
    """Days of actions, of which one may have several."""

    def __init__(self) -> None:
        self._actions: list[Numbers] = [np.zeros(0, np.int64)]
        self._days: list[Numbers] = [np.zeros(0, np.int64)]

    def add(self, piece: Piece, days: Sequence[dt.date]) -> None:
        for day in days:
            self._actions.append(piece.members)
            self._days.append(piece.days(day))

    def frame(self) -> pl.DataFrame:
        actions, days = (np.concatenate(each) for each in (self._actions, self._days))
        return pl.DataFrame({"action": actions, "day": days.astype("datetime64[D]")})


def _in_order(
    shapes: Sequence[Decision], actions: pl.DataFrame, governed: pl.DataFrame, changes: pl.DataFrame
) -> DecidedActions:
    """Actions in order, and shapes in the order in which they have them, each once."""
    actions, governed, changes = (each.sort("action", maintain_order=True) for each in (actions, governed, changes))
    numbers: dict[Decision, int] = {}
    first: list[int] = actions["shape"].unique(maintain_order=True).to_list()
    number_of = np.zeros(len(shapes), np.int64)
    for shape in first:
        number_of[shape] = numbers.setdefault(shapes[shape], len(numbers))
    actions = actions.with_columns(shape=pl.Series(number_of).gather(actions["shape"]))
    return DecidedActions(tuple(numbers), actions, governed, changes)
