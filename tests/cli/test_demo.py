"""The demo tells its whole story, and says what it leaves out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from sealscrub.cli.demo_evidence import TODAY, Evidence
from sealscrub.cli.demo_model import Vendor
from sealscrub.cli.demo_story import Story
from sealscrub.cli.demo_tracking import Tracking


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
    tracking.tell_of_taint(TODAY, since="training.sealindex")
    second = vendor.train(TODAY, version=2)
    tracking.log_again(second, vendor.guarded(second), TODAY)
    evidence.verify(first, second)
    said = " ".join(capsys.readouterr().out.split())

    assert "tainted now" in said
    assert "version 2, the champion, and untainted" in said
    assert pl.read_parquet(first.data).height > pl.read_parquet(second.data).height


HIDE = (
    "import sys\nfor name in {hidden!r}: sys.modules[name] = None\nfrom sealscrub.cli import main\nmain(sys.argv[1:])\n"
)


def run_demo(folder: Path, hidden: list[str], arrests: int) -> str:
    """Run the demo in a process in which some packages cannot be had; give what it says, in one line."""
    script = folder.with_name("hiding.py")
    script.write_text(HIDE.format(hidden=hidden))
    done = subprocess.run(
        [sys.executable, str(script), "demo", "--folder", str(folder), "--arrests", str(arrests)],
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


@pytest.mark.long
def test_it_says_what_it_leaves_out(tmp_path: Path) -> None:
    said = run_demo(tmp_path / "demo", ["sklearn", "mlflow", "great_expectations"], 300)

    for extra in ("sealscrub[sklearn]", "sealscrub[mlflow,sklearn]", "sealscrub[gx]"):
        assert f"pip install '{extra}'" in said
    assert "The certificates are verified" in said
    assert str(tmp_path / "demo" / "model-2" / "certificate.html") in said


@pytest.mark.long
def test_it_tells_the_whole_story(tmp_path: Path) -> None:
    pytest.importorskip("great_expectations")
    pytest.importorskip("mlflow")
    said = run_demo(tmp_path / "demo", [], 2_000)

    for part in ("INTERFERENCE", "PASS", "17 of 17 tables equal", "49 expectations", "untainted", "L0, L1, L2"):
        assert part in said
    assert "Skipped" not in said
    assert "mlflow ui" in said
