"""Spark's session, which all tests of a process share: one JVM, whose event log and pages are on from the start."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

import sealscrub as ss

__all__ = ["connected", "other_version", "pages_since_now", "since_now", "spark", "spark_log"]


@pytest.fixture(scope="session")
def spark_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the event log."""
    return tmp_path_factory.mktemp("spark-events")


@pytest.fixture(scope="session")
def spark(spark_log: Path) -> Iterator[Any]:
    """A classic session of two threads, in which a task that fails is tried once more."""
    builder = pytest.importorskip("pyspark.sql").SparkSession.builder.master("local[2,2]")
    os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")  # its pages are served there alone
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
        "spark.ui.port": "0",
        "spark.ui.showConsoleProgress": "false",
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


def pages_since_now(spark: Any) -> Callable[[], dict[str, str]]:
    """Give Spark's pages, and what its REST interface says, of the session and of all jobs from now on, by address."""
    context = spark.sparkContext
    rest = f"/api/v1/applications/{context.applicationId}"
    lists = {"jobs": f"{rest}/jobs", "stages": f"{rest}/stages?details=true", "SQL": f"{rest}/sql?length=100000"}
    ids = {"jobs": "jobId", "stages": "stageId", "SQL": "id"}
    known = ("jobs", "stages", "storage", "environment", "executors", "SQL", "connect")
    pages = {"jobs": "job", "stages": "stage", "SQL": "execution"}

    def read(address: str) -> str:
        with urlopen(context.uiWebUrl + address, timeout=120) as said:  # noqa: S310 - of this process
            return str(said.read().decode())

    def numbers() -> dict[str, set[str]]:
        context._jsc.sc().listenerBus().waitUntilEmpty()
        return {kind: {str(each[ids[kind]]) for each in json.loads(read(place))} for kind, place in lists.items()}

    before = numbers()

    def read_all() -> dict[str, str]:
        new = {kind: after - before[kind] for kind, after in numbers().items()}
        addresses = [f"/{name}/" for name in known]
        addresses += [f"{rest}/{name}" for name in ("environment", "allexecutors", "storage/rdd")]
        addresses += [f"/{kind}/{pages[kind]}/?id={at}" for kind in ("jobs", "SQL") for at in sorted(new[kind])]
        addresses += [f"/stages/stage/?id={at}&attempt=0" for at in sorted(new["stages"])]
        found = {
            kind: [each for each in json.loads(read(place)) if str(each[ids[kind]]) in new[kind]]
            for kind, place in lists.items()
        }
        return {lists[kind]: json.dumps(each) for kind, each in found.items()} | {
            address: read(address) for address in addresses
        }

    return read_all


def other_version(folder: Path) -> Path:
    """Make a folder from which the package is imported as it is, but for its version."""
    (folder / "sealscrub").mkdir(parents=True)
    text = Path(ss.__file__).read_text().replace(f'"{ss.__version__}"', '"0.0.0"')
    inner = f"__path__.append({str(Path(ss.__file__).parent)!r})\n"
    (folder / "sealscrub" / "__init__.py").write_text(text + inner)
    return folder
