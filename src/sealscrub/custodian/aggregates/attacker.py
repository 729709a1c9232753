"""The attacker: from what is published, between which values each figure that is suppressed must be.

It knows the levels, the published figures, that a figure suppressed is not 0, and what the ledger says others know; of
how figures were chosen it knows nothing, and shares no code with it. Every range is found by solving for the table
that makes the figure least, and the one that makes it greatest, over whole numbers where counts are attacked: two
tables with different values, both in agreement with everything that is published, prove that it cannot be determined.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.boundary.array_types import Floats, Mask
from sealscrub.errors import Refused

from .cube import Totals

__all__ = ["Known", "Ranges", "attack", "sparse", "sums_of"]

_SECONDS = 20.0


@dataclass(frozen=True, eq=False, repr=False)
class Known:
    """What a reader knows of every total.

    Attributes
    ----------
    of : scipy.sparse.csr_matrix
        A row for each total: the unknowns, none below 0, that it is the sum of.
    values : numpy.ndarray of float
        What is published; nan if it is suppressed.
    empty : numpy.ndarray of bool
        Totals that are published as those of no event.
    low : numpy.ndarray of float
        Which value each is known to reach at least.
    high : numpy.ndarray of float, optional
        Which value each is known not to exceed, if it is not published itself: what rounding reveals.
    whole : bool
        Whether the figures are counts.
    """

    of: Any
    values: Floats
    empty: Mask
    low: Floats
    high: Floats | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ranges:
    """Between which values each total lies; equal to the value if it is published."""

    least: Floats
    greatest: Floats

    @property
    def determined(self) -> Mask:
        """Which totals follow from what is published."""
        return self.greatest - self.least < 1e-6 * np.maximum(np.abs(self.greatest), 1.0)


def attack(
    known: Known,
    needed_least: Floats | None = None,
    needed_greatest: Floats | None = None,
    *,
    roughly: bool = False,
) -> Ranges:
    """Solve for the range of every total that is not published.

    Parameters
    ----------
    known : Known
    needed_least, needed_greatest : numpy.ndarray of float, optional
        Where a range is known to reach these, it is not solved to its end.
    roughly : bool
        Whether a range may also be left narrower than it is, if no table that was solved for showed more of it.

    Raises
    ------
    Refused
        When a range could not be solved for.
    """
    solver = _Solver(known)
    least, greatest = solver.fixed.copy(), solver.fixed.copy()
    low = np.full(len(least), -np.inf) if needed_least is None else needed_least
    high = np.full(len(least), np.inf) if needed_greatest is None else needed_greatest
    for part in solver.parts():
        lows, highs = part.solve(low - solver.fixed, high - solver.fixed, solver.whole_in(part), roughly=roughly)
        np.add.at(least, part.asked, lows)
        np.add.at(greatest, part.asked, highs)
    shown = ~np.isnan(known.values)
    least[shown], greatest[shown] = known.values[shown], known.values[shown]
    greatest[greatest >= solver.beyond] = np.inf
    return Ranges(least * solver.unit, greatest * solver.unit)


class _Solver:
    """What is left to solve when all that follows by subtraction is done, in parts that do not touch."""

    def __init__(self, known: Known) -> None:
        self.of = known.of
        values = known.values
        self.unit = 1.0 if known.whole else float(np.nanmax(np.append(np.abs(values), 1e-300)))
        self.known = known if known.whole else _scaled(known, self.unit)
        self.unit = 1.0 if known.whole else self.unit
        self._subtract()

    def _subtract(self) -> None:
        known, of = self.known, self.of
        values = np.where(known.empty, 0.0, known.values)
        shown = ~np.isnan(values)
        alive = np.asarray(of.T @ known.empty.astype(float)) == 0
        value = np.zeros(of.shape[1])
        while True:
            left = of @ alive.astype(float)
            single = np.flatnonzero(shown & (left == 1))
            if not single.size:
                break
            rows = of[single].tocoo()
            at = alive[rows.col]
            value[rows.col[at]] = (values[single] - of[single] @ value)[rows.row[at]]
            alive[rows.col[at]] = False
        self.alive = np.flatnonzero(alive)
        self.fixed = np.asarray(of @ value)
        self.left = np.asarray(of @ alive.astype(float))
        equal = np.flatnonzero(shown & (self.left > 0))
        bounded = ~shown & (self.left > 0)
        low = np.where(bounded, known.low - self.fixed, -np.inf)
        high = np.where(bounded, np.inf if known.high is None else known.high - self.fixed, np.inf)
        self.hidden = np.flatnonzero(~shown)
        inner = of[:, self.alive].tocsr()
        self.floor, self.ceiling = np.zeros(len(self.alive)), np.full(len(self.alive), np.inf)
        alone = np.flatnonzero(bounded & (self.left == 1))
        rows = inner[alone].tocoo()
        np.maximum.at(self.floor, rows.col, low[alone][rows.row])
        np.minimum.at(self.ceiling, rows.col, high[alone][rows.row])
        rows = inner[equal].tocoo()
        np.minimum.at(self.ceiling, rows.col, np.maximum((values - self.fixed)[equal][rows.row], 0.0))
        loose = (low > inner @ self.floor + 1e-9) | np.isfinite(high)
        between = np.flatnonzero(bounded & (self.left > 1) & loose)
        self.rows = np.concatenate([equal, between])
        self.least = np.concatenate([(values - self.fixed)[equal], low[between]])
        self.most = np.concatenate([(values - self.fixed)[equal], high[between]])
        self.inner = inner
        finite = self.ceiling[np.isfinite(self.ceiling)].sum()
        cap = 10 * (finite + self.floor.sum() + np.abs(self.fixed).max(initial=0.0) + np.abs(self.least).max(initial=0))
        self.beyond = 100 * (cap + 1000)
        self.ceiling = np.where(np.isfinite(self.ceiling), np.maximum(self.ceiling, self.floor), 2 * self.beyond)

    def parts(self) -> Iterator[_Component]:
        rows = self.inner[self.rows]
        count = rows.shape[0]
        joined = sparse().bmat([[None, rows], [rows.T, None]]) if count else None
        unknowns = len(self.alive)
        part_of = sparse().csgraph.connected_components(joined)[1][count:] if count else np.arange(unknowns)
        row_part = np.full(count, -1)
        found = rows.tocoo()
        row_part[found.row] = part_of[found.col]
        asked = self.inner[self.hidden]
        for number in np.unique(part_of):
            mine = np.flatnonzero(part_of == number)
            here = np.flatnonzero(row_part == number)
            sums = asked[:, mine]
            touched = np.flatnonzero(np.diff(sums.indptr))
            yield _Component(
                rows[here][:, mine],
                self.least[here],
                self.most[here],
                self.floor[mine],
                self.ceiling[mine],
                sums[touched],
                self.hidden[touched],
                self.known.whole,
            )

    def whole_in(self, part: _Component) -> Mask:
        """Which of the totals that a part is asked for have all their unknowns in it."""
        inside: Mask = np.diff(part.sums.indptr) == self.left[part.asked]
        return inside


@dataclass(eq=False, repr=False)
class _Component:
    """Unknowns that hang together, and the totals that are asked for."""

    rows: Any
    least: Floats
    most: Floats
    floor: Floats
    ceiling: Floats
    sums: Any
    asked: npt.NDArray[np.int64]
    whole: bool

    def solve(self, low: Floats, high: Floats, inside: Mask, *, roughly: bool) -> tuple[Floats, Floats]:
        """Find the least and the greatest of each total; each table that is found reveals something about them all."""
        count = len(self.asked)
        lows, highs = np.full(count, np.inf), np.full(count, -np.inf)
        if not len(self.rows.indptr) > 1 or self.rows.shape[0] == 0:
            return self.sums @ self.floor, self.sums @ self.ceiling
        low, high = low[self.asked], high[self.asked]
        drawn = np.random.default_rng(0)
        for sign in (-1.0, 1.0):

            def not_yet(sign: float = sign) -> Mask:
                enough = highs >= high - 1e-9 if sign < 0 else lows <= low + 1e-9
                return ~(enough & inside)

            def seek(wanted: Floats, sign: float = sign) -> None:
                found = self.sums @ self._table(sign * (self.sums.T @ wanted))
                np.minimum(lows, found, out=lows)
                np.maximum(highs, found, out=highs)

            left = not_yet() & inside
            while left.sum() > 1:  # many at once, as long as each table that is found reveals new ones
                seek(np.where(left, drawn.uniform(1.0, 2.0, count), 0.0))
                left, before = not_yet() & inside, left
                if left.sum() == before.sum():
                    break
            for at in np.flatnonzero(not_yet()):
                if not_yet()[at] and not (roughly and inside[at] and np.isfinite(lows[at])):
                    seek(np.arange(count) == at)
        return lows, highs

    def _table(self, cost: Floats) -> Floats:
        """Solve for a table that agrees; if solving over all numbers gives whole ones, that is enough."""
        if self.whole:
            free = self._solved(cost, whole=False)
            near = np.round(free)
            sums = self.rows @ near
            agrees = (sums >= self.least - 1e-6).all() and (sums <= self.most + 1e-6).all()
            if agrees and np.abs(free - near).max(initial=0.0) < 1e-6:
                return near
            return np.round(self._solved(cost, whole=True))
        return self._solved(cost, whole=False)

    def _solved(self, cost: Floats, *, whole: bool) -> Floats:
        from scipy.optimize import Bounds, LinearConstraint, milp

        for presolve in (True, False):  # HiGHS' presolve now and then takes what can be solved for infeasible
            solved = milp(
                cost,
                integrality=np.full(len(cost), int(whole)),
                bounds=Bounds(self.floor, self.ceiling),
                constraints=LinearConstraint(self.rows, self.least, self.most),
                options={"time_limit": _SECONDS, "presolve": presolve},
            )
            if solved.x is not None:
                return np.asarray(solved.x)
        raise Refused("the table could not be checked", hint="count by fewer levels.")


def _scaled(known: Known, unit: float) -> Known:
    high = None if known.high is None else known.high / unit
    return Known(known.of, known.values / unit, known.empty, known.low / unit, high, known.whole)


def sums_of(totals: Totals) -> Any:
    """Which combinations of levels each total is the sum of."""
    numbers, size = totals.numbers, totals.cube.size
    columns = np.tile(np.arange(size), len(numbers))
    return sparse().csr_matrix((np.ones(numbers.size), (numbers.reshape(-1), columns)), shape=(totals.size, size))


def sparse() -> Any:
    """SciPy's sparse matrices.

    Raises
    ------
    MissingExtra
        When scipy is not installed (extra ``aggregates``).
    """
    import scipy.sparse
    import scipy.sparse.csgraph

    return scipy.sparse
