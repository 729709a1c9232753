"""A guard that answers about any id but a sealed one reveals who is sealed: anyone who makes one is warned."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

from sealscrub.boundary.error_tracebacks import is_edge

__all__ = ["MembershipOracleWarning", "warn_of_oracle"]

_PACKAGE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")


class MembershipOracleWarning(UserWarning):
    """A guard does not know which ids the scrubbed system holds, so its silence reveals that an id is sealed."""


def warn_of_oracle(guard: str, known: Any, oracle_ok: bool) -> None:
    """Warn if a guard was made without ``known=``, and no one said that this is wanted: at the caller's own line."""
    if known is None and not oracle_ok:
        warnings.warn(
            f"{guard} does not know which ids the system holds: anyone who can ask for any id learns which are "
            "sealed. Give known=…, or set oracle_ok=True if no one chooses the ids that are asked for.",
            MembershipOracleWarning,
            stacklevel=_callers_level(),
        )


def _callers_level() -> int:
    """Count the frames from the function that asks to the nearest that is not of this package."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and (is_edge(frame.f_code) or frame.f_code.co_filename.startswith(_PACKAGE)):
        level, frame = level + 1, frame.f_back
    return level
