"""A run in MLflow that logs its data before the model is trained, and its page when it ends."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sealscrub.atomic_write import placed_file
from sealscrub.errors import ConfigError
from sealscrub.index import Index
from sealscrub.matching.hidden_names import hide_names, refuse_ids
from sealscrub.matching.key_columns import On
from sealscrub.transforms import Report

from .data_logging import NOT_LOGGED, log_dataset
from .lineage_graph import RunGraph, run_graph
from .run_record import client_of, mlflow_module, tracked
from .run_report import RunReport
from .run_summary import describe_run

__all__ = ["log_run_page", "start_run"]

_STORE = "sqlite:///mlflow.db"


@contextlib.contextmanager
def start_run(
    data: Any,
    index: Index,
    on: On,
    *,
    experiment: str | None = None,
    run_name: str | None = None,
    tracking_uri: str | None = None,
    scrubbed: Report | None = None,
    operators_copy: str | Path | None = None,
    **options: Any,
) -> Iterator[Any]:
    """Start an MLflow run, log its clean data, and write its page when the block ends.

    Models logged in the block belong to the run. If no tracking store is set, it is ``mlflow.db`` (SQLite) in the
    current folder. MLflow's telemetry stays off. Data that still hold sealed records are refused before a run is made.

    Parameters
    ----------
    data, index, on
        As for :func:`log_dataset`; more datasets can be logged in the block.
    experiment : str, optional
        Name of the experiment, created if it does not exist; by default that of the run around it, or MLflow's active
        one.
    run_name : str, optional
    tracking_uri : str, optional
        Of the tracking store; it stays MLflow's own afterwards, as with ``mlflow.set_tracking_uri``.
    scrubbed : Report, optional
        What the scrub said: its counts go only into `operators_copy`.
    operators_copy : str or Path, optional
        A page with what was removed, by class, 0600. It may not be among the run's artifacts.
    **options
        Of :func:`log_dataset`: ``members``, ``plan``, ``lock``, ``seeds``, ``nullity``, ``expectations`` …

    Yields
    ------
    mlflow.ActiveRun

    Raises
    ------
    StillSealed, IncompleteError, ConfigError, MissingExtra
        As :func:`log_dataset` does.

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.datasets import example_index
    >>> index, on = example_index(["K14612345"]), {"arrest_number": "no"}
    >>> with start_run(pl.DataFrame({"no": ["M14000017"]}), index, on, operators_copy="run.html"):
    ...     pass
    Traceback (most recent call last):
    ...
    sealscrub.errors.ConfigError: an operator's copy without a scrub's report has nothing to say
    ...
    """
    if (operators_copy is None) != (scrubbed is None):
        raise ConfigError(
            "an operator's copy without a scrub's report has nothing to say"
            if scrubbed is None
            else "a scrub's report counts sealed records, and there is no operator's copy to hold it",
            hint="give both scrubbed= and operators_copy=, or none.",
        )
    refuse_ids(index, options.get("policy"), *NOT_LOGGED, experiment, run_name)
    mlflow = mlflow_module()
    if tracking_uri is not None:
        mlflow.set_tracking_uri(tracking_uri)
    elif not mlflow.is_tracking_uri_set():
        mlflow.set_tracking_uri(_STORE)
    with tracked("start a run"):
        around = mlflow.active_run()
        chosen = None if around is None else around.info.experiment_id
        if experiment is not None:
            chosen = _experiment(mlflow, experiment)
        run = mlflow.start_run(experiment_id=chosen, run_name=run_name, nested=around is not None)
    with run:
        log_dataset(data, index, on, **options)
        yield run
        log_run_page(run.info.run_id, scrubbed=scrubbed, operators_copy=operators_copy, index=index)


def _experiment(mlflow: Any, name: str) -> str:
    """Give an experiment's id, created if it does not exist; the process's own experiment stays what it is."""
    found = mlflow.get_experiment_by_name(name)
    if found is None:
        try:
            return str(mlflow.create_experiment(name))
        except mlflow.exceptions.MlflowException:  # unless another process has made it in between
            found = mlflow.get_experiment_by_name(name)
            if found is None:
                raise
    return str(found.experiment_id)


def log_run_page(
    run_id: str,
    *,
    tracking_uri: str | None = None,
    scrubbed: Report | None = None,
    operators_copy: str | Path | None = None,
    index: Index | None = None,
) -> RunGraph:
    """Write the page of a run as an artifact of it: ``sealscrub/run.html``, and ``sealscrub/run.json``.

    :func:`start_run` does so at its end. Do so again when a version was registered, deployed or judged since.

    Parameters
    ----------
    run_id : str
    tracking_uri : str, optional
        Of the tracking store; by default MLflow's own.
    scrubbed : Report, optional
        What the scrub said, for `operators_copy`.
    operators_copy : str or Path, optional
        A second page with what was removed, by class, 0600; it never goes to the store.
    index : Index, optional
        With it, the pages do not name what has the id of a sealed record for a name, such as a model.

    Returns
    -------
    RunGraph
        What the page shows.

    Raises
    ------
    UsageError
        When the run does not exist.
    ConfigError
        When the operator's copy would be among the run's artifacts.
    IncompleteError
        When the tracking store refuses.

    Examples
    --------
    >>> log_run_page("0" * 32, tracking_uri="sqlite:///absent.db")
    Traceback (most recent call last):
    ...
    sealscrub.errors.UnreadableInput: the tracking store does not exist
    ...
    """
    graph = run_graph(run_id, tracking_uri=tracking_uri)
    page = RunReport(graph=graph)
    if index is not None:
        page = hide_names(page, index)
    client = client_of(tracking_uri)
    if operators_copy is not None:
        with tracked("give the run"):
            _refuse_inside(Path(operators_copy), client.get_run(run_id).info.artifact_uri)
        with placed_file(operators_copy, mode=0o600) as file:
            file.write(replace(page, scrubbed=scrubbed).to_html().encode())
    with tempfile.TemporaryDirectory(prefix="sealscrub-") as folder:
        for name in ("run.html", "run.json"):
            page.save(Path(folder) / name)
        with tracked("take the page"):
            client.log_artifacts(run_id, folder, "sealscrub")
            describe_run(client, run_id)
    return graph


def _refuse_inside(place: Path, artifacts: str) -> None:
    """Refuse a file among the experiment's artifacts: what counts sealed records stays outside the tracking store."""
    parts = urlsplit(artifacts)
    if parts.scheme not in ("", "file"):
        return
    runs = Path(unquote(parts.path)).resolve().parents[1]
    if place.resolve().is_relative_to(runs):
        raise ConfigError(
            "the operator's copy would be in the tracking store",
            where=str(place),
            hint="choose a place outside of it.",
        )
