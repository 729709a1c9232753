"""How many examples a property draws that is made within a test, where ``conftest.py`` does not reach it."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

SHARE = 0.1
LEAST = 3


def fewer(count: int, least: int = LEAST) -> int:
    """How many of so many examples the gate draws."""
    return max(min(least, count), round(SHARE * count))


def examples(count: int, least: int = LEAST) -> settings:
    """As many examples in a whole search, and fewer in the gate: of an expensive one `least`."""
    whole = not settings().derandomize
    return settings(
        max_examples=count if whole else fewer(count, least), deadline=None, suppress_health_check=list(HealthCheck)
    )
