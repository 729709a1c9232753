"""Tables with narratives: their rows are judged by keys and by texts, before anything else is done."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, TypeGuard

import numpy as np
import polars as pl

from sealscrub.index import Index
from sealscrub.matching import TableMatcher
from sealscrub.tables.changes import Patch
from sealscrub.tables.row_verdicts import RemainingRows, RowMask
from sealscrub.tables.table import FoundRows, Table, TableProgress

from .options import Options
from .table_outcomes import TableOutcome
from .table_sweep import sweep_table

if TYPE_CHECKING:  # what reads narratives is loaded where a column holds some, what reads Spark with a frame of it
    from sealscrub.matching.narrative_batches import Narratives
    from sealscrub.tables.spark.spark_table import SparkTable

__all__ = ["judged", "opened"]

_KEYS = 0.1  # share of the time in which keys are judged


def opened(index: Index, options: Options) -> AbstractContextManager[Narratives | None]:
    """Make what reads the narratives of a run; nothing if no column holds any.

    Raises
    ------
    UnsuitableIndex, ExpiredIndex, FutureIndex
        When names are not fit for the use today, or the index holds keys of no scheme that is in texts.
    """
    texts = options.narrative
    if texts is None:
        return nullcontext()
    from .narrative_pass import narratives_of

    return narratives_of(
        index, texts.names, options.policy, options.use, possible=texts.possible, workers=texts.workers
    )


def judged(
    table: Table,
    outcome: TableOutcome,
    options: Options,
    progress: TableProgress = lambda rows, share: None,
    *,
    written: bool = True,
) -> tuple[FoundRows, Mapping[str, Patch]]:
    """Say which rows of a table stay, and what its narratives become; note in the outcome what was met elsewhere."""
    if _is_in_spark(table):
        from .spark_judging import judge_in_spark

        return judge_in_spark(table, outcome, options, progress, written=written), {}
    matcher = outcome.matcher
    if options.narrative is None or outcome.reader is None:
        found = table.find(matcher, progress)
        outcome.elsewhere = sweep_table(table, matcher, options, written=written, found=found)
        return found, {}
    from .narrative_pass import read_narratives

    by_key = table.find(matcher, lambda rows, share: progress(rows, _KEYS * share)) if matcher.keys else None
    read = read_narratives(
        table,
        options.narrative,
        outcome.reader,
        None if by_key is None else by_key.keep | by_key.unchecked,
        lambda rows, share: progress(rows, _KEYS + (1 - _KEYS) * share),
    )
    nothing = np.zeros_like(read.dropped)
    by_key = by_key or FoundRows(keep=~nothing, matched=nothing, unchecked=nothing)
    _count_dropped(table, matcher, read.dropped & ~by_key.matched)
    found = FoundRows(
        keep=by_key.keep & ~read.dropped,
        matched=by_key.matched | read.dropped,
        unchecked=by_key.unchecked & ~read.dropped,
    )
    outcome.rows, outcome.dropped = len(nothing), int(np.count_nonzero(read.dropped))
    outcome.narratives = read.reports(found.keep)
    edited = () if options.edit is None else options.edit.columns
    rows = RemainingRows(found.keep, dict.fromkeys(edited, found.matched) | read.changed())
    outcome.elsewhere = sweep_table(table, matcher, options, written=written, rows=rows, made=read.left(found.keep))
    return found, read.patches(found.keep) if written else {}


def _is_in_spark(table: Table) -> TypeGuard[SparkTable]:
    loaded = sys.modules.get("sealscrub.tables.spark.spark_table")
    return loaded is not None and isinstance(table, loaded.SparkTable)


def _count_dropped(table: Table, matcher: TableMatcher, dropped: RowMask) -> None:
    """Read the keys of rows that only a narrative removes once more, so they count as those that match do."""
    if not matcher.keys or not dropped.any():
        return
    again, at = TableMatcher(matcher.index, matcher.keys, matcher.policy, matcher.name), 0
    for batch in table.batches(matcher.columns):
        here = dropped[at : at + batch.height]
        at += batch.height
        if here.any():
            matcher.count_removed(again.judge(batch.filter(pl.Series(here))).status)
