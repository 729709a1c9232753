"""Periods of law: how long, from when, and what the answer is while they run."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass, replace

from .conditions import NEVER, Condition, Facts
from .holidays import Holidays, next_business_day
from .three_values import Truth
from .traced_days import TracedDay

__all__ = ["Clock", "Span", "add_months"]

_DAY = dt.timedelta(days=1)
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def add_months(day: dt.date, months: int) -> dt.date:
    """Count months as General Construction Law § 30 has it.

    Parameters
    ----------
    day : datetime.date
    months : int

    Returns
    -------
    datetime.date
        The same day of the month, or its last day if it has none such: the last day of the period.

    Examples
    --------
    >>> import datetime as dt
    >>> add_months(dt.date(2014, 8, 31), 6), add_months(dt.date(2015, 8, 31), 6)
    (datetime.date(2015, 2, 28), datetime.date(2016, 2, 29))
    """
    if isinstance(day, TracedDay):
        return day.plus_months(months, add_months(day.untraced(), months))
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = 29 if month == 1 and calendar.isleap(year) else _LENGTHS[month]
    return dt.date(year, month + 1, min(day.day, last))


@dataclass(frozen=True, slots=True)
class Span:
    """The last day of a period: not before one day, not after another.

    Attributes
    ----------
    earliest, latest : datetime.date
        The same if the facts settle it.
    """

    earliest: dt.date
    latest: dt.date

    def ended(self, on: dt.date, inside: Truth) -> Truth:
        """Whether it has ended on a day; `inside` while it surely runs."""
        if on > self.latest:
            return Truth.YES
        return inside if on <= self.earliest else Truth.UNKNOWN

    def thresholds(self) -> tuple[dt.date, ...]:
        """Days on which the answer may change, in order: those after the last."""
        first = self.earliest + _DAY
        return (first,) if self.latest is self.earliest else (first, self.latest + _DAY)


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A period.

    Attributes
    ----------
    start : tuple of str
        Facts that hold a day; the first that is known begins the period.
    months, days : int
        How long it is.
    longer : tuple of (Condition, int) or None
        If the condition holds, so many months instead.
    term : str
        A fact that holds the last day as the court set it, if the statute says "at most"; without it the period
        may end at any time up to the longest.
    inside : Truth
        What the answer is while the period surely runs.
    seals_from : str
        ``end``: the day after the period; ``start``: its first day, once it has passed.
    stopped_by : str
        A fact that holds the day on which the case was opened again: within the period, it never ends; later, whether
        it had ended is not known.
    not_before : (str, str) or None
        Facts that hold a day before which it cannot begin: one that is sure, and one that may be.
    business_day : callable or None
        The public holidays of a year, if a period that ends on one of them, on a Saturday or on a Sunday ends with
        the next business day.
    unless : Condition
        If this holds, there is no period to wait for.
    tolled : (datetime.date, datetime.date) or None
        First and last day of a time that an order may have left out of the period: it may end so many days later.
    """

    start: tuple[str, ...]
    months: int = 0
    days: int = 0
    longer: tuple[Condition, int] | None = None
    term: str = ""
    inside: Truth = Truth.NO
    seals_from: str = "end"
    stopped_by: str = ""
    not_before: tuple[str, str] | None = None
    business_day: Holidays | None = None
    unless: Condition = NEVER
    tolled: tuple[dt.date, dt.date] | None = None

    def ended(self, span: Span, facts: Facts, on: dt.date) -> Truth:
        """Whether it has ended on a day."""
        stopped = facts.get(self.stopped_by) if self.stopped_by else None
        if isinstance(stopped, dt.date):
            return Truth.NO if stopped <= span.earliest else Truth.UNKNOWN
        return span.ended(on, self.inside)

    def begins(self, facts: Facts) -> dt.date | None:
        """The first day, if it is known."""
        for name in self.start:
            if isinstance(day := facts.get(name), dt.date):
                return day
        return None

    def span(self, facts: Facts) -> Span | None:
        """When the period ends; None if its start is not known."""
        begun = self.begins(facts)
        span = None if begun is None else self._period(begun, facts)
        if span is None or begun is None or self.tolled is None:
            return span
        first, last = self.tolled
        if begun > last or span.latest < first:
            return span
        end = self._unmoved(begun) if self.business_day is not None else span.latest
        left = end - (begun if begun >= first else first - _DAY)
        return Span(span.earliest, self._on_business_day(last + left))

    def last_day(self, span: Span, facts: Facts) -> str:
        """Say on which day the period ends, whatever day is asked about.

        Examples
        --------
        >>> begun = {"ended_on": dt.date(2018, 5, 1)}
        >>> half_a_year = Clock(start=("ended_on",), months=6)
        >>> half_a_year.last_day(half_a_year.span(begun), begun)
        '2018-11-01'
        """
        if span.earliest == span.latest:
            return f"{span.latest}"
        if self.term and facts.get(self.term) is None:
            return f"{span.latest} or earlier"
        settled = self.tolled is None or replace(self, tolled=None).span(facts) == span
        return f"{span.earliest} {'or' if settled else 'or as late as'} {span.latest}"

    def _period(self, begun: dt.date, facts: Facts) -> Span:
        if self.not_before is not None:
            sure, possible = (facts.get(name) for name in self.not_before)
            surely = max(begun, sure) if isinstance(sure, dt.date) else begun
            perhaps = max(surely, possible) if isinstance(possible, dt.date) else surely
            first = self._last(surely)
            return Span(first, first if perhaps is surely else self._last(perhaps))
        usual = self._last(begun)
        if self.term:
            term = facts.get(self.term)
            last = min(term, usual) if isinstance(term, dt.date) else None
            return Span(last, last) if last else Span(begun - _DAY, usual)
        if self.longer is None:
            return Span(usual, usual)
        condition, months = self.longer
        long = add_months(begun, months)
        truth = condition.truth(facts)
        return Span(long if truth is Truth.YES else usual, usual if truth is Truth.NO else long)

    def _last(self, begun: dt.date) -> dt.date:
        return self._on_business_day(self._unmoved(begun))

    def _unmoved(self, begun: dt.date) -> dt.date:
        moved = add_months(begun, self.months) if self.months else begun
        return moved + self.days * _DAY if self.days else moved

    def _on_business_day(self, last: dt.date) -> dt.date:
        if self.business_day is None:
            return last
        if isinstance(last, TracedDay):
            moved = next_business_day(last.untraced(), self.business_day)
            return last.business_day(moved, self.business_day)
        return next_business_day(last, self.business_day)

    def words(self) -> str:
        """Print it.

        Examples
        --------
        >>> Clock(start=("ended_on",), months=6).words()
        '6 months from ended_on'
        """
        length = " and ".join(f"{n} {unit}" for n, unit in ((self.months, "months"), (self.days, "days")) if n > 0)
        length = f"{length or 'at once'}{', less a day,' if self.days < 0 and self.months else ''}"
        text = f"{'at most ' if self.term else ''}{length} from {', else '.join(self.start)}"
        if self.longer is not None:
            text += f", {self.longer[1]} months if {self.longer[0].words()}"
        if self.term:
            text += f", ended by {self.term}"
        if self.not_before is not None:
            text += f", begun again on {self.not_before[0]}"
        if self.business_day is not None:
            text += ", or the next business day"
        return text

    def facts(self) -> frozenset[str]:
        """Names of the facts that it asks for."""
        longer = self.longer[0].facts() if self.longer else frozenset[str]()
        return longer | self._own_facts() | self.unless.facts()

    def missing(self, facts: Facts) -> frozenset[str]:
        """Names of those that are not known."""
        longer = self.longer[0].missing(facts) if self.longer else frozenset[str]()
        own = {name for name in self._own_facts() if facts.get(name) is None}
        return longer | own | self.unless.missing(facts)

    def _own_facts(self) -> set[str]:
        return {*self.start, *([self.term] if self.term else []), *(self.not_before or ())}
