"""New York's public holidays, General Construction Law § 24 [own]."""

from __future__ import annotations

import calendar
import datetime as dt
from functools import cache

from ..holidays import nth_weekday

__all__ = ["public_holidays"]

_DAY = dt.timedelta(days=1)
_FIXED = ((1, 1), (2, 12), (7, 4), (11, 11), (12, 25))
_JUNETEENTH = 2020


@cache
def public_holidays(year: int) -> frozenset[dt.date]:
    """Give the public holidays of a year, and the Mondays that keep those of a Sunday.

    Examples
    --------
    >>> import datetime as dt
    >>> dt.date(2021, 7, 5) in public_holidays(2021)
    True
    """
    fixed = [dt.date(year, month, day) for month, day in _FIXED]
    if year >= _JUNETEENTH:
        fixed.append(dt.date(year, 6, 19))
    kept = {*fixed, *(day + _DAY for day in fixed if day.weekday() == calendar.SUNDAY)}
    movable = {
        nth_weekday(year, 1, calendar.MONDAY, 3),
        nth_weekday(year, 2, calendar.MONDAY, 3),
        nth_weekday(year, 6, calendar.MONDAY, 1) - 7 * _DAY,
        nth_weekday(year, 9, calendar.MONDAY, 1),
        nth_weekday(year, 10, calendar.MONDAY, 2),
        nth_weekday(year, 11, calendar.MONDAY, 1) + _DAY,
        nth_weekday(year, 11, calendar.THURSDAY, 4),
    }
    return frozenset(kept | movable)
