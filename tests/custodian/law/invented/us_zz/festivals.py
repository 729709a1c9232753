"""Days on which no clerk is in."""

from __future__ import annotations

import datetime as dt


def festivals(year: int) -> frozenset[dt.date]:
    """The first three days of May."""
    return frozenset(dt.date(year, 5, day) for day in (1, 2, 3))
