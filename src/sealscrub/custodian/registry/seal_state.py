"""What was sealed as of a day, as known at an epoch.

Among the events of a seal that were recorded up to the epoch and have taken effect by the day, ordered by
``(effective_from, epoch, position)``, the last one says the state. The keys of a seal are those of all its events
recorded up to the epoch. Events are numbered in the order of epoch and position, so their number stands for both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import sqlalchemy as sa

from .bulk_rows import Schema, read_chunks, read_frame
from .notice_rows import EventKind
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
_KEYS: Schema = {"event_id": pl.Int64, "scheme": pl.String, "value": pl.String}


def last_event(connection: sa.Connection, epoch: int) -> int:
    """Number of the last event recorded up to an epoch."""
    query = sa.select(sa.func.max(EPOCHS.c.last_event)).where(EPOCHS.c.epoch <= epoch)
    return connection.execute(query).scalar() or 0


def known_rows(
    connection: sa.Connection,
    table: sa.FromClause,
    schema: Schema,
    epoch: int,
    *only: sa.ColumnElement[bool],
    read: Read | None = None,
) -> pl.DataFrame:
    """Columns of a table's rows that were known at an epoch, in the order of their events."""
    query = sa.select(*(table.c[name] for name in schema)).where(
        table.c.event_id <= last_event(connection, epoch), *only
    )
    return read_frame(connection, query.order_by(table.c.event_id), schema, read=read)


def read_events(connection: sa.Connection, epoch: int, *, read: Read | None = None) -> pl.DataFrame:
    """``event_id``, ``seal_id``, ``event``, ``regime`` and ``effective_from`` of what was known at an epoch."""
    return known_rows(connection, EVENTS, _EVENTS, epoch, read=read)


def read_keys(
    connection: sa.Connection, epoch: int, *, without: Iterable[str] = (), read: Read | None = None
) -> dict[str, pl.DataFrame]:
    """By scheme, ``event_id`` and ``value`` of the keys known at an epoch, less those of some schemes."""
    columns: list[sa.Column[Any]] = [EVENT_KEYS.c[name] for name in _KEYS]
    query = sa.select(*columns).where(EVENT_KEYS.c.event_id <= last_event(connection, epoch))
    for name in without:
        query = query.where(EVENT_KEYS.c.scheme != name)
    parts: dict[str, list[pl.DataFrame]] = {}
    done = 0
    for rows in read_chunks(connection, query):
        chunk = pl.DataFrame(rows, schema=_KEYS, orient="row")
        for (scheme,), part in chunk.partition_by("scheme", as_dict=True, include_key=False).items():
            parts.setdefault(str(scheme), []).append(part)
        done += len(rows)
        if read is not None:
            read(done)
    return {scheme: pl.concat(frames) for scheme, frames in sorted(parts.items())}


def seal_numbers(events: pl.DataFrame) -> tuple[npt.NDArray[np.uint32], int]:
    """The number of each event's seal, from 0, by position in the frame; and how many seals there are."""
    if not events["seal_id"].is_duplicated().any():
        return np.arange(len(events), dtype=np.uint32), len(events)
    numbers = events.select("seal_id").unique().with_row_index("seal")
    rows = events.select("seal_id").join(numbers, on="seal_id", maintain_order="left")
    return rows["seal"].to_numpy(), len(numbers)


def states(events: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """The last event of each seal that has taken effect by a day; seals without one are left out."""
    effective = events.filter(pl.col("effective_from") <= as_of.isoformat())
    if not effective["seal_id"].is_duplicated().any():
        return effective
    return effective.sort("effective_from", "event_id").unique(subset="seal_id", keep="last", maintain_order=True)
