"""What scan and scrub say of the tables that they read: counts and verdicts, never an identifier.

A :class:`Report` is a frozen value. It holds counts, so it belongs to the operator on the trusted host; its
renderings live in :mod:`sealscrub.transforms.formats`, where SARIF and JUnit, which travel, carry verdicts
only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from os import PathLike
from typing import Literal

from sealscrub.errors import UsageError

__all__ = ["ColumnReport", "KeyReport", "Report", "TableReport", "Verdict"]


class Verdict(StrEnum):
    """What a report comes down to."""

    CLEAN = "clean"
    """A scan read everything and found nothing."""
    FOUND = "found"
    """A scan found sealed records, or withheld ones that were not allowed."""
    INCOMPLETE = "incomplete"
    """Something could not be checked: not a clean bill, and a scrub wrote nothing."""
    SCRUBBED = "scrubbed"
    """A scrub is complete, whatever it took out."""
    DRY_RUN = "dry run"
    """A scrub would be complete; nothing was written."""


@dataclass(frozen=True, kw_only=True)
class KeyReport:
    """What became of the values of one key column.

    Parameters
    ----------
    scheme : str
        Scheme of the record key, such as ``arrest_number``.
    column : str
        The column; a composite key names its columns as ``NYSID+ARREST_DATE``.
    rows : int
        Rows read.
    sealed, withheld : int
        Rows whose key is in the index, by reason.
    near : int
        Rows whose key would parse after a repair (O for 0), which is never applied silently.
    unparsable : int
        Rows whose key has no form of the scheme.
    null : int
        Rows without a key: null, blank or a sentinel.
    coverage : float
        Share of the seals, 0 to 1, that this scheme could have recognised.
    damaged : int
        Those of `unparsable` that went through a floating-point number and may have lost digits.
    """

    scheme: str
    column: str
    rows: int
    sealed: int
    withheld: int
    near: int
    unparsable: int
    null: int
    coverage: float
    damaged: int = 0


@dataclass(frozen=True, kw_only=True)
class ColumnReport:
    """What a plan did with one column.

    Parameters
    ----------
    column : str
        The column; empty for a table that is recomputed as a whole.
    kind : str
        ``derived``, ``derived table``, ``edited``, ``elements``, ``count``, ``rekeyed``, ``unknown`` or
        ``independent``.
    changed : int
        Rows of the output that hold another value than before.
    reproduced : float, optional
        Share of the stored values, 0 to 1, that the recipe gave back before anything was scrubbed.
    exceptions : int
        Values that the recipe did not reproduce.
    handled : str
        What became of these: ``null``, ``recompute`` or ``keep``.
    reason : str
        What the plan says for a column that is kept as it is, or for exceptions.
    """

    column: str
    kind: str
    changed: int = 0
    reproduced: float | None = None
    exceptions: int = 0
    handled: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class TableReport:
    """What was found in one table, and what was done to it.

    Parameters
    ----------
    name : str
        The file or the table.
    rows : int
        Rows read.
    removed : int
        Rows taken out because a key matched.
    keys : tuple of KeyReport
        One for each key column.
    coverage : float
        Share of the seals, 0 to 1, that at least one of the key columns could have recognised.
    changed : int
        Rows kept, with the named columns nulled or set.
    quarantined : int
        Rows with near or unparsable keys that went to the quarantine file.
    unchecked : int
        Rows with near or unparsable keys that were neither matched, accepted nor quarantined.
    slow_columns : tuple of str
        Columns that took the slower path, which keeps types that the fast one cannot round-trip.
    notes : tuple of str
        Anything else worth saying of this table, without a value of any row.
    positions : tuple of int, optional
        0-based positions of the matched rows, only when asked for on the trusted host.
    linked : int
        Of a plan's table: rows taken out because of rows that they hang on, and not for a key of their own.
    columns : tuple of ColumnReport
        Of a plan's table: its columns that were recomputed or changed, or declared not to need it.
    """

    name: str
    rows: int
    removed: int
    keys: tuple[KeyReport, ...]
    coverage: float
    changed: int = 0
    quarantined: int = 0
    unchecked: int = 0
    slow_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    positions: tuple[int, ...] | None = field(default=None, repr=False)
    linked: int = 0
    columns: tuple[ColumnReport, ...] = ()

    @property
    def sealed(self) -> bool:
        """Whether a key column met a sealed record."""
        return any(key.sealed for key in self.keys)

    @property
    def withheld(self) -> bool:
        """Whether a key column met a withheld record."""
        return any(key.withheld for key in self.keys)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one scan or scrub found, did, and could not check.

    Parameters
    ----------
    epoch : int
        Number of the registry's last change that the index knows.
    as_of : datetime.date
        The day whose state the index holds.
    complete : bool
        Whether everything was read and checked.
    tables : tuple of TableReport
        In the order in which they were read.
    action : {"scan", "scrub"}
        What was asked for.
    use, audience : str
        For what and for whom the index was published.
    index_id : str
        Which index; never its key.
    not_after : datetime.date
        The day after which the index, and with it this report, is not to be relied on.
    accepted : tuple of str
        What was not checked or not kept, by name, and accepted by the operator (``near``, ``unparsable``, …).
    allowed : tuple of str
        Reasons tolerated: ``withheld``.
    dry_run : bool
        Whether a scrub wrote nothing on purpose.
    min_coverage : float
        The least coverage, 0 to 1, that a complete run needs.
    problems : tuple of str
        Why the run is incomplete.
    warnings : tuple of str
        What the operator should know although the run is complete.
    plan : str
        Name of the plan, where there is one.
    refit : tuple of str
        What the plan names as fitted on the data, and to be fitted again.

    Raises
    ------
    UsageError
        If the report calls itself complete and names a problem, unchecked rows or too low a coverage.

    Examples
    --------
    >>> from datetime import date
    >>> key = KeyReport(scheme="arrest_number", column="ARREST_NO", rows=9, sealed=2, withheld=0, near=0,
    ...                 unparsable=0, null=1, coverage=1.0)
    >>> table = TableReport(name="train.csv", rows=9, removed=0, keys=(key,), coverage=1.0)
    >>> report = Report(epoch=4, as_of=date(2026, 11, 25), complete=True, tables=(table,), action="scan",
    ...                 use="training", audience="police", index_id="7c1e", not_after=date(2026, 12, 25))
    >>> report
    <Report of a scan: found, epoch 4 as of 2026-11-25, tables: 1>
    >>> report.found, report.clean, report.exit_code
    (True, False, 1)
    """

    epoch: int
    as_of: date
    complete: bool
    tables: tuple[TableReport, ...]
    action: Literal["scan", "scrub"]
    use: str
    audience: str
    index_id: str
    not_after: date
    accepted: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    dry_run: bool = False
    min_coverage: float = 0.95
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    plan: str = ""
    refit: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.complete:
            return
        too_low = any(table.keys and table.coverage < self.min_coverage for table in self.tables)
        if self.problems or too_low or any(table.unchecked for table in self.tables):
            raise UsageError(
                "a report cannot be complete and name a problem, unchecked rows or too low a coverage",
                hint="build it with complete=False.",
            )

    def __repr__(self) -> str:
        # a repr ends up in logs and saved notebooks: no counts
        return (
            f"<Report of a {self.action}: {self.verdict.value}, epoch {self.epoch} as of {self.as_of}, "
            f"tables: {len(self.tables)}>"
        )

    @property
    def found(self) -> bool:
        """Whether the data that was read held sealed records, or withheld ones that were not allowed."""
        tolerated = "withheld" in self.allowed
        return any(table.sealed or (table.withheld and not tolerated) for table in self.tables)

    @property
    def verdict(self) -> Verdict:
        """What the report comes down to; found and incomplete is found."""
        if self.action == "scan" and self.found:
            return Verdict.FOUND
        if not self.complete:
            return Verdict.INCOMPLETE
        if self.action == "scan":
            return Verdict.CLEAN
        return Verdict.DRY_RUN if self.dry_run else Verdict.SCRUBBED

    @property
    def clean(self) -> bool:
        """Whether the data is clean now: scanned and nothing found, or scrubbed.

        Where matched rows were kept and edited, it is not known: a key may be left in another column of theirs. A
        scan of the output tells.
        """
        if any(table.changed for table in self.tables):
            return False
        return self.complete and (not self.found or self.verdict is Verdict.SCRUBBED)

    @property
    def exit_code(self) -> int:
        """0 clean and complete, or scrubbed · 1 a scan found something · 3 something was not checked."""
        if self.verdict is Verdict.FOUND:
            return 1
        return 0 if self.complete else 3

    def to_text(self) -> str:
        """Render for a terminal. Holds counts."""
        return self._render("text")

    def to_json(self) -> str:
        """Render as JSON, positions included where the report has them. Operator's copy."""
        return self._render("json")

    def to_html(self) -> str:
        """Render as one self-contained page. Operator's copy."""
        return self._render("html")

    def to_junit(self) -> str:
        """Render as JUnit XML: verdicts without counts, fit to travel."""
        return self._render("junit")

    def to_sarif(self) -> str:
        """Render as SARIF 2.1.0: verdicts without counts, fit to travel."""
        return self._render("sarif")

    def save(self, path: str | PathLike[str]) -> None:
        """Write to a file in the format of its suffix; see :func:`.formats.write_report`."""
        from .formats import write_report

        write_report(self, path)

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Read back what :meth:`to_json` wrote.

        Raises
        ------
        UnreadableInput
            If the text is no such report.
        """
        from .formats import read_json

        return read_json(text)

    def _render(self, name: str) -> str:
        from .formats import ReportFormat, render

        return render(self, ReportFormat(name))
