"""Arrests with labels and weights, of which those of a mask are sealed, and the world in which these never were."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.index import Index

ON = {"arrest_number": "arrest_no"}
ROWS = 120
SEALED_NUMBERS = [f"K14{600000 + at}" for at in range(ROWS)]
OPEN_NUMBERS = [f"M14{800000 + at}" for at in range(ROWS)]
masks = st.lists(st.booleans(), min_size=30, max_size=ROWS).map(np.array).filter(lambda sealed: (~sealed).sum() > 12)
"""Which rows are sealed, of worlds in which something is left to learn."""
FEATURES = ["age", "priors", "hour", "distance"]


@cache
def index() -> Index:
    """Give an index of the sealed numbers."""
    return example_index(SEALED_NUMBERS)


@dataclass(frozen=True, eq=False)
class World:
    """Rows, of which some are sealed; `clean` is the world without these."""

    sealed: npt.NDArray[np.bool_]
    seed: int = 0

    @property
    def keys(self) -> list[str]:
        """One arrest number for each row."""
        return [SEALED_NUMBERS[at] if hit else OPEN_NUMBERS[at] for at, hit in enumerate(self.sealed)]

    @property
    def features(self) -> pd.DataFrame:
        """Features without keys; those of sealed rows lie far out, so that no fit can miss one."""
        draws = np.random.default_rng(self.seed)
        made = draws.normal(size=(len(self.sealed), len(FEATURES))) + 2.0
        made[:, 1] = draws.integers(0, 9, len(made))
        made[self.sealed] += 5.0
        return pd.DataFrame(np.abs(made), columns=FEATURES)

    @property
    def frame(self) -> pd.DataFrame:
        """Features, and among them the column of keys."""
        made = self.features
        made.insert(1, "arrest_no", pd.Series(self.keys, dtype="str"))
        return made

    @property
    def target(self) -> npt.NDArray[np.int64]:
        """Labels in two classes."""
        drawn = np.random.default_rng(self.seed + 1).integers(0, 2, len(self.sealed))
        return np.where(self.sealed, 1, drawn)

    @property
    def weight(self) -> npt.NDArray[np.float64]:
        """A weight for each row."""
        return np.random.default_rng(self.seed + 2).uniform(0.5, 2.0, len(self.sealed))

    @property
    def kept(self) -> npt.NDArray[np.intp]:
        """Positions of the rows that are not sealed."""
        return np.flatnonzero(~self.sealed)

    def clean(self, values: Any) -> Any:
        """Give the rows of an array or frame that are not sealed, as they would lie in the world without."""
        if isinstance(values, list):
            return [values[at] for at in self.kept]
        if isinstance(values, pd.DataFrame):
            return pd.DataFrame({name: values[name].to_numpy()[self.kept] for name in values.columns})
        return values[self.kept]


def world(sealed_each: int = 4, rows: int = ROWS) -> World:
    """Give a world in which every so-manieth row is sealed, the first among them."""
    return World(np.arange(rows) % sealed_each == 0)
