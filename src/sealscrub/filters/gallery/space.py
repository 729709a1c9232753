"""Vectors and distances: every distance that is given out depends only on the two vectors.

A matrix product rounds a row otherwise in a matrix of another height, with other threads or on another processor. It
finds candidates here; the distances are computed again, row by row, in double precision and in one order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from sealscrub.errors import ConfigError, UsageError

__all__ = ["METRICS", "Floats", "Metric", "Positions", "Space", "nearest", "nearest_of_each"]

Metric: TypeAlias = Literal["l2", "cosine", "inner_product"]
METRICS: tuple[str, ...] = get_args(Metric)
Floats: TypeAlias = npt.NDArray[np.float32]
Positions: TypeAlias = npt.NDArray[np.int64]

_UNIT = 2.0**-24  # what a rounding to float32 may change, relatively
_LONGEST = 1e15  # vectors so long that products of two overflow no float32
_SLAB = 1 << 14
_HOW_TO_FIX = "leave them out, or fix them."


@dataclass(frozen=True, slots=True)
class Space:
    """How vectors of one gallery are compared.

    Attributes
    ----------
    metric : str
        ``l2`` is the squared Euclidean distance, ``cosine`` and ``inner_product`` are 1 less the cosine or the
        product, as FAISS and hnswlib have them. The less, the nearer.
    width : int
        Components of a vector.
    """

    metric: Metric
    width: int

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise ConfigError("unknown metric=", hint=f"use one of {', '.join(METRICS)}.")

    def prepared(self, vectors: npt.NDArray[Any], what: str) -> Floats:
        """Bring vectors to float32, of length 1 for the cosine; refuse what has no distance.

        Raises
        ------
        UsageError
            When a vector is not finite, too long, or has no direction.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            kept = np.array(vectors, np.float32, order="C")
        lengths = np.empty(len(kept))
        for start in range(0, len(kept), _SLAB):
            part = kept[start : start + _SLAB].astype(np.float64)
            lengths[start : start + _SLAB] = np.sqrt((part * part).sum(axis=1))
        bad = int(np.count_nonzero(~(lengths <= _LONGEST)))
        if bad:
            raise UsageError(f"{bad} of {len(kept)} vectors are not finite, or too long", where=what, hint=_HOW_TO_FIX)
        if self.metric != "cosine":
            return kept
        if not lengths.all():
            bad = int(np.count_nonzero(lengths == 0))
            raise UsageError(
                f"{bad} of {len(kept)} vectors are zero: they have no direction", where=what, hint=_HOW_TO_FIX
            )
        for start in range(0, len(kept), _SLAB):
            stop = start + _SLAB
            kept[start:stop] = kept[start:stop] / lengths[start:stop, None]
        return kept

    def distances(self, rows: Floats, query: Floats) -> Floats:
        """Compute the distances of some rows from a query, shape (rows,)."""
        given = np.empty(len(rows), np.float32)
        wide = query.astype(np.float64)
        for start in range(0, len(rows), _SLAB):
            part = rows[start : start + _SLAB].astype(np.float64)
            if self.metric == "l2":
                part -= wide
                part *= part
                given[start : start + _SLAB] = np.add.reduce(part, axis=1)
            else:
                part *= wide
                given[start : start + _SLAB] = 1.0 - np.add.reduce(part, axis=1)
        return given

    def distances_of_each(self, vectors: Floats, positions: Positions, queries: Floats) -> Floats:
        """Compute the same of some rows for each of several queries, shape (queries, k)."""
        count, k = positions.shape
        given = np.empty((count, k), np.float32)
        step = max(1, _SLAB // max(1, k))
        for start in range(0, count, step):
            some = slice(start, start + step)
            rows = vectors[positions[some].ravel()].reshape(-1, k, self.width)
            wide = queries[some, None, :].astype(np.float64)
            part = (np.subtract if self.metric == "l2" else np.multiply)(rows, wide, dtype=np.float64)
            if self.metric == "l2":
                part *= part
            sums = part.reshape(-1, self.width).sum(axis=1).reshape(-1, k)
            given[some] = sums if self.metric == "l2" else 1.0 - sums
        return given

    def margin(self, longest: float, query: Floats) -> float:
        """How far two approximate distances of a query may be apart whose true order is the other one.

        A product of n terms in float32 errs by at most n u |x||q| (Higham, Accuracy and Stability of Numerical
        Algorithms, §3.1), whatever the order of its sums.
        """
        length = float(np.sqrt((query.astype(np.float64) ** 2).sum()))
        scale = (longest + length) ** 2 if self.metric == "l2" else 1.0 + longest * length
        return 2 * (self.width + 8) * _UNIT * scale + 1e-36


def nearest(positions: Positions, distances: Floats, k: int) -> tuple[Positions, Floats]:
    """Take the k nearest; of equally near ones the first."""
    order = np.lexsort((positions, distances))[:k]
    return positions[order], distances[order]


def nearest_of_each(positions: Positions, distances: Floats) -> list[tuple[Positions, Floats]]:
    """Put the neighbours of each query in the order of :func:`nearest`."""
    order = np.lexsort((positions, distances), axis=1)
    return list(
        zip(np.take_along_axis(positions, order, axis=1), np.take_along_axis(distances, order, axis=1), strict=True)
    )
