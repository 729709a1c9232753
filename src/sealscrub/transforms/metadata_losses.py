"""What a report says about metadata that a scrub did not write."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["lost_entries"]

_PLAIN = re.compile(r"(?!.*\d{4})[\w .:/\-]{1,60}")
_MOST_SHOWN = 12


def lost_entries(names: Iterable[str]) -> list[str]:
    """Say which entries of metadata were removed, for the operator's copy of a report.

    The name of an entry can be data: one that reads like an identifier or a text is counted and not shown.

    Examples
    --------
    >>> lost_entries(["source", "K14612345"])
    ['removed metadata entries: source, 1 whose name may be data']
    >>> lost_entries([])
    []
    """
    names = list(names)
    shown = [name for name in names if _PLAIN.fullmatch(name)][:_MOST_SHOWN]
    if len(shown) < len(names):
        shown.append(
            f"{len(names) - len(shown)} more"
            if len(shown) == _MOST_SHOWN
            else f"{len(names) - len(shown)} whose name may be data"
        )
    return [f"removed metadata entries: {', '.join(shown)}"] if names else []
