"""Samples of seals that were drawn for a bound: each is recorded, whether a bound is made of it or not."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
import sqlalchemy as sa

from sealscrub.certificates import sha256_of
from sealscrub.errors import UsageError

from .bulk_rows import Schema, append
from .link_events import standing_seals, system_name
from .link_runs import newest_extract
from .notice_intake import close_epoch, unclosed_refused
from .registry_questions import current_epoch
from .registry_store import Store
from .schema import LINK_DRAWS
from .seal_state import known_rows, read_events

__all__ = ["LinkDraw"]

ALL_IN_FORCE: Final = "all seals in force"
LISTED: Final = "seals that the custodian listed"
CHOSEN: Final = ", drawn by a seed that was chosen"
"""Which sample a seed draws can be tried beforehand, on a copy."""
_DRAW_SCHEMA: Schema = {
    "epoch": pl.Int64,
    "seals_epoch": pl.Int64,
    "drawn_on": pl.String,
    "frame": pl.String,
    "framed": pl.Int64,
    "in_force": pl.Int64,
    "sampled": pl.Int64,
    "key": pl.String,
    "digest": pl.String,
}


@dataclass(frozen=True, kw_only=True)
class LinkDraw:
    """A sample of seals that was drawn for a bound.

    Attributes
    ----------
    epoch : int
        The registry's epoch at which it is recorded, by which the sample names it.
    seals_epoch : int
        The epoch whose seals and links it is of.
    drawn_on : datetime.date
        The day on which these were in force (UTC).
    frame : str
        In words, of which seals: all in force, or those that the custodian listed as what the system should hold; and
        whether the seed was chosen.
    framed, in_force : int
        How many seals it was drawn from, and how many were in force.
    sampled : int
        How many seals were drawn.
    draws : int
        How many samples were drawn for the system so far: one that was drawn again until it pleased shows.

    Examples
    --------
    >>> day = dt.date(2026, 12, 1)
    >>> draw = LinkDraw(epoch=5, seals_epoch=4, drawn_on=day, frame=LISTED, framed=80, in_force=90, sampled=9, draws=2)
    >>> draw.frame
    'seals that the custodian listed'
    """

    epoch: int
    seals_epoch: int
    drawn_on: dt.date
    frame: str
    framed: int
    in_force: int
    sampled: int
    draws: int

    @property
    def framed_all(self) -> bool:
        """Whether it was drawn from all seals in force, so no one chose which."""
        return self.frame.startswith(ALL_IN_FORCE)

    @property
    def chosen(self) -> bool:
        """Whether someone chose the seed."""
        return self.frame.endswith(CHOSEN)


def record_draw(
    store: Store,
    pairs: pl.DataFrame,
    *,
    namespace: str,
    extract: str,
    model: str,
    frame: Collection[str] | None,
    seed: int,
    chosen: bool,
    seals_epoch: int,
    who: str,
    file: Path,
) -> LinkDraw:
    """Record a draw. See :meth:`sealscrub.custodian.registry.Registry.record_draw`."""
    today, source = dt.datetime.now(dt.UTC).date(), sha256_of(file)
    with store.writing() as connection:
        last_epoch, last = unclosed_refused(connection)
        refuse_unlinked(connection, namespace, extract)
        in_force = len(standing_seals(read_events(connection, seals_epoch), today))
        key = secrets.token_hex(32)
        row = {
            "event_id": last + 1,
            "epoch": last_epoch + 1,
            "namespace": system_name(namespace),
            "extract": extract,
            "model": model,
            "seals_epoch": seals_epoch,
            "drawn_on": today.isoformat(),
            "frame": (ALL_IN_FORCE if frame is None else LISTED) + (CHOSEN if chosen else ""),
            "framed": in_force if frame is None else len(set(frame)),
            "in_force": in_force,
            "sampled": pairs["seal"].n_unique(),
            "seed": str(seed),
            "who": who,
            "key": key,
            "digest": _digest(pairs, key),
        }
        append(connection, LINK_DRAWS, pl.DataFrame([row]))
        close_epoch(
            connection,
            epoch=last_epoch + 1,
            source_name=f"{file.name} (sample, seed {seed})",
            source_sha256=source,
            source_rows=row["sampled"],
            last_event=last + 1,
        )
        return _draw_of(row, _draws(connection, last_epoch + 1, namespace))


def refuse_unlinked(connection: sa.Connection, namespace: str, extract: str) -> None:
    """Refuse an extract other than the one that the links of the system are of."""
    if newest_extract(connection, current_epoch(connection), namespace) != extract:
        raise UsageError(
            "the links of this system are not of this extract",
            hint="draw from the extract that link run linked last, or link this one first.",
        )


def checked_draw(connection: sa.Connection, namespace: str, epoch: int, pairs: pl.DataFrame) -> LinkDraw:
    """Give the draw that a sample names; refuse one of other seals or rows: those that were missed may lack."""
    draws = _draws(connection, current_epoch(connection), namespace)
    found = draws.filter(epoch=epoch)
    if found.is_empty():
        raise UsageError(
            "this registry did not draw the sample", hint="give the registry and the system that it was drawn from."
        )
    row = found.row(0, named=True)
    if not hmac.compare_digest(_digest(pairs, row["key"]), row["digest"]):
        raise UsageError(
            "cannot compute a bound: the file does not hold the seals and rows that were drawn",
            hint="give every line of the sample, and its columns seal, row and drawn epoch, as they were written.",
        )
    return _draw_of(row, draws)


def draws_until(connection: sa.Connection, epoch: int, namespace: str) -> int:
    """How many samples were drawn for a system, as known at an epoch."""
    return len(_draws(connection, epoch, namespace))


def _draws(connection: sa.Connection, epoch: int, namespace: str) -> pl.DataFrame:
    return known_rows(connection, LINK_DRAWS, _DRAW_SCHEMA, epoch, LINK_DRAWS.c.namespace == system_name(namespace))


def _draw_of(row: dict[str, Any], draws: pl.DataFrame) -> LinkDraw:
    names = ("epoch", "seals_epoch", "frame", "framed", "in_force", "sampled")
    held = {name: row[name] for name in names}
    return LinkDraw(drawn_on=dt.date.fromisoformat(row["drawn_on"]), draws=len(draws), **held)


def _digest(pairs: pl.DataFrame, key: str) -> str:
    """Keyed, so that it lets no one test a guess at what was drawn."""
    lines = sorted(json.dumps(each) for each in pairs.select("seal", "row").unique().rows())
    return hmac.digest(bytes.fromhex(key), "\n".join(lines).encode(), hashlib.sha256).hex()
