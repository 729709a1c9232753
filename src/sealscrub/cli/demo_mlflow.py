"""The demo's tracking: runs in MLflow, and which of the models contain what is sealed since."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import shlex
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sealscrub.errors import UsageError

from .demo_story import EARLIER, INDEX

if TYPE_CHECKING:
    from sealscrub.lineage import TaintReport

    from .demo_model import Trained, Vendor

__all__ = ["Tracking"]

_QUIET_MLFLOW = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
}
_NAME = "rearrest"
_REGISTRY = "MLFLOW_REGISTRY_URI"


class Tracking:
    """A tracking store in the demo's folder: SQLite and files."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor, self.story = vendor, vendor.story
        self.folder: Path = vendor.folder
        self.uri = f"sqlite:///{self.folder.resolve() / 'mlflow.db'}"
        for name, value in _QUIET_MLFLOW.items():
            os.environ.setdefault(name, value)
        self.runs: dict[str, str] = {}
        self.there = not self.story.missing("mlflow", "pyroaring", "sklearn")

    def log(self, trained: Trained, guarded: Any) -> None:
        """Log the data and the guarded model in a run, and register it as the champion."""
        title = "MLflow tracks the data and the model"
        if not self.there:
            self.story.skip(title, "MLflow", "mlflow,sklearn")
            return
        self._log(trained, guarded)
        self.story.say(
            title,
            f"The guarded model is registered as {_NAME}, version 1, the champion (mlflow.db). Its run describes its "
            "data: content digest, index and epoch that they were checked against, verdicts, soon a certificate, and, "
            "for the custodian only, which records they hold.",
        )

    def add_certificate(self, trained: Trained) -> None:
        """Put the certificate of the data among the artifacts of its run."""
        from sealscrub.lineage import log_certificate

        place = trained.data.parent
        if self.there:
            with self._open():
                signed, signer = place / "certificate.json", self.folder / "team.key.pub"
                log_certificate(self.runs[place.name], signed, signer, tracking_uri=self.uri)

    def tell_of_taint(self) -> None:
        """Say which model contains what has been sealed since."""
        title = "Taint: the custodian asks which models contain it"
        if not self.there:
            self.story.skip(title, "MLflow", "mlflow,sklearn")
            return
        found = self._taint(since=EARLIER)
        self._require(found, v1="tainted")
        found.save(self.folder / "taint.html")
        self.story.say(
            title,
            "Version 1, the champion, is tainted: it was lawful when it was trained. The model is tagged with it, and "
            "sealscrub taint --gate refuses to deploy it. The answer names no arrest.",
            "taint.html",
        )

    def log_again(self, trained: Trained, guarded: Any) -> None:
        """Log the model that was trained again, and ask again."""
        title = "The estate is scrubbed and the model trained again"
        where = "Without the arrest that is sealed now: clean-today/ and model-2/."
        if not self.there:
            self.story.say(title, where)
            return
        self._log(trained, guarded)
        self._require(self._taint(), v1="tainted", v2="untainted")
        self._show_run(self.runs[trained.data.parent.name])
        self.story.say(title, f"{where} The model is version 2, the champion, and untainted.", "run.html")
        keys = f"--members {self.story.place('seals.members')} --annex-key {self.story.place('seal.key.annex')}"
        uri = shlex.quote(f"sqlite:///{self.folder}/mlflow.db")
        store = f"--tracking-uri {uri} --model-uri models:/{_NAME}@champion"
        self.story.try_out(f"taint --gate --index {self.story.place(INDEX)} {keys} {store}")

    def _log(self, trained: Trained, guarded: Any) -> None:
        import mlflow

        from sealscrub.filters.mlflow_models import log_guarded_model
        from sealscrub.lineage import log_dataset

        with self._open():
            client = mlflow.MlflowClient()
            found = client.get_experiment_by_name(_NAME)
            place = (self.folder / "mlflow-artifacts").resolve().as_uri()
            experiment = found.experiment_id if found else client.create_experiment(_NAME, place)
            with mlflow.start_run(experiment_id=experiment, run_name=trained.data.parent.name) as run:
                self.runs[trained.data.parent.name] = run.info.run_id
                log_dataset(
                    trained.data,
                    trained.index,
                    self.vendor.pipeline.KEYS,
                    members=self.folder / "seals.members",
                    seeds={"sklearn": 0},
                    nullity=self.vendor.nullity,
                    expectations=trained.expectations,
                )
                logged = log_guarded_model(guarded, method="", registered_model_name=_NAME, pip_requirements=[])
            client.set_registered_model_alias(_NAME, "champion", str(logged.registered_model_version))

    def _show_run(self, run: str) -> None:
        """Put the page of a run among its artifacts, and a copy next to the demo's own."""
        from sealscrub.lineage.run_report import RunReport
        from sealscrub.lineage.tracked_run import log_run_page

        with self._open():
            graph = log_run_page(run, tracking_uri=self.uri)
        RunReport(graph=graph).save(self.folder / "run.html")

    def _taint(self, since: str | None = None) -> TaintReport:
        """Ask which registered versions contain a record that is sealed now."""
        from sealscrub.identifiers import load_annex
        from sealscrub.index import open_index
        from sealscrub.lineage import taint

        key = self.folder / "seal.key"
        older = None if since is None else open_index(self.folder / since, key, outdated=True)
        with self._open():
            return taint(
                self.vendor.index(),
                since=older,
                members=self.folder / "seals.members",
                annex_key=load_annex(self.folder / "seal.key.annex"),
                tracking_uri=self.uri,
            )

    @staticmethod
    def _require(report: TaintReport, **states: str) -> None:
        """Refuse to continue where the registered versions are in other states than the story says."""
        found = {model.uri: str(model.state) for model in report.models}
        for version, state in states.items():
            if found.get(f"models:/{_NAME}/{version.removeprefix('v')}") != state:
                raise UsageError("the models are not in the state that they must be in", where=_NAME)

    @contextlib.contextmanager
    def _open(self) -> Iterator[None]:
        """Make the store the process's own for a while, and keep its migrations from talking."""
        from sealscrub.lineage.run_record import mlflow_module

        mlflow = mlflow_module()
        before = mlflow.get_tracking_uri() if mlflow.is_tracking_uri_set() else None
        registry = os.environ.get(_REGISTRY)
        talk = [logging.getLogger(name) for name in ("mlflow", "alembic")]
        levels = [each.level for each in talk]
        for each in talk:
            each.setLevel(logging.ERROR)
        mlflow.set_tracking_uri(self.uri)
        mlflow.set_registry_uri(self.uri)
        try:
            with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):  # MLflow reveals each step
                warnings.simplefilter("ignore")
                yield
        finally:
            mlflow.set_tracking_uri(before)
            mlflow.set_registry_uri(registry)
            if registry is None:
                os.environ.pop(_REGISTRY, None)  # MLflow leaves it set
            for each, level in zip(talk, levels, strict=True):
                each.setLevel(level)
