"""How the charges of many actions stand: each shape of history is folded once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from .alike import NO_DAY, Group, Numbers, alike
from .events import Action, Event
from .folding import Standing, fold
from .standings import Standings, Unit
from .tracing import Piece, as_day, pieces

__all__: list[str] = []

_ROW_DAYS = ("event_date", "acd_until", "served_on", "notified_on")


class Folds:
    """How the charges of each action stand.

    Attributes
    ----------
    action, number : numpy.ndarray
        For each charge its action, in order, and the number of its standing.
    days : numpy.ndarray
        For each charge the days of its standing.
    """

    def __init__(self, actions: int, of: Numbers, folded: Sequence[Piece], standings: Standings) -> None:
        kept = [standings.keep(piece.outcome) for piece in folded]
        self.action = of
        self.number = np.zeros(len(of), np.int64)
        self.days = np.full((len(of), max((len(names) for _, names in kept), default=0)), NO_DAY, np.int64)
        self._first = np.searchsorted(of, np.arange(actions + 1))
        self._outcomes = [_parts(piece) for piece in folded]
        self._piece, self._place = np.zeros(len(of), np.int32), np.zeros(len(of), np.int32)
        for at, (piece, (number, names)) in enumerate(zip(folded, kept, strict=True)):
            self.number[piece.members] = number
            for column, name in enumerate(names):
                self.days[piece.members, column] = piece.days(piece.outcome[name])
            self._piece[piece.members], self._place[piece.members] = at, np.arange(len(piece.members))

    def charges(self, action: int) -> range:
        """The charges of an action."""
        return range(int(self._first[action]), int(self._first[action + 1]))

    def unit(self, charge: int, standings: Standings) -> Unit:
        """A charge's standing and its days."""
        number = int(self.number[charge])
        return (number, *self.days[charge, : len(standings.days(number))].tolist())

    def put(self, charge: int, unit: Unit) -> None:
        """Let a charge stand otherwise."""
        wider = len(unit) - 1 - self.days.shape[1]
        if wider > 0:
            self.days = np.hstack([self.days, np.full((len(self.days), wider), NO_DAY, np.int64)])
        self.number[charge] = unit[0]
        self.days[charge] = NO_DAY
        self.days[charge, : len(unit) - 1] = unit[1:]

    def states(self, action: int) -> dict[str, Standing]:
        """All that is known of an action's charges, in their order."""
        return {str(at): self._state(at) for at in self.charges(action)}

    def _state(self, at: int) -> Standing:
        words, days = self._outcomes[self._piece[at]]
        place = self._place[at]
        return {**words, **{name: as_day(int(column[place])) for name, column in days}}

    def units(self, of: npt.NDArray[np.bool_]) -> Iterator[Group]:
        """The charges of some actions, those that stand alike once, put together where they are alike."""
        chosen = of[self.action]
        columns = {f"day{at}": self.days[chosen, at] for at in range(self.days.shape[1])}
        each = pl.DataFrame({"action": self.action[chosen], "number": self.number[chosen], **columns})
        each = each.unique().sort("action", "number", *columns)
        action, size = np.unique(each["action"].to_numpy(), return_counts=True)
        for rows, members in _by_size(action, size):
            labels = each["number"].to_numpy()[rows]
            yield from alike(labels, _side_by_side(each, list(columns), rows), members)


def _parts(piece: Piece) -> tuple[Standing, list[tuple[str, Numbers]]]:
    """What those of a piece have in common, and their days."""
    days = [(name, value) for name, value in piece.outcome.items() if isinstance(value, dt.date)]
    words = {name: value for name, value in piece.outcome.items() if not isinstance(value, dt.date)}
    return words, [(name, piece.days(value)) for name, value in days]


def fold_charges(actions: pl.DataFrame, rows: pl.DataFrame, events: Sequence[Event], standings: Standings) -> Folds:
    """How the charges of each action stand, in the order of their numbers."""

    def folded(group: Group, days: Sequence[dt.date]) -> Standing:
        return fold(*_case(group, days, events), standings.mapping)[""]

    charges = _charges(actions, rows)
    asked = list(pieces(list(_histories(actions, rows, charges)), folded))
    return Folds(len(actions), charges["action"].to_numpy().astype(np.int64), asked, standings)


def _charges(actions: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The charges of each action, in order; an action whose rows name none has one without a number."""
    named = rows.select("action", "charge").filter(pl.col("charge").fill_null("") != "").unique()
    nameless = actions.select("action").join(named, on="action", how="anti").with_columns(charge=pl.lit(""))
    every = pl.concat([named, nameless.select("action", "charge")])
    return every.sort("action", "charge").with_row_index("history")


def _histories(actions: pl.DataFrame, rows: pl.DataFrame, charges: pl.DataFrame) -> Iterator[Group]:
    """Histories of charges that are alike: their rows and those of the whole instrument, and when it all began."""
    said = rows.select("action", "number", pl.col("charge").fill_null(""), pl.col(_ROW_DAYS).cast(pl.Int64)).unique()
    whole = said.filter(pl.col("charge") == "").drop("charge").join(charges, on="action")
    own = said.filter(pl.col("charge") != "").join(charges, on=["action", "charge"])
    order = ["history", "event_date", "number", *_ROW_DAYS[1:]]
    each = pl.concat([part.select(order).fill_null(NO_DAY) for part in (whole, own)]).unique().sort(order)
    size = np.bincount(each["history"].to_numpy(), minlength=len(charges))
    begun = actions.select(pl.col("arrest_date", "crime_date").cast(pl.Int64).fill_null(NO_DAY)).to_numpy()
    of = charges["action"].to_numpy()
    for places, members in _by_size(np.arange(len(charges)), size):
        labels = each["number"].to_numpy()[places].astype(np.int64)
        days = np.hstack([_side_by_side(each, _ROW_DAYS, places), begun[of[members]]])
        yield from alike(labels, days, members)


def _by_size(names: Numbers, sizes: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """For each size, the rows of those that have so many, one after the other, and which they are."""
    first = np.cumsum(sizes) - sizes
    for size in np.unique(sizes).tolist():
        chosen = np.flatnonzero(sizes == size)
        yield first[chosen, None] + np.arange(size), names[chosen].astype(np.int64)


def _side_by_side(frame: pl.DataFrame, names: Sequence[str], rows: Numbers) -> Numbers:
    """Some columns of several rows beside one another: all those of the first row first."""
    columns = [frame[name].to_numpy()[rows] for name in names]
    if not columns:
        return np.zeros((len(rows), 0), np.int64)
    return np.stack(columns, axis=2).reshape(len(rows), -1)


def _case(group: Group, days: Sequence[dt.date], events: Sequence[Event]) -> tuple[Action, list[Event]]:
    """A charge that has a history of this shape, on these days."""
    each = [None if place is None else days[place] for place in group.places]
    width = len(_ROW_DAYS)
    made = []
    for at, number in enumerate(group.labels):
        stamps: Mapping[str, Any] = dict(zip(_ROW_DAYS, each[at * width : (at + 1) * width], strict=True))
        made.append(replace(events[number], **stamps))
    arrested, committed = each[len(group.labels) * width :]
    return Action(arrest_date=arrested, crime_date=committed), made
