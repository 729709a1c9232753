"""Many actions at once: each shape of history is decided once, and its answer serves all that have it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import polars as pl

from sealscrub.errors import Spelled, UsageError

from .action_answers import decide_standings, decide_states
from .batch_charge_status import fold_charges
from .charges import ChargeRows
from .classes import classes_of, with_own_counts
from .decisions import Decision
from .dispositions import DispositionMap, read_map
from .equal_histories import Group, Numbers
from .events import Action
from .jurisdictions import jurisdiction
from .nameless_counts import rows_with_counts_differ
from .other_actions import Others
from .person import Person
from .record import Record
from .rules import Jurisdiction
from .state_declarations import ColumnKind
from .status_numbers import Standings
from .traced_days import Piece, Progress, as_day, pieces

__all__ = ["Decisions", "decide_charges"]

#: Days of a decision, which follow from those of the action.
DAYS = ("legal_from", "duty_from", "eligible_from", "may_apply_from", "next_change")
_TYPES = {ColumnKind.DAY: pl.Date, ColumnKind.FLAG: pl.Boolean, ColumnKind.FOUND: pl.Boolean}
_NO_DAY = np.iinfo(np.int64).min


@dataclass(frozen=True, eq=False)
class Decisions:
    r"""The answers about the actions of a file, as of one day.

    Attributes
    ----------
    actions : polars.DataFrame
        Those of the file, in the order of their numbers; ``shape`` says which of the shapes answers, and the days of
        the answer are next to it.
    shapes : tuple of Decision
        Answers without their days.

    Examples
    --------
    >>> import datetime as dt, pathlib, tempfile
    >>> from sealscrub.custodian.law import decide_charges, read_charges
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "dispositions.csv"
    >>> _ = file.write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,ACQUITTED,2014-05-01\n")
    >>> decisions = decide_charges(read_charges(file), dt.date(2026, 11, 25))
    >>> len(decisions.actions), len(decisions.shapes)
    (1, 1)
    """

    actions: pl.DataFrame
    shapes: tuple[Decision, ...]
    _governed: tuple[tuple[Numbers, ...], ...]
    _changes: tuple[tuple[Numbers, ...], ...]
    _place: Numbers

    def __len__(self) -> int:
        return len(self.actions)

    def __repr__(self) -> str:
        return f"Decisions({len(self)} actions)"

    def __iter__(self) -> Iterator[Decision]:
        for number, (shape, *days) in enumerate(self.actions.select("shape", *DAYS).iter_rows()):
            governed = tuple(as_day(int(each[self._place[number]])) for each in self._governed[shape])
            about = self.shapes[shape]
            each = (as_day(int(day[self._place[number]])) for day in self._changes[shape])
            changes = tuple((day, answer) for day, (_, answer) in zip(each, about.changes, strict=True))
            yield replace(about, governed_on=governed, changes=changes, **dict(zip(DAYS, days, strict=True)))


def decide_charges(
    charges: ChargeRows,
    as_of: dt.date,
    known_at: dt.date | None = None,
    *,
    law: str = "us-ny",
    mapping: DispositionMap | None = None,
    progress: Progress | None = None,
) -> Decisions:
    r"""Decide every action of a file, without trees of reasons. It is not legal advice.

    Parameters
    ----------
    charges : ChargeRows
    as_of, known_at, law, mapping
        As in :func:`decide`.
    progress : callable, optional
        Called with a phase, how much of it is done, and of how much.

    Returns
    -------
    Decisions
        The same as :func:`decide` gives for each action on its own, with the person's others as linked ones.

    Raises
    ------
    ConfigError
        When the law does not exist.

    Examples
    --------
    >>> import datetime as dt, pathlib, tempfile
    >>> from sealscrub.custodian.law import read_charges
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "dispositions.csv"
    >>> _ = file.write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,ACQUITTED,2014-05-01\n")
    >>> [str(decision.answer) for decision in decide_charges(read_charges(file), dt.date(2026, 11, 25))]
    ['sealed']
    """
    place = jurisdiction(law)
    if charges.law and charges.law != law:
        raise UsageError(
            f"the file was read by the law of {charges.law}, not of {law}",
            where="law",
            hint=Spelled(f'read_charges(path, law="{law}").', f"--law {charges.law}"),
        )
    mapping = mapping or read_map(law)
    tell = progress or (lambda phase, done, total: None)
    tell("reading histories", 0, len(charges.actions))
    rows = rows_that_count(charges, as_of, known_at or as_of, place, mapping)
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
    return _decisions_of(charges.actions, chain(shaped, one_by_one()))


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


def _decisions_of(actions: pl.DataFrame, pieces: Iterator[Piece]) -> Decisions:
    shapes: list[Decision] = []
    governed: list[tuple[Numbers, ...]] = []
    changes: list[tuple[Numbers, ...]] = []
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
        changes.append(tuple(piece.days(day) for day, _ in decision.changes))
        blank = tuple((dt.date.min, answer) for _, answer in decision.changes)
        dayless: dict[str, Any] = dict.fromkeys(DAYS)
        shapes.append(replace(decision, governed_on=(), changes=blank, **dayless))
    days = [pl.Series(name, column.astype("datetime64[D]")) for name, column in columns.items()]
    frame = actions.with_columns(pl.Series("shape", shape_of), *days)
    return Decisions(frame, tuple(shapes), tuple(governed), tuple(changes), place)
