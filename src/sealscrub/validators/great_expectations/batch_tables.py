"""A batch of data as expectations read it: some columns, in polars batches, whichever engine holds it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from great_expectations.core.metric_domain_types import MetricDomainTypes

from sealscrub.errors import ColumnError
from sealscrub.tables import frame_adapter
from sealscrub.tables.frame_table import FrameTable
from sealscrub.tables.row_verdicts import Remaining
from sealscrub.tables.table import COLUMN_NAMES, Wanted
from sealscrub.tables.value_free_errors import unquoted

__all__ = ["BATCH_ROWS", "BatchTable", "PandasTable", "SparkTable"]

BATCH_ROWS = 1 << 17


class BatchTable(ABC):
    """A batch of data. Nothing is read before it is asked for, and the table holds nothing that it read.

    Parameters
    ----------
    engine : ExecutionEngine
        Great Expectations', of the kind that the class is for.
    domain : mapping
        The domain of the metric.
    """

    name = "batch"

    def __init__(self, engine: Any, domain: dict[str, Any]) -> None:
        self._engine, self._domain = engine, domain

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    @property
    @abstractmethod
    def columns(self) -> list[str]:
        """Names of the columns."""

    def keys(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give columns of record keys, every value recognisable as what it was."""
        return self._batches(columns, keys=True)

    def values(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give columns as they are, lists as well."""
        return self._batches(columns, keys=False)

    @abstractmethod
    def _batches(self, columns: Sequence[str], *, keys: bool) -> Iterator[pl.DataFrame]: ...

    @abstractmethod
    def frames(self, keys: Sequence[str]) -> Iterator[FrameTable]:
        """Give whole batches as tables; the columns `keys` recognisable as what they were."""

    def undeclared(
        self, remaining: Remaining, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]:
        """Give the columns that are not declared, of the rows that stay; None if one cannot be read."""
        for frame in self.frames(remaining.columns):
            yield from frame.undeclared(remaining, declared, wanted)

    def names(self) -> Iterator[tuple[str, list[str]]]:
        """Give the names of the columns."""
        yield COLUMN_NAMES, self.columns

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        """Nothing: Great Expectations hands out rows."""
        return {}

    def require(self, columns: Sequence[str]) -> None:
        """Refuse columns that do not exist.

        Raises
        ------
        ColumnError
        """
        there = self.columns
        ColumnError.require(columns, there, where=self.name)

    def _data(self) -> Any:
        return self._engine.get_compute_domain(self._domain, domain_type=MetricDomainTypes.TABLE)[0]


class PandasTable(BatchTable):
    """A pandas frame."""

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self._data().columns]

    def frames(self, keys: Sequence[str]) -> Iterator[FrameTable]:
        """Give the frame."""
        yield FrameTable(self.name, self._data())

    def _batches(self, columns: Sequence[str], *, keys: bool) -> Iterator[pl.DataFrame]:
        with unquoted(self.name):
            adapter = frame_adapter(self._data())
            batch = adapter.key_batch(columns) if keys else adapter.values(columns)
        yield batch


class SparkTable(BatchTable):
    """A Spark frame, whose columns come to the driver by Arrow."""

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self._data().columns)

    def frames(self, keys: Sequence[str]) -> Iterator[FrameTable]:
        """Give the frame in parts."""
        return (FrameTable(self.name, part) for part in self._parts(self.columns))

    def _batches(self, columns: Sequence[str], *, keys: bool) -> Iterator[pl.DataFrame]:
        for part in self._parts(columns):
            adapter = frame_adapter(part)
            yield adapter.key_batch(columns) if keys else adapter.values(columns)

    def _parts(self, columns: Sequence[str]) -> Iterator[Any]:
        with unquoted(self.name):
            quoted = ["`" + column.replace("`", "``") + "`" for column in columns]
            whole = self._data().select(*quoted).toArrow()
            for start in range(0, max(whole.num_rows, 1), BATCH_ROWS):
                yield whole.slice(start, BATCH_ROWS)
