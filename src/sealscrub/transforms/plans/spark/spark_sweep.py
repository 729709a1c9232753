"""The sweep of a plan's tables on Spark's workers: columns that the plan does not settle, of the rows that stay."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from sealscrub.matching import Sweep
from sealscrub.tables.row_verdicts import KnownRows, RemainingRows, RowMask
from sealscrub.tables.spark.numbered_files import ROW
from sealscrub.tables.spark.row_lookups import KeptRows
from sealscrub.tables.spark.worker_functions import RowChoice
from sealscrub.tables.table import Table

from ...spark_judging import sweep_in_spark
from ...worker_judge import WorkerJudge
from ..plan_rules import TableRules
from .estate_files import EstateFiles

__all__ = ["SparkSweep"]


class SparkSweep:
    """Sweeps columns of tables on the workers.

    Parameters
    ----------
    judge : WorkerJudge
        Opens the index there.
    tables : mapping of str to EstateFiles
    rules : mapping of str to TableRules
    folder : Path
        A private folder that every worker sees, for which rows stay.
    """

    def __init__(
        self, judge: WorkerJudge, tables: Mapping[str, EstateFiles], rules: Mapping[str, TableRules], folder: Path
    ) -> None:
        self._judge, self._tables, self._rules, self._folder = judge, tables, rules, folder
        self._numbers = itertools.count()

    def __call__(self, table: Table, remaining: KnownRows, declared: Collection[str], sweep: Sweep) -> None:
        """Let a sweep take the columns that are not declared, of the rows that stay and keep their values."""
        chosen = partial(self._by_rows, remaining.all_rows)
        leave, spark = self._rules[table.name].spec.leave, self._tables[table.name].spark
        sweep_in_spark(spark, self._judge, sweep, {*declared}, leave, [ROW], chosen)

    def _by_rows(self, rows: RemainingRows, columns: list[str]) -> list[tuple[list[str], RowChoice]]:
        """Put columns together that keep their values in the same rows."""
        changed = [name for name in columns if name in rows.changed]
        others = [name for name in columns if name not in rows.changed]
        groups = [(others, rows.keep), *(([name], rows.as_they_were(name)) for name in changed)]
        return [(names, self._put(keep)) for names, keep in groups if names]

    def _put(self, keep: RowMask) -> KeptRows:
        return KeptRows.put(np.asarray(keep), self._folder / f"sweep.{next(self._numbers)}")
