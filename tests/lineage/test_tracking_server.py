"""With a real tracking server, many writers at a time, a crash, and ten thousand versions."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from sealscrub.lineage import require_untainted

from .shop import Custodian, Shop
from .tracking import OPEN, Store

pytest.importorskip("mlflow")
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["server", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--artifacts-destination", str(folder / "artifacts"), "--workers", "1"]
    log = (folder / "server.log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "mlflow", *command],
        stdout=log,
        stderr=log,
        start_new_session=True,
        cwd=folder,
        env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},  # else it starts eight processes more
    )
    try:
        for _ in range(480):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1)
                break
            except OSError:
                time.sleep(0.25)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, 15)
        server.wait(30)
        log.close()


@pytest.fixture
def served(url: str, tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path, url)
    made.open()
    yield made
    made.close()


TRAINER = """
import sys, mlflow
import polars as pl
import sealscrub as ss
uri, experiment, folder, index, first, name = sys.argv[1:]
mlflow.set_tracking_uri(uri)
opened = ss.open_index(index, folder + "/seal.key")
for at in range(3):
    ids = [f"M14{800000 + int(first) + at + each}" for each in range(4)]
    rows = pl.DataFrame({"arrest_no": ids, "age": [20, 30, 40, 50]})
    with mlflow.start_run(experiment_id=experiment) as run:
        ss.lineage.log_dataset(rows, opened, {"arrest_number": "arrest_no"}, members=folder + "/seals.members")
    version = mlflow.MlflowClient().create_model_version(name, f"runs:/{run.info.run_id}/m", run.info.run_id)
    print(f"models:/{name}/{version.version}", *ids)
"""


def test_many_train_at_once_on_a_server(served: Store, custodian: Custodian) -> None:
    shop, then = Shop(served, custodian), custodian.publish()
    words = [served.uri, served.experiment, custodian.folder, then.path]
    trainers = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", TRAINER, *map(str, words), str(first), shop.name],
            stdout=subprocess.PIPE,
            text=True,
        )
        for first in (0, 2, 20)
    ]
    lines = [
        line.split()
        for each in trainers
        for line in each.communicate(timeout=150)[0].splitlines()
        if "models:/" in line
    ]
    assert [each.returncode for each in trainers] == [0, 0, 0]
    assert len(lines) == 9
    custodian.seal(OPEN[3], OPEN[22])
    now = custodian.publish()

    command = ["taint", "--gate", "--index", now.path, "--members", shop.members, "--annex-key"]
    command += [custodian.folder / "seal.key.annex", "--tracking-uri", served.uri]
    gate = subprocess.run([sys.executable, "-m", "sealscrub", *map(str, command)], capture_output=True, text=True)
    tainted = {uri for uri, *ids in lines if {OPEN[3], OPEN[22]} & set(ids)}
    assert gate.returncode == 1, gate.stderr
    assert {line.split(": lawful")[0] for line in gate.stdout.splitlines() if ": lawful" in line} == tainted
    for uri, *_ in lines:
        if uri not in tainted:
            assert require_untainted(uri, index=now, tracking_uri=served.uri) == "untainted"


KILLED = """
import os, sys, mlflow, mlflow.tracking.client as tracking
import polars as pl
import sealscrub as ss
uri, experiment, folder, index = sys.argv[1:]
mlflow.set_tracking_uri(uri)
with mlflow.start_run(experiment_id=experiment) as run:
    print(run.info.run_id, flush=True)
    kept = tracking.MlflowClient.log_artifacts
    def and_die(*arguments, **options):
        kept(*arguments, **options)
        os._exit(9)
    tracking.MlflowClient.log_artifacts = and_die
    rows = pl.DataFrame({"arrest_no": ["M14800001"], "age": [20]})
    ss.lineage.log_dataset(rows, ss.open_index(index, folder + "/seal.key"), {"arrest_number": "arrest_no"},
        members=folder + "/seals.members")
"""


def test_a_run_that_died_while_it_logged_is_no_pass(shop: Shop, custodian: Custodian) -> None:
    then = custodian.publish()
    words = [shop.store.uri, shop.store.experiment, custodian.folder, then.path]
    died = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLED, *map(str, words)], capture_output=True, text=True
    )
    assert died.returncode == 9, died.stderr
    model, other = shop.register(died.stdout.split()[0]), shop.model(OPEN[:2], then)

    assert shop.states(then, model, other) == ["unknown", "untainted"]


def test_ten_thousand_versions(shop: Shop, custodian: Custodian) -> None:
    then = custodian.publish()
    good, bad = shop.model(OPEN[:3], then), shop.model(OPEN[3:6], then)
    with sqlite3.connect(shop.store.uri.removeprefix("sqlite:///")) as base:
        columns = [row[1] for row in base.execute("pragma table_info(model_versions)")]
        made = ", ".join("version + 2 * n" if each == "version" else each for each in columns)
        base.execute(
            f"with recursive c(n) as (select 1 union all select n + 1 from c where n < 5000) "
            f"insert into model_versions ({', '.join(columns)}) select {made} from model_versions, c where name = ?",
            (shop.name,),
        )
    base.close()
    custodian.seal(OPEN[4])
    report = shop.ask(custodian.publish(), tag=False)
    states = [each.state for each in report.models if each.uri.startswith(f"models:/{shop.name}/")]

    assert (good, bad) == (f"models:/{shop.name}/1", f"models:/{shop.name}/2")
    assert states == ["untainted", "tainted"] * 5001
