"""The custodian's questions: what was sealed when, the history of a key, what changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import polars as pl
import sqlalchemy as sa

from sealscrub.custodian.custody import Recorded
from sealscrub.errors import UsageError
from sealscrub.identifiers import RecordKey, canonicalise_one, get_scheme

from .bulk_rows import Schema, lookup
from .notice_columns import PERSON_FIELDS
from .registry_answers import Changes, Event, Person, Seal
from .schema import EPOCHS, EVENT_KEYS, EVENT_PERSONS, EVENTS
from .seal_state import last_event, read_events, read_keys, states

__all__: list[str] = []

_KEYS: Schema = {"event_id": pl.Int64, "value": pl.String, "scheme": pl.String}


def current_epoch(connection: sa.Connection) -> int:
    """Number of the last change."""
    return connection.execute(sa.select(sa.func.max(EPOCHS.c.epoch))).scalar() or 0


def epoch_known_at(connection: sa.Connection, *, known_at: dt.datetime | dt.date | None, epoch: int | None) -> int:
    """Epoch up to which something was known."""
    last = current_epoch(connection)
    if known_at is not None:
        if epoch is not None:
            raise UsageError("known_at and epoch exclude each other", hint="give one of them.")
        query = sa.select(sa.func.max(EPOCHS.c.epoch)).where(EPOCHS.c.recorded_at <= _moment(known_at))
        return connection.execute(query).scalar() or 0
    if epoch is None:
        return last
    if not 0 <= epoch <= last:
        raise UsageError(f"the registry has no epoch {epoch}", hint=f"its last is {last}.")
    return epoch


def epochs_of(connection: sa.Connection) -> tuple[Recorded, ...]:
    """Give each change and when it was recorded."""
    query = sa.select(EPOCHS.c.epoch, EPOCHS.c.recorded_at).order_by(EPOCHS.c.epoch)
    return tuple(Recorded(epoch, dt.datetime.fromisoformat(at)) for epoch, at in connection.execute(query))


def seals_as_of(connection: sa.Connection, as_of: dt.date, epoch: int) -> tuple[Seal, ...]:
    """Every seal of which an event had taken effect by a day, as known at an epoch."""
    events = read_events(connection, epoch)
    current = states(events, as_of).sort("seal_id")
    held = [rows.with_columns(scheme=pl.lit(name)) for name, rows in read_keys(connection, epoch).items()]
    keys = (
        pl.concat([pl.DataFrame(schema=_KEYS), *held])
        .join(events.select("event_id", "seal_id"), on="event_id")
        .select("seal_id", "scheme", "value")
        .unique()
        .sort("seal_id", "scheme", "value")
        .group_by("seal_id", maintain_order=True)
        .agg(keys=pl.struct("scheme", "value"))
    )
    facts = _facts(connection, current["event_id"])
    rows = current.join(keys, on="seal_id", how="left", maintain_order="left")
    return tuple(
        Seal(
            seal_id=row["seal_id"],
            state=row["event"],
            regime=row["regime"],
            effective_from=dt.date.fromisoformat(row["effective_from"]),
            basis=facts[row["event_id"]][0],
            epoch=facts[row["event_id"]][1],
            keys=tuple(RecordKey(key["scheme"], key["value"]) for key in row["keys"] or ()),
        )
        for row in rows.iter_rows(named=True)
    )


def history_of(connection: sa.Connection, scheme: str, value: str) -> tuple[Event, ...]:
    """All events of the seals that a key belongs to."""
    wanted = get_scheme(scheme)
    canonical = canonicalise_one(value, wanted)
    query = (
        sa.select(EVENTS.c.seal_id)
        .join(EVENT_KEYS, EVENT_KEYS.c.event_id == EVENTS.c.event_id)
        .where(EVENT_KEYS.c.scheme == wanted.name)
        .distinct()
    )
    seal_ids = [seal_id for (seal_id,) in lookup(connection, query, EVENT_KEYS.c.value, [canonical])]
    numbers = [n for (n,) in lookup(connection, sa.select(EVENTS.c.event_id), EVENTS.c.seal_id, seal_ids)]
    return _events(connection, numbers)


def changes_between(connection: sa.Connection, since: int, until: int | None, as_of: dt.date) -> Changes:
    """What was recorded after one epoch, up to and with another, and which states it changed."""
    since = epoch_known_at(connection, known_at=None, epoch=since)
    until = epoch_known_at(connection, known_at=None, epoch=until)
    if until < since:
        raise UsageError(f"epoch {until} is before epoch {since}", hint="give the earlier one first.")
    first, last = last_event(connection, since), last_event(connection, until)
    events = read_events(connection, until)
    touched = events.filter(pl.col("event_id") > first).select("seal_id").unique()
    events = events.join(touched, on="seal_id", how="semi")
    before = states(events.filter(pl.col("event_id") <= first), as_of).select("seal_id", before="event")
    after = states(events, as_of).select("seal_id", after="event")
    both = after.join(before, on="seal_id", how="left").sort("seal_id")
    differing = both.filter(pl.col("before").ne_missing(pl.col("after")))
    return Changes(
        since=since,
        until=until,
        as_of=as_of,
        events=_events(connection, range(first + 1, last + 1)),
        states={
            seal_id: (was, now) for seal_id, was, now in differing.select("seal_id", "before", "after").iter_rows()
        },
    )


def _facts(connection: sa.Connection, numbers: pl.Series) -> dict[int, tuple[str, int]]:
    query = sa.select(EVENTS.c.event_id, EVENTS.c.basis, EVENTS.c.epoch)
    return {number: (basis, epoch) for number, basis, epoch in lookup(connection, query, EVENTS.c.event_id, numbers)}


def _events(connection: sa.Connection, numbers: Iterable[int]) -> tuple[Event, ...]:
    numbers = sorted(numbers)
    query = sa.select(*EVENTS.c, EPOCHS.c.recorded_at, EPOCHS.c.source_name).join(
        EPOCHS, EPOCHS.c.epoch == EVENTS.c.epoch
    )
    names = [column.name for column in query.selected_columns]
    keys: dict[int, list[RecordKey]] = {}
    key_query = sa.select(EVENT_KEYS.c.event_id, EVENT_KEYS.c.scheme, EVENT_KEYS.c.value)
    for number, scheme, value in sorted(lookup(connection, key_query, EVENT_KEYS.c.event_id, numbers)):
        keys.setdefault(number, []).append(RecordKey(scheme, value))
    persons = {
        number: _person(fields)
        for number, *fields in lookup(
            connection,
            sa.select(EVENT_PERSONS.c.event_id, *(EVENT_PERSONS.c[name] for name in PERSON_FIELDS)),
            EVENT_PERSONS.c.event_id,
            numbers,
        )
    }
    rows = [dict(zip(names, row, strict=True)) for row in lookup(connection, query, EVENTS.c.event_id, numbers)]
    return tuple(
        _event(row, tuple(keys.get(row["event_id"], ())), persons.get(row["event_id"]))
        for row in sorted(rows, key=lambda row: int(row["event_id"]))
    )


def _event(row: dict[str, Any], keys: tuple[RecordKey, ...], person: Person | None) -> Event:
    return Event(
        seal_id=row["seal_id"],
        event=row["event"],
        regime=row["regime"],
        effective_from=dt.date.fromisoformat(row["effective_from"]),
        notified_on=_day(row["notified_on"]),
        recorded_at=dt.datetime.fromisoformat(row["recorded_at"]),
        epoch=row["epoch"],
        basis=row["basis"],
        rule_version=row["rule_version"],
        source_document=row["source_document"],
        source=f"{row['source_name']}:{row['position']}",
        keys=keys,
        person=person,
        reason=row["reason"],
    )


def _person(fields: list[Any]) -> Person:
    named: dict[str, Any] = dict(zip(PERSON_FIELDS, fields, strict=True))
    named |= {name: _day(named[name]) for name in ("birth_date", "arrest_date")}
    return Person(**named)


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def _moment(known_at: dt.datetime | dt.date) -> str:
    """A moment as the store writes it; of a day, its last millisecond."""
    if not isinstance(known_at, dt.datetime):
        return f"{known_at.isoformat()}T23:59:59.999Z"
    if known_at.tzinfo is None:
        raise UsageError("known_at has no time zone", hint="give one, such as datetime.UTC.")
    moment = known_at.astimezone(dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
