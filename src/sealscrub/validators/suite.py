"""What a run of tests around nullity checks asks of them: to hear of every report, and a budget if none is named.

It is here, and imports nothing, so a test runner's plugin can ask without loading what the checks need.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Suite", "tell", "usual_budget", "within"]


@dataclass(frozen=True, slots=True)
class Suite:
    """What a run of tests asks of every nullity check that it makes.

    Attributes
    ----------
    hear : callable
        Called with each report.
    budget_s : float or None
        Seconds for the runs of a check that names no budget of its own.
    """

    hear: Callable[[Any], None]
    budget_s: float | None = None


_now: list[Suite] = []


@contextlib.contextmanager
def within(suite: Suite) -> Iterator[None]:
    """Hear of the checks that run within a block.

    Examples
    --------
    >>> with within(Suite(print, budget_s=5.0)):
    ...     usual_budget()
    5.0
    """
    _now.append(suite)
    try:
        yield
    finally:
        _now.remove(suite)


def tell(report: Any) -> None:
    """Give a report to every suite."""
    for each in list(_now):
        each.hear(report)


def usual_budget() -> float | None:
    """Give the budget of the innermost suite that names one."""
    return next((each.budget_s for each in reversed(_now) if each.budget_s is not None), None)
