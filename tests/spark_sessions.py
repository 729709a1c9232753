"""Spark's session, which all tests of a process share: there is one JVM, and its event log is on from the start."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

__all__ = ["connected", "since_now", "spark", "spark_log"]


@pytest.fixture(scope="session")
def spark_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the event log."""
    return tmp_path_factory.mktemp("spark-events")


@pytest.fixture(scope="session")
def spark(spark_log: Path) -> Iterator[Any]:
    """A classic session of two threads, in which a task that fails is tried once more."""
    builder = pytest.importorskip("pyspark.sql").SparkSession.builder.master("local[2,2]")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": "0",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData",  # starts sooner
        "spark.driver.host": "127.0.0.1",
        "spark.eventLog.compress": "false",
        "spark.eventLog.dir": str(spark_log),
        "spark.eventLog.enabled": "true",
        "spark.eventLog.rolling.enabled": "false",
        "spark.log.level": "OFF",
        "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "64",
        "spark.sql.execution.arrow.pyspark.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": f"{spark_log}-warehouse",
        "spark.ui.enabled": "false",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    made = builder.getOrCreate()
    yield made
    made.stop()


@pytest.fixture
def connected(spark: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A session of Spark Connect, whose server is in the classic session's JVM and writes its event log."""
    pytest.importorskip("grpc")
    from pyspark.sql.connect.session import SparkSession

    monkeypatch.setenv("SPARK_CONNECT_MODE_ENABLED", "1")  # as `SparkSession.builder.remote` does for a whole process
    service = getattr(spark._jvm, "org.apache.spark.sql.connect.service.SparkConnectService$")
    made = SparkSession.builder.remote(f"sc://127.0.0.1:{service.__getattr__('MODULE$').localPort()}").getOrCreate()
    yield made
    made.stop()


def since_now(spark: Any, log: Path) -> Callable[[], bytes]:
    """Give what is written to the event log from now on, whenever it is asked."""
    bus = spark.sparkContext._jsc.sc().listenerBus()
    bus.waitUntilEmpty()
    before = {path: path.stat().st_size for path in log.rglob("*") if path.is_file()}

    def written() -> bytes:
        bus.waitUntilEmpty()
        return b"".join(path.read_bytes()[before.get(path, 0) :] for path in log.rglob("*") if path.is_file())

    return written
