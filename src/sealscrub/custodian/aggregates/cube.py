"""Events counted by every combination of levels, and the totals that a set of tables publishes of these."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import Refused
from sealscrub.filters.counts.counted_levels import levels_of, places_of

__all__ = ["Cube", "Totals", "cube_of"]

LARGEST = 250_000
"""Combinations of levels; above it, anyone who asks asks for everything."""


@dataclass(frozen=True, eq=False, repr=False)
class Cube:
    """Events by the levels of some columns.

    Attributes
    ----------
    columns : tuple of str
    levels : tuple of polars.Series
        Of each column.
    places : numpy.ndarray of int64, shape (events,)
        At which combination of levels each event is, numbered in row-major order.
    """

    columns: tuple[str, ...]
    levels: tuple[pl.Series, ...]
    places: npt.NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, ...]:
        """How many levels each column has."""
        return tuple(map(len, self.levels))

    @property
    def size(self) -> int:
        """How many combinations there are."""
        return int(np.prod(self.shape, dtype=np.int64))

    def counted(self) -> npt.NDArray[np.int64]:
        """Count the events of each combination."""
        return np.bincount(self.places, minlength=self.size).astype(np.int64)

    def summed(self, weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Sum a magnitude of the events of each combination."""
        return np.bincount(self.places, weights, minlength=self.size).astype(np.float64, copy=False)

    def __repr__(self) -> str:
        return f"Cube({self.size} combinations)"


def cube_of(events: pl.DataFrame, columns: Sequence[str], levels: Mapping[str, Iterable[Any]] | None = None) -> Cube:
    """Place events by their levels.

    Parameters
    ----------
    events : polars.DataFrame
    columns : sequence of str
    levels : mapping of str to iterable, optional
        All levels of a column; by default those that events have, in order.

    Raises
    ------
    UsageError
        When an event has a level that is not named, or levels are of another type than their column.
    Refused
        When there are too many combinations.

    Examples
    --------
    >>> cube = cube_of(pl.DataFrame({"precinct": [14, 79, 14], "level": ["F", "M", "M"]}), ["precinct", "level"])
    >>> cube.counted().reshape(cube.shape).tolist()
    [[1, 1], [0, 1]]
    """
    axes = tuple(levels_of(events[name], (levels or {}).get(name)) for name in columns)
    size = 1
    for axis in axes:
        size *= len(axis)
    if size > LARGEST:
        raise Refused(
            f"the tables have more than {LARGEST:,} combinations of levels",
            hint="count by fewer columns, or by coarser levels: a year for a day, a precinct for an address.",
        )
    places = np.zeros(events.height, np.int64)
    for axis in axes:
        places = places * len(axis) + places_of(events[axis.name], axis)
    return Cube(tuple(columns), axes, places)


@dataclass(frozen=True, eq=False, repr=False)
class Totals:
    """Every total that tables hold, cells and margins, each once although several tables have it.

    Attributes
    ----------
    cube : Cube
    sets : tuple of tuple of int
        Columns, by number, of each group of totals: all subsets of each table's, and at the end all columns. The empty
        one is the grand total.
    published : frozenset of tuple of int
        Those that the tables show.
    """

    cube: Cube
    sets: tuple[tuple[int, ...], ...]
    published: frozenset[tuple[int, ...]]

    @classmethod
    def of(cls, cube: Cube, tables: Iterable[Sequence[str]], also: Iterable[Sequence[str]] = ()) -> Totals:
        """Take all margins of tables, which are named by their columns, and those that others know of too."""
        published = _margins(cube, tables)
        found = published | _margins(cube, also)
        found.add(tuple(range(len(cube.columns))))  # what linked tables may reveal together, though none shows it
        return cls(cube, tuple(sorted(found, key=lambda each: (len(each), each))), frozenset(published))

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """At which number the totals of each set begin."""
        return tuple(np.cumsum([0, *(self.height(each) for each in self.sets)])[:-1].tolist())

    @property
    def size(self) -> int:
        """How many totals there are."""
        return self.starts[-1] + self.height(self.sets[-1])

    @property
    def inner(self) -> npt.NDArray[np.bool_]:
        """Which totals no table shows."""
        return np.repeat([axes not in self.published for axes in self.sets], list(map(self.height, self.sets)))

    def height(self, axes: Sequence[int]) -> int:
        """How many totals a set of columns has."""
        return int(np.prod([self.cube.shape[axis] for axis in axes], dtype=np.int64))

    @cached_property
    def numbers(self) -> npt.NDArray[np.int64]:
        """Which totals each combination is in: shape (sets, combinations)."""
        at = np.unravel_index(np.arange(self.cube.size), self.cube.shape) if self.cube.columns else ()
        made = np.zeros((len(self.sets), self.cube.size), np.int64)
        for row, (axes, start) in enumerate(zip(self.sets, self.starts, strict=True)):
            place = np.zeros(self.cube.size, np.int64)
            for axis in axes:
                place = place * self.cube.shape[axis] + at[axis]
            made[row] = place + start
        return made

    def of_combinations(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Add the values of combinations up to those of the totals."""
        made = np.zeros(self.size, values.dtype)
        for row in self.numbers:
            np.add.at(made, row, values)
        return made

    def of_events(self, function: Any) -> npt.NDArray[Any]:
        """Ask something of the events of each total, such as how many people they are about.

        `function` gets, for each event, the number of its total in one set, and how many there are.
        """
        parts = [
            function(row[self.cube.places] - start, self.height(axes))
            for row, axes, start in zip(self.numbers, self.sets, self.starts, strict=True)
        ]
        return np.concatenate(parts)

    def labels(self, axes: tuple[int, ...]) -> pl.DataFrame:
        """Give the levels of each total of a set, a column for each column of it."""
        places = (
            np.unravel_index(np.arange(self.height(axes)), [self.cube.shape[axis] for axis in axes]) if axes else ()
        )
        return pl.DataFrame([self.cube.levels[axis].gather(place) for axis, place in zip(axes, places, strict=True)])

    def __repr__(self) -> str:
        return f"Totals({self.size})"


def _margins(cube: Cube, tables: Iterable[Sequence[str]]) -> set[tuple[int, ...]]:
    numbers = {name: at for at, name in enumerate(cube.columns)}
    return {
        subset
        for table in tables
        for size in range(len(table) + 1)
        for subset in itertools.combinations(sorted(numbers[name] for name in table), size)
    }
