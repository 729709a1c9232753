"""Publishing names: from the notices in the registry to a file with which texts are guarded."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from sealscrub.identifiers.person_names import names_of
from sealscrub.index import write_text_index

from .bulk_rows import Schema
from .index_publication import barred_seals, last_epoch
from .publication_request import Publication
from .registry_store import Store
from .schema import EVENT_PERSONS
from .seal_state import known_rows, read_events

__all__ = ["PublishedText"]

_PERSONS: Schema = {
    "event_id": pl.Int64,
    "last_name": pl.String,
    "first_name": pl.String,
    "aliases": pl.String,
    "birth_date": pl.String,
    "arrest_date": pl.String,
}


@dataclass(frozen=True, kw_only=True)
class PublishedText:
    """What was published.

    Attributes
    ----------
    path : Path
        The file of names.
    epoch : int
        Number of the registry's last change.
    as_of, not_after : datetime.date
        The day whose facts it gives, and the last day on which it may be trusted.
    seals : int
        How many seals bar any of the uses to the audience.
    names : int
        How many ways to write a name the file holds.
    nameless : int
        How many of the seals have no notice with both names, of four letters or more together: no text that names them
        is recognised.
    plain : bool
        Whether it holds the names themselves.

    Examples
    --------
    >>> day, until = dt.date(2026, 11, 25), dt.date(2026, 12, 25)
    >>> published = PublishedText(
    ...     path=Path("names.sealtext"), epoch=3, as_of=day, not_after=until, seals=2, names=5, nameless=0,
    ...     plain=False,
    ... )
    >>> published.names, published.plain
    (5, False)
    """

    path: Path
    epoch: int
    as_of: dt.date
    not_after: dt.date
    seals: int
    names: int
    nameless: int
    plain: bool


def publish_names(
    store: Store, registry_id: str, path: str | Path, publication: Publication, *, plain: bool
) -> PublishedText:
    """Publish. See :meth:`sealscrub.custodian.registry.Registry.publish_text`."""
    tell, key = publication.tell, publication.audience_key
    with store.reading() as connection:
        epoch, known_at, total = last_epoch(connection)
        events = read_events(connection, epoch, read=lambda done: tell("events", done, total))
        persons = known_rows(connection, EVENT_PERSONS, _PERSONS, epoch)
    tell("choosing names", 0, 0)
    seals = barred_seals(events, publication)
    barred = persons.filter(pl.Series(seals.cover[seals.seal_of[persons["event_id"].to_numpy()]] > 0, dtype=pl.Boolean))
    named, dated, with_name = _name_spellings(barred, seals.seal_of)
    count = int(np.count_nonzero(seals.cover))
    tell("digesting", 0, len(named))
    facts = publication.facts(registry_id, epoch, known_at, count, seals.regimes)
    names = write_text_index(path, named, dated, facts, publication.publisher, audience_key=key, plain=plain)
    return PublishedText(
        path=Path(path),
        epoch=epoch,
        as_of=publication.as_of,
        not_after=publication.not_after,
        seals=count,
        names=names,
        nameless=count - with_name,
        plain=plain,
    )


def _name_spellings(
    persons: pl.DataFrame, seal_of: np.typing.NDArray[np.uint32]
) -> tuple[list[tuple[str, ...]], list[tuple[tuple[str, ...], str]], int]:
    """Ways to write the names, the same with each date of theirs, and of how many seals there is a name."""
    named: dict[tuple[str, ...], None] = {}
    dated: dict[tuple[tuple[str, ...], str], None] = {}
    seals = set()
    for event, last, first, aliases, *dates in persons.iter_rows():
        ways = names_of(last, first, aliases)
        if ways:
            seals.add(int(seal_of[event]))
        named.update(dict.fromkeys(ways))
        dated.update(dict.fromkeys((way, day) for way in ways for day in dates if day))
    return list(named), list(dated), len(seals)
