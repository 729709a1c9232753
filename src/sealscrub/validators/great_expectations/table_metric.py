"""The metric of which expectations are computed."""

from __future__ import annotations

from typing import Any

from great_expectations.execution_engine import (
    PandasExecutionEngine,
    SparkDFExecutionEngine,
    SqlAlchemyExecutionEngine,
)
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

from .batch_tables import BatchTable, PandasTable, SparkTable
from .sql_table import SQLTable

__all__ = ["METRIC", "BatchTableMetric"]

METRIC = "sealscrub.table"


class BatchTableMetric(TableMetricProvider):
    """The metric of which expectations are computed: the batch, not yet read, by engine."""

    metric_name = METRIC
    domain_keys = ("batch_id",)  # "table" is an argument of an expectation of ours

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(cls, execution_engine: Any, metric_domain_kwargs: dict[str, Any], **_: Any) -> BatchTable:
        return PandasTable(execution_engine, metric_domain_kwargs)

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, execution_engine: Any, metric_domain_kwargs: dict[str, Any], **_: Any) -> BatchTable:
        return SQLTable(execution_engine, metric_domain_kwargs)

    @metric_value(engine=SparkDFExecutionEngine)
    def _spark(cls, execution_engine: Any, metric_domain_kwargs: dict[str, Any], **_: Any) -> BatchTable:
        return SparkTable(execution_engine, metric_domain_kwargs)
