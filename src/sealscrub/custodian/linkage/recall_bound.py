"""How much of what a source holds was found, at least: bounds that keep what they promise.

A bound from a sample that a person has read counts everything: what blocking, the gate and the thresholds lose, and
what the reader does not find. One from two systems rests on how far they fail together, which is stated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from sealscrub.errors import UsageError

__all__ = ["Bound", "recall_bound", "recall_bound_from_two_systems"]


@dataclass(frozen=True)
class Bound:
    """A lower bound of recall.

    Attributes
    ----------
    lower : float
        Recall is at least this, but for a chance of `alpha`.
    method : str
        ``sample`` or ``two_systems``.
    n : int
        How many seals it rests on.
    alpha : float
    assumptions : tuple of str
        What must hold for it.

    Examples
    --------
    >>> bound = recall_bound(991, 1000)
    >>> bound.n, bound.alpha
    (1000, 0.05)
    """

    lower: float
    method: str
    n: int
    alpha: float
    assumptions: tuple[str, ...]


def recall_bound(
    found: int,
    sampled: int,
    *,
    alpha: float = 0.05,
    decoys: int = 0,
    decoys_accepted: int = 0,
    rows_per_seal: int = 5,
) -> Bound:
    """Bound recall by a random sample of seals, each read against its best rows (Clopper and Pearson).

    A seal is found when the reader names a row of it that :func:`link` has linked. One of which the reader finds no
    row counts as missed, though the source may not hold it: draw only from those that the source should hold.

    Parameters
    ----------
    found : int
        Seals of the sample that were found.
    sampled : int
        Seals in the sample.
    alpha : float
        The chance that the bound may be wrong, above 0 and below 1.
    decoys : int
        Wrong pairs that were shown to the reader unmarked, to measure how often a wrong row is named. With them,
        half of `alpha` goes to the reader.
    decoys_accepted : int
        How many of these the reader called the same.
    rows_per_seal : int
        How many linked rows the reader is shown next to one seal, at most: each may wrongly be called the same, and one
        is enough for the seal to count as found.

    Returns
    -------
    Bound

    Raises
    ------
    UsageError
        When the counts are not whole or contradict each other, or `alpha` is not a chance.

    Examples
    --------
    >>> bound = recall_bound(991, 1000)
    >>> bound.method, round(bound.lower, 4)
    ('sample', 0.9843)
    >>> round(recall_bound(991, 1000, decoys=200, rows_per_seal=1).lower, 4)
    0.9827
    """
    _check(alpha, found=found, sampled=sampled)
    _check(alpha, found=decoys_accepted, sampled=decoys)
    if rows_per_seal < 1:
        raise UsageError("the number of rows per seal must be at least 1", where="rows_per_seal")
    if sampled < 1:
        raise UsageError("a sample must have at least one seal", where="sampled", hint="draw one with draw_sample.")
    assumptions = ["the sample is random among the seals that the source should hold", "a seal not found is missed"]
    if not decoys:
        lower = _lowest(found, sampled, alpha)
        assumptions.append("the reader calls no wrong row the same")
    else:
        wrong = min(1.0, rows_per_seal * (1 - _lowest(decoys - decoys_accepted, decoys, alpha / 2)))
        lower = max(0.0, (_lowest(found, sampled, alpha / 2) - wrong) / (1 - wrong)) if wrong < 1 else 0.0
        assumptions.append("the reader calls wrong rows the same as often as decoys")
    return Bound(lower, "sample", sampled, alpha, tuple(assumptions))


def recall_bound_from_two_systems(
    both: int, only_first: int, only_second: int, *, odds_ratio: float = 3.0, alpha: float = 0.05
) -> Bound:
    """Bound the recall of two systems together that see different things: identifiers, and names.

    Two ways of blocking the same fields are not two systems: what damages a name damages both.

    Parameters
    ----------
    both, only_first, only_second : int
        Seals of which a right row was found by both systems, or by one only.
    odds_ratio : float
        By how much the odds of being found by one are higher for what the other finds: 1 if the two fail
        independently, more if bad records are bad in both.
    alpha : float
        The chance that the bound may be wrong, above 0 and below 1.

    Returns
    -------
    Bound

    Raises
    ------
    UsageError
        When a count is negative or not whole, nothing was found by both, the odds ratio is below 1 or `alpha` is not a
        chance.

    Examples
    --------
    >>> for odds_ratio in (1, 3, 10):
    ...     print(odds_ratio, round(recall_bound_from_two_systems(1700, 120, 90, odds_ratio=odds_ratio).lower, 4))
    1 0.9935
    3 0.9846
    10 0.9562
    """
    for counted in (both, only_first, only_second):
        _check(alpha, found=0, sampled=counted)
    if both < 1:
        raise UsageError("the two systems have no finds in common: no bound can be computed", where="both")
    if not (math.isfinite(odds_ratio) and odds_ratio >= 1):
        raise UsageError("an odds ratio of dependence must be at least 1", where="odds_ratio")
    first, second, shared = only_first + 0.5, only_second + 0.5, both + 0.5
    missed = odds_ratio * first * second / shared
    spread = math.sqrt(1 / first + 1 / second + 1 / shared + 1 / (missed + 0.5))
    most = missed * math.exp(NormalDist().inv_cdf(1 - alpha) * spread)
    seen = both + only_first + only_second
    assumptions = (
        f"the systems' odds of finding depend on each other by at most {odds_ratio:g}",
        "every pair that is counted is right",
    )
    return Bound(seen / (seen + most), "two_systems", seen, alpha, assumptions)


def _lowest(found: int, sampled: int, alpha: float) -> float:
    """The smallest chance of success under which so many successes, or more, are not rarer than `alpha`."""
    if found == 0:
        return 0.0
    k = np.arange(found, sampled + 1)
    ways = [math.lgamma(sampled + 1) - math.lgamma(each + 1) - math.lgamma(sampled - each + 1) for each in k.tolist()]
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if middle == 1:
            break
        as_many = np.exp(ways + k * math.log(middle) + (sampled - k) * math.log1p(-middle))
        low, high = (middle, high) if math.fsum(as_many) < alpha else (low, middle)
    return low


def _check(alpha: float, *, found: int, sampled: int) -> None:
    if not (isinstance(found, int | np.integer) and isinstance(sampled, int | np.integer)):
        raise UsageError("the counts must be whole numbers", hint="count seals, and pairs.")
    if not 0 <= found <= sampled:
        raise UsageError(
            "the counts contradict each other", hint="the found seals must be part of those that were searched for."
        )
    if not 0 < alpha < 1:
        raise UsageError("alpha must be above 0 and below 1", where="alpha")
