"""Models that are named by an MLflow URI: their files are fetched, and none of them is loaded."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sealscrub.errors import MissingExtra, Spelled, UsageError

__all__ = ["fetched", "is_mlflow_uri"]

_SCHEMES = ("runs:/", "models:/", "mlflow-artifacts:/")
_QUIET_MLFLOW = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


def is_mlflow_uri(target: str) -> bool:
    """Whether MLflow has to be asked where the files are.

    Examples
    --------
    >>> is_mlflow_uri("models:/risk/3"), is_mlflow_uri("models/risk.joblib")
    (True, False)
    """
    return target.startswith(_SCHEMES)


@contextlib.contextmanager
def fetched(uri: str, tracking_uri: str | None = None) -> Iterator[Path]:
    """Fetch the files of a model or of a run's artifacts into a private folder, which is deleted afterwards.

    Parameters
    ----------
    uri : str
        ``runs:/RUN/model``, ``models:/NAME/VERSION``, ``models:/NAME@ALIAS``, ``models:/m-ID``.
    tracking_uri : str, optional
        Of the store or server that knows it; by default MLflow's own (``MLFLOW_TRACKING_URI``).

    Yields
    ------
    Path

    Raises
    ------
    MissingExtra
        When MLflow is not installed.
    UsageError
        When the store does not know it, or does not give its files.
    """
    with tempfile.TemporaryDirectory(prefix="sealscrub-model-") as folder, _quiet():
        try:
            mlflow: Any = importlib.import_module("mlflow")
        except ImportError:
            raise MissingExtra.of("mlflow", "mlflow") from None
        before = mlflow.get_tracking_uri() if mlflow.is_tracking_uri_set() else None
        try:
            if tracking_uri is not None:
                # what download_artifacts takes as its own is not handed on to all stores
                mlflow.set_tracking_uri(tracking_uri)
            found = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=folder, registry_uri=tracking_uri)
        except Exception as error:
            raise UsageError(
                f"MLflow does not give its files ({type(error).__name__})",
                where=uri,
                hint=Spelled(
                    "tracking_uri=, or MLFLOW_TRACKING_URI, names the store or server that has it.",
                    "--tracking-uri, or MLFLOW_TRACKING_URI, names the store or server that has it.",
                ),
            ) from None
        finally:
            if tracking_uri is not None:
                mlflow.set_tracking_uri(before)
        yield Path(found)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Let MLflow send nothing about its use, and print nothing."""
    unset = {name: value for name, value in _QUIET_MLFLOW.items() if name not in os.environ}
    os.environ.update(unset)
    logger = logging.getLogger("mlflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
        for name in unset:
            os.environ.pop(name, None)
