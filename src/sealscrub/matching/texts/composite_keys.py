"""Keys of several parts in texts: parts that are in one unit are one key."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product

import numpy as np
import numpy.typing as npt

from sealscrub.boundary.array_types import Mask
from sealscrub.identifiers import Scheme, get_scheme
from sealscrub.identifiers.letters import Letters

from .grammar import bounds_of
from .text_runs import Places

__all__ = ["Part", "Units", "Within", "beside_each_other", "can_be_found", "glued_together", "searched"]

Part = tuple[int, int, str]  # where a part begins and ends, and what it says
Within = Callable[[Places, Places], Mask]
_MOST_KEYS = 200_000  # keys of one unit that are looked up


def can_be_found(scheme: Scheme) -> bool:
    """Whether each part of a key is a date, or an identifier with spellings, and one of them always has a digit."""
    return all(part == "date" or bool(get_scheme(part).spellings) for part in scheme.parts) and any(
        map(_has_digit, scheme.parts)
    )


def searched(scheme: Scheme) -> list[str]:
    """The parts in the order in which they are looked for: those that any word may be come last."""
    return sorted(scheme.parts, key=lambda part: not _has_digit(part))


def _has_digit(part: str) -> bool:
    return part == "date" or bounds_of(get_scheme(part)).digits > 0


class Units:
    """The units of a folded text.

    Parameters
    ----------
    letters : Letters
    units : sequence of int
        Where they begin in the text, in order, and where the last ends.
    """

    def __init__(self, letters: Letters, units: Sequence[int]) -> None:
        self.letters, self.units = letters, units

    def of(self, part: Part) -> int:
        """Number of the unit that a part is in; -1 if it is in two."""
        number = bisect_right(self.units, self.letters.start(part[0]))
        return number if number < len(self.units) and self.letters.end(part[1]) <= self.units[number] else -1

    def hold(self, parts: Sequence[Sequence[Part]], starts: Places, ends: Places) -> Mask:
        """Say which places are in one unit with one of each of some parts."""
        shared: set[int] = set.intersection(*({self.of(part) for part in each} for each in parts)) - {-1}
        held: Mask = np.isin(self._numbers(starts, ends), sorted(shared))
        return held

    def _numbers(self, starts: Places, ends: Places) -> npt.NDArray[np.int64]:
        if self.letters.starts is not None and self.letters.ends is not None:
            starts, ends = self.letters.starts[starts], self.letters.ends[ends - 1]
        units = np.array(self.units, np.int64)
        numbers = np.searchsorted(units, starts, "right")
        inside = (numbers < len(units)) & (ends <= units[np.minimum(numbers, len(units) - 1)])
        return np.where(inside, numbers, -1)


def glued_together(key: Sequence[Part]) -> list[tuple[int, int]]:
    """Where a key's parts are; those that touch each other as one.

    Examples
    --------
    >>> glued_together([(5, 9, "4512"), (0, 5, "KINGS"), (12, 14, "07")])
    [(0, 9), (12, 14)]
    """
    spans: list[tuple[int, int]] = []
    for start, end, _ in sorted(key):
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def beside_each_other(parts: Sequence[Sequence[Part]], unit_of: Callable[[Part], int]) -> list[tuple[Part, ...]]:
    """Give every choice of one of each part, all in one unit; if these are too many, the nearest.

    Examples
    --------
    >>> beside_each_other([[(0, 1, "7")], [(2, 3, "8"), (4, 5, "9")]], lambda part: 0)
    [((0, 1, '7'), (2, 3, '8')), ((0, 1, '7'), (4, 5, '9'))]
    """
    units = [_by_unit(each, unit_of) for each in parts]
    shared = set(units[0]).intersection(*units[1:]) - {-1}
    return [key for unit in sorted(shared) for key in _keys([each[unit] for each in units])]


def _by_unit(parts: Sequence[Part], unit_of: Callable[[Part], int]) -> dict[int, list[Part]]:
    found: dict[int, list[Part]] = {}
    for part in parts:
        found.setdefault(unit_of(part), []).append(part)
    return found


def _keys(parts: Sequence[Sequence[Part]]) -> Iterator[tuple[Part, ...]]:
    first, *others = parts
    near = max(1, int((_MOST_KEYS / len(first)) ** (1 / max(1, len(others)))))
    for part in first:
        chosen = [_nearest_parts(each, part, near) for each in others]
        yield from ((part, *rest) for rest in product(*chosen) if _do_not_overlap((part, *rest)))


def _nearest_parts(parts: Sequence[Part], part: Part, count: int) -> Sequence[Part]:
    if len(parts) <= count:
        return parts
    return sorted(parts, key=lambda other: abs(other[0] - part[0]))[:count]


def _do_not_overlap(parts: Sequence[Part]) -> bool:
    """Whether no part is within another."""
    spans = sorted((start, end) for start, end, _ in parts)
    return all(before[1] <= behind[0] for before, behind in pairwise(spans))
