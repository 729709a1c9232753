"""Scan: find what is sealed, and change nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from sealscrub.frames import frame_adapter
from sealscrub.frames.aggregate_mark import marks_of, refuse_marked
from sealscrub.frames.unquoted import unquoted
from sealscrub.index import Index
from sealscrub.matching import TableMatcher, parse_on
from sealscrub.matching.key_columns import On

from .counting import TableOutcome, make_report
from .files.tables import open_table
from .options import Options, Progress
from .report import Report
from .sources import FileNames, find_sources

__all__ = ["scan_files", "scan_frame", "told"]


def scan_frame(data: Any, index: Index, on: On, options: Options, name: str = "data") -> Report:
    """Scan a frame in memory; see :func:`sealscrub.scan`."""
    index.require_use(options.use)
    with unquoted(name):
        frame = frame_adapter(data)
        refuse_marked(marks_of(data, frame.columns), options.use, where=name)
        keys = parse_on(on, frame.columns, where=name)
        matcher = TableMatcher(index, keys, options.policy, name)
        verdicts = matcher.judge(frame.key_batch(matcher.columns))
    matcher.check_columns()
    positions = tuple(np.flatnonzero(verdicts.matched).tolist()) if options.positions else None
    return make_report(index, [TableOutcome(matcher, positions)], options, "scan")


def scan_files(
    inputs: FileNames,
    index: Index,
    on: On,
    options: Options,
    progress: Progress | None = None,
) -> Report:
    """Scan files; see :func:`sealscrub.scan`."""
    index.require_use(options.use)
    sources = find_sources(inputs, options.read_as.format)
    outcomes = []
    for source in sources.files:
        table = open_table(source, options)
        matcher = TableMatcher(index, table.keys(on), options.policy, table.name)
        positions = table.find(matcher, told(progress, table.name))
        matcher.check_columns()
        outcomes.append(TableOutcome(matcher, positions))
    return make_report(index, outcomes, options, "scan", unread=sources.unread)


def told(progress: Progress | None, name: str) -> Any:
    """Progress of one file, under its name."""
    return lambda rows, share: progress(name, rows, share) if progress is not None else None
