"""Pairs of a seal and a row that were ever linked: what a clerk may decide."""

from __future__ import annotations

import polars as pl
import sqlalchemy as sa

from .link_events import read_links

__all__: list[str] = []


def pairs_ever_linked(connection: sa.Connection, epoch: int, namespace: str) -> pl.DataFrame:
    """``seal`` and ``row`` of each pair that any event of a system is about, whether or not its link still stands."""
    events = read_links(connection, epoch, namespace)
    return events.select(seal="seal_id", row="row_id").unique().sort("seal", "row")
