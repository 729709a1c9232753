"""Where notices and dispositions do not meet, and what is in the registry, in numbers."""

from __future__ import annotations

import datetime as dt

import polars as pl
import sqlalchemy as sa

from sealscrub.identifiers import Level, get_scheme
from sealscrub.reports import counted

from .bulk_rows import Schema
from .corrections import corrected_seals
from .notice_comparison import last_of, met
from .notice_rows import Basis
from .schema import DECISIONS, EVENTS
from .seal_state import known_rows, read_keys, states

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
_RECONCILED: Schema = {**_EVENTS, "rule_version": pl.String}
_DERIVED = str(Basis.DERIVED)
KINDS = ("conflict", "notice alone", "derived alone", "split")
_SAID = ("scheme", "value", "what")


def standing(connection: sa.Connection, epoch: int, as_of: dt.date) -> pl.DataFrame:
    """How each seal stands on a day, as known at an epoch, and on what basis its record began."""
    told = EVENTS if _reads_ids(connection) else DECISIONS
    events = known_rows(connection, told, _EVENTS, epoch)
    origin = events.unique("seal_id", keep="first").select("seal_id", origin="basis")
    return states(events, as_of).join(origin, on="seal_id")


def _reads_ids(connection: sa.Connection) -> bool:
    """Whether this user may read the seals' ids: on PostgreSQL, an auditor's role may not."""
    if connection.dialect.name != "postgresql":
        return True
    asked = "SELECT has_column_privilege(current_user, 'events', 'seal_id', 'SELECT')"
    return bool(connection.exec_driver_sql(asked).scalar())


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

    A conflict is a notice and dispositions that say different things of one action. A notice is alone if no
    disposition reveals its action; a derived seal, if no notice came within so many days of its beginning. An
    arrest is split where some of its actions are sealed and others are not.
    """
    events = known_rows(connection, EVENTS, _RECONCILED, epoch)
    events = events.filter(~pl.col("seal_id").is_in(corrected_seals(events).implode()))
    keys = _keys(connection, events, epoch)
    is_derived = pl.col("basis") == _DERIVED
    derived, noted = last_of(events.filter(is_derived), as_of), last_of(events.filter(~is_derived), as_of)
    held = keys.select("seal_id", "scheme", "value")
    ours = held.join(derived, on="seal_id", how="semi")
    pairs = met(derived, ours, noted, held.join(noted, on="seal_id", how="semi"))
    conflicts = pairs.filter(pl.col("what").is_not_null())
    sealed = pl.col("event") == "sealed"
    alone = noted.filter(sealed).join(pairs.select(seal_id="seal_id_noted"), on="seal_id", how="anti")
    due = (as_of - dt.timedelta(days=grace)).isoformat()
    waiting = derived.filter(sealed & (pl.col("effective_from") <= due))
    waiting = waiting.join(pairs, on="seal_id", how="anti")
    arrests = keys.filter("of_arrest").join(derived, on="seal_id")
    mixed = (sealed.any() & (~sealed).any()).over("scheme", "value")
    parts = (
        conflicts,
        alone.with_columns(what=pl.lit("no record that dispositions made is of it")),
        waiting.with_columns(what=pl.lit(f"no notice came within {counted(grace, 'day')}")),
        arrests.filter(mixed).with_columns(what=pl.lit("other actions of the arrest have another status")),
    )
    first = keys.unique("seal_id", keep="first", maintain_order=True)
    return pl.concat([_rows_of_kind(kind, part, first) for kind, part in zip(KINDS, parts, strict=True)])


def _rows_of_kind(kind: str, part: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    """The rows of one kind, each by a key of its own if it has not been found by one."""
    part = part.unique(["seal_id", "what"], keep="first", maintain_order=True)
    part = part if "scheme" in part.columns else part.join(first, on="seal_id", how="left", maintain_order="left")
    listed = part.select(pl.lit(kind).alias("kind"), "seal_id", pl.col("event").alias("state"), *_SAID)
    return listed.sort("value", "seal_id", "what")


def _keys(connection: sa.Connection, events: pl.DataFrame, epoch: int) -> pl.DataFrame:
    """Published keys by seal, those that name an action before those of its arrest."""
    schema = {"event_id": pl.Int64, "value": pl.String, "scheme": pl.String, "of_arrest": pl.Boolean}
    parts = [pl.DataFrame(schema=schema)]
    for name, held in read_keys(connection, epoch).items():
        scheme = get_scheme(name)
        if scheme.published:
            of_arrest = pl.lit(scheme.level == Level.ARREST)
            parts.append(held.with_columns(scheme=pl.lit(name), of_arrest=of_arrest).select(list(schema)))
    keys = pl.concat(parts).join(events.select("event_id", "seal_id"), on="event_id")
    return (
        keys.select("seal_id", "scheme", "value", "of_arrest").unique().sort("seal_id", "of_arrest", "scheme", "value")
    )
