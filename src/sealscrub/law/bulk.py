"""Many actions at once: each shape of history is decided once, and its answer serves all that have it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from .charges import ChargeRows
from .classes import classes_of
from .deciding import convicted_of_crime, decide_visible
from .decisions import Decision
from .dispositions import DispositionMap, read_map
from .events import Action, Event
from .jurisdictions import jurisdiction
from .tracing import Days, Term, Trace, agreeing, as_day, term_of, traced, values

__all__ = ["Decisions", "decide_charges"]

#: Days of a decision, which follow from those of the action.
DAYS = ("legal_from", "duty_from", "eligible_from", "next_change")
_ROW_DAYS = ("event_date", "acd_until", "served_on", "notified_on")
_NO_DAY = np.iinfo(np.int64).min
_MOST_PIECES = 200  # of one shape; then it is cheaper to decide one by one
_TOLD = 2000

Progress = Callable[[str, int, int], None]
Shape = tuple[Any, ...]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Decisions:
    """The answers about the actions of a file, as of one day.

    Attributes
    ----------
    actions : polars.DataFrame
        Those of the file, in the order of their numbers; ``shape`` says which of the shapes answers, and the days of
        the answer stand beside it.
    shapes : tuple of Decision
        Answers without their days.
    """

    actions: pl.DataFrame
    shapes: tuple[Decision, ...]
    _governed: tuple[tuple[Numbers, ...], ...]
    _place: Numbers

    def __len__(self) -> int:
        return len(self.actions)

    def __repr__(self) -> str:
        return f"Decisions({len(self)} actions)"

    def __iter__(self) -> Iterator[Decision]:
        for number, (shape, *days) in enumerate(self.actions.select("shape", *DAYS).iter_rows()):
            governed = tuple(as_day(int(each[self._place[number]])) for each in self._governed[shape])
            yield replace(self.shapes[shape], governed_on=governed, **dict(zip(DAYS, days, strict=True)))


def decide_charges(
    charges: ChargeRows,
    as_of: dt.date,
    known_at: dt.date | None = None,
    *,
    law: str = "us-ny",
    mapping: DispositionMap | None = None,
    progress: Progress | None = None,
) -> Decisions:
    r"""Decide every action of a file, without trees of reasons. It is no legal advice.

    Parameters
    ----------
    charges : ChargeRows
    as_of, known_at, law, mapping
        As in :func:`decide`.
    progress : callable, optional
        Told a phase, how much of it is done, and of how much.

    Returns
    -------
    Decisions
        The same as :func:`decide` gives for each action by itself, with the others of its arrest as linked ones.

    Raises
    ------
    ConfigError
        When there is no such law.

    Examples
    --------
    >>> import datetime as dt, pathlib, tempfile
    >>> from sealscrub.law import read_charges
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "dispositions.csv"
    >>> _ = file.write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,ACQUITTED,2014-05-01\n")
    >>> [str(decision.answer) for decision in decide_charges(read_charges(file), dt.date(2026, 11, 25))]
    ['sealed']
    """
    place = jurisdiction(law)
    mapping = mapping or read_map(law)
    tell = progress or (lambda phase, done, total: None)
    rows = charges.rows.filter(pl.col("event_date") <= as_of, _recorded_by(known_at or as_of))
    tell("reading histories", 0, len(charges.actions))
    numbers, events = classes_of(rows, place, mapping)
    histories = list(_histories(charges, rows.with_columns(number=numbers)))
    crimes = _companion_crimes(charges.actions["arrest"].to_numpy(), histories, events, mapping)

    def decided(shape: Shape, days: Sequence[dt.date]) -> Decision:
        (history, companion) = shape
        return decide_visible(
            place, *_case(history, days, events), as_of, mapping, companion_crime=companion, explain=False
        )

    with_companions = [((shape, bool(crime)), days) for (shape, days), crime in zip(histories, crimes, strict=True)]
    return _gathered(charges.actions, _pieces(with_companions, decided, tell))


def _recorded_by(known: dt.date) -> pl.Expr:
    return pl.col("recorded_at").is_null() | (pl.col("recorded_at") <= known)


def _histories(charges: ChargeRows, rows: pl.DataFrame) -> Iterator[tuple[Shape, tuple[int, ...]]]:
    """For each action the shape of its history, and its days in order.

    Days stand in a shape by their place in that order. Charges with the same events count once.
    """
    said = rows.drop("row").unique(maintain_order=True).with_columns(pl.col("charge").fill_null(""))
    said = said.with_columns(pl.col(_ROW_DAYS).cast(pl.Int32)).sort("action", "charge", "event_date", "number")
    columns = [said[name].to_list() for name in ("action", "charge", "number", *_ROW_DAYS)]
    each = zip(*columns, strict=True)
    row = next(each, None)
    for number, *begun in charges.actions.select("action", pl.col("arrest_date", "crime_date").cast(pl.Int32)).iter_rows():
        held: dict[str, list[tuple[int, ...]]] = {}
        while row is not None and row[0] == number:
            held.setdefault(row[1], []).append(row[2:])
            row = next(each, None)
        whole = held.pop("", [])
        own = list(dict.fromkeys(map(tuple, held.values())))
        stamps = {day for part in (whole, *own) for event in part for day in event[1:]} | set(begun)
        stamps.discard(None)  # type: ignore[arg-type]  # what is blank
        days = tuple(sorted(stamps))
        at: dict[int | None, int | None] = {day: place for place, day in enumerate(days)}
        at[None] = None
        parts = tuple(tuple((event[0], *map(at.__getitem__, event[1:])) for event in part) for part in (whole, *own))
        yield (parts, at[begun[0]], at[begun[1]]), days


def _case(history: Shape, days: Sequence[dt.date], events: list[Event]) -> tuple[Action, list[Event]]:
    """An action that has a history of this shape, on these days."""
    parts, arrested, committed = history
    width = len(str(len(parts)))
    made = [
        replace(
            events[number],
            charge=f"{at:0{width}}" if at else "",
            **{name: None if place is None else days[place] for name, place in zip(_ROW_DAYS, places, strict=True)},
        )
        for at, part in enumerate(parts)
        for number, *places in part
    ]
    begun = {name: None if at is None else days[at] for name, at in (("arrest_date", arrested), ("crime_date", committed))}
    places = [event[1] for part in parts for event in part]
    return Action(**begun), [made[at] for at in sorted(range(len(made)), key=places.__getitem__)]


@dataclass(frozen=True, eq=False)
class _Piece:
    """Actions of one shape for which every question about days comes out alike."""

    members: Numbers
    given: Days
    outcome: Any
    known: dict[Term, Days]

    def days(self, day: dt.date) -> Days:
        return values(term_of(day), self.given, self.known)


def _pieces(
    histories: Sequence[tuple[Shape, tuple[int, ...]]],
    ask: Callable[[Shape, Sequence[dt.date]], Any],
    tell: Progress,
) -> Iterator[_Piece]:
    groups: dict[Shape, list[int]] = {}
    for number, (shape, _) in enumerate(histories):
        groups.setdefault(shape, []).append(number)
    done = told = 0
    for shape, members in groups.items():
        left = np.array(members, np.int64)
        given = np.array([histories[number][1] for number in members], np.int64).reshape(len(left), -1)
        for _ in range(_MOST_PIECES):
            if len(left) < 2:
                break
            trace = Trace()
            outcome = ask(shape, traced(given[0].tolist(), trace))
            same = agreeing(trace, given, {})
            yield _Piece(left[same], given[same], outcome, {})
            left, given = left[~same], given[~same]
        for number, days in zip(left.tolist(), given, strict=True):
            yield _Piece(np.array([number]), days[None, :], ask(shape, [as_day(int(day)) for day in days]), {})
        done += len(members)
        if done - told >= _TOLD:
            tell("deciding", done, len(histories))
            told = done


def _companion_crimes(
    arrests: npt.NDArray[Any],
    histories: Sequence[tuple[Shape, tuple[int, ...]]],
    events: list[Event],
    mapping: DispositionMap,
) -> npt.NDArray[np.bool_]:
    """Whether another action of the same arrest holds a conviction of a crime."""
    several = np.flatnonzero(np.bincount(arrests, minlength=len(arrests))[arrests] > 1)
    own = np.zeros(len(histories), np.int64)

    def convicted(shape: Shape, days: Sequence[dt.date]) -> bool:
        return convicted_of_crime(*_case(shape, days, events), mapping)

    for piece in _pieces([histories[number] for number in several], convicted, lambda phase, done, total: None):
        own[several[piece.members]] = piece.outcome
    total = np.bincount(arrests, weights=own, minlength=len(arrests))
    return np.asarray(total[arrests] - own > 0)


def _gathered(actions: pl.DataFrame, pieces: Iterator[_Piece]) -> Decisions:
    shapes: list[Decision] = []
    governed: list[tuple[Numbers, ...]] = []
    shape_of, place = np.zeros(len(actions), np.int64), np.zeros(len(actions), np.int64)
    columns = {name: np.full(len(actions), _NO_DAY, np.int64) for name in DAYS}
    for piece in pieces:
        decision: Decision = piece.outcome
        shape_of[piece.members], place[piece.members] = len(shapes), np.arange(len(piece.members))
        for name in DAYS:
            day = getattr(decision, name)
            if day is not None:
                columns[name][piece.members] = piece.days(day)
        governed.append(tuple(piece.days(day) for day in decision.governed_on))
        shapes.append(replace(decision, governed_on=(), **dict.fromkeys(DAYS)))
    days = [pl.Series(name, column.astype("datetime64[D]")) for name, column in columns.items()]
    frame = actions.with_columns(pl.Series("shape", shape_of), *days)
    return Decisions(frame, tuple(shapes), tuple(governed), place)
