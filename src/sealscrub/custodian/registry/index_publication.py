"""Publishing: from the registry to an index for one audience and some uses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import sqlalchemy as sa

from sealscrub.errors import SchemeError
from sealscrub.identifiers import AudienceKey, digest_column, get_scheme, scheme_names
from sealscrub.index import IndexFacts, SchemeEntries, write_index
from sealscrub.index.recall_bounds import LINKAGE, document_of
from sealscrub.index.rule_reviews import REVIEWS, reviews_document

from .corrections import corrected_seals
from .link_bounds import bounds_in_force
from .link_events import last_words, read_links
from .link_publishing import with_links
from .link_runs import systems_compared
from .publication_request import Publication
from .regime_reviews import published_reviews, read_rule_versions
from .registry_store import Store
from .schema import EPOCHS
from .seal_state import read_events, read_keys, seal_numbers, states
from .selection import Selection, select_keys

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

    Examples
    --------
    >>> day, until = dt.date(2026, 11, 25), dt.date(2026, 12, 25)
    >>> published = Published(
    ...     path=Path("training.sealindex"), epoch=3, as_of=day, not_after=until, seals=2, entries=3,
    ...     schemes={"arrest_number": 2, "docket": 1}, unpublishable=0, held_back=0,
    ... )
    >>> published.entries == sum(published.schemes.values())
    True
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
    """Publish. See :meth:`sealscrub.custodian.registry.Registry.publish`."""
    tell = publication.tell
    with store.reading() as connection:
        epoch, known_at, total = last_epoch(connection)
        events = read_events(connection, epoch, read=lambda done: tell("events", done, total))
        unpublished = [name for name in scheme_names() if not get_scheme(name).published]
        held = read_keys(connection, epoch, without=unpublished, read=lambda done: tell("keys", done, 0))
        links = read_links(connection, epoch)
        systems = {*links["namespace"], *systems_compared(connection, epoch)}
        bounds = bounds_in_force(connection, epoch, systems, links, events, publication.as_of)
        derived = read_rule_versions(connection, epoch) if publication.reviewed is not None else None
    tell("choosing keys", 0, 0)
    barred = barred_seals(events, publication)
    selection = _select(events, held, barred, last_words(links, publication.as_of))
    tell("digesting", 0, sum(map(len, selection.keys.values())))
    key = publication.audience_key
    facts = publication.facts(registry_id, epoch, known_at, selection.seals, barred.regimes)
    linked = {LINKAGE: document_of(bounds)} if bounds else {}
    reviewed = _reviews(publication, facts, barred, derived)
    facts = replace(facts, coverage=selection.coverage, extensions={**facts.extensions, **linked, **reviewed})
    header = write_index(path, _entries(selection.keys, bounds, key), facts, publication.publisher, audience_key=key)
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


def _reviews(
    publication: Publication, facts: IndexFacts, barred: BarredSeals, derived: pl.DataFrame | None
) -> dict[str, Any]:
    """What the header says about reviews of the law, if that is asked for."""
    if derived is None:
        return {}
    standing = derived.filter(pl.col("event_id").is_in(barred.standing.implode()))["rule_version"]
    versions = standing.unique().cast(pl.String).fill_null("").to_list()
    reviews = published_reviews(publication, facts.jurisdictions, versions)
    return {REVIEWS: reviews_document(reviews)} if reviews else {}


def last_epoch(connection: sa.Connection) -> tuple[int, str, int]:
    query = sa.select(EPOCHS.c.epoch, EPOCHS.c.recorded_at, EPOCHS.c.last_event).order_by(EPOCHS.c.epoch.desc())
    row = connection.execute(query.limit(1)).first()
    return (0, "", 0) if row is None else (row.epoch, row.recorded_at, row.last_event)


def _select(events: pl.DataFrame, keys: dict[str, pl.DataFrame], barred: BarredSeals, links: pl.DataFrame) -> Selection:
    """Choose the keys; ``keys`` is emptied on the way, so they are not held twice."""
    seal_of = barred.seal_of
    mistaken = _mistaken(events, seal_of)
    held = {}
    for name in sorted(keys):
        rows = keys.pop(name)
        placed = rows.select("value", seal=pl.Series(seal_of[rows["event_id"].to_numpy()]))
        held[name] = placed
    with_links(held, links, events, seal_of)
    if len(mistaken):
        held = {name: rows.filter(~pl.col("seal").is_in(mistaken.implode())) for name, rows in held.items()}
    if len(held) > _MAX_SCHEMES:
        raise SchemeError(f"an index holds keys of at most {_MAX_SCHEMES} schemes", hint="keep several registries.")
    return select_keys(barred.cover, barred.opened, held, {name: get_scheme(name).level for name in held})


def _mistaken(events: pl.DataFrame, seal_of: npt.NDArray[np.uint32]) -> pl.Series:
    """Numbers of the seals that never were: their keys say nothing, of an arrest neither."""
    never = events.filter(pl.col("seal_id").is_in(corrected_seals(events).implode()))
    return pl.Series(seal_of[never["event_id"].to_numpy()], dtype=pl.UInt32).unique()


class BarredSeals(NamedTuple):
    """Which seals bar a use of a publication, by the seals' numbers."""

    seal_of: npt.NDArray[np.uint32]
    """The seal of each event."""
    cover: npt.NDArray[np.uint8]
    """How each seal is barred: 2 sealed, 1 withheld, 0 not."""
    opened: npt.NDArray[np.bool_]
    """Whether the state of each seal is ``open``."""
    regimes: tuple[str, ...]
    """The regimes of those that are barred."""
    standing: pl.Series
    """Numbers of the events by which they are."""


