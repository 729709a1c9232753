"""Variants of the payload that are not tried are named, one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.transforms.plans import Plan
from sealscrub.validators.trial.engine import run_trial
from sealscrub.validators.trial.setup import Setup

from .functions import ARRESTS, INDEX, ON, Here

PLAN = """
version = 1
[tables.arrests]
source = "arrests.csv"
keys.arrest_number = "arrest_no"
independent.age = "of the arrest"
"""
VARIANTS = ("extreme", "unseen")


def _of_plan(folder: Path, variants: tuple[str, ...]) -> Any:
    place = folder / "sealscrub.toml"
    place.write_text(PLAN)
    setup = Setup(plan=Plan.from_toml(place), variants=variants)
    function = Here(lambda tables: ss.scrub(tables["arrests"], INDEX, ON)["age"].sum())
    return run_trial(function, {"arrests": ARRESTS}, INDEX, None, setup)


def _of_a_file(folder: Path, variants: tuple[str, ...]) -> Any:
    ARRESTS.write_parquet(folder / "arrests.parquet")
    function = Here(lambda path: ss.scrub(pl.read_parquet(path), INDEX, ON)["age"].sum())
    return run_trial(function, folder / "arrests.parquet", INDEX, ON, Setup(variants=variants))


@pytest.mark.parametrize(
    ("tried", "why"),
    [(_of_plan, "with a plan, whose recipes they would not follow"), (_of_a_file, "of files")],
    ids=["plan", "file"],
)
def test_variants_that_are_left_out_are_named(tried: Any, why: str, tmp_path: Path) -> None:
    said = f"variants of the sealed rows' payload are not tried {why}: "

    report = tried(tmp_path, VARIANTS)

    assert report.passed, report.to_text()
    assert report.variants == 0
    assert [each for each in report.weakenings if "not tried" in each] == [f"{said}extreme, unseen"]
    assert not any("not tried" in each for each in tried(tmp_path, ()).weakenings)
