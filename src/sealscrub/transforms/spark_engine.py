"""Scrub files of Parquet with Spark: where the data outgrow one machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sealscrub.atomic_write import placed_folder
from sealscrub.errors import ConfigError, Spelled, UnreadableInput
from sealscrub.index import Index
from sealscrub.matching.key_columns import On
from sealscrub.tables.opener import DataSource
from sealscrub.tables.spark.spark_files import SparkFiles

from .metadata_losses import lost_entries
from .options import Options, Progress
from .placed_scrub import check_outcomes, check_places
from .scan_engine import told
from .scrub_report import Report
from .spark_judging import judge_in_spark
from .table_matchers import table_matcher
from .table_outcomes import TableOutcome, make_report

__all__ = ["scrub_in_spark"]


def scrub_in_spark(
    session: Any,
    source: DataSource,
    index: Index,
    on: On,
    output: Path | None,
    options: Options,
    progress: Progress | None = None,
) -> Report:
    """Write the rows that stay of files of Parquet with Spark; see :func:`sealscrub.scrub`.

    Spark reads the files twice to count, and again to write. What it wrote is counted afterwards, and is removed if
    that are not the rows that stay.

    Parameters
    ----------
    session : pyspark.sql.SparkSession
    source : DataSource
    index : Index
    on : mapping, or iterable of str
    output : Path or None
        A folder, new or empty; None with ``options.dry_run``.
    options : Options
    progress : callable, optional

    Returns
    -------
    Report
        Of all files as one table.

    Raises
    ------
    ConfigError, UsageError
        When something is asked for that Spark does not do here, or an output is in the way.
    UncheckedKeys, LowCoverage, SealedElsewhere
        When something could not be checked; nothing is written.
    UnreadableInput
        When Spark cannot run its plan, or files changed meanwhile; nothing is written.
    """
    index.require_use(options.use)
    if not source.files or source.databases or source.lakes or source.icebergs:
        raise ConfigError(
            "Spark is given files of Parquet only",
            hint=Spelled("leave out engine, or name files and folders.", "leave out --engine, or name files."),
        )
    writes = output is not None and not options.dry_run
    if writes:
        check_places(source, index, output, None)
    named = source.roots[0].name if len(source.roots) == 1 else ""  # no folder below it: its name may be an id
    table = SparkFiles(session, named or "files", source.files, options.keep_metadata)
    outcome = TableOutcome(table_matcher(table, index, on, options), table, notes=lost_entries(table.lost_metadata))
    found = judge_in_spark(table, outcome, options, told(progress, table.name), written=True)
    check_outcomes([outcome], index, options)
    report = make_report(index, [outcome], options, "scrub", unread=source.unread)
    if output is None or not writes:
        return report
    (counted,) = report.tables
    with placed_folder(output) as part:
        if table.write(found, part) != counted.rows - counted.removed:
            raise UnreadableInput(
                "files changed while they were scrubbed, or Spark wrote other rows than those that stay",
                where=table.name,
                hint="scrub them again; nothing was written.",
            )
    return report
