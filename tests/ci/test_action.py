"""What ``action.yml`` and ``.pre-commit-hooks.yaml`` say is run as they say it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
import yaml

from sealscrub.cli import run
from sealscrub.datasets import example_index

from ..contracts.page_runner import blocks_of
from ..contracts.source_tree import source_folder
from .composite import ACTION, ROOT, Runner

HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
SEALED = "K14612345"
PLAN = """version = 1
tables.arrests = { source = "arrests.csv", keys = { arrest_number = "arrest_no" } }
tables.people = { source = "people.csv", orphan_of = { person = "arrests.person" } }
"""
FEATURES = """
import polars as pl
import sealscrub as ss

def build(arrests: pl.DataFrame):  # a row drop
    index = ss.open_index("example.sealindex", key="example.key")
    return ss.scrub(arrests.with_columns(priors=pl.len().over("person")), index, on={"arrest_number": "arrest_no"})
"""


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command line, as an installation would have it."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "sealscrub").write_text(
        f'#!/bin/sh\nPYTHONPATH="{source_folder().parent}" exec "{sys.executable}" -m sealscrub "$@"\n'
    )
    (folder / "sealscrub").chmod(0o700)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A checkout with an index, data, a plan and a feature job."""
    example_index([SEALED], folder=tmp_path)
    rows = [(f"M14{at:06d}", at % 7) for at in range(1, 60)]
    frame = pl.DataFrame(rows, schema=["arrest_no", "person"], orient="row")
    frame.write_csv(tmp_path / "arrests.csv")
    pl.concat([frame, pl.DataFrame({"arrest_no": [SEALED], "person": [1]})]).write_csv(tmp_path / "dirty data.csv")
    pl.DataFrame({"person": range(7)}).write_csv(tmp_path / "people.csv")
    (tmp_path / "sealscrub.toml").write_text(PLAN)
    (tmp_path / "features.py").write_text(FEATURES)
    return tmp_path


GIVEN = {"index": "example.sealindex", "key_file": "example.key", "keys": "arrest_number=arrest_no\n"}


def test_dirty_data_fails_the_job_and_its_reports_travel(project: Path, commands: Path) -> None:
    ran = Runner(project, commands, leave_out=("install",)).run(**GIVEN, data="arrests.csv\ndirty data.csv\n")
    sarif = json.loads((project / "sealscrub-reports" / "scan.sarif").read_text())

    assert ran.codes == {"Make the synthetic city, and a folder for reports": 0, "Scan the data": 1}
    assert [result["ruleId"] for result in sarif["runs"][0]["results"]] == ["SEAL001"]
    assert ACTION["outputs"]["sarif"]["value"] == "${{ inputs.reports }}/scan.sarif"
    assert SEALED not in ran.said
    assert not re.search(r"\b60\b|\b1 (row|record)", ran.said), "counts do not travel"


def test_steps_after_a_failed_one_run_all_the_same(project: Path, commands: Path) -> None:
    (project / "people.csv").rename(project / "persons.csv")
    ran = Runner(project, commands, leave_out=("install",)).run(
        **GIVEN, plan="sealscrub.toml", data="arrests.csv", reports="out"
    )

    assert ran.codes["Check the plan"] != 0
    assert ran.codes["Scan the data"] == 0
    assert {path.name for path in (project / "out").iterdir()} == {"scan.sarif", "scan.xml"}


@pytest.mark.long
def test_every_check_of_the_action(project: Path, commands: Path) -> None:
    pytest.importorskip("great_expectations")
    subprocess.run([commands / "sealscrub", "expectations", "new", "--plan", "sealscrub.toml"], cwd=project, check=True)
    ran = Runner(project, commands, leave_out=("install",)).run(
        **GIVEN,
        plan="sealscrub.toml",
        clean_estate=".",
        data="*.csv",
        nullity="features:build",
        nullity_data="arrests.csv",
        expectations="expectations/arrests.json arrests.csv\n\nexpectations/arrests.json dirty data.csv\n",
    )
    made = {path.name for path in (project / "sealscrub-reports").iterdir()}

    assert ran.codes == {
        "Make the synthetic city, and a folder for reports": 0,
        "Check the plan": 0,
        "Scan the estate by the plan": 0,
        "Scan the data": 2,  # people.csv has no such column
        "Test for nullity": 1,
        "Run the expectations": 1,
    }
    assert {"plan.xml", "estate.xml", "estate.sarif", "nullity.xml", "expectations-arrests.xml"} <= made
    for file in (project / "sealscrub-reports").glob("*.xml"):
        assert ElementTree.fromstring(file.read_text()).iter("testcase"), file  # noqa: S314 - our own


