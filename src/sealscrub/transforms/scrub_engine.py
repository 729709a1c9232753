"""Scrub: return the data as it would be had the sealed records never existed."""

from __future__ import annotations

import contextlib
import functools
import math
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.atomic_write import placed_folder, placed_path
from sealscrub.errors import UsageError
from sealscrub.index import Index
from sealscrub.matching.key_columns import On
from sealscrub.tables.changes import TableChange
from sealscrub.tables.database import DatabaseTable
from sealscrub.tables.database.database_layout import NEW_SCHEMA
from sealscrub.tables.database.database_placement import DatabasePlacement
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.file import FileTable
from sealscrub.tables.files_table import remove_empty
from sealscrub.tables.lake_rows import LakeRows
from sealscrub.tables.lake_table import ChangedTable, LakeTable
from sealscrub.tables.opener import DataSource
from sealscrub.tables.part_replacement import Renewed
from sealscrub.tables.sources import check_names
from sealscrub.tables.table import Table, Written

from .committed_run import CommittedRun
from .history_purge import Purge, purge_and_check, renewed_files
from .lake_output import LakeAddress, check_lake_table, lake_output, not_carried, write_lake_table
from .metadata_losses import lost_entries
from .narrative_tables import judged, opened
from .options import Options, Progress
from .output_places import ReadPlaces, private_place
from .scan_engine import told
from .scrub_report import Report
from .table_matchers import table_matcher
from .table_outcomes import TableOutcome, make_report, raise_first
from .table_sweep import elsewhere_faults, sweep_table

__all__ = ["Scrubbed", "check_outcomes", "check_places", "scrub_frame", "scrub_places"]


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
    outcome = TableOutcome(table_matcher(table, index, on, options), notes=lost_entries(table.lost_metadata))
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
                table.place,
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
            _scrub_all(source, tables, outcomes, index, target, options, quarantine, purge, progress)
            if run is not None:
                run.is_ended = True
            if run is not None and purge is not None:
                outcomes[0].notes.append(purge_and_check(run, index, on, options, purge, progress))
            return make_report(index, outcomes, options, "scrub", unread=source.unread)


def _scrub_all(
    source: DataSource,
    tables: list[Table],
    outcomes: list[TableOutcome],
    index: Index,
    output: Path | LakeAddress | None,
    options: Options,
    quarantine: Path | None,
    purge: Purge | None,
    progress: Progress | None,
) -> None:
    (first, *_), (outcome, *_) = (*tables, None), (*outcomes, None)
    renewed = None if purge is None or outcome is None else renewed_files(index, outcome, options, purge)
    if isinstance(first, LakeTable) and first.in_place and outcome is not None and not options.dry_run:
        commit = functools.partial(_commit, first, purge, renewed)
        _scrub_at_once(source, first, outcome, index, quarantine, options, progress, commit)
        if renewed is None:
            outcome.notes += ["earlier versions of the table, and its log or manifests, still hold the removed rows"]
        return
    if options.dry_run or output is None:
        for table, outcome in zip(tables, outcomes, strict=True):
            written = _scrub(table, outcome, None, None, options, progress)
            outcome.positions = written.positions
            if source.folder and not written.rows:
                outcome.elsewhere = ()
            if isinstance(table, LakeTable) and purge is not None and renewed is not None and written.found is not None:
                outcome.notes.append(
                    purge.proposed(table.left_by(TableChange(written.found.keep, written.patches), renewed))
                )
        check_outcomes(outcomes, index, options)
        for table in tables:
            if isinstance(table, LakeTable) and table.in_place:
                table.check_newest()
        return
    if isinstance(output, LakeAddress) and isinstance(first, LakeTable) and outcome is not None:
        check_lake_table(first, output)
        if isinstance(output, DeltaAddress):
            check_places(source, index, output.path, quarantine, folder_of="a Delta table")
        place = functools.partial(_write_lake, first, output)
        _scrub_at_once(source, first, outcome, index, quarantine, options, progress, place)
        return
    if isinstance(output, LakeAddress):
        files = [table for table in tables if isinstance(table, FileTable)]  # which all are, of Parquet
        _scrub_into_lake(source, files, outcomes, index, output, quarantine, options, progress)
        return
    check_places(source, index, output, quarantine)
    if isinstance(first, DatabaseTable):
        first.check_names(output, quarantine)
    elif isinstance(first, LakeTable):
        first.check_places(output, quarantine)
    elif isinstance(first, FileTable) and not source.folder:
        check_names(first, output, quarantine)
    if isinstance(first, DatabaseTable) and source.schemas:
        _scrub_into_schema(first, outcomes[0], index, output, quarantine, options, progress)
    else:
        with _places(output, quarantine, folder=source.folder, lake=bool(source.lakes)) as (part, aside_part):
            for table, outcome in zip(tables, outcomes, strict=True):
                _write(table, outcome, part, aside_part, options, folder=source.folder, progress=progress)
            check_outcomes(outcomes, index, options)


