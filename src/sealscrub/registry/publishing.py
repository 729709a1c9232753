"""Publishing: from the registry to an index for one audience and some uses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import sqlalchemy as sa

from sealscrub.errors import SchemeError
from sealscrub.identifiers import AudienceKey, digest_column, get_scheme, scheme_names
from sealscrub.index import SchemeEntries, write_index

from .correcting import corrected_seals
from .folding import read_events, read_keys, seal_numbers, states
from .publication import Publication
from .schema import EPOCHS
from .selection import Selection, select_keys
from .store import Store

__all__ = ["Published"]

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


def publish_index(store: Store, registry_id: str, path: str | Path, publication: Publication) -> Published:
    """Publish. See :meth:`sealscrub.registry.Registry.publish`."""
    tell = publication.tell
    with store.reading() as connection:
        epoch, known_at, total = last_epoch(connection)
        events = read_events(connection, epoch, read=lambda done: tell("events", done, total))
        unpublished = [name for name in scheme_names() if not get_scheme(name).published]
        held = read_keys(connection, epoch, without=unpublished, read=lambda done: tell("keys", done, 0))
    tell("choosing keys", 0, 0)
    selection = _select(events, held, publication)
    tell("digesting", 0, sum(map(len, selection.keys.values())))
    key = publication.audience_key
    facts = replace(publication.facts(registry_id, epoch, known_at, selection.seals), coverage=selection.coverage)
    header = write_index(path, _entries(selection.keys, key), facts, publication.publisher, audience_key=key)
    return Published(
        path=Path(path),
        epoch=epoch,
        as_of=publication.as_of,
        not_after=publication.not_after,
        seals=selection.seals,
        entries=header.entries,
        schemes={name: scheme.entries for name, scheme in header.schemes.items()},
        unpublishable=selection.coverage.get((), 0),
        held_back=selection.held_back,
    )


def last_epoch(connection: sa.Connection) -> tuple[int, str, int]:
    query = sa.select(EPOCHS.c.epoch, EPOCHS.c.recorded_at, EPOCHS.c.last_event).order_by(EPOCHS.c.epoch.desc())
    row = connection.execute(query.limit(1)).first()
    return (0, "", 0) if row is None else (row.epoch, row.recorded_at, row.last_event)


def _select(events: pl.DataFrame, keys: dict[str, pl.DataFrame], publication: Publication) -> Selection:
    """Choose the keys; ``keys`` is emptied on the way, so that they are not held twice."""
    seal_of, cover, opened = cover_of_seals(events, publication)
    mistaken = _mistaken(events, seal_of)
    held = {}
    for name in sorted(keys):
        rows = keys.pop(name)
        placed = rows.select("value", seal=pl.Series(seal_of[rows["event_id"].to_numpy()]))
        held[name] = placed.filter(~pl.col("seal").is_in(mistaken.implode())) if len(mistaken) else placed
    if len(held) > _MAX_SCHEMES:
        raise SchemeError(f"an index holds keys of at most {_MAX_SCHEMES} schemes", hint="keep several registries.")
    return select_keys(cover, opened, held, {name: get_scheme(name).level for name in held})


def _mistaken(events: pl.DataFrame, seal_of: npt.NDArray[np.uint32]) -> pl.Series:
    """Numbers of the seals that never were: their keys say nothing, of an arrest neither."""
    never = events.filter(pl.col("seal_id").is_in(corrected_seals(events).implode()))
    return pl.Series(seal_of[never["event_id"].to_numpy()], dtype=pl.UInt32).unique()


def cover_of_seals(
    events: pl.DataFrame, publication: Publication
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """The seal of each event by its number; of each seal how it is covered, and whether its state is ``open``."""
    numbers, seals = seal_numbers(events)
    seal_of = np.zeros(int(events["event_id"].max() or 0) + 1, np.uint32)  # type: ignore[arg-type]  # whole numbers
    seal_of[events["event_id"].to_numpy()] = numbers
    current = states(events, publication.as_of)
    barring = _barring_regimes(events, publication)
    regime = pl.col("regime").cast(pl.String).fill_null("")
    strength = pl.col("event").cast(pl.String).replace_strict({"sealed": 2, "withheld": 1}, default=0)
    covers = current.select(pl.when(regime.is_in(barring)).then(strength).otherwise(0).cast(pl.UInt8)).to_series()
    at = seal_of[current["event_id"].to_numpy()]
    cover, opened = np.zeros(seals, np.uint8), np.zeros(seals, bool)
    cover[at], opened[at] = covers.to_numpy(), (current["event"] == "open").to_numpy()
    return seal_of, cover, opened


def _barring_regimes(events: pl.DataFrame, publication: Publication) -> list[str]:
    """Regimes of the registry that bar any of the uses; a seal without one is barred like an unknown one."""
    names = [name or "" for name in events["regime"].unique().cast(pl.String).to_list()]
    return [name for name in names if publication.is_barred_by(name)]


def _entries(keys: Mapping[str, pl.DataFrame], audience_key: AudienceKey) -> list[SchemeEntries]:
    return [
        SchemeEntries(
            name,
            digest_column(rows["value"], audience_key.scheme_key(name)),
            rows["reason"].to_numpy().astype(np.uint8),
        )
        for name, rows in keys.items()
    ]
