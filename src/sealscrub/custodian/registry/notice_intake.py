"""Registering a file of notices: all of it or nothing, once however often it comes."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import sqlalchemy as sa

from sealscrub.custodian.law import known_regimes
from sealscrub.custodian.sheets import Problem, Sheet, check_reject_file, read_sheet, refuse_rows, write_rejects
from sealscrub.errors import RegistryError, Spelled

from . import append_only_triggers
from .at_rest import sealed_values
from .bulk_rows import Progress, Read, append, indexes_later
from .notice_columns import FIELDS, PERSON_FIELDS, REQUIRED
from .notice_columns import resolve as resolve_columns
from .notice_comparison import Contradiction, compare_noted
from .notice_rows import BEGINNING, ENDING, Notices, read_notices
from .registry_store import Store
from .schema import EPOCHS, EVENT_KEYS, EVENT_PERSONS, EVENTS, NUMBERED
from .seal_resolution import Resolved, resolve_rows

__all__ = ["AddResult"]

_EVENT_COLUMNS = ("event_id", "epoch", "position", *FIELDS, "fingerprint", "reason")
_MANY_ROWS = 10_000
_PART = 500_000  # events that are appended at a time
UNREGISTERED = "cannot be registered; nothing was registered"
FIX_ROWS = Spelled(
    "correct them, or write them to a file and register the rest: reject_file=.",
    "correct them, or write them to a file and register the rest: --reject-file FILE.",
)


@dataclass(frozen=True, kw_only=True)
class AddResult:
    """What happened to a file of notices.

    Attributes
    ----------
    epoch : int
        The registry's epoch now.
    rows : int
        Rows of the file, blank lines left out.
    registered : int
        Rows that are registered now and were not before.
    known : int
        Rows that were registered already.
    superseded : int
        How many of these no longer say how their seal stands, because an event that comes later says otherwise.
        A seal that is made again needs a notice that differs from the first, in ``notified_on`` for one.
    rejected : int
        Rows that were written to the reject file.
    unknown_regime : int
        Registered rows that begin a seal under no regime that the law's table knows; they bar every use but
        aggregate reports.
    problems : tuple of (int, str, str)
        Line, column and reason of what is wrong with the rejected rows.
    confirmed : int
        Derived seals of which a row that is registered now says the same.
    contradictions : tuple of (int, str)
        Lines of rows that are registered now and say something else than is derived from dispositions, and what:
        neither is changed.

    Examples
    --------
    >>> added = AddResult(epoch=2, rows=3, registered=2, known=1)
    >>> added.registered, added.known
    (2, 1)
    """

    epoch: int
    rows: int
    registered: int
    known: int
    superseded: int = 0
    rejected: int = 0
    unknown_regime: int = 0
    problems: tuple[Problem, ...] = ()
    confirmed: int = 0
    contradictions: tuple[Contradiction, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything was registered."""
        return self.registered > 0


def add_file(
    store: Store,
    path: str | Path,
    *,
    renamed: Mapping[str, str],
    reject_file: str | Path | None,
    approve: Callable[[str], None],
    progress: Progress | None,
) -> AddResult:
    """Register a file of notices. See :meth:`sealscrub.custodian.registry.Registry.add`."""
    tell = progress or (lambda phase, done, total: None)
    tell("reading", 0, 0)
    sheet = read_sheet(path)
    if reject_file is not None:
        check_reject_file(Path(reject_file), sheet.path, store.path)
    if not sheet.columns:
        _refuse(sheet, [(line, "", reason) for line, (reason, _) in sorted(sheet.broken.items())])
    columns = resolve_columns(sheet.columns, renamed, str(sheet.path))
    tell("checking", 0, len(sheet.frame))
    today = dt.datetime.now(dt.UTC).date()
    notices = read_notices(sheet, columns, today=today)
    if reject_file is None:
        sheet = replace(sheet, frame=sheet.frame.clear(), raw=())  # a large file's cells are not needed any more
    with store.writing() as connection:
        resolved = resolve_rows(connection, notices)
        problems, bad = _all_problems(notices, resolved)
        if reject_file is None:
            _refuse(sheet, problems)
        elif problems:
            write_rejects(sheet, bad, Path(reject_file))
        events = resolved.events
        if events["event"].is_in([str(kind) for kind in ENDING]).any():
            approve(sheet.sha256)
        epoch = (
            append_parts(connection, sheet, _parts(events, notices), len(events), tell)[1]
            if len(events)
            else epoch_and_event(connection)[0]
        )
        compared = compare_noted(connection, events, notices.keys, today)
    rejected = int(bad.sum()) + len(sheet.broken)
    return AddResult(
        epoch=epoch,
        rows=sheet.height,
        registered=events["row"].n_unique(),
        known=resolved.known,
        superseded=resolved.superseded,
        rejected=rejected,
        unknown_regime=_of_unknown_regime(events),
        problems=tuple(problems),
        confirmed=compared.confirmed,
        contradictions=compared.contradictions,
    )


