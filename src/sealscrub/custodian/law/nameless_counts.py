"""Of rows that name no count: whether the instrument has several, and whether these ended differently.

A state that declares the columns ``counts_differ`` and ``counts_several`` has them found: no count of an instrument
sees the others otherwise, and what an order that names none reaches may depend on them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from .dispositions import DispositionMap
from .events import Event, EventKind
from .rules import Jurisdiction

__all__ = ["rows_with_counts_differ", "with_counts_differ"]

_NAME, _SEVERAL = "counts_differ", "counts_several"


def _is_declared(place: Jurisdiction) -> bool:
    return any(column.name == _NAME for column in place.columns)


def with_counts_differ(events: Sequence[Event], mapping: DispositionMap) -> Sequence[Event]:
    """The events of an instrument, those that name no count with whether its counts ended differently."""
    if not _is_declared(mapping.place) or any(_NAME in dict(event.more or ()) for event in events):
        return events
    last: dict[str, dt.date] = {}
    said: dict[str, set[str]] = {}
    for event in events:
        if event.charge and event.event == EventKind.DISPOSITION:
            before = last.get(event.charge, dt.date.min)
            if event.event_date >= before:
                kept = said[event.charge] if event.event_date == before else set[str]()
                last[event.charge] = event.event_date
                said[event.charge] = kept | {str(mapping.meaning(event.text).disposition)}
    differ = len(set[str]().union(*said.values())) > 1
    several = len({event.charge for event in events if event.charge}) > 1
    unnamed, named = ((_NAME, differ), (_SEVERAL, several)), ((_NAME, False), (_SEVERAL, False))
    return [replace(event, more=(*(event.more or ()), *(named if event.charge else unnamed))) for event in events]


def rows_with_counts_differ(rows: pl.DataFrame, mapping: DispositionMap) -> pl.DataFrame:
    """The same for the rows of many instruments."""
    if not _is_declared(mapping.place):
        return rows
    numbered = pl.col("charge").fill_null("") != ""
    ends = rows.filter(numbered & (pl.col("event") == str(EventKind.DISPOSITION)))
    last = ends.filter(pl.col("event_date") == pl.col("event_date").max().over("action", "charge"))
    texts = last.select("disposition").unique()
    meanings = [str(mapping.meaning(text).disposition) for (text,) in texts.iter_rows()]
    texts = texts.with_columns(meant=pl.Series(meanings, dtype=pl.String))
    said = last.join(texts, on="disposition", how="left", nulls_equal=True)
    found = said.group_by("action").agg((pl.col("meant").n_unique() > 1).alias(_NAME))
    many = rows.filter(numbered).group_by("action").agg((pl.col("charge").n_unique() > 1).alias(_SEVERAL))
    joined = rows.drop(_NAME, _SEVERAL, strict=False)
    for each in (found, many):
        joined = joined.join(each, on="action", how="left", maintain_order="left")
    return joined.with_columns(pl.col(_NAME, _SEVERAL).fill_null(value=False) & ~numbered)
