"""Timing as a two-sample report: medians and a permutation test; it never makes a pass or a failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Timing", "two_samples"]

_FEWEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long answers took, in two samples.

    Attributes
    ----------
    what : str
        What is set against what.
    first, second : float
        Medians, in seconds.
    p : float
        Share of random relabellings whose medians are at least as far apart: two-sided, with the add-one rule.
    sizes : (int, int)
    """

    what: str
    first: float
    second: float
    p: float
    sizes: tuple[int, int]


def two_samples(
    what: str, first: Sequence[float], second: Sequence[float], *, seed: int = 0, rounds: int = 2_000
) -> Timing | None:
    """Compare two samples of times; None if one is too small.

    References
    ----------
    Phipson, Smyth: Permutation p-values should never be zero, Stat. Appl. Genet. Mol. Biol. 9 (2010).

    Examples
    --------
    >>> told = two_samples("sealed against unknown ids", [1.0, 1.1, 0.9, 1.0, 1.2] * 4, [3.0, 3.1, 2.9, 3.0, 3.2] * 4)
    >>> told.first, told.second, told.p < 0.01
    (1.0, 3.0, True)
    """
    if min(len(first), len(second)) < _FEWEST:
        return None
    every = np.concatenate([np.asarray(first, dtype=float), np.asarray(second, dtype=float)])
    size = len(first)
    gap = abs(np.median(every[:size]) - np.median(every[size:]))
    draws = np.random.default_rng(seed)
    shuffled = draws.permuted(np.broadcast_to(every, (rounds, len(every))), axis=1)
    gaps = np.abs(np.median(shuffled[:, :size], axis=1) - np.median(shuffled[:, size:], axis=1))
    p = (1 + int((gaps >= gap).sum())) / (rounds + 1)
    return Timing(
        what=what,
        first=float(np.median(every[:size])),
        second=float(np.median(every[size:])),
        p=p,
        sizes=(size, len(every) - size),
    )
