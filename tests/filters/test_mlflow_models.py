"""A guarded model in MLflow, served for real and asked over HTTP."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from sealscrub.datasets import example_index
from sealscrub.errors import Refused, UsageError
from sealscrub.filters import LiveIndex, guard

from ..lineage.tracking import empty_store
from .worlds import CLEAN, ON, SEALED

pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore")]
pytest.importorskip("mlflow")

TRAIN = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0], "n": [1, 0, 1, 0]})
MODEL = LogisticRegression().fit(TRAIN, [0, 0, 1, 1])
ROWS = pd.DataFrame({"id": [CLEAN[0], SEALED[0], CLEAN[1]], "x": [0.1, 77.25, 2.5], "n": [1, 0, 1]})


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from sealscrub.mlflow import save_guarded_model

    folder = tmp_path_factory.mktemp("served")
    example_index(SEALED, folder=folder)
    live = LiveIndex(folder / "example.sealindex", folder / "example.key")
    safe = guard(MODEL, live, ON, known=CLEAN[:2])
    save_guarded_model(safe, folder / "model", method="predict_proba", input_example=ROWS)
    return folder / "model"


def test_a_saved_guard_answers_as_the_model_without_the_sealed_record(saved: Path) -> None:
    import mlflow

    loaded = mlflow.pyfunc.load_model(str(saved))
    clean = ROWS.iloc[[0, 2]][["x", "n"]]

    assert loaded.predict(ROWS).tobytes() == MODEL.predict_proba(clean).tobytes()
    one, sealed = ROWS.iloc[:2].to_dict("records")
    assert list(loaded.predict_stream(one)) == MODEL.predict_proba(clean[:1]).tolist()
    with pytest.raises(Refused, match="no record"):
        list(loaded.predict_stream(sealed))
    with pytest.raises(Refused, match="no record"):
        loaded.predict(ROWS.iloc[[1]])


def test_what_is_saved_holds_no_sealed_record_and_no_key(saved: Path) -> None:
    content = b"".join(path.read_bytes() for path in saved.rglob("*") if path.is_file())
    key = (saved.parent / "example.key").read_bytes()

    assert SEALED[0].encode() not in content
    assert b"77.25" not in content
    assert all(secret not in content for secret in key.split(b'"') if len(secret) > 30)
    example = json.loads((saved / "input_example.json").read_text())
    assert [row[0] for row in example["data"]] == ["", ""]
    assert "id" in (saved / "MLmodel").read_text()


def test_a_guard_is_logged_in_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import mlflow

    from sealscrub.mlflow import log_guarded_model

    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{shutil.copy(empty_store(), tmp_path / 'mlflow.db')}")
    example_index(SEALED, folder=tmp_path)
    safe = guard(len, LiveIndex(tmp_path / "example.sealindex", tmp_path / "example.key"), ON, oracle_ok=True)
    with mlflow.start_run():
        info = log_guarded_model(safe, "counts", method="")
    assert mlflow.pyfunc.load_model(info.model_uri).predict(ROWS) == 2
    with pytest.raises(UsageError):
        log_guarded_model(MODEL)


@pytest.fixture(scope="module")
def url(saved: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["models", "serve", "-m", str(saved), "--env-manager", "local", "-h", "127.0.0.1", "-p", str(port)]
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    log = (saved.parent / "server.log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "mlflow", *command], env=environment, stdout=log, stderr=log, start_new_session=True
    )
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=1)
                break
            except OSError:
                time.sleep(0.25)
        yield f"http://127.0.0.1:{port}/invocations"
    finally:
        os.killpg(server.pid, 15)
        server.wait(20)
        log.close()


def ask(url: str, rows: pd.DataFrame) -> tuple[int, Any]:
    body = json.dumps({"dataframe_split": rows.to_dict("split", index=False)}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - our own
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_it_is_served_over_http(url: str, saved: Path) -> None:
    clean = ROWS.iloc[[0, 2]]
    status, answer = ask(url, ROWS)

    assert status == 200
    assert answer == ask(url, clean)[1]
    assert answer["predictions"] == MODEL.predict_proba(clean[["x", "n"]]).tolist()
    sealed, unknown = ask(url, ROWS.iloc[[1]]), ask(url, ROWS.iloc[[1]].assign(id=CLEAN[5]))
    assert sealed == unknown
    assert sealed[0] >= 400
    assert SEALED[0] not in json.dumps(sealed)
    assert "77.25" not in json.dumps(sealed)

    index = saved.parent / "example.sealindex"
    index.rename(index.with_suffix(".away"))
    assert ask(url, clean)[0] >= 400
    index.with_suffix(".away").rename(index)
    assert ask(url, clean)[0] == 200
    assert SEALED[0] not in (saved.parent / "server.log").read_text()
