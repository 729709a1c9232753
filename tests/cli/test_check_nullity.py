"""``sealscrub check-nullity``: the user's function, the data in the kind that it takes, and the exit codes."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sealscrub.cli import run
from sealscrub.cli.nullity_sources import load_sources
from sealscrub.datasets import example_index
from sealscrub.transforms.plans import Plan

MODULE = """
from pathlib import Path
import polars as pl
import sealscrub as ss

def leak(arrests: pl.DataFrame):
    return arrests.group_by("person").len().sort("person")

def clean(arrests: pl.DataFrame):
    index = ss.open_index("example.sealindex", key="example.key")
    return leak(ss.scrub(arrests, index, on={"arrest_number": "arrest_no"}))

def cached(arrests: pl.DataFrame):
    return 7

def joined(tables: "dict[str, pl.DataFrame]"):
    return tables["arrests"].join(tables["people"], on="person").group_by("name").len().sort("name")

def secret(arrests: pl.DataFrame):
    return pl.read_csv("store.csv").join(arrests, on="person")

def lines(path: Path):
    return len(path.read_text().splitlines())

constant = 3
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "made_features.py").write_text(MODULE)
    (tmp_path / "broken_features.py").write_text("raise ValueError('Quillfeather')\n")
    arrests = pl.DataFrame({"arrest_no": [f"K14{at:06d}" for at in range(1, 41)], "person": [1, 2] * 20})
    arrests.write_csv("arrests.csv")
    arrests.write_parquet("arrests.parquet")
    pl.DataFrame({"person": [1, 2], "name": ["A", "B"]}).write_ndjson("people.jsonl")
    pl.DataFrame({"person": [1, 2], "priors": [4, 5]}).write_csv("store.csv")
    example_index(["K14000003"], folder=tmp_path)
    yield tmp_path
    for name in ("made_features", "broken_features"):
        sys.modules.pop(name, None)


def check(function: str, *words: str, on: str = "arrest_number=arrest_no") -> int:
    places = ["--index", "example.sealindex", "--key-file", "example.key"]
    return run(["check-nullity", function, *places, "--on", on, "--variants", "none", *words])


