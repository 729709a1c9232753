"""A batch of data as expectations read it: some columns, in polars batches, whichever engine holds it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine import (
    PandasExecutionEngine,
    SparkDFExecutionEngine,
    SqlAlchemyExecutionEngine,
)
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

from sealscrub.errors import ColumnError
from sealscrub.frames import frame_adapter
from sealscrub.frames.unquoted import unquoted

__all__ = ["METRIC", "BatchTable", "BatchTableMetric"]

METRIC = "sealscrub.table"
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

    @abstractmethod
    def keys(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give columns of record keys, every value recognisable as what it was."""

    @abstractmethod
    def values(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give columns as they are, lists as well."""

    def require(self, columns: Sequence[str]) -> None:
        """Refuse columns that are not there.

        Raises
        ------
        ColumnError
        """
        there = self.columns
        for column in columns:
            if column not in there:
                raise ColumnError.absent(column, there, where=self.name)

    def _data(self) -> Any:
        return self._engine.get_compute_domain(self._domain, domain_type=MetricDomainTypes.TABLE)[0]


class PandasTable(BatchTable):
    """A pandas frame."""

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self._data().columns]

    def keys(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give columns of record keys, in one batch."""
        with unquoted(self.name):
            batch = frame_adapter(self._data()).key_batch(columns)
        yield batch

    def values(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give columns as they are, in one batch."""
        with unquoted(self.name):
            batch = frame_adapter(self._data()).values(columns)
        yield batch


class SparkTable(BatchTable):
    """A Spark frame, whose columns come to the driver by Arrow."""

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self._data().columns)

    def keys(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give columns of record keys, in batches."""
        return self._batches(columns, keys=True)

    def values(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give columns as they are, in batches."""
        return self._batches(columns, keys=False)

    def _batches(self, columns: Sequence[str], *, keys: bool) -> Iterator[pl.DataFrame]:
        with unquoted(self.name):
            quoted = ["`" + column.replace("`", "``") + "`" for column in columns]
            whole = self._data().select(*quoted).toArrow()
            for start in range(0, max(whole.num_rows, 1), BATCH_ROWS):
                adapter = frame_adapter(whole.slice(start, BATCH_ROWS))
                yield adapter.key_batch(columns) if keys else adapter.values(columns)


class BatchTableMetric(TableMetricProvider):
    """The metric of which expectations are computed: the batch, not yet read, by engine."""

    metric_name = METRIC
    domain_keys = ("batch_id",)  # "table" is an argument of an expectation of ours

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(cls, execution_engine: Any, metric_domain_kwargs: dict[str, Any], **_: Any) -> BatchTable:
        return PandasTable(execution_engine, metric_domain_kwargs)

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, execution_engine: Any, metric_domain_kwargs: dict[str, Any], **_: Any) -> BatchTable:
        from .sql_table import SQLTable

        return SQLTable(execution_engine, metric_domain_kwargs)

    @metric_value(engine=SparkDFExecutionEngine)
    def _spark(cls, execution_engine: Any, metric_domain_kwargs: dict[str, Any], **_: Any) -> BatchTable:
        return SparkTable(execution_engine, metric_domain_kwargs)
