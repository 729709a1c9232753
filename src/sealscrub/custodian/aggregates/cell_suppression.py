"""Which figures are suppressed: the sensitive ones, and others, so none of them follows from those published.

For each sensitive total in turn a linear program finds the cheapest other table that agrees with everything published
and in which this total is as far from the truth as it has to be (Kelly, Golden and Assad, Cell suppression: disclosure
protection for sensitive tabular data, Networks 22, 1992); where the two tables differ is suppressed. A table of counts
with at most two columns begins with what :func:`sealscrub.filters.guard_counts` suppresses. The result is put to
the attacker, and what it finds out is protected further, until it finds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.boundary.array_types import Floats, Mask
from sealscrub.errors import Refused
from sealscrub.filters.counts.complementary_suppression import hidden_cells

from .attacker import Known, Ranges, attack, sums_of
from .cube import Totals

__all__ = ["Task", "suppress"]

_ROUNDS = 8


@dataclass(frozen=True, eq=False, repr=False)
class Task:
    """Figures, and what has to hold of them.

    Attributes
    ----------
    totals : Totals
    combined : numpy.ndarray of float
        The figure of each combination of levels.
    empty : numpy.ndarray of bool
        Totals of no event. They are published.
    hidden : numpy.ndarray of bool
        Totals that are suppressed whatever it costs.
    shown : numpy.ndarray of bool
        Totals that were published before, and cannot be suppressed any more.
    below, above : numpy.ndarray of float
        How far an attacker's range has to reach from the figure; 0 if nothing is needed.
    low, high : numpy.ndarray of float
        What each total is known to reach at least, and at most.
    whole : bool
        Whether the figures are counts.
    """

    totals: Totals
    combined: Floats
    empty: Mask
    hidden: Mask
    shown: Mask
    below: Floats
    above: Floats
    low: Floats
    high: Floats
    whole: bool = True

    @property
    def values(self) -> Floats:
        """The figures of all totals."""
        return self.totals.of_combinations(self.combined)

    def known(self, hidden: Mask) -> Known:
        """What a reader knows when these are suppressed."""
        values = self.values.copy()
        values[(hidden | self.totals.inner) & ~self.shown] = np.nan
        return Known(sums_of(self.totals), values, self.empty, self.low, self.high, whole=self.whole)


def suppress(task: Task) -> tuple[Mask, Ranges]:
    """Choose what is suppressed.

    Returns
    -------
    hidden : numpy.ndarray of bool
    ranges : Ranges
        What the attacker found of them.

    Raises
    ------
    Refused
        When nothing that could still be suppressed protects them.
    """
    hidden = task.hidden.copy() | _beginning(task)
    values = task.values
    for turn in range(_ROUNDS):
        below = np.where(hidden, task.below, 0.0)
        above = np.where(hidden, task.above, 0.0)
        step = 1.0 if task.whole else 1e-3 * float(np.abs(values).max(initial=1.0))
        loose = hidden & (below == 0) & (above == 0)
        # of a figure that needs no distance, any other value will do
        least = np.where(hidden, values - below, np.inf)  # what is not suppressed need not be solved for
        greatest = np.where(hidden, values + above + np.where(loose, step, 0.0), -np.inf)
        # at first roughly: what looks exposed and is not costs the program nothing
        ranges = attack(task.known(hidden), least, greatest, roughly=turn == 0)
        slack = 1e-6 * np.maximum(np.abs(values), 1.0)
        near = hidden & ((ranges.greatest < values + above - slack) | (ranges.least > values - below + slack))
        exposed = near | (hidden & ranges.determined)
        if not exposed.any():
            return hidden, ranges
        program = _Program(task, hidden, whole=task.whole and turn > 1)
        needed = np.maximum(above, np.where(exposed & loose, step, 0.0))
        for at in sorted(np.flatnonzero(exposed), key=lambda each: -needed[each]):
            for distance in (needed[at], -below[at]):
                program.protect(int(at), float(distance))
        if (program.hidden == hidden).all() and turn > 2:
            break
        hidden = program.hidden
    raise Refused("the tables could not be made safe", hint="count by fewer levels or in fewer tables.")


def _beginning(task: Task) -> Mask:
    """Begin with what guards suppress, if there is one table of at most two columns."""
    begun = np.zeros(task.totals.size, bool)
    largest = task.totals.sets[-1]
    if (
        not task.whole
        or len(largest) not in (1, 2)
        or len(task.totals.sets) != 2 ** len(largest)
        or task.shown.any()
        or task.totals.inner.any()
    ):
        return begun
    rows, *columns = (task.totals.cube.shape[axis] for axis in largest)
    places = _table_places(rows, columns)
    table = np.round(task.values).astype(np.int64)[places]
    chosen = hidden_cells(table, 2, also=task.hidden[places])
    begun[places.reshape(-1)] = chosen.reshape(-1)
    return begun


def _table_places(rows: int, columns: list[int]) -> npt.NDArray[np.int64]:
    """Number the totals as a table with its margins at the end."""
    if not columns:
        return np.append(np.arange(1, rows + 1), 0)
    wide = columns[0]
    places = np.empty((rows + 1, wide + 1), np.int64)
    places[-1, -1] = 0
    places[:-1, -1] = 1 + np.arange(rows)
    places[-1, :-1] = 1 + rows + np.arange(wide)
    places[:-1, :-1] = 1 + rows + wide + np.arange(rows * wide).reshape(rows, wide)
    return places


class _Program:
    """The linear program, and what it has suppressed so far."""

    def __init__(self, task: Task, hidden: Mask, *, whole: bool) -> None:
        import scipy.sparse as sparse

        self.task, self.hidden, self.whole = task, hidden.copy(), whole
        totals, of = task.totals, sums_of(task.totals)
        alive = np.asarray(of.T @ task.empty.astype(float)) == 0
        self.rows = np.flatnonzero(~task.empty)
        self.at = {int(row): at for at, row in enumerate(self.rows)}
        self.of = of[self.rows][:, np.flatnonzero(alive)]
        self.combined = task.combined[alive]
        self.values = task.values[self.rows]
        inner = totals.inner[self.rows]
        self.free = inner & ~task.shown[self.rows]  # no table shows it
        least = np.where(inner | (not task.whole), 0.0, 1.0)
        self.low = np.minimum(np.maximum(task.low[self.rows], least), self.values)
        self.high = np.maximum(task.high[self.rows], self.values)
        self.cost = 1.0 + np.log1p(self.values)
        self.differences: list[Floats] = []
        unknowns, count = self.of.shape[1], len(self.rows)
        eye = sparse.identity(count, format="csr")
        self.constraints: Any = sparse.hstack([self.of, -eye, eye], format="csc")
        self.integrality = np.concatenate([np.full(unknowns, int(whole)), np.zeros(2 * count)])

    def protect(self, total: int, distance: float) -> None:
        """Suppress what a total needs to be this far from the truth for all that anyone can know."""
        if distance == 0:
            return
        at = self.at[total]
        if any(each[at] * np.sign(distance) >= abs(distance) - 1e-9 for each in self.differences):
            return
        found = self._difference(at, distance)
        self.differences.append(found)
        moved = np.abs(found) > 1e-9 * np.maximum(self.values, 1.0).max(initial=1.0)
        self.hidden[self.rows[moved & ~self.free]] = True

    def _difference(self, at: int, distance: float) -> Floats:
        from scipy.optimize import Bounds, LinearConstraint, milp

        task, count = self.task, len(self.rows)
        hidden = self.hidden[self.rows] | self.free
        cost = np.where(hidden, 0.0, self.cost)
        shown = task.shown[self.rows]
        up = np.where(shown, 0.0, self.high - self.values)
        down = np.where(shown, 0.0, np.maximum(self.values - self.low, 0.0))
        floor = np.concatenate([-self.combined, np.zeros(2 * count)])
        ceiling = np.concatenate([np.full(self.of.shape[1], np.inf), up, down])
        unknowns = self.of.shape[1]
        # the total itself moves one way, by exactly this
        moves = np.array([max(distance, 0.0), max(-distance, 0.0)])
        for place, move in zip((unknowns + at, unknowns + count + at), moves, strict=True):
            floor[place] = ceiling[place] = move
        solved = milp(
            np.concatenate([np.zeros(unknowns), cost, cost]),
            integrality=self.integrality,
            bounds=Bounds(floor, ceiling),
            constraints=LinearConstraint(self.constraints, 0, 0),
            options={"time_limit": 60.0},
        )
        if solved.x is None:
            raise Refused("the tables could not be made safe", hint="count by fewer levels or in fewer tables.")
        return np.asarray(self.of @ solved.x[:unknowns])