def _parts(events: pl.DataFrame, notices: Notices) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Events with all that their rows say, and the keys of these, so many at a time."""
    fields = notices.rows.drop("seal_id")
    for at in range(0, len(events), _PART):
        some = events.slice(at, _PART)
        said = fields[fields["row"].search_sorted(some["row"])].with_columns(some["seal_id"])
        within = pl.col("row").is_between(some["row"][0], some["row"][-1])
        yield said, notices.keys.filter(within)


def _all_problems(notices: Notices, resolved: Resolved) -> tuple[list[Problem], np.typing.NDArray[np.bool_]]:
    bad = notices.bad_rows.copy()
    bad[resolved.unresolved["row"].to_numpy()] = True
    late = [(line, "", reason) for line, reason in resolved.unresolved.select("line", "reason").iter_rows()]
    return sorted([*notices.problems, *late]), bad


def _refuse(sheet: Sheet, problems: list[Problem]) -> None:
    if not problems:
        return
    for field, what in REQUIRED.items():
        if (
            field not in sheet.columns
            and len({line for line, column, _ in problems if column == field}) == sheet.height
        ):
            refuse_rows(sheet, problems, UNREGISTERED, hint=f"add the column {field}: {what}.")
    refuse_rows(sheet, problems, UNREGISTERED, hint=FIX_ROWS)


def _of_unknown_regime(events: pl.DataFrame) -> int:
    names = [regime.name for regime in known_regimes()]
    begun = events.filter(pl.col("event").is_in([str(kind) for kind in BEGINNING]))
    return len(begun.filter(~pl.col("regime").is_in(names).fill_null(value=False)))


def epoch_and_event(connection: sa.Connection) -> tuple[int, int]:
    """The last epoch, and the number of its last event."""
    query = sa.select(EPOCHS.c.epoch, EPOCHS.c.last_event).order_by(EPOCHS.c.epoch.desc()).limit(1)
    row = connection.execute(query).first()
    return (0, 0) if row is None else (row.epoch, row.last_event)


def unclosed_refused(connection: sa.Connection) -> tuple[int, int]:
    """The last epoch, and the number of its last event, if nothing else is in the registry."""
    epoch, event = epoch_and_event(connection)
    _refuse_unclosed(connection, event)
    return epoch, event


def append_parts(
    connection: sa.Connection,
    sheet: Sheet,
    parts: Iterable[tuple[pl.DataFrame, pl.DataFrame]],
    total: int,
    tell: Progress,
) -> tuple[int, int]:
    """Append about so many events, keys and persons, in parts, as one epoch; how many it was, and the epoch."""
    last_epoch, last_event = unclosed_refused(connection)
    epoch, event = last_epoch + 1, last_event
    large = connection.dialect.name == "sqlite" and total > max(_MANY_ROWS, last_event / 3)
    with indexes_later(connection) if large else contextlib.nullcontext():
        for events, keys in parts:
            numbered = _numbered(events, epoch, event)
            _append_rows(connection, numbered, keys, _of_all(tell, event - last_event, total))
            event += len(events)
    close_epoch(
        connection,
        epoch=epoch,
        source_name=sheet.path.name,
        source_sha256=sheet.sha256,
        source_rows=sheet.height,
        last_event=event,
    )
    return event - last_event, epoch


def _numbered(events: pl.DataFrame, epoch: int, last_event: int) -> pl.DataFrame:
    return events.with_columns(
        [] if "reason" in events.columns else pl.lit(None, pl.String).alias("reason"),
        event_id=pl.Series(np.arange(len(events), dtype=np.int64) + last_event + 1),
        epoch=pl.lit(epoch),
        position="line",
    )


def _of_all(tell: Progress, before: int, total: int) -> Progress:
    """Count a part's events among all that are registered."""
    events = f"registering {EVENTS.name}"
    return lambda phase, done, of: tell(phase, before + done, total) if phase == events else tell(phase, done, of)


def _append_rows(connection: sa.Connection, events: pl.DataFrame, keys: pl.DataFrame, tell: Progress) -> None:
    persons = events.filter(pl.any_horizontal(pl.col(field).is_not_null() for field in PERSON_FIELDS))
    parts = (
        (EVENTS, events.select(_EVENT_COLUMNS)),
        (EVENT_KEYS, keys.join(events.select("row", "event_id"), on="row").select("event_id", "scheme", "value")),
        (EVENT_PERSONS, persons.select("event_id", *PERSON_FIELDS)),
    )
    for table, rows in parts:
        append(connection, table, rows, told=_phase_progress(tell, f"registering {table.name}", len(rows)))


def _refuse_unclosed(connection: sa.Connection, last_event: int) -> None:
    """Refuse to build on rows that another tool put in without closing an epoch over them."""
    for table in (*NUMBERED, EVENT_KEYS, EVENT_PERSONS):
        if (connection.execute(sa.select(sa.func.max(table.c.event_id))).scalar() or 0) > last_event:
            raise RegistryError(
                "holds rows without an epoch, which another tool wrote",
                hint=Spelled(
                    "migrate(old, new) copies only what was recorded.",
                    "sealscrub registry migrate OLD NEW copies only what was recorded.",
                ),
            )


def _phase_progress(tell: Progress, phase: str, total: int) -> Read:
    return lambda done: tell(phase, done, total)


def close_epoch(connection: sa.Connection, **facts: Any) -> None:
    """Close an epoch over the events that were appended, by its own row."""
    facts = {name: sealed_values(connection, EPOCHS.c[name], [value])[0] for name, value in facts.items()}
    names = ", ".join(facts)
    marks = ", ".join(f":{name}" for name in facts)
    clock = append_only_triggers.recorded_at(connection.dialect.name)
    connection.execute(
        sa.text(f"INSERT INTO epochs (recorded_at, {names}) VALUES ({clock}, {marks})"),  # noqa: S608 - own names
        facts,
    )
