"""When a figure reveals too much about few people: minimum, dominance, p-percent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sealscrub.boundary.array_types import Floats, Ints
from sealscrub.errors import ConfigError

__all__ = ["Largest", "Rules", "largest_contributions", "people_in"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What makes a figure sensitive.

    Parameters
    ----------
    minimum : int
        Figures over fewer events, or fewer people, are not published; 0 excepted. At least 2.
    dominance : tuple of int and float
        ``(n, k)``: a sum to which its n largest contributors give more than k percent is not published.
    p_percent : float
        Nor is a sum from which the second largest contributor can estimate the largest to within this many percent.

    Notes
    -----
    Dominance and p-percent as in Hundepool et al., *Statistical Disclosure Control* (2012), section 4.2. How far an
    attacker's estimate must be from the figure that is suppressed is theirs too: `upper` below.

    Examples
    --------
    >>> Rules(minimum=10).minimum
    10
    """

    minimum: int = 10
    dominance: tuple[int, float] = (2, 85.0)
    p_percent: float = 10.0

    def __post_init__(self) -> None:
        if not self.minimum >= 2:  # nan is neither
            raise ConfigError("a minimum below 2 publishes every count", hint="10 is usual.")
        count, share = self.dominance
        if count < 1 or not 0 < share < 100:
            raise ConfigError("dominance needs a number of contributors and a percentage", hint="(2, 85)")
        if not 0 < self.p_percent <= 100:
            raise ConfigError("p-percent must be a percentage", hint="10 is usual.")

    def upper(self, values: Floats, people: Ints, largest: Largest) -> Floats:
        """How far above a sum an attacker must hold possible it lies; 0 if the sum is not sensitive."""
        share = self.dominance[1] / 100
        by_dominance = np.maximum(largest.dominant / share - values, 0.0)
        by_p = np.maximum(self.p_percent / 100 * largest.first - (values - largest.first - largest.second), 0.0)
        few = (people > 0) & (people < self.minimum)
        by_few = np.where(few, self.p_percent / 100 * np.maximum(values, largest.first), 0.0)
        # rounding of floats as such makes no sum sensitive
        needed = np.maximum.reduce([by_dominance, by_p, by_few])
        needed[needed <= 1e-9 * np.maximum(values, 1.0)] = 0.0
        needed[few & (needed == 0)] = 1.0  # a sum of 0 over few people
        return np.where(people > 0, needed, 0.0)


@dataclass(frozen=True, slots=True)
class Largest:
    """Of each figure: what its largest, its second and its n largest contributors give."""

    first: Floats
    second: Floats
    dominant: Floats


def people_in(groups: Ints, height: int, people: Ints) -> Ints:
    """Count the different people of each group of events."""
    many = int(people.max(initial=0)) + 1
    return np.bincount(np.unique(groups * many + people) // many, minlength=height).astype(np.int64)


def largest_contributions(groups: Ints, height: int, people: Ints, weights: Floats, count: int) -> Largest:
    """Sum what each person gives to each group, and take the largest of these sums."""
    many = int(people.max(initial=0)) + 1
    pairs, at = np.unique(groups * many + people, return_inverse=True)
    given: Floats = np.bincount(at, weights, minlength=len(pairs)).astype(np.float64)
    order = np.lexsort((-given, pairs // many))
    group, given = pairs[order] // many, given[order]
    starts = np.searchsorted(group, np.arange(height))
    rank = np.arange(len(group)) - starts[group]
    return Largest(
        *(_sums_of_ranks(group, given, height, rank, low, high) for low, high in ((0, 1), (1, 2), (0, count)))
    )


def _sums_of_ranks(group: Ints, given: Floats, height: int, rank: Ints, low: int, high: int) -> Floats:
    taken = (rank >= low) & (rank < high)
    return np.bincount(group[taken], given[taken], minlength=height).astype(np.float64)
