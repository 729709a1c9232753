"""What our expectations have in common: they read a batch, and say a verdict."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from great_expectations.expectations.expectation import BatchExpectation

from sealscrub.errors import UnreadableInput

from .batch_tables import BatchTable
from .evaluation_counts import FINGERPRINT
from .expectation_verdicts import Checked, failed_with
from .table_metric import METRIC

__all__ = ["SealscrubExpectation"]


class SealscrubExpectation(BatchExpectation, ABC):
    """An expectation whose result is a verdict, in every result format and in Data Docs.

    Whatever goes wrong while it is checked makes its verdict ``incomplete``, which is not a success.
    """

    metric_dependencies: ClassVar[tuple[str, ...]] = (METRIC,)
    library_metadata: ClassVar[dict[str, Any]] = {"maturity": "PRODUCTION", "tags": ["sealscrub"]}

    @abstractmethod
    def check(self, table: BatchTable) -> Checked:
        """Say what is to be said about a batch."""

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        try:
            table = metrics.get(METRIC)
            if METRIC in self.metric_dependencies and table is None:
                raise UnreadableInput("the batch cannot be read")
            checked = self.check(table)  # type: ignore[arg-type]  # an expectation of no table looks at none
        except Exception as error:  # a library's text may show values, and would be in the result
            checked = failed_with(error)
        _forget_fingerprints(execution_engine)
        return checked.to_result()


def _forget_fingerprints(engine: Any) -> None:
    """Take the digest of the whole batch out of its markers: these are stored, and the data may hold sealed records."""
    batches = getattr(getattr(engine, "batch_manager", None), "batch_cache", None) or {}
    for batch in batches.values():
        markers = getattr(batch, "batch_markers", None)
        if markers:
            markers.pop(FINGERPRINT, None)
