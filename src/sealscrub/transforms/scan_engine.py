"""Scan: find what is sealed, and change nothing."""

from __future__ import annotations

from typing import Any

from sealscrub.index import Index
from sealscrub.matching import LevelMatcher
from sealscrub.matching.key_columns import On
from sealscrub.tables.file import FileTable
from sealscrub.tables.opener import DataSource
from sealscrub.tables.table import Table, TableProgress

from .level_rules import without_met
from .narrative_tables import judged, opened
from .options import Options, Progress
from .scrub_report import Report
from .table_matchers import table_matcher
from .table_outcomes import TableOutcome, make_report
from .table_sweep import sweep_table

__all__ = ["scan_source", "told"]


def scan_source(source: DataSource, index: Index, on: On, options: Options, progress: Progress | None = None) -> Report:
    """Scan a frame, files or tables of databases; see :func:`sealscrub.scan`."""
    index.require_use(options.use)
    outcomes = []
    with opened(index, options) as narratives:
        for table in source.tables():
            outcome = TableOutcome(table_matcher(table, index, on, options), table, reader=narratives)
            _judge(table, outcome, options, told(progress, table.name))
            outcome.matcher.check_columns()
            lists = LevelMatcher(index, outcome.matcher.keys, options.policy, leave=options.leave)
            outcome.levels = lists.tally(table.unused_levels(without_met(lists.suspect, [outcome.matcher])))
            outcome.unread = table.unread_parts()
            outcomes.append(outcome)
    return make_report(index, outcomes, options, "scan", unread=source.unread)


def _judge(table: Table, outcome: TableOutcome, options: Options, progress: TableProgress) -> None:
    if outcome.reader is not None or not isinstance(table, FileTable):
        found, _ = judged(table, outcome, options, progress, written=False)
        outcome.positions = found.positions if options.positions else None
        return
    written = table.scrub(outcome.matcher, None, positions=options.positions, progress=progress)
    outcome.elsewhere = sweep_table(table, outcome.matcher, options, found=written.found)
    outcome.positions = written.positions


def told(progress: Progress | None, name: str) -> Any:
    """Progress of one table, under its name."""
    return lambda rows, share: progress(name, rows, share) if progress is not None else None
