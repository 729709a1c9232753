"""How the charges of many actions stand: each shape of history is folded once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from .charge_events import Standing, fold
from .classes import STATED
from .dispositions import DispositionMap
from .equal_histories import NO_DAY, Group, Numbers, alike
from .events import Action, Event, EventKind
from .rules import Jurisdiction
from .state_declarations import ColumnKind
from .status_numbers import Standings, Unit
from .traced_days import Piece, as_day, pieces

__all__: list[str] = []

#: Of a charge's rows, the dockets that their texts name.
Named = dict[int, list[str]]

_ACTION_REFERENCES = ("refers_to", "joined_with")
_TEXTS = ("disposition", "indictment")
_NO_DAY: Any = None  # the day is set when the event is used
_ROW_DAYS = ("event_date", "notified_on")


class FoldedCharges:
    """What is known of the charges of each action.

    Attributes
    ----------
    action : numpy.ndarray
        For each charge its action, in order.
    """

    def __init__(self, actions: int, charges: pl.DataFrame, folded: Sequence[Piece], named: Named) -> None:
        self.action = charges["action"].to_numpy().astype(np.int64)
        names = charges["charge"].unique().sort()
        self._names = names.to_list()
        self._name_of = names.search_sorted(charges["charge"]).to_numpy()
        self._first = np.searchsorted(self.action, np.arange(actions + 1))
        self._outcomes = [_parts(piece) for piece in folded]
        self._named = named
        self._piece, self._place = (np.zeros(len(self.action), np.int32) for _ in range(2))
        for at, piece in enumerate(folded):
            self._piece[piece.members], self._place[piece.members] = at, np.arange(len(piece.members))

    def charges(self, action: int) -> range:
        """The charges of an action."""
        return range(int(self._first[action]), int(self._first[action + 1]))

    def states(self, action: int) -> dict[str, Standing]:
        """All that is known of an action's charges, by number, in their order."""
        each = self.charges(action)
        names = [self._names[name] for name in self._name_of[each.start : each.stop].tolist()]
        return dict(zip(names, map(self._state, each), strict=True))

    def _state(self, at: int) -> Standing:
        words, days = self._outcomes[self._piece[at]]
        place = self._place[at]
        state = {**words, **{name: as_day(int(column[place])) for name, column in days}}
        for name in _ACTION_REFERENCES:
            if isinstance(of := state.get(name), int):
                state[name] = self._named[at][of]
        return state


class Folds(FoldedCharges):
    """How the charges of each action stand.

    Attributes
    ----------
    number : numpy.ndarray
        For each charge the number of its standing.
    days : numpy.ndarray
        For each charge the days of its standing.
    """

    def __init__(
        self, actions: int, charges: pl.DataFrame, folded: Sequence[Piece], named: Named, standings: Standings
    ) -> None:
        super().__init__(actions, charges, folded, named)
        kept = [standings.keep(piece.outcome) for piece in folded]
        self.number = np.zeros(len(charges), np.int64)
        self.days = np.full((len(charges), max((len(names) for _, names in kept), default=0)), NO_DAY, np.int64)
        for piece, (number, names) in zip(folded, kept, strict=True):
            self.number[piece.members] = number
            for column, name in enumerate(names):
                self.days[piece.members, column] = piece.days(piece.outcome[name])

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

    def units(self, of: npt.NDArray[np.bool_]) -> Iterator[Group]:
        """The charges of some actions, those that stand alike once, put together if they are alike."""
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


def fold_charges(actions: pl.DataFrame, rows: pl.DataFrame, dockets: Sequence[str], standings: Standings) -> Folds:
    """How the charges of each action stand, in the order of their numbers.

    ``rows`` have their classes next to them, and ``dockets`` are those that texts name, by number.
    """
    return Folds(len(actions), *_folded(actions, rows, dockets, standings.mapping, exact=False), standings)


def fold_exactly(
    actions: pl.DataFrame, rows: pl.DataFrame, dockets: Sequence[str], mapping: DispositionMap
) -> FoldedCharges:
    """The same with every word as the rows state it, also those that the rules cannot distinguish."""
    return FoldedCharges(len(actions), *_folded(actions, rows, dockets, mapping, exact=True))


def _folded(
    actions: pl.DataFrame, rows: pl.DataFrame, dockets: Sequence[str], mapping: DispositionMap, *, exact: bool
) -> tuple[pl.DataFrame, list[Piece], Named]:
    charges = _charges(actions, rows)
    own = [column.name for column in mapping.place.columns if column.kind is ColumnKind.DAY]
    each = _rows_of(rows, charges, [*_ROW_DAYS, *own])
    named: Named = {
        history: [dockets[number] for number in numbers]
        for history, numbers in each.drop_nulls("named")
        .group_by("history")
        .agg(pl.col("named").unique().sort())
        .iter_rows()
    }
    groups = list(_histories(actions, each, charges, [*_ROW_DAYS, *own], exact=exact))
    events = _events(rows, {label for group in groups for label in group.labels}, mapping.place)

    def folded(group: Group, days: Sequence[dt.date]) -> Standing:
        state = fold(*_case(group, days, events, own), mapping)[""]
        # each of the group names a docket of its own at this place
        names = named.get(int(group.members[0]), [])
        return state | {name: names.index(str(of)) for name in _ACTION_REFERENCES if (of := state.get(name))}

    return charges, list(pieces(groups, folded)), named


