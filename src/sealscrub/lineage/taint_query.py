"""Taint: a model was lawful when it was made, and contains what has been sealed since."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sealscrub.errors import ConfigError, InvalidCertificate, UsageError
from sealscrub.identifiers import AnnexKey
from sealscrub.index import Index
from sealscrub.matching.hidden_names import hide_names

from .barred_numbers import AskedIndex, AskedRegistry, SealHistory
from .members import read_members
from .membership import Membership, open_membership
from .run_record import RunRecord, artifact_path, tracked
from .taint_report import TaintReport
from .taint_tags import block as blocking
from .taint_tags import mark
from .taint_values import CheckedData, ModelTaint, TaintReason, TaintState
from .tracked_models import TrackedModel, TrackedRun, TrackingStore, read_store

if TYPE_CHECKING:
    from pyroaring import BitMap

__all__ = ["Judged", "Question", "taint"]


@dataclass(frozen=True)
class Judged:
    """What happened to a run: its state, whether a record was sealed since the older index, and why it is tainted."""

    state: TaintState
    since: bool = False
    reason: TaintReason | None = None

    @classmethod
    def together(cls, parts: Iterable[Judged]) -> Judged:
        """Put the parts of one thing together: as bad as the worst of them."""
        parts = tuple(parts)
        return cls(
            TaintState.worst(part.state for part in parts),
            any(part.since for part in parts),
            TaintReason.worst(part.reason for part in parts),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """An index, put to the dictionary, and what it is compared with."""

    index: Index
    asked: AskedIndex | None = None
    old: AskedIndex | None = None
    registry: AskedRegistry | None = None
    min_coverage: float = 0.95

    def judge(self, record: RunRecord, membership: Membership | None, numbers: BitMap | None) -> Judged:
        """Judge one dataset of a run, by its membership if it has one that can be used.

        Parameters
        ----------
        record : RunRecord
            What the run's tags say.
        membership, numbers
            From :func:`open_membership`.

        Returns
        -------
        Judged
        """
        if self.asked is None or membership is None or numbers is None:
            return self.without_membership(record)
        barred = self.asked.barred(membership.allowed)
        if not numbers.intersect(barred):
            if membership.unread:  # the records of some rows are not among its numbers
                return Judged(TaintState.POSSIBLE)
            if self.asked.is_about(membership, self.min_coverage):
                return Judged(TaintState.UNTAINTED)
            return self.without_membership(record, membership.name)
        hits = numbers & barred
        since = self.old is None or bool(hits - self.old.barred(membership.allowed))
        return Judged(TaintState.TAINTED, since, self._reason(record, membership, hits))

    def without_membership(self, record: RunRecord, name: str | None = None) -> Judged:
        """Judge a dataset by the epoch: only the very state of the registry that was checked says anything.

        It says nothing of rows whose key could not be read, and was accepted.
        """
        checked = record.is_covered_by(self.index) and not (name in record.unread if name else record.unread)
        return Judged(TaintState.UNTAINTED if checked else TaintState.POSSIBLE)

    def _reason(self, record: RunRecord, membership: Membership, hits: BitMap) -> TaintReason | None:
        """Say what was known of the hits when the run's data was checked; None if that cannot be known here."""
        then = self.old if self.old is not None and self.old.index.id == record.index else None
        if record.index == self.index.id:
            then = self.asked
        known = then.barred(membership.allowed) if then is not None else None
        if known is None and self.registry is not None:
            known = self.registry.known_then(record)
        if known is not None and hits.intersect(known):
            return TaintReason.ALREADY_LISTED
        in_law = self.registry.sealed_in_law(record) if self.registry is not None else None
        if in_law is not None and hits.intersect(in_law):
            return TaintReason.NOTICE_LATE
        return None if known is None else TaintReason.SEALED_LATER


