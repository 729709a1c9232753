"""Clusters of two workers: one that lacks something fails the job; tasks that run again or twice change nothing."""

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
    "index.frame": "cannot be opened on a worker",
    "key.in": "cannot be opened on a worker",
    "version.frame": "another version",
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


def test_a_worker_that_lacks_something_fails_the_job(folder: Path) -> None:
    said = on_workers(folder, {"spark.task.maxFailures": "1"}, *LACKS)

    other_worker_ran(folder, "index", "key", "version")
    for call, why in LACKS.items():
        kind, message = said[call]
        assert kind == "UnreadableInput", call
        assert why in message, call
        assert not any(id in message for id in (*SEALED, *OTHER)), call
    assert [*(folder / "out").iterdir()] == []


def test_workers_that_die_or_are_slow_change_nothing_and_leave_nothing(folder: Path) -> None:
    copies = {"interval": "50ms", "quantile": "0.1", "multiplier": "1.0", "minTaskRuntime": "1s"}
    settings = {f"spark.speculation.{name}": value for name, value in copies.items()}
    settings |= {"spark.speculation": "true", "spark.task.maxFailures": "12"}
    calls = "dies.frame", "late_dies.in", "late_waits.in"
    said = on_workers(folder, settings, *calls, "whole.without")

    other_worker_ran(folder, "dies", "waits")
    assert {each.name for each in folder.glob("died.*")} == {"died.dies.frame", "died.late_dies.in"}
    ends = tasks(folder)
    assert "ExecutorLostFailure" in {each["Task End Reason"]["Reason"] for each in ends}
    assert any(each["Task Info"]["Speculative"] for each in ends)
    removed, files = said["whole.without"]
    assert removed == 0
    assert sorted(files) == [f"{at}.parquet" for at in range(4)]
    for call in calls:
        assert said[call] == [len(SEALED), OTHER if call.endswith(".frame") else files], call
    assert sorted(each.name for each in (folder / "out").iterdir()) == sorted([*calls[1:], "whole.without"])
