"""What a block must know of all the others: serial numbers, and each precinct's arrests day by day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .block import Block
from .calendar import DAYS, years
from .city_places import BOROUGH_OF_PRECINCT, PRECINCTS
from .draws import Integers
from .features import Daily

__all__ = ["Census", "Numbering", "take_census"]

_YEAR_STARTS = np.flatnonzero(np.diff(years(np.arange(-1, DAYS))))
_YEAR_OF_DAY = years(np.arange(DAYS)) - years(np.array([0]))[0]


class Numbering:
    """Serial numbers that begin at 1 each year in each group, in order of days.

    Blocks ask in their order; each finds the numbers of a day where the block before has left them.

    Parameters
    ----------
    counts : ndarray of int64, shape (groups, days)
        How many numbers the whole city needs in each group on each day.

    Examples
    --------
    >>> import numpy as np
    >>> counts = np.zeros((1, DAYS), np.int64)
    >>> counts[0, :2] = 3, 2
    >>> numbering = Numbering(counts)
    >>> numbering.next(np.array([0, 0, 0]), np.array([0, 0, 1])).tolist()
    [1, 2, 4]
    >>> numbering.next(np.array([0, 0]), np.array([0, 1])).tolist()
    [3, 5]
    """

    def __init__(self, counts: Integers) -> None:
        before = np.cumsum(counts, axis=1) - counts
        self._next = before - before[:, _YEAR_STARTS][:, _YEAR_OF_DAY]
        self.largest = int((self._next + counts).max(initial=0))

    def next(self, groups: Integers, days: Integers) -> Integers:
        """Take numbers for a block's rows, in the order of the rows."""
        cells = groups * DAYS + days
        serials: Integers = self._next.reshape(-1)[cells] + _rank(cells)
        np.add.at(self._next.reshape(-1), cells, 1)
        return serials


@dataclass(frozen=True)
class Census:
    """The city's counts; the numberings move on as blocks are made."""

    arrests: Numbering
    dockets: Numbering
    complaints: Numbering
    daily: Daily


def take_census(blocks: Iterable[Block]) -> Census:
    """Count the arrests, dockets and complaints of every block."""
    places = len(PRECINCTS)
    arrests = np.zeros(places * DAYS, np.int64)
    dockets = np.zeros(places * DAYS, np.int64)
    complaints = np.zeros(places * DAYS, np.int64)
    for block in blocks:
        cells = block.precinct * DAYS + block.day
        arrests += np.bincount(cells, minlength=places * DAYS)
        dockets += np.bincount(np.repeat(cells, block.filed), minlength=places * DAYS)
        complaints += np.bincount(block.event_precinct * DAYS + block.event_day, minlength=places * DAYS)
    by_precinct = arrests.reshape(places, DAYS)
    return Census(
        arrests=Numbering(_by_borough(by_precinct)),
        dockets=Numbering(_by_borough(dockets.reshape(places, DAYS))),
        complaints=Numbering(complaints.reshape(places, DAYS)),
        daily=Daily(by_precinct),
    )


def _by_borough(counts: Integers) -> Integers:
    return np.stack([counts[borough == BOROUGH_OF_PRECINCT].sum(axis=0) for borough in range(5)])


def _rank(cells: Integers) -> Integers:
    """Place of each row among the rows of its cell, from 1."""
    order = np.argsort(cells, kind="stable")
    ordered = cells[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    rank = np.empty(len(cells), np.int64)
    rank[order] = np.arange(1, len(cells) + 1) - np.repeat(starts, np.diff(starts, append=len(cells)))
    return rank
