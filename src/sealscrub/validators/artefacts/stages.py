"""Sealed rows as a model's own simple transformations make them, from the numbers in its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .leaves import Leaf
from .row_search import Stage

__all__ = ["Transformations"]

Vector = npt.NDArray[np.float64]
_LEARNED_ATTRIBUTES = {
    "StandardScaler": ("mean_", "scale_"),
    "MinMaxScaler": ("scale_", "min_"),
    "RobustScaler": ("center_", "scale_"),
    "MaxAbsScaler": ("scale_",),
    "SimpleImputer": ("statistics_",),
}
_DEEPEST = 3
_MOST = 64


@dataclass
class Transformations:
    """What scalers and imputers of a file have learned, gathered from its leaves."""

    learned: dict[tuple[str, str], dict[str, Vector]] = field(default_factory=dict)

    def take(self, leaf: Leaf) -> None:
        """Note a leaf, if it is something that such a transformation has learned."""
        if leaf.name in _LEARNED_ATTRIBUTES.get(leaf.owner, ()) and len(leaf.shape) == 1:
            prefix = leaf.path.rpartition(leaf.name)[0]
            numbers: npt.NDArray[Any] = leaf.numbers
            self.learned.setdefault((leaf.owner, prefix), {})[leaf.name] = numbers.astype(np.float64)

    def stages(self, raw: Stage) -> list[Stage]:
        """The stages that these make of raw rows, one by one and one after another, in the order of the file."""
        made: list[Stage] = []
        latest: list[tuple[Stage, frozenset[tuple[str, str]]]] = [(raw, frozenset())]
        for _ in range(_DEEPEST):
            latest = [
                (
                    replace(stage, name=f"{stage.name} → {key[0]}" if used else key[0], rows=rows, table=table),
                    used | {key},
                )
                for stage, used in latest
                for key, learned in self.learned.items()
                if key not in used
                for rows, table in _transformed_pairs(key[0], learned, stage)
            ][: _MOST - len(made)]
            made += [stage for stage, _ in latest]
        return made


def _transformed_pairs(owner: str, learned: dict[str, Vector], stage: Stage) -> Iterator[tuple[Any, Any]]:
    """The rows of a stage, and those next to it, as a transformation gives them."""
    if stage.table is None:
        yield from ((rows, None) for rows in _transformed(owner, learned, stage.rows))
        return
    count = len(stage.rows)
    for both in _transformed(owner, learned, np.concatenate([stage.rows, stage.table])):
        yield both[:count], both[count:]


def _transformed(owner: str, learned: dict[str, Vector], rows: npt.NDArray[np.float64]) -> Iterator[Any]:
    """The rows as a transformation gives them, with the operations in the order of scikit-learn."""
    if any(len(vector) != rows.shape[1] for vector in learned.values()):
        return
    with np.errstate(all="ignore"):
        first = learned.get("mean_", learned.get("center_"))
        scale = learned.get("scale_")
        if owner == "SimpleImputer" and "statistics_" in learned and np.isnan(rows).any():
            yield np.where(np.isnan(rows), learned["statistics_"], rows)
        elif owner == "MinMaxScaler" and scale is not None and "min_" in learned:
            yield rows * scale + learned["min_"]
        elif owner in ("StandardScaler", "RobustScaler", "MaxAbsScaler"):
            if first is not None and scale is not None:
                yield (rows - first) / scale
            if scale is not None:
                yield rows / scale
            if first is not None:
                yield rows - first
