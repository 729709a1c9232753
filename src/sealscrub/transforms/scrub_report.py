"""What scan and scrub say about the tables that they read: counts and verdicts, never an identifier.

A :class:`Report` is a frozen value. It holds counts, so it belongs to the operator on the trusted host; what travels
of it carries verdicts only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sealscrub.reports import Document

from .report_document import brief_of, document_of
from .report_json import facts_of, read_json
from .scrub_report_values import ReportValues

__all__ = ["Report"]


@dataclass(frozen=True, kw_only=True)
class Report(ReportValues):
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
    min_recall : float, optional
        The least recall of links, 0 to 1, that a complete run needs.
    problems : tuple of str
        Why the run is incomplete.
    warnings : tuple of str
        What the operator should know although the run is complete.
    plan : str
        Name of the plan, if there is one.
    refit : tuple of str
        What the plan names as fitted on the data, and to be fitted again.
    swept : bool
        Whether columns that are not declared were compared with the index.
    reviewed : mapping of str to str
        By jurisdiction, how many of the regimes that bar the use were reviewed, in words; empty if the index does
        not say.

    Raises
    ------
    UsageError
        If the report calls itself complete and names a problem, unchecked rows or levels, or too low a coverage.

    Examples
    --------
    >>> from datetime import date
    >>> from sealscrub.transforms import KeyReport, TableReport
    >>> key = KeyReport(scheme="arrest_number", column="ARREST_NO", rows=9, sealed=2, withheld=0, near=0,
    ...                 unparsable=0, null=1, coverage=1.0)
    >>> table = TableReport(name="train.csv", rows=9, removed=0, keys=(key,), coverage=1.0)
    >>> report = Report(epoch=4, as_of=date(2026, 11, 25), complete=True, tables=(table,), action="scan",
    ...                 use="training", audience="police", index_id="7c1e", not_after=date(2026, 12, 25))
    >>> report
    <Report: Sealed or withheld records found>
    >>> report.found, report.clean, report.exit_code
    (True, False, 1)
    """

    def _document(self) -> Document:
        return document_of(self)

    def _brief(self) -> Document:
        return brief_of(self)

    def _facts(self) -> Mapping[str, Any]:
        return facts_of(self)

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Read back what :meth:`to_json` wrote.

        Raises
        ------
        UnreadableInput
            If the text is no such report.
        """
        return read_json(text, cls)
