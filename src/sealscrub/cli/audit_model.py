"""``sealscrub audit-model``: what a model file still holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sealscrub.errors import ConfigError

from . import shared_options as opt

__all__ = ["audit_model"]

_FORMATS = ("text", "json", "html", "junit")
_SUFFIXES = {".txt": "text", ".json": "json", ".html": "html", ".htm": "html", ".xml": "junit"}


def audit_model(
    target: Annotated[str, typer.Argument(help="A model file, a folder, or an MLflow URI: runs:/…, models:/…")],
    index: opt.IndexFile = None,
    key_file: opt.OptionalKeyFile = None,
    scheme: Annotated[
        list[str] | None,
        typer.Option(
            "--scheme", help="Look for identifiers of this scheme; usually of all that the index holds. Repeatable."
        ),
    ] = None,
    rows: Annotated[
        Path | None,
        typer.Option("--rows", help="The sealed feature rows, or with --on the training table.", metavar="FILE"),
    ] = None,
    on: opt.On = None,
    use: opt.UseOption = None,
    min_epoch: opt.MinEpoch = None,
    min_coverage: opt.MinCoverage = None,
    report: Annotated[
        list[Path] | None,
        typer.Option(
            "--report",
            help="Write the report: .json, .html, .txt (with counts, 0600) or .xml (JUnit, without). Repeatable.",
            metavar="FILE",
        ),
    ] = None,
    tracking_uri: Annotated[
        str | None,
        typer.Option(
            "--tracking-uri", help="The MLflow store or server that knows the URI; usually MLFLOW_TRACKING_URI."
        ),
    ] = None,
    format: Annotated[str, typer.Option("--format", help="On standard output: text, json, html, junit.")] = "text",
    schemes: opt.SchemeFile = None,
) -> None:
    """Say what a model file still holds of sealed records, without executing anything of it.

    Exits with 0 when nothing was found and all was read, 1 when something was found, 2 on wrong use, 3 when not
    everything could be read or compared.

    Example: sealscrub audit-model model.joblib --index training.sealindex --key-file seal.key

    Example: sealscrub audit-model models/ --index training.sealindex --key-file seal.key --rows train.parquet
    --on arrest_number=ARREST_NO
    """
    from sealscrub.index import open_index
    from sealscrub.transforms.formats.files import replace_file
    from sealscrub.validators.artefacts import audit_model as audit

    if format not in _FORMATS:
        raise ConfigError(f"no report format is called {format!r}", hint=f"one of {', '.join(_FORMATS)}.")
    written = [(file, _format_of(file)) for file in report or ()]
    if index is None:
        raise ConfigError("--index is missing", hint="--index training.sealindex")
    if key_file is None:
        raise ConfigError("--key-file is missing", hint="--key-file seal.key, or SEALSCRUB_KEY_FILE.")
    _check_places(report, Path(target), index, key_file, rows)
    opt.load_own_schemes(schemes)
    opened = open_index(index, key_file, use=use or "training", min_epoch=min_epoch)
    audited = audit(
        target,
        opened,
        schemes=scheme,
        rows=rows,
        on=on,
        min_coverage=0.95 if min_coverage is None else min_coverage,
        tracking_uri=tracking_uri,
    )
    renderings = {
        "text": audited.to_text,
        "json": audited.to_json,
        "html": audited.to_html,
        "junit": audited.to_junit,
    }
    for file, kind in written:
        replace_file(str(file), renderings[kind](), private=kind != "junit")
    typer.echo(renderings[format](), nl=False)
    raise typer.Exit(audited.exit_code)


def _check_places(reports: list[Path] | None, *others: Path | None) -> None:
    taken = {other.resolve() for other in others if other is not None}
    for file in reports or ():
        if file.resolve() in taken:
            raise ConfigError("the report would replace a file of this run", where=str(file), hint="name another.")
        if not file.resolve().parent.is_dir():
            raise ConfigError("the folder of the report is not there", where=str(file), hint="make it.")


def _format_of(file: Path) -> str:
    kind = _SUFFIXES.get(file.suffix.lower())
    if kind is None:
        raise ConfigError(
            "the suffix of a report file names its format, and this one names none",
            where=str(file),
            hint=f"one of {', '.join(_SUFFIXES)}.",
        )
    return kind
