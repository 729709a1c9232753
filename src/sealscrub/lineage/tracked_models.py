"""What models a tracking store has, and which runs they come from."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .run_record import RunRecord, client_of, endpoints_of, tracked
from .taint_values import TAG

__all__ = ["TrackedModel", "TrackedRun", "TrackingStore", "read_store"]

_PAGE, _ALL = 1000, 3  # deleted experiments too: their models may be deployed
_NO_SUCH_RUN = "no run of "
_ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
_PARENT = "mlflow.parentRunId"
_OF_RUN = re.compile(r"runs:/([^/]+)")
_OF_LOGGED = re.compile(r"models:/(m-[^/]+)")
_OF_VERSION = re.compile(r"models:/([^/]+)/([0-9]+)")


@dataclass(frozen=True, kw_only=True)
class TrackedModel:
    """A registered version of a model, or one that a run logged.

    Attributes
    ----------
    uri : str
        ``models:/NAME/VERSION``, or ``models:/m-…`` of a logged one.
    aliases : tuple of str
        Under which a version is deployed.
    runs : tuple of str
        The runs that it is said to come from.
    endpoints : tuple of str
        Where a version is served, by its tags.
    tag : str
        What its tag ``sealscrub.taint`` says.
    made : datetime.datetime or None
        When a version was registered.
    """

    uri: str
    aliases: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    tag: str = ""
    made: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class TrackedRun:
    """A run: its tags and what they say, the run around it, and the runs whose models it continued.

    Also when it began, and the names of the data sets that it logged by whatever means.
    """

    record: RunRecord | None
    parent: str | None = None
    sources: tuple[str, ...] = ()
    begun: dt.datetime | None = None
    inputs: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(eq=False, repr=False)
class TrackingStore:
    """The models of a tracking store as they were when it was read, and their runs, read when they are asked for."""

    client: Any
    models: list[TrackedModel] = field(default_factory=list)
    of_logged: dict[str, str] = field(default_factory=dict)
    _runs: dict[str, TrackedRun | None] = field(default_factory=dict)
    _nested: dict[str, list[str]] | None = None

    def run(self, run_id: str) -> TrackedRun | None:
        """Give a run; None if the store does not know it.

        Raises
        ------
        IncompleteError
            When the store refuses.
        """
        if run_id not in self._runs:
            self._runs[run_id] = None if run_id.startswith(_NO_SUCH_RUN) else self._read_run(run_id)
        return self._runs[run_id]

    def tags(self, run_id: str) -> Mapping[str, str]:
        """Give the tags of a run; none if the store does not know it."""
        found = self.run(run_id)
        return found.tags if found is not None else {}

    def nested(self, run_id: str) -> list[str]:
        """Give the runs that were nested in a run: all of the store's are read when it is asked first.

        Raises
        ------
        IncompleteError
            When the store refuses.
        """
        if self._nested is None:
            with tracked("give the runs nested in others"):
                self._nested = _nested_runs(self.client)
        return self._nested.get(run_id, [])

    def family(self, run_id: str) -> dict[str, TrackedRun]:
        """Give a run, those around it and those nested in it, as far as the store knows them.

        Raises
        ------
        IncompleteError
            When the store refuses.
        """
        found: dict[str, TrackedRun] = {}
        at: str | None = run_id
        while at is not None and at not in found and (known := self.run(at)) is not None:
            found[at] = known
            at = known.parent
        within = self.nested(run_id)[:]
        while within:
            at = within.pop()
            if at not in found and (known := self.run(at)) is not None:
                found[at] = known
                within += self.nested(at)
        return found

    def _read_run(self, run_id: str) -> TrackedRun | None:
        from mlflow.exceptions import MlflowException

        with tracked("give a run"):
            try:
                run = self.client.get_run(run_id)  # a search leaves out the models that a run continued
            except MlflowException as error:
                if error.error_code in _ABSENT:
                    return None
                raise
        used = [each.model_id for each in (getattr(run.inputs, "model_inputs", None) or ())]
        return TrackedRun(
            record=RunRecord.of(run.data.tags),
            parent=run.data.tags.get(_PARENT),
            tags=dict(run.data.tags),
            begun=dt.datetime.fromtimestamp(run.info.start_time / 1000, dt.UTC) if run.info.start_time else None,
            inputs=tuple(sorted({each.dataset.name for each in (getattr(run.inputs, "dataset_inputs", None) or ())})),
            sources=tuple(sorted({self.of_logged.get(each, _NO_SUCH_RUN + each) for each in used} - {run_id})),
        )

    def __repr__(self) -> str:
        return f"TrackingStore({len(self.models)} models)"


def read_store(tracking_uri: str | None = None) -> TrackingStore:
    """Read which models there are: registered versions with their aliases, and logged models.

    Raises
    ------
    IncompleteError
        When the store does not exist, or it refuses.
    MissingExtra
        When mlflow is not installed.
    """
    store = TrackingStore(client_of(tracking_uri))
    with tracked("say which models it has"):
        _read(store)
    return store


def _read(store: TrackingStore) -> None:
    client = store.client
    logged = {
        model.model_id: model for each in _experiments(client) for model in _pages(client.search_logged_models, [each])
    }
    store.of_logged = {each.model_id: each.source_run_id for each in logged.values() if each.source_run_id}
    aliases: dict[tuple[str, str], list[str]] = {}
    for registered in _pages(client.search_registered_models, max_results=_PAGE):
        for alias, version in registered.aliases.items():
            aliases.setdefault((registered.name, str(version)), []).append(alias)
    versions = {
        (each.name, str(each.version)): each for each in _pages(client.search_model_versions, max_results=_PAGE)
    }
    for (name, version), each in sorted(versions.items(), key=lambda item: (item[0][0], int(item[0][1]))):
        store.models.append(
            TrackedModel(
                uri=f"models:/{name}/{version}",
                aliases=tuple(sorted(aliases.get((name, version), ()))),
                runs=tuple(sorted(_runs_of(each, versions, store.of_logged))),
                endpoints=endpoints_of(each.tags),
                tag=each.tags.get(TAG, ""),
                made=dt.datetime.fromtimestamp(each.creation_timestamp / 1000, dt.UTC),
            )
        )
    for model_id, model in sorted(logged.items()):
        runs = (model.source_run_id,) if model.source_run_id else ()
        store.models.append(TrackedModel(uri=f"models:/{model_id}", runs=runs, tag=model.tags.get(TAG, "")))


def _runs_of(version: Any, versions: dict[tuple[str, str], Any], of_logged: dict[str, str]) -> set[str]:
    """Give the run that a version names, and the one that its source is of."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    while version is not None and (version.name, str(version.version)) not in seen:
        seen.add((version.name, str(version.version)))
        found |= {version.run_id} if version.run_id else set()
        source = version.source or ""
        if run := _OF_RUN.match(source):
            found.add(run[1])
        if model := _OF_LOGGED.match(source):
            found.add(of_logged.get(model[1], _NO_SUCH_RUN + model[1]))
        copied = _OF_VERSION.match(source)
        version = versions.get((copied[1], copied[2])) if copied else None
    return found


def _experiments(client: Any) -> list[str]:
    return [each.experiment_id for each in _pages(client.search_experiments, view_type=_ALL, max_results=_PAGE)]


def _nested_runs(client: Any) -> dict[str, list[str]]:
    """Give the runs of the store that are nested in others, by the run around them."""
    asked = {"filter_string": f"tags.`{_PARENT}` LIKE '%'", "run_view_type": _ALL, "max_results": _PAGE}
    found: dict[str, list[str]] = {}
    for run in _pages(client.search_runs, _experiments(client), **asked):
        found.setdefault(run.data.tags[_PARENT], []).append(run.info.run_id)
    return found


def _pages(search: Callable[..., Any], *arguments: Any, **options: Any) -> Iterator[Any]:
    token = None
    while True:
        page = search(*arguments, **options, **({"page_token": token} if token else {}))
        yield from page
        token = page.token
        if not token:
            return
