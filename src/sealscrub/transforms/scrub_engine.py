"""Scrub: return the data as it would be had the sealed records never existed."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.errors import UsageError
from sealscrub.index import Index
from sealscrub.matching.key_columns import On
from sealscrub.tables.lake_table import LakeTable
from sealscrub.tables.opener import DataSource

from .committed_run import CommittedRun
from .history_purge import Purge, purge_and_check
from .lake_output import LakeAddress, lake_output, not_carried
from .metadata_losses import lost_entries
from .narrative_tables import judged, opened
from .options import Options, Progress
from .placed_scrub import PlacedScrub, check_outcomes
from .scan_engine import told
from .scrub_report import Report
from .table_matchers import table_matcher
from .table_outcomes import TableOutcome, make_report

__all__ = ["Scrubbed", "scrub_frame", "scrub_places"]


@dataclass(frozen=True, slots=True, eq=False)
class Scrubbed:
    """A scrubbed frame with all that there is to know about it.

    Attributes
    ----------
    data : frame
        What stays, in the container that came in.
    report : Report
        Counts; for the operator.
    mask : numpy.ndarray of bool
        Which rows of the input stayed: aligns other arrays. Empty for a Spark DataFrame, whose rows have no order.
    quarantined : frame or None
        Rows set aside because a key is near or does not parse; None if that was not asked for.

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.transforms import scrub
    >>> arrests = pl.DataFrame({"arrest_no": ["K14612345", "M14000017"], "precinct": [79, 14]})
    >>> scrubbed = scrub(arrests, example_index(["K14612345"]), on={"arrest_number": "arrest_no"}, detail=True)
    >>> scrubbed.mask.tolist(), scrubbed.data.height
    ([False, True], 1)
    """

    data: Any
    report: Report
    mask: npt.NDArray[np.bool_]
    quarantined: Any = None

    @property
    def kept_indices_(self) -> npt.NDArray[np.intp]:
        """Positions of the rows of the input that stayed."""
        return np.flatnonzero(self.mask)

    def __repr__(self) -> str:
        return f"Scrubbed({type(self.data).__name__})"


def scrub_frame(
    source: DataSource, index: Index, on: On, options: Options, progress: Progress | None = None
) -> Scrubbed:
    """Scrub a frame in memory; see :func:`sealscrub.scrub`."""
    index.require_use(options.use)
    (table,) = source.tables()
    outcome = TableOutcome(table_matcher(table, index, on, options), table, notes=lost_entries(table.lost_metadata))
    with opened(index, options) as outcome.reader:
        found, patches = judged(table, outcome, options, told(progress, table.name))
    check_outcomes([outcome], index, options)
    written = table.write_found(found, None, edit=options.edit, patches=patches, positions=options.positions)
    aside = table.set_aside(found, None) if options.policy.quarantine else None
    outcome.positions = written.positions
    return Scrubbed(written.data, make_report(index, [outcome], options, "scrub"), found.keep, aside)


def scrub_places(
    source: DataSource,
    index: Index,
    on: On,
    output: Path | None,
    options: Options,
    *,
    quarantine: Path | None = None,
    in_place: bool = False,
    purge: Purge | None = None,
    progress: Progress | None = None,
) -> Report:
    """Scrub files, or a table of a database; see :func:`sealscrub.scrub`."""
    index.require_use(options.use)
    alone = len(source.databases) + len(source.lakes) + len(source.icebergs)
    if alone and (source.files or alone > 1) and not options.dry_run:
        kind = "a table of a database" if source.databases else "a Delta or Iceberg table"
        raise UsageError(f"{kind} must be scrubbed alone", hint="scrub them one by one, or all by a plan.")
    target = lake_output(source, output)
    with opened(index, options) as narratives:
        tables = list(source.tables())
        for table in tables:
            if isinstance(table, LakeTable):
                table.written, table.in_place = not in_place, in_place
                table.deferred = in_place or isinstance(target, LakeAddress)
        outcomes = [
            TableOutcome(
                table_matcher(table, index, on, options),
                table,
                notes=[*lost_entries(table.lost_metadata), *not_carried(table, target)],
                reader=narratives,
            )
            for table in tables
        ]
        for table, outcome in zip(tables, outcomes, strict=True):
            if isinstance(table, LakeTable) and in_place:
                table.orphans_before = math.inf if purge is None else purge.orphans_before()
                table.check_in_place(outcome.matcher.columns, purge_history=purge is not None)
        run = None
        if tables and isinstance(tables[0], LakeTable) and in_place and not options.dry_run:
            run = CommittedRun(tables[0], outcomes[0], quarantine)
        with contextlib.nullcontext() if run is None else run.said():
            PlacedScrub(
                source=source,
                tables=tables,
                outcomes=outcomes,
                index=index,
                options=options,
                aside=quarantine,
                purge=purge,
                progress=progress,
            ).run(target)
            if run is not None:
                run.is_ended = True
            if run is not None and purge is not None:
                outcomes[0].notes.append(purge_and_check(run, index, on, options, purge, progress))
            return make_report(index, outcomes, options, "scrub", unread=source.unread)
