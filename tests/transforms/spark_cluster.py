"""A program that scrubs on two workers, processes of their own: ``python spark_cluster.py FOLDER SETTINGS CALL …``.

The folder holds ``in`` and ``without``, folders of Parquet, and an example's index and key. A call is
``WAY.SOURCE``: the second worker is as the way says, see :data:`WORKER`, from the start or, if it is ``late_WAY``, when
rows are written; the source is one of the folders, or ``frame``. What came of each call is printed as JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import sealscrub as ss
from sealscrub.errors import SealscrubError
from sealscrub.tables.parquet.thrift_compact import read_struct

HOSTS = "127.0.0.1", "127.0.0.2"  # Spark runs no copy of a task on the host where it runs
WORKER = """#!/bin/sh
# starts Python on a worker, once for each way (or call); the second worker is another one
case $PWD in */work/1/*) at=1 ;; *) at=0 ;; esac
: >"$FOLDER/ran/$WAY.$at"
case $WAY.$at in
*.0) export SEALSCRUB_INDEX="$FOLDER/example.sealindex" SEALSCRUB_KEY_FILE="$FOLDER/example.key" ;;
version.1) export PYTHONPATH="$FOLDER/other:$PYTHONPATH" ;;
waits.1) while [ ! -e "$FOLDER/over.$CALL" ] && kill -0 $PPID; do sleep 0.1; done ;; # until the other worker did all
dies.1) if mkdir "$FOLDER/died.$CALL" 2>/dev/null; then kill -9 $PPID; fi ;; # with all that it has done
esac
exec "$PYTHON" "$@"
"""
LATE = "late_"
ONCE_A_CALL = "dies", "late_dies", "late_waits"
STARTS_SOONER = {"JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData"}  # executors, too
SETTINGS = {
    "spark.driver.host": HOSTS[0],
    "spark.eventLog.compress": "false",
    "spark.eventLog.enabled": "true",
    "spark.executor.memory": "512m",
    "spark.locality.wait": "0",
    "spark.log.level": "OFF",
    "spark.scheduler.barrier.maxConcurrentTasksCheck.interval": "1s",
    "spark.scheduler.barrier.maxConcurrentTasksCheck.maxFailures": "300",
    "spark.scheduler.maxRegisteredResourcesWaitingTime": "300s",
    "spark.scheduler.minRegisteredResourcesRatio": "1.0",
    "spark.shuffle.io.retryWait": "100ms",
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def run(folder: Path, settings: dict[str, str], calls: list[str]) -> dict[str, Any]:
    """Make each call, and say what came of it."""
    from pyspark.sql import SparkSession

    for name in ("ran", "events", "out"):
        (folder / name).mkdir()
    worker = folder / "worker"
    worker.write_text(WORKER)
    worker.chmod(0o755)
    os.environ |= STARTS_SOONER | {
        "PYSPARK_PYTHON": str(worker),
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": HOSTS[0],
    }
    builder = SparkSession.builder.master(_cluster(folder))
    for name, value in (SETTINGS | settings | {"spark.eventLog.dir": str(folder / "events")}).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.environment |= {"FOLDER": str(folder), "PYTHON": sys.executable}
    try:
        return {call: _outcome(session, folder, call) for call in calls}
    finally:
        session.stop()


def _cluster(folder: Path) -> str:
    """Start a master, and a worker of one core on each host, at ports that are free; their address is given."""
    from pyspark import SparkContext

    SparkContext._ensure_initialized()
    jvm, gateway = SparkContext._jvm, SparkContext._gateway
    assert jvm is not None
    assert gateway is not None
    deploy, conf, none = jvm.org.apache.spark.deploy, jvm.org.apache.spark.SparkConf(), jvm.scala.Option.empty()
    masters = gateway.new_array(jvm.String, 1)
    masters[0] = deploy.master.Master.startRpcEnvAndEndpoint(HOSTS[0], 0, 0, conf)._1().address().toSparkURL()
    for number, host in enumerate(HOSTS):
        place, at = str(folder / "work" / str(number)), jvm.scala.Option.apply(number)
        deploy.worker.Worker.startRpcEnvAndEndpoint(host, 0, 0, 1, 1024, masters, place, at, conf, none)
    return str(masters[0])


def _outcome(session: Any, folder: Path, call: str) -> Any:
    way, source = call.split(".")
    index, on, target = _open_index(folder, call), {"arrest_number": "arrest_no"}, folder / "out" / call
    _wait_for_both(session)
    session.sparkContext.environment |= {"WAY": way, "CALL": call if way in ONCE_A_CALL else ""}

    def counted(*_: Any) -> None:
        session.sparkContext.environment["WAY"] = way.removeprefix(LATE)

    try:
        if source == "frame":
            data = session.read.parquet(str(folder / "in")).select("arrest_no").repartition(8)
            done = ss.scrub(data, index, on, detail=True)
            counted()
            return done.report.tables[0].removed, sorted(id for (id,) in done.data.collect())
        report = ss.scrub(folder / source, index, on, output=target, engine=session, progress=counted)
    except SealscrubError as error:
        return type(error).__name__, str(error)
    finally:
        (folder / f"over.{call}").touch()
    return report.tables[0].removed, {file.name: _without_order(file.read_bytes()) for file in target.iterdir()}


def _open_index(folder: Path, call: str) -> ss.Index:
    """Open the index; of a way that lacks it or its key, that is gone then, and only the first worker has another."""
    files = {"index": folder / "example.sealindex", "key": folder / "example.key"}
    lost = files.get(call.split(".")[0])
    if lost is None:
        return ss.open_index(files["index"], files["key"])
    (folder / f"of.{call}").mkdir()
    copies = {name: Path(shutil.copy2(file, folder / f"of.{call}")) for name, file in files.items()}
    index = ss.open_index(copies["index"], copies["key"])
    (folder / f"of.{call}" / lost.name).unlink()
    return index


def _wait_for_both(session: Any) -> None:
    """Wait until no worker is busy: tasks of a barrier start together."""
    session.sparkContext.environment |= {"WAY": "none", "CALL": ""}
    session.sparkContext.parallelize(range(2), 2).barrier().mapPartitions(list).collect()


def _without_order(file: bytes) -> str:
    """Give a digest of a file of Parquet, whatever the order of the encodings in its footer."""
    start = len(file) - 8 - int.from_bytes(file[-8:-4], "little")
    footer, _ = read_struct(file, start)
    for group in footer[4]:
        for column in group[1]:
            column[3][2].sort()
    return hashlib.sha256(file[:start] + repr(footer).encode()).hexdigest()


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:])))
