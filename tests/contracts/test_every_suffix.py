"""Every command that takes a data file takes one of every suffix: the few that it refuses are listed, with reasons."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sealscrub.cli import run
from sealscrub.cli.nullity_data import load_data, named_files
from sealscrub.datasets import example_index
from sealscrub.identifiers import generate_certifier
from sealscrub.tables.formats import file_formats, format_named
from sealscrub.validators.artefacts.sealed_rows import read_sealed_rows

from ..transforms.arrests import CLEAR, SEALED
from .test_every_format import WRITERS, Row

INDEX = ["--index", "example.sealindex", "--key-file", "example.key"]
ON = ["--on", "arrest_number=arrest_no"]
ROWS: list[Row] = [(key, at % 7, "a note") for at, key in enumerate(CLEAR)]
SEPARATORS = {".tsv": "\t", ".tab": "\t", ".psv": "|"}
SUFFIXES = sorted(suffix for kind in file_formats().values() for suffix in kind.suffixes)
SIGNED = [*INDEX, *ON, "--signing-key", "team.key", "-o", "c.json"]

COMMANDS: dict[str, list[list[str]]] = {
    "scan": [["scan", "{file}", *INDEX, *ON]],
    "scrub": [["scrub", "{file}", *INDEX, *ON, "-o", "out{written}"]],
    "certify": [["certify", "--data", "{file}", *SIGNED]],
    "verify": [
        ["certify", "--data", "{file}", *SIGNED],
        ["verify", "c.json", "--data", "{file}", "--public-key", "team.key.pub"],
    ],
    "audit coverage": [
        ["certify", "--data", "{file}", *SIGNED],
        ["audit", "coverage", "inventory.toml", *INDEX, "--trusted-key", "team.key.pub"],
    ],
    "audit-model": [["audit-model", "model.json", *INDEX, *ON, "--rows", "sealed{suffix}"]],
    "expectations run": [["expectations", "run", "suite.json", "{file}", *INDEX]],
    "guard": [["guard", "{file}", *INDEX, *ON, "-o", "out{written}"]],
    "guard a ranking": [["guard", "{file}", *INDEX, *ON, "--score", "precinct", "-o", "out{written}"]],
    "guard what is known": [["guard", "scores.csv", *INDEX, *ON, "--known", "{file}", "-o", "out.csv"]],
    "plan init": [["plan", "init", "folder", "-o", "plan.toml"]],
    "plan check": [["plan", "check", "plan/sealscrub.toml", *INDEX]],
    "aggregate": [["aggregate", "{file}", "--by", "precinct", "--minimum", "2", "-o", "figures.csv"]],
    "link extract": [
        [
            *("link", "extract", "{file}", "--row-id", "arrest_no", "--last", "note", "-o", "x.linkin"),
            *("--recipient", "example.key.pub"),
        ]
    ],
}
"""What is run in turn, and has to end with 0."""

_TYPES = "what a certificate is about has types, and text has none: its digest would depend on how it is read"
REFUSED = {
    **{(command, text): _TYPES for command in ("certify", "verify", "audit coverage") for text in ("csv", "jsonl")},
}
"""Commands that do not take a format, and why."""
NEEDS = {"expectations run": "great_expectations", "aggregate": "scipy"}


def writer_of(format: str, suffix: str) -> Callable[[list[Row], Path], Any]:
    """What writes rows into a file of this suffix."""
    if suffix not in SEPARATORS:
        return WRITERS[format]
    return lambda rows, path: pl.DataFrame(rows, schema=["arrest_no", "precinct", "note"], orient="row").write_csv(
        path, separator=SEPARATORS[suffix]
    )


@pytest.fixture
def office(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a file of the suffix, in a folder with all else that the commands are given."""
    monkeypatch.chdir(tmp_path)
    example_index(SEALED, folder=tmp_path)
    generate_certifier(tmp_path / "team.key")
    kind = format_named(Path(f"data{suffix}"))
    assert kind is not None
    path = tmp_path / f"data{suffix}"
    write = writer_of(kind.format, suffix)
    write(ROWS, path)
    write([*ROWS, (SEALED[0], 9, "a note")], tmp_path / f"sealed{suffix}")
    for beside in ("folder", "plan"):
        Path(beside).mkdir()
        (Path(beside) / path.name).write_bytes(path.read_bytes())
    Path("plan/sealscrub.toml").write_text(
        f'version = 1\n[tables.data]\nsource = "data{suffix}"\nkeys = {{ arrest_number = "arrest_no" }}\n'
    )
    Path("inventory.toml").write_text(
        f'version = 1\n[[datasets]]\nname = "t"\npath = "data{suffix}"\ncertificate = "c.json"\n'
    )
    Path("model.json").write_text('{"trees": []}')
    Path("suite.json").write_text(
        json.dumps(
            {
                "name": "s",
                "expectations": [
                    {
                        "type": "expect_no_sealed_records",
                        "kwargs": {"on": {"arrest_number": "arrest_no"}, "use": "training"},
                        "meta": {},
                        "severity": "critical",
                    }
                ],
            }
        )
    )
    pl.DataFrame({"arrest_no": CLEAR[:3], "score": [3, 2, 1]}).write_csv("scores.csv")
    return path


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_takes_it_or_says_why_not(
    command: str, suffix: str, office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if command in NEEDS:
        pytest.importorskip(NEEDS[command])
    kind = format_named(office)
    assert kind is not None
    written = kind.relative(office).suffix
    *before, last = COMMANDS[command]
    given = {"file": office.name, "suffix": suffix, "written": written}
    refused = (command, kind.format) in REFUSED
    for words in before:
        assert run([word.format(**given) for word in words]) == (2 if refused else 0), capsys.readouterr().err
    if refused and before:
        return
    code = run([word.format(**given) for word in last])
    said = capsys.readouterr().err

    assert code == (2 if refused else 0), said
    assert not refused or "Hint: " in said


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_a_nullity_test_hands_its_rows_to_the_function(kind: str, suffix: str, office: Path) -> None:
    frame, _ = load_data(named_files([office.name]), ["arrest_number=arrest_no"], kind, len)

    assert type(frame).__module__.partition(".")[0] == kind
    assert pl.DataFrame(frame).rows() == ROWS


ZEROS = [f"00{at:04}" for at in range(100)]


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_sealed_rows_are_told_by_ids_that_begin_with_zeros(format: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows{file_formats()[format].suffixes[0]}"
    WRITERS[format]([(key, at * at, None) for at, key in enumerate(ZEROS)], path)

    found = read_sealed_rows(path, example_index(ZEROS[:30], scheme="opaque:jail"), {"opaque:jail": "arrest_no"})

    assert found.given == 30
