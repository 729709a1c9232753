"""Days on which Pennsylvania's law changed, and periods that are over on their anniversary."""

from __future__ import annotations

import datetime as dt

from ..clocks import Clock

__all__ = [
    "CLEAN_SLATE",
    "CONDITIONAL_PARDONS",
    "FINES_NO_BAR",
    "ON_PETITION",
    "SHORTER_PERIODS",
    "years",
]

#: 9122.1 in the form of 2018.
ON_PETITION = dt.date(2018, 12, 26)
#: 9122.2.
CLEAN_SLATE = dt.date(2019, 6, 28)
#: Act 83 of 2020; the day is [own].
FINES_NO_BAR = dt.date(2020, 12, 28)
#: Conditional pardons, and a longer list and shorter periods for petitions.
CONDITIONAL_PARDONS = dt.date(2024, 2, 12)
#: Seven and five years for ten, and drug felonies.
SHORTER_PERIODS = dt.date(2024, 6, 11)


def years(number: int, *start: str, restart: tuple[str, str] | None = None) -> Clock:
    """So many years from the first of some days that is known, over on the anniversary [inference]."""
    return Clock(start=start, months=12 * number, days=-1, not_before=restart)
