"""``sealscrub audit-model`` ends as its help says, and shows no identifier and no cell."""

from __future__ import annotations

import json
import pickle
import stat
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sealscrub.cli import run
from sealscrub.datasets import example_index

from .models import SEALED, Training


@pytest.fixture
def place(tmp_path: Path, training: Training) -> Path:
    example_index(SEALED, folder=tmp_path)
    (tmp_path / "found.pkl").write_bytes(pickle.dumps({"categories_": list(SEALED)}))
    (tmp_path / "clean.pkl").write_bytes(pickle.dumps({"categories_": ["B17000001"]}))
    (tmp_path / "rows.pkl").write_bytes(pickle.dumps({"_fit_X": training.features}))
    (tmp_path / "broken.pkl").write_bytes(pickle.dumps(list(range(999)))[:500])
    training.write_rows(tmp_path / "train.parquet")
    return tmp_path


def audit(place: Path, name: str, *more: object) -> int:
    options = ["--index", place / "example.sealindex", "--key-file", place / "example.key", *more]
    return run(["audit-model", str(place / name), *map(str, options)])


@pytest.mark.parametrize(
    ("name", "more", "code"),
    [
        ("found.pkl", [], 1),
        ("clean.pkl", [], 0),
        ("clean.pkl", ["--only", "arrest_number"], 0),
        ("broken.pkl", [], 3),
        ("absent.pkl", [], 2),
        ("clean.pkl", ["--only", "docket"], 2),
        ("clean.pkl", ["--only", "nothing"], 2),
        ("clean.pkl", ["--rows", "absent.parquet"], 2),
        ("clean.pkl", ["--on", "arrest_number=arrest_no"], 2),
        ("clean.pkl", ["--format", "sarif"], 2),
        ("clean.pkl", ["--report", "a.pdf"], 2),
        ("clean.pkl", ["--report", "no/folder/a.json"], 2),
        ("clean.pkl", ["--min-coverage", "1.5"], 2),
    ],
)
def test_exit_codes(place: Path, name: str, more: list[str], code: int, capfd: pytest.CaptureFixture[str]) -> None:
    assert audit(place, name, *more) == code
    capfd.readouterr()


def test_rows(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    given = ["--rows", place / "train.parquet", "--on", "arrest_number=arrest_no"]

    assert audit(place, "rows.pkl", *given) == 1
    assert "training row" in capfd.readouterr().out


@pytest.mark.parametrize("format", ["text", "json", "html", "junit"])
def test_every_rendering_is_said_and_written(place: Path, format: str, capfd: pytest.CaptureFixture[str]) -> None:
    file = place / {"text": "a.txt", "json": "a.json", "html": "a.html", "junit": "a.xml"}[format]
    code = audit(place, "found.pkl", "--format", format, "--report", file)
    said = capfd.readouterr().out

    assert code == 1
    assert said == file.read_text("utf-8")
    assert not any(number[1:] in said for number in SEALED)
    assert stat.S_IMODE(file.stat().st_mode) == (0o600 if format != "junit" else stat.S_IMODE(file.stat().st_mode))


def test_json_says_what_where_how_sure(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    audit(place, "found.pkl", "--format", "json")
    facts = json.loads(capfd.readouterr().out)

    assert (facts["verdict"], facts["exit_code"], facts["complete"]) == ("found", 1, True)
    assert facts["findings"] == [
        {
            "file": "found.pkl",
            "path": "[key 0]",
            "kind": "identifier",
            "certainty": "certain",
            "count": 3,
            "detail": "arrest_number",
        }
    ]


def test_junit_carries_no_count_and_no_place(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    audit(place, "found.pkl", "--format", "junit")
    said = capfd.readouterr().out
    root = ElementTree.fromstring(said)  # noqa: S314 - our own rendering

    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("2", "1", "0")
    assert "key 0" not in said
    assert "found.pkl" not in said


def test_a_file_named_by_an_identifier_is_not_named(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = place / "models"
    folder.mkdir()
    (folder / f"{SEALED[0]}.pkl").write_bytes(pickle.dumps([]))

    assert audit(place, "models") == 1
    said = capfd.readouterr().out
    assert "its name holds an identifier" in said
    assert SEALED[0] not in said


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("clean.pkl", "Nothing found"),
        ("broken.pkl", "Not everything was checked"),
        ("found.pkl", "Sealed records found"),
    ],
)
def test_its_text_says_in_one_line_what_no_file_shows(
    place: Path, name: str, verdict: str, capfd: pytest.CaptureFixture[str]
) -> None:
    audit(place, name)

    lines = capfd.readouterr().out.splitlines()
    assert lines[0].startswith(verdict)
    assert [line for line in lines if "learned" in line] == [
        "No file shows what forests, boosters, linear models and networks learned from sealed rows."
    ]
