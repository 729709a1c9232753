"""Texts about days, written once for all days of which the same questions have the same answers.

As :mod:`traced_days`, for one history after the other and with days in words: a day that is written leaves a mark, in
whose place other days are put.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable, Sequence
from typing import Any, Self

from .clocks import add_months
from .holidays import next_business_day
from .traced_days import Term, Trace, TracedDay, as_day

__all__: list[str] = []

_MARK = re.compile("\ue000([0-9]+)\ue001")  # letters that no text of ours has
_HOLDS: dict[str, Callable[[Any, Any], bool]] = {"<": operator.lt, "<=": operator.le, "==": operator.eq}


class WritingTrace(Trace):
    """What was asked of some days, and which were written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: dict[Term, int] = {}

    def note(self, left: Term, sign: str, right: Term, outcome: bool) -> bool:
        """Note an answer, also about two given days: nothing else says in which order they are."""
        self.asked[left, sign, right] = outcome
        return outcome

    def given(self, day: dt.date, at: int) -> WrittenDay:
        """One of the days that others are put in the place of."""
        return WrittenDay.of(day, ("given", at), self)


class WrittenDay(TracedDay):
    """A day that leaves a mark in a text."""

    trace: WritingTrace

    @classmethod
    def of(cls, day: dt.date, term: Term, trace: Trace) -> Self:
        """A day, and how it comes from the given ones."""
        made = cls.fromordinal(dt.date.toordinal(day))
        made.term, made.trace = term, trace  # type: ignore[assignment] # a trace of its own kind
        return made

    def __str__(self) -> str:
        return f"\ue000{self.trace.written.setdefault(self.term, len(self.trace.written))}\ue001"

    def __format__(self, form: str) -> str:
        return str(self)


class WrittenText:
    """A text that was written about some days, to be written about others."""

    __slots__ = ("_asked", "_counted", "_days", "_given", "_parts", "_places")

    def __init__(self, text: str, trace: WritingTrace) -> None:
        numbers: dict[Term, int] = {}
        self._days: list[dt.date] = []  # in the places of given ones and of those that come of them, any
        self._given: list[tuple[int, int]] = []
        self._counted: list[tuple[int, str, int, Any]] = []
        self._asked = [
            (_HOLDS[sign], self._place(left, numbers), self._place(right, numbers), outcome)
            for (left, sign, right), outcome in trace.asked.items()
        ]
        terms = [self._place(term, numbers) for term in trace.written]
        self._parts = _MARK.split(text)
        self._places = [terms[int(mark)] for mark in self._parts[1::2]]

    def _place(self, term: Term, numbers: dict[Term, int]) -> int:
        """The place of a term among the days, which are found in order."""
        if term not in numbers:
            kind, of, *counted = term
            base = self._place(of, numbers) if counted else of
            at = numbers[term] = len(self._days)
            self._days.append(as_day(of) if kind == "number" else dt.date.min)
            if kind == "given":
                self._given.append((at, of))
            elif counted:
                self._counted.append((at, kind, base, counted[0]))
        return numbers[term]

    def about(self, given: Sequence[dt.date]) -> str | None:
        """The text about other days; None if a question has another answer for them."""
        days = self._days.copy()
        for at, of in self._given:
            days[at] = given[of]
        for at, kind, base, counted in self._counted:
            days[at] = _COUNT[kind](days[base], counted)
        for holds, left, right, outcome in self._asked:
            if holds(days[left], days[right]) is not outcome:
                return None
        parts = self._parts
        if not self._places:
            return parts[0]
        parts = parts.copy()
        parts[1::2] = [days[place].isoformat() for place in self._places]
        return "".join(parts)


_COUNT: dict[str, Callable[[dt.date, Any], dt.date]] = {
    "months": add_months,
    "business": next_business_day,
    "days": lambda day, so_many: day + dt.timedelta(so_many),
}
