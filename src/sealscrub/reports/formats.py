"""The formats of reports, and the suffixes of their files."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from os import PathLike, fspath

from sealscrub.errors import ConfigError

__all__ = ["ReportFormat", "format_named", "format_of"]


class ReportFormat(StrEnum):
    """How a report is said."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"
    CSV = "csv"
    JUNIT = "junit"
    SARIF = "sarif"

    @property
    def travels(self) -> bool:
        """Whether the format holds verdicts only, whatever the report."""
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
    ".csv": ReportFormat.CSV,
}


def format_of(path: str | PathLike[str], formats: Sequence[ReportFormat] = tuple(ReportFormat)) -> ReportFormat:
    """Give the format that the suffix of a report's file names.

    Parameters
    ----------
    path : path-like
    formats : sequence of ReportFormat
        Those that the report has.

    Raises
    ------
    ConfigError
        If the suffix names none of them.

    Examples
    --------
    >>> format_of("out/report.html").value, format_of("scan.sarif.json").value
    ('html', 'sarif')
    """
    name, said = fspath(path), "the suffix names no report format"
    for suffix, format in _SUFFIXES.items():
        if name.lower().endswith(suffix):
            if format in formats:
                return format
            said = _lacks(format)
            break
    known = ", ".join(suffix for suffix, format in _SUFFIXES.items() if format in formats)
    raise ConfigError(said, where=name, hint=f"use one of {known}.")


def format_named(name: str, formats: Sequence[ReportFormat] = tuple(ReportFormat)) -> ReportFormat:
    """Give the format of a name.

    Parameters
    ----------
    name : str
    formats : sequence of ReportFormat
        Those that the report has.

    Raises
    ------
    ConfigError
        If it names none of them.

    Examples
    --------
    >>> format_named("json")
    <ReportFormat.JSON: 'json'>
    """
    if name not in formats:
        raise ConfigError(_lacks(name), hint=f"use one of {', '.join(formats)}.")
    return ReportFormat(name)


def _lacks(format: str) -> str:
    return f"this report does not have the format {str(format)!r}"
