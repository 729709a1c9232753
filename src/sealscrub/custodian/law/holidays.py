"""Days on which no court's clerk is in, for periods that then end on the next business day.

Which days are public holidays is for each state to say: a function from a year to its days.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable

__all__ = ["Holidays", "is_business_day", "next_business_day", "nth_weekday"]

#: The public holidays of a year.
Holidays = Callable[[int], frozenset[dt.date]]

_DAY = dt.timedelta(days=1)
_SATURDAY, _SUNDAY = calendar.SATURDAY, calendar.SUNDAY


def next_business_day(day: dt.date, holidays: Holidays) -> dt.date:
    """Give the day itself, or the next that is not a Saturday, Sunday or public holiday.

    Examples
    --------
    >>> import datetime as dt
    >>> next_business_day(dt.date(2018, 11, 10), lambda year: frozenset({dt.date(year, 11, 12)}))
    datetime.date(2018, 11, 13)
    """
    while not is_business_day(day, holidays):
        day += _DAY
    return day


def is_business_day(day: dt.date, holidays: Holidays) -> bool:
    """Whether a day is not a Saturday, Sunday or public holiday.

    Examples
    --------
    >>> import datetime as dt
    >>> is_business_day(dt.date(2021, 7, 4), lambda year: frozenset())
    False
    """
    return day.weekday() not in (_SATURDAY, _SUNDAY) and day not in holidays(day.year)


def nth_weekday(year: int, month: int, weekday: int, number: int) -> dt.date:
    """Give the first, second, … of a day of the week in a month.

    Examples
    --------
    >>> nth_weekday(2026, 11, calendar.THURSDAY, 4)
    datetime.date(2026, 11, 26)
    """
    first = dt.date(year, month, 1)
    return first + ((weekday - first.weekday()) % 7 + 7 * (number - 1)) * _DAY
