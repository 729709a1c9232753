"""Chance is told from ids by the numbers of the rows that stay and their neighbours, in any order and batches."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.matching.number_sample import NumberSample, number_codes, numbers_of

Codes = npt.NDArray[np.int64]


def codes_of(numbers: npt.NDArray[np.int64]) -> Codes:
    return number_codes(pl.Series(numbers).cast(pl.String), 15)[1]


def sampled(numbers: npt.NDArray[np.int64], index: npt.NDArray[np.int64], *parts: int) -> NumberSample:
    sample = NumberSample(160)
    codes, held = codes_of(numbers), np.isin(numbers, index)
    for start, stop in pairwise(sorted({0, len(codes), *(part for part in parts if part < len(codes))})):
        sample.add(codes[start:stop], held[start:stop])
    return sample


def by_chance(numbers: npt.NDArray[np.int64], index: npt.NDArray[np.int64]) -> bool:
    known = np.sort(codes_of(index))

    def holds(codes: Codes) -> npt.NDArray[np.bool_]:
        at = np.minimum(np.searchsorted(known, codes), len(known) - 1)
        return np.asarray(known[at] == codes, bool)

    return sampled(numbers, index).by_chance(holds)


def test_a_code_keeps_zeros_in_front() -> None:
    values = ["0", "00501", "501", "999999999999999", "K14", "1" * 16, "", "٣"]
    mask, codes = number_codes(pl.Series(values), 20)
    assert numbers_of(codes).to_list() == values[:4] == pl.Series(values).filter(pl.Series(mask)).to_list()
    assert number_codes(pl.Series(values), 3)[0].sum() == 2


RNG = np.random.default_rng(7)
DENSE = RNG.choice(np.arange(1_000_000, 10_000_000), 1_500_000, replace=False)  # one number in six
SPARSE = DENSE[:20_000]
SERIAL = np.flatnonzero(RNG.random(50_000) < 0.45)
INNOCENT: dict[str, Callable[[Codes], Codes]] = {
    "other numbers": lambda index: RNG.integers(1_000_000, 10_000_000, 20_000),
    "a few other numbers": lambda index: RNG.integers(1_000_000, 10_000_000, 50),
    "numbers close to each other": lambda index: np.arange(4_000_000, 4_009_000),
    "one id": lambda index: index[:1],
    "one id among others": lambda index: np.append(RNG.integers(1_000_000, 10_000_000, 500), index[0]),
    "ages": lambda index: np.arange(16, 90),
    "precincts": lambda index: np.arange(1, 124),
    "years": lambda index: np.arange(1_950, 2_020),
    "house numbers": lambda index: np.unique(RNG.geometric(0.002, 4_000)),
    "row numbers": lambda index: np.arange(1, 5_001),
    "amounts": lambda index: np.unique((RNG.lognormal(8, 2, 5_000)).astype(np.int64)),
}


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("numbers", INNOCENT)
@pytest.mark.parametrize("index", [DENSE, SPARSE, SERIAL], ids=["dense", "sparse", "serial"])
def test_chance_explains_what_is_met_by_chance(numbers: str, index: npt.NDArray[np.int64]) -> None:
    assert by_chance(np.unique(INNOCENT[numbers](index)), index)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("others", [0, 200, 20_000])
@pytest.mark.parametrize(
    ("index", "planted"), [(SPARSE, 60), (DENSE, 600), (SERIAL, 3_000)], ids=["sparse", "dense", "serial"]
)
def test_chance_does_not_explain_ids(index: npt.NDArray[np.int64], planted: int, others: int) -> None:
    least, most = int(index.min()), int(index.max())
    numbers = np.unique(np.append(RNG.integers(least, most, min(others, (most - least) // 20)), index[-planted:]))
    assert not by_chance(numbers, index)


def test_nothing_held_is_chance_and_one_digit_has_no_neighbour() -> None:
    assert by_chance(np.arange(1_000_000, 1_000_100), np.arange(5_000_000, 5_000_100))
    assert by_chance(np.arange(1, 10), np.arange(1, 10))


@settings(max_examples=30, deadline=None)
@given(
    many=st.sampled_from([0, 5, 3_000, 60_000, 140_000]),
    close=st.booleans(),
    cuts=st.lists(st.integers(0, 140_000), max_size=4),
    seed=st.integers(0, 1_000),
)
def test_a_sample_depends_on_the_different_numbers_alone(many: int, close: bool, cuts: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    numbers = np.arange(many) + 10_000 if close else rng.integers(1_000, 1_000_000_000, many)
    index = numbers[::7]
    whole = sampled(numbers, index)
    again = np.append(numbers, numbers[: many // 2])
    rng.shuffle(again)
    parts, joined = sampled(again, index, *cuts), NumberSample(160)
    for some in np.array_split(again, 3):
        joined.join(sampled(some, index))
    for each in (parts, joined):
        assert each.codes.tolist() == whole.codes.tolist()
        assert each.held.tolist() == whole.held.tolist()
    assert len(whole.codes) <= 50_000
    assert many == 0 or len(whole.codes) > (0 if many > 50_000 else len(np.unique(numbers)) - 1)
