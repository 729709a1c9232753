"""Reports that have more formats than text, HTML and JSON."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence

from .formats import ReportFormat
from .report_base import Reported

__all__ = ["CsvReport", "JunitReport", "SarifReport"]


class CsvReport(Reported):
    """A report with a list, which can be CSV too.

    Examples
    --------
    >>> [format.value for format in CsvReport.formats]
    ['text', 'html', 'json', 'csv']
    """

    @abstractmethod
    def _rows(self) -> tuple[Sequence[str], Iterable[Mapping[str, object]]]:
        """What its CSV holds: names of columns, and rows."""

    def to_csv(self) -> str:
        """Render its list as CSV."""
        return self.render(ReportFormat.CSV)


class JunitReport(Reported):
    """A report whose verdicts travel as JUnit XML.

    Examples
    --------
    >>> [format.value for format in JunitReport.formats if format.travels]
    ['junit']
    """

    def to_junit(self) -> str:
        """Render as JUnit XML: verdicts without counts, fit to travel."""
        return self.render(ReportFormat.JUNIT)


class SarifReport(JunitReport):
    """A report whose verdicts travel as JUnit XML and as SARIF.

    Examples
    --------
    >>> [format.value for format in SarifReport.formats if format.travels]
    ['junit', 'sarif']
    """

    def to_sarif(self) -> str:
        """Render as SARIF 2.1.0: verdicts without counts, fit to travel."""
        return self.render(ReportFormat.SARIF)
