"""Clusters of two workers: one that lacks something fails the job, and retries and copies of tasks change nothing."""

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

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore")]  # Spark's own

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
    index = example_index(SEALED, folder=tmp_path)
    (tmp_path / "index.json").write_text(json.dumps([str(each) for each in index.files]))
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
    """What came of each call, on two workers of which each had a task."""
    command = [sys.executable, spark_cluster.__file__, str(folder), json.dumps(settings), *calls]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stderr
    ran = {each.name for each in (folder / "ran").iterdir()}
    assert {f"{call.split('.')[0]}.{worker}" for call in calls for worker in "01"} <= ran
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def tasks(folder: Path) -> list[dict[str, Any]]:
    """Ends of tasks, as the event log has them."""
    lines = [line for log in (folder / "events").rglob("*") if log.is_file() for line in log.read_text().splitlines()]
    return [each for each in map(json.loads, lines) if each.get("Event") == "SparkListenerTaskEnd"]


def test_a_worker_that_lacks_something_fails_the_job_and_two_write_the_files_of_the_world_without(folder: Path) -> None:
    lacking = [f"{way}.{source}" for way in LACKS for source in ("frame", "in")]
    said = on_workers(folder, {"spark.task.maxFailures": "1"}, *lacking, "whole.frame", "whole.in", "whole.without")

    for call in lacking:
        kind, message = said[call]
        assert kind == "UnreadableInput", call
        assert LACKS[call.split(".")[0]] in message, call
        assert not any(id in message for id in (*SEALED, *OTHER)), call
    assert said["whole.frame"] == [len(SEALED), OTHER]
    removed, files = said["whole.in"]
    assert removed == len(SEALED)
    assert sorted(files) == [f"{at}.parquet" for at in range(4)]
    assert said["whole.without"] == [0, files]
    assert sorted(each.name for each in (folder / "out").iterdir()) == ["whole.in", "whole.without"]


def test_tasks_that_fail_or_run_twice_change_neither_rows_nor_files_nor_counts(folder: Path) -> None:
    copies = {"interval": "50ms", "quantile": "0.1", "multiplier": "1.0", "minTaskRuntime": "1s"}
    settings = {"spark.task.maxFailures": "12", "spark.speculation": "true"}
    settings |= {f"spark.speculation.{name}": value for name, value in copies.items()}
    calls = "fails.frame", "fails.in", "waits.frame", "waits.in"
    said = on_workers(folder, settings, *calls, "whole.without")

    ended = tasks(folder)
    assert any(each["Task Info"]["Speculative"] for each in ended)
    assert any(each["Task End Reason"]["Reason"] == "ExceptionFailure" for each in ended)
    _, files = said["whole.without"]
    for way in ("fails", "waits"):
        assert said[f"{way}.frame"] == [len(SEALED), OTHER]
        assert said[f"{way}.in"] == [len(SEALED), files]
