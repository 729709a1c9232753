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


def test_numbers_are_varied_alone_if_no_other_text_can_be_read() -> None:
    boroughs = ["Kings", "Queens", "Bronx"]

    def build(arrests: pl.DataFrame) -> tuple[Any, float]:
        for each in arrests["borough"]:
            boroughs.index(each)  # a ValueError for any other
        return ss.scrub(arrests, INDEX, ON), arrests["age"].max()  # of an open record, unless a sealed one is older

    data = ARRESTS.with_columns(borough=pl.Series([boroughs[at % 3] for at in range(ARRESTS.height)]))

    assert run_trial(Here(build), data, INDEX, ON, Setup(variants=())).passed
    report = run_trial(Here(build), data, INDEX, ON, Setup(variants=("unseen",)))

    assert report.verdict.value == "INTERFERENCE"
    assert report.reason == "It changes with other values in the sealed rows: by the variant 'unseen'."
    assert any("texts in sealed rows that no other row has could not be tried" in each for each in report.weakenings)
