"""Texts about days, written once for all days of which the same questions have the same answers.

As :mod:`traced_days`, for one history after the other and with days in words: a day that is written leaves a mark, in
whose place other days are put.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Any, Self

from .clocks import add_months
from .holidays import next_business_day
from .traced_days import Term, Trace, TracedDay, as_day

__all__: list[str] = []

_MARK = re.compile("\ue000([0-9]+)\ue001")  # letters that no text of ours has
_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    "==": lambda one, other: one == other,
}


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

    __slots__ = ("_asked", "_parts", "_places", "_steps")

    def __init__(self, text: str, trace: WritingTrace) -> None:
        numbers: dict[Term, int] = {}
        self._steps: list[tuple[str, Any, Any]] = []
        self._asked = [
            (_HOLDS[sign], self._step(left, numbers), self._step(right, numbers), outcome)
            for (left, sign, right), outcome in trace.asked.items()
        ]
        terms = [self._step(term, numbers) for term in trace.written]
        self._parts = _MARK.split(text)
        self._places = [terms[int(mark)] for mark in self._parts[1::2]]

    def _step(self, term: Term, numbers: dict[Term, int]) -> int:
        """The place of a term among the steps, which are taken in order."""
        if term not in numbers:
            kind, of, *counted = term
            base = of if kind == "given" else as_day(of) if kind == "number" else self._step(of, numbers)
            numbers[term] = len(self._steps)
            self._steps.append((kind, base, counted[0] if counted else None))
        return numbers[term]

    def about(self, given: Sequence[dt.date]) -> str | None:
        """The text about other days; None if a question has another answer for them."""
        days: list[dt.date] = []
        for kind, base, counted in self._steps:
            days.append(_day(kind, base, counted, given, days))
        for holds, left, right, outcome in self._asked:
            if holds(days[left], days[right]) is not outcome:
                return None
        parts = self._parts
        if not self._places:
            return parts[0]
        parts = parts.copy()
        parts[1::2] = [dt.date.isoformat(days[place]) for place in self._places]
        return "".join(parts)


def _day(kind: str, base: Any, counted: Any, given: Sequence[dt.date], days: Sequence[dt.date]) -> dt.date:
    if kind in ("given", "number"):
        found: dt.date = base if kind == "number" else given[base]
        return found
    if kind == "months":
        return add_months(days[base], counted)
    return next_business_day(days[base], counted) if kind == "business" else days[base] + dt.timedelta(counted)
