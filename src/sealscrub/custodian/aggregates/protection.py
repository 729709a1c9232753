"""What of counts and sums is suppressed, when rules and earlier releases say what is sensitive."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sealscrub.boundary.array_types import Floats, Mask
from sealscrub.errors import Refused

from .attacker import Ranges
from .cell_suppression import Task, suppress
from .disclosure_rules import Largest, Rules, largest_contributions
from .earlier_releases import Told
from .series import Needed, Series
from .table_request import Asked

__all__ = ["protected"]


def protected(asked: Asked, rules: Rules, told: Told, series: Series | None = None) -> tuple[Mask, Ranges]:
    """Say which totals are suppressed, counts and sums alike, and what the attacker finds of them.

    Raises
    ------
    Refused
        When nothing that could still be suppressed protects what must be, or nothing is left.
    """
    totals, inner = asked.totals, asked.totals.inner
    counts, people = asked.counted
    empty = ((counts == 0) & ~inner) | told.empty
    few = (counts > 0) & ((counts < rules.minimum) | (people < rules.minimum)) & _in_tables(asked)
    reach = np.maximum(rules.minimum, counts + rules.minimum - np.minimum(people, rules.minimum)) - counts
    # what rounded figures have shown is not taken back
    above = np.minimum(np.maximum(np.where(few, reach, 0), told.above), told.high - counts)
    low = np.maximum(np.where(empty | inner, 0.0, 1.0), told.low)
    below = np.maximum(np.minimum(told.below, counts - low), 0.0)
    task = Task(
        totals=totals,
        combined=asked.counts.astype(np.float64),
        empty=empty,
        hidden=(few | told.differing) & ~told.shown,
        shown=told.shown,
        below=np.where(told.shown, 0.0, below),
        above=np.where(told.shown, 0.0, above),
        low=low,
        high=told.high,
    )
    least = np.maximum(np.where(empty | inner, 0.0, 1.0), told.clean)
    hidden, ranges = _suppressed(task, series, least)
    hidden |= (few | told.sums_differ) & ~inner
    if asked.weights is not None:
        hidden, ranges = _with_sums(
            asked, asked.weights, rules, replace(task, hidden=task.hidden | hidden), told, series, least
        )
    if hidden[~empty & ~inner].all():
        raise Refused("nothing of these tables may be published", hint="count more events, or by fewer levels.")
    return hidden, ranges


def _suppressed(task: Task, series: Series | None, least: Floats) -> tuple[Mask, Ranges]:
    """Suppress counts so that neither this release identifies few, nor all of them together.

    A reader of the series takes no figure to be near its rounded one of an earlier release, since it may have fallen:
    each total is known to be at least as `least` says. What was published before and is what it was is suppressed at
    last: that nothing of it was sealed may reveal others.
    """
    again = np.zeros(task.totals.size, bool)
    while True:
        hidden, ranges = suppress(task)
        if series is None:
            return hidden, ranges
        known = replace(task.known(hidden), low=least, high=None)
        known.values[again] = np.nan
        needed = Needed(hidden | again, task.values, task.below, task.above, np.zeros(task.totals.size, bool))
        may = ~(hidden | again | task.empty | task.totals.inner)
        silent = replace(known, values=np.where(may, np.nan, known.values))
        more = series.exposed(known, silent, needed, may, last=task.shown)
        if not more.any():
            return hidden | again, ranges
        again |= more & task.shown
        task = replace(task, hidden=hidden | (more & ~task.shown))


def _with_sums(
    asked: Asked, weights: Floats, rules: Rules, task: Task, told: Told, series: Series | None, least: Floats
) -> tuple[Mask, Ranges]:
    totals = asked.totals
    _, people = asked.counted
    combined = asked.cube.summed(weights)
    sums = totals.of_combinations(combined)
    far = rules.upper(sums, people, _largest_by_total(asked, weights, rules))
    nothing = np.zeros(totals.size)
    summing = Task(
        totals,
        combined,
        task.empty,
        (task.hidden | ((far > 0) & _in_tables(asked))) & ~told.summed,
        told.summed,
        np.where(told.summed, 0.0, np.minimum(far, sums)),
        np.where(told.summed, 0.0, far),
        nothing,
        np.full(totals.size, np.inf),
        whole=False,
    )
    while True:
        more, _ = suppress(summing)
        again, ranges = _suppressed(replace(task, hidden=(task.hidden | more) & ~task.shown), series, least)
        # a figure that was published before is suppressed all the same, which protects nothing
        if not (again & ~more & ~told.summed).any() and not (more & ~again & ~task.shown).any():
            return again | more, ranges
        summing = replace(summing, hidden=(summing.hidden | again) & ~told.summed)


def _in_tables(asked: Asked) -> Mask:
    """Which totals some table shows, or showed before."""
    made = ~asked.totals.inner
    earlier = asked.linked.shown
    for axes, start in zip(asked.totals.sets, asked.totals.starts, strict=True):
        if tuple(sorted(asked.cube.columns[axis] for axis in axes)) in earlier:
            made[start : start + asked.totals.height(axes)] = True
    return made


def _largest_by_total(asked: Asked, weights: Floats, rules: Rules) -> Largest:
    found = [
        largest_contributions(
            row[asked.cube.places] - start, asked.totals.height(axes), asked.people, weights, rules.dominance[0]
        )
        for row, axes, start in zip(asked.totals.numbers, asked.totals.sets, asked.totals.starts, strict=True)
    ]
    return Largest(
        *(np.concatenate([getattr(each, name) for each in found]) for name in ("first", "second", "dominant"))
    )
