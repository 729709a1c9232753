"""What scan and scrub found, as values: of each key column, list of levels, column and table, and of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from sealscrub.errors import Spelled, UsageError
from sealscrub.matching import SweepTally
from sealscrub.reports import SarifReport

__all__ = ["ColumnReport", "KeyReport", "LevelReport", "NarrativeReport", "ReportValues", "TableReport", "Verdict"]


class Verdict(StrEnum):
    """What a report comes down to.

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.transforms import scan
    >>> arrests = pl.DataFrame({"arrest_no": ["K14612345", "M14000017"]})
    >>> scan(arrests, example_index(["K14612345"]), on={"arrest_number": "arrest_no"}).verdict
    <Verdict.FOUND: 'found'>
    """

    CLEAN = "clean"
    """A scan read everything and found nothing."""
    FOUND = "found"
    """A scan found sealed records, or withheld ones that were not allowed."""
    INCOMPLETE = "incomplete"
    """Something could not be checked: not a clean bill, and a scrub wrote nothing."""
    SCRUBBED = "scrubbed"
    """A scrub is complete, whatever it removed."""
    DRY_RUN = "dry run"
    """A scrub would be complete; nothing was written."""


@dataclass(frozen=True, kw_only=True)
class KeyReport:
    """What happened to the values of one key column.

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
    linked : bool
        Whether the key stands for links to rows of a system that share no identifier with a seal's notice: coverage
        then says how many seals are linked, and `recall` is in its place.
    recall : float, optional
        Of a linked system: the share of the seals, 0 to 1, that its links find at least; None if that is not known.
    alpha : float, optional
        Share of cases, 0 to 1, in which `recall` may be too high.
    bounded_on : str, optional
        The day, as ``YYYY-MM-DD``, of the seals and links that `recall` is of: not of rows that were linked later.
    damaged : int
        Those of `unparsable` that went through a floating-point number and may have lost digits.

    Examples
    --------
    >>> key = KeyReport(scheme="arrest_number", column="ARREST_NO", rows=9, sealed=2, withheld=0, near=0,
    ...                 unparsable=0, null=1, coverage=1.0)
    >>> key.rows - key.null
    8
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
    linked: bool = False
    recall: float | None = None
    alpha: float | None = None
    bounded_on: str | None = None


@dataclass(frozen=True, kw_only=True)
class LevelReport:
    """What a scan found in the list of levels of a column, among those that no row uses.

    Parameters
    ----------
    column : str
        The column, or ``(columns)`` or ``(index)`` of a pandas DataFrame.
    found : int
        Levels that name a sealed record, or a withheld one that was not allowed.
    unchecked : int
        Levels of a key column that are near or unparsable, or a part of a composite key.
    """

    column: str
    found: int = 0
    unchecked: int = 0