def _charges(actions: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The charges of each action, in order; an action whose rows name none has one without a number."""
    named = rows.select("action", "charge").filter(pl.col("charge").fill_null("") != "").unique()
    nameless = actions.select("action").join(named, on="action", how="anti").with_columns(charge=pl.lit(""))
    every = pl.concat([named, nameless.select("action", "charge")])
    return every.sort("action", "charge").with_row_index("history")


def _rows_of(rows: pl.DataFrame, charges: pl.DataFrame, days_of: Sequence[str]) -> pl.DataFrame:
    """The rows of each charge and those of the whole instrument, what says the same once, in an order of their own."""
    classes = ("number", "exact", "offence", "named")
    days = pl.col(*days_of).cast(pl.Int64).fill_null(NO_DAY)
    said = rows.select("action", pl.col("charge").fill_null(""), *classes, days, at=pl.int_range(pl.len()))
    whole = said.filter(pl.col("charge") == "").drop("charge").join(charges, on="action")
    own = said.filter(pl.col("charge") != "").join(charges, on=["action", "charge"])
    order = ["history", "event_date", "number", "exact", "named", *days_of[1:]]
    each = pl.concat([part.select(*order, "offence", "at") for part in (whole, own)])
    return each.unique(subset=order).sort(order)


def _histories(
    actions: pl.DataFrame, each: pl.DataFrame, charges: pl.DataFrame, days_of: Sequence[str], *, exact: bool
) -> Iterator[Group]:
    """Histories of charges that are alike: their rows and those of the whole instrument, and when it all began.

    The rows of the first of them stand for those of all.
    """
    size = np.bincount(each["history"].to_numpy(), minlength=len(charges))
    begun = actions.select(pl.col("arrest_date", "crime_date").cast(pl.Int64).fill_null(NO_DAY)).to_numpy()
    of = charges["action"].to_numpy()
    labels, at = _labels(each, exact=exact), each["at"].to_numpy()
    for places, members in _by_size(np.arange(len(charges)), size):
        days = np.hstack([_side_by_side(each, days_of, places), begun[of[members]]])
        yield from alike(labels[places], days, members, at[places])


def _labels(each: pl.DataFrame, *, exact: bool) -> Numbers:
    """What of each row must be the same in histories that are alike.

    That is its class, and which docket it names among those of its history; but where the rows of a history state
    several offences, whether two of them are the same matters, and each row counts as what it states. If ``exact``,
    each always does.
    """
    history, offence = each["history"].to_numpy(), each["offence"].to_numpy()
    labels = each["number"].to_numpy().astype(np.int64)
    classes = int(labels.max(initial=-1)) + 1
    differs = (offence[1:] != offence[:-1]) & (history[1:] == history[:-1])
    several = np.ones(len(each), bool) if exact else np.isin(history, np.unique(history[1:][differs]))
    labels[several] = classes + each["exact"].to_numpy()[several]
    naming = np.flatnonzero(each["named"].is_not_null().to_numpy())
    place = each[naming].select(pl.col("named").rank("dense").over("history")).to_series().to_numpy()
    labels[naming] += place.astype(np.int64) * (int(labels.max(initial=-1)) + 1)
    return labels


def _by_size(names: Numbers, sizes: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """For each size, the rows of those that have so many, one after the other, and which they are."""
    first = np.cumsum(sizes) - sizes
    for size in np.unique(sizes).tolist():
        chosen = np.flatnonzero(sizes == size)
        yield first[chosen, None] + np.arange(size), names[chosen].astype(np.int64)


def _side_by_side(frame: pl.DataFrame, names: Sequence[str], rows: Numbers) -> Numbers:
    """Some columns of several rows next to one another: all those of the first row first."""
    columns = [frame[name].to_numpy()[rows] for name in names]
    if not columns:
        return np.zeros((len(rows), 0), np.int64)
    return np.stack(columns, axis=2).reshape(len(rows), -1)


def _case(
    group: Group, days: Sequence[dt.date], events: Mapping[int, Event], own: Sequence[str]
) -> tuple[Action, list[Event]]:
    """A charge that has a history of this shape, on these days."""
    each = [None if place is None else days[place] for place in group.places]
    width, common = len(_ROW_DAYS) + len(own), len(_ROW_DAYS)
    made = []
    for at, number in enumerate(group.labels):
        of_row = each[at * width : (at + 1) * width]
        stamps: dict[str, Any] = dict(zip(_ROW_DAYS, of_row[:common], strict=True))
        if own:
            further = ((name, day) for name, day in zip(own, of_row[common:], strict=True) if day is not None)
            stamps["more"] = (*(events[number].more or ()), *further) or None
        made.append(replace(events[number], **stamps))
    arrested, committed = each[len(group.labels) * width :]
    return Action(arrest_date=arrested, crime_date=committed), made


def _events(rows: pl.DataFrame, places: Iterable[int], law: Jurisdiction) -> dict[int, Event]:
    """Some rows as events; their days are to be set."""
    chosen = sorted(places)
    names = [name for name in STATED if name not in _TEXTS]
    texts = [pl.col(name).fill_null("") for name in _TEXTS]
    own = [column.name for column in law.columns if column.kind is not ColumnKind.DAY]
    made = {}
    for at, row in zip(chosen, rows[chosen].select(*names, *own, *texts).iter_rows(named=True), strict=True):
        facts = {name: row[name] for name in names if name != "event"}
        facts["more"] = tuple((name, row[name]) for name in own if row[name] is not None) or None
        kind, text, indictment = EventKind.named(row["event"]), row["disposition"], row["indictment"]
        made[at] = Event(event_date=_NO_DAY, event=kind, text=text, indictment=indictment, **facts)
    return made