def _commit(table: LakeTable, purge: Purge | None, renewed: Renewed | None, change: TableChange) -> None:
    """Commit a version, after the question if there is one."""
    if purge is not None and purge.confirm is not None and renewed is not None:
        purge.confirm(purge.proposed(table.left_by(change, renewed)))
    table.committed(change, renewed)


def _write_lake(table: LakeTable, target: LakeAddress, change: TableChange) -> None:
    write_lake_table(ChangedTable(table, change), target)


def _scrub(
    table: Table,
    outcome: TableOutcome,
    target: Path | str | None,
    aside: Path | None,
    options: Options,
    progress: Progress | None,
) -> Written:
    if outcome.reader is not None:
        found, patches = judged(table, outcome, options, told(progress, table.name))
        return table.write_found(found, target, aside, edit=options.edit, patches=patches, positions=options.positions)
    into_schema = isinstance(target, str)  # which is not read again once it is written
    if into_schema:
        outcome.elsewhere = sweep_table(table, outcome.matcher, options, written=True)
    written = table.scrub(
        outcome.matcher,
        target,
        aside,
        edit=options.edit,
        positions=options.positions,
        progress=told(progress, table.name),
    )
    outcome.slow_columns, outcome.positions = written.slow_columns, written.positions
    if not into_schema:
        new = not (isinstance(table, LakeTable) and table.in_place)
        outcome.elsewhere = sweep_table(table, outcome.matcher, options, written=new, found=written.found)
    return written


def _scrub_into_schema(
    table: DatabaseTable,
    outcome: TableOutcome,
    index: Index,
    output: Path,
    aside: Path | None,
    options: Options,
    progress: Progress | None,
) -> None:
    """Write a table of a server into a new schema of its database, which gets its name when all went well."""
    with DatabasePlacement() as databases, contextlib.ExitStack() as stack:
        aside_part = stack.enter_context(private_place(aside, folder=False)) if aside is not None else None
        written = _scrub(table, outcome, f"{NEW_SCHEMA}{secrets.token_hex(6)}", aside_part, options, progress)
        _settle_aside(outcome, aside_part)
        databases.add(table.store, written.data)
        check_outcomes([outcome], index, options)
        outcome.notes += databases.place(str(output), None)


def _scrub_into_lake(
    source: DataSource,
    tables: Sequence[FileTable],
    outcomes: list[TableOutcome],
    index: Index,
    output: LakeAddress,
    aside: Path | None,
    options: Options,
    progress: Progress | None,
) -> None:
    """Write the rows that stay of files of Parquet as a new table of a lake, when all is checked and set aside."""
    name = tables[0].name if len(tables) == 1 else f"{len(tables)} files"
    check_lake_table(LakeRows([table.path for table in tables], name), output)
    place = output.path if isinstance(output, DeltaAddress) else None
    check_places(source, index, place, aside, folder_of="a Delta table")
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        aside_part = stack.enter_context(private_place(aside, folder=source.folder)) if aside is not None else None
        parts = [Path(folder, f"{at}.parquet") for at in range(len(tables))]
        for table, outcome, part in zip(tables, outcomes, parts, strict=True):
            inside = aside_part and (aside_part / table.source.relative if source.folder else aside_part)
            if inside is not None:
                inside.parent.mkdir(parents=True, exist_ok=True)
            _scrub(table, outcome, part, inside, options, progress)
            _settle_aside(outcome, inside)
            if source.folder and aside_part is not None and inside is not None:
                remove_empty(inside.parent, aside_part)
        check_outcomes(outcomes, index, options)
        write_lake_table(LakeRows(parts, name), output)  # before the rows that are set aside get their name


