"""The positive control: where it fails, nothing shows that the data matter, and that is no pass."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.testing import OutputNullityReport, Probe, check_guard, check_output_nullity
from sealscrub.validators.nullity.function import FunctionUnderTest
from sealscrub.validators.trial.engine import run_trial
from sealscrub.validators.trial.outcome import Outcome
from sealscrub.validators.trial.runner import Runner
from sealscrub.validators.trial.setup import Setup

from .functions import ARRESTS, INDEX, ON, Here

CLEAN = 38


def tried(function: Callable[[Any], Any], data: Any = ARRESTS, kind: type[FunctionUnderTest] = Here) -> Any:
    return run_trial(kind(function), data, INDEX, ON, Setup())


def served(build: Callable[[Any], Any], query: Callable[[Any, Probe], Any]) -> OutputNullityReport:
    options: dict[str, Any] = {"isolated": False, "variants": (), "targets": 2, "random": 6, "k": 3}
    return check_output_nullity(build, ARRESTS, INDEX, ON, query=query, **options)


def scrubbed(arrests: pl.DataFrame, least: int = CLEAN) -> pl.DataFrame:
    """Scrub, and refuse to go on with less than so many rows."""
    found = ss.scrub(arrests, INDEX, ON)
    if found.height < least:
        raise ValueError(str(found["arrest_no"][0]))
    return found


def test_a_constant_function_that_fails_without_other_rows_is_not_a_pass() -> None:
    report = tried(lambda arrests: scrubbed(arrests).width)

    assert report.verdict.value == "INCONCLUSIVE"
    assert report.reason.startswith("The positive control failed: without other rows it fails: ValueError at")
    assert "K14" not in report.to_text()


def test_a_function_that_needs_most_rows_is_tested_without_one_of_them() -> None:
    report = tried(lambda arrests: scrubbed(arrests, CLEAN - 1)["age"].sum())

    assert report.passed, report.to_text()
    assert report.runs == 5
    assert any("removed a single row" in each for each in report.weakenings)


def test_a_constant_function_that_needs_most_rows_is_not_a_pass() -> None:
    assert tried(lambda arrests: scrubbed(arrests, CLEAN - 1).width).verdict.value == "INCONCLUSIVE"


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
@pytest.mark.parametrize(("least", "verdict"), [(CLEAN - 1, "PASS"), (CLEAN, "INCONCLUSIVE")])
def test_files_have_the_gentler_control_too(suffix: str, least: int, verdict: str, tmp_path: Path) -> None:
    path = tmp_path / f"arrests{suffix}"
    write: dict[str, Any] = {
        ".parquet": ARRESTS.write_parquet,
        ".csv": ARRESTS.write_csv,
        ".jsonl": ARRESTS.write_ndjson,
    }
    write[suffix](path)
    read: Any = {".parquet": pl.read_parquet, ".csv": pl.read_csv, ".jsonl": pl.read_ndjson}[suffix]

    assert tried(lambda place: scrubbed(read(place), least)["age"].sum(), path).verdict.value == verdict


def test_a_service_that_cannot_be_built_without_other_rows_is_not_a_pass() -> None:
    report = served(scrubbed, lambda records, probe: 7)

    assert report.verdict.value == "INCONCLUSIVE"
    assert report.reason.startswith("The positive control failed: without other rows it cannot be built: ValueError at")


def test_constant_answers_that_are_errors_without_other_rows_are_not_a_pass() -> None:
    def same(records: pl.DataFrame, probe: Probe) -> int:
        return 7 * bool(scrubbed(records).width)

    report = served(lambda records: records, same)

    assert report.verdict.value == "INCONCLUSIVE"
    assert report.reason == "The positive control failed: without other rows nothing but errors differed."


def test_errors_that_become_answers_without_other_rows_are_not_a_pass() -> None:
    def full(records: pl.DataFrame, probe: Probe) -> int:
        if ss.scrub(records, INDEX, ON).height == CLEAN:
            raise ValueError
        return 7

    assert served(lambda records: records, full).verdict.value == "INCONCLUSIVE"


def test_a_service_is_tested_where_some_of_its_answers_are_errors() -> None:
    def lookup(records: pl.DataFrame, probe: Probe) -> dict[str, int]:
        found = scrubbed(records, 0)
        if probe.id not in found["arrest_no"]:
            raise LookupError("no such record")
        return {"older": found.filter(pl.col("age") > probe["age"]).height}

    report = served(lambda records: records, lookup)

    assert report.passed, report.to_text()


def test_a_service_that_needs_most_rows_is_tested_without_one_of_them() -> None:
    def older(records: pl.DataFrame, probe: Probe) -> int:
        return int((scrubbed(records, CLEAN - 1)["age"] > probe["age"]).sum())

    report = served(lambda records: records, older)

    assert report.passed, report.to_text()
    assert any("removed a single row" in each for each in report.weakenings)


@pytest.mark.parametrize(
    ("failing", "verdict", "reason"),
    [
        ({"K14000001", "K14000002"}, "INCONCLUSIVE", "The positive control failed: of open ids, all of"),
        ({"K14000001"}, "VACUOUS", ""),
    ],
    ids=["all open ids", "one of two"],
)
def test_open_ids_that_a_running_system_fails_at_are_not_reached(failing: set[str], verdict: str, reason: str) -> None:
    def same(system: object, probe: Probe) -> int:
        if probe.id in failing:
            raise ValueError(probe.id)
        return 7

    report = check_guard(object(), same, ["K14000003"], open_ids=["K14000001", "K14000002"])

    assert report.verdict.value == verdict, report.to_text()
    assert report.reason.startswith(reason)
    assert "K14000001" not in report.to_text()


class Impatient(Runner):
    """Waits a short time where rows are missing, which is the fourth run."""

    runs = 0

    def run(self, data: Path, **options: Any) -> Outcome:
        self.runs += 1
        return super().run(data, **(options | ({"timeout": 1.0} if self.runs > 3 else {})))


class Apart(FunctionUnderTest):
    """A function that is run in interpreters of its own."""

    def runner(self, **options: Any) -> Runner:
        return Impatient(self.function, self.probe, **options)


@pytest.mark.parametrize("end", [lambda: os._exit(1), lambda: time.sleep(600)], ids=["killed", "out of time"])
def test_a_control_that_does_not_end_is_not_a_pass(end: Callable[[], object]) -> None:
    def fragile(arrests: pl.DataFrame) -> int:
        found = ss.scrub(arrests, INDEX, ON)
        if found.height < CLEAN:
            end()
        return found.width

    report = tried(fragile, kind=Apart)

    assert report.verdict.value == "INCONCLUSIVE"
    assert report.reason.startswith("The positive control ended with: ")
    assert report.runs == 4
