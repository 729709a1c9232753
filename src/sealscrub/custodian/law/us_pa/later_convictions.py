"""Convictions that begin a period again, put in order once for a person's whole record.

Convictions of the action that is asked about do not count; which those are is looked up, not searched for.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from ..clocks import add_months

__all__ = ["Later", "LaterConvictions"]

#: A conviction: its day, if that is known, whether it surely counts, and the place of its action.
Dated = tuple[dt.date | None, bool, int]


class Later:
    """Convictions, all of which count.

    Parameters
    ----------
    convictions : sequence of (datetime.date or None, bool, int)
        Each one's day, and whether it surely begins a period again.

    Examples
    --------
    >>> days = [dt.date(year, 1, 1) for year in (2001, 2004, 2009)]
    >>> later = Later([(day, True, 0) for day in days])
    >>> later.surely_again(dt.date(2000, 1, 1), 48).year, later.last(dt.date(2000, 1, 1)).year
    (2004, 2009)
    """

    def __init__(self, convictions: Sequence[Dated]) -> None:
        self.undated = any(day is None for day, _, _ in convictions)
        self._days = sorted(day for day, _, _ in convictions if day is not None)
        self._sure = sorted(day for day, sure, _ in convictions if sure and day is not None)
        self._lasts: dict[int, list[dt.date]] = {}

    def last(self, after: dt.date) -> dt.date | None:
        """The last day of one after a day; None if there are none."""
        return self._days[-1] if self._days and self._days[-1] > after else None

    def surely_again(self, own: dt.date, months: int) -> dt.date:
        """The last that surely began a period again: before it, the period had not yet passed once."""
        at = bisect_right(self._sure, own)
        if at == len(self._sure) or self._sure[at] >= add_months(own, months):
            return own
        if months not in self._lasts:
            self._lasts[months] = self._last_of_each(months)
        return self._lasts[months][at]

    def _last_of_each(self, months: int) -> list[dt.date]:
        """From each on, the last before which no period had passed."""
        lasts = list(self._sure)
        for at in range(len(lasts) - 2, -1, -1):
            if self._sure[at + 1] < add_months(self._sure[at], months):
                lasts[at] = lasts[at + 1]
        return lasts


class LaterConvictions:
    """The convictions of a record, seen from any of its actions.

    Parameters
    ----------
    convictions : iterable of (datetime.date or None, bool, int)
    """

    def __init__(self, convictions: Iterable[Dated]) -> None:
        self._each = list(convictions)
        self._every = Later(self._each)
        self._own: dict[int, list[dt.date | None]] = {}
        for day, _, of in self._each:
            self._own.setdefault(of, []).append(day)
        self._without: dict[int, Later] = {}

    def beside(self, action: int | None, own: dt.date) -> Later:
        """Those of the other actions, for what is asked about days after one of its own."""
        if action is None or all(day is not None and day <= own for day in self._own.get(action, ())):
            return self._every
        if action not in self._without:
            self._without[action] = Later([each for each in self._each if each[2] != action])
        return self._without[action]
