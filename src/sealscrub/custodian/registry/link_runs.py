"""Which extracts were compared with which seals by a model, so the next run compares only what differs.

The pairs of a run are compared again only if something about them changed: what a row says, what the notices of a
seal say, or what a model has said about the row in another run since.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import polars as pl
import sqlalchemy as sa

from sealscrub import __version__

from .bulk_rows import Schema, append
from .link_events import LinkBasis, read_links, system_name
from .notice_persons import persons_of
from .registry_questions import current_epoch
from .schema import LINK_RUNS
from .seal_state import known_rows, last_event

__all__ = ["LinkRun", "LinkWork"]

_RUN_SCHEMA: Schema = {
    "event_id": pl.Int64,
    "epoch": pl.Int64,
    "extract": pl.String,
    "model": pl.String,
    "release": pl.String,
    "seals_epoch": pl.Int64,
    "as_of": pl.String,
}


@dataclass(frozen=True, kw_only=True)
class LinkRun:
    """What was compared with the seals.

    Attributes
    ----------
    extract : str
        The content digest of the extract.
    epoch : int
        The registry's epoch when the seals were read.
    as_of : datetime.date
        The day on which they were in force.

    Examples
    --------
    >>> run = LinkRun(extract="0" * 64, epoch=3, as_of=dt.date(2026, 11, 25))
    >>> run.epoch
    3
    """

    extract: str
    epoch: int
    as_of: dt.date


@dataclass(frozen=True, kw_only=True)
class LinkWork:
    """What is to be compared with an extract. Made by :meth:`Registry.link_work`.

    Attributes
    ----------
    seals : polars.DataFrame
        Who the notices of the seals in force name, as :meth:`Registry.persons` gives it.
    before : LinkRun or None
        The run on whose comparisons this one can rest; None if everything is compared.
    new_seals : tuple of str
        Seals that were not in force then, or whose notices have said something else since; without a run, all.
    said_since : tuple of str
        Rows about which a model has said something in another run since.
    run : LinkRun
        What the registry is to record when it is done.
    newest : bool
        Whether the system's last run was of this extract, by this model: if nothing is to be compared, it is that run.

    Examples
    --------
    >>> run = LinkRun(extract="0" * 64, epoch=3, as_of=dt.date(2026, 11, 25))
    >>> work = LinkWork(seals=pl.DataFrame({"id": ["S1"]}), before=None, new_seals=("S1",), said_since=(), run=run)
    >>> work.before is None, len(work.new_seals)
    (True, 1)
    """

    seals: pl.DataFrame = field(repr=False)
    before: LinkRun | None
    new_seals: tuple[str, ...] = field(repr=False)
    said_since: tuple[str, ...] = field(repr=False)
    run: LinkRun
    newest: bool = False


def work_of(
    connection: sa.Connection, namespace: str, *, extract: str, model: str, earlier: str, today: dt.date
) -> LinkWork:
    """Say what is to be compared. See :meth:`sealscrub.custodian.registry.Registry.link_work`."""
    epoch = current_epoch(connection)
    seals = persons_of(connection, epoch, today)
    run = LinkRun(extract=extract, epoch=epoch, as_of=today)
    held = _runs(connection, epoch, namespace).filter(model=model, release=__version__)
    ours = held.filter(extract=extract)
    rests_on = ours if len(ours) else held.filter(extract=earlier)
    if rests_on.is_empty():
        return LinkWork(seals=seals, before=None, new_seals=_ids(seals), said_since=(), run=run)
    last = rests_on.row(-1, named=True)
    before = LinkRun(extract=last["extract"], epoch=last["seals_epoch"], as_of=dt.date.fromisoformat(last["as_of"]))
    then = persons_of(connection, before.epoch, before.as_of)
    since = read_links(connection, epoch, namespace).filter(
        (pl.col("epoch") > before.epoch) & (pl.col("epoch") != last["epoch"]), basis=str(LinkBasis.MODEL)
    )
    changed = pl.concat([_ids_not_in(seals, then), _ids_not_in(then, seals)])
    return LinkWork(
        seals=seals,
        before=before,
        new_seals=_ids(seals.join(changed, on="id", how="semi")),
        said_since=tuple(since["row_id"].unique().sort()),
        run=run,
        newest=before.extract == extract and last["epoch"] == newest_run(connection, epoch, namespace),
    )


def append_run(
    connection: sa.Connection, event_id: int, epoch: int, *, run: LinkRun, namespace: str, model: str
) -> None:
    """Append a run in the epoch that is being written."""
    row = {
        "event_id": event_id,
        "epoch": epoch,
        "namespace": system_name(namespace),
        "extract": run.extract,
        "model": model,
        "release": __version__,
        "seals_epoch": run.epoch,
        "as_of": run.as_of.isoformat(),
    }
    append(connection, LINK_RUNS, pl.DataFrame([row]))


def newest_run(connection: sa.Connection, epoch: int, namespace: str) -> int:
    """Give the epoch at which the last run of a system was recorded; 0 without one."""
    runs = _runs(connection, epoch, namespace)
    return runs["epoch"].item(-1) if len(runs) else 0


def newest_extract(connection: sa.Connection, epoch: int, namespace: str) -> str:
    """Give the content digest of the extract of a system's last run; nothing without one."""
    runs = _runs(connection, epoch, namespace)
    return str(runs["extract"].item(-1)) if len(runs) else ""


def systems_compared(connection: sa.Connection, epoch: int) -> set[str]:
    """Names of the systems of which an extract was ever compared, also if no row of it was linked."""
    query = sa.select(LINK_RUNS.c.namespace).where(LINK_RUNS.c.event_id <= last_event(connection, epoch)).distinct()
    return set(connection.execute(query).scalars())


def _runs(connection: sa.Connection, epoch: int, namespace: str) -> pl.DataFrame:
    return known_rows(connection, LINK_RUNS, _RUN_SCHEMA, epoch, LINK_RUNS.c.namespace == system_name(namespace))


def _ids_not_in(some: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """``id`` of the rows of a frame that another does not have."""
    return some.join(others, on=some.columns, how="anti", nulls_equal=True).select("id")


def _ids(seals: pl.DataFrame) -> tuple[str, ...]:
    return tuple(seals["id"].unique().sort())
