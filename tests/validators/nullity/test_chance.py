"""Results that chance decides: compared as samples, found apart where they are, and never a pass."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.errors import ConfigError
from sealscrub.index import Index
from sealscrub.testing import NullityReport, NullityVerdict
from sealscrub.validators.trial.energy import energy_test
from sealscrub.validators.trial.result_pieces import take_apart
from sealscrub.validators.trial.sketches import Block, blocks_of, sketched

from .conftest import ON


def samples(seed: int, half: int, shift: float, width: int = 4) -> list[Block]:
    draws = np.random.default_rng(seed).normal(size=(2 * half, width))
    draws[half:] += shift
    return [
        Block("score", draws, True),
        Block("noise", np.random.default_rng(~seed & 99).normal(size=(2 * half, 1)), True),
    ]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 9))
def test_samples_that_are_far_apart_are_found_and_named(seed: int, half: int) -> None:
    found = energy_test(samples(seed, half, 50.0), tries=0)

    assert found.differs
    assert 0.4 < found.statistic <= 1
    if half > 5:  # of two columns, the least p of five and five is not below 5 % by Holm's correction for more
        assert "score" in found.columns


def test_samples_of_one_kind_are_seldom_found_apart() -> None:
    found = [energy_test(samples(seed, 6, 0.0), tries=0).p_value for seed in range(60)]

    assert np.mean(np.array(found) <= 0.05) <= 0.15
    assert np.mean(np.array(found) <= 0.5) > 0.3


def test_power_grows_with_the_shift_and_is_the_level_where_there_is_none() -> None:
    half, one, two, record = (each.power for each in energy_test(samples(1, 10, 0.0), records=1000).shifts)

    assert half <= one <= two
    assert two > 0.9
    assert record < 0.15


def test_power_is_about_the_share_of_tests_that_find_the_shift() -> None:
    said = {each.name: each.power for each in energy_test(samples(3, 7, 0.0, width=1)[:1]).shifts}
    found = np.mean([energy_test(samples(seed, 7, 2.0, width=1)[:1], tries=0).differs for seed in range(40)])

    (two,) = [power for name, power in said.items() if "two standard" in name]
    assert abs(two - found) < 0.3


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 1e6), st.integers(0, 3))
def test_units_and_the_order_of_columns_do_not_matter(seed: int, unit: float, turn: int) -> None:
    blocks = samples(seed, 5, 1.0)
    other = [Block(each.name, np.roll(each.vectors, turn, axis=1) * unit, True) for each in reversed(blocks)]

    assert energy_test(other, tries=0).p_value == pytest.approx(energy_test(blocks, tries=0).p_value, abs=0.02)


def test_equal_results_have_nothing_to_compare() -> None:
    results = [sketched(take_apart({"a": [1.5, None], "b": "x"})) for _ in range(10)]

    found = energy_test(blocks_of(results))

    assert (found.differs, found.p_value, found.columns) == (False, 1.0, ())


RESULTS: dict[str, Callable[[float], object]] = {
    "numbers": lambda at: [at, 2 * at],
    "text": lambda at: {"word": f"{at}", "same": 1},
    "heights": lambda at: pl.DataFrame({"a": range(int(at) + 1)}),
    "a column": lambda at: {f"score {at > 5}": at},
    "a tall column": lambda at: np.arange(10_000) * at,
    "a tall text": lambda at: pl.DataFrame({"a": [f"{number % 7 + at}" for number in range(10_000)]}),
    "not numbers": lambda at: [float("nan"), float("inf"), at],
    "shuffled rows": lambda at: pl.DataFrame({"key": [1, 2, 3], "a": [at, 1.0, 2.0]}).sample(
        3, shuffle=True, seed=int(at)
    ),
}


@pytest.mark.parametrize("name", RESULTS)
def test_any_result_is_sketched(name: str) -> None:
    results = [sketched(take_apart(RESULTS[name](float(at))), "key") for at in [1, 2, 1, 2, 1, 7, 8, 7, 8, 7]]

    found = energy_test(blocks_of(results))

    assert 0 < found.p_value <= 0.05
    assert np.isfinite(found.statistic)


SKETCH = """
import hashlib, polars
from sealscrub.validators.trial.result_pieces import take_apart
from sealscrub.validators.trial.sketches import sketched
found = sketched(take_apart({"table": polars.DataFrame({"a": ["x", None, "z"], "n": [1, 2, 3]}), "word": "w"}), "a")
print(sorted((name, hashlib.sha256(each.by_row.tobytes()).hexdigest()) for name, each in found.items()))
"""


def test_a_sketch_is_the_same_in_every_interpreter() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", SKETCH],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(told) == 1


@pytest.mark.parametrize("letter", "abcdefghijklmnopqrstuvwxyz")
def test_texts_of_one_kind_are_told_from_those_of_another(letter: str) -> None:
    def result(at: int) -> pl.DataFrame:
        return pl.DataFrame({"a": [f"{letter}{number % 7 + at}" for number in range(1_000)]})

    results = [sketched(take_apart(result(at))) for at in [1, 2, 1, 2, 1, 7, 8, 7, 8, 7]]

    assert energy_test(blocks_of(results), tries=0).p_value <= 0.02


def test_distances_of_tall_columns_are_kept() -> None:
    draws = np.random.default_rng(0)
    one, other = draws.normal(size=50_000), draws.normal(size=50_000)
    a, b = (sketched(take_apart(each))["output"].by_row for each in (one, other))

    assert np.linalg.norm(a - b) == pytest.approx(np.linalg.norm(one - other), rel=0.1)


@pytest.mark.parametrize("repeats", [-1, 1, 4, 201, "ten"])
def test_too_few_or_too_many_repeats(repeats: object, checked: Callable[..., NullityReport]) -> None:
    with pytest.raises(ConfigError, match="repeats"):
        checked(lambda arrests: arrests, repeats=repeats)


@pytest.mark.long
@pytest.mark.parametrize("leaks", [False, True])
def test_chance_that_no_seed_reaches(leaks: bool, checked: Callable[..., NullityReport], index: Index) -> None:
    def drawn(arrests: pl.DataFrame) -> dict[str, object]:
        seen = arrests if leaks else ss.scrub(arrests, index, on=ON)
        noise = int.from_bytes(os.urandom(4)) / 2**32
        return {"rows": seen.height + noise, "noise": noise}

    report = checked(drawn, repeats=6)

    assert report.verdict is NullityVerdict.NONDETERMINISTIC
    assert report.exit_code == 3
    assert report.chance is not None
    assert report.chance.differs is leaks
    assert report.chance.columns == (("rows",) if leaks else ())
    assert report.runs == 4 + 4 + 5
    assert "standard deviation" in report.to_text()
    assert "p =" not in report.to_junit()


@pytest.mark.long
def test_time_that_ends_before_the_samples_are_whole(checked: Callable[..., NullityReport]) -> None:
    report = checked(lambda arrests: os.urandom(8), repeats=100, budget_s=12)

    assert report.verdict is NullityVerdict.NONDETERMINISTIC
    assert report.chance is None
    assert "could not be compared" in report.reason
