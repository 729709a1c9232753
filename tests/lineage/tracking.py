"""A tracking store for tests, and data with and without sealed records."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"

SEALED = [f"K14{600000 + at}" for at in range(20)]
OPEN = [f"M14{800000 + at}" for at in range(60)]
ON = {"arrest_number": "arrest_no"}


def rows(*ids: str) -> pl.DataFrame:
    return pl.DataFrame({"arrest_no": list(ids), "age": [20 + at % 40 for at in range(len(ids))]})


@cache
def empty_store() -> Path:
    """A store that MLflow has laid out, which takes a second; the others are copies."""
    folder = tempfile.TemporaryDirectory(prefix="sealscrub-store-")
    atexit.register(folder.cleanup)
    made = Path(folder.name) / "mlflow.db"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of MLflow's dependencies
        import mlflow

        mlflow.MlflowClient(f"sqlite:///{made}").search_experiments()
    return made


class Store:
    """An SQLite store in a folder of its own, with one experiment."""

    def __init__(self, folder: Path, uri: str | None = None) -> None:
        import mlflow

        self.mlflow, self.folder = mlflow, folder
        self.uri = uri or f"sqlite:///{shutil.copy(empty_store(), folder / 'mlflow.db')}"
        self.client = mlflow.MlflowClient(self.uri, self.uri)  # else the registry is that of an earlier test
        where = None if uri else (folder / "artifacts").as_uri()
        self.experiment = self.client.create_experiment(f"risk-{folder.name}", where)

    def open(self) -> None:
        """Make it the process's own."""
        self.mlflow.set_tracking_uri(self.uri)
        self.mlflow.set_registry_uri(self.uri)

    def close(self) -> None:
        self.mlflow.set_tracking_uri(None)
        self.mlflow.set_registry_uri(None)
        os.environ.pop("MLFLOW_REGISTRY_URI", None)  # MLflow leaves it, and processes of later tests would take it

    def run(self, **options: Any) -> Any:
        return self.mlflow.start_run(experiment_id=self.experiment, **options)

    def tags(self, run: Any) -> dict[str, str]:
        return dict(self.client.get_run(run.info.run_id).data.tags)

    def artifact(self, run: Any, path: str) -> bytes:
        return Path(self.client.download_artifacts(run.info.run_id, path)).read_bytes()
