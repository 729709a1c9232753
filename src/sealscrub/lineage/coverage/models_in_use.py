"""The models of a tracking store that are in use, and the data that was logged with them."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sealscrub.index import Index

from ..run_record import RunRecord
from ..taint_values import TaintState, TaintTag
from ..tracked_models import TrackedModel, TrackedRun, TrackingStore
from .evidence_files import Beside
from .last_checks import Evidence, Proof, Standing, judge

__all__ = ["TrackedThing", "addresses", "evidence_of", "in_use", "superseded", "things_of"]


@dataclass(frozen=True)
class TrackedThing:
    """A model, or a data set that was logged with one, and what there is of it."""

    is_model: bool
    name: str
    place: str
    gathered: Beside
    served: tuple[str, ...] = ()
    taint: str = ""


def in_use(store: TrackingStore, named: Iterable[str] = ()) -> list[TrackedModel]:
    """Give the models that are deployed or the newest of their name, and those that are named."""
    wanted, newest = set(named), {}
    for model in store.models:
        name, _, version = model.uri.rpartition("/")
        if version.isdecimal():
            newest[name] = model.uri  # versions come in order
    return [
        model
        for model in store.models
        if model.aliases or model.endpoints or model.uri in newest.values() or wanted & set(addresses(model))
    ]


def addresses(model: TrackedModel) -> tuple[str, ...]:
    """Give the addresses under which a model may be loaded."""
    name = model.uri.rpartition("/")[0]
    return (model.uri, *(f"{name}@{alias}" for alias in model.aliases))


def things_of(store: TrackingStore, models: Iterable[TrackedModel], index: Index) -> Iterator[TrackedThing]:
    """Give models, and each data set that their runs logged; a clean verdict of an older index says nothing."""
    seen: set[tuple[str, str]] = set()
    for model in models:
        gathered, runs = Beside(), _runs_behind(store, model.runs)
        records = {run: known.record for run, known in runs.items() if known.record is not None}
        unchecked = _unchecked_inputs(runs)
        if unchecked:
            gathered.doubts.append(f"its run also logged {unchecked[0][1]}, which nothing shows to be checked")
        elif records:  # as well as the oldest of them
            run, record = min(records.items(), key=lambda each: (each[1].epoch, each[1].as_of))
            gathered.found.append(evidence_of(run, record, runs[run]))
        yield TrackedThing(
            True,
            model.uri,
            ", ".join(model.runs),
            gathered,
            (*model.aliases, *(f"served as {each}" for each in model.endpoints)),
            _taint_said(model.tag, index),
        )
        for run, record in records.items():
            for name in record.datasets:
                if (run, name) not in seen:
                    seen.add((run, name))
                    data = Beside()
                    data.found.append(evidence_of(run, record, runs[run]))
                    yield TrackedThing(False, name, f"run {run}", data)
        for run, name in unchecked:
            if (run, name) not in seen:
                seen.add((run, name))
                yield TrackedThing(False, name, f"run {run}", Beside())


def _taint_said(text: str, index: Index) -> str:
    """Give the state that a tag of taint says, unless it is of an older index: unknown if it cannot be read."""
    tag = TaintTag.read(text)
    if tag is None:
        return str(TaintState.UNKNOWN) if text else ""
    return str(tag.state) if tag.state.is_tainted or tag.is_no_older_than(index) else ""


def evidence_of(run: str, record: RunRecord, known: TrackedRun) -> Evidence:
    """Give what a run's tags say about the check of its data."""
    return Evidence(
        proof=Proof.RUN,
        source=f"run {run}",
        made=None if known.begun is None else known.begun.date(),
        epoch=record.epoch,
        as_of=record.as_of,
        registry=record.registry,
        audience=record.audience,
        uses=record.uses,
    )


def _unchecked_inputs(runs: dict[str, TrackedRun]) -> list[tuple[str, str]]:
    """Give the data sets that a run logged only by MLflow's own means."""
    return [
        (run, name)
        for run, known in runs.items()
        for name in known.inputs
        if known.record is None or name not in known.record.datasets
    ]


def _runs_behind(store: TrackingStore, runs: Iterable[str]) -> dict[str, TrackedRun]:
    """Give the runs of a model, those around and within them, and those of the models that they continued."""
    found: dict[str, TrackedRun] = {}
    waiting = list(runs)
    while waiting:
        run = waiting.pop()
        if run in found:
            continue
        family = store.family(run)
        found |= family
        waiting += [source for known in family.values() for source in known.sources]
    return found


def superseded(
    store: TrackingStore, index: Index, *, use: str, today: dt.date
) -> Iterator[tuple[TrackedModel, dt.date, Standing, str]]:
    """Give the versions that are neither deployed nor the newest: since when, and how they stand."""
    used = {model.uri for model in in_use(store)}
    by_name: dict[str, list[TrackedModel]] = {}
    for model in store.models:
        name, _, version = model.uri.rpartition("/")
        if version.isdecimal():
            by_name.setdefault(name, []).append(model)
    for versions in by_name.values():
        for model, later in itertools.pairwise(versions):
            if model.uri not in used:
                gathered = next(each.gathered for each in things_of(store, [model], index) if each.is_model)
                standing, why, _ = judge(gathered.found, gathered.doubts, index, use=use, today=today)
                yield model, (later.made or dt.datetime.now(dt.UTC)).date(), standing, why
