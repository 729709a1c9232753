"""Days that note what is asked of them, so one decision serves every action of the same shape.

A decision looks at days by comparing them, by counting months and days on from them, and by taking the earliest or
latest of some. :func:`trace` decides once with days that note each such question and its outcome. Whatever other days
give the same outcomes lead to the same decision, whose own days come from theirs by the same counting. A question that
cannot be asked of many days at once, such as which month it is in, holds a note to that very day: it serves no other.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from .equal_histories import Group, Numbers
from .holidays import Holidays, next_business_day

__all__: list[str] = []

Days = npt.NDArray[np.int64]  # days since 1970-01-01
Term = tuple[Any, ...]
Progress = Callable[[str, int, int], None]
_MOST_PIECES = 200  # of one shape; then it is cheaper to ask one by one
_WORTH = 3  # so many must be answered at once, or it is too
_TOLD = 2000
_EPOCH = dt.date(1970, 1, 1).toordinal()
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {"<": operator.lt, "<=": operator.le, "==": operator.eq}


@dataclass
class Trace:
    """What was asked, and the answers.

    Attributes
    ----------
    asked : dict
        ``{(left, sign, right): outcome}``.
    bounds : dict
        Of days that were compared with fixed ones, in place of that: the first and the last of which the answers are
        the same.
    """

    asked: dict[tuple[Term, str, Term], bool] = field(default_factory=dict)
    bounds: dict[Term, tuple[int, int]] = field(default_factory=dict)

    def note(self, left: Term, sign: str, right: Term, outcome: bool) -> bool:
        if right[0] == "number" and (sign != "==" or outcome):
            self._bound(left, *_SPANS[sign, outcome, False], right[1])
        elif left[0] == "number" and (sign != "==" or outcome):
            self._bound(right, *_SPANS[sign, outcome, True], left[1])
        elif (left[0] != "given" or right[0] != "given") and left != right:  # the order of given days is their shape's
            self.asked[left, sign, right] = outcome
        return outcome

    def _bound(self, term: Term, least: int | None, most: int | None, number: int) -> None:
        first, last = self.bounds.get(term, _ANY)
        if least is not None and number + least > first:
            first = number + least
        if most is not None and number + most < last:
            last = number + most
        self.bounds[term] = first, last


_ANY = -(2**40), 2**40
#: By a comparison with a fixed day, its answer, and whether that day is on the left: what the other is then at the
#: least and at the most, in days from the fixed one.
_SPANS: dict[tuple[str, bool, bool], tuple[int | None, int | None]] = {
    ("<", True, False): (None, -1),
    ("<", False, False): (0, None),
    ("<=", True, False): (None, 0),
    ("<=", False, False): (1, None),
    ("<", True, True): (1, None),
    ("<", False, True): (None, 0),
    ("<=", True, True): (0, None),
    ("<=", False, True): (None, -1),
    ("==", True, False): (0, 0),
    ("==", True, True): (0, 0),
}


class TracedDay(dt.date):
    """A day, and how it comes from the given ones."""

    term: Term
    trace: Trace

    @classmethod
    def of(cls, day: dt.date, term: Term, trace: Trace) -> Self:
        made = cls.fromordinal(dt.date.toordinal(day))
        made.term, made.trace = term, trace
        return made

    def plus_months(self, months: int, moved: dt.date) -> TracedDay:
        """So many months on, which come to ``moved``."""
        return self.of(moved, ("months", self.term, months), self.trace)

    def business_day(self, moved: dt.date, holidays: Holidays) -> TracedDay:
        """Itself or the next business day, which comes to ``moved``."""
        return self.of(moved, ("business", self.term, holidays), self.trace)

    def untraced(self) -> dt.date:
        """The day itself, and nothing is noted: for what is then done to the traced one alike."""
        return dt.date.fromordinal(dt.date.toordinal(self))

    def plain(self) -> dt.date:
        """The day itself, noted as this one and no other."""
        self.trace.note(self.term, "==", _number(self), True)
        return self.untraced()

    def __add__(self, span: dt.timedelta) -> TracedDay:
        moved = dt.date.__add__(self, span)  # of this class
        moved.term, moved.trace = ("days", self.term, span.days), self.trace
        return moved

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self + -other if isinstance(other, dt.timedelta) else self.plain() - _plain_day(other)

    def __rsub__(self, other: Any) -> Any:
        return _plain_day(other) - self.plain()

    def __hash__(self) -> int:  # days of one hash are compared, and the comparison is noted
        return 0


def _plain_day(day: Any) -> Any:
    return day.plain() if isinstance(day, TracedDay) else day


def _number(day: dt.date) -> Term:
    return ("number", dt.date.toordinal(day) - _EPOCH)


def _comparing(name: str, sign: str, *, swapped: bool = False, negated: bool = False) -> Callable[[Any, Any], Any]:
    plainly = getattr(dt.date, name)

    def compare(self: TracedDay, other: object) -> Any:
        outcome = plainly(self, other)
        if outcome is NotImplemented or not isinstance(other, dt.date):
            return outcome
        term = other.term if isinstance(other, TracedDay) else _number(other)
        if swapped:
            self.trace.note(term, sign, self.term, outcome is not negated)
        else:
            self.trace.note(self.term, sign, term, outcome is not negated)
        return outcome

    return compare


def _part(name: str) -> property:
    def part(day: TracedDay) -> Any:
        return getattr(day.plain(), name)

    return property(part)


def _plain_method(name: str) -> Callable[..., Any]:
    return lambda self, *more: getattr(self.plain(), name)(*more)


for _name, _sign, _swapped, _negated in (
    ("__lt__", "<", False, False),
    ("__gt__", "<", True, False),
    ("__le__", "<=", False, False),
    ("__ge__", "<=", True, False),
    ("__eq__", "==", False, False),
    ("__ne__", "==", False, True),
):
    setattr(TracedDay, _name, _comparing(_name, _sign, swapped=_swapped, negated=_negated))
for _name in ("year", "month", "day"):
    setattr(TracedDay, _name, _part(_name))
for _name in (
    *("__str__", "__repr__", "__format__", "__reduce__", "__reduce_ex__", "isoformat", "strftime", "ctime", "replace"),
    *("timetuple", "toordinal", "weekday", "isoweekday", "isocalendar"),
):
    setattr(TracedDay, _name, _plain_method(_name))


def values(term: Term, given: Days, known: dict[Term, Days]) -> Days:
    """What a term comes to for each row of given days."""
    found = known.get(term)
    if found is None:
        found = known[term] = _value(term, given, known)
    return found


def _value(term: Term, given: Days, known: dict[Term, Days]) -> Days:
    kind, of, *counted = term
    if kind == "given":
        return given[:, of]
    if kind == "number":
        return np.full(len(given), of, np.int64)
    days = values(of, given, known)
    if kind == "business":
        return _business_days(days, counted[0])
    return days + counted[0] if kind == "days" else _months_on(days, counted[0])


def _business_days(days: Days, holidays: Holidays) -> Days:
    distinct, at = np.unique(days, return_inverse=True)
    moved: Days = np.array([as_number(next_business_day(as_day(int(day)), holidays)) for day in distinct], np.int64)[at]
    return moved


def _months_on(days: Days, months: int) -> Days:
    """As :func:`~sealscrub.custodian.law.clocks.add_months` counts them."""
    stamps = days.astype("datetime64[D]")
    month = stamps.astype("datetime64[M]")
    within = (stamps - month).astype(np.int64)
    first = (month + months).astype("datetime64[D]")
    last = ((month + months + 1).astype("datetime64[D]") - first).astype(np.int64) - 1
    moved: Days = first.astype(np.int64) + np.minimum(within, last)
    return moved


def agreeing(trace: Trace, given: Days, known: dict[Term, Days]) -> npt.NDArray[np.bool_]:
    """Rows of given days for which every question has the answer that was noted."""
    good = np.ones(len(given), bool)
    for term, (first, last) in trace.bounds.items():
        days = values(term, given, known)
        good &= (days >= first) & (days <= last)
    for (left, sign, right), outcome in trace.asked.items():
        good &= _OPERATORS[sign](values(left, given, known), values(right, given, known)) == outcome
    return good


def traced(days: Sequence[int], trace: Trace) -> list[TracedDay]:
    """Given days, in order."""
    return [TracedDay.of(dt.date.fromordinal(day + _EPOCH), ("given", at), trace) for at, day in enumerate(days)]


def as_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return dt.date.toordinal(day) - _EPOCH


def as_day(number: int) -> dt.date:
    """The day of a number."""
    return dt.date.fromordinal(number + _EPOCH)


def term_of(day: dt.date) -> Term:
    """How a day of a decision comes from the given ones."""
    return day.term if isinstance(day, TracedDay) else _number(day)


@dataclass(frozen=True, eq=False)
class Piece:
    """Actions of one shape for which every question about days has the same answer."""

    members: Numbers
    given: Days
    outcome: Any
    known: dict[Term, Days]

    def days(self, day: dt.date) -> Days:
        """What a day of the outcome is for each member."""
        return values(term_of(day), self.given, self.known)


def pieces(
    groups: Sequence[Group],
    ask: Callable[[Group, Sequence[dt.date]], Any],
    tell: Progress | None = None,
) -> Iterator[Piece]:
    """Ask what depends on a shape and its days, once for all days with the same answers.

    Parameters
    ----------
    groups : sequence of Group
        Histories of one shape each, which says in which order their days are.
    ask : callable
        Given a group and days. It may compare and count them; whatever it returns may hold days that come of these.
    tell : callable, optional
        Called with how many are done.
    """
    done = told = 0
    total = sum(len(group.members) for group in groups)
    for group in groups:
        left, given = group.members, group.given
        for asked in range(_MOST_PIECES):
            if len(left) < _WORTH or len(group.members) - len(left) < asked * _WORTH:
                break
            trace = Trace()
            outcome = ask(group, traced(given[0].tolist(), trace))
            same = agreeing(trace, given, {})
            yield Piece(left[same], given[same], outcome, {})
            left, given = left[~same], given[~same]
        for number, days in zip(left.tolist(), given, strict=True):
            yield Piece(np.array([number]), days[None, :], ask(group, [as_day(int(day)) for day in days]), {})
        done += len(group.members)
        if tell is not None and done - told >= _TOLD:
            tell("deciding", done, total)
            told = done
