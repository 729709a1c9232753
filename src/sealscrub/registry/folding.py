"""What was sealed as of a day, as known at an epoch.

Among the events of a seal that were recorded up to the epoch and have taken effect by the day, ordered by
``(effective_from, epoch, position)``, the last one says the state. The keys of a seal are those of all its events
recorded up to the epoch. Events are numbered in the order of epoch and position, so their number stands for both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import polars as pl
import sqlalchemy as sa

from .bulk import Schema, read_frame
from .notices import EventKind
from .schema import EPOCHS, EVENT_KEYS, EVENTS

__all__: list[str] = []

Read = Callable[[int], None]

_EVENT = pl.Enum([str(kind) for kind in EventKind])
_EVENTS: Schema = {
    "event_id": pl.Int64,
    "seal_id": pl.String,
    "event": _EVENT,
    "regime": pl.Categorical(),
    "effective_from": pl.String,
}
_KEYS: Schema = {"event_id": pl.Int64, "scheme": pl.Categorical(), "value": pl.String}


def last_event(connection: sa.Connection, epoch: int) -> int:
    """Number of the last event recorded up to an epoch."""
    query = sa.select(sa.func.max(EPOCHS.c.last_event)).where(EPOCHS.c.epoch <= epoch)
    return connection.execute(query).scalar() or 0


def read_events(connection: sa.Connection, epoch: int, *, read: Read | None = None) -> pl.DataFrame:
    """``event_id``, ``seal_id``, ``event``, ``regime`` and ``effective_from`` of what was known at an epoch."""
    columns: list[sa.Column[Any]] = [EVENTS.c[name] for name in _EVENTS]
    query = sa.select(*columns).where(EVENTS.c.event_id <= last_event(connection, epoch))
    return read_frame(connection, query.order_by(EVENTS.c.event_id), _EVENTS, read=read)


def read_keys(
    connection: sa.Connection, epoch: int, *, without: Iterable[str] = (), read: Read | None = None
) -> pl.DataFrame:
    """``event_id``, ``scheme`` and ``value`` of the keys known at an epoch, less those of some schemes."""
    columns: list[sa.Column[Any]] = [EVENT_KEYS.c[name] for name in _KEYS]
    query = sa.select(*columns).where(EVENT_KEYS.c.event_id <= last_event(connection, epoch))
    for name in without:
        query = query.where(EVENT_KEYS.c.scheme != name)
    return read_frame(connection, query, _KEYS, read=read)


def numbered(events: pl.DataFrame) -> pl.DataFrame:
    """Give each seal a number: the column ``seal``."""
    if not events["seal_id"].is_duplicated().any():
        return events.with_columns(seal=pl.col("event_id").cast(pl.UInt32))
    numbers = events.select("seal_id").unique().with_row_index("seal")
    return events.join(numbers, on="seal_id", maintain_order="left")


def states(events: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """The last event of each seal that has taken effect by a day; seals without one are left out."""
    effective = events.filter(pl.col("effective_from") <= as_of.isoformat())
    if not effective["seal_id"].is_duplicated().any():
        return effective
    return effective.sort("effective_from", "event_id").unique(subset="seal_id", keep="last", maintain_order=True)
