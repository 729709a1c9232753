"""The drill after a new index: which models it taints, what to train again by which plan, receipts afterwards."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sealscrub.atomic_write import placed_file, refuse_address
from sealscrub.certificates import Certificate, Receipts, make_receipt, sha256_of, verify_receipt
from sealscrub.errors import ConfigError, UsageError
from sealscrub.identifiers import AnnexKey
from sealscrub.index import Index
from sealscrub.matching.hidden_names import hide_names
from sealscrub.reports import counted

from .barred_numbers import SealHistory
from .drill_report import Drill, DrillStep, Retrain
from .run_record import plan_of, tracked
from .taint_query import judge_models
from .taint_report import TaintReport
from .taint_values import ModelTaint, TaintState
from .tracked_models import read_store

__all__ = ["run_drill"]

_T = TypeVar("_T")


def run_drill(
    index: Index,
    registry: SealHistory | None = None,
    *,
    since: Index | None = None,
    members: str | Path | None = None,
    annex_key: AnnexKey | None = None,
    tracking_uri: str | None = None,
    plans: Iterable[str | Path] = (),
    retrain: Callable[[Retrain], Any] | None = None,
    certificate: Certificate | None = None,
    receipts: Receipts | None = None,
    receipts_to: str | Path | None = None,
    use: str = "training",
    before: Sequence[DrillStep] = (),
) -> Drill:
    """Do what a new index asks for, and time each step.

    Parameters
    ----------
    index : Index
        The new one, just published.
    registry : SealHistory, optional
        The custodian's registry, open: :func:`taint` asks it about the past, and receipts are made for what it has
        sealed since.
    since : Index, optional
        The previous index, opened with ``outdated=True``: receipts are made for what was sealed since.
    members, annex_key, tracking_uri, use
        As for :func:`taint`.
    plans : iterable of str or Path
        Plans' files: a model to be trained again is shown with the one that its data was scrubbed by.
    retrain : callable, optional
        Called with each :class:`Retrain` that is deployed, or of the newest version; the models are asked about
        again afterwards. Without it the report lists them.
    certificate, receipts : Certificate and Receipts, optional
        Of the data of a model that was trained again: a receipt is made and verified for every identifier sealed
        since, of which there is a tree.
    receipts_to : str or Path, optional
        A folder for these receipts, 0600 each, named by number.
    before : sequence of DrillStep
        What was done up to now, such as registering notices and publishing: it comes first in the report.

    Returns
    -------
    Drill
        With counts: the operator's copy.

    Raises
    ------
    ConfigError
        When one of the three for receipts is there without the others, or without a registry.
    UsageError
        When their folder has the address of a table for a name.
    SealscrubError
        What a step raises: what was done before it stays done.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> run_drill(example_index(["K14612345"]), receipts_to="receipts")
    Traceback (most recent call last):
    ...
    sealscrub.errors.ConfigError: receipts need a certificate, its file of receipts and a folder
    ...
    """
    if receipts_to is not None:
        refuse_address(receipts_to)
    wanted = (certificate, receipts, receipts_to)
    if any(each is None for each in wanted) and any(each is not None for each in wanted):
        raise ConfigError("receipts need a certificate, its file of receipts and a folder", hint="give all three.")
    if receipts is not None and registry is None:
        raise ConfigError("receipts need the registry", hint="give an open registry.")
    clock = _Clock(before)
    known = {str(sha256_of(path)): str(path) for path in plans}
    ask = partial(
        judge_models,
        index,
        since=since,
        members=members,
        annex_key=annex_key,
        tracking_uri=tracking_uri,
        registry=registry if members is not None else None,
        use=use,
    )
    found = clock.time("taint", ask)
    clock.say(_count_states(found))
    due = clock.time("retrains", lambda: _models_to_retrain(found, tracking_uri, known))
    clock.say(
        f"{counted(len(due), 'model')} to be trained again, {sum(each.deployed for each in due):,} of them deployed"
    )
    if retrain is not None:
        todo = [each for each in due if each.deployed or each.newest]
        clock.time("retraining", lambda: [retrain(each) for each in todo])
        clock.say(f"{len(todo):,} trained again")
        found = clock.time("taint again", ask)
        clock.say(_count_states(found))
        due = _models_to_retrain(found, tracking_uri, known)
    refused = 0
    if registry is not None and certificate is not None and receipts is not None and receipts_to is not None:
        fresh = clock.time("sealed since", lambda: _sealed_since(registry, index, since))
        made, refused = clock.time("receipts", lambda: _receipts(fresh, certificate, receipts, Path(receipts_to)))
        clock.say(f"{made:,} made and verified, {refused:,} refused: still in the certified data")
    drill = Drill(
        epoch=index.epoch,
        as_of=index.as_of,
        index=index.id,
        since=None if since is None else since.epoch,
        begun=clock.begun,
        steps=tuple(clock.steps),
        retrains=due,
        still_there=refused,
    )
    return hide_names(drill, index)


class _Clock:
    """Times steps."""

    def __init__(self, before: Sequence[DrillStep]) -> None:
        self.begun = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=sum(each.seconds for each in before))
        self.steps = list(before)

    def time(self, name: str, call: Callable[[], _T]) -> _T:
        start = time.perf_counter()
        result = call()
        self.steps.append(DrillStep(name, time.perf_counter() - start))
        return result

    def say(self, said: str) -> None:
        last = self.steps[-1]
        self.steps[-1] = DrillStep(last.name, last.seconds, said)


def _count_states(found: TaintReport) -> str:
    counts = {state: sum(each.state is state for each in found.models) for state in TaintState}
    return ", ".join(f"{count:,} {state}" for state, count in counts.items() if count) or "there is no model"


def _models_to_retrain(found: TaintReport, tracking_uri: str | None, plans: Mapping[str, str]) -> tuple[Retrain, ...]:
    """List what must be trained again: what is tainted, and what may be; deployed ones first."""
    due = [each for each in found.models if each.state.is_tainted or each.state is TaintState.POSSIBLE]
    newest: dict[str, int] = {}
    for each in found.models:
        name, version = _parts(each)
        newest[name] = max(newest.get(name, 0), version)
    store = read_store(tracking_uri)
    listed = []
    for each in due:
        tags: dict[str, str] = {}
        with tracked("give a run"):
            for run in each.runs:
                tags |= store.tags(run)
        name, version = _parts(each)
        plan = plan_of(tags)
        listed.append(
            Retrain(
                uri=each.uri,
                state=str(each.state),
                aliases=each.aliases,
                endpoints=each.endpoints,
                newest=bool(name) and newest[name] == version,
                runs=each.runs,
                plans=plan,
                plan_files=tuple(sorted({plans[digest] for digest in plan.values() if digest in plans})),
                code={tag.removeprefix(_CODE): text for tag, text in tags.items() if tag.startswith(_CODE)},
                seeds={tag.removeprefix(_SEED): text for tag, text in tags.items() if tag.startswith(_SEED)},
            )
        )
    return tuple(sorted(listed, key=lambda each: (not each.deployed, not each.newest)))


_CODE, _SEED = "sealscrub.code.", "sealscrub.seed."


def _parts(model: ModelTaint) -> tuple[str, int]:
    name, _, version = model.uri.removeprefix("models:/").rpartition("/")
    return name, int(version) if name else 0


def _sealed_since(registry: SealHistory, index: Index, since: Index | None) -> list[tuple[str, str]]:
    """Give the keys that are sealed now and did not at the older index."""

    def keys(as_of: dt.date, epoch: int) -> set[tuple[str, str]]:
        return {
            (key.scheme, key.value)
            for seal in registry.seals(as_of, epoch=epoch)
            if seal.state == "sealed"
            for key in seal.keys
        }

    before = keys(since.as_of, since.epoch) if since is not None else set()
    return sorted(keys(index.as_of, index.epoch) - before)


def _receipts(
    fresh: Iterable[tuple[str, str]], certificate: Certificate, receipts: Receipts, folder: Path
) -> tuple[int, int]:
    """Make a receipt for each, and verify it as its holder would; count those that are in the data still."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"the folder cannot be made ({error.strerror})", where=str(folder)) from None
    made = refused = 0
    for scheme, value in fresh:
        if scheme not in receipts.values:
            continue
        try:
            receipt = make_receipt(receipts, scheme, value)
        except UsageError:
            refused += 1
            continue
        verify_receipt(receipt, value, certificate.statement)
        made += 1
        with placed_file(folder / f"{made:06d}.receipt.json", mode=0o600) as file:
            file.write(receipt)
    return made, refused
