"""What chance explains is told by the rows that stay: sealed rows decide nothing, whatever numbers are in them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import SealedElsewhere, UncheckedKeys

RNG = np.random.default_rng(3)
HELD = RNG.choice(np.arange(1_000_000, 10_000_000), 4_000, replace=False)
SEALED = [f"K14{at:06d}" for at in range(1, 400)]
INDEX = example_index({"arrest_number": SEALED, "voucher": [*map(str, HELD)]})
ON = {"arrest_number": "arrest_no"}
NO_COVERAGE = ss.Policy(min_coverage=0)
KINDS = (pl.Int64, pl.Float64, pl.String, pl.Categorical)


def world(
    rng: np.random.Generator, stays: int, goes: int, planted: int, gone: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make a table, of whose rows some are sealed, and hold more ids or fewer than the others; and those that stay."""
    numbers = rng.integers(1_000_000, 10_000_000, stays + goes)
    numbers[:planted] = rng.choice(HELD, min(planted, len(numbers)))[: len(numbers[:planted])]
    numbers[stays : stays + gone] = rng.choice(HELD, gone)[: len(numbers[stays : stays + gone])]
    keys = [f"M15{at:06d}" for at in range(1, stays + 1)] + SEALED[:goes]
    table = pl.DataFrame({"arrest_no": keys, "number": numbers})
    return table.sample(fraction=1, shuffle=True, seed=int(rng.integers(1_000))), table.head(stays)


def outcome(table: pl.DataFrame) -> object:
    report = ss.scan(table, INDEX, ON, policy=NO_COVERAGE)
    try:
        made: object = ss.scrub(table, INDEX, ON, policy=NO_COVERAGE).sort("arrest_no").rows()
    except (SealedElsewhere, UncheckedKeys) as error:
        made = type(error), str(error)
    return report.tables[0].elsewhere, made


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    stays=st.integers(1, 300),
    goes=st.integers(1, 300),
    planted=st.sampled_from([0, 1, 3, 30]),
    gone=st.sampled_from([0, 1, 30, 300]),
    kind=st.sampled_from(KINDS),
)
def test_sealed_rows_decide_nothing(seed: int, stays: int, goes: int, planted: int, gone: int, kind: type) -> None:
    table, left = world(np.random.default_rng(seed), stays, goes, planted, gone)
    if kind is pl.Categorical:
        table, left = (each.with_columns(pl.col("number").cast(pl.String)) for each in (table, left))
    table, left = (each.with_columns(pl.col("number").cast(kind)) for each in (table, left))
    assert outcome(table) == outcome(left)


@pytest.mark.parametrize(("planted", "gone", "exit_code"), [(0, 300, 1), (1, 300, 1), (60, 0, 1)])
def test_both_sides_are_met(planted: int, gone: int, exit_code: int) -> None:
    table, left = world(np.random.default_rng(8), 300, 300, planted, gone)
    assert ss.scan(table, INDEX, ON, policy=NO_COVERAGE).exit_code == exit_code
    told = outcome(left)[0]  # type: ignore[index]
    assert [(each.found > 0, each.ambiguous > 0) for each in told] == ([(planted > 1, planted == 1)] if planted else [])
