"""A suite that is run by us can't lose an expectation, and says what it came to without counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import great_expectations as gx
import pandas as pd
import polars as pl
import pytest

from sealscrub.errors import ConfigError, IncompleteError, SealscrubError, UnreadableInput, UsageError
from sealscrub.index import Index
from sealscrub.validators.expectation_suites import read_suite, ready_suites, suite_json

from .conftest import CLEAN, SEALED, arrests

SUITE = ready_suites()["training_table"]


def run(*args: Any, **options: Any) -> Any:
    from sealscrub.gx import run_suite

    return run_suite(*args, **options)


def test_a_file_runs_over_frames_and_files(index: Index, tmp_path: Path) -> None:
    path = tmp_path / "suite.json"
    path.write_text(json.dumps(SUITE))
    data = arrests(SEALED)
    data.to_parquet(tmp_path / "a.parquet")
    data.to_csv(tmp_path / "a.csv", index=False)

    for given in (
        data,
        pl.from_pandas(data),
        pl.from_pandas(data).to_arrow(),
        tmp_path / "a.parquet",
        tmp_path / "a.csv",
    ):
        outcome = run(path, given, index=index)
        assert (outcome.verdict, outcome.exit_code, len(outcome.results)) == ("found", 1, 3)
    assert run(path, arrests(), index=index).success


def test_an_index_is_given_as_a_file(folder: Path, index: Index) -> None:
    place = folder / "example.sealindex"

    assert run(SUITE, arrests(), index=place, key=folder / "example.key").index["index"] == index.id
    with pytest.raises(UsageError):
        run(SUITE, arrests(), index=folder / "nothing", key=folder / "example.key")
    with pytest.raises(ConfigError, match="key of the index is not named"):
        run(SUITE, arrests(), index=place)


def test_a_suite_that_lost_expectations_does_not_run(index: Index) -> None:
    emptied = gx.ExpectationSuite(name="s", expectations=[], meta=SUITE["meta"])

    for suite in (
        emptied,
        {**SUITE, "expectations": SUITE["expectations"][1:]},
        {**SUITE, "expectations": [], "meta": {}},
    ):
        with pytest.raises(IncompleteError, match="of its"):
            run(suite, arrests(), index=index)


@pytest.mark.parametrize(
    "part",
    [
        {"type": "expect_what_nobody_defined", "kwargs": {}},
        {"type": "expect_no_sealed_records", "kwargs": {}},
        {"type": "expect_no_sealed_records", "kwargs": {"on": 7}},
        {"type": "expect_no_sealed_records", "kwargs": {"on": {"arrest_number": "a"}, "index": "i"}},
    ],
)
def test_what_cannot_be_built_is_an_error_and_not_left_out(part: dict[str, Any], index: Index) -> None:
    suite = {**SUITE, "expectations": [*SUITE["expectations"], part]}

    with pytest.raises(ConfigError):
        run(suite, arrests(), index=index)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"expectations": [{}]}', '{"expectations": {}}', "[" * 100_000])
def test_what_is_no_suite_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(text)

    with pytest.raises(SealscrubError):
        read_suite(tmp_path / "s.json")


def test_other_expectations_run_beside_ours_and_say_only_whether_they_hold(index: Index) -> None:
    parts = [
        ("expect_column_values_to_be_in_set", {"column": "arrest_no", "value_set": [CLEAN[0]]}),
        ("expect_table_row_count_to_be_between", {"min_value": 1}),
        ("expect_column_values_to_not_be_null", {"column": "nothing"}),
    ]
    outcome = run(suite_json("mixed", [*parts, ("expect_index_fresh", {})]), arrests(SEALED), index=index)

    assert [str(each.verdict) for each in sorted(outcome.results, key=lambda each: each.type)] == [
        "found", "incomplete", "clean", "clean",
    ]  # fmt: skip
    assert SEALED not in repr(outcome) + outcome.to_json() + outcome.to_junit() + outcome.to_text()
    assert CLEAN[0] not in repr(outcome)


def test_an_outcome_is_written(index: Index, tmp_path: Path) -> None:
    outcome = run(SUITE, arrests(SEALED), index=index, name="arrests")
    for suffix in ("json", "xml", "txt"):
        outcome.save(tmp_path / f"o.{suffix}")

    assert json.loads((tmp_path / "o.json").read_text())["verdict"] == "found"
    assert ElementTree.fromstring((tmp_path / "o.xml").read_text()).get("failures") == "1"  # noqa: S314 - our own
    assert (tmp_path / "o.txt").read_text().startswith("sealscrub_training_table over arrests: found. ")
    with pytest.raises(ConfigError):
        outcome.save(tmp_path / "o.pdf")


def test_data_that_cannot_be_read_is_an_error(index: Index, tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("none")

    for data, error in ((tmp_path / "a.parquet", UnreadableInput), (tmp_path / "a.xls", ConfigError), (7, UsageError)):
        with pytest.raises(error):
            run(SUITE, data, index=index)
    with pytest.raises(UsageError):
        run([], arrests(), index=index)
    with pytest.raises(ConfigError):
        run(SUITE, arrests(), index=index, result_format="EVERYTHING")


def test_a_batch_of_great_expectations_runs(index: Index) -> None:
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("memory").add_dataframe_asset("arrests")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": arrests(SEALED)})

    assert run(SUITE, batch, index=index).verdict == "found"
    assert isinstance(batch.data.dataframe, pd.DataFrame)
