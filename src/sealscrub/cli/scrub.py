"""``sealscrub scrub``: write the data as it would be had the sealed records never existed."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sealscrub.errors import ConfigError, IncompleteError

from . import options as opt
from .audit_entries import made, used
from .declarations import OR_ADDRESS, needs, option
from .exit_codes import EXIT_INTERRUPTED, printable
from .progress import hide_progress, shown_progress
from .scan import named
from .spark_session import spark_session

if TYPE_CHECKING:
    from sealscrub.transforms.plans import Plan

__all__ = ["scrub"]

Columns = list[str] | None


def scrub(
    inputs: Annotated[opt.Inputs, opt.BY_PLAN] = None,
    *,
    index: opt.UsedIndex,
    on: Annotated[opt.On, opt.BY_PLAN] = None,
    output: Annotated[
        Path | None, option("The clean file; a new or empty folder for several files.", "--output", "-o"), OR_ADDRESS
    ] = None,
    use: Annotated[opt.Use, opt.BY_PLAN] = "training",
    null_columns: Annotated[
        Columns, option("Keep matched rows, and empty these columns of them.", metavar="COLUMN,…"), opt.BY_PLAN
    ] = None,
    set_values: Annotated[
        Columns, option("Keep matched rows, and set this value.", "--set", metavar="COLUMN=VALUE"), opt.BY_PLAN
    ] = None,
    accept_marks: Annotated[
        Columns, option("Columns in which the change may mark the row.", metavar="COLUMN,…"), opt.BY_PLAN
    ] = None,
    keep_levels: Annotated[
        Columns, option("Categorical columns whose levels are fixed.", metavar="COLUMN,…"), opt.BY_PLAN
    ] = None,
    keep_metadata: Annotated[
        Columns, option("Entries of metadata to keep; others are removed. Repeatable.", metavar="NAME"), opt.BY_PLAN
    ] = None,
    quarantine: Annotated[
        Path | None, option("Quarantine file for rows with near, unparsable or missing keys (0600).")
    ] = None,
    in_place: Annotated[
        bool, option("Commit to the Delta or Iceberg table itself; earlier versions stay.", "--in-place"), opt.BY_PLAN
    ] = False,
    purge_history: Annotated[
        bool,
        option("Delete all that earlier versions left: none can be opened then.", "--purge-history"),
        needs("--in-place"),
    ] = False,
    rewrite: Annotated[
        Literal["needed", "all"],
        option("Which files to rewrite; all hides which of them held sealed rows.", "--rewrite"),
        needs("--purge-history"),
    ] = "needed",
    orphans_older_than: Annotated[
        float,
        option(
            "Delete files that no version names only if they were written so many days ago.",
            "--orphans-older-than",
            metavar="DAYS",
            min=0,
        ),
        needs("--purge-history"),
    ] = 7.0,
    yes: Annotated[
        bool, option("Do not ask before the history is deleted.", "--yes"), needs("--purge-history")
    ] = False,
    engine: Annotated[
        Literal["spark"] | None,
        option("What reads and writes files of Parquet, where they outgrow one machine.", "--engine"),
    ] = None,
    master: Annotated[
        str, option("Spark's master; by default every core of this host.", "--master"), needs("--engine")
    ] = "local[*]",
    dry_run: opt.DryRun = False,
    plan: opt.PlanOption = None,
    root: Annotated[opt.PlanRoot, opt.OF_PLAN],
    replace: Annotated[
        bool,
        option("Replace an earlier output, which is kept next to the new one.", "--replace", rich_help_panel=opt.PLANS),
        opt.OF_PLAN,
    ] = False,
    since: Annotated[opt.Since, opt.OF_PLAN] = None,
    jobs: Annotated[
        int, option("How many tables are written at a time.", min=1, rich_help_panel=opt.PLANS), opt.OF_PLAN
    ] = 1,
    code: Annotated[opt.Code, opt.OF_PLAN],
    strict: opt.Strictness,
    sweep: Annotated[opt.SweepOptions, opt.LEFT_IN_PLAN],
    texts: Annotated[opt.NarrativeOptions, opt.NARRATIVE_IN_PLAN],
    reporting: opt.Reporting,
    reading: Annotated[opt.ReadingOptions, opt.BY_PLAN],
    audit_log: opt.AuditLogFile = None,
) -> None:
    """Write files as they would be had the sealed records never existed.

    Exits with 0 when the target is written, whatever was removed; 2 on wrong use; 3 when something could not be
    checked or written, and then the target is as it was.

    With --plan a whole estate is written below the output's folder, all of it or nothing; index and key are those of
    the plan unless named here or in the environment.

    Example: sealscrub scrub train.parquet --index training.sealindex --key-file seal.key
    --on arrest_number=ARREST_NO -o clean.parquet

    Example: sealscrub scrub arrests/ --engine spark --index training.sealindex --key-file seal.key
    --on arrest_number=ARREST_NO -o clean/

    Example: sealscrub scrub --plan sealscrub.toml -o clean/
    """
    from sealscrub.index import open_index
    from sealscrub.tables.opener import refuse_lake_on_spark
    from sealscrub.transforms import Report
    from sealscrub.transforms import scrub as scrub_data

    if engine is not None:  # before it is started
        for name in (*(inputs or ()), output):
            refuse_lake_on_spark(name)
    reporting.check(Report, *(inputs or ()))
    if output is None and not dry_run and not in_place:
        raise ConfigError("no output given", hint="-o clean.csv, or --dry-run to see what would happen.")
    asked = purge_history and not (dry_run or yes)
    if asked and not sys.stdin.isatty():
        raise ConfigError(
            "deleting the history needs a confirmation, and this is not a terminal",
            hint="--dry-run says what would be deleted; --yes deletes it.",
        )
    planned = None if plan is None else _planned(plan, root.root)
    if planned is not None:
        reporting.check(Report, *opt.files_of(planned))
    said = " ".join(
        [
            "scrub",
            *(["plan"] if planned else []),
            *(["purge-history"] if purge_history else []),
            *(["dry-run"] if dry_run else []),
        ]
    )
    if planned is None:
        columns = texts.columns
        keys = [] if columns and not on else opt.given_keys(on)
        given, opened, policy = named(inputs), index.open(use), strict.policy()
        names = texts.opened(index.key, use)
    else:
        of_plan = index.or_of(planned)
        opened, policy = of_plan.open(planned.spec.use), strict.policy(planned.policy)
        names = texts.opened(of_plan.key, planned.spec.use)
    with (
        _said_when_incomplete(reporting),
        used(audit_log, "scrub", said, opened, policy) as act,
        spark_session(engine, master) as session,
        shown_progress() as progress,
    ):
        if planned is not None:
            result = planned.scrub(
                index=opened,
                output=output,
                replace=replace,
                since=None if since is None else open_index(since, opened.files[-1], outdated=True),
                quarantine=quarantine,
                dry_run=dry_run,
                policy=policy,
                allow_python=code.modules,
                allow_database=code.hosts,
                jobs=jobs,
                sweep=sweep.sweep,
                names=names,
                engine=session,
                progress=progress,
            )
        else:
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
                keep_metadata=keep_metadata or (),
                quarantine=quarantine,
                in_place=in_place,
                purge_history=purge_history,
                rewrite=rewrite,
                orphans_older_than=orphans_older_than,
                confirm=functools.partial(_ask_to_purge, inputs) if asked else None,
                dry_run=dry_run,
                read_as=reading.read_as(),
                sweep=sweep.sweep,
                leave=sweep.left,
                narrative=columns,
                names=names,
                engine=session,
                progress=progress,
            )
            made(act, output)
    reporting.end(result, result.exit_code)


def _planned(plan: Path, root: Path | None) -> Plan:
    from sealscrub.transforms.plans import Plan

    return Plan.from_toml(plan, root=root)


def _ask_to_purge(inputs: list[str] | None, proposed: str) -> None:
    """Ask whether the history of a table may be deleted, with what that is."""
    hide_progress()
    shown = printable(", ".join(inputs or ()))
    typer.confirm(
        f"{shown}: {proposed}. Time travel ends: no earlier version can be restored. "
        "No one else may be writing to the table. Delete it?",
        abort=True,
        err=True,
    )


class _Interrupted(IncompleteError):
    """The run was interrupted when something was done already."""

    exit_code = EXIT_INTERRUPTED


@contextlib.contextmanager
def _said_when_incomplete(reporting: opt.Reporting) -> Iterator[None]:
    """Say the report of a run that could not be completed, and what was done before one was interrupted."""
    try:
        yield
    except KeyboardInterrupt as error:
        if notes := getattr(error, "__notes__", []):
            raise _Interrupted(f"interrupted; {'; '.join(notes)}", hint="run it again.") from None
        raise
    except IncompleteError as error:
        if error.report is not None:
            reporting.say(error.report)
        raise


def _names(values: list[str] | None) -> list[str]:
    return [name for value in values or () for name in value.split(",") if name]


def _settings(values: list[str] | None) -> dict[str, object]:
    settings: dict[str, object] = {}
    for value in values or ():
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise ConfigError("--set takes COLUMN=VALUE", hint="for instance --set arstmade=N.")
        settings[name] = text
    return settings
