"""Correcting the registry: what was never sealed is said never to have been, and what was said before stays readable.

A corrected seal counts, from the epoch of its correction on, as if no notice had ever named it: its keys bar nothing
and hold back no arrest. As known at an earlier epoch it stands as it did.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from sealscrub.custodian.sheets import Problem, Sheet, read_sheet, refuse_rows
from sealscrub.errors import ColumnError, Spelled

from .bulk_rows import Schema, lookup_frame
from .notice_columns import FIELDS, PERSON_FIELDS
from .notice_intake import append_parts, epoch_and_event
from .notice_rows import Basis, EventKind
from .registry_store import Store
from .schema import EVENTS

__all__ = ["Corrected", "CorrectionReason"]

_EVENT_SCHEMA: Schema = {"seal_id": pl.String, "event": pl.String, "effective_from": pl.String, "event_id": pl.Int64}
_NO_KEYS = pl.DataFrame(schema={"row": pl.UInt32, "scheme": pl.String, "value": pl.String})
_COLUMNS = ("seal_id", "reason")
_MISTAKEN = str(EventKind.MISTAKEN)


class CorrectionReason(StrEnum):
    """Why a seal never was."""

    WRONG_NOTICE = "wrong_notice"
    """The notice, or what was derived, was wrong: no court sealed the record."""
    MISTAKEN_MATCH = "mistaken_match"
    """The notice was about another record: register that one under an id of its own."""


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """What happened to a file of corrections.

    Attributes
    ----------
    epoch : int
        The registry's epoch now.
    rows : int
        Of the file.
    corrected : int
        Seals that never were, as is known now.
    known : int
        Rows whose seal was corrected before.

    Examples
    --------
    >>> done = Corrected(epoch=3, rows=2, corrected=1, known=1)
    >>> done.corrected, done.known
    (1, 1)
    """

    epoch: int
    rows: int
    corrected: int
    known: int


def correct_file(store: Store, path: str | Path, *, approve: Callable[[str], None]) -> Corrected:
    """Correct. See :meth:`sealscrub.custodian.registry.Registry.correct`."""
    sheet = read_sheet(path)
    wanted = _read(sheet)
    with store.writing() as connection:
        held = _recorded_events(connection, wanted, sheet)
        standing = held.filter(~_corrected(held))
        events = _events(wanted, standing, sheet.sha256)
        if len(events):
            approve(sheet.sha256)
            parts = [(events, _NO_KEYS)]
            _, epoch = append_parts(connection, sheet, parts, len(events), lambda phase, done, total: None)
        else:
            epoch, _ = epoch_and_event(connection)
    corrected = events["seal_id"].n_unique()
    return Corrected(epoch=epoch, rows=len(wanted), corrected=corrected, known=wanted["seal_id"].n_unique() - corrected)


def corrected_seals(events: pl.DataFrame) -> pl.Series:
    """Ids of the seals of which the last word that was recorded is that they never were."""
    touched = events.filter(pl.col("event").cast(pl.String) == _MISTAKEN).select("seal_id").unique()
    last = events.join(touched, on="seal_id", how="semi").sort("event_id").unique("seal_id", keep="last")
    return last.filter(pl.col("event").cast(pl.String) == _MISTAKEN)["seal_id"]


def _corrected(held: pl.DataFrame) -> pl.Expr:
    return pl.col("seal_id").is_in(corrected_seals(held).implode())


def _read(sheet: Sheet) -> pl.DataFrame:
    """Rows of a file: ``row``, ``line``, ``seal_id``, ``reason``."""
    where = str(sheet.path)
    if missing := [name for name in _COLUMNS if name not in sheet.columns]:
        raise ColumnError.absent(missing, where=where, otherwise="a file of corrections has seal_id and reason.")
    if len(sheet.columns) > len(_COLUMNS):
        raise ColumnError("unknown columns", where=where, hint="keep only seal_id and reason.")
    frame = sheet.frame.rename({str(at): name for at, name in enumerate(sheet.columns)})
    frame = frame.select(pl.col(_COLUMNS).cast(pl.String).str.strip_chars()).with_columns(line=pl.Series(sheet.lines))
    frame = frame.with_columns(pl.col("reason").str.to_lowercase()).with_row_index("row")
    known = frame["reason"].is_in(list(CorrectionReason)).fill_null(value=False)
    named = frame["seal_id"].str.len_bytes().fill_null(0) > 0
    problems = [(line, "", reason) for line, (reason, _) in sheet.broken.items()]
    problems += [
        (line, "reason", f"is not one of {', '.join(CorrectionReason)}") for line in frame.filter(~known)["line"]
    ]
    problems += [(line, "seal_id", "is missing") for line in frame.filter(~named)["line"]]
    _refuse(problems, sheet)
    return frame


def _recorded_events(connection: sa.Connection, wanted: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    query = sa.select(*(EVENTS.c[name] for name in _EVENT_SCHEMA))
    held = lookup_frame(connection, query, EVENTS.c.seal_id, wanted["seal_id"].unique(), _EVENT_SCHEMA)
    lost = wanted.join(held, on="seal_id", how="anti")
    _refuse([(line, "seal_id", "is about no seal that is known") for line in lost["line"]], sheet)
    return held


def _events(wanted: pl.DataFrame, held: pl.DataFrame, digest: str) -> pl.DataFrame:
    """Say of each day on which a seal's record changed that it never was: it is the last word on any day."""
    days = held.select("seal_id", "effective_from").unique().sort("seal_id", "effective_from")
    rows = wanted.unique("seal_id", keep="last", maintain_order=True).join(
        days, on="seal_id", maintain_order="left_right"
    )
    blank = [pl.lit(None, pl.String).alias(name) for name in (*FIELDS, *PERSON_FIELDS) if name not in rows.columns]
    rows = rows.with_columns(blank).with_columns(
        event=pl.lit(_MISTAKEN),
        basis=pl.lit(str(Basis.NOTICE)),
        notified_on=pl.lit(dt.datetime.now(dt.UTC).date().isoformat()),
    )
    said = [f"{seal} {day} {digest}" for seal, day in rows.select("seal_id", "effective_from").iter_rows()]
    prints = [blake2b(text.encode(), digest_size=16).digest() for text in said]
    return rows.with_columns(fingerprint=pl.Series(prints, dtype=pl.Binary))


def _refuse(problems: list[Problem], sheet: Sheet) -> None:
    if problems:
        hint = Spelled(
            "fix them: Registry.history gives the ids of a key's seals.",
            "fix them: sealscrub registry history shows the ids of a key's seals.",
        )
        refuse_rows(sheet, sorted(problems), "are not corrections; nothing was corrected", hint=hint)