def _scrub_at_once(
    source: DataSource,
    table: LakeTable,
    outcome: TableOutcome,
    index: Index,
    aside: Path | None,
    options: Options,
    progress: Progress | None,
    place: Callable[[TableChange], object],
) -> None:
    """Commit the rows that stay of a table of a lake, by a function, when all is checked and set aside."""
    if aside is not None:
        check_places(source, index, None, aside)
        table.check_aside(aside)
    with contextlib.ExitStack() as stack:
        aside_part = stack.enter_context(private_place(aside, folder=False)) if aside is not None else None
        written = _scrub(table, outcome, table.place, aside_part, options, progress)
        _settle_aside(outcome, aside_part)
        check_outcomes([outcome], index, options)
        place(written.data)  # before the rows that are set aside get their name: it may fail


def _write(
    table: Table,
    outcome: TableOutcome,
    part: Path,
    aside: Path | None,
    options: Options,
    *,
    folder: bool,
    progress: Progress | None,
) -> None:
    relative = table.source.relative if folder and isinstance(table, FileTable) else None
    target = part / relative if relative is not None else part
    aside_target = aside / relative if relative is not None and aside else aside
    for place in (target, aside_target):
        if place is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
    written = _scrub(table, outcome, target, aside_target, options, progress)
    if folder and not written.rows:  # nothing of the file stays, nor its name
        outcome.elsewhere = ()
        target.unlink()
        remove_empty(target.parent, part)
    _settle_aside(outcome, aside_target)
    if folder and aside is not None and aside_target is not None:
        remove_empty(aside_target.parent, aside)


def _settle_aside(outcome: TableOutcome, aside: Path | None) -> None:
    """Leave no file if nothing was set aside, and none that others can read if something was."""
    if aside is None:
        return
    if not outcome.matcher.tally().unchecked:
        aside.unlink(missing_ok=True)
    elif aside.exists():
        aside.chmod(0o600)


def check_outcomes(outcomes: list[TableOutcome], index: Index, options: Options) -> None:
    """Refuse wrong columns, then what was not checked; the error carries the report."""
    for outcome in outcomes:
        outcome.matcher.check_columns()
    problems = [
        (outcome.matcher.name, *fault)
        for outcome in outcomes
        for fault in (*outcome.matcher.problems(), *elsewhere_faults(outcome.elsewhere, narratives=options.narratives))
    ]
    raise_first(problems, lambda: make_report(index, outcomes, options, "scrub"))


def check_places(
    source: DataSource, index: Index, output: Path | None, aside: Path | None, *, folder_of: str = ""
) -> None:
    """Refuse places for a result, if it is put in one, and for rows that are set aside."""
    places = ReadPlaces(files=source.paths, roots=source.roots, kept=index.files)
    several = "several files" if source.folder else ""
    if output is not None and aside is not None:
        places.check_apart(output, aside)
    if output is not None and not source.schemas:
        places.check(output, folder_of=folder_of or ("a Delta table" if source.lakes else several))
    if aside is not None:
        places.check(aside, folder_of=several)


@contextlib.contextmanager
def _places(
    output: Path, aside: Path | None, *, folder: bool, lake: bool = False
) -> Iterator[tuple[Path, Path | None]]:
    """Temporary places of the output and the quarantine, put in place together when all succeeded."""
    with contextlib.ExitStack() as stack:
        part = stack.enter_context(placed_folder(output) if folder or lake else placed_path(output))
        # entered last, placed first: no output without the rows that were set aside from it
        aside_part = stack.enter_context(private_place(aside, folder=folder)) if aside is not None else None
        yield part, aside_part
