"""What our expectations have in common: they read a batch, and say a verdict."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.render import LegacyRendererType, RenderedStringTemplateContent
from great_expectations.render.renderer.renderer import renderer
from great_expectations.render.renderer_configuration import RendererValueType

from sealscrub.errors import UnreadableInput

from .batch_tables import BatchTable
from .data_docs_prose import Prose, said_of
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

    @abstractmethod
    def prose(self) -> Prose:
        """Say what is expected, as Data Docs show it."""

    @classmethod
    def _prose_of(cls, kwargs: dict[str, Any]) -> Prose:
        return cls(**{name: value for name, value in kwargs.items() if name in cls.success_keys}).prose()

    @classmethod
    @renderer(renderer_type=LegacyRendererType.PRESCRIPTIVE)
    def _prescriptive_renderer(
        cls, configuration: Any = None, result: Any = None, runtime_configuration: dict[str, Any] | None = None
    ) -> list[Any]:
        said = cls._prose_of((configuration or result.expectation_config).kwargs)
        template = {
            "template": said.template,
            "params": said.names,
            "styling": (runtime_configuration or {}).get("styling", {}),
        }
        return [RenderedStringTemplateContent(content_block_type="string_template", string_template=template)]

    @classmethod
    def _prescriptive_template(cls, renderer_configuration: Any) -> Any:
        said = cls._prose_of(renderer_configuration.kwargs)
        for name, value in said.names.items():
            renderer_configuration.add_param(name=name, param_type=RendererValueType.STRING, value=value)
        renderer_configuration.template_str = said.template
        return renderer_configuration

    @staticmethod
    def _get_observed_value_from_evr(result: Any) -> str:
        return said_of(result)

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
