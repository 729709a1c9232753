"""A guard that answers about any id but a sealed one reveals who is sealed: anyone who makes one is warned."""

from __future__ import annotations

import warnings
from typing import Any

__all__ = ["MembershipOracleWarning", "warn_of_oracle"]


class MembershipOracleWarning(UserWarning):
    """A guard does not know which ids the scrubbed system holds, so its silence reveals that an id is sealed."""


def warn_of_oracle(guard: str, known: Any, oracle_ok: bool, stacklevel: int = 3) -> None:
    """Warn if a guard was made without ``known=``, and no one said that this is wanted."""
    if known is None and not oracle_ok:
        warnings.warn(
            f"{guard} does not know which ids the system holds: anyone who can ask for any id learns which are "
            "sealed. Give known=…, or set oracle_ok=True if no one chooses the ids that are asked for.",
            MembershipOracleWarning,
            stacklevel=stacklevel,
        )
