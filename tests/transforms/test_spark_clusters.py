"""Clusters of two workers: one that lacks something fails the job; tasks that are run again or twice change nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sealscrub.datasets import example_index

from ..spark_sessions import other_version
from . import spark_cluster

pytestmark = [pytest.mark.spark, pytest.mark.long]

SEALED = [f"K146{at:05}" for at in range(10_000, 10_040)]
OTHER = [f"M140{at:05}" for at in range(10_000, 10_080)]
LACKS = {
    "key": "cannot be opened on a worker",
    "index": "cannot be opened on a worker",
    "version": "another version",
    "package": "cannot run its plan",
}
"""What one of the two workers lacks, and what the error says."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pytest.importorskip("pyspark")
    example_index(SEALED, folder=tmp_path)
    for name, sealed in (("in", SEALED), ("without", [])):
        (tmp_path / name).mkdir()
        for at in range(4):
            ids = [*OTHER[at::4], *sealed[at::4]]
            pl.DataFrame({"arrest_no": ids, "at": range(len(ids))}).write_parquet(tmp_path / name / f"{at}.parquet")
    other_version(tmp_path / "other")
    (tmp_path / "broken" / "sealscrub").mkdir(parents=True)
    (tmp_path / "broken" / "sealscrub" / "__init__.py").write_text("")
    return tmp_path


def on_workers(folder: Path, settings: dict[str, str], *calls: str) -> dict[str, Any]:
    """What came of each call on two workers, and that none left a value of a row, nor of the key, in a log."""
    command = [sys.executable, spark_cluster.__file__, str(folder), json.dumps(settings), *calls]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stderr
    secrets = [each for each in json.loads((folder / "example.key").read_text()).values() if len(str(each)) > 20]
    left = [each.read_bytes() for name in ("events", "work") for each in (folder / name).rglob("*") if each.is_file()]
    assert any(b"ArrowEvalPython" in each for each in left)
    assert any(b"CoarseGrainedExecutorBackend" in each for each in left)  # of the workers
    for part in (*SEALED, *OTHER, *secrets):
        assert not any(part.encode() in each for each in left)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def other_worker_ran(folder: Path, *ways: str) -> None:
    """Check that the second worker, which is another one, had tasks."""
    assert {f"{way}.1" for way in ways} <= {each.name for each in (folder / "ran").iterdir()}


def tasks(folder: Path) -> list[dict[str, Any]]:
    """Ends of tasks, as the event log has them."""
    lines = [line for log in (folder / "events").rglob("events_*") for line in log.read_text().splitlines()]
    return [each for each in map(json.loads, lines) if each.get("Event") == "SparkListenerTaskEnd"]


def check_whole(folder: Path, said: dict[str, Any], *calls: str) -> None:
    """Check that each call came to the rows, files and counts of the world without, and left nothing else."""
    removed, files = said["whole.without"]
    assert removed == 0
    assert sorted(files) == [f"{at}.parquet" for at in range(4)]
    for call in calls:
        assert said[call] == [len(SEALED), OTHER if call.endswith(".frame") else files], call
    written = {each for each in (*calls, "whole.without") if not each.endswith(".frame")}
    assert {each.name for each in (folder / "out").iterdir()} == written


def test_a_worker_that_lacks_something_fails_the_job_and_two_write_the_files_of_the_world_without(folder: Path) -> None:
    lacking = [*(f"{way}.frame" for way in LACKS), "key.in"]
    said = on_workers(folder, {"spark.task.maxFailures": "1"}, *lacking, "whole.frame", "whole.in", "whole.without")

    other_worker_ran(folder, *LACKS, "whole")
    for call in lacking:
        kind, message = said[call]
        assert kind == "UnreadableInput", call
        assert LACKS[call.split(".")[0]] in message, call
        assert not any(id in message for id in (*SEALED, *OTHER)), call
    check_whole(folder, said, "whole.frame", "whole.in")


def test_a_worker_that_fails_dies_or_is_lost_between_the_passes_changes_nothing(folder: Path) -> None:
    calls = "fails.frame", "fails.in", "dies.frame", "late_dies.in", "lost.frame"
    said = on_workers(folder, {"spark.task.maxFailures": "12"}, *calls, "whole.without")

    other_worker_ran(folder, "fails", "dies", "lost")
    assert {each.name for each in folder.glob("*ed.*")} == {
        "failed.fails.frame",
        "failed.fails.in",
        "died.dies.frame",
        "died.late_dies.in",
    }
    assert {"ExceptionFailure", "ExecutorLostFailure"} <= {each["Task End Reason"]["Reason"] for each in tasks(folder)}
    check_whole(folder, said, *calls)


def test_copies_of_the_tasks_of_a_slow_worker_change_nothing(folder: Path) -> None:
    copies = {"interval": "50ms", "quantile": "0.1", "multiplier": "1.0", "minTaskRuntime": "1s"}
    settings = {"spark.speculation": "true", **{f"spark.speculation.{name}": value for name, value in copies.items()}}
    calls = "waits.frame", "late_waits.in"
    said = on_workers(folder, settings, *calls, "whole.without")

    other_worker_ran(folder, "waits")
    assert any(each["Task Info"]["Speculative"] for each in tasks(folder))
    check_whole(folder, said, *calls)
