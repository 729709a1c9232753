"""The places of a scrub: checked before anything is read, written beside, and put in place when all was checked."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sealscrub.atomic_write import placed_folder, placed_path
from sealscrub.index import Index
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

from .history_purge import Purge, renewed_files
from .lake_output import LakeAddress, check_lake_table, write_lake_table
from .narrative_tables import judged
from .options import Options, Progress
from .output_places import ReadPlaces, private_place
from .scan_engine import told
from .table_outcomes import TableOutcome, make_report, raise_first
from .table_sweep import elsewhere_faults, sweep_table

__all__ = ["PlacedScrub", "check_outcomes", "check_places"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedScrub:
    """A scrub of files, or of one table of a database or a lake.

    Attributes
    ----------
    source : DataSource
        What is read.
    tables : sequence of Table
        Its tables, at least one.
    outcomes : sequence of TableOutcome
        What is found in each.
    index : Index
    options : Options
    aside : Path or None
        Where rows go that could not be checked.
    purge : Purge or None
        How the history of a lake table is deleted afterwards.
    progress : callable or None
    """

    source: DataSource
    tables: Sequence[Table]
    outcomes: Sequence[TableOutcome]
    index: Index
    options: Options
    aside: Path | None = None
    purge: Purge | None = None
    progress: Progress | None = None

    def run(self, output: Path | LakeAddress | None) -> None:
        """Write to a place, or to the table itself in place; without one, or in a dry run, only find."""
        first, outcome = self.tables[0], self.outcomes[0]
        renewed = None if self.purge is None else renewed_files(self.index, outcome, self.options, self.purge)
        in_place = isinstance(first, LakeTable) and first.in_place
        if isinstance(first, LakeTable) and output is not None:
            if isinstance(output, LakeAddress):
                check_lake_table(first, output)
            else:
                first.check_places(output, self.aside)
        self._check_outputs(output)
        if self.options.dry_run or (output is None and not in_place):
            self._find(renewed)
        elif isinstance(first, LakeTable) and in_place:
            first.check_writable()
            self._write_at_once(first, partial(self._commit, first, renewed))
            if renewed is None:
                outcome.notes.append(
                    "earlier versions of the table, and its log or manifests, still hold the removed rows"
                )
        elif isinstance(output, LakeAddress) and isinstance(first, LakeTable):
            self._write_at_once(first, partial(_write_lake, first, output))
        elif isinstance(output, LakeAddress):
            self._write_into_lake(output)
        elif isinstance(first, DatabaseTable) and output is not None:
            self._write_database(first, output)
        elif output is not None:
            folder = self.source.folder or bool(self.source.lakes)
            # the rows that are set aside are placed first: no output without them
            with (placed_folder if folder else placed_path)(output) as part, self._private() as aside:
                self._write(part, aside)
                self._check()

    def _check_outputs(self, output: Path | LakeAddress | None) -> None:
        """Refuse places and names of an output and of rows that are set aside, before a row is read."""
        first = self.tables[0]
        if isinstance(output, DeltaAddress):
            self._check_places(output.path, folder_of="a Delta table")
        elif isinstance(output, LakeAddress) or output is None:
            self._check_places(None)
        else:
            self._check_places(output)
            if isinstance(first, DatabaseTable):
                first.check_names(output, self.aside)
            elif isinstance(first, FileTable) and not self.source.folder:
                check_names(first, output, self.aside)

    def _find(self, renewed: Renewed | None) -> None:
        for table, outcome in zip(self.tables, self.outcomes, strict=True):
            written = self._scrub(table, outcome)
            if self.source.folder and not written.rows:
                outcome.elsewhere = ()
            if isinstance(table, LakeTable) and self.purge is not None and renewed is not None and written.found:
                change = TableChange(written.found.keep, written.patches)
                outcome.notes.append(self.purge.proposed(table.left_by(change, renewed)))
        self._check()
        for table in self.tables:
            if isinstance(table, LakeTable) and table.in_place:
                table.check_newest()

    def _write(self, part: Path, aside: Path | None) -> None:
        """Write files, each to its place below a folder if there are several, or a version of a lake."""
        for table, outcome in zip(self.tables, self.outcomes, strict=True):
            below = table.source.relative if self.source.folder and isinstance(table, FileTable) else Path()
            target = part / below
            target.parent.mkdir(parents=True, exist_ok=True)
            written = self._scrub(table, outcome, target, aside, below)
            if self.source.folder and not written.rows:  # nothing of the file stays, nor its name
                outcome.elsewhere = ()
                target.unlink()
                remove_empty(target.parent, part)

    def _write_database(self, table: DatabaseTable, output: Path) -> None:
        """Write a new database with the table, or a new schema of its server, which gets its name at the end."""
        schema = f"{NEW_SCHEMA}{secrets.token_hex(6)}"
        with (
            DatabasePlacement() as databases,
            nullcontext(schema) if self.source.schemas else placed_path(output) as place,
            self._private() as aside,
        ):
            databases.add(table.store, self._scrub(table, self.outcomes[0], place, aside).data)
            self._check()
            self.outcomes[0].notes += databases.place(str(output), None)

    def _write_into_lake(self, output: LakeAddress) -> None:
        """Write the rows that stay of files of Parquet as a new table of a lake, when all is checked and set aside."""
        files = [table for table in self.tables if isinstance(table, FileTable)]  # which all are, of Parquet
        name = files[0].name if len(files) == 1 else f"{len(files)} files"
        check_lake_table(LakeRows([table.path for table in files], name), output)
        with tempfile.TemporaryDirectory() as folder, self._private() as aside:
            parts = [Path(folder, f"{at}.parquet") for at in range(len(files))]
            for table, outcome, part in zip(files, self.outcomes, parts, strict=True):
                self._scrub(table, outcome, part, aside, table.source.relative if self.source.folder else Path())
            self._check()
            write_lake_table(LakeRows(parts, name), output)  # before the rows that are set aside get their name

    def _write_at_once(self, table: LakeTable, place: Callable[[TableChange], object]) -> None:
        """Commit the rows that stay of a table of a lake, by a function, when all is checked and set aside."""
        if self.aside is not None:
            table.check_aside(self.aside)
        with self._private() as aside:
            written = self._scrub(table, self.outcomes[0], table.place, aside)
            self._check()
            place(written.data)  # before the rows that are set aside get their name: it may fail

    def _commit(self, table: LakeTable, renewed: Renewed | None, change: TableChange) -> None:
        """Commit a version, after the question if there is one."""
        if self.purge is not None and self.purge.confirm is not None and renewed is not None:
            self.purge.confirm(self.purge.proposed(table.left_by(change, renewed)))
        table.committed(change, renewed)

    def _scrub(
        self,
        table: Table,
        outcome: TableOutcome,
        target: Path | str | None = None,
        aside: Path | None = None,
        below: Path = Path(),
    ) -> Written:
        """Write one table to a place or a new schema, and rows that are set aside to a place or below it."""
        options, progress, place = self.options, told(self.progress, table.name), aside and aside / below
        if place is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
        if outcome.reader is not None:
            found, patches = judged(table, outcome, options, progress)
            written = table.write_found(
                found, target, place, edit=options.edit, patches=patches, positions=options.positions
            )
        else:
            into_schema = isinstance(target, str)  # which is not read again once it is written
            if into_schema:
                outcome.elsewhere = sweep_table(table, outcome.matcher, options, written=True)
            written = table.scrub(
                outcome.matcher, target, place, edit=options.edit, positions=options.positions, progress=progress
            )
            if not into_schema:
                new = not (isinstance(table, LakeTable) and table.in_place)
                outcome.elsewhere = sweep_table(table, outcome.matcher, options, written=new, found=written.found)
        outcome.slow_columns, outcome.positions = written.slow_columns, written.positions
        if aside is not None and place is not None and not outcome.matcher.tally().unchecked:
            place.unlink(missing_ok=True)
            if place != aside:
                remove_empty(place.parent, aside)
        return written

    def _private(self) -> AbstractContextManager[Path | None]:
        folder = self.source.folder
        return nullcontext() if self.aside is None else private_place(self.aside, folder=folder)

    def _check(self) -> None:
        check_outcomes(self.outcomes, self.index, self.options)

    def _check_places(self, output: Path | None, folder_of: str = "") -> None:
        check_places(self.source, self.index, output, self.aside, folder_of=folder_of)


def _write_lake(table: LakeTable, target: LakeAddress, change: TableChange) -> None:
    write_lake_table(ChangedTable(table, change), target)


def check_outcomes(outcomes: Sequence[TableOutcome], index: Index, options: Options) -> None:
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
