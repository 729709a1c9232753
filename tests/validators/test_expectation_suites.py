"""Suites as files: those in the repository, and those made from a plan."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, UsageError
from sealscrub.transforms.plans import Plan
from sealscrub.validators.expectation_suites import plan_suites, read_suite, ready_suites

FOLDER = Path(__file__).parents[2] / "expectations"


def test_the_folder_holds_the_suites_that_are_ready() -> None:
    there = {path.stem: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}

    assert there == ready_suites()
    for path in FOLDER.glob("*.json"):
        assert read_suite(path).declared == len(there[path.stem]["expectations"])


PLAN = {
    "version": 1,
    "use": "training",
    "policy": {"accept": ["near"], "max_unparsable": 0.1},
    "tables": {
        "arrests": {"source": "a.parquet", "keys": {"arrest_number": "arrest_no"}},
        "charges": {"source": "c.csv", "link": {"arrest": "arrests.arrest_no"}},
        "cases": {
            "source": "cases.parquet",
            "elements": [
                {"column": "suspects", "link": "arrests.arrest_no"},
                {"column": "ids", "scheme": "arrest_number", "separator": ";"},
            ],
        },
        "people": {
            "source": "p.parquet",
            "orphan_of": {"person": "arrests.person"},
            "derived": {"arrests": "select count(*) from arrests a where a.person = this.person"},
        },
        "offences": {"source": "o.parquet", "independent": "a list from a statute"},
        "summary": {"source": "s.parquet", "derived_from": "select person, count(*) n from arrests group by person"},
    },
}


def test_a_plan_gives_a_suite_for_each_table() -> None:
    suites = plan_suites(Plan.from_dict(PLAN), written="sealscrub.toml")
    said = {name: [(part["type"], part["kwargs"]) for part in suite["expectations"]] for name, suite in suites.items()}
    fresh = ("expect_index_fresh", {"use": "training", "max_age_days": 7})
    strict = {"use": "training", "accept": ["near"], "max_unparsable": 0.1, "min_coverage": 0.0}
    derived = {"plan": "sealscrub.toml", "table": "people", "column": "arrests"}

    assert said["charges"] == [
        fresh,
        ("expect_keys_parsable", {"on": {"arrest_number": "arrest"}, "min_share": 0.9}),
        ("expect_no_sealed_records", {"on": {"arrest_number": "arrest"}, **strict}),
    ]
    assert said["cases"] == [
        fresh,
        ("expect_no_sealed_elements", {"column": "suspects", "scheme": "arrest_number", **strict}),
        ("expect_no_sealed_elements", {"column": "ids", "scheme": "arrest_number", "separator": ";", **strict}),
    ]
    assert said["people"] == [fresh, ("expect_derived_column_reproducible", derived)]
    assert said["offences"] == [fresh]
    assert said["summary"][1][1] == {"plan": "sealscrub.toml", "table": "summary"}
    with pytest.raises(ConfigError):
        plan_suites(Plan.from_dict(PLAN))


def test_commands_write_and_run_suites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("great_expectations", reason="the extra gx is not installed")
    import polars as pl

    from sealscrub.cli import main as command

    def main(words: list[str]) -> object:
        with pytest.raises(SystemExit) as ended:
            command(words)
        return ended.value.code

    example_index(["K14618033"], folder=tmp_path)
    (tmp_path / "sealscrub.toml").write_text(
        'version = 1\ntables.arrests = { source = "a.parquet", keys = { arrest_number = "arrest_no" } }\n'
    )
    pl.DataFrame({"arrest_no": ["M14000001", "K14618033"]}).write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"arrest_no": ["M14000001"]}).write_csv(tmp_path / "clean.csv")
    new = ["expectations", "new", "--plan", str(tmp_path / "sealscrub.toml"), "-o", str(tmp_path / "e")]
    options = ["--index", str(tmp_path / "example.sealindex"), "--key-file", str(tmp_path / "example.key")]
    run = ["expectations", "run", str(tmp_path / "e" / "arrests.json")]

    assert main(new) == 0
    assert main(new) == UsageError.exit_code
    assert main([*run, str(tmp_path / "clean.csv"), *options]) == 0
    assert main([*run, str(tmp_path / "a.parquet"), *options, "--report", str(tmp_path / "r.xml")]) == 1
    assert "K14618033" not in (tmp_path / "r.xml").read_text() + capsys.readouterr().out
    suite = json.loads((tmp_path / "e" / "arrests.json").read_text())
    (tmp_path / "e" / "arrests.json").write_text(json.dumps({**suite, "expectations": []}))
    assert main([*run, str(tmp_path / "clean.csv"), *options]) == 3


def test_the_suites_of_the_whole_estate_are_those_of_its_plan() -> None:
    plan = Plan.from_dict(
        tomllib.loads(files("sealscrub.datasets").joinpath("estate.toml").read_text("utf-8")), name="sealscrub.toml"
    )
    there = {path.stem: json.loads(path.read_text()) for path in (FOLDER / "estate").glob("*.json")}

    assert there == plan_suites(plan, written="sealscrub.toml")
    moved = plan_suites(plan, written="sealscrub.toml", root="clean")["people"]["expectations"]
    assert all(part["kwargs"].get("root", "clean") == "clean" for part in moved)
    assert (
        plan_suites(plan, written="p.toml", root="clean")["features"]["expectations"][-1]["kwargs"]["root"] == "clean"
    )
