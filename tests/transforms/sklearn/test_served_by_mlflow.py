"""Estimators that MLflow logged, served by ``mlflow models serve`` and asked over HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sealscrub.datasets import example_index
from sealscrub.transforms.sklearn import SealedFit, SealedValueMasker

from .arrests import FEATURES, ON, SEALED_NUMBERS, World, world

pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore")]  # MLflow's own

_PATIENCE = 90
_QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet"}


@pytest.fixture(scope="module")
def mlflow() -> Any:
    os.environ.update(_QUIET)
    return pytest.importorskip("mlflow.sklearn")


@pytest.fixture(scope="module")
def models(mlflow: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Save a pipeline with each of the two; their index and its key are then moved away from where they were."""
    here, folder = world(), tmp_path_factory.mktemp("served")
    (folder / "before").mkdir()
    index = example_index(SEALED_NUMBERS, folder=folder / "before")
    masker = SealedValueMasker(index, ON, columns=FEATURES)
    features = make_column_transformer(("passthrough", FEATURES))
    trees = HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=2, random_state=0)
    made = {
        "masked": make_pipeline(masker, features, trees).fit(here.frame, here.target),
        "sealed_fit": SealedFit(make_pipeline(StandardScaler(), LogisticRegression()), index, ON),
    }
    made["sealed_fit"].fit(here.frame, here.target)
    for name, model in made.items():
        mlflow.save_model(model, folder / name, serialization_format="cloudpickle", pip_requirements=[])
    (folder / "before").rename(folder / "now")
    return folder, made


@contextlib.contextmanager
def serving(model: Path, log: Path, **environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve a model on a free port of this machine, and end the server and its workers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(model), "--env-manager", "local"]
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with log.open("wb") as said:
        server = subprocess.Popen(
            [*command, "-h", "127.0.0.1", "-p", str(port), "-w", "1"],
            env={**os.environ, **_QUIET, "PATH": tools, **environment},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd=log.parent,
            start_new_session=True,
        )
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(server.pid, sign)
                server.wait(20)


def is_up(url: str, server: subprocess.Popen[bytes]) -> bool:
    """Wait until it answers, or has ended."""
    patience = time.monotonic() + _PATIENCE
    while time.monotonic() < patience and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/ping", timeout=5) as answer:  # noqa: S310 - our own server
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.2)
    return False


def asked(url: str, rows: pd.DataFrame) -> list[Any]:
    """Ask for predictions."""
    body = json.dumps({"dataframe_split": json.loads(rows.to_json(orient="split", index=False, double_precision=15))})
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{url}/invocations", body.encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return list(json.loads(answer.read())["predictions"])


def rounded(here: World) -> pd.DataFrame:
    """Give rows whose numbers JSON carries whole."""
    rows = here.frame
    rows[FEATURES] = rows[FEATURES].round(6)
    return rows


@pytest.mark.parametrize("name", ["masked", "sealed_fit"])
def test_a_server_answers_as_the_model_does(name: str, models: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, made = models
    rows = rounded(world(3, 60))
    place = folder / "now"
    named = {"SEALSCRUB_INDEX": str(place / "example.sealindex"), "SEALSCRUB_KEY_FILE": str(place / "example.key")}

    with serving(folder / name, tmp_path / "log", **named) as (url, server):
        assert is_up(url, server), (tmp_path / "log").read_text()
        answers = asked(url, rows)

    assert answers == made[name].predict(rows).tolist()
    blind = rows.assign(arrest_no="M14800119")
    if name == "masked":
        assert not np.array_equal(made[name].predict(rows), made[name].predict(blind)), "nothing depended on the index"


@pytest.mark.parametrize("name", ["masked", "sealed_fit"])
def test_a_server_that_does_not_reach_the_index_never_answers(
    name: str, models: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, _ = models
    place = folder / "now"
    gone = {"SEALSCRUB_INDEX": str(folder / "gone.sealindex"), "SEALSCRUB_KEY_FILE": str(place / "example.key")}

    with serving(folder / name, tmp_path / "log", **gone) as (url, server):
        assert not is_up(url, server)
        assert server.poll() not in (None, 0)

    assert "the index does not exist" in (tmp_path / "log").read_text()
