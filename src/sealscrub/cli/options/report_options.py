"""Where a report or a list goes, and how."""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, NoReturn

import typer

from sealscrub.errors import ConfigError, SealscrubError
from sealscrub.reports import Reported, ReportFormat, format_named, format_of

from ..declarations import named_files, option

__all__ = ["FormatOption", "ReportFiles", "Reporting", "check_new_files", "places_of"]

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

    def check(self, kind: type[Reported], *read: str | Path | None, written: Iterable[str | Path | None] = ()) -> None:
        """Refuse formats that a report lacks, and files that cannot be written or would replace others, before work.

        Parameters
        ----------
        kind : type of Reported
        *read
            What the command reads and no option or argument names as a path: addresses, globs, what a plan names.
        written : iterable of (str, Path or None)
            Folders in which no other file may be.
        """
        if not self.report:
            return
        named = named_files()
        every = [*read, *(path for path, _ in named)]
        whole = places_of([*written, *(path for path, is_output in named if is_output)])
        whole |= places_of(folder for each in every for folder in _folders_of_lake(each))
        taken = whole | places_of(every)
        for file in self.report:
            format_of(file, kind.formats)
            place = os.path.realpath(file)
            check_new_files("the report", [file], taken)
            around = {folder for folder in taken if Path(folder) in Path(place).parents and os.path.isdir(folder)}
            if around & whole:
                raise ConfigError(
                    "the report would be in a folder of a table, or that is written",
                    where=str(file),
                    hint="choose a place next to the folder.",
                )
            if around and _is_data(place):
                raise ConfigError(
                    "the report would be in a folder that is read, and would be read with it next time",
                    where=str(file),
                    hint="choose a place next to the folder, or a suffix that data does not have: .html.",
                )

    def texts(self, report: Reported) -> list[tuple[Path, str]]:
        """Render the report for each file, where others are placed with it."""
        return [(file, report.render(format_of(file, report.formats), in_shell=True)) for file in self.report or ()]


@dataclass(frozen=True, kw_only=True)
class Reporting:
    """Where the report goes, and how."""

    panel: ClassVar[str] = _REPORT
    format: FormatOption = ReportFormat.TEXT
    report: _ReportOption = None

    def check(self, kind: type[Reported], *read: str | Path | None, written: Iterable[str | Path | None] = ()) -> None:
        """Refuse what :meth:`ReportFiles.check` does, and a format to print that the report lacks."""
        format_named(self.format, kind.formats)
        ReportFiles(report=self.report).check(kind, *read, written=written)

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


def check_new_files(what: str, files: Iterable[Path], taken: set[str]) -> None:
    """Refuse files that would replace others, which they join, or each other, or whose folder does not exist.

    Raises
    ------
    ConfigError
    """
    for file in files:
        place = os.path.realpath(file)
        if place in taken:
            raise ConfigError(f"{what} would replace a file of this run", where=str(file), hint="choose another file.")
        if not os.path.isdir(os.path.dirname(place)):
            raise ConfigError(
                f"the folder of {what} does not exist", where=str(file), hint="make it, or choose another."
            )
        taken.add(place)


def places_of(names: Iterable[str | Path | None]) -> set[str]:
    """Give what names come to: files and folders, the file of a table, or what a glob matches."""
    places: list[str] = []
    for name in (os.fspath(each) for each in names if each is not None):
        places.append(name)
        if not os.path.exists(name):
            places += [name.partition("#")[0], *glob.iglob(name, recursive=True)]
    return set(map(os.path.realpath, places))


def _folders_of_lake(name: str | Path | None) -> tuple[Path, ...]:
    """Give the folders of a Delta or Iceberg table; none of anything else, and of what the command cannot open."""
    from sealscrub.tables.delta.delta_address import DeltaAddress
    from sealscrub.tables.iceberg.iceberg_address import IcebergAddress

    with contextlib.suppress(SealscrubError):
        if DeltaAddress.names_one(name):
            return (DeltaAddress.parse(str(name)).path,)
        if IcebergAddress.names_one(name):
            from sealscrub.tables.iceberg.iceberg_catalog import loaded_table, table_folders

            return table_folders(loaded_table(IcebergAddress.parse(str(name))).metadata, str(name))
    return ()


def _is_data(place: str) -> bool:
    from sealscrub.tables.formats import format_named

    return format_named(Path(place)) is not None


def _colourful() -> bool:
    """Whether a terminal reads it that wants colour (no-color.org)."""
    return not os.environ.get("NO_COLOR") and typer.get_text_stream("stdout").isatty()
