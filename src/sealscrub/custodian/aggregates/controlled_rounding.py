"""Counts rounded to a base instead of suppressed: every one is published, and none exactly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from sealscrub.boundary.array_types import Ints, Mask
from sealscrub.errors import ConfigError, Refused

from .attacker import Known, attack, sums_of
from .cube import Totals
from .earlier_releases import Told
from .series import Needed, Series

__all__ = ["rounded"]

_ROUNDS = 25


def rounded(
    totals: Totals, counts: Ints, told: Told, minimum: int, base: int, series: Series | None = None
) -> tuple[Ints, Mask]:
    """Round each total to the nearest multiple of a base, and suppress margins that would reveal what was rounded.

    Each total is rounded on its own, so they do not add up. Together they can give a small one away all the same:
    four cells of 2 are published as 0, and their total of 8 as 10, which only four cells of 2 reach. Then the smallest
    margin over it is suppressed.

    Parameters
    ----------
    totals : Totals
    counts : numpy.ndarray of int64
    told : Told
        What is known of them already. A figure that would surely be a few away from what was known, is suppressed; none
        that differs by a few may be shown exactly.
    minimum : int
        Counts below it must not be shown exactly, 0 excepted.
    base : int
        Odd, at least 3; 5 is usual.
    series : Series, optional
        The releases before this one.

    Returns
    -------
    values : numpy.ndarray of int64
    hidden : numpy.ndarray of bool

    Raises
    ------
    ConfigError
        When the base is even or too small.
    Refused
        When no margins that could be suppressed help.
    """
    if not isinstance(base, int) or base < 3 or base % 2 == 0:
        raise ConfigError("the base of rounding must be odd and at least 3", hint="5 is usual.")
    half = base // 2
    values = (counts + half) // base * base
    inner = totals.inner
    hidden = inner | told.few_apart((values - half).astype(np.float64), (values + half).astype(np.float64), minimum)
    small = (((counts > 0) & (counts < minimum)) | told.differing) & ~told.shown
    published = np.where(told.shown, counts, np.nan)
    for _ in range(_ROUNDS):
        low = np.maximum(np.where(hidden, 0, values - half), told.low)
        high = np.minimum(np.where(hidden, np.inf, values + half), told.high)
        known = Known(sums_of(totals), published, told.empty, low, high)
        found = attack(known, np.where(small, counts - 1.0, np.inf), np.where(small, counts + 1.0, -np.inf))
        given = np.flatnonzero(small & found.determined)
        if not given.size:
            more = _in_series(series, known.of, told, counts, small, hidden, (values - half, values + half))
            if not more.any():
                return values, hidden
            hidden |= more
            continue
        for margins in [_margins_above(totals, int(total)) for total in given] + [[int(total)] for total in given]:
            still = [at for at in margins if not hidden[at] and not told.shown[at]]
            if still:
                hidden[min(still, key=lambda at: counts[at])] = True
                break
        else:
            break
    raise Refused("the counts could not be rounded safely", hint="count by fewer levels, or suppress.")


def _in_series(
    series: Series | None,
    of: Any,
    told: Told,
    counts: Ints,
    small: Mask,
    hidden: Mask,
    between: tuple[Ints, Ints],
) -> Mask:
    """What is suppressed besides, where earlier releases tell with this one what must not be told.

    This release says where each figure lies and no more: what earlier ones say of it, and whether it is what it was,
    follows from the series.
    """
    if series is None:
        return np.zeros(len(counts), bool)
    nothing, beyond = np.zeros(len(counts)), np.full(len(counts), np.inf)
    silent = Known(of, np.where(told.empty, 0.0, np.nan), told.empty, told.clean, beyond)
    low, high = np.where(hidden, 0.0, between[0]), np.where(hidden, np.inf, between[1])
    known = replace(silent, low=np.maximum(low, told.clean), high=high)
    needed = Needed(small, counts.astype(np.float64), nothing, nothing, nothing > 0)
    return series.exposed(known, silent, needed, ~(hidden | told.empty), last=told.shown)


def _margins_above(totals: Totals, total: int) -> list[int]:
    """Give the margins that a total is added into."""
    row = int(np.searchsorted(totals.starts, total, side="right")) - 1
    at = int(np.flatnonzero(totals.numbers[row] == total)[0])
    inside = set(totals.sets[row])
    return [int(totals.numbers[other][at]) for other, axes in enumerate(totals.sets) if set(axes) < inside]
