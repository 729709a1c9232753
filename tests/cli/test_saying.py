"""What the commands say, and where: artefacts on standard output, sentences on standard error."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

import sealscrub as package
from sealscrub import transforms
from sealscrub.transforms import Report

from .conftest import SEALED, Ended
from .reference import COMMANDS, options_of

Run = Callable[..., Ended]


def test_the_version(sealscrub: Run) -> None:
    ended = sealscrub("--version")

    assert ended == Ended(0, f"sealscrub {package.__version__}\n", "")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(sealscrub: Run, command: str) -> None:
    ended = sealscrub(*command.split()[1:], "--help")

    assert ended.code == 0
    assert ended.err == ""
    assert (
        f"Example: {command} " in _joined(ended.out)
        or f"Examples: {command} " in _joined(ended.out)
        or (f"Example: {command}" in _joined(ended.out))
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_every_option(sealscrub: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("COLUMNS", "200")

    shown = sealscrub(*command.split()[1:], "--help").out

    assert [option for option in options_of(command) if option not in shown] == []


def _joined(text: str) -> str:
    return " ".join(text.split())


def test_a_report_on_standard_output_and_nothing_else(world: Path, sealscrub: Run, options: list[str]) -> None:
    as_json = sealscrub("scan", "found.csv", *options, "--format", "json")
    as_junit = sealscrub("scan", "found.csv", *options, "--format", "junit")
    as_sarif = sealscrub("scan", "found.csv", *options, "--format", "sarif")

    assert Report.from_json(as_json.out).found
    assert json.loads(as_json.out)["tables"][0]["keys"][0]["sealed"] == 1
    assert ElementTree.fromstring(as_junit.out).tag == "testsuites"  # noqa: S314 - our own
    assert json.loads(as_sarif.out)["version"] == "2.1.0"
    assert as_json.err == as_junit.err == as_sarif.err == ""


def test_reports_in_files_are_what_is_printed(world: Path, sealscrub: Run, options: list[str]) -> None:
    ended = sealscrub("scan", "found.csv", *options, "--format", "json", "--report", "r.json", "--report", "r.sarif")

    assert (world / "r.json").read_text() == ended.out
    assert (world / "r.json").stat().st_mode & 0o777 == 0o600
    assert (world / "r.sarif").exists()


def test_a_scrub_that_could_not_be_checked_reports_all_the_same(
    world: Path, sealscrub: Run, options: list[str]
) -> None:
    ended = sealscrub("scrub", "doubtful.csv", *options, "-o", "out.csv", "--format", "json", "--report", "r.json")

    assert not Report.from_json(ended.out).complete
    assert (world / "r.json").read_text() == ended.out
    assert "--quarantine" in ended.err


def test_what_is_made_is_said_on_standard_error(world: Path, sealscrub: Run) -> None:
    made = [
        sealscrub("keygen", "seal.key"),
        sealscrub("registry", "init", "seals.db"),
        sealscrub("registry", "add", "seals.db", "notices.csv"),
        sealscrub(
            *("publish", "seals.db", "-o", "training.sealindex", "--use", "training", "--use", "output"),
            *("--audience", "police", "--key-file", "seal.key"),
        ),
    ]

    assert [ended.out for ended in made] == [""] * 4
    assert all(ended.err.strip() for ended in made)


def test_inspect_writes_json(world: Path, sealscrub: Run) -> None:
    ended = sealscrub("inspect", "example.sealindex", "--format", "json")

    assert json.loads(ended.out)["entries"] == 2
    assert ended.err == ""


def test_a_key_is_read_from_standard_input(
    world: Path, sealscrub: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sealscrub("registry", "init", "seals.db")
    sealscrub("registry", "add", "seals.db", "notices.csv")
    (tmp_path / "asked").write_text(f"{SEALED}\n")

    with (tmp_path / "asked").open() as asked:
        monkeypatch.setattr("sys.stdin", asked)
        ended = sealscrub("registry", "history", "seals.db", "arrest_number", "--format", "json")

    assert [event["event"] for event in json.loads(ended.out)] == ["sealed"]


def test_the_key_file_is_named_by_the_environment(
    world: Path, sealscrub: Run, options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEALSCRUB_KEY_FILE", "example.key")

    assert sealscrub("scan", "clean.csv", *options[:2], *options[4:]).code == 0


def test_an_error_says_what_where_and_what_to_do(world: Path, sealscrub: Run, options: list[str]) -> None:
    ended = sealscrub("scan", "clean.csv", *options[:4], "--on", "arrest_number=arest_no")

    assert ended.out == ""
    assert ended.err == "error: clean.csv: there is no column 'arest_no'\nHint: did you mean 'arrest_no'?\n"


def test_an_unforeseen_error_is_said_without_its_text(
    world: Path, sealscrub: Run, options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object, **named: object) -> None:
        raise RuntimeError(f"row {SEALED}")

    monkeypatch.setattr(transforms, "scan", fail)

    ended = sealscrub("scan", "found.csv", *options)

    assert ended.code == 3
    assert SEALED not in ended.err + ended.out
    assert ended.err.startswith("error: an unforeseen RuntimeError at ")
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ["registry", "history", "seals.db", "arrest_number", SEALED, SEALED],
        ["registry", "seals", "seals.db", "--as-of", SEALED],
        ["registry", "seals", "seals.db", "--epoch", SEALED],
        ["registry", "seals", "seals.db", "--format", SEALED],
        ["registry", "changes", "seals.db", SEALED],
    ],
    ids=["argument", "day", "number", "choice", "number argument"],
)
def test_the_parser_does_not_repeat_a_value(world: Path, sealscrub: Run, words: list[str]) -> None:
    ended = sealscrub(*words)

    assert ended.code == 2
    assert ended.err
    assert SEALED not in ended.err


def test_a_name_cannot_steer_the_terminal(world: Path, sealscrub: Run, options: list[str]) -> None:
    ended = sealscrub("scan", "\x1b[2Jmissing.csv", *options)

    assert ended.code == 2
    assert "\x1b" not in ended.err
