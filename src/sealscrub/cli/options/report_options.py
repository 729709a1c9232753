"""Where a report or a list goes, and how."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, NoReturn

import typer

from sealscrub.errors import ConfigError
from sealscrub.reports import Reported, ReportFormat, format_named, format_of

from ..declarations import named_files, option

__all__ = ["FormatOption", "ReportFiles", "Reporting"]

_REPORT = "Report"

FormatOption = Annotated[
    ReportFormat, option("Format of the printed report; not every report has every format.", "--format")
]


_ReportOption = Annotated[
    list[Path] | None,
    option(
        "Write the report in the format of the suffix: .json, .html, .txt, .csv (with counts 0600); .xml "
        "(JUnit), .sarif (no counts). Not every report has every format. Repeatable.",
        "--report",
    ),
]


@dataclass(frozen=True, kw_only=True)
class ReportFiles:
    """The files of a report that is not printed."""

    panel: ClassVar[str] = _REPORT
    report: _ReportOption = None

    def check(self, kind: type[Reported], *others: str | Path | None) -> None:
        """Refuse formats that a report lacks, and files that cannot be written or would replace others, before work."""
        named = [os.fspath(other) for other in (*others, *named_files()) if other is not None]
        taken = {os.path.realpath(place) for name in named for place in _places_of(name)} if self.report else set()
        for file in self.report or ():
            format_of(file, kind.formats)
            place = os.path.realpath(file)
            if place in taken:
                raise ConfigError(
                    "the report would replace a file of this run", where=str(file), hint="choose another file."
                )
            if any(os.path.isdir(folder) and Path(folder) in Path(place).parents for folder in taken):
                raise ConfigError(
                    "the report would be in a folder that this run reads or writes",
                    where=str(file),
                    hint="choose a place next to the folder.",
                )
            if not os.path.isdir(os.path.dirname(place)):
                raise ConfigError(
                    "the folder of the report does not exist", where=str(file), hint="make it, or choose another."
                )
            taken.add(place)

    def texts(self, report: Reported) -> list[tuple[Path, str]]:
        """Render the report for each file, where others are placed with it."""
        return [(file, report.render(format_of(file, report.formats), in_shell=True)) for file in self.report or ()]


@dataclass(frozen=True, kw_only=True)
class Reporting:
    """Where the report goes, and how."""

    panel: ClassVar[str] = _REPORT
    format: FormatOption = ReportFormat.TEXT
    report: _ReportOption = None

    def check(self, kind: type[Reported], *others: str | Path | None) -> None:
        """Refuse formats that a report lacks, and files that cannot be written or would replace others, before work."""
        format_named(self.format, kind.formats)
        ReportFiles(report=self.report).check(kind, *others)

    def say(self, report: Reported) -> None:
        """Write the report if it was asked for, and print it."""
        for file in self.report or ():
            report.save(file, in_shell=True)
        if self.format is ReportFormat.TEXT:
            typer.echo(report.text(colour=_colourful(), in_shell=True), nl=False)
        else:
            typer.echo(report.render(self.format, in_shell=True), nl=False)

    def end(self, report: Reported, code: int) -> NoReturn:
        """Say a report, and end the command with an exit code."""
        self.say(report)
        raise typer.Exit(code)


def _places_of(name: str) -> Iterator[str]:
    """Give what a name comes to: a file or folder, a table's file, or what a glob matches."""
    yield name
    if not os.path.exists(name):
        yield name.partition("#")[0]
        yield from glob.iglob(name, recursive=True)


def _colourful() -> bool:
    """Whether a terminal reads it that wants colour (no-color.org)."""
    return not os.environ.get("NO_COLOR") and typer.get_text_stream("stdout").isatty()
