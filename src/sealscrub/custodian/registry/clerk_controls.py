"""Pairs that were shown to a clerk to measure the clerk: they are known, and are never linked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from sealscrub.certificates import sha256_of
from sealscrub.errors import ColumnError, UsageError

from .bulk_rows import Schema, append, read_frame
from .link_events import system_name
from .notice_intake import close_epoch, unclosed_refused
from .registry_store import Store
from .schema import LINK_KNOWN
from .seal_state import last_event

__all__: list[str] = []

_WORDS = ("same", "not")
_CONTROL_SCHEMA: Schema = {
    "epoch": pl.Int64,
    "batch": pl.String,
    "seal": pl.String,
    "row": pl.String,
    "known": pl.String,
}


def record_known(store: Store, pairs: pl.DataFrame, *, namespace: str, batch: str, file: Path) -> int:
    """Record known pairs, and give the epoch. See :meth:`sealscrub.custodian.registry.Registry.record_known_pairs`."""
    ColumnError.require(("seal", "row", "known"), pairs.columns)
    whole = pairs["known"].is_in(_WORDS).fill_null(value=False).all()
    if not whole or sum(pairs.select("seal", "row").null_count().row(0)):
        raise UsageError("a known pair lacks its seal, its row or its answer", hint="give all three.")
    digest = sha256_of(file)
    with store.writing() as connection:
        last_epoch, last = unclosed_refused(connection)
        rows = pairs.select(
            event_id=pl.int_range(last + 1, last + 1 + pl.len()),
            epoch=pl.lit(last_epoch + 1),
            namespace=pl.lit(system_name(namespace)),
            batch=pl.lit(batch),
            seal_id="seal",
            row_id="row",
            known="known",
        )
        append(connection, LINK_KNOWN, rows)
        close_epoch(
            connection,
            epoch=last_epoch + 1,
            source_name=file.name,
            source_sha256=digest,
            source_rows=len(rows),
            last_event=last + len(rows),
        )
    return last_epoch + 1


def read_known(connection: sa.Connection, epoch: int, namespace: str) -> pl.DataFrame:
    """``batch``, ``seal``, ``row`` and ``known`` of every pair; of a batch that was added twice, only the last."""
    held = LINK_KNOWN.c
    columns: list[sa.Column[Any]] = [held.epoch, held.batch, held.seal_id, held.row_id, held.known]
    query = sa.select(*columns).where(held.event_id <= last_event(connection, epoch))
    query = query.where(held.namespace == system_name(namespace)).order_by(held.event_id)
    found = read_frame(connection, query, _CONTROL_SCHEMA)
    newest = (pl.col("batch") == "") | (pl.col("epoch") == pl.col("epoch").max().over("batch"))
    return found.filter(newest).drop("epoch").unique(["batch", "seal", "row"], keep="last", maintain_order=True)
