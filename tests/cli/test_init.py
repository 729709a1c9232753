"""``sealscrub init``: three answers become a plan, a CI file and a first test, which run."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import yaml

from .conftest import Ended

Run = Callable[..., Ended]
KEYS = ["--index", "example.sealindex", "--key-file", "example.key"]
CI = Path(".github/workflows/sealed-records.yml")
TEST = Path("tests/test_sealed_records.py")
READERS = ["custodian", *(pytest.param(each, marks=pytest.mark.long) for each in ("data-scientist", "auditor"))]


@pytest.fixture
def data(world: Path) -> Path:
    return _arrests("clean.csv", world / "data")


def _arrests(file: str, folder: Path) -> Path:
    folder.mkdir(parents=True)
    rows = pl.read_csv(file).select(arrest_number="arrest_no", charge=pl.lit("PETIT LARCENY"))
    rows.write_parquet(folder / "arrests.parquet")
    return folder


def commands() -> list[list[str]]:
    """What the CI file runs, but for the installation."""
    steps = yaml.safe_load(CI.read_text())["jobs"]["sealed-records"]["steps"]
    return [shlex.split(line) for step in steps for line in step.get("run", "").splitlines()][1:]


@pytest.mark.parametrize("reader", READERS)
def test_what_it_writes_runs(reader: str, data: Path, sealscrub: Run) -> None:
    ended = sealscrub("init", "--who", reader, "--data", "data", *([] if reader == "data-scientist" else KEYS))

    assert ended.code == 0, ended.err
    plan = data / "sealscrub.toml"
    plan.write_text("".join(line for line in plan.read_text().splitlines(keepends=True) if not line.startswith("#")))
    assert [words[0] for words in commands()] in (["pytest"], ["sealscrub", "pytest"])
    for program, *words in commands():
        if program == "sealscrub":
            ended = sealscrub(*words)
            assert ended.code == 0, ended.err
            continue
        ran = subprocess.run([sys.executable, "-m", program, *words], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_nullity_test_that_it_writes_passes(data: Path, sealscrub: Run) -> None:
    """Without variants, which double the interpreters that it starts; what takes long runs it as it is."""
    assert sealscrub("init", "--who", "data-scientist", "--data", "data").code == 0
    written = TEST.read_text()
    TEST.write_text(written.replace("sealed_index, on=ON)\n", "sealed_index, on=ON, variants=())\n"))
    assert TEST.read_text() != written
    ((program, *words),) = commands()
    ran = subprocess.run([sys.executable, "-m", program, *words], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_first_test_is_red_while_something_is_left_to_do(world: Path, sealscrub: Run) -> None:
    """Of both readers, which one process runs."""
    folders = {reader: _arrests("found.csv", world / reader / "data") for reader in ("custodian", "auditor")}
    for reader, folder in folders.items():
        assert sealscrub("init", reader, "--who", reader, "--data", folder, *KEYS).code == 0
    plan = folders["custodian"] / "sealscrub.toml"
    plan.write_text(plan.read_text() + "# DECIDE: this\n")

    words = ["-m", "pytest", "-q", "--import-mode=importlib", *(f"{reader}/{TEST}" for reader in folders)]
    words += ["--nullity-index", KEYS[1], "--nullity-key", KEYS[3]]
    ran = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "2 failed" in ran.stdout
    assert all(f"sealscrub {command} says" in ran.stdout for command in ("plan check", "scan --plan"))


def test_the_plan_is_that_of_plan_init(data: Path, sealscrub: Run) -> None:
    assert sealscrub("plan", "init", "data", *KEYS).code == 0
    plan = data / "sealscrub.toml"
    proposed = plan.read_bytes()
    plan.unlink()

    assert sealscrub("init", "--who", "custodian", "--data", "data", *KEYS).code == 0
    assert plan.read_bytes() == proposed


@pytest.mark.parametrize("taken", ["data/sealscrub.toml", str(CI), str(TEST)])
def test_a_file_that_exists_stays_and_nothing_is_written(taken: str, data: Path, world: Path, sealscrub: Run) -> None:
    (world / taken).parent.mkdir(parents=True, exist_ok=True)
    (world / taken).write_text("mine")
    before = sorted(path for path in world.rglob("*") if path.is_file())

    ended = sealscrub("init", "--who", "data-scientist", "--data", "data")

    assert ended.code == 2
    assert "already exists" in ended.err
    assert (world / taken).read_text() == "mine"
    assert sorted(path for path in world.rglob("*") if path.is_file()) == before


@pytest.mark.parametrize(("folder", "code"), [("new/project", 0), ("data/arrests.parquet", 2)])
def test_a_missing_folder_is_made(folder: str, code: int, data: Path, sealscrub: Run) -> None:
    ended = sealscrub("init", folder, "--who", "data-scientist", "--data", "data")

    assert ended.code == code, ended.err
    assert (Path(folder) / TEST).exists() == (code == 0)
    assert (data / "sealscrub.toml").exists() == (code == 0)


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ([], "--who"),
        (["--who", "auditor"], "--data"),
        (["--who", "auditor", "--data", "data"], "--index"),
        (["--who", "custodian", "--data", "data", "--index", "example.sealindex"], "--key-file"),
    ],
)
def test_without_a_terminal_it_names_the_option(
    words: list[str], missing: str, data: Path, sealscrub: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEALSCRUB_KEY_FILE", raising=False)
    ended = sealscrub("init", *words)
    assert ended.code == 2
    assert f"{missing} is missing" in ended.err
    assert f"give {missing} " in ended.err
    assert not TEST.exists()


@pytest.fixture
def answered(sealscrub: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Ended]:
    def run(answers: str) -> Ended:
        ours, theirs = pty.openpty()
        os.write(ours, "".join(f"{line}\n" for line in answers.split("|")).encode())
        with open(ours, "rb"), open(theirs) as terminal:
            monkeypatch.setattr("sys.stdin", terminal)
            return sealscrub("init")

    return run


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ("1|data|", [1, 1, 1, 0]),
        ("me|Data scientist||data|", [1, 2, 1, 0]),
        ("1|dta|data/arrests.parquet|data|", [1, 3, 1, 0]),
        ("3|data|nope.sealindex|example.sealindex|nope.key|example.key", [1, 1, 2, 2]),
        ("3|data|example.sealindex|example.sealindex|example.key", [1, 1, 1, 2]),
    ],
    ids=["at once", "after two others", "after a wrong folder", "after a wrong index and key", "after what is no key"],
)
def test_on_a_terminal_it_asks_until_the_answers_fit(
    answers: str, asked: list[int], data: Path, answered: Callable[[str], Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEALSCRUB_KEY_FILE", raising=False)
    ended = answered(answers)

    assert ended.code == 0, ended.err
    questions = ("Who are you?", "Where is the data?", "Where is the index?", "Where is the key")
    assert [ended.err.count(each) for each in questions] == asked
    assert ended.err.count(": written") == 3
    assert (data / "sealscrub.toml").is_file()


def test_a_folder_that_has_a_plan_is_told_so_before_the_next_question(
    data: Path, answered: Callable[[str], Ended]
) -> None:
    (data / "sealscrub.toml").write_text("mine")
    ended = answered("1|data|")
    assert ended.code == 2
    assert "already exists" in ended.err
    assert "Where is the index?" not in ended.err


@pytest.mark.usefixtures("data")
def test_a_project_that_has_the_files_is_asked_nothing(answered: Callable[[str], Ended]) -> None:
    TEST.parent.mkdir()
    TEST.write_text("mine")
    ended = answered("1|data|")
    assert ended.code == 2
    assert "Who are you?" not in ended.err


def test_what_is_outside_of_the_project_is_named_in_full(world: Path, sealscrub: Run) -> None:
    """CI checks the project out elsewhere."""
    _arrests("found.csv", world / "project/data")
    assert sealscrub("init", "project", "--who", "auditor", "--data", "project/data", *KEYS).code == 0
    written = (Path("project") / CI).read_text()
    assert f"{world}/example.sealindex" in written
    assert "data/sealscrub.toml --index" in written
    assert "../" not in written


def test_a_custodian_without_an_index_learns_how_to_publish_one(
    data: Path, answered: Callable[[str], Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEALSCRUB_KEY_FILE", raising=False)
    assert "sealscrub publish" in answered("2|data||example.sealindex|example.key").err
    assert (data / "sealscrub.toml").exists()
