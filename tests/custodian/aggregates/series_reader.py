"""A reader of a series of releases who knows that seals only take away; shares no code with the library."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from scipy.optimize import Bounds, LinearConstraint, milp

_MOST = 10_000


@dataclass
class SeriesReader:
    """Every release has counts of its own for all combinations of levels, none above those of the release before."""

    levels: dict[str, list[object]]
    frames: list[pl.DataFrame] = field(default_factory=list)
    rows: list[tuple[int, np.ndarray, float, float]] = field(default_factory=list)
    #: Figures suppressed: of which release, what they are about, and their combinations.
    hidden: list[tuple[int, dict[str, object], np.ndarray]] = field(default_factory=list)
    #: Which releases were rounded, and their figures.
    rounded: set[int] = field(default_factory=set)
    rounded_figures: list[tuple[int, dict[str, object], np.ndarray]] = field(default_factory=list)

    def read(self, frame: pl.DataFrame, base: int | None = None) -> None:
        """Read one release more; base is that of rounding."""
        for row in frame.iter_rows(named=True):
            by = [] if row["by"] == "total" else row["by"].split(", ")
            where = {name: row[name] for name in by}
            at, cells, half = len(self.frames), self.cells(where), (base or 1) // 2
            if row["count"] is None:
                self.rows.append((at, cells, 0 if base else 1, np.inf))
                self.hidden.append((at, where, cells))
            else:
                self.rows.append((at, cells, row["count"] - half, row["count"] + half))
            if base:
                self.rounded.add(at)
                self.rounded_figures.append((at, where, cells))
        self.frames.append(frame)

    def cells(self, where: dict[str, object]) -> np.ndarray:
        possible, names = itertools.product(*self.levels.values()), list(self.levels)
        return np.array([all(each[names.index(n)] == v for n, v in where.items()) for each in possible], float)

    def placed(self, at: int, cells: np.ndarray) -> np.ndarray:
        """A sum of one release, over the counts of all."""
        made = np.zeros((len(self.frames), len(cells)))
        made[at] = cells
        return made.reshape(-1)

    def ranges(self, asked: list[np.ndarray]) -> Iterator[tuple[float, float]]:
        """Between which values some sums over the counts of all releases lie."""
        size = len(self.cells({}))
        falls = [
            self.placed(at, each) - self.placed(at + 1, each)
            for at in range(len(self.frames) - 1)
            for each in np.eye(size)
        ]
        rows = [self.placed(at, cells) for at, cells, *_ in self.rows] + falls
        least = [low for *_, low, _ in self.rows] + [0.0] * len(falls)
        most = [high for *_, high in self.rows] + [np.inf] * len(falls)
        told = LinearConstraint(np.array(rows), least, most)
        for sums in asked:
            ends = []
            for sign in (1.0, -1.0):
                ends.append(float(_solved(sign * sums, told) @ sums))
            yield ends[0], ends[1]


def _solved(cost: np.ndarray, told: LinearConstraint) -> np.ndarray:
    """Without presolve: with it, HiGHS now and then gives a table that is not the extreme one, or none."""
    found = milp(
        cost, integrality=np.ones(len(cost)), bounds=Bounds(0, _MOST), constraints=told, options={"presolve": False}
    )
    assert found.x is not None, "what was published agrees with no series"
    return np.round(found.x)