def taint(
    index: Index,
    *,
    since: Index | None = None,
    members: str | Path | None = None,
    annex_key: AnnexKey | None = None,
    tracking_uri: str | None = None,
    registry: SealHistory | None = None,
    models: Iterable[str] = (),
    use: str = "training",
    min_coverage: float = 0.95,
    tag: bool = True,
    block: bool = False,
) -> TaintReport:
    """Ask which models contain a record that is sealed now.

    A model is known by the datasets that :func:`log_dataset` logged in its run, in runs around it or nested in it, and
    in the runs of models that it continued. Without membership the answer is by the epoch only: *possible*, unless
    the run's data was checked against this very state of the registry. Data with accepted keys that cannot be read are
    at least *possible*: whose records those rows are is not known.

    Parameters
    ----------
    index : Index
        The newest. Withheld records count as sealed ones, unless the run allowed them.
    since : Index, optional
        An older one (opened with ``outdated=True``): the report says which models contain a record sealed since, and
        which contain one that it held already though their data was checked against it. Tags and exit code are of
        all that is sealed.
    members : str or Path, optional
        The file of record numbers; with `annex_key`.
    annex_key : AnnexKey, optional
        From :func:`sealscrub.identifiers.load_annex`.
    tracking_uri : str, optional
        Of the tracking store; by default MLflow's own.
    registry : SealHistory, optional
        The custodian's registry, open: it says about each run what was known, and what was so in law, on its day. It is
        read once for each day and epoch at which a tainted model's data was checked.
    models : iterable of str, optional
        ``models:/NAME/VERSION``, ``models:/NAME@ALIAS`` or ``models:/m-…``; by default all.
    use : str
        The use that the index must be for.
    min_coverage : float
        Least share of the seals that a dataset's keys must be able to show; below it, it is *possible*.
    tag : bool
        Whether each model that was asked about gets the tag ``sealscrub.taint``.
    block : bool
        Whether the aliases of tainted versions are taken away, so what is deployed by alias loads them no more.
        The tag ``sealscrub.blocked`` keeps their names.

    Returns
    -------
    TaintReport
        Without ids, and without counts of records.

    Raises
    ------
    UsageError
        When one of `members` and `annex_key` is there without the other, or the index is unsuitable.
    IncompleteError
        When the tracking store or the members file cannot be read.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> taint(example_index(["K14612345"]), members="seals.members")
    Traceback (most recent call last):
    ...
    sealscrub.errors.ConfigError: memberships need both the members file and the annex's key
    ...
    """
    found = judge_models(
        index,
        since=since,
        members=members,
        annex_key=annex_key,
        tracking_uri=tracking_uri,
        registry=registry,
        models=models,
        use=use,
        min_coverage=min_coverage,
        tag=tag,
        block=block,
    )
    return hide_names(found, index)


def judge_models(
    index: Index,
    *,
    since: Index | None,
    members: str | Path | None,
    annex_key: AnnexKey | None,
    tracking_uri: str | None,
    registry: SealHistory | None,
    use: str,
    models: Iterable[str] = (),
    min_coverage: float = 0.95,
    tag: bool = True,
    block: bool = False,
) -> TaintReport:
    """Ask as :func:`taint` does, with every name as it is: by it a model is trained again."""
    index.require_use(use)
    if (members is None) != (annex_key is None):
        raise ConfigError("memberships need both the members file and the annex's key", hint="give both, or none.")
    if registry is not None and members is None:
        raise ConfigError("a registry needs memberships", hint="give the members file and the annex's key.")
    known = read_members(members) if members is not None else None
    question = Question(
        index=index,
        asked=None if known is None else AskedIndex(index, known),
        old=None if known is None or since is None else AskedIndex(since, known),
        registry=None if registry is None or known is None else AskedRegistry(registry, index, known),
        min_coverage=min_coverage,
    )
    store = read_store(tracking_uri)
    wanted = _models_asked_about(store, tuple(models))
    of_runs = _Runs(store, question, lambda facts: known is not None and known.holds(facts.stamp), annex_key)
    found = []
    for model in wanted:
        judged = Judged.together(of_runs.judged(run) for run in model.runs)
        new = judged.since if judged.state.is_tainted else False
        found.append(
            ModelTaint(
                uri=model.uri,
                aliases=model.aliases,
                endpoints=model.endpoints,
                state=judged.state,
                reason=judged.reason,
                since=new,
                runs=model.runs,
                made=None if model.made is None else model.made.date(),
                data=of_runs.checked(model.runs),
            )
        )
    with tracked("take the tags"):
        if tag:
            mark(store.client, wanted, found, index)
        blocked = blocking(store.client, found) if block else ()
    return TaintReport(
        index=index.id,
        epoch=index.epoch,
        as_of=index.as_of,
        since=None if since is None else since.epoch,
        models=tuple(found),
        tagged=tag,
        blocked=blocked,
        lacking=of_runs.lacking(),
    )


