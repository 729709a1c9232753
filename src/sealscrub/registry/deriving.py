"""Deriving seals from dispositions: what the law makes of each action becomes the state of its record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import sqlalchemy as sa

from sealscrub.errors import NoticeError, UsageError
from sealscrub.law import ChargeRows, decide_charges, jurisdiction, read_charges, write_decisions
from sealscrub.law.dispositions import read_map, unmapped

from .adding import append_epoch, epoch_and_event
from .bulk import Progress
from .columns import FIELDS, PERSON_FIELDS
from .columns import resolve as resolve_columns
from .comparing import Comparison, compare_with_notices
from .notices import Notices, read_notices
from .sheet import Sheet, read_digest
from .store import Store
from .turning import turned
from .wanting import wanted_states

__all__ = ["Derived"]

_KEYS = ("docket", "arrest_number", "cjtn", "nysid", "indictment")
_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Derived:
    """What became of a file of dispositions.

    Attributes
    ----------
    epoch : int
        The registry's epoch now.
    rows, actions : int
        Of the file.
    sealed, withheld, open : int
        How many actions the law seals, how many are withheld, and how many are neither.
    appended : int
        Events that are appended; in a dry run, that would be.
    confirmed : int
        Actions of which a notice says the same.
    contradicted : int
        Actions of which a notice says something else: neither is changed.
    unmapped : tuple of (str, int)
        Texts of dispositions that no phrase matches, and how often they come; words with digits are shown as ``#``.
    unread : tuple of str
        Columns of the file that are none of the contract's.
    oddities : mapping of str to tuple of int
        What does not fit together, and in which data rows.
    dry_run : bool
        Whether nothing was appended on purpose.
    """

    epoch: int
    rows: int
    actions: int
    sealed: int
    withheld: int
    open: int
    appended: int
    confirmed: int = 0
    contradicted: int = 0
    unmapped: tuple[tuple[str, int], ...] = ()
    unread: tuple[str, ...] = ()
    oddities: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    dry_run: bool = False

    @property
    def changed(self) -> bool:
        """Whether anything was appended."""
        return self.appended > 0 and not self.dry_run


def derive_file(
    store: Store,
    path: str | Path,
    *,
    as_of: dt.date,
    known_at: dt.date | None,
    law: str,
    renamed: Mapping[str, str],
    aliases: str | Path | None,
    explain: str | Path | None,
    dry_run: bool,
    progress: Progress | None,
) -> Derived:
    """Derive. See :meth:`sealscrub.registry.Registry.derive`."""
    today = dt.datetime.now(dt.UTC).date()
    if as_of > today + dt.timedelta(days=1):
        raise UsageError("the day lies ahead", where="as_of", hint="sealscrub law forecast looks ahead.")
    tell = progress or (lambda phase, done, total: None)
    mapping = read_map(law, None if aliases is None else Path(aliases))
    tell("reading", 0, 0)
    charges = read_charges(path, renamed)
    decisions = decide_charges(charges, as_of, known_at, law=law, mapping=mapping, progress=tell)
    tell("comparing", 0, 0)
    wanted = wanted_states(charges, decisions, as_of, jurisdiction(law).version)
    with store.reading() if dry_run else store.writing() as connection:
        tally, epoch = _registered(connection, Path(path), charges, wanted, as_of, today, tell, dry_run=dry_run)
    if explain is not None:
        write_decisions(explain, charges, decisions, as_of, known_at, law=law, mapping=mapping, progress=tell)
    texts = charges.rows.filter(pl.col("event") == "disposition")["disposition"].drop_nulls()
    counts = dict(wanted["event"].value_counts().iter_rows())
    return Derived(
        epoch=epoch,
        rows=len(charges.rows),
        actions=len(charges.actions),
        sealed=counts.get("sealed", 0),
        withheld=counts.get("withheld", 0),
        open=counts.get("open", 0),
        appended=tally[0],
        confirmed=tally[1].confirmed,
        contradicted=len(tally[1].contradictions),
        unmapped=tuple(unmapped(texts, mapping)),
        unread=charges.unread,
        oddities=charges.oddities,
        dry_run=dry_run,
    )


def _registered(
    connection: sa.Connection,
    path: Path,
    charges: ChargeRows,
    wanted: pl.DataFrame,
    as_of: dt.date,
    today: dt.date,
    tell: Progress,
    *,
    dry_run: bool,
) -> tuple[tuple[int, Comparison], int]:
    epoch, _ = epoch_and_event(connection)
    said = wanted.join(charges.actions, on="action")
    events = turned(connection, said, as_of, f"{path.name} as of {as_of}, after epoch {epoch}")
    everything = _as_notices(path, said, today, lenient=dry_run)
    compared = compare_with_notices(connection, said, everything.keys, as_of)
    held_back = pl.Series(sorted(compared.contradictions), dtype=pl.String)
    events = events.filter(~(pl.col("seal_id").is_in(held_back.implode()) & pl.col("again")))
    if dry_run or events.is_empty():
        return (len(events), compared), epoch
    notices = _as_notices(path, events.drop("again"), today)
    sheet = _sheet(path, len(charges.rows))
    fresh = notices.rows.unique(subset=["seal_id", "fingerprint"], keep="first", maintain_order=True)
    return (len(fresh), compared), append_epoch(connection, sheet, fresh, notices.keys, tell)


def _as_notices(path: Path, states: pl.DataFrame, today: dt.date, *, lenient: bool = False) -> Notices:
    """States as rows of notices: what makes keys, refuses what does not parse, and takes fingerprints, is the same."""
    columns = [name for name in (*FIELDS, *PERSON_FIELDS, *_KEYS) if name in states.columns]
    frame = states.select(pl.col(columns).cast(pl.String))
    sheet = Sheet(
        path=path,
        form="parquet",
        sha256="",
        columns=tuple(columns),
        frame=frame.rename({name: str(at) for at, name in enumerate(columns)}),
        lines=states["row"].to_numpy().astype(np.int64),
    )
    notices = read_notices(sheet, resolve_columns(columns, {}, path.name), today=today)
    problems = notices.problems
    if problems and not lenient:
        shown = [f"  data row {line}{f', column {c}' if c else ''}: {reason}" for line, c, reason in problems[:_SHOWN]]
        more = [f"  … and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
        raise NoticeError(
            "\n".join(
                [
                    f"{len({line for line, _, _ in problems})} actions cannot be registered, so nothing was:",
                    *shown,
                    *more,
                ]
            ),
            problems=problems,
            where=path.name,
            hint="mend the numbers of these rows, or leave a column unread: --map COLUMN=.",
        )
    return notices


def _sheet(path: Path, rows: int) -> Sheet:
    """The file as an epoch names its source."""
    frame = pl.DataFrame({"0": pl.repeat(0, rows, dtype=pl.Int8, eager=True)})
    return Sheet(
        path=path, form="parquet", sha256=read_digest(path), columns=("0",), frame=frame, lines=np.zeros(0, np.int64)
    )
