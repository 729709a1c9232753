"""Judge the rows of a Spark DataFrame: on Spark's workers, from which counts come back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial

import numpy as np

from sealscrub.errors import ConfigError, UnreadableInput, UsageError
from sealscrub.matching import Sweep
from sealscrub.matching.part_cipher import parts_of_bytes
from sealscrub.tables.spark.spark_table import FoundInSpark, SparkTable
from sealscrub.tables.spark.worker_functions import RowChoice
from sealscrub.tables.table import METADATA, TableProgress

from .options import Options
from .table_outcomes import TableOutcome
from .table_sweep import may_not_parse
from .worker_judge import WorkerJudge

__all__ = ["judge_in_spark", "sweep_in_spark"]


def judge_in_spark(
    table: SparkTable, outcome: TableOutcome, options: Options, progress: TableProgress, *, written: bool = False
) -> FoundInSpark:
    """Count what the keys of a DataFrame match, and what is in its other columns.

    Parameters
    ----------
    table : SparkTable
    outcome : TableOutcome
        Whose matcher gets the counts.
    options : Options
    progress : callable
        Called once, at the end.
    written : bool
        Whether metadata that does not stay is removed, and is not looked at.

    Returns
    -------
    FoundInSpark
        Which judges the rows again, on the workers.

    Raises
    ------
    ConfigError
        When something is asked for that Spark DataFrames cannot do.
    ColumnError, UsageError
        When values of a key column cannot be keys.
    UnreadableInput
        When Spark cannot run its plan, or a worker cannot judge rows.
    """
    _refuse_unsupported(table, options)
    matcher = outcome.matcher
    matcher.judge(table.no_rows(matcher.columns))  # types that hold no identifiers are refused here
    if table.streams:
        _refuse_of_stream(table, options, written=written)
        outcome.streams = True
        return _choose_rows(WorkerJudge.of(matcher, table.zone, follow=options.use))
    judge = WorkerJudge.of(matcher, table.zone)
    rows, parts = table.counted(judge.columns, judge.key_counter)
    for counts in judge.counted(matcher.index, parts):
        matcher.join(counts)
    if matcher.tally().rows != rows:
        raise UnreadableInput("not every row was judged exactly once", where=table.name)
    if options.sweep:
        outcome.elsewhere = _sweep_columns(table, judge, outcome, options, written=written).tally()
    progress(rows, 1.0)
    return _choose_rows(judge)


def _choose_rows(judge: WorkerJudge) -> FoundInSpark:
    none = np.zeros(0, np.bool_)
    return FoundInSpark(none, none, none, judge.columns, judge.kept, judge.set_aside)


def _sweep_columns(
    table: SparkTable, judge: WorkerJudge, outcome: TableOutcome, options: Options, *, written: bool
) -> Sweep:
    """Sweep the columns that no one declared keys, of the rows that stay, and names and metadata."""
    sweep = Sweep(outcome.matcher.index, options.policy, leave=options.leave, declared=judge.columns, run=judge.run)
    if any(map(may_not_parse, outcome.matcher.tally().keys)):
        for column in judge.columns:
            stays = partial(judge.stays_unparsed, column)
            unparsed = table.counted_in(judge.columns, stays, [column], judge.sweeps((), ()))
            for part in map(parts_of_bytes, unparsed):
                sweep.join(part)
    sweep_in_spark(
        table, judge, sweep, {*judge.columns}, options.leave, judge.columns, lambda swept: [(swept, judge.stays)]
    )
    for place, texts in table.names():
        sweep.add_names(place, texts)
    for entry, texts in table.metadata.items():
        if not written or entry in table.staying_metadata:
            sweep.add_names(METADATA, [entry, *texts])
    return sweep


def sweep_in_spark(
    table: SparkTable,
    judge: WorkerJudge,
    sweep: Sweep,
    declared: Collection[str],
    leave: Collection[str],
    keys: Sequence[str],
    chosen: Callable[[list[str]], Iterable[tuple[list[str], RowChoice]]],
) -> None:
    """Let a sweep take, on the workers, columns that are neither declared nor left.

    Parameters
    ----------
    table : SparkTable
    judge : WorkerJudge
        Opens the index there.
    sweep : Sweep
        Of the judge's run.
    declared, leave : collection of str
    keys : sequence of str
        Columns by which rows are chosen.
    chosen : callable
        From the columns that are swept to groups of them, each with the choice of its rows.

    Raises
    ------
    UnreadableInput
        When Spark cannot run its plan, or a worker counted what is not in the table.
    """
    kinds = table.swept_types({*declared, *leave})
    swept = [name for name, kind in kinds.items() if kind is not None and sweep.reads(kind)]
    sweeps = judge.sweeps(leave, [name for name in swept if table.is_nested(name)])
    parts: list[dict[str, str]] = []
    for columns, choice in chosen(swept):
        parts += map(parts_of_bytes, table.counted_in(keys, choice, columns, sweeps))
    for name, kind in kinds.items():  # places in the order of columns
        if kind is None:
            sweep.unread(name, 1)
        for part in parts:
            sweep.join({place: part.pop(place) for place in [*part] if _is_within(place, name)})
    if any(parts):
        raise UnreadableInput("a worker counted values of a place that is not in the table", where=table.name)


def _is_within(place: str, column: str) -> bool:
    """Whether a place of a sweep is in a column."""
    return place == column or place.startswith((f"{column}.", f"{column}[", f"{column} ("))


def _refuse_unsupported(table: SparkTable, options: Options) -> None:
    asked = {
        "edit rows that match": options.edit is not None,
        "look into narratives": options.narrative is not None,
        "give positions of rows": options.positions,
    }
    for what, is_asked in asked.items():
        if is_asked:
            raise ConfigError(
                f"a Spark DataFrame is scanned and scrubbed by its keys, and one cannot {what}",
                where=table.name,
                hint="write it as Parquet and name the folder.",
            )


def _refuse_of_stream(table: SparkTable, options: Options, *, written: bool) -> None:
    """Refuse what is known of a whole table only: what its rows hold, a share of them, which are set aside."""
    asked = {
        "be scanned": not written or options.dry_run,
        "be swept; sweep=False leaves that out": options.sweep,
        "have rows set aside": options.policy.quarantine,
        "have keys accepted that do not parse": "unparsable" in options.policy.accept,
    }
    for what, is_asked in asked.items():
        if is_asked:
            raise UsageError(
                f"a stream has no end, so it cannot {what}",
                where=table.name,
                hint="scrub each micro-batch in foreachBatch, where it is a DataFrame.",
            )
