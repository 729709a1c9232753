"""Days on which no court's clerk is in, for periods that then end on the next business day.

The days are those of New York's General Construction Law § 24 [own]; every place that uses them says so.
"""

from __future__ import annotations

import calendar
import datetime as dt
from functools import cache

__all__ = ["is_business_day", "next_business_day"]

_DAY = dt.timedelta(days=1)
_FIXED = ((1, 1), (2, 12), (7, 4), (11, 11), (12, 25))
_JUNETEENTH = 2020
_SATURDAY, _SUNDAY = calendar.SATURDAY, calendar.SUNDAY


def next_business_day(day: dt.date) -> dt.date:
    """Give the day itself, or the next that is no Saturday, Sunday or public holiday.

    Examples
    --------
    >>> import datetime as dt
    >>> next_business_day(dt.date(2018, 11, 10))  # a Saturday; the Monday keeps Veterans' Day
    datetime.date(2018, 11, 13)
    """
    while not is_business_day(day):
        day += _DAY
    return day


def is_business_day(day: dt.date) -> bool:
    """Whether a day is no Saturday, Sunday or public holiday.

    Examples
    --------
    >>> import datetime as dt
    >>> is_business_day(dt.date(2021, 7, 5)), is_business_day(dt.date(2021, 7, 6))
    (False, True)
    """
    return day.weekday() not in (_SATURDAY, _SUNDAY) and day not in _holidays(day.year)


@cache
def _holidays(year: int) -> frozenset[dt.date]:
    fixed = [dt.date(year, month, day) for month, day in _FIXED]
    if year >= _JUNETEENTH:
        fixed.append(dt.date(year, 6, 19))
    kept = {*fixed, *(day + _DAY for day in fixed if day.weekday() == _SUNDAY)}
    movable = {
        _nth(year, 1, calendar.MONDAY, 3),
        _nth(year, 2, calendar.MONDAY, 3),
        _nth(year, 6, calendar.MONDAY, 1) - 7 * _DAY,
        _nth(year, 9, calendar.MONDAY, 1),
        _nth(year, 10, calendar.MONDAY, 2),
        _nth(year, 11, calendar.MONDAY, 1) + _DAY,
        _nth(year, 11, calendar.THURSDAY, 4),
    }
    return frozenset(kept | movable)


def _nth(year: int, month: int, weekday: int, number: int) -> dt.date:
    first = dt.date(year, month, 1)
    return first + ((weekday - first.weekday()) % 7 + 7 * (number - 1)) * _DAY
