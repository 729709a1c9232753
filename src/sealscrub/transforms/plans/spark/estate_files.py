"""A table of a plan whose files Spark reads: key columns are judged on its workers, and rows are written by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from sealscrub.errors import UsageError
from sealscrub.matching import TableMatcher, Verdicts
from sealscrub.tables.files_table import FilesTable
from sealscrub.tables.reading_options import ReadAs
from sealscrub.tables.spark.numbered_files import NumberedFiles

from ...worker_judge import WorkerJudge
from ..plan_rules import TableRules

__all__ = ["EstateFiles"]


class EstateFiles(FilesTable):
    """Files of Parquet as a table of a plan.

    The columns by which rows are linked, lists whose elements are removed, and columns that are edited are read here.

    Parameters
    ----------
    session : pyspark.sql.SparkSession
    name : str
        What the plan calls it.
    rules : TableRules
    root : Path
        The folder of the plan.
    use : str
        What the data is for.

    Raises
    ------
    UsageError
        When a file is not Parquet, or as of :class:`FilesTable`.
    """

    def __init__(self, session: Any, name: str, rules: TableRules, root: Path, use: str) -> None:
        spec = rules.spec
        kept = {"keep_levels": spec.keep_levels, "keep_metadata": spec.keep_metadata}
        super().__init__(name, spec.source, root=root, read_as=ReadAs(format=spec.format), use=use, **kept)
        if self.format != "parquet":
            raise UsageError(
                "Spark is given files of Parquet only",
                where=f"{rules.where}.source",
                hint="write it as Parquet first, or leave out the engine.",
            )
        self.spark = NumberedFiles(session, name, self._found.files, self.file_rows(), spec.keep_metadata)

    def judged(self, matcher: TableMatcher) -> Verdicts:
        """Judge all rows on the workers; the matcher counts them."""
        matcher.judge(self.spark.no_rows(matcher.columns))  # types that hold no identifiers are refused here
        judge = WorkerJudge.of(matcher, self.spark.zone)
        rows, parts = self.spark.counted(judge.columns, judge.key_counter)
        for counts in judge.counted(matcher.index, parts):
            matcher.join(counts)
        verdicts = judge.decoded(self.spark.codes(judge.columns, judge.coded))
        if matcher.tally().rows != rows or len(verdicts.matched) != rows:
            raise self.spark.changed_meanwhile()
        return verdicts

    def replaced(self, rows: pl.DataFrame, target: Path | None) -> None:
        """Refuse: rows stay in Spark."""
        raise UsageError("rows of this table stay in Spark", where=self.name)
