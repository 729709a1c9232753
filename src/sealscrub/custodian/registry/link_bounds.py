"""Bounds on the recall of links, system by system, as they were made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

import polars as pl
import sqlalchemy as sa

from sealscrub.certificates import sha256_of
from sealscrub.errors import UsageError
from sealscrub.index import RecallBound

from .bulk_rows import Schema, append
from .corrections import corrected_seals
from .link_draws import LinkDraw, draws_until
from .link_events import OPAQUE, last_words, read_links, standing_seals, system_name
from .notice_intake import close_epoch, unclosed_refused
from .registry_store import Store
from .schema import LINK_BOUNDS
from .seal_state import known_rows, last_event, read_events

__all__ = ["MadeBound"]

_BOUND_SCHEMA: Schema = {
    "event_id": pl.Int64,
    "namespace": pl.String,
    "method": pl.String,
    "sampled": pl.Int64,
    "alpha": pl.Float64,
    "lower": pl.Float64,
    "made_on": pl.String,
    "drawn_at": pl.Int64,
    "draws": pl.Int64,
    "frame": pl.String,
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


def record_bound(store: Store, namespace: str, bound: MadeBound, file: Path, draw: LinkDraw | None = None) -> int:
    """Record a bound, and give the registry's epoch. See :meth:`sealscrub.custodian.registry.Registry.record_bound`."""
    today = dt.datetime.now(dt.UTC).date()
    day = today if draw is None else draw.drawn_on
    try:
        made = RecallBound(lower=bound.lower, method=bound.method, sampled=bound.n, alpha=bound.alpha, made_on=day)
    except (AttributeError, ValueError, TypeError):
        raise UsageError("this is not a bound on recall", hint="give what recall_bound returns.") from None
    digest = sha256_of(file)
    with store.writing() as connection:
        last_epoch, last = unclosed_refused(connection)
        if draw is not None:
            _refuse_outlived(connection, namespace, draw, last_epoch, today)
        row = {
            "event_id": last + 1,
            "epoch": last_epoch + 1,
            "namespace": system_name(namespace),
            "method": made.method,
            "sampled": made.sampled,
            "alpha": made.alpha,
            "lower": made.lower,
            "made_on": day.isoformat(),
            "drawn_at": last_epoch if draw is None else draw.seals_epoch,
            "draws": draws_until(connection, last_epoch, namespace),
            "frame": "" if draw is None else draw.frame,
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


def _refuse_outlived(connection: sa.Connection, namespace: str, draw: LinkDraw, epoch: int, today: dt.date) -> None:
    """Refuse a sample that no longer stands for the seals and the links."""
    links, events = read_links(connection, epoch, namespace), read_events(connection, epoch)
    then = last_event(connection, draw.seals_epoch), draw.drawn_on
    if _weakened(links, then, today) or _new_seals(events, then, today):
        raise UsageError(
            "cannot compute a bound from this sample: seals were registered or took effect, or links have ended, since "
            "it was drawn",
            hint="draw a new sample.",
        )


def bounds_in_force(
    connection: sa.Connection,
    epoch: int,
    systems: Collection[str],
    links: pl.DataFrame,
    events: pl.DataFrame,
    as_of: dt.date,
) -> dict[str, RecallBound | None]:
    """By scheme, the systems, and the last bound of each that holds on a day.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    epoch : int
    systems : collection of str
        Those that were compared, or have links.
    links, events : polars.DataFrame
        Every event of links, and of seals, that was known at the epoch.
    as_of : datetime.date
        The day: a bound is of the seals and links that were in force when its sample was drawn.
    """
    made = known_rows(connection, LINK_BOUNDS, _BOUND_SCHEMA, epoch)
    found: dict[str, RecallBound | None] = {f"{OPAQUE}{name}": None for name in sorted(systems)}
    for row in made.unique("namespace", keep="last").sort("namespace").iter_rows(named=True):
        held = {name: row[name] for name in ("lower", "method", "sampled", "alpha", "draws", "frame")}
        made_on = dt.date.fromisoformat(row["made_on"])
        ours, then = links.filter(namespace=row["namespace"]), (last_event(connection, row["drawn_at"]), made_on)
        outlived = _weakened(ours, then, as_of) or _new_seals(events, then, as_of)
        found[f"{OPAQUE}{row['namespace']}"] = None if outlived else RecallBound(made_on=made_on, **held)
    return found


def _weakened(links: pl.DataFrame, then: tuple[int, dt.date], as_of: dt.date) -> bool:
    """Whether a link that was in force as of an event and a day is not now, or went from sealed to withheld."""
    before = _strengths(links.filter(pl.col("event_id") <= then[0]), then[1])
    now = _strengths(links, as_of).rename({"strength": "now"})
    both = before.join(now, on=["seal_id", "row_id"], how="left")
    return not both.filter(pl.col("now").fill_null(0) < pl.col("strength")).is_empty()


def _strengths(links: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """``seal_id``, ``row_id`` and ``strength`` of what was said last about each pair; 0 if the link has ended."""
    strength = pl.col("band").replace_strict(_STRENGTH, default=0, return_dtype=pl.UInt8).fill_null(0)
    return last_words(links, as_of).select("seal_id", "row_id", strength=strength)


def _new_seals(events: pl.DataFrame, then: tuple[int, dt.date], as_of: dt.date) -> bool:
    """Whether a seal is in force that was not as of an event and a day, such as one registered for a later day."""
    before = standing_seals(events.filter(pl.col("event_id") <= then[0]), then[1])
    new = standing_seals(events, as_of).join(before, on="seal_id", how="anti")
    return not new.filter(~pl.col("seal_id").is_in(corrected_seals(events).implode())).is_empty()
