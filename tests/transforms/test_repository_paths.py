"""SARIF names a table by where it lies in the repository, so that a code-scanning service finds it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.transforms import Report

SEALED = "K14612345"
ON = {"arrest_number": "no"}
PLAN = """
version = 1
use = "training"

[tables.people]
source = "raw/people.csv"
keys = { arrest_number = "no" }
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in whose folder ``work`` somebody works."""
    made = tmp_path / "repository"
    for folder in (".git", "work", "data/2025", "data/2026 new"):
        (made / folder).mkdir(parents=True)
    for year in ("2025", "2026 new"):
        write(made / "data" / year / "train.csv")
    monkeypatch.chdir(made / "work")
    return made


def write(place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame({"no": [SEALED, "M14000017"]}).write_csv(place)
    return place


def scanned(data: Any) -> Report:
    return ss.scan(data, example_index([SEALED]), ON)


def results(report: Report) -> list[tuple[str, str]]:
    """Give the URI and the fingerprint of each result, and see that the artifacts agree."""
    (run,) = json.loads(report.to_sarif())["runs"]
    found = []
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert run["artifacts"][place["index"]]["location"]["uri"] == place["uri"]
        found.append((place["uri"], result["partialFingerprints"]["table/v2"]))
    return found


@pytest.mark.parametrize(
    "named", ["../data", "../data/**/*.csv", ["../data/2025/train.csv", "../data/2026 new/train.csv"]]
)
def test_files_of_one_name_in_nested_folders_are_told_apart(repository: Path, named: Any) -> None:
    found = results(scanned(named))

    assert [uri for uri, _ in found] == ["data/2025/train.csv", "data/2026%20new/train.csv"]
    assert len({fingerprint for _, fingerprint in found}) == 2


def test_without_a_repository_paths_begin_at_the_working_folder(repository: Path) -> None:
    (repository / ".git").rmdir()
    write(repository / "work" / "in" / "a.csv")

    assert [uri for uri, _ in results(scanned("in"))] == ["in/a.csv"]
    assert [uri for uri, _ in results(scanned("../data/2025/train.csv"))] == ["train.csv"]


def test_a_file_elsewhere_and_a_frame_are_named_alone(repository: Path, tmp_path: Path) -> None:
    outside = write(tmp_path / "elsewhere" / "a.csv")

    assert [uri for uri, _ in results(scanned(outside))] == ["a.csv"]
    assert [uri for uri, _ in results(scanned(pl.read_csv(outside)))] == ["data"]


def test_a_folder_whose_name_is_an_id_is_in_no_path(repository: Path) -> None:
    report = scanned(write(repository / "work" / SEALED / "a.csv"))

    assert {uri for uri, _ in results(report)} == {"a.csv"}
    assert SEALED not in report.to_sarif() + report.to_json()


def test_a_plans_table_lies_where_its_source_does(repository: Path) -> None:
    write(repository / "raw" / "people.csv")
    (repository / "sealscrub.toml").write_text(PLAN)

    report = ss.Plan.from_toml(repository / "sealscrub.toml").scan(index=example_index([SEALED]))

    assert {uri for uri, _ in results(report)} == {"raw/people.csv"}
    assert [table.name for table in report.tables] == ["people"]


def test_a_database_and_a_scrub_have_paths_too(repository: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect("city.sqlite")) as city:
        city.execute("create table arrests (no text)")
        city.execute("insert into arrests values (?)", (SEALED,))
        city.commit()
    scrubbed = ss.scrub("../data/2025/train.csv", example_index([SEALED]), ON, output="clean.csv")

    assert {uri for uri, _ in results(scanned("city.sqlite#arrests"))} == {"work/city.sqlite"}
    assert [table.path for table in scrubbed.tables] == ["data/2025/train.csv"]


def test_a_report_that_is_read_back_has_its_paths(repository: Path) -> None:
    report = scanned("../data")

    assert Report.from_json(report.to_json()) == report
    assert Report.from_json(report.to_json()).to_sarif() == report.to_sarif()


def test_files_whose_names_are_ids_are_told_apart_without_them(repository: Path) -> None:
    ids = [f"K1461234{digit}" for digit in range(3)]
    for name in (*ids, "clean"):
        write(repository / "work" / "in" / f"{name}.csv")
    write(repository / "work" / "in" / ids[0] / "part.csv")

    report = ss.scan("in", example_index([SEALED, *ids]), ON)

    assert len({table.name for table in report.tables}) == 5
    assert len(dict(results(report))) == 5
    assert len({fingerprint for _, fingerprint in results(report)}) == len(results(report))
    for text in (str(report), report.to_sarif(), report.to_html(), report.to_json()):
        assert not any(each in text for each in ids)