@pytest.mark.long
def test_it_installs_and_makes_a_city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    runner = Runner(tmp_path, tmp_path / "venv" / "bin")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    ran = runner.run(example_city="city", extras="registry", data="city/train.csv", keys="arrest_number=arrest_no")

    assert list(ran.codes.values()) == [0, 0, 1]
    assert shutil.which("sealscrub", path=str(tmp_path / "venv" / "bin"))


PAGE = [*blocks_of((ROOT / "docs" / "how-to" / "ci.md").read_text("utf-8"))]


def test_the_page_names_inputs_and_hooks_that_there_are() -> None:
    workflow, hooks = (yaml.safe_load(block.text) for block in PAGE if block.language == "yaml")
    ours = [step for step in workflow["jobs"]["sealscrub"]["steps"] if step.get("uses", "").startswith("sealscrub/")]
    page = (ROOT / "docs" / "how-to" / "ci.md").read_text("utf-8")

    assert len(ours) == 2
    assert all(step["with"].keys() <= ACTION["inputs"].keys() for step in ours)
    assert all(f"`{name}`" in page for name in ACTION["inputs"])
    assert all(hook["id"] in HOOKS for hook in hooks["repos"][0]["hooks"])


@pytest.mark.long
def test_the_workflow_of_the_page_runs(tmp_path: Path, commands: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(source_folder().parent))
    for block in PAGE:
        if "file" in block.about:
            (tmp_path / block.about["file"]).write_text(block.text)
    (workflow, _) = (yaml.safe_load(block.text) for block in PAGE if block.language == "yaml")
    runner = Runner(tmp_path, commands, leave_out=("install",))
    for step in workflow["jobs"]["sealscrub"]["steps"]:
        if step.get("uses", "").startswith("sealscrub/"):
            ran = runner.run(**{name.replace("-", "_"): value for name, value in step["with"].items()})
            assert set(ran.codes.values()) == {0}, ran.said
        elif "run" in step:
            path = {**os.environ, "PATH": f"{commands}:{os.environ['PATH']}"}
            subprocess.run(["bash", "-ec", step["run"]], cwd=tmp_path, env=path, check=True)

    assert {path.name for path in (tmp_path / "sealscrub-reports").iterdir()} == {
        "nullity.xml",
        "scan.sarif",
        "scan.xml",
    }


def run_hook(name: str, words: list[str], project: Path, commands: Path) -> int:
    command = [*shlex.split(HOOKS[name]["entry"]), *words]
    environment = {**os.environ, "PATH": f"{commands}:{os.environ['PATH']}"}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, check=False).returncode


def test_hooks_take_the_files_that_are_committed(project: Path, commands: Path) -> None:
    scan = HOOKS["sealscrub-scan"]
    words = ["--index", "example.sealindex", "--key-file", "example.key", "--on", "arrest_number=arrest_no"]
    changed = [name for name in ("dirty data.csv", "sealscrub.toml", "b.csv.gz") if re.search(scan["files"], name)]

    assert changed == ["dirty data.csv", "b.csv.gz"]
    assert run_hook("sealscrub-scan", [*words, changed[0]], project, commands) == 1
    assert run_hook("sealscrub-plan-check", ["sealscrub.toml"], project, commands) == 0


def test_hooks_name_commands_and_extras_that_there_are() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    for hook in HOOKS.values():
        assert hook["entry"].split()[0] == "sealscrub"
        assert run([*hook["entry"].split()[1:], "--help"]) == 0
        for needed in hook.get("additional_dependencies", ()):
            assert needed.removeprefix(".[").removesuffix("]") in extras