def barred_seals(events: pl.DataFrame, publication: Publication) -> BarredSeals:
    numbers, seals = seal_numbers(events)
    seal_of = np.zeros(int(events["event_id"].max() or 0) + 1, np.uint32)  # type: ignore[arg-type]  # whole numbers
    seal_of[events["event_id"].to_numpy()] = numbers
    current = states(events, publication.as_of)
    barring = _barring_regimes(events, publication)
    regime = pl.col("regime").cast(pl.String).fill_null("")
    strength = pl.col("event").cast(pl.String).replace_strict({"sealed": 2, "withheld": 1}, default=0)
    covers = pl.when(regime.is_in(barring)).then(strength).otherwise(0).cast(pl.UInt8)
    weighed = current.select(
        "event_id", regime.alias("regime"), covers.alias("cover"), opened=pl.col("event") == "open"
    )
    at = seal_of[weighed["event_id"].to_numpy()]
    cover, opened = np.zeros(seals, np.uint8), np.zeros(seals, bool)
    cover[at], opened[at] = weighed["cover"].to_numpy(), weighed["opened"].to_numpy()
    standing = weighed.filter(pl.col("cover") > 0)
    regimes = standing["regime"].unique().sort()
    return BarredSeals(seal_of, cover, opened, tuple(regimes), standing["event_id"])


def _barring_regimes(events: pl.DataFrame, publication: Publication) -> list[str]:
    """Regimes of the registry that bar any of the uses; a seal without one is barred like an unknown one."""
    names = [name or "" for name in events["regime"].unique().cast(pl.String).to_list()]
    return [name for name in names if publication.is_barred_by(name)]


def _entries(keys: Mapping[str, pl.DataFrame], linked: Iterable[str], audience_key: AudienceKey) -> list[SchemeEntries]:
    """The keys that go out; a system that was linked is there without any as well, since it was looked at."""
    nothing = np.zeros((0, 2), np.uint64), np.zeros(0, np.uint8)
    return [SchemeEntries(name, *nothing) for name in linked if name not in keys] + [
        SchemeEntries(
            name,
            digest_column(rows["value"], audience_key.scheme_key(name)),
            rows["reason"].to_numpy().astype(np.uint8),
        )
        for name, rows in keys.items()
    ]
