"""How strict an expectation is, as a suite writes it."""

from __future__ import annotations

from typing import ClassVar

from sealscrub.matching import Policy

from .expectation import SealscrubExpectation

__all__ = ["StrictExpectation"]


class StrictExpectation(SealscrubExpectation):
    """An expectation that matches keys by a policy; see :class:`sealscrub.Policy`."""

    use: str = "training"
    allow: list[str] = []  # noqa: RUF012 - pydantic copies it
    accept: list[str] = []  # noqa: RUF012 - the same
    min_coverage: float = 0.95
    max_unparsable: float = 0.05
    min_recall: float | None = None
    recall_alpha: float = 0.05

    success_keys: ClassVar[tuple[str, ...]] = (
        "use",
        "allow",
        "accept",
        "min_coverage",
        "max_unparsable",
        "min_recall",
        "recall_alpha",
    )

    def policy(self) -> Policy:
        """Give the policy.

        Raises
        ------
        ConfigError
            When a value is out of its range.
        """
        said = {name: getattr(self, name) for name in StrictExpectation.success_keys if name != "use"}
        return Policy(**said)
