"""A bound holds as often as it says, where errors are independent and where bad records are bad throughout."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from sealscrub.custodian.linkage import draw_sample, recall_bound, recall_bound_from_two_systems
from sealscrub.errors import UsageError

TRIALS = 200


@pytest.mark.parametrize("sampled", [20, 300, 1000])
@pytest.mark.parametrize("recall", [0.5, 0.9, 0.98, 0.995, 1.0])
def test_a_bound_is_wrong_in_no_more_than_one_of_twenty_samples(recall: float, sampled: int) -> None:
    found = np.arange(sampled + 1)
    chance = stats.binom.pmf(found, sampled, recall)
    holds = [chance[each] > 1e-12 and recall_bound(int(each), sampled).lower <= recall for each in found]

    assert chance[holds].sum() >= 0.95 - 1e-9


@pytest.mark.parametrize("correlated", [False, True])
def test_with_a_reader_who_misses_some_the_bound_holds_in_the_trials(correlated: bool) -> None:
    draws = np.random.default_rng(11)
    bad = draws.random(20_000) < (0.15 if correlated else 0.0)
    linked = draws.random(20_000) < np.where(bad, 0.95, 0.995)
    read = linked & (draws.random(20_000) < np.where(bad, 0.98, 0.997))
    ids = [f"S{at:06}" for at in range(len(linked))]
    of = dict(zip(ids, read.tolist(), strict=True))
    samples = [sum(of[each] for each in draw_sample(ids, 1000, seed)) for seed in range(TRIALS)]
    bounds = np.array([recall_bound(found, 1000).lower for found in samples])

    assert np.mean(bounds <= linked.mean()) >= 0.95
    assert linked.mean() - np.median(bounds) <= 0.02


def test_the_slack_of_a_thousand_seals_is_a_hundredth() -> None:
    assert 0.99 - recall_bound(990, 1000).lower <= 0.01


@pytest.mark.parametrize(
    ("found", "sampled", "expected"), [(991, 1000, 0.9843474), (1000, 1000, 0.9970088), (0, 9, 0.0), (5, 5, 0.5492803)]
)
def test_the_bound_is_that_of_clopper_and_pearson(found: int, sampled: int, expected: float) -> None:
    assert recall_bound(found, sampled).lower == pytest.approx(expected, abs=1e-6)


def test_a_reader_who_accepts_decoys_lowers_the_bound() -> None:
    plain, read = recall_bound(991, 1000), recall_bound(991, 1000, decoys=300)

    assert read.lower < plain.lower
    assert recall_bound(991, 1000, decoys=300, decoys_accepted=30).lower < read.lower
    assert recall_bound(991, 1000, decoys=10, decoys_accepted=10).lower == 0.0


@pytest.mark.parametrize("one_of_them", [False, True])
@pytest.mark.parametrize("rows", [1, 5])
def test_a_bound_holds_where_each_row_beside_a_seal_may_be_called_the_same(rows: int, one_of_them: bool) -> None:
    """Whether a reader errs in each row alone, or calls exactly one of them the same."""
    draws, recall, often = np.random.default_rng(3), 0.5, 0.05
    seen, bounds = rows * often if one_of_them else 1 - (1 - often) ** rows, []
    for _ in range(TRIALS):
        right = draws.random(1000) < recall
        found = int((right | (draws.random(1000) < seen)).sum())
        called = int((draws.random(1000) < often).sum())
        bounds.append(recall_bound(found, 1000, decoys=1000, decoys_accepted=called, rows_per_seal=rows).lower)

    assert np.mean(np.array(bounds) <= recall) >= 0.95
    assert np.median(bounds) >= recall - 0.25


@pytest.mark.parametrize(("share_bad", "stated"), [(0.0, 1.0), (0.0, 3.0), (0.15, 3.0)])
def test_two_systems_bound_recall_where_the_odds_are_stated_high_enough(share_bad: float, stated: float) -> None:
    draws = np.random.default_rng(5)
    held = 0
    for _ in range(TRIALS):
        bad = draws.random(2000) < share_bad
        ids = draws.random(2000) < np.where(bad, 0.85, 0.92)
        names = draws.random(2000) < np.where(bad, 0.87, 0.94)
        true = (ids | names).mean()
        bound = recall_bound_from_two_systems(
            int((ids & names).sum()), int((ids & ~names).sum()), int((~ids & names).sum()), odds_ratio=stated
        )
        held += bound.lower <= true

    assert held >= 0.93 * TRIALS


def test_a_higher_odds_ratio_bounds_lower() -> None:
    bounds = [recall_bound_from_two_systems(1700, 120, 90, odds_ratio=each).lower for each in (1, 3, 10)]

    assert bounds == sorted(bounds, reverse=True)


def test_a_bound_says_what_it_assumes() -> None:
    assert "a seal not found is missed" in recall_bound(9, 10).assumptions
    assert "at most 3" in recall_bound_from_two_systems(9, 1, 1).assumptions[0]


@pytest.mark.parametrize(
    "call",
    [
        lambda: recall_bound(11, 10),
        lambda: recall_bound(-1, 10),
        lambda: recall_bound(0, 0),
        lambda: recall_bound(1, 2, alpha=0),
        lambda: recall_bound(1, 2, decoys=1, decoys_accepted=2),
        lambda: recall_bound(9.5, 10),  # type: ignore[arg-type]  # what a caller may pass
        lambda: recall_bound(9, 10.0),  # type: ignore[arg-type]  # the same
        lambda: recall_bound("9", 10),  # type: ignore[arg-type]  # the same
        lambda: recall_bound(1, 2, decoys=2, decoys_accepted=0.5),  # type: ignore[arg-type]  # the same
        lambda: recall_bound_from_two_systems(5.5, 1, 1),  # type: ignore[arg-type]  # the same
        lambda: recall_bound_from_two_systems(5, 1, 1.5),  # type: ignore[arg-type]  # the same
        lambda: recall_bound_from_two_systems(0, 1, 1),
        lambda: recall_bound_from_two_systems(5, -1, 1),
        lambda: recall_bound_from_two_systems(5, 1, 1, odds_ratio=0.5),
        lambda: draw_sample([], 1, 1),
        lambda: draw_sample(["a"], 0, 1),
    ],
)
def test_counts_that_do_not_fit_are_refused(call: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        call()


def test_a_sample_does_not_depend_on_the_order_of_its_frame() -> None:
    ids = [f"s{at}" for at in range(50)]

    assert draw_sample(ids, 7, 1) == draw_sample([*reversed(ids), "s0"], 7, 1)
    assert len(draw_sample(ids, 99, 1)) == 50
