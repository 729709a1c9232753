"""Delete the history of a table that was scrubbed in place, and look through what is left in its folder."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from sealscrub.errors import ConfigError, IncompleteError, SealedElsewhere, Spelled
from sealscrub.index import Index
from sealscrub.matching import LevelMatcher
from sealscrub.matching.key_columns import On
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.opener import DataSource
from sealscrub.tables.part_replacement import Renewed
from sealscrub.tables.table_leftovers import Leftovers

from .committed_run import CommittedRun
from .options import Options, Progress
from .scan_engine import scan_source
from .scrub_report import Report
from .table_outcomes import TableOutcome

__all__ = ["ORPHAN_DAYS", "Purge", "Rewrite", "purge_and_check", "renewed_files"]

Rewrite = Literal["needed", "all"]
ORPHAN_DAYS = 7.0  # as Delta's vacuum has it
_SECONDS = 86400


@dataclass(frozen=True, slots=True)
class Purge:
    """How the history of a table is deleted.

    Attributes
    ----------
    rewrite : {"needed", "all"}
        Which files are written again.
    orphan_days : float
        How many days ago a file that no version names was last written at least, to be deleted; 0 for all of them.
    confirm : callable, optional
        Called with what would be deleted before anything is changed; what it raises ends the run.

    Raises
    ------
    ConfigError
        When the days are not a number from 0 up.
    """

    rewrite: Rewrite = "needed"
    orphan_days: float = ORPHAN_DAYS
    confirm: Callable[[str], object] | None = None

    def __post_init__(self) -> None:
        if not (isinstance(self.orphan_days, int | float) and 0 <= self.orphan_days < math.inf):
            raise ConfigError("the age of orphaned files is a number of days, from 0 up")

    def orphans_before(self, now: float | None = None) -> float:
        """Give the moment before which an orphan was written to be deleted, in seconds since 1970."""
        if not self.orphan_days:
            return math.inf
        return (time.time() if now is None else now) - self.orphan_days * _SECONDS

    def proposed(self, goes: Leftovers) -> str:
        """Say what would be deleted."""
        stays = f"; {self._young(goes)} would stay" if goes.young else ""
        return f"the history would be deleted: {goes.said}{stays}; no earlier version could be opened afterwards"

    def done(self, goes: Leftovers) -> str:
        """Say what was deleted."""
        stays = f"; {self._young(goes)} {'stays' if len(goes.young) == 1 else 'stay'}" if goes.young else ""
        return f"the history was deleted: {goes.said}{stays}; no earlier version can be opened"

    def _young(self, goes: Leftovers) -> str:
        return f"{goes.said_of_young}, written less than {self.orphan_days:g} days ago,"


def renewed_files(index: Index, outcome: TableOutcome, options: Options, purge: Purge) -> Renewed:
    """Give what says which files are written again next to those of which rows are removed."""
    if purge.rewrite == "all":
        return lambda part: True
    suspect = LevelMatcher(index, outcome.matcher.keys, options.policy, leave=options.leave).suspect
    return lambda part: part.holds_more(suspect)


def purge_and_check(
    run: CommittedRun, index: Index, on: On, options: Options, purge: Purge, progress: Progress | None
) -> str:
    """Delete the history of a table, scan all that is left, and say what was deleted.

    Parameters
    ----------
    run : CommittedRun
        Which has committed a version, if anything had to be removed.
    index, on, options, purge, progress
        As of the scrub.

    Raises
    ------
    SealedElsewhere
        When the folder still holds a sealed record.
    IncompleteError
        When the history cannot be deleted, or not all of the folder can be read.
    """
    run.history = "the history was not deleted, or not all of it"
    newest, goes = run.table.purged()
    run.history = "the history was deleted, but what is left was not checked"
    with DataSource(newest, options.opening, history=True) as left:
        report = scan_source(left, index, on, replace(options, positions=False), progress)
    if report.exit_code:
        run.is_said = True
        raise _still_there(report, newest, goes)
    return purge.done(goes)


def _still_there(report: Report, address: DeltaAddress | IcebergAddress, goes: Leftovers) -> IncompleteError:
    places = [
        *(each.column for table in report.tables for each in table.keys if each.sealed or each.withheld),
        *(each.column for table in report.tables for each in table.levels if each.found),
        *(each.place for table in report.tables for each in table.elsewhere if each.found),
    ]
    shown = ", ".join(dict.fromkeys(map(str, places)))
    young = f"; too young to be deleted: {goes.said_of_young}" if goes.young else ""
    hint = Spelled(
        "see the report; if no engine writes to the table, set orphans_older_than=0.",
        "see the report; if no engine writes to the table, use --orphans-older-than 0.",
    )
    error: IncompleteError
    if places:
        error = SealedElsewhere(
            f"the history was deleted, but the folder still holds sealed records: {shown}{young}",
            where=address.shown,
            hint=hint if young else "see the report, and remove what it names with the table's own engine.",
        )
    else:
        error = IncompleteError(
            f"the history was deleted, but not every remaining file could be checked{young}",
            where=address.shown,
            hint=hint if young else "see the report.",
        )
    error.report = report
    return error