class _Runs:
    """Judges runs, each once."""

    def __init__(self, store: TrackingStore, question: Question, holds: Any, key: AnnexKey | None) -> None:
        self._store, self._question, self._holds, self._key = store, question, holds, key
        self._own: dict[str, Judged | None] = {}

    def judged(self, run: str) -> Judged:
        """Judge a run by the data of it, of the runs around and in it, and by the models that it continued."""
        return Judged.together(self._parts(run, set()))

    def checked(self, runs: tuple[str, ...]) -> tuple[CheckedData, ...]:
        """Give the data that was logged in some runs, around them and in them, and what it was checked against."""
        records = {each: known.record for run in runs for each, known in self._store.family(run).items()}
        return tuple(
            CheckedData(name=f"{run[:8]}/{name}", epoch=record.epoch, as_of=record.as_of)
            for run, record in records.items()
            if record is not None
            for name in record.datasets
        )

    def lacking(self) -> tuple[str, ...]:
        """Give the datasets of the judged runs that were scrubbed of a record that should have stayed: RUN/NAME."""
        registry, found = self._question.registry, []
        for run in sorted(self._own) if registry is not None else ():
            known = self._store.run(run)
            record = None if known is None else known.record
            if record is None or registry is None or not (gone := registry.should_have_stayed(record)):
                continue
            for name in record.datasets:
                opened = self._open_sealed_membership(run, name, record)
                if opened is None or not all(numbers.intersect(opened[1]) for numbers in gone):
                    found.append(f"{run}/{name}")
        return tuple(found)

    def _parts(self, run: str, seen: set[str]) -> Iterator[Judged]:
        """Give the state of the data, and of what the run continued."""
        around = self._store.family(run)
        data = [judged for each, known in around.items() if (judged := self._of_data(each, known)) is not None]
        yield Judged.together(data)  # of none: unknown
        seen.update(around)
        for known in around.values():
            for source in known.sources:
                if source not in seen:
                    yield from self._parts(source, seen)

    def _of_data(self, run: str, known: TrackedRun) -> Judged | None:
        """Judge what was logged in a run itself; None if nothing was."""
        if run not in self._own:
            record = known.record
            self._own[run] = None if record is None else Judged.together(self._datasets(run, record))
        return self._own[run]

    def _datasets(self, run: str, record: RunRecord) -> Iterator[Judged]:
        for name in record.datasets:
            opened = self._open_sealed_membership(run, name, record)
            if opened is None or opened[0].index != record.index:
                yield self._question.without_membership(record, name)
            else:
                yield self._question.judge(record, *opened)

    def _open_sealed_membership(self, run: str, name: str, record: RunRecord) -> tuple[Membership, BitMap] | None:
        """Open a membership; None if it is away, another's, or the members file is not the one that numbers it."""
        if name not in record.memberships or self._key is None:
            return None
        try:
            sealed = self._downloaded(run, artifact_path(name, "members"))
            membership, numbers = open_membership(sealed, self._key)
        except InvalidCertificate:
            return None
        fits = (membership.run, membership.name) == (run, name) and self._holds(membership)
        return (membership, numbers) if fits else None

    def _downloaded(self, run: str, path: str) -> bytes:
        from mlflow.exceptions import MlflowException

        with tempfile.TemporaryDirectory(prefix="sealscrub-") as folder:
            try:
                return Path(self._store.client.download_artifacts(run, path, folder)).read_bytes()
            except (MlflowException, OSError):
                raise InvalidCertificate("the membership does not exist") from None


def _models_asked_about(store: TrackingStore, asked: tuple[str, ...]) -> list[TrackedModel]:
    """Give the models that are asked about, each once."""
    if not asked:
        return store.models
    by_uri = {model.uri: model for model in store.models}
    for model in store.models:
        name = model.uri.rpartition("/")[0]
        by_uri |= {f"{name}@{alias}": model for alias in model.aliases}
    for uri in asked:
        if uri not in by_uri:
            raise UsageError(
                "the model is not in the tracking store",
                where=uri,
                hint="models:/NAME/VERSION, models:/NAME@ALIAS or models:/m-…",
            )
    return list({by_uri[uri].uri: by_uri[uri] for uri in asked}.values())
