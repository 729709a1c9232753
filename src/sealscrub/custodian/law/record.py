"""All the actions of one person: what is found of them together is found once, whichever of them is asked about."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from .charge_events import Standing
from .events import Action

__all__ = ["NEVER_OVER", "Folded", "Highest", "Record", "Spans", "Tally"]

T = TypeVar("T")

#: An action and how each of its charges stands.
Folded = tuple[Action, Mapping[str, Standing]]

#: After a day: no day is later.
NEVER_OVER = dt.date.max.toordinal() + 1


class Record:
    """The actions of a person."""

    def __init__(self, actions: Sequence[Folded]) -> None:
        self.actions = actions
        self._found: dict[str, Any] = {}

    def once(self, name: str, find: Callable[[Record], T]) -> T:
        """What is found of them, remembered by name."""
        if name not in self._found:
            self._found[name] = find(self)
        found: T = self._found[name]
        return found


class Highest(Generic[T]):
    """The greatest of some values, of which those of one action, or those of earlier days, may not count.

    Parameters
    ----------
    entries : iterable of (int, T, int)
        A day, a value, and the place of the action whose it is.

    Examples
    --------
    >>> found = Highest([(1, "b", 0), (5, "a", 1), (7, "c", 2)])
    >>> found.after(0, but=None), found.after(0, but=2), found.after(1, but=2), found.after(7, but=None)
    ('c', 'b', 'a', None)
    """

    def __init__(self, entries: Iterable[tuple[int, T, int]]) -> None:
        listed = sorted(entries, key=lambda entry: entry[0])
        self._days = [day for day, _, _ in listed]
        # of all from each place on, the greatest, and the greatest of another action than that one's
        self._best: list[tuple[tuple[T, int] | None, tuple[T, int] | None]] = [(None, None)]
        first: tuple[T, int] | None = None
        second: tuple[T, int] | None = None
        for _, value, of in reversed(listed):
            first, second = _two_greatest(first, second, (value, of))
            self._best.append((first, second))
        self._best.reverse()

    def after(self, day: int, *, but: int | None) -> T | None:
        """The greatest of those after a day that are not of one action; None if there are none."""
        first, second = self._best[bisect_right(self._days, day)]
        found = second if first is not None and first[1] == but else first
        return None if found is None else found[0]

    def of_all(self, *, but: int | None) -> T | None:
        """The greatest of those that are not of one action, whenever they were."""
        return self.after(-1, but=but)


class Tally:
    """How often values come, of which those of one action may not count.

    Parameters
    ----------
    entries : iterable of (hashable, int)
        A value, and the place of the action whose it is.

    Examples
    --------
    >>> found = Tally([("a", 0), ("a", 1), ("b", 1)])
    >>> found.of("a", but=None), found.of("a", but=1), found.of("b", but=1)
    (2, 1, 0)
    """

    def __init__(self, entries: Iterable[tuple[Hashable, int]]) -> None:
        each = list(entries)
        self._every = Counter(value for value, _ in each)
        self._by_action = Counter(each)

    def of(self, value: Hashable, *, but: int | None) -> int:
        """How often a value comes, other than of one action."""
        return self._every[value] - (0 if but is None else self._by_action[value, but])


class Spans:
    """How many of some days are in a span, of which those of one action may not count.

    Parameters
    ----------
    entries : iterable of (datetime.date, int)
        A day, and the place of the action whose it is.

    Examples
    --------
    >>> days = [dt.date(2020, 1, day) for day in (1, 2, 2, 3)]
    >>> found = Spans(zip(days, (0, 0, 1, 1), strict=True))
    >>> found.between(days[0], days[3], but=None), found.between(days[0], days[3], but=1), found.on(days[1], but=None)
    (2, 1, 2)
    """

    def __init__(self, entries: Iterable[tuple[dt.date, int]]) -> None:
        self._by_action: defaultdict[int, list[dt.date]] = defaultdict(list)
        for day, of in sorted(entries):
            self._by_action[of].append(day)
        self._every = sorted(day for days in self._by_action.values() for day in days)

    def between(self, after: dt.date, end: dt.date, *, but: int | None) -> int:
        """How many are after a day and before another, other than those of one action."""
        return sum(sign * max(0, bisect_left(days, end) - bisect_right(days, after)) for sign, days in self._days(but))

    def on(self, day: dt.date, *, but: int | None) -> int:
        """How many are on a day, other than those of one action."""
        return sum(sign * (bisect_right(days, day) - bisect_left(days, day)) for sign, days in self._days(but))

    def _days(self, but: int | None) -> tuple[tuple[int, list[dt.date]], ...]:
        return (1, self._every), (-1, [] if but is None else self._by_action.get(but, []))


def _two_greatest(
    first: tuple[T, int] | None, second: tuple[T, int] | None, new: tuple[T, int]
) -> tuple[tuple[T, int] | None, tuple[T, int] | None]:
    """The greatest and the greatest of another action, with one value more."""
    value: Any = new[0]
    if first is None or value > first[0]:
        return new, second if first is None or first[1] == new[1] else first
    if first[1] != new[1] and (second is None or value > second[0]):
        return first, new
    return first, second
