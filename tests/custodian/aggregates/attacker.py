"""A reader of all that was published of one source, who solves for what was not; shares no code with the library."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from scipy.optimize import Bounds, LinearConstraint, milp


@dataclass
class Reader:
    """What a reader has collected: rows of figures as constraints on counts of all combinations of levels."""

    levels: dict[str, list[object]]
    possible: list[tuple[object, ...]] = field(default_factory=list)
    rows: list[tuple[np.ndarray, float, float]] = field(default_factory=list)
    exact: list[dict[str, object]] = field(default_factory=list)
    hidden: list[tuple[dict[str, object], np.ndarray]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.possible = self.possible or list(itertools.product(*self.levels.values()))

    def cells(self, where: dict[str, object]) -> np.ndarray:
        names = list(self.levels)
        return np.array([all(each[names.index(n)] == v for n, v in where.items()) for each in self.possible], float)

    def read(self, frame: pl.DataFrame, *, base: int | None = None) -> None:
        for row in frame.iter_rows(named=True):
            by = [] if row["by"] == "total" else row["by"].split(", ")
            where = {name: row[name] for name in by}
            sums = self.cells(where)
            if row["count"] is None:
                self.rows.append((sums, 0.0 if base else 1.0, np.inf))
                self.hidden.append((where, sums))
            else:
                half = (base or 1) // 2
                if half == 0:
                    self.exact.append(where)
                self.rows.append((sums, row["count"] - half, row["count"] + half))

    def know(self, where: dict[str, object], least: float, greatest: float = np.inf) -> None:
        self.rows.append((self.cells(where), least, greatest))

    def range(self, sums: np.ndarray) -> tuple[float, float]:
        ends = []
        for sign in (1.0, -1.0):
            solved = milp(
                sign * sums,
                integrality=np.ones(len(sums)),
                bounds=Bounds(0, 500),
                constraints=LinearConstraint(
                    np.array([row for row, *_ in self.rows]),
                    [low for _, low, _ in self.rows],
                    [high for *_, high in self.rows],
                ),
                options={"presolve": False},  # with it, HiGHS now and then gives a table that is not the extreme one
            )
            assert solved.x is not None, "what was published agrees with no table"
            ends.append(float(np.round(solved.x) @ sums))
        return ends[0], ends[1]
