"""Models that MLflow keeps: folders with their input examples and signatures, and URIs of a store or a server."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sealscrub.cli import run
from sealscrub.datasets import example_index
from sealscrub.errors import UsageError
from sealscrub.index import Index
from sealscrub.validators.artefacts import audit_model

from .models import FEATURES, SEALED, SEALED_ROWS, Training

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own
ON = {"arrest_number": "arrest_no"}
PLAIN = {"serialization_format": "cloudpickle", "pip_requirements": []}
_QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet"}


@pytest.fixture(scope="module")
def mlflow() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**_QUIET, "MLFLOW_ALLOW_FILE_STORE": "true"}.items():
            patch.setenv(name, value)
        yield pytest.importorskip("mlflow.sklearn")


def frame(training: Training, *, keys: bool) -> pd.DataFrame:
    table = pd.DataFrame(training.features, columns=list(FEATURES))
    if keys:
        table.insert(0, "arrest_no", training.numbers)
    return table


def model(training: Training, kept: slice = slice(None)) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression().fit(training.features[kept], training.labels[kept])


def test_an_input_example_is_read(mlflow: Any, training: Training, index: Index, rows: Path, tmp_path: Path) -> None:
    example = frame(training, keys=False).head(4)
    mlflow.save_model(model(training), tmp_path / "m", input_example=example, **PLAIN)
    done = audit_model(tmp_path / "m", index, rows=rows, on=ON)

    assert {Path(each.file).name for each in done.findings} >= {"input_example.json", "serving_input_example.json"}
    assert {each.count for each in done.findings} == {4}
    assert done.not_checked == ()
    assert audit_model(tmp_path / "m", index).exit_code == 3, "an input example is rows, and none were given"


def test_an_input_example_with_keys_needs_no_rows(
    mlflow: Any, training: Training, index: Index, tmp_path: Path
) -> None:
    example = frame(training, keys=True).head(4)
    mlflow.save_model(model(training), tmp_path / "m", input_example=example, **PLAIN)

    found = {(Path(each.file).name, each.kind) for each in audit_model(tmp_path / "m", index).findings}

    assert ("input_example.json", "identifier") in found


def test_a_signature_is_read(mlflow: Any, training: Training, index: Index, tmp_path: Path) -> None:
    from mlflow.models import infer_signature

    encoded = pd.DataFrame(training.features, columns=["age", f"id_{SEALED[0]}", "distance", "score"])
    mlflow.save_model(model(training), tmp_path / "m", signature=infer_signature(encoded), **PLAIN)
    done = audit_model(tmp_path / "m", index)

    assert [(each.file, each.kind) for each in done.findings] == [("MLmodel", "identifier")]
    assert audit_model(tmp_path / "m", example_index(["S18999999"])).exit_code == 0


@pytest.fixture(scope="module")
def logged(mlflow: Any, training: Training, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Log a model with rows in it to a store in files; give the store's URI and the run."""
    import mlflow as library
    from sklearn.neighbors import KNeighborsClassifier

    store = (tmp_path_factory.mktemp("store") / "runs").as_uri()
    before = library.get_tracking_uri()
    library.set_tracking_uri(store)
    try:
        with library.start_run() as made:
            neighbours = KNeighborsClassifier().fit(training.features, training.labels)
            mlflow.log_model(neighbours, name="model", **PLAIN)
    finally:
        library.set_tracking_uri(before)
    return store, made.info.run_id


def test_a_model_of_a_run_is_fetched(logged: tuple[str, str], index: Index, rows: Path) -> None:
    store, number = logged
    done = audit_model(f"runs:/{number}/model", index, rows=rows, on=ON, tracking_uri=store)

    assert [(each.file, each.kind, each.count) for each in done.findings] == [
        ("model.pkl", "training row", SEALED_ROWS)
    ]
    assert done.target == f"runs:/{number}/model"
    assert audit_model(f"runs:/{number}/model", index, tracking_uri=store).exit_code == 3


def test_the_command_takes_a_uri(logged: tuple[str, str], rows: Path, tmp_path: Path,
                                 capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    store, number = logged
    example_index(SEALED, folder=tmp_path)
    told = ["--index", str(tmp_path / "example.sealindex"), "--key-file", str(tmp_path / "example.key")]
    told += ["--tracking-uri", store]

    assert (
        run(["audit-model", f"runs:/{number}/model", *told, "--rows", str(rows), "--on", "arrest_number=arrest_no"])
        == 1
    )
    assert "training row" in capsys.readouterr().out
    assert run(["audit-model", f"runs:/{number}/nothing", *told]) == 2
    assert "MLflow does not give its files" in capsys.readouterr().err


def test_what_no_store_knows_is_an_error(logged: tuple[str, str], index: Index) -> None:
    with pytest.raises(UsageError, match="MLflow does not give its files"):
        audit_model("models:/absent/1", index, tracking_uri=logged[0])


@contextlib.contextmanager
def tracking_server(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
               "--artifacts-destination", str(folder / "artifacts"), "--host", "127.0.0.1", "--port", str(port),
               "--workers", "1"]  # fmt: skip
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with (folder / "log").open("wb") as said:
        server = subprocess.Popen(
            command, env={**os.environ, **_QUIET, "PATH": tools}, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            cwd=folder, start_new_session=True,
        )  # fmt: skip
    try:
        patience = time.monotonic() + 90
        while time.monotonic() < patience and server.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                yield f"http://127.0.0.1:{port}"
                return
            time.sleep(0.2)
        pytest.fail((folder / "log").read_text())
    finally:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(server.pid, sign)
                server.wait(20)


@pytest.mark.long
def test_a_registered_model_of_a_server(
    mlflow: Any, training: Training, index: Index, rows: Path, tmp_path: Path
) -> None:
    import mlflow as library
    from sklearn.neighbors import KNeighborsClassifier

    before = library.get_tracking_uri()
    with tracking_server(tmp_path) as server:
        library.set_tracking_uri(server)
        try:
            with library.start_run():
                neighbours = KNeighborsClassifier().fit(training.features, training.labels)
                mlflow.log_model(
                    neighbours, name="model", registered_model_name="risk", **PLAIN,
                )  # fmt: skip
        finally:
            library.set_tracking_uri(before)
        done = audit_model("models:/risk/1", index, rows=rows, on=ON, tracking_uri=server)

    assert [(each.kind, each.count) for each in done.findings] == [("training row", SEALED_ROWS)]
