"""Where notices and dispositions do not meet, and how the registry stands in numbers."""

from __future__ import annotations

import datetime as dt

import polars as pl
import sqlalchemy as sa

from sealscrub.identifiers import Level, get_scheme

from .bulk import Schema, read_frame
from .folding import last_event, read_keys, states
from .notices import Basis
from .schema import EVENTS

__all__: list[str] = []

_EVENTS: Schema = {
    "event_id": pl.Int64,
    "seal_id": pl.String,
    "event": pl.String,
    "regime": pl.String,
    "effective_from": pl.String,
    "notified_on": pl.String,
    "basis": pl.String,
}
_DERIVED = str(Basis.DERIVED)
KINDS = ("conflict", "notice alone", "derived alone", "split")


def standing(connection: sa.Connection, epoch: int, as_of: dt.date) -> pl.DataFrame:
    """How each seal stands on a day, as known at an epoch, and on what basis its record began."""
    query = sa.select(*(EVENTS.c[name] for name in _EVENTS)).where(EVENTS.c.event_id <= last_event(connection, epoch))
    events = read_frame(connection, query.order_by(EVENTS.c.event_id), _EVENTS)
    origin = events.unique("seal_id", keep="first").select("seal_id", origin="basis")
    return states(events, as_of).join(origin, on="seal_id")


def status_of(connection: sa.Connection, epoch: int, as_of: dt.date) -> pl.DataFrame:
    """How many seals there are by ``regime``, ``basis``, ``certainty`` (their state) and ``year`` (since when)."""
    found = standing(connection, epoch, as_of)
    by = [
        pl.col("regime").fill_null("no regime"),
        pl.col("basis"),
        pl.col("event").alias("certainty"),
        pl.col("effective_from").str.slice(0, 4).alias("year"),
    ]
    names = ["regime", "basis", "certainty", "year"]
    return found.select(by).group_by(names).agg(seals=pl.len()).sort(names)


def reconciled(connection: sa.Connection, epoch: int, as_of: dt.date, grace: int) -> pl.DataFrame:
    """What does not meet: ``kind``, ``seal_id``, ``state``, ``scheme`` and ``value`` of a key, ``what``.

    A conflict is a notice and dispositions that say different things of one action. A notice is alone where no
    disposition tells of its action; a derived seal, where no notice came within so many days of its beginning. An
    arrest is split where some of its actions are sealed and others are not.
    """
    found = standing(connection, epoch, as_of)
    keys = _keys(connection, epoch).join(found, on="seal_id")
    derived = keys.filter(pl.col("origin") == _DERIVED)
    noted = keys.filter(pl.col("origin") != _DERIVED)
    both = derived.join(noted, on=["scheme", "value"], suffix="_noted")
    sealed, sealed_noted = pl.col("event") == "sealed", pl.col("event_noted") == "sealed"
    open_ = pl.col("event").is_in(["open", "vacated", "released"])
    differing = both.with_columns(
        what=pl.when(sealed_noted & open_)
        .then(pl.lit("a notice seals it, the dispositions do not"))
        .when(sealed & pl.col("event_noted").is_in(["vacated", "released"]))
        .then(pl.lit("a notice ended its seal, the dispositions seal it"))
        .when(sealed & sealed_noted & (pl.col("regime") != pl.col("regime_noted")))
        .then(pl.lit("a notice seals it under another regime"))
    ).filter(pl.col("what").is_not_null())
    own = derived.filter((pl.col("event") != "sealed") & (pl.col("basis") != _DERIVED))
    own = own.with_columns(what=pl.lit("a notice ended the derived seal"))
    alone = noted.filter(pl.col("event") == "sealed").join(derived, on=["scheme", "value"], how="anti")
    alone = alone.join(both.select(seal_id="seal_id_noted"), on="seal_id", how="anti")
    alone = alone.with_columns(what=pl.lit("no disposition tells of it"))
    due = (as_of - dt.timedelta(days=grace)).isoformat()
    waiting = derived.filter(sealed & (pl.col("effective_from") <= due))
    waiting = waiting.join(both.filter(sealed_noted).select("seal_id"), on="seal_id", how="anti")
    waiting = waiting.with_columns(what=pl.lit(f"no notice came within {grace} days"))
    arrests = derived.filter("of_arrest")
    mixed = (sealed.any() & (~sealed).any()).over("scheme", "value")
    split = arrests.filter(mixed).with_columns(what=pl.lit("other actions of the arrest stand otherwise"))
    parts = zip(KINDS, (pl.concat([differing, own], how="diagonal"), alone, waiting, split), strict=True)
    columns = [
        part.unique(["seal_id", "what"], keep="first", maintain_order=True).select(
            pl.lit(kind).alias("kind"), "seal_id", pl.col("event").alias("state"), "scheme", "value", "what"
        )
        for kind, part in parts
    ]
    return pl.concat([part.sort("value", "seal_id") for part in columns])


def _keys(connection: sa.Connection, epoch: int) -> pl.DataFrame:
    """Published keys by seal, those that name an action before those of its arrest."""
    numbers = read_frame(
        connection, sa.select(EVENTS.c.event_id, EVENTS.c.seal_id), {"event_id": pl.Int64, "seal_id": pl.String}
    )
    schema = {"event_id": pl.Int64, "value": pl.String, "scheme": pl.String, "of_arrest": pl.Boolean}
    parts = [pl.DataFrame(schema=schema)]
    for name, held in read_keys(connection, epoch).items():
        scheme = get_scheme(name)
        if scheme.published:
            of_arrest = pl.lit(scheme.level == Level.ARREST)
            parts.append(held.with_columns(scheme=pl.lit(name), of_arrest=of_arrest).select(list(schema)))
    keys = pl.concat(parts).join(numbers, on="event_id").select("seal_id", "scheme", "value", "of_arrest").unique()
    return keys.sort("seal_id", "of_arrest", "scheme", "value")