def test_a_pass(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("made_features:clean", "--data", "arrests.parquet", "--report", "nullity.xml") == 0
    assert "nullity of clean: PASS" in capsys.readouterr().out
    assert 'value="PASS"' in (project / "nullity.xml").read_text()


def test_interference(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports = [word for name in ("a.html", "a.json", "a.txt") for word in ("--report", name)]

    assert check("made_features:leak", "--data", "arrests.csv", *reports, "--format", "json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["contaminated"] == ["len"]
    assert json.loads((project / "a.json").read_text())["verdict"] == "INTERFERENCE"
    assert {stat.S_IMODE((project / name).stat().st_mode) for name in ("a.html", "a.json", "a.txt")} == {0o600}


def test_several_tables(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", "arrests.csv", "--data", "people=people.jsonl"]

    assert check("made_features:joined", *data, "--as", "polars", on="arrests.arrest_number=arrest_no") == 1
    assert "len" in capsys.readouterr().out


@pytest.mark.long
def test_an_ambient_input_and_its_declaration(project: Path) -> None:
    assert check("made_features:secret", "--data", "arrests.parquet") == 1
    assert check("made_features:secret", "--data", "arrests.parquet", "--inputs", "store.csv", "--format", "html") == 1


@pytest.mark.long
def test_what_could_not_be_told(project: Path) -> None:
    assert check("made_features:cached", "--data", "arrests.parquet") == 3


@pytest.mark.long
@pytest.mark.parametrize("kind", ["pandas", "pyarrow", "polars"])
def test_the_kind_of_the_data(kind: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "made_features.py").write_text(
        "def kind(arrests):\n    return [type(arrests).__module__.partition('.')[0], len(arrests), str(arrests)]\n"
    )

    for file in ("arrests.csv", "arrests.parquet"):
        assert check("made_features:kind", "--data", file, "--as", kind, "--format", "json") == 1
        assert json.loads(capsys.readouterr().out)["verdict"] == "INTERFERENCE"


def test_a_function_of_paths(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("made_features:lines", "--data", "arrests.csv") == 1
    assert "INTERFERENCE" in capsys.readouterr().out


WRONG: dict[str, tuple[list[str], str]] = {
    "no such function": (["made_features:nothing", "--data", "arrests.csv"], "has no 'nothing'"),
    "no function": (["made_features:constant", "--data", "arrests.csv"], "cannot be called"),
    "no name of one": (["made_features", "--data", "arrests.csv"], "module:function"),
    "no such module": (["absent_features:build", "--data", "arrests.csv"], "is not found"),
    "a module that fails": (["broken_features:build", "--data", "arrests.csv"], "ValueError at broken_features.py:1"),
    "no data": (["made_features:leak"], "no data given"),
    "no such file": (["made_features:leak", "--data", "absent.csv"], "does not exist"),
    "two of one name": (["made_features:leak", "--data", "arrests.csv", "--data", "arrests.parquet"], "two files"),
    "an unknown kind": (["made_features:leak", "--data", "arrests.csv", "--as", "spark"], "is not one of"),
    "an unknown variant": (["made_features:leak", "--data", "arrests.csv", "--variants", "shuffle"], "unknown variant"),
    "an unknown format": (
        ["made_features:leak", "--data", "arrests.csv", "--format", "sarif"],
        "does not have the format",
    ),
    "an unknown suffix": (["made_features:leak", "--data", "arrests.csv", "--report", "a.pdf"], "suffix"),
    "a report over the data": (["made_features:leak", "--data", "arrests.csv", "--report", "x/a.txt"], "folder"),
    "no time": (["made_features:leak", "--data", "arrests.csv", "--budget", "0"], "--budget"),
    "a file of no format": (["made_features:leak", "--data", "made_features.py"], "names no format"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use(name: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words, said = WRONG[name]

    assert check(*words) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert "Hint: " in shown.err or name in ("no time", "an unknown kind")  # as the parser refuses
    assert shown.out == ""
    assert "Quillfeather" not in shown.err


@pytest.mark.parametrize(
    "words",
    [["--on", "arrest_number=absent"], ["--on", "opaque:jail=arrest_no"], ["--on", "nysid=person"], []],
    ids=["column", "scheme", "level", "none"],
)
def test_wrong_keys(words: list[str], project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = ["--index", "example.sealindex", "--key-file", "example.key", "--data", "arrests.parquet"]

    assert run(["check-nullity", "made_features:leak", *places, *words]) == 2
    assert "Hint: " in capsys.readouterr().err


def test_unreadable_data(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "torn.parquet").write_bytes((project / "arrests.parquet").read_bytes()[:100])

    assert check("made_features:leak", "--data", "torn.parquet") == 3
    assert "cannot be read as Parquet" in capsys.readouterr().err


PLAN = """version = 1
index = "example.sealindex"
key_file = "example.key"
[tables.arrests]
source = "arrests.csv"
keys = { arrest_number = "arrest_no" }
[tables.people]
source = "people.jsonl"
orphan_of = { person = "arrests.person" }
"""


@pytest.mark.parametrize(
    "data",
    [pytest.param(["--data", "arrests=arrests.csv", "--data", "people=people.jsonl"], marks=pytest.mark.long), []],
)
def test_a_plan_says_what_goes_and_where_the_data_is(
    data: list[str], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "sealscrub.toml").write_text(PLAN)
    words = ["--plan", "sealscrub.toml", *data, "--as", "polars", "--variants", "none"]

    code = run(["check-nullity", "made_features:joined", *words])

    assert code == 1
    assert "INTERFERENCE" in capsys.readouterr().out


def rows_of(frame: Any) -> list[dict[str, Any]]:
    """Rows of a pandas, polars or pyarrow table."""
    return pl.DataFrame(frame).to_dicts()


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_a_plans_sources_are_read_with_keys_as_text(kind: str, tmp_path: Path) -> None:
    for part in ("1", "2"):
        (tmp_path / f"arrests-{part}.csv").write_text(f"number;person\n00{part};{part}\n")
    pl.DataFrame({"arrest": ["001"], "score": [0.5]}).write_csv(tmp_path / "scores.csv")
    with contextlib.closing(sqlite3.connect(tmp_path / "estate.sqlite")) as database:
        database.execute("create table photos (arrest text, photo text)")
        database.execute("insert into photos values ('001', '007')")
        database.commit()
    tables = {
        "arrests": {"source": "arrests-*.csv", "delimiter": ";", "keys": {"opaque:jail": "number"}},
        "scores": {"source": "scores.csv", "link": {"arrest": "arrests.number"}},
        "photos": {"source": "estate.sqlite#photos", "link": {"arrest": "arrests.number"}},
    }
    plan = Plan.from_dict({"version": 1, "tables": tables}, root=tmp_path)

    found = load_sources(plan, kind, lambda tables: None, ())

    assert {name: rows_of(frame) for name, frame in found.items()} == {
        "arrests": [{"number": "001", "person": 1}, {"number": "002", "person": 2}],
        "scores": [{"arrest": "001", "score": 0.5}],
        "photos": [{"arrest": "001", "photo": "007"}],
    }


def test_a_plans_sources_that_cannot_be_read_are_wrong_use(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "sealscrub.toml").write_text(PLAN.replace("people.jsonl", "absent.jsonl"))

    assert run(["check-nullity", "made_features:joined", "--plan", "sealscrub.toml"]) == 2
    assert run(["check-nullity", "made_features:lines", "--plan", "sealscrub.toml"]) == 2
    assert "Hint: " in capsys.readouterr().err
