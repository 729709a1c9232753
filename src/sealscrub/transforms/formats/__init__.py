"""The renderings of a report: text, JSON and HTML for the operator; JUnit XML and SARIF for what travels.

JSON, HTML and text hold counts of sealed rows. They say that they are the *operator's copy*, and their files
are readable by their owner only. JUnit and SARIF are made from a :class:`~.travelling.TravellingReport`,
which has no counts to give away.
"""

from __future__ import annotations

from enum import StrEnum
from os import PathLike, fspath
from typing import TYPE_CHECKING, assert_never

from sealscrub.errors import ConfigError

from .files import replace_file
from .html import to_html
from .json import read_json, to_json
from .junit import to_junit
from .sarif import to_sarif
from .text import to_text

if TYPE_CHECKING:
    from ..report import Report

__all__ = ["ReportFormat", "format_of", "read_json", "render", "write_report"]


class ReportFormat(StrEnum):
    """How a report is said."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    SARIF = "sarif"
    HTML = "html"

    @property
    def travels(self) -> bool:
        """Whether the format holds verdicts only and may leave the trusted host."""
        return self in (ReportFormat.JUNIT, ReportFormat.SARIF)


_SUFFIXES = {
    # what GitHub calls SARIF; read as plain .json it would put counts where verdicts are expected
    ".sarif.json": ReportFormat.SARIF,
    ".sarif": ReportFormat.SARIF,
    ".json": ReportFormat.JSON,
    ".html": ReportFormat.HTML,
    ".htm": ReportFormat.HTML,
    ".xml": ReportFormat.JUNIT,
    ".txt": ReportFormat.TEXT,
}


def format_of(path: str | PathLike[str]) -> ReportFormat:
    """Tell the format of a report file from its suffix.

    Raises
    ------
    ConfigError
        If no format has that suffix.

    Examples
    --------
    >>> format_of("out/report.html").value, format_of("scan.sarif.json").value
    ('html', 'sarif')
    """
    name = fspath(path)
    for suffix, format in _SUFFIXES.items():
        if name.lower().endswith(suffix):
            return format
    raise ConfigError(
        "the suffix of a report file names its format, and this one names none",
        where=name,
        hint="use .json, .html or .txt (operator's copy), or .xml (JUnit) or .sarif, which carry no counts.",
    )


def render(report: Report, format: ReportFormat) -> str:
    """Render a report.

    Parameters
    ----------
    report : Report
        What to say.
    format : ReportFormat
        How to say it.

    Returns
    -------
    str
        The same report gives the same text: no clock, no machine, no path but the tables' own names.
    """
    match format:
        case ReportFormat.TEXT:
            return to_text(report)
        case ReportFormat.JSON:
            return to_json(report)
        case ReportFormat.JUNIT:
            return to_junit(report)
        case ReportFormat.SARIF:
            return to_sarif(report)
        case ReportFormat.HTML:
            return to_html(report)
        case _:
            assert_never(format)


def write_report(report: Report, path: str | PathLike[str]) -> None:
    """Write a report to a file in the format of its suffix.

    The file is replaced whole or left as it was. An operator's copy is readable by its owner only (0600);
    JUnit and SARIF get the mode that the umask gives.

    Raises
    ------
    ConfigError
        If the suffix names no format, or the path is a folder or a device.
    WriteFailed
        If the file could not be completed.
    """
    format = format_of(path)
    replace_file(fspath(path), render(report, format), private=not format.travels)
