"""``sealscrub scrub``: write the data as it would be had the sealed records never existed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import shared_options as opt
from .progress import shown_progress
from .recorded import AuditLogFile, made, used

__all__ = ["scrub"]


def scrub(
    inputs: opt.Inputs = None,
    index: opt.IndexFile = None,
    key_file: opt.OptionalKeyFile = None,
    on: opt.On = None,
    plan: opt.PlanOption = None,
    root: opt.Root = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The clean file; a new or empty folder for several files.")
    ] = None,
    use: opt.UseOption = None,
    min_epoch: opt.MinEpoch = None,
    null_columns: Annotated[
        list[str] | None, typer.Option(help="Keep matched rows, and empty these columns of them.", metavar="COLUMN,…")
    ] = None,
    set_values: Annotated[
        list[str] | None,
        typer.Option("--set", help="Keep matched rows, and put this value in.", metavar="COLUMN=VALUE"),
    ] = None,
    accept_marks: Annotated[
        list[str] | None, typer.Option(help="Columns in which the change may mark the row.", metavar="COLUMN,…")
    ] = None,
    keep_levels: Annotated[
        list[str] | None, typer.Option(help="Categorical columns whose levels are fixed.", metavar="COLUMN,…")
    ] = None,
    allow: opt.Allow = None,
    accept: opt.Accept = None,
    quarantine: Annotated[
        Path | None, typer.Option(help="Set rows with near or unparsable keys aside in this file (0600).")
    ] = None,
    min_coverage: opt.MinCoverage = None,
    max_unparsable: opt.MaxUnparsable = None,
    require_keys: opt.RequireKeys = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Of a plan: swap the output in for an earlier one, which is kept beside it."),
    ] = False,
    since: Annotated[
        Path | None,
        typer.Option(
            help="Of a plan: the index of the earlier output; what has not changed is linked.", metavar="INDEX"
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Of a plan: how many tables are written at a time.")] = 1,
    allow_python: opt.AllowPython = None,
    allow_database: opt.AllowDatabase = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Find, report, and write nothing.")] = False,
    report: opt.ReportFile = None,
    format: opt.Format = "text",
    schemes: opt.SchemeFile = None,
    input_format: opt.InputFormat = None,
    delimiter: opt.Delimiter = None,
    encoding: opt.Encoding = None,
    quoting: opt.Quoting = "minimal",
    audit_log: AuditLogFile = None,
) -> None:
    """Write files as they would be had the sealed records never existed.

    Exits with 0 when the target is written, whatever was removed; 2 on wrong use; 3 when something could not be
    checked or written, and then the target is as it was.

    With --plan a whole estate is written below the output's folder, all of it or nothing; index and key are those of
    the plan unless named here.

    Example: sealscrub scrub train.parquet --index training.sealindex --key-file seal.key
    --on arrest_number=ARREST_NO -o clean.parquet

    Example: sealscrub scrub --plan sealscrub.toml -o clean/
    """
    from sealscrub.errors import ConfigError, IncompleteError
    from sealscrub.index import open_index
    from sealscrub.transforms import scrub as scrub_data

    from .plan_runs import refuse_with_plan, scrub_plan

    opt.check_reports(format, report, *(inputs or ()), index, key_file, output, quarantine, plan)
    opt.load_own_schemes(schemes)
    strict = {
        "allow": allow,
        "accept": accept,
        "min_coverage": min_coverage,
        "max_unparsable": max_unparsable,
        "require_keys": require_keys,
    }
    if plan is not None:
        refuse_with_plan(
            {
                "an input": inputs,
                "--on": on,
                "--use": use,
                "--null-columns": null_columns,
                "--set": set_values,
                "--accept-marks": accept_marks,
                "--keep-levels": keep_levels,
                "--input-format": input_format,
                "--delimiter": delimiter,
                "--encoding": encoding,
            }
        )
        places = {"index": index, "key_file": key_file, "quarantine": quarantine, "since": since, "replace": replace}
        run = {
            "min_epoch": min_epoch,
            "dry_run": dry_run,
            "allow_python": allow_python,
            "allow_database": allow_database,
            "jobs": jobs,
            "audit_log": audit_log,
        }
        scrub_plan(plan, root, output, {**places, **strict, **run, "report": report, "format": format})
    if since or replace or allow_python:
        raise ConfigError("--since, --replace and --allow-python are for plans", hint="say --plan sealscrub.toml.")
    given, place, key, keys = opt.required(inputs, index, key_file, on)
    if output is None and not dry_run:
        raise ConfigError("no output is named", hint="-o clean.csv, or --dry-run to see what would happen.")
    use = use or "training"
    policy = opt.policy(allow, accept, min_coverage, max_unparsable, require_keys=require_keys)
    opened = open_index(place, key, use=use, min_epoch=min_epoch)
    try:
        said = "scrub dry-run" if dry_run else "scrub"
        with used(audit_log, "scrub", said, opened, policy) as act, shown_progress() as progress:
            result = scrub_data(
                given,
                opened,
                keys,
                output=output,
                use=use,
                policy=policy,
                null_columns=_names(null_columns),
                set_values=_settings(set_values),
                accept_marks=_names(accept_marks),
                keep_levels=_names(keep_levels),
                quarantine=quarantine,
                dry_run=dry_run,
                read_as=opt.read_as(input_format, delimiter, encoding, quoting),
                progress=progress,
            )
            made(act, output)
    except IncompleteError as error:
        if error.report is not None:
            opt.say_report(error.report, format, report)
        raise
    opt.say_report(result, format, report)
    raise typer.Exit(result.exit_code)


def _names(values: list[str] | None) -> list[str]:
    return [name for value in values or () for name in value.split(",") if name]


def _settings(values: list[str] | None) -> dict[str, object]:
    from sealscrub.errors import ConfigError

    settings: dict[str, object] = {}
    for value in values or ():
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise ConfigError("--set takes COLUMN=VALUE", hint="for instance --set arstmade=N.")
        settings[name] = text
    return settings
