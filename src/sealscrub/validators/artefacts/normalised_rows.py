"""Rows that were scaled to length one, as indexes for cosine similarity keep them.

Libraries differ in the last bits of a length: in which precision, in which order they add, and whether they divide by
the length or multiply by its inverse. Every length within a few steps of the right one is tried, so what any of
them stored is met bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .row_bits import equal_rows
from .row_search import Stage

__all__ = ["normalised", "scaled_stages", "without_directions"]

_MOST_NUMBERS = 50_000_000  # numbers in all versions of all rows
_DIGITS = 6
_FEW_ROWS = 1_000  # retained rows that are enough to reveal what stage an object's rows are


def normalised(stage: Stage) -> Stage | None:
    """Scale the rows of a stage to length one, in every version that libraries make.

    Returns
    -------
    Stage or None
        None if there are too many rows to try, or none that has a length.

    Examples
    --------
    >>> made = normalised(Stage("raw", np.array([[3.0, 0.0, 4.0]])))
    >>> made.name, made.versions, made.rows[0].round(3).tolist()
    ('scaled to length one', 20, [0.6, 0.0, 0.8])
    """
    stage = stage.only(_lengths(stage.rows) > 0)
    stage = stage.judged() if stage.told is None and len(stage.rows) else stage
    rows = stage.rows
    steps = 2 + math.isqrt(stage.rows.shape[1]) // 4
    versions = 4 * (2 * steps + 1)
    if not len(rows) or rows.size * versions > _MOST_NUMBERS:
        return None
    made = [version for dtype in (np.float64, np.float32) for version in _versions(rows, dtype, steps)]
    name = "scaled to length one" if stage.name == "raw" else f"{stage.name} → scaled to length one"
    told = stage.told - stage.most if stage.told is not None and stage.most is not None else None
    return Stage(name, np.concatenate(made), stage.columns, versions, told)  # a row of length one holds one number less


def scaled_stages(sealed: Sequence[Stage], retained: Sequence[Stage]) -> tuple[list[Stage], list[Stage]]:
    """Scale stages of sealed rows, and those of retained rows that show whether an object stores rows so scaled.

    A sealed row that is proportional to a retained one is left out. Retained rows are few enough, and none if the
    sealed ones are too many: what isn't looked for may not count as compared.
    """
    looked_for, shown = [], []
    for stage in sealed:
        beside = [other for other in retained if other.name == stage.name]
        told_apart = stage
        for other in beside:
            told_apart = without_directions(told_apart, other.rows)
        made = normalised(told_apart)
        if made is None and len(told_apart.rows):
            continue
        looked_for += [made] if made is not None else []
        few = [
            Stage(other.name, other.rows[:: max(1, len(other.rows) // _FEW_ROWS)], other.columns) for other in beside
        ]
        shown += [scaled for other in few if (scaled := normalised(other)) is not None]
    return looked_for, shown


def without_directions(stage: Stage, others: npt.NDArray[np.float64]) -> Stage:
    """Leave rows out that point where a row that is not sealed points: scaled to length one they are the same."""
    return stage.only(~equal_rows(_directions(stage.rows), _directions(others)))


def _versions(rows: npt.NDArray[np.float64], dtype: Any, steps: int) -> Iterator[npt.NDArray[np.float64]]:
    typed = rows.astype(dtype)
    with np.errstate(all="ignore"):
        right = _lengths(typed.astype(np.float64))
        for start, divides in ((right.astype(dtype), True), ((1 / right).astype(dtype), False)):
            for step in range(-steps, steps + 1):
                length = (start + step * np.spacing(start))[:, None]
                yield (typed / length if divides else typed * length).astype(np.float64)


def _lengths(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    with np.errstate(all="ignore"):
        lengths = np.sqrt((rows * rows).sum(axis=1))
    return np.where(np.isfinite(lengths), lengths, 0.0)


def _directions(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    lengths = _lengths(rows)[:, None]
    with np.errstate(all="ignore"):
        return np.where(lengths > 0, np.round(rows / lengths, _DIGITS), 0.0)
