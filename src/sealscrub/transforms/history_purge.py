"""Delete the history of a table that was scrubbed in place, and look through what is left in its folder."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from sealscrub.errors import IncompleteError, SealedElsewhere
from sealscrub.index import Index
from sealscrub.matching import LevelMatcher
from sealscrub.matching.key_columns import On
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.lake_table import LakeTable
from sealscrub.tables.opener import DataSource
from sealscrub.tables.part_replacement import Renewed
from sealscrub.tables.table_leftovers import Leftovers

from .options import Options, Progress
from .scan_engine import scan_source
from .scrub_report import Report
from .table_outcomes import TableOutcome

__all__ = ["Rewrite", "purge_and_check", "purge_proposed", "renewed_files"]

Rewrite = Literal["needed", "all"]


def renewed_files(index: Index, outcome: TableOutcome, options: Options, rewrite: Rewrite) -> Renewed:
    """Give what says which files are written again next to those of which rows are removed."""
    if rewrite == "all":
        return lambda part: True
    suspect = LevelMatcher(index, outcome.matcher.keys, options.policy, leave=options.leave).suspect
    return lambda part: part.holds_more(suspect)


def purge_proposed(goes: Leftovers) -> str:
    """Say what would be deleted."""
    return f"the history would be deleted: {goes.said}; no earlier version could be opened afterwards"


def purge_and_check(table: LakeTable, index: Index, on: On, options: Options, progress: Progress | None) -> str:
    """Delete the history of a table, scan all that is left, and say what was deleted.

    Raises
    ------
    UsageError, UnreadableInput, WriteFailed
        When the history cannot be deleted; the newest version can be read.
    SealedElsewhere
        When the folder still holds a sealed record.
    IncompleteError
        When not all of the folder can be read.
    """
    newest, goes = table.purged()
    with DataSource(newest, options.opening, history=True) as left:
        report = scan_source(left, index, on, replace(options, positions=False), progress)
    if report.exit_code:
        raise _still_there(report, newest)
    return f"the history was deleted: {goes.said}; no earlier version can be opened"


def _still_there(report: Report, address: DeltaAddress | IcebergAddress) -> IncompleteError:
    places = [
        *(each.column for table in report.tables for each in table.keys if each.sealed or each.withheld),
        *(each.column for table in report.tables for each in table.levels if each.found),
        *(each.place for table in report.tables for each in table.elsewhere if each.found),
    ]
    shown = ", ".join(dict.fromkeys(map(str, places)))
    error: IncompleteError
    if places:
        error = SealedElsewhere(
            f"the history was deleted, but the folder still holds sealed records: {shown}",
            where=address.shown,
            hint="see the report, and remove what it names with the table's own engine.",
        )
    else:
        error = IncompleteError(
            "the history was deleted, but not every remaining file could be checked",
            where=address.shown,
            hint="see the report.",
        )
    error.report = report
    return error
