"""All combinations of levels of a release and those before it, and what each of them counts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sealscrub.boundary.array_types import Floats, Ints, Mask
from sealscrub.errors import Refused, Spelled

from .disclosure_rules import people_in
from .ledger import plain
from .ledger_entries import Cell, Entry, Levels
from .table_request import Asked

__all__ = ["NOTHING", "Grid"]

NOTHING = Cell(0, 0, True)
LARGEST = 2_000_000
"""Unknowns; above it, what was published is too much to be looked at together."""


@dataclass(frozen=True, eq=False, repr=False)
class Grid:
    """All combinations of levels that this release or an earlier one has."""

    columns: tuple[str, ...]
    levels: tuple[tuple[Any, ...], ...]
    now: Mask  # this release has it
    possible: Mask
    counts: Ints
    places_of_events: Ints
    people_of_events: Ints | None  # where a column tells people apart

    @classmethod
    def of(cls, asked: Asked, releases: Sequence[Entry]) -> Grid:
        """Put together what a release has and what those before it showed.

        Raises
        ------
        Refused
            When there is too much to look at.
        """
        totals = asked.totals
        possible = np.asarray(~asked.impossible[totals.numbers].any(axis=0), bool)
        names = totals.cube.columns
        levels = []
        for name, axis in zip(names, totals.cube.levels, strict=True):
            known = dict.fromkeys(map(plain, axis))
            for entry in releases:
                for by, cells in entry.tables.items():
                    if name in by and set(by) <= set(names):
                        known.update(dict.fromkeys(key[by.index(name)] for key in cells))
            levels.append(tuple(known))
        size = int(np.prod([len(each) for each in levels], dtype=np.int64))
        if size * (len(releases) + 1) > LARGEST:
            raise Refused(
                "earlier releases of this source are too many to check this one against",
                hint=Spelled(
                    "count by fewer or coarser columns, or with noise: epsilon=.",
                    "count by fewer or coarser columns, or with noise (--dp-epsilon).",
                ),
            )
        at = np.unravel_index(np.arange(size), [len(each) for each in levels]) if names else ()
        inside = [place < height for place, height in zip(at, totals.cube.shape, strict=True)]
        now = np.logical_and.reduce(inside) if inside else np.ones(size, bool)
        made, can = np.zeros(size, np.int64), np.ones(size, bool)
        made[now], can[now] = asked.counts, possible
        people = asked.people if asked.is_by_person else None
        return cls(names, tuple(levels), now, can, made, np.flatnonzero(now)[asked.cube.places], people)

    @property
    def size(self) -> int:
        """How many combinations there are."""
        return len(self.now)

    def places(self, by: Sequence[str]) -> Ints:
        """In which total by some columns each combination is."""
        shape = [len(each) for each in self.levels]
        at = np.unravel_index(np.arange(self.size), shape) if shape else ()
        made = np.zeros(self.size, np.int64)
        for name in by:
            axis = self.columns.index(name)
            made = made * shape[axis] + at[axis]
        return made

    def keys(self, by: Sequence[str]) -> Iterator[Levels]:
        """The levels of each total by some columns."""
        return itertools.product(*(self.levels[self.columns.index(name)] for name in by))

    def counted(self, by: Sequence[str], cells: Mapping[Levels, Cell] | None = None) -> Ints:
        """Counts of the totals by some columns: an earlier release's, or this one's."""
        if cells is None:
            height = sum(1 for _ in self.keys(by))
            return np.bincount(self.places(by), self.counts, minlength=height).astype(np.int64)
        return np.array([cells.get(key, NOTHING).count for key in self.keys(by)], np.int64)

    def peopled(self, by: Sequence[str], cells: Mapping[Levels, Cell] | None = None) -> Floats:
        """Count the people of the totals by some columns; nan if nothing is known about them."""
        height = sum(1 for _ in self.keys(by))
        if cells is not None:
            found = [cells.get(key, NOTHING).people for key in self.keys(by)]
            return np.array([np.nan if each is None else each for each in found], np.float64)
        if self.people_of_events is None:
            return np.full(height, np.nan)
        return people_in(self.places(by)[self.places_of_events], height, self.people_of_events).astype(np.float64)
