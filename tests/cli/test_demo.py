"""The demo tells its whole story, and says what it leaves out."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from sealscrub.cli.demo_evidence import Evidence
from sealscrub.cli.demo_mlflow import Tracking
from sealscrub.cli.demo_model import Vendor
from sealscrub.cli.demo_story import Story


@pytest.fixture
def story(tmp_path: Path) -> Story:
    story = Story(tmp_path, 300, 0)
    story.make_city()
    story.publish()
    return story


@pytest.mark.long
def test_a_new_seal_taints_the_first_model_and_its_certificate(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("mlflow")
    vendor = Vendor(story)
    evidence, tracking = Evidence(vendor), Tracking(vendor)
    first = vendor.train()
    tracking.log(first, vendor.guard(first))
    evidence.certify(first)
    evidence.seal_another(first)
    tracking.tell_of_taint()
    second = vendor.train(version=2)
    tracking.log_again(second, vendor.guarded(second))
    evidence.verify(first, second)
    said = " ".join(capsys.readouterr().out.split())

    assert "is tainted: it was lawful" in said
    assert "version 2, the champion, and untainted" in said
    assert pl.read_parquet(first.data).height > pl.read_parquet(second.data).height


HIDE = (
    "import sys\nfor name in {hidden!r}: sys.modules[name] = None\nfrom sealscrub.cli import main\nmain(sys.argv[1:])\n"
)


def run_demo(place: Path, hidden: list[str], arrests: int) -> str:
    """Run the demo in a folder, in a process in which some packages cannot be had; give what it says."""
    script = place / "hiding.py"
    script.write_text(HIDE.format(hidden=hidden))
    done = subprocess.run(
        [sys.executable, str(script), "demo", "--arrests", str(arrests)],
        cwd=place,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_command(line: str, place: Path) -> subprocess.CompletedProcess[str]:
    """Run a line as somebody would who pastes it where they called the demo, the environment's programs at hand."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        cwd=place,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def run_what_it_prints(said: str, place: Path) -> list[str]:
    """Run every command that the demo printed; each must succeed."""
    lines = re.findall(r"^ *\$ (.+)$", said, re.MULTILINE)
    for line in lines:
        done = run_command(line, place)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return lines


@pytest.mark.long
def test_it_says_what_it_leaves_out_and_prints_commands_for_the_rest(tmp_path: Path) -> None:
    said = run_demo(tmp_path, ["sklearn", "mlflow", "great_expectations"], 300)
    lines = run_what_it_prints(said, tmp_path)
    said = " ".join(said.split())

    for extra in ("sealscrub[sklearn]", "sealscrub[mlflow,sklearn]", "sealscrub[gx]"):
        assert f"pip install '{extra}'" in said
    assert "The certificates are verified" in said
    assert "sealscrub-demo/model-2/certificate.html" in said
    assert not any("taint" in line or "expectations" in line for line in lines)


@pytest.mark.long
def test_it_tells_the_whole_story_and_what_it_leaves_behind_works(tmp_path: Path) -> None:
    pytest.importorskip("great_expectations")
    pytest.importorskip("mlflow")
    printed = run_demo(tmp_path, [], 300)
    said = " ".join(printed.split())

    for part in ("INTERFERENCE", "PASS", "17 of 17 tables equal", "49 expectations", "untainted", "L0, L1, L2"):
        assert part in said
    assert "Skipped" not in said
    assert "mlflow ui" in said

    lines = run_what_it_prints(printed, tmp_path)
    for command in ("plan check", "scan --plan", "check-nullity", "expectations run", "verify", "taint --gate"):
        assert any(f"sealscrub {command}" in line for line in lines)

    demo = tmp_path / "sealscrub-demo"
    documented = re.search(r"``(sealscrub check-nullity [^`]+)``", (demo / "pipeline.py").read_text("utf-8"))
    assert documented is not None
    assert run_command(" ".join(documented[1].split()), demo).returncode == 1  # as it says: records get through

    assert_one_count_of_removed_rows(said, demo)
    assert_every_check_is_logged(demo)


def assert_one_count_of_removed_rows(said: str, demo: Path) -> None:
    told = re.search(r"scrubbed\. ([\d,]+) rows were removed from", said)
    listed = re.search(r"together ([\d,]+)", said)
    page = re.sub(r"<[^>]+>", " ", (demo / "report.html").read_text("utf-8"))
    reported = re.search(r"([\d,]+) of [\d,]+ rows were removed", page)
    assert told is not None
    assert listed is not None
    assert reported is not None
    assert told[1] == listed[1] == reported[1]


def assert_every_check_is_logged(demo: Path) -> None:
    with contextlib.closing(sqlite3.connect(demo / "mlflow.db")) as store:  # MLflow warns of what else is installed
        rows = store.execute("select run_uuid, key, value from tags where key like 'sealscrub.verdict.%'").fetchall()
    checks: dict[str, dict[str, str]] = {}
    for run, key, value in rows:
        checks.setdefault(run, {})[key.rpartition(".")[2]] = value
    assert len(checks) == 2
    for found in checks.values():
        assert found == {"rowScan": "pass", "nullity": "pass", "expectations": "pass"}
