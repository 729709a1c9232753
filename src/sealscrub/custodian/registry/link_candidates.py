"""Pairs of a seal and a row that were ever linked: what a clerk may decide."""

from __future__ import annotations

import polars as pl
import sqlalchemy as sa

from .link_events import read_links
from .link_runs import newest_run

__all__: list[str] = []


def pairs_ever_linked(connection: sa.Connection, epoch: int, namespace: str) -> pl.DataFrame:
    """``seal``, ``row`` and ``run`` of each pair that any event of a system is about, also if its link has ended."""
    events = read_links(connection, epoch, namespace)
    run = pl.lit(newest_run(connection, epoch, namespace), pl.Int64)
    return events.select(seal="seal_id", row="row_id").unique().sort("seal", "row").with_columns(run=run)
