"""Whether two samples of results differ by more than chance: the energy distance, by permutations, and its power.

For functions whose chance no seed reaches. A small difference stays unseen, so this is never a pass; how large one
has to be is said with the result.

References
----------
Székely and Rizzo, Energy statistics: a class of statistics based on distances, Journal of Statistical Planning and
Inference 143 (2013). Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
Statistics 6 (1979).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .sketches import Block

__all__ = ["LEVEL", "ChanceTest", "Shift", "energy_test"]

LEVEL = 0.05
_MOST_SPLITS = 3432  # of seven and seven: all of them
_DRAWN = 1999
_MOST_BLOCKS = 500
_STEPS = ((0.5, "half a standard deviation"), (1.0, "one standard deviation"), (2.0, "two standard deviations"))

Matrix = npt.NDArray[np.float64]
Splits = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A shift between the two samples, and the share of such tests that would find it."""

    name: str
    power: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChanceTest:
    """What came of comparing two samples of results.

    Attributes
    ----------
    runs : int
        How many results each sample has.
    statistic : float
        The energy distance, from 0 (alike) to 1 (apart).
    p_value : float
        Share of the ways to part the results in two that are as far apart, or farther.
    columns : tuple of str
        Names of what differs on its own (Holm's correction, at 5 %).
    shifts : tuple of Shift
        What the test would find, and how often.
    """

    runs: int
    statistic: float
    p_value: float
    columns: tuple[str, ...] = ()
    shifts: tuple[Shift, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether they differ by more than chance, at 5 %."""
        return self.p_value <= LEVEL


def energy_test(blocks: Sequence[Block], *, records: int = 1, seed: int = 0, tries: int = 200) -> ChanceTest:
    """Compare the first half of the results with the second.

    Parameters
    ----------
    blocks : sequence of Block
        Columns of an even number of results.
    records : int
        How many sealed records the second half has that the first has not.
    seed : int
    tries : int
        Tests that are made up to estimate the power against each shift; 0 estimates none.

    Examples
    --------
    >>> draws = np.random.default_rng(0).normal(size=(12, 3))
    >>> energy_test([Block("score", draws, True)]).differs
    False
    >>> energy_test([Block("score", draws + np.repeat([[0.0], [9.0]], 6, axis=0), True)]).columns
    ('score',)
    """
    count = len(blocks[0].vectors) if blocks else 0
    half = count // 2
    if not half:
        return ChanceTest(runs=half, statistic=0.0, p_value=1.0)
    draws = np.random.default_rng(seed)
    splits = _splits(count, draws)
    apart = [_distances(block.vectors, block.vectors) for block in blocks]
    scaled = [matrix / matrix.mean() for matrix in apart]
    statistic, p_value = _permutation_test(np.sum(scaled, axis=0), splits)
    columns = _telling_columns([block.name for block in blocks], scaled, splits) if len(blocks) <= _MOST_BLOCKS else ()
    shifts = tuple(_shifts(blocks, half, records, splits, draws, tries)) if tries else ()
    return ChanceTest(runs=half, statistic=statistic, p_value=p_value, columns=columns, shifts=shifts)


def _distances(one: Matrix, other: Matrix) -> Matrix:
    largest = max(np.abs(one).max(), np.abs(other).max()) or 1.0
    return np.array([np.linalg.norm((other - row) / largest, axis=1) * largest for row in one])


def _splits(count: int, draws: np.random.Generator) -> Splits:
    """Ways to part the results in two halves, the one at hand first."""
    half = count // 2
    if math.comb(count, half) <= _MOST_SPLITS:
        chosen = list(itertools.combinations(range(count), half))  # the first is the one at hand
    else:
        chosen = [tuple(range(half)), *(tuple(draws.permutation(count)[:half]) for _ in range(_DRAWN))]
    splits = np.zeros((len(chosen), count))
    for row, members in zip(splits, chosen, strict=True):
        row[list(members)] = 1.0
    return splits


def _statistics(matrix: Matrix, splits: Splits) -> Matrix:
    """Energy distances of all splits, each by twice the mean distance between its halves."""
    reached = splits @ matrix
    within = (reached * splits).sum(axis=1)
    between = reached.sum(axis=1) - within
    rest = matrix.sum() - within - 2 * between
    return np.asarray(1 - (within + rest) / np.where(between > 0, 2 * between, 1.0))


def _permutation_test(matrix: Matrix, splits: Splits) -> tuple[float, float]:
    found = _statistics(matrix, splits)
    return float(found[0]), float((found >= found[0] - 1e-12).mean())


def _telling_columns(names: Sequence[str], matrices: Sequence[Matrix], splits: Splits) -> tuple[str, ...]:
    found = sorted((_permutation_test(matrix, splits)[1], name) for name, matrix in zip(names, matrices, strict=True))
    told = []
    for at, (p_value, name) in enumerate(found):
        if p_value * (len(found) - at) > LEVEL:
            break
        told.append(name)
    return tuple(told)


def _shifts(
    blocks: Sequence[Block], half: int, records: int, splits: Splits, draws: np.random.Generator, tries: int
) -> list[Shift]:
    """The power of the test against shifts that have a name, by its own chance: results less the mean of their half."""
    means = [(block.vectors[:half].mean(axis=0), block.vectors[half:].mean(axis=0)) for block in blocks]
    own = math.sqrt(half / max(1, half - 1))  # a mean of its own is nearer to each half than the true one
    chance = [
        np.concatenate([block.vectors[:half] - one, block.vectors[half:] - other]) * own
        for block, (one, other) in zip(blocks, means, strict=True)
    ]
    found = []
    if any(block.numeric for block in blocks):
        for size, name in _STEPS:
            moved = [size * part.std(axis=0) * block.numeric for block, part in zip(blocks, chance, strict=True)]
            power = _power(chance, moved, splits, draws, tries)
            found.append(Shift(name=f"every number moved by {name} of its chance", power=power))
    one_record = [(other - one) / max(1, records) for one, other in means]
    name = "what was measured" if records <= 1 else "what one sealed record has of the shift that was measured"
    return [*found, Shift(name=name, power=_power(chance, one_record, splits, draws, tries))]


def _power(
    chance: Sequence[Matrix], moved: Sequence[Matrix], splits: Splits, draws: np.random.Generator, tries: int
) -> float:
    """Part the chance in two halves at random, shift one of them, and count how often that is found."""
    still, shifted = [], []
    for part, by in zip(chance, moved, strict=True):
        here, there = _distances(part, part), _distances(part, part + by)
        scale = (here.mean() + there.mean()) / 2 or 1.0
        still.append(here / scale)
        shifted.append(there / scale)
    here, there = np.sum(still, axis=0), np.sum(shifted, axis=0)
    count, hits = len(here), 0
    few = splits[: min(len(splits), 1000)]
    if len(few) < len(splits):  # the first of all are much alike
        few = splits[np.concatenate([[0], draws.choice(np.arange(1, len(splits)), 999, replace=False)])]
    for _ in range(tries):
        order = draws.permutation(count)
        first, second = order[: count // 2], order[count // 2 :]
        matrix = np.zeros((count, count))
        size = count // 2
        matrix[:size, :size], matrix[size:, size:] = here[np.ix_(first, first)], here[np.ix_(second, second)]
        matrix[:size, size:] = there[np.ix_(first, second)]
        matrix[size:, :size] = matrix[:size, size:].T
        hits += _permutation_test(matrix, few)[1] <= LEVEL
    return hits / tries
