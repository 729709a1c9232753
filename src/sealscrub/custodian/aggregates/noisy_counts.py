"""Counts with noise: differential privacy, which holds whatever else a reader knows."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Floats, Ints
from sealscrub.errors import ConfigError, Spelled, UsageError

from .cube import Totals

__all__ = ["Noise", "bounded", "noisy"]

_MOST_ROUNDS = 500
_MOST_EPSILON = 1000.0


@dataclass(frozen=True, slots=True)
class Noise:
    """Differential privacy for counts and shares: what a release may say about one person, in numbers.

    Parameters
    ----------
    epsilon : float
        Privacy loss of the release: the probability of any outcome changes by at most the factor e^epsilon when all
        arrests of one person are added or taken away. Delta is 0.
    per_person : int
        How many of one person's arrests are counted; of more, so many are drawn by chance. Choose it by what is
        known of arrests in general, and not by looking at these.
    budget : float, optional
        What all releases of a source may lose together. The first release agrees on it; it is in the ledger, and
        later ones may leave it out, and not change it.

    Raises
    ------
    ConfigError
        When a number is not as it must be.

    Notes
    -----
    Neighbouring data sets differ by all events of one person (the unbounded, user-level relation). Every margin that
    is published is measured with noise of the discrete Laplace distribution, for which OpenDP computes scale and
    privacy loss and draws from the operating system's entropy (Canonne, Kamath and Steinke, The Discrete Gaussian for
    Differential Privacy, 2020, section 5). What is published is made from these measurements only.

    Examples
    --------
    >>> Noise(epsilon=0.5, per_person=3, budget=2.0).delta
    0.0
    """

    epsilon: float
    per_person: int = 1
    budget: float | None = None

    def __post_init__(self) -> None:
        for number in (self.epsilon, self.epsilon if self.budget is None else self.budget):
            if not 0 < number <= _MOST_EPSILON:  # no number is neither
                raise ConfigError(
                    f"epsilon and its budget must be above 0 and at most {_MOST_EPSILON}: more protects no one",
                    hint=Spelled("epsilon=1.0, budget=4.0", "--dp-epsilon 1.0 --dp-budget 4.0"),
                )
        if not 1 <= self.per_person <= 10_000:
            raise ConfigError("per_person must be at least 1", hint=Spelled("per_person=3", "--per-person 3"))

    @property
    def delta(self) -> float:
        """By how much probabilities may differ other than the factor: none, as Laplace noise needs none."""
        return 0.0


def bounded(events: pl.DataFrame, person: str, per_person: int) -> pl.DataFrame:
    """Keep at most so many events of each person, drawn by chance; what is kept of one depends on no other.

    Raises
    ------
    UsageError
        When it is not said about an event who it is of.
    """
    if events[person].null_count():
        raise UsageError(
            f"the column {person!r} has nulls: these events have no known person, so nothing bounds them",
            hint="drop them, and say so next to the figures; or give each a number of its own.",
        )
    drawn = pl.int_range(pl.len()).shuffle(seed=secrets.randbits(63)).over(person)
    return events.filter(drawn < per_person)


def noisy(totals: Totals, counts: Ints, noise: Noise) -> Ints:
    """Measure all published totals with noise, and give counts near these that are not negative and add up.

    Parameters
    ----------
    totals : Totals
    counts : numpy.ndarray of int64
        Of each total, over events of which each person has at most ``noise.per_person``.
    noise : Noise

    Returns
    -------
    numpy.ndarray of int64

    Raises
    ------
    MissingExtra
        When opendp or scipy is not installed (extra ``dp``).
    """
    shown = ~totals.inner
    # each event is counted once in every published group of totals
    measured = _add_laplace_noise(counts[shown], len(totals.published) * noise.per_person, noise.epsilon)
    target = np.zeros(totals.size)
    target[shown] = measured
    return totals.of_combinations(_rounded_sums(_nearest_combinations(totals, target)))


def _add_laplace_noise(counts: Ints, reach: int, epsilon: float) -> Ints:
    """Add discrete Laplace noise to counts of which one person changes at most `reach` in sum."""
    from opendp.domains import atom_domain, vector_domain
    from opendp.measurements import make_laplace
    from opendp.metrics import l1_distance
    from opendp.mod import OpenDPException, binary_search_param, enable_features

    enable_features("contrib")
    domain, metric = vector_domain(atom_domain(T="i64")), l1_distance(T="i64")
    laplace: Any = make_laplace  # a decorator hides what it takes
    try:
        scale = binary_search_param(lambda each: laplace(domain, metric, each), d_in=reach, d_out=epsilon, T=float)
    except (OpenDPException, ValueError):
        hint = Spelled("epsilon=1.0", "--dp-epsilon 1.0")
        raise ConfigError("no noise is wide enough for this epsilon", hint=hint) from None
    return np.array(laplace(domain, metric, scale)(counts.tolist()), dtype=np.int64)


def _nearest_combinations(totals: Totals, target: Floats) -> Floats:
    """Find combinations, none below 0, whose totals are nearest to what was measured, by least squares."""
    from scipy.optimize import minimize

    rows = [row for row, axes in zip(totals.numbers, totals.sets, strict=True) if axes in totals.published]
    numbers, size = np.array(rows), totals.cube.size

    def apart(combined: Floats) -> tuple[float, Floats]:
        off = np.zeros(totals.size)
        for row in numbers:
            off += np.bincount(row, combined, minlength=totals.size)
        off -= target
        return 0.5 * float(off @ off), off[numbers].sum(axis=0)

    start = np.full(size, max(float(target[0]), 0.0) / size)
    found = minimize(
        apart, start, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * size, options={"maxiter": _MOST_ROUNDS}
    )
    return np.maximum(np.asarray(found.x, np.float64), 0.0)


def _rounded_sums(combined: Floats) -> Ints:
    """Round such that the sum of any first so many is within a half of what it was."""
    sums = np.floor(np.cumsum(combined) + 0.5).astype(np.int64)
    return np.diff(sums, prepend=0)
