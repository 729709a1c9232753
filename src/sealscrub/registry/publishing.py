"""Publishing: from the registry to an index for one audience and some uses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import sqlalchemy as sa

from sealscrub.errors import ConfigError, KeyFileError
from sealscrub.identifiers import AudienceKey, Level, MatchingKey, Publisher, digest_column, get_scheme, scheme_names
from sealscrub.index import Audience, IndexFacts, SchemeEntries, Use, write_index
from sealscrub.law import TABLE_VERSION, bars

from .bulk import Progress
from .folding import numbered, read_events, read_keys, states
from .schema import EPOCHS
from .selection import Selection, select_keys
from .store import Store

__all__ = ["Published"]


@dataclass(frozen=True, kw_only=True)
class Published:
    """What was published.

    Attributes
    ----------
    path : Path
        The index file.
    epoch : int
        Number of the registry's last change.
    as_of, not_after : datetime.date
        The day whose facts it gives, and the last day on which it may be trusted.
    seals : int
        How many seals bar any of the uses to the audience.
    entries : int
        How many keys the index holds.
    schemes : mapping of str to int
        How many keys of each scheme.
    unpublishable : int
        How many of the seals have no key that can go out.
    held_back : int
        How many keys of arrests were held back, because an action of the arrest is not barred.
    """

    path: Path
    epoch: int
    as_of: dt.date
    not_after: dt.date
    seals: int
    entries: int
    schemes: Mapping[str, int]
    unpublishable: int
    held_back: int


def publish_index(
    store: Store,
    registry_id: str,
    path: str | Path,
    *,
    keys: MatchingKey | AudienceKey,
    publisher: Publisher,
    uses: Sequence[str],
    audience: str,
    as_of: dt.date | None,
    valid_days: int,
    not_after: dt.date | None,
    allow_empty: bool,
    progress: Progress | None,
) -> Published:
    """Publish. See :meth:`sealscrub.registry.Registry.publish`."""
    wanted, who = _purpose(uses, audience)
    as_of = as_of or dt.datetime.now(dt.UTC).date()
    not_after = not_after or _after(as_of, valid_days)
    if not_after < as_of:
        raise ConfigError("an index that expires before its day is of no use", hint="choose a later --not-after.")
    if publisher.public_key != keys.publisher_public_key:
        raise KeyFileError(
            "the publisher's key is not the one that readers will trust",
            hint="use the .publisher file that was made with this matching key.",
        )
    tell = progress or (lambda phase, done, total: None)
    with store.reading() as connection:
        epoch, known_at, total = _last_epoch(connection)
        events = read_events(connection, epoch, read=lambda done: tell("events", done, total))
        unpublished = [name for name in scheme_names() if not get_scheme(name).published]
        held = read_keys(connection, epoch, without=unpublished, read=lambda done: tell("keys", done, 0))
    tell("choosing keys", 0, 0)
    selection = _select(events, held, wanted, who, as_of)
    tell("digesting", 0, len(selection.keys))
    audience_key = keys.for_audience(who)
    facts = IndexFacts(
        uses=tuple(str(use) for use in wanted),
        audience=str(who),
        rules=TABLE_VERSION,
        registry=registry_id,
        epoch=epoch,
        as_of=as_of,
        known_at=known_at,
        not_after=not_after,
        seals=selection.seals,
        coverage=selection.coverage,
        allow_empty=allow_empty,
    )
    header = write_index(path, _entries(selection.keys, audience_key), facts, publisher, audience_key=audience_key)
    return Published(
        path=Path(path),
        epoch=epoch,
        as_of=as_of,
        not_after=not_after,
        seals=selection.seals,
        entries=header.entries,
        schemes={name: scheme.entries for name, scheme in header.schemes.items()},
        unpublishable=selection.coverage.get((), 0),
        held_back=selection.held_back,
    )


def _purpose(uses: Sequence[str], audience: str) -> tuple[tuple[Use, ...], Audience]:
    if isinstance(uses, str):
        uses = [uses]
    try:
        wanted = tuple(sorted({Use(use) for use in uses}))
    except ValueError:
        raise ConfigError("there is no such use", hint=f"one of {', '.join(Use)}.") from None
    if not wanted:
        raise ConfigError("an index needs a use", hint=f"--use with one of {', '.join(Use)}.")
    try:
        return wanted, Audience(audience)
    except ValueError:
        raise ConfigError("there is no such audience", hint=f"one of {', '.join(Audience)}.") from None


def _after(as_of: dt.date, days: int) -> dt.date:
    if days < 0:
        raise ConfigError("--valid-days is below zero", hint="say how many days the index may be trusted.")
    try:
        return as_of + dt.timedelta(days=days)
    except OverflowError:
        raise ConfigError("--valid-days is too large", hint="30 is usual.") from None


def _last_epoch(connection: sa.Connection) -> tuple[int, str, int]:
    query = sa.select(EPOCHS.c.epoch, EPOCHS.c.recorded_at, EPOCHS.c.last_event).order_by(EPOCHS.c.epoch.desc())
    row = connection.execute(query.limit(1)).first()
    return (0, "", 0) if row is None else (row.epoch, row.recorded_at, row.last_event)


def _select(
    events: pl.DataFrame, keys: pl.DataFrame, uses: Sequence[Use], audience: Audience, as_of: dt.date
) -> Selection:
    events = numbered(events)
    barring = _barring_regimes(events, uses, audience, as_of)
    current = states(events, as_of).select(
        "seal",
        cover=pl.when(pl.col("regime").cast(pl.String).fill_null("").is_in(barring))
        .then(pl.col("event").cast(pl.String).replace_strict({"sealed": 2, "withheld": 1}, default=0))
        .otherwise(0)
        .cast(pl.UInt8),
        open=pl.col("event") == "open",
    )
    seals = (
        events.select("seal")
        .unique()
        .join(current, on="seal", how="left")
        .with_columns(pl.col("cover").fill_null(0), pl.col("open").fill_null(value=False))
    )
    held = keys.join(events.select("event_id", "seal"), on="event_id").select("seal", "scheme", "value")
    if len(seals) < len(events):
        held = held.unique()
    levels = {name: Level(get_scheme(name).level) for name in held["scheme"].unique().cast(pl.String).to_list()}
    return select_keys(seals, held, levels)


def _barring_regimes(events: pl.DataFrame, uses: Sequence[Use], audience: Audience, as_of: dt.date) -> list[str]:
    """Regimes of the registry that bar any of the uses; a seal without one is barred like an unknown one."""
    names = [name or "" for name in events["regime"].unique().cast(pl.String).to_list()]
    return [name for name in names if any(bars(name, use=use, audience=audience, on=as_of) for use in uses)]


def _entries(keys: pl.DataFrame, audience_key: AudienceKey) -> list[SchemeEntries]:
    entries = []
    for (scheme,), rows in sorted(keys.group_by("scheme"), key=lambda part: str(part[0][0])):
        name = str(scheme)
        digests = digest_column(rows["value"], audience_key.scheme_key(name))
        entries.append(SchemeEntries(name, digests, rows["reason"].to_numpy().astype(np.uint8)))
    return entries
