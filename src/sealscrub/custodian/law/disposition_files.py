"""Files of dispositions as cases: actions, each with its events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from .charges import COLUMNS, ChargeRows, read_charges
from .events import Action, Event, EventKind
from .jurisdictions import jurisdiction

__all__ = ["COLUMNS", "read_cases"]

_EVENT = (
    *("event_date", "charge", "indictment", "recorded_at", "law_code", "severity", "offense_class", "court"),
    "notified_on",
)
_NUMBERS = ("docket", "defendant_id", "arrest_number", "indictment", "tracking_number")
_DAYS = ("arrest_date", "crime_date", "birth_date")
_ACTION = (*_NUMBERS, *_DAYS, "person", "arrest")


def read_cases(
    path: Path, renamed: Mapping[str, str] | None = None, *, law: str = "us-ny"
) -> list[tuple[Action, list[Event]]]:
    r"""Read a file of dispositions.

    Parameters
    ----------
    path : Path
        CSV, Parquet or JSON Lines, by its ending.
    renamed : mapping of str to str, optional
        The file's columns to ours.
    law : str, default "us-ny"
        The jurisdiction.

    Returns
    -------
    list of (Action, list of Event)
        One item an instrument and defendant, or if no instrument was filed, an arrest and defendant; those of one
        person one after the other, otherwise in the order of the file. Equal ``person_number`` join people.

    Raises
    ------
    ColumnError
        When a required column does not exist.
    UnreadableInput
        When the file cannot be read.
    UsageError
        When a day, a flag or a kind of event is invalid; the error says in which rows.

    Notes
    -----
    What the columns are, :func:`read_charges` says.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "dispositions.csv"
    >>> _ = file.write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,ACQUITTED,2014-05-01\n")
    >>> [(action, len(events)) for action, events in read_cases(file)]
    [(Action(filed), 1)]
    """
    charges = read_charges(path, renamed, law=law)
    order = charges.actions.sort(pl.col("action").min().over("person"), "action")["action"].to_list()
    cases = dict(cases_of(charges))
    return [cases[number] for number in order]


def cases_of(charges: ChargeRows) -> Iterator[tuple[int, tuple[Action, list[Event]]]]:
    """The cases of some rows, by number of the action, in its order."""
    events: dict[int, list[Event]] = {}
    texts = [pl.col(name).fill_null("") for name in ("charge", "disposition", "indictment")]
    own = [column.name for column in jurisdiction(charges.law).columns] if charges.law else []
    for row in charges.rows.with_columns(texts).iter_rows(named=True):
        facts = {name: row[name] for name in _EVENT}
        more = tuple((name, row[name]) for name in own if row[name] is not None) or None
        event = Event(event=EventKind.named(row["event"]), text=row["disposition"], more=more, **facts)
        events.setdefault(row["action"], []).append(event)
    for row in named_actions(charges.actions).iter_rows(named=True):
        yield row["action"], (action_of(row), events.get(row["action"], []))


def named_actions(actions: pl.DataFrame) -> pl.DataFrame:
    """Actions as :func:`action_of` takes them."""
    return actions.select("action", *_DAYS, pl.col(*_NUMBERS).fill_null(""), pl.col("person", "arrest").cast(pl.String))


def action_of(row: Mapping[str, Any]) -> Action:
    """An action, from its row."""
    return Action(**{name: row[name] for name in _ACTION})
