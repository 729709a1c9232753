"""The pytest plugin in projects of its own, each in a process of its own."""

from __future__ import annotations

import importlib.metadata
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sealscrub.datasets import example_index

TABLE = """
import polars as pl, pytest
import sealscrub as ss
from sealscrub.testing import assert_nullity, check_nullity
ON = {"arrest_number": "arrest_no"}
ARRESTS = pl.DataFrame({"arrest_no": [f"K14{at:06d}" for at in range(1, 41)], "person": [1, 2] * 20})
"""
PROJECT = (
    TABLE
    + """
def test_clean(sealed_index):
    def clean(arrests):
        return ss.scrub(arrests, sealed_index, on=ON).group_by("person").len().sort("person")
    assert_nullity(clean, ARRESTS, sealed_index, on=ON, variants=())

def test_leak(sealed_index):
    def leak(arrests):
        return ss.scrub(arrests.with_columns(priors=pl.len().over("person")), sealed_index, on=ON)
    assert_nullity(leak, ARRESTS, sealed_index, on=ON)

@pytest.mark.nullity
def test_promises_a_check():
    pass

def test_of_something_else():
    pass
"""
)


def run(folder: Path, *words: str, test: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder, with the plugin as it is found once sealscrub is installed."""
    if test is not None:
        (folder / "test_it.py").write_text(test)
    installed = any(each.name == "sealscrub" for each in importlib.metadata.entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", "sealscrub.validators.pytest_plugin"]
    command = [sys.executable, "-m", "pytest", *plugin, "-p", "no:cacheprovider", "-W", "error", *words]
    own = {"SEALSCRUB_KEY_FILE", "PYTEST_ADDOPTS"}
    known = {name: value for name, value in os.environ.items() if name not in own}
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=known | {"COLUMNS": "150", "NO_COLOR": "1"},
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("project")
    done = run(
        folder, "--nullity-index", "example", "--junitxml", "junit.xml", "--nullity-report", "reports", test=PROJECT
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return folder, done.stdout


def test_the_one_line_passes_and_fails_as_it_should(project: tuple[Path, str]) -> None:
    assert "2 failed, 2 passed" in project[1]
    assert "nullity of leak: INTERFERENCE" in project[1]
    assert "  priors        values" in project[1]


def test_a_failure_shows_no_row(project: tuple[Path, str]) -> None:
    assert "K140000" not in project[1]
    assert "check.py" not in project[1]


def test_the_summary_lists_every_check(project: tuple[Path, str]) -> None:
    summary = project[1].partition("= nullity =")[2].partition("= short test summary")[0]

    assert "PASS          clean  test_it.py::test_clean" in summary
    assert "INTERFERENCE  leak  test_it.py::test_leak" in summary
    assert "2 nullity checks, 1 passed." in summary


def test_a_marked_test_without_a_check_fails(project: tuple[Path, str]) -> None:
    assert "made no nullity check" in project[1]


def test_junit_carries_verdicts_and_no_counts(project: tuple[Path, str]) -> None:
    text = (project[0] / "junit.xml").read_text()
    cases = {case.get("name"): case for case in ElementTree.fromstring(text).iter("testcase")}  # noqa: S314
    properties = {
        name: [(each.get("name"), each.get("value")) for each in case.iter("property")] for name, case in cases.items()
    }

    verdict, *open_doors = properties["test_clean"]
    assert verdict == ("sealscrub_nullity", "PASS clean")
    assert ("sealscrub_open", "names, links, sizes and times of files, and entries of users, can be seen") in open_doors
    assert {name for name, _ in open_doors} == {"sealscrub_open"}
    assert properties["test_leak"] == [("sealscrub_nullity", "INTERFERENCE leak")]
    assert properties["test_of_something_else"] == []
    assert cases["test_leak"].find("failure") is not None
    for telling in ("priors", "rows", "planted", "K14"):
        assert telling not in text


def test_reports_are_saved_for_the_owner_alone(project: tuple[Path, str]) -> None:
    folder = project[0] / "reports"
    files = {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}

    names = ("test_it.py-test_clean-clean", "test_it.py-test_leak-leak")
    assert files == {f"{name}.{suffix}": 0o600 for name in names for suffix in ("txt", "html", "json")}
    assert json.loads((folder / f"{names[1]}.json").read_text())["contaminated"] == ["priors"]


@pytest.mark.long
def test_the_fixture_marks_its_tests(tmp_path: Path) -> None:
    done = run(tmp_path, "-m", "nullity", "--collect-only", "-q", test=PROJECT)

    assert "test_clean" in done.stdout
    assert "test_promises_a_check" in done.stdout
    assert "test_of_something_else" not in done.stdout


def test_without_an_index_the_fixture_fails_and_says_what_to_do(tmp_path: Path) -> None:
    done = run(tmp_path, "-k", "test_clean", test=PROJECT)

    assert done.returncode == 1
    assert "--nullity-index FILE --nullity-key FILE" in done.stdout


@pytest.mark.long
def test_an_index_of_the_configuration_is_opened(tmp_path: Path) -> None:
    example_index(["K14000003"], folder=tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nnullity_index = example.sealindex\nnullity_key = example.key\n")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "test_it.py").write_text("def test_it(sealed_index): assert len(sealed_index) == 1\n")

    assert run(tmp_path / "below").returncode == 0
    assert "needs --nullity-key" in run(tmp_path, "-o", "nullity_key=").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--nullity-budget", "-1"], "number of seconds"),
        (["--nullity-report", "test_it.py/reports"], "cannot be made"),
        (["--nullity-report", "delta:reports"], "is the address of a table"),
    ],
)
def test_wrong_use_is_refused(words: list[str], said: str, tmp_path: Path) -> None:
    done = run(tmp_path, *words, test="def test_it(): pass\n")

    assert done.returncode == 4
    assert said in done.stdout + done.stderr


@pytest.mark.long
def test_the_budget_bounds_checks_that_name_none(tmp_path: Path) -> None:
    test = TABLE + (
        "def test_it(sealed_index):\n"
        "    def endless(arrests):\n"
        "        while True: pass\n"
        "    assert check_nullity(endless, ARRESTS, sealed_index, on=ON).verdict == 'INCONCLUSIVE'\n"
    )

    done = run(tmp_path, "--nullity-index", "example", "--nullity-budget", "1", test=test)

    assert done.returncode == 0, done.stdout
    assert "1 nullity check, 0 passed." in done.stdout


def test_a_suite_that_makes_no_check_is_left_alone(tmp_path: Path) -> None:
    test = (
        "import sys\n"
        "def test_it():\n"
        "    heavy = {'polars', 'pyarrow', 'pandas', 'numpy', 'cryptography', 'sealscrub.validators.nullity'}\n"
        "    assert not heavy & set(sys.modules)\n"
        "def test_failing(): assert [1] == [2]\n"
    )

    done = run(tmp_path, "--strict-markers", test=test)

    assert "1 failed, 1 passed" in done.stdout
    assert "nullity" not in done.stdout
    assert "assert [1] == [2]" in done.stdout


@pytest.mark.long
def test_workers_send_their_verdicts_home(tmp_path: Path) -> None:
    pytest.importorskip("xdist")

    done = run(tmp_path, "-n", "2", "--nullity-index", "example", "--junitxml", "junit.xml", test=PROJECT)

    assert "2 nullity checks, 1 passed." in done.stdout
    assert "nullity of leak: INTERFERENCE" in done.stdout
    assert "priors" not in (tmp_path / "junit.xml").read_text()
