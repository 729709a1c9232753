"""Options that several commands have, and how they become the library's values."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from sealscrub.errors import ConfigError
from sealscrub.matching import Policy
from sealscrub.transforms import ReadAs, Report

__all__: list[str] = []

Inputs = Annotated[
    list[str] | None,
    typer.Argument(help="Files, folders or quoted globs: Parquet, CSV, TSV, JSONL, also .gz and .zst."),
]
IndexFile = Annotated[Path | None, typer.Option("--index", help="The published index.", metavar="FILE")]
_KEY_FILE = typer.Option(
    "--key-file", help="The matching key, never the key itself.", metavar="FILE", envvar="SEALSCRUB_KEY_FILE"
)
KeyFile = Annotated[Path, _KEY_FILE]
OptionalKeyFile = Annotated[Path | None, _KEY_FILE]
On = Annotated[
    list[str] | None,
    typer.Option(
        "--on",
        help="A key column: arrest_number=ARREST_NO, opaque:compas=c_case_number, person_arrest=NYSID+ARREST_DATE. "
        "May be given several times.",
        metavar="SCHEME=COLUMN",
    ),
]
UseOption = Annotated[
    str | None, typer.Option("--use", help="What the data is for, usually training; the index must be for it.")
]
Purpose = Annotated[
    str | None,
    typer.Option(
        "--purpose",
        metavar="PURPOSE",
        help="For what, where a roster governs it: one of sealscrub roster purposes.",
    ),
]
Custody = Annotated[
    Path | None,
    typer.Option("--custody", metavar="FILE", help="custody.toml: whose roster says who may see what is in it."),
]
EncryptionKey = Annotated[
    str | None,
    typer.Option(
        "--encryption-key",
        metavar="FILE",
        envvar="SEALSCRUB_ENCRYPTION_KEY",
        help="What opens a registry that is encrypted at rest: a key's file, or exec:COMMAND of a key service.",
    ),
]
Grant = Annotated[
    Path | None,
    typer.Option(
        "--grant",
        metavar="FILE",
        envvar="SEALSCRUB_GRANT",
        help="The signed grant of whoever asks, whose key lies beside it as FILE.key; without, the account asks.",
    ),
]
MinEpoch = Annotated[int | None, typer.Option(help="Refuse an index of an older epoch.")]
Allow = Annotated[list[str] | None, typer.Option(help="withheld: leave records that are not proven sealed.")]
Accept = Annotated[list[str] | None, typer.Option(help="near, unparsable: let such keys pass; the report says so.")]
MinCoverage = Annotated[
    float | None, typer.Option(help="Least share of the seals that the key columns can recognise; usually 0.95.")
]
MaxUnparsable = Annotated[
    float | None, typer.Option(help="Share of unparsable values above which it is a wrong column; usually 0.05.")
]
RequireKeys = Annotated[bool, typer.Option("--require-keys", help="A table in which no row has a key is not checked.")]
ReportFile = Annotated[
    list[Path] | None,
    typer.Option(
        "--report",
        help="Write the report: .json, .html, .txt (with counts, 0600), .xml (JUnit) or .sarif (without). Repeatable.",
        metavar="FILE",
    ),
]
Format = Annotated[
    str, typer.Option("--format", help="Of the report on standard output: text, json, junit, sarif, html.")
]
SchemeFile = Annotated[
    list[Path] | None, typer.Option("--schemes", help="A TOML file with your own schemes. Repeatable.", metavar="FILE")
]
PlanOption = Annotated[
    Path | None, typer.Option("--plan", help="A whole estate by this plan, instead of files.", metavar="FILE")
]
Root = Annotated[
    Path | None,
    typer.Option("--root", help="The folder that a plan's sources lie in; by default its own.", metavar="DIR"),
]
AllowPython = Annotated[
    list[str] | None,
    typer.Option("--allow-python", help="A module whose functions the plan may call. Repeatable.", metavar="MODULE"),
]
AllowDatabase = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-database", help="A database server that the plan may connect to. Repeatable.", metavar="HOST"
    ),
]
InputFormat = Annotated[str | None, typer.Option(help="parquet, csv or jsonl, where the suffix does not tell.")]
Delimiter = Annotated[str | None, typer.Option(help="Between fields of text files; found by itself otherwise.")]
Encoding = Annotated[str | None, typer.Option(help="Of text files, such as latin-1; UTF-8 or UTF-16 otherwise.")]
Quoting = Annotated[str, typer.Option(help="minimal: fields may be quoted; none: a quote is a character like any.")]


def read_as(format: str | None, delimiter: str | None, encoding: str | None, quoting: str) -> ReadAs:
    """How text files are read."""
    if quoting not in ("minimal", "none"):
        raise ConfigError(f"--quoting knows no {quoting!r}", hint="minimal or none.")
    if delimiter == "\\t":
        delimiter = "\t"
    return ReadAs(format=format, delimiter=delimiter, encoding=encoding, quoting=quoting)


def required(
    inputs: list[str] | None, index: Path | None, key_file: Path | None, on: list[str] | None
) -> tuple[list[str], Path, Path, list[str]]:
    """Refuse a command without a plan that does not name all that goes without one."""
    if not inputs:
        raise ConfigError("no input is named", hint="name files; or a plan, with --plan sealscrub.toml.")
    if index is None:
        raise ConfigError("--index is missing", hint="--index training.sealindex")
    if key_file is None:
        raise ConfigError("--key-file is missing", hint="--key-file seal.key, or SEALSCRUB_KEY_FILE.")
    if not on:
        raise ConfigError(
            "--on is missing", hint="--on arrest_number=ARREST_NO: which column is a key, of what scheme."
        )
    return inputs, index, key_file, on


def policy(
    allow: list[str] | None,
    accept: list[str] | None,
    min_coverage: float | None,
    max_unparsable: float | None,
    *,
    require_keys: bool,
    usual: Policy | None = None,
) -> Policy:
    """How strict to be: what is said, and the usual where nothing is."""
    usual = usual or Policy()
    return Policy(
        allow=frozenset(allow or usual.allow),
        accept=frozenset(accept or usual.accept),
        min_coverage=usual.min_coverage if min_coverage is None else min_coverage,
        max_unparsable=usual.max_unparsable if max_unparsable is None else max_unparsable,
        require_keys=require_keys,
    )


def load_own_schemes(files: list[Path] | None) -> None:
    """Register the schemes of the files."""
    from sealscrub.identifiers import load_schemes

    for file in files or ():
        load_schemes(file)


def say_report(report: Report, format: str, files: list[Path] | None) -> None:
    """Print a report, and write it where it was asked for."""
    from sealscrub.transforms.formats import ReportFormat, render, write_report

    try:
        chosen = ReportFormat(format)
    except ValueError:
        raise ConfigError(f"no report format is called {format!r}", hint=", ".join(ReportFormat)) from None
    for file in files or ():
        write_report(report, file)
    typer.echo(render(report, chosen), nl=False)


def check_reports(format: str, files: list[Path] | None, *others: str | Path | None) -> None:
    """Refuse unknown formats, and reports that cannot be written or would replace other files, before any work."""
    from sealscrub.transforms.formats import ReportFormat, format_of

    if format not in list(ReportFormat):
        raise ConfigError(f"no report format is called {format!r}", hint=f"one of {', '.join(ReportFormat)}.")
    taken = {os.path.realpath(other) for other in others if other is not None}
    for file in files or ():
        format_of(file)
        place = os.path.realpath(file)
        if place in taken:
            raise ConfigError("the report would replace a file of this run", where=str(file), hint="name another.")
        if not os.path.isdir(os.path.dirname(place)):
            raise ConfigError(
                "the folder of the report is not there", where=str(file), hint="make it, or name another."
            )
        taken.add(place)
