"""The sweep of a plan's tables on Spark's workers: columns that the plan does not settle, of the rows that stay."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from sealscrub.errors import UnreadableInput
from sealscrub.matching import Sweep
from sealscrub.matching.part_cipher import parts_of_bytes
from sealscrub.tables.row_verdicts import KnownRows, RemainingRows, RowMask
from sealscrub.tables.spark.numbered_files import ROW
from sealscrub.tables.spark.row_lookups import KeptRows
from sealscrub.tables.table import Table

from ...spark_judging import is_within
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
    rules : mapping of str to TableRules
    folder : Path
        A private folder that every worker sees, for which rows stay.
    """

    def __init__(self, judge: WorkerJudge, rules: Mapping[str, TableRules], folder: Path) -> None:
        self._judge, self._rules, self._folder = judge, rules, folder
        self._numbers = itertools.count()

    def __call__(self, table: Table, remaining: KnownRows, declared: Collection[str], sweep: Sweep) -> None:
        """Let a sweep take the columns that are not declared, of the rows that stay and keep their values."""
        assert isinstance(table, EstateFiles)  # noqa: S101 - the tables of a plan on Spark
        spark, rows = table.spark, remaining.all_rows
        leave = self._rules[table.name].spec.leave
        kinds = spark.swept_types({*declared, *leave})
        swept = [name for name, kind in kinds.items() if kind is not None and sweep.reads(kind)]
        sweeps = self._judge.sweeps(leave, [name for name in swept if spark.is_nested(name)])
        parts: list[dict[str, str]] = []
        for columns, keep in self._by_rows(swept, rows):
            parts += map(parts_of_bytes, spark.counted_in([ROW], keep, columns, sweeps))
        for name, kind in kinds.items():  # places in the order of columns
            if kind is None:
                sweep.unread(name, 1)
            for part in parts:
                sweep.join({place: part.pop(place) for place in [*part] if is_within(place, name)})
        if any(parts):
            raise UnreadableInput("a worker counted values of a place that is not in the table", where=table.name)

    def _by_rows(self, columns: list[str], rows: RemainingRows) -> list[tuple[list[str], KeptRows]]:
        """Put columns together that keep their values in the same rows."""
        changed = [name for name in columns if name in rows.changed]
        others = [name for name in columns if name not in rows.changed]
        groups = [(others, rows.keep), *(([name], rows.as_they_were(name)) for name in changed)]
        return [(names, self._put(keep)) for names, keep in groups if names]

    def _put(self, keep: RowMask) -> KeptRows:
        return KeptRows.put(np.asarray(keep), self._folder / f"sweep.{next(self._numbers)}")