@dataclass(frozen=True, kw_only=True)
class NarrativeReport:
    """What was found in a column of narratives.

    Parameters
    ----------
    column : str
        The column.
    mentions : int
        Rows whose narrative mentions a sealed record or name, and that stay, or are dropped for it.
    handling : str
        What happens to such a narrative: ``sentence``, ``null`` or ``drop``.
    names : bool
        Whether names were looked for as well.

    Examples
    --------
    >>> NarrativeReport(column="narrative", mentions=3).handling
    'sentence'
    """

    column: str
    mentions: int = 0
    handling: str = "sentence"
    names: bool = False


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
        Share of the stored values, 0 to 1, that the recipe returned before anything was scrubbed.
    exceptions : int
        Values that the recipe did not reproduce.
    handled : str
        What happened to these: ``null``, ``recompute`` or ``keep``.
    reason : str
        What the plan says for a column that is kept as it is, or for exceptions.

    Examples
    --------
    >>> ColumnReport(column="priors_count", kind="derived", changed=3, reproduced=1.0).exceptions
    0
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
        Rows removed because a key matched.
    keys : tuple of KeyReport
        One for each key column.
    coverage : float
        Share of the seals, 0 to 1, that at least one of the key columns could have recognised.
    changed : int
        Rows kept, with the named columns nulled or set.
    quarantined : int
        Rows with near or unparsable keys, or without any, that were written to the quarantine file.
    unchecked : int
        Rows with near or unparsable keys, or without any, that were neither matched, accepted nor quarantined.
    without_key : int
        Those of `unchecked` that have no key.
    reach : float, optional
        Share of the rows, 0 to 1, in which a key parses, or which depend by a plan's link on a row that was checked;
        None for a table of a plan that has neither keys nor links.
    accepted_null : str
        Of a plan's table: why its rows may have no key.
    slow_columns : tuple of str
        Columns that took the slower path, which keeps types that the fast one cannot round-trip.
    notes : tuple of str
        Anything else worth saying about this table, without a value of any row.
    positions : tuple of int, optional
        0-based positions of the matched rows, only when asked for on the trusted host.
    linked : int
        Of a plan's table: rows removed because of rows that they depend on, and not for a key of their own.
    columns : tuple of ColumnReport
        Of a plan's table: its columns that were recomputed or changed, or declared not to need it.
    levels : tuple of LevelReport
        Of a scan: columns whose list of levels names what no row does.
    elsewhere : tuple of SweepTally
        Places that are not key columns, in which ids of records of the index are.
    left : mapping of str to str
        Columns that were not swept, and why.
    narratives : tuple of NarrativeReport
        Columns of texts in which mentions were looked for.
    path : str
        Where its file or folder is below the repository or the working folder, for SARIF; empty if it does not.

    Examples
    --------
    >>> key = KeyReport(scheme="arrest_number", column="ARREST_NO", rows=9, sealed=2, withheld=0, near=0,
    ...                 unparsable=0, null=1, coverage=0.9)
    >>> table = TableReport(name="train.csv", rows=9, removed=2, keys=(key,), coverage=0.9)
    >>> table.sealed, table.covers_less(0.95)
    (True, True)
    """

    name: str
    rows: int
    removed: int
    keys: tuple[KeyReport, ...]
    coverage: float
    changed: int = 0
    quarantined: int = 0
    unchecked: int = 0
    without_key: int = 0
    reach: float | None = None
    accepted_null: str = ""
    slow_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    positions: tuple[int, ...] | None = field(default=None, repr=False)
    linked: int = 0
    columns: tuple[ColumnReport, ...] = ()
    levels: tuple[LevelReport, ...] = ()
    elsewhere: tuple[SweepTally, ...] = ()
    left: Mapping[str, str] = field(default_factory=dict)
    narratives: tuple[NarrativeReport, ...] = ()
    path: str = ""

    @property
    def by_links(self) -> bool:
        """Whether a key column stands for links, of whose recall there may be a bound."""
        return any(key.linked for key in self.keys)

    @property
    def by_links_alone(self) -> bool:
        """Whether all key columns stand for links, so coverage says nothing."""
        return bool(self.keys) and all(key.linked for key in self.keys)

    @property
    def recall(self) -> float | None:
        """What the links behind key columns find at least; None if there are none, or that of one is not known."""
        found = [key.recall for key in self.keys if key.linked]
        return None if not found or None in found else min(each for each in found if each is not None)

    @property
    def bound(self) -> tuple[float, str] | None:
        """In which share of cases `recall` may be too high, and as of which day it is; None if it is not known."""
        alphas = [key.alpha for key in self.keys if key.alpha is not None]
        days = [key.bounded_on for key in self.keys if key.bounded_on is not None]
        return None if self.recall is None or not alphas or not days else (max(alphas), min(days))

    def covers_less(self, least: float) -> bool:
        """Whether its key columns recognise less than this share of the seals."""
        if not self.keys or self.by_links_alone:
            return False
        return max(self.coverage, self.recall or 0.0) < least

    @property
    def mentioned(self) -> bool:
        """Whether a narrative mentions a record of the index, or a name."""
        return any(each.mentions for each in self.narratives)

    @property
    def found_elsewhere(self) -> bool:
        """Whether a place that is not a key column names a record of the index."""
        return any(each.found for each in self.elsewhere)

    @property
    def unchecked_elsewhere(self) -> bool:
        """Whether a list of levels, or a place that is not a key column, could not be checked."""
        return any(each.unchecked for each in self.levels) or any(each.unchecked for each in self.elsewhere)

    @property
    def sealed(self) -> bool:
        """Whether a key column met a sealed record."""
        return any(key.sealed for key in self.keys)

    @property
    def withheld(self) -> bool:
        """Whether a key column met a withheld record."""
        return any(key.withheld for key in self.keys)


@dataclass(frozen=True, kw_only=True)
class ReportValues(SarifReport):
    """What :class:`.report.Report` holds."""

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
    min_recall: float | None = None
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    plan: str = ""
    refit: tuple[str, ...] = ()
    swept: bool = False
    reviewed: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.complete:
            return
        too_low = any(table.covers_less(self.min_coverage) or self.finds_less(table) for table in self.tables)
        unchecked = any(table.unchecked or table.unchecked_elsewhere for table in self.tables)
        if self.problems or too_low or unchecked:
            raise UsageError(
                "a report cannot be complete and name a problem, unchecked rows or levels, or too low a coverage",
                hint=Spelled("build it with complete=False.", "its file was changed; scan again."),
            )

    def finds_less(self, table: TableReport) -> bool:
        """Whether the links of a table find fewer of the seals than is asked for, or an unknown share."""
        if self.min_recall is None:
            return False
        if not table.by_links:  # a link of a plan may lead to a table that has such a key: its problems say so
            return bool(table.keys) and not self.plan
        return table.recall is None or table.recall < self.min_recall

    @property
    def found(self) -> bool:
        """Whether the data that was read held sealed records, or withheld ones that were not allowed."""
        tolerated = "withheld" in self.allowed
        listed = any(table.found_elsewhere or any(each.found for each in table.levels) for table in self.tables)
        listed = listed or any(table.mentioned for table in self.tables)
        return listed or any(table.sealed or (table.withheld and not tolerated) for table in self.tables)

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

        If matched rows were kept and edited, it is not known: a key may be left in another column of theirs. A
        scan of the output shows it.
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
