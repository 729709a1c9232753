"""Publishing: from the registry to an index for one audience and some uses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import sqlalchemy as sa

from sealscrub.errors import ConfigError, KeyFileError, SchemeError
from sealscrub.identifiers import AudienceKey, MatchingKey, Publisher, digest_column, get_scheme, scheme_names
from sealscrub.index import Audience, IndexFacts, SchemeEntries, Use, write_index
from sealscrub.law import DUTIES, TABLE_VERSION, bars

from .bulk import Progress
from .folding import read_events, read_keys, seal_numbers, states
from .schema import EPOCHS
from .selection import Selection, select_keys
from .store import Store

__all__ = ["Published"]

#: Uses, audience, and the policy on law enforcement's duties.
Purpose = tuple[Sequence[Use], Audience, str]

_MAX_SCHEMES = 64  # what an index can number


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
    law_enforcement_duties: str,
    progress: Progress | None,
) -> Published:
    """Publish. See :meth:`sealscrub.registry.Registry.publish`."""
    wanted, who = purpose_of(uses, audience, law_enforcement_duties)
    as_of, not_after = validity(as_of, valid_days, not_after)
    check_publisher(publisher, keys)
    tell = progress or (lambda phase, done, total: None)
    with store.reading() as connection:
        epoch, known_at, total = last_epoch(connection)
        events = read_events(connection, epoch, read=lambda done: tell("events", done, total))
        unpublished = [name for name in scheme_names() if not get_scheme(name).published]
        held = read_keys(connection, epoch, without=unpublished, read=lambda done: tell("keys", done, 0))
    tell("choosing keys", 0, 0)
    selection = _select(events, held, (wanted, who, law_enforcement_duties), as_of)
    tell("digesting", 0, sum(map(len, selection.keys.values())))
    audience_key = keys.for_audience(who)
    facts = IndexFacts(
        uses=tuple(str(use) for use in wanted),
        audience=str(who),
        rules=TABLE_VERSION,
        law_enforcement_duties=law_enforcement_duties,
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


def validity(as_of: dt.date | None, valid_days: int, not_after: dt.date | None) -> tuple[dt.date, dt.date]:
    """The day that is meant, and the last on which what is published may be trusted."""
    as_of = as_of or dt.datetime.now(dt.UTC).date()
    not_after = not_after or _after(as_of, valid_days)
    if not_after < as_of:
        raise ConfigError("an index that expires before its day is of no use", hint="choose a later --not-after.")
    return as_of, not_after


def check_publisher(publisher: Publisher, keys: MatchingKey | AudienceKey) -> None:
    """Refuse a publisher whose signature no reader would trust."""
    if publisher.public_key != keys.publisher_public_key:
        raise KeyFileError(
            "the publisher's key is not the one that readers will trust",
            hint="use the .publisher file that was made with this matching key.",
        )


def purpose_of(uses: Sequence[str], audience: str, law_enforcement_duties: str) -> tuple[tuple[Use, ...], Audience]:
    if law_enforcement_duties not in DUTIES:
        raise ConfigError("there is no such policy on law enforcement duties", hint=f"one of {', '.join(DUTIES)}.")
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


def last_epoch(connection: sa.Connection) -> tuple[int, str, int]:
    query = sa.select(EPOCHS.c.epoch, EPOCHS.c.recorded_at, EPOCHS.c.last_event).order_by(EPOCHS.c.epoch.desc())
    row = connection.execute(query.limit(1)).first()
    return (0, "", 0) if row is None else (row.epoch, row.recorded_at, row.last_event)


def _select(events: pl.DataFrame, keys: dict[str, pl.DataFrame], purpose: Purpose, as_of: dt.date) -> Selection:
    """Choose the keys; ``keys`` is emptied on the way, so that they are not held twice."""
    seal_of, cover, opened = cover_of_seals(events, purpose, as_of)
    held = {}
    for name in sorted(keys):
        rows = keys.pop(name)
        held[name] = rows.select("value", seal=pl.Series(seal_of[rows["event_id"].to_numpy()]))
    if len(held) > _MAX_SCHEMES:
        raise SchemeError(f"an index holds keys of at most {_MAX_SCHEMES} schemes", hint="keep several registries.")
    return select_keys(cover, opened, held, {name: get_scheme(name).level for name in held})


def cover_of_seals(
    events: pl.DataFrame, purpose: Purpose, as_of: dt.date
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """The seal of each event by its number; of each seal how it is covered, and whether its state is ``open``."""
    numbers, seals = seal_numbers(events)
    seal_of = np.zeros(int(events["event_id"].max() or 0) + 1, np.uint32)  # type: ignore[arg-type]  # whole numbers
    seal_of[events["event_id"].to_numpy()] = numbers
    current = states(events, as_of)
    barring = _barring_regimes(events, purpose, as_of)
    regime = pl.col("regime").cast(pl.String).fill_null("")
    strength = pl.col("event").cast(pl.String).replace_strict({"sealed": 2, "withheld": 1}, default=0)
    covers = current.select(pl.when(regime.is_in(barring)).then(strength).otherwise(0).cast(pl.UInt8)).to_series()
    at = seal_of[current["event_id"].to_numpy()]
    cover, opened = np.zeros(seals, np.uint8), np.zeros(seals, bool)
    cover[at], opened[at] = covers.to_numpy(), (current["event"] == "open").to_numpy()
    return seal_of, cover, opened


def _barring_regimes(events: pl.DataFrame, purpose: Purpose, as_of: dt.date) -> list[str]:
    """Regimes of the registry that bar any of the uses; a seal without one is barred like an unknown one."""
    uses, audience, duties = purpose

    def _bars(name: str, use: Use) -> bool:
        return bars(name, use=use, audience=audience, on=as_of, law_enforcement_duties=duties)

    names = [name or "" for name in events["regime"].unique().cast(pl.String).to_list()]
    return [name for name in names if any(_bars(name, use) for use in uses)]


def _entries(keys: Mapping[str, pl.DataFrame], audience_key: AudienceKey) -> list[SchemeEntries]:
    return [
        SchemeEntries(
            name,
            digest_column(rows["value"], audience_key.scheme_key(name)),
            rows["reason"].to_numpy().astype(np.uint8),
        )
        for name, rows in keys.items()
    ]
