"""What depends on a run: its data, the models that it logged, their versions, and where these are deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sealscrub.errors import UsageError

from .run_record import RunRecord, client_of, endpoints_of, logged_record, tracked

__all__ = ["RunGraph", "VersionNode", "run_graph"]

_ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")


@dataclass(frozen=True, kw_only=True)
class VersionNode:
    """A registered version of a model.

    Attributes
    ----------
    name, version : str
    source : str
        The logged model that it was made from, ``m-…``; empty if it names none.
    aliases : tuple of str
    endpoints : tuple of str
        If it is served, by its tags ``sealscrub.endpoint.NAME``.
    taint : str
        What its tag says; empty if no one has asked.

    Examples
    --------
    >>> VersionNode(name="risk", version="3", aliases=("champion",)).endpoints
    ()
    """

    name: str
    version: str
    source: str = ""
    aliases: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    taint: str = ""


@dataclass(frozen=True, kw_only=True)
class RunGraph:
    """A run and what depends on it. It holds nothing but what the tracking store holds, which travels.

    Attributes
    ----------
    run, name, status : str
    tags : mapping of str to str
        Those of sealscrub.
    datasets : tuple of mapping
        What was logged of each, as its artifact says.
    models : mapping of str to str
        Logged models, id to name.
    versions : tuple of VersionNode

    Examples
    --------
    >>> version = VersionNode(name="risk", version="3", taint="untainted")
    >>> graph = RunGraph(run="0a1b", name="nightly", status="FINISHED", tags={}, datasets=(), models={},
    ...                  versions=(version,))
    >>> graph.document()["versions"][0]["taint"]
    'untainted'
    """

    run: str
    name: str
    status: str
    tags: Mapping[str, str]
    datasets: tuple[Mapping[str, Any], ...]
    models: Mapping[str, str]
    versions: tuple[VersionNode, ...]

    def document(self) -> dict[str, Any]:
        """The graph as JSON values."""
        return {
            "run": self.run,
            "name": self.name,
            "tags": dict(self.tags),
            "datasets": [{"name": each["name"], "digest": each["digest"]} for each in self.datasets],
            "models": dict(self.models),
            "versions": [
                {
                    "name": each.name,
                    "version": each.version,
                    "model": each.source,
                    "aliases": list(each.aliases),
                    "endpoints": list(each.endpoints),
                    "taint": each.taint,
                }
                for each in self.versions
            ],
        }


def run_graph(run_id: str, *, tracking_uri: str | None = None) -> RunGraph:
    """Follow the links dataset → run → logged model → registered version → alias and endpoint.

    Parameters
    ----------
    run_id : str
    tracking_uri : str, optional
        Of the tracking store; by default MLflow's own.

    Returns
    -------
    RunGraph

    Raises
    ------
    UsageError
        When the run does not exist.
    IncompleteError
        When the tracking store refuses.

    Examples
    --------
    >>> run_graph("0" * 32, tracking_uri="sqlite:///absent.db")
    Traceback (most recent call last):
    ...
    sealscrub.errors.UnreadableInput: the tracking store does not exist
    ...
    """
    client = client_of(tracking_uri)
    with tracked("give the run"):
        run = _run(client, run_id)
        tags = {name: text for name, text in run.data.tags.items() if name.startswith("sealscrub.")}
        record = RunRecord.of(tags)
        datasets = tuple(logged_record(client, run_id, name) for name in (record.datasets if record else ()))
        made = [each.model_id for each in (getattr(run.outputs, "model_outputs", None) or ())]
        models = {each: str(client.get_logged_model(each).name) for each in dict.fromkeys(made)}
        versions = _versions(client, run_id)
    return RunGraph(
        run=run_id,
        name=run.info.run_name or "",
        status=run.info.status,
        tags=tags,
        datasets=datasets,
        models=models,
        versions=versions,
    )


def _run(client: Any, run_id: str) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        return client.get_run(run_id)
    except MlflowException as error:
        if error.error_code in _ABSENT:
            raise UsageError("the run is not in the tracking store", hint="see its id in MLflow.") from None
        raise


def _versions(client: Any, run_id: str) -> tuple[VersionNode, ...]:
    found = client.search_model_versions(f"run_id='{run_id}'")
    aliases: dict[str, dict[str, str]] = {
        name: client.get_registered_model(name).aliases for name in {each.name for each in found}
    }
    return tuple(
        VersionNode(
            name=each.name,
            version=str(each.version),
            source=(each.source or "").removeprefix("models:/") if (each.source or "").startswith("models:/m-") else "",
            aliases=tuple(sorted(alias for alias, at in aliases[each.name].items() if str(at) == str(each.version))),
            endpoints=endpoints_of(each.tags),
            taint=each.tags.get("sealscrub.taint", "").partition(";")[0],
        )
        for each in sorted(found, key=lambda each: (each.name, int(each.version)))
    )
