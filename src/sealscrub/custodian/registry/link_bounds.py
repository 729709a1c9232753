"""Bounds on the recall of links, system by system, as they were made."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Protocol

import polars as pl
import sqlalchemy as sa

from sealscrub.certificates import sha256_of
from sealscrub.errors import UsageError
from sealscrub.index import RecallBound

from .bulk_rows import Schema, append, read_frame
from .corrections import corrected_seals
from .link_events import BANDS, OPAQUE, read_links, standing_seals, system_name
from .notice_intake import close_epoch, unclosed_refused
from .registry_store import Store
from .schema import LINK_BOUNDS
from .seal_state import last_event, read_events

__all__ = ["MadeBound"]

_BOUND_SCHEMA: Schema = {
    "event_id": pl.Int64,
    "namespace": pl.String,
    "method": pl.String,
    "sampled": pl.Int64,
    "alpha": pl.Float64,
    "lower": pl.Float64,
    "made_on": pl.String,
}
_STRENGTH = {"sealed": 2, "withheld": 1}


class MadeBound(Protocol):
    """A bound, as linkage makes it."""

    @property
    def lower(self) -> float:
        """Share of the seals that are found, at least."""

    @property
    def method(self) -> str:
        """How it was made."""

    @property
    def n(self) -> int:
        """How many seals were drawn."""

    @property
    def alpha(self) -> float:
        """Share of cases in which the bound may be too high."""


def record_bound(store: Store, namespace: str, bound: MadeBound, file: Path, drawn_at: int | None) -> int:
    """Record a bound, and give the registry's epoch. See :meth:`sealscrub.custodian.registry.Registry.record_bound`."""
    today = dt.datetime.now(dt.UTC).date()
    try:
        made = RecallBound(lower=bound.lower, method=bound.method, sampled=bound.n, alpha=bound.alpha, made_on=today)
    except (AttributeError, ValueError, TypeError):
        raise UsageError("this is not a bound on recall", hint="give what recall_bound returns.") from None
    digest = sha256_of(file)
    with store.writing() as connection:
        last_epoch, last = unclosed_refused(connection)
        if drawn_at is not None:
            _refuse_outlived(connection, namespace, drawn_at, last_epoch)
        row = {
            "event_id": last + 1,
            "epoch": last_epoch + 1,
            "namespace": system_name(namespace),
            "method": made.method,
            "sampled": made.sampled,
            "alpha": made.alpha,
            "lower": made.lower,
            "made_on": today.isoformat(),
        }
        append(connection, LINK_BOUNDS, pl.DataFrame([row]))
        close_epoch(
            connection,
            epoch=last_epoch + 1,
            source_name=file.name,
            source_sha256=digest,
            source_rows=made.sampled,
            last_event=last + 1,
        )
    return last_epoch + 1


def _refuse_outlived(connection: sa.Connection, namespace: str, drawn_at: int, epoch: int) -> None:
    """Refuse a sample that no longer stands for the seals and the links."""
    if not 0 <= drawn_at <= epoch:
        raise UsageError(
            "the sample was drawn from another registry", hint="give the registry that the sample was drawn from."
        )
    at = last_event(connection, drawn_at)
    if _weakened(read_links(connection, epoch, namespace), at) or _new_seals(read_events(connection, epoch), at):
        raise UsageError(
            "cannot compute a bound from this sample: seals were registered, or links have ended, since it was drawn",
            hint="draw a new sample.",
        )


def bounds_in_force(
    connection: sa.Connection, epoch: int, links: pl.DataFrame, events: pl.DataFrame
) -> dict[str, RecallBound | None]:
    """By scheme, the systems that have links, and the last bound of each that still holds.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    epoch : int
    links, events : polars.DataFrame
        Every event of links, and of seals, that was known at the epoch.
    """
    columns: list[sa.Column[Any]] = [LINK_BOUNDS.c[name] for name in _BOUND_SCHEMA]
    query = sa.select(*columns).where(LINK_BOUNDS.c.event_id <= last_event(connection, epoch))
    made = read_frame(connection, query.order_by(LINK_BOUNDS.c.event_id), _BOUND_SCHEMA)
    found: dict[str, RecallBound | None] = {f"{OPAQUE}{name}": None for name in links["namespace"].unique().sort()}
    for row in made.unique("namespace", keep="last").sort("namespace").iter_rows(named=True):
        held = {name: row[name] for name in ("lower", "method", "sampled", "alpha")}
        ours = links.filter(pl.col("namespace") == row["namespace"])
        outlived = _weakened(ours, row["event_id"]) or _new_seals(events, row["event_id"])
        bound = None if outlived else RecallBound(made_on=dt.date.fromisoformat(row["made_on"]), **held)
        found[f"{OPAQUE}{row['namespace']}"] = bound
    return found


def _weakened(links: pl.DataFrame, made_at: int) -> bool:
    """Whether a link was revoked after an event, or went from sealed to withheld."""
    strength = pl.col("band").replace_strict(_STRENGTH, default=0, return_dtype=pl.UInt8).fill_null(0)
    told = links.sort("event_id").select("event_id", "seal_id", "row_id", strength=strength)
    weaker = pl.col("strength") < pl.col("strength").shift(1).over("seal_id", "row_id")
    return not told.filter(weaker & (pl.col("event_id") > made_at)).is_empty()


def _new_seals(events: pl.DataFrame, made_at: int) -> bool:
    """Whether a seal came after an event: one that was not sealed or withheld until then."""
    later = events.filter((pl.col("event_id") > made_at) & pl.col("event").cast(pl.String).is_in(BANDS))
    if later.is_empty():
        return False
    before = standing_seals(events.filter(pl.col("event_id") <= made_at), dt.date.max)
    new = later.join(before, on="seal_id", how="anti")
    return not new.filter(~pl.col("seal_id").is_in(corrected_seals(events).implode())).is_empty()
