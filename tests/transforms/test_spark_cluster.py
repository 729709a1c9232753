"""Two executors, each a process of its own: tasks that are tried twice at a time, and one that is not as the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index

from ..spark_sessions import other_version
from .spark_rows import OTHER, SEALED

pytestmark = [pytest.mark.spark, pytest.mark.long]

pytest.importorskip("pyspark")

DRIVER = """
import json, sys, time
from pathlib import Path
from pyspark.sql import SparkSession
from pyspark.sql.functions import spark_partition_id, udf
import sealscrub as ss

settings, where, slow = json.loads(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "slow"
builder = SparkSession.builder.master("local-cluster[2,1,512]")
for name, value in settings.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
index = ss.open_index(where / "example.sealindex", key=where / "example.key")
said = {"out": "", "error": ""}

def once_slow(id, part):
    from pyspark import TaskContext
    if part == 3 and TaskContext.get().attemptNumber() == 0:
        time.sleep(40)
    return id

data = spark.read.parquet(str(where / "in"))
if slow:
    data = data.repartition(4).withColumn("arrest no", udf(once_slow, "string")("`arrest no`", spark_partition_id()))
try:
    done = ss.scrub(data, index, {"arrest_number": "arrest no"}, sweep=False, detail=True)
    done.data.write.parquet(str(where / "out"))
    said["report"] = [done.report.tables[0].rows, done.report.tables[0].removed]
    if not slow:
        ss.scrub(where / "in", index, {"arrest_number": "arrest no"}, output=where / "files", engine=spark)
except Exception as error:
    said["error"] = f"{type(error).__name__}: {error}"
tracker = spark.sparkContext._jsc.sc().statusStore()
stages = tracker.stageList(None)
said["killed"] = sum(stages.apply(at).numKilledTasks() for at in range(stages.size()))
print(json.dumps(said))
spark.stop()
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Any:
    """Run the driver against two executors, whose Python is started by a script; give what it says."""
    import pyspark

    home = tmp_path / "spark"  # executors work below it
    home.mkdir()
    for each in Path(pyspark.__file__).parent.iterdir():
        if each.name in ("bin", "jars", "sbin", "python"):
            (home / each.name).symlink_to(each)
    (tmp_path / "in").mkdir()
    example_index(SEALED, folder=tmp_path)
    for part in range(4):
        ids = [*OTHER[part * 50 : part * 50 + 50], *SEALED[part * 10 : part * 10 + 10]]
        pl.DataFrame({"arrest no": ids}).write_parquet(tmp_path / "in" / f"{part}.parquet")

    def run(script: str = "", **settings: str) -> dict[str, Any]:
        python = tmp_path / "python.sh"
        python.write_text(f'#!/bin/sh\n{script}\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o700)
        given = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData",
            "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData",
            "spark.executor.memory": "512m",
            "spark.pyspark.python": str(python),
            "spark.pyspark.driver.python": sys.executable,
            "spark.log.level": "OFF",
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "4",
        } | settings
        known = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": str(python)}
        environment = {**os.environ, **known, "PYTHONPATH": str(Path(ss.__file__).parent.parent)}
        command = [sys.executable, "-c", DRIVER, json.dumps(given), str(tmp_path), "slow" if settings else "as it is"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=400, check=False)
        assert done.returncode == 0, done.stderr[-2_000:]
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return said

    return run


def test_tasks_that_run_twice_are_counted_and_written_once(cluster: Any, tmp_path: Path) -> None:
    settings = {"spark.speculation.interval": "100ms", "spark.speculation.quantile": "0.5"}
    said = cluster(**settings, **{"spark.speculation": "true", "spark.speculation.minTaskRuntime": "1s"})

    assert said["error"] == ""
    assert said["report"] == [240, 40]
    assert said["killed"] > 0
    assert sorted(pl.read_parquet(tmp_path / "out")["arrest no"]) == OTHER


@pytest.mark.parametrize("lost", ["index", "key", "version"])
def test_one_worker_that_is_not_as_the_other_fails_the_job(cluster: Any, tmp_path: Path, lost: str) -> None:
    changed = {
        "index": "export SEALSCRUB_INDEX=/nowhere/example.sealindex",
        "key": "export SEALSCRUB_KEY_FILE=/nowhere/example.key",
        "version": f'export PYTHONPATH="{other_version(tmp_path / "other")}:$PYTHONPATH"',
    }[lost]
    said = cluster(f'case "$PWD" in */1) {changed};; esac')

    assert "another version" in said["error"] if lost == "version" else "cannot be opened on a worker" in said["error"]
    assert not any(id in said["error"] for id in (*SEALED, *OTHER))
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "files").exists()


def test_executors_that_are_alike_give_the_rows_of_one_machine(cluster: Any, tmp_path: Path) -> None:
    said = cluster()
    assert said["error"] == ""
    assert said["report"] == [240, 40]
    assert sorted(pl.read_parquet(tmp_path / "out")["arrest no"]) == OTHER
    for part in range(4):
        assert pl.read_parquet(tmp_path / "files" / f"{part}.parquet")["arrest no"].to_list() == OTHER[part * 50 :][:50]
