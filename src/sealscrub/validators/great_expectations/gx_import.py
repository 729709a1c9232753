"""Loading Great Expectations without its warnings, and with its analytics off."""

from __future__ import annotations

import importlib.util
import os
import warnings

from sealscrub.errors import MissingExtra

__all__: list[str] = []

ANALYTICS_OFF = {"GX_ANALYTICS_ENABLED": "false"}
"""What a process that starts Great Expectations has in its environment."""


def load() -> None:
    """Import Great Expectations; a process that says nothing of its analytics has them off.

    Raises
    ------
    MissingExtra
        When it is not installed.
    """
    if importlib.util.find_spec("great_expectations") is None:
        raise MissingExtra.of("great-expectations", "gx")
    for name, value in ANALYTICS_OFF.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():  # of what its own dependencies are about to drop
        warnings.simplefilter("ignore")
        import great_expectations.expectations  # noqa: F401 - so that its warnings end here


load()
