"""A ranking as it would be had the sealed records never been in it: filtered before rank, score and cut."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ConfigError, IncompleteError, Refused, UsageError
from sealscrub.frames.containers import is_frame
from sealscrub.frames.unquoted import unquoted
from sealscrub.index import Index
from sealscrub.matching import Policy

from .asking import ask
from .candidates import Candidates, DictCandidates, candidates_of, survivors
from .certified import RequiredCertificate, require_certified
from .judging import Judge, Judgement
from .knowing import Known
from .live_index import LiveIndex
from .masking import Mask
from .records import are, named_on, read_records
from .shared_fields import Derived, SharedFields, best_first

__all__ = ["RankingPage", "guard_ranking", "guard_ranking_page"]

_WHERE = "ranking"
_LEAST = 64  # records asked of a source at a time
_SEALED_SHARE = 100  # a source that gives so many times as many does not end


@dataclass(frozen=True, slots=True, eq=False)
class RankingPage:
    """One page of a guarded ranking.

    Attributes
    ----------
    records : object
        The page, of the kind that the ranking is; from a callable a list of dicts.
    cursor : str or None
        Asks for the next page; None on the last. It counts records that came out and no others.
    total : int or None
        How many records the whole ranking has, where that was asked for.
    """

    records: Any
    cursor: str | None
    total: int | None = None

    def __repr__(self) -> str:
        return f"RankingPage({type(self.records).__name__})"


def guard_ranking(
    source: Any,
    index: Index | LiveIndex,
    on: Any,
    *,
    k: int | None = None,
    score: str | None = None,
    ascending: bool = False,
    sort: bool | None = None,
    derived: Derived | None = None,
    own: Collection[str] = (),
    known: Known | None = None,
    policy: Policy | None = None,
    max_fetch: int = 1_000_000,
    mask: Mask | None = None,
    require_certificate: RequiredCertificate | None = None,
) -> Any:
    """Give a ranking as it would be had the sealed records never existed.

    They are taken out before ranks, normalised scores, percentiles and the cut; a source that can be asked for more
    is, until `k` records are there or it has no more.

    Parameters
    ----------
    source : frame, list of dict, (ids, scores), iterator, or callable
        All candidates. An iterator and a callable give them best first: dicts or pairs ``(id, score)``; the callable,
        ``source(offset, limit)``, gives up to `limit` from `offset` on, and nothing once there are no more.
    index : Index or LiveIndex
        Published for the use ``output``.
    on : mapping, or iterable of str
        Which fields are keys; of pairs any one field, ``{"arrest_number": "ids"}``.
    k : int, optional
        How many records come out at most. Fewer do only where there are no more.
    score : str, optional
        The field with the raw score. Frames, lists and pairs are ordered by it, equal ones as they stood.
    ascending : bool
        Whether a lower score is better, as a distance is.
    sort : bool, optional
        Whether to order by score. By default frames, lists and pairs with a score are, iterators and callables are not.
    derived : mapping, optional
        Fields that depend on all records, and how to compute them: ``rank``, ``rank_min``, ``rank_dense``,
        ``softmax``, ``zscore``, ``minmax``, ``percentile``, or a function of the scores. A field called ``rank`` is
        counted anew as it is.
    own : collection of str
        Fields that are a record's own, though their name says otherwise.
    known, policy
        As in :func:`sealscrub.filters.guard`.
    max_fetch : int
        How many records that stay a callable or an iterator may give at most, where all are needed.
    mask : Mask, optional
        For rows that would be there without the record: they stay, and are what it says. Frames and dicts alone.
    require_certificate : RequiredCertificate, optional
        Nothing is answered without a certificate, about the model that gave the scores, that verifies and is not stale.

    Returns
    -------
    object
        Of the kind that `source` is; from a callable a list of dicts, or of pairs; from an iterator one that gives
        each record as soon as it may.

    Raises
    ------
    Refused
        When a field depends on records that may not come out, and cannot be computed without them.
    ModelFailed
        When the source raises.
    IncompleteError
        When it has more records than `max_fetch`, so that nobody knows whether the answer is full.
    UsageError, LowCoverage, UncheckedKeys
        As every guard.
    InvalidCertificate, StaleCertificate
        When the model does not have the certificate that is required.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> hits = [
    ...     {"rank": 1, "id": "M14000017", "score": 0.9},
    ...     {"rank": 2, "id": "K14612345", "score": 0.8},
    ...     {"rank": 3, "id": "M14000018", "score": 0.4},
    ...     {"rank": 4, "id": "M14000019", "score": 0.1},
    ... ]
    >>> for hit in guard_ranking(hits, example_index(["K14612345"]), {"arrest_number": "id"}, k=2, score="score"):
    ...     print(hit)
    {'rank': 1, 'id': 'M14000017', 'score': 0.9}
    {'rank': 2, 'id': 'M14000018', 'score': 0.4}
    """
    shared = SharedFields(derived, own, score)
    ranking = _Ranking(source, index, on, shared, ascending, sort, known, policy, max_fetch, mask)
    require_certified(require_certificate, ranking.judgement.index)
    _check_count(k, "k")
    if ranking.iterated and not ranking.sorted and not shared.needs_all(shared.derived):
        return ranking.passed(k)
    found, _ = ranking.cut(0, k)
    return iter(found) if ranking.iterated else found


def guard_ranking_page(
    source: Any,
    index: Index | LiveIndex,
    on: Any,
    *,
    size: int,
    cursor: str | None = None,
    total: bool = False,
    score: str | None = None,
    ascending: bool = False,
    sort: bool | None = None,
    derived: Derived | None = None,
    own: Collection[str] = (),
    known: Known | None = None,
    policy: Policy | None = None,
    max_fetch: int = 1_000_000,
    mask: Mask | None = None,
    require_certificate: RequiredCertificate | None = None,
) -> RankingPage:
    """Give one page of a guarded ranking: pages, ranks, cursors and totals are those of the world without.

    Parameters
    ----------
    source, index, on, score, ascending, sort, derived, own, known, policy, max_fetch, mask, require_certificate
        As in :func:`guard_ranking`; an iterator cannot be read again for the next page.
    size : int
        Records on a page; all pages but the last are full.
    cursor : str, optional
        From the page before; without it, the first page.
    total : bool
        Whether to count the records of the whole ranking; a callable is read to its end for that.

    Returns
    -------
    RankingPage

    Raises
    ------
    Refused
        When another index is in force than for the page before, since pages of both do not fit together; and as
        :func:`guard_ranking`.
    UsageError
        When the cursor is none of these.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> index = example_index(["K14612345"])
    >>> def search(offset, limit):
    ...     ids = ["M14000017", "K14612345", "M14000018", "M14000019"]
    ...     return [{"id": each} for each in ids[offset : offset + limit]]
    >>> first = guard_ranking_page(search, index, {"arrest_number": "id"}, size=2, total=True)
    >>> first.records, first.total
    ([{'id': 'M14000017'}, {'id': 'M14000018'}], 3)
    >>> guard_ranking_page(search, index, {"arrest_number": "id"}, size=2, cursor=first.cursor).records
    [{'id': 'M14000019'}]
    """
    shared = SharedFields(derived, own, score)
    ranking = _Ranking(source, index, on, shared, ascending, sort, known, policy, max_fetch, mask)
    require_certified(require_certificate, ranking.judgement.index)
    _check_count(size, "size")
    if size < 1 or ranking.iterated:
        raise UsageError("a page has one record at least, and an iterator no pages", where=_WHERE)
    start = 0 if cursor is None else _position(cursor, ranking.judgement.index.id)
    found, rows = ranking.cut(start, size, whole=total)
    following = _cursor(start + size, ranking.judgement.index.id) if rows > start + size else None
    return RankingPage(found, following, rows if total else None)


class _Ranking:
    """One answer: a source, read by one index."""

    def __init__(
        self,
        source: Any,
        index: Index | LiveIndex,
        on: Any,
        shared: SharedFields,
        ascending: bool,
        sort: bool | None,
        known: Known | None,
        policy: Policy | None,
        max_fetch: int,
        mask: Mask | None,
    ) -> None:
        judge = Judge(index, named_on(on), known=known, policy=policy, where=_WHERE)
        self.judgement: Judgement = judge.start()
        self.columns = judge.columns
        self.mask = None if mask is None else mask.with_keys(judge.columns)
        self.source, self.shared, self.ascending, self.max_fetch = source, shared, ascending, max_fetch
        self.called = callable(source) and not hasattr(source, "__next__") and not is_frame(source)
        self.iterated = isinstance(source, Iterator)
        pairs = isinstance(source, tuple) and len(source) == 2 and not isinstance(source[0], Mapping)
        by_score = pairs or (shared.score is not None and not self.called and not self.iterated)
        self.sorted = by_score if sort is None else sort
        if self.sorted and shared.score is None and not pairs:
            raise ConfigError("there is no score to sort by", where=_WHERE, hint="name the field: score=…")

    def cut(self, start: int, size: int | None, *, whole: bool = False) -> tuple[Any, int]:
        """Give some records from a place on, and how many there are at least: one more than asked for, or all."""
        if self.called or self.iterated:
            known_all = whole or self.sorted or size is None or self.shared.needs_all(self.shared.derived)
            found = _candidates(self._fetched(None if known_all else start + (size or 0) + 1))
        else:
            with unquoted(_WHERE):
                found = candidates_of(self._left(self.source, self._gone(self.source)))
        fields = self.shared.of(found.names)
        scores = None
        order = np.arange(found.rows)
        name = self.shared.score or "scores"
        with unquoted(_WHERE):
            if self.sorted or self.shared.needs_all(fields):
                scores = found.scores(name)
            if self.sorted and scores is not None:
                order = best_first(scores, ascending=self.ascending)
                scores = scores[order]
            end = found.rows if size is None else start + size
            changed = {each: self.shared.values(each, scores, 0, found.rows)[start:end] for each in fields}
            return found.arranged(order[start:end], changed), found.rows

    def passed(self, k: int | None) -> Iterator[Any]:
        """Pass on the records of an iterator, one by one."""
        for before, record in enumerate(islice(self._fetched_one_by_one(), k)):
            one = _candidates([record])
            fields = self.shared.of(one.names)
            changed = {name: self.shared.values(name, None, before, 1) for name in fields}
            yield one.arranged(np.arange(1), changed)[0] if changed else record

    def _gone(self, data: Any) -> npt.NDArray[np.bool_]:
        pairs = isinstance(data, tuple) and len(data) == 2 and not isinstance(data[0], Mapping)
        if pairs and len(self.columns) != 1:
            raise ConfigError("a pair of ids and scores has one key field", where=_WHERE, hint="name one in on=.")
        records = read_records(data[0] if pairs else data, None, self.columns, _WHERE)
        gone = self.judgement.judged(records.keys())
        records.check(~gone)
        return gone

    def _left(self, data: Any, gone: npt.NDArray[np.bool_]) -> Any:
        return survivors(data, ~gone) if self.mask is None else self.mask.applied(data, gone, _WHERE)

    def _fetched(self, wanted: int | None) -> list[Any]:
        """Ask the source until so many records stay, or for all."""
        kept: list[Any] = []
        asked = 0
        while wanted is None or len(kept) < wanted:
            limit = max(_LEAST, 0 if wanted is None else wanted - len(kept), len(kept))
            batch = self._batch(asked, limit)
            if not batch:
                break
            asked += len(batch)
            kept += self._survivors(batch)
            if len(kept) > self.max_fetch or asked > _SEALED_SHARE * self.max_fetch:
                raise IncompleteError(
                    f"the source has more than {self.max_fetch} records",
                    where=_WHERE,
                    hint="let it give fewer, or raise max_fetch=.",
                )
        return kept

    def _fetched_one_by_one(self) -> Iterator[Any]:
        while batch := self._batch(0, 1):
            yield from self._survivors(batch)

    def _survivors(self, batch: list[Any]) -> list[Any]:
        with unquoted(_WHERE):
            pairs = all(not isinstance(record, Mapping) for record in batch)
            gone = self._gone([record[0] for record in batch] if pairs else batch)
            left: list[Any] = self._left(batch, gone)
        return left

    def _batch(self, offset: int, limit: int) -> list[Any]:
        def call() -> Any:
            if self.called:
                return _listed(self.source(offset, limit))
            return list(islice(self.source, limit))

        found: list[Any] = ask(call, lambda answer: answer, _WHERE, empty=False)
        if len(found) > limit:
            raise UsageError("the source gave more records than it was asked for", where=_WHERE)
        return found


def _listed(answer: Any) -> list[Any]:
    if isinstance(answer, pl.DataFrame):
        return answer.to_dicts()
    if hasattr(answer, "to_pylist"):
        return list(answer.to_pylist())
    return list(answer.to_dict("records")) if hasattr(answer, "iloc") else list(answer)


def _candidates(records: list[Any]) -> Candidates:
    if are(set(map(type, records)), Mapping):
        return DictCandidates(records)
    return _Pairs(records)


class _Pairs(Candidates):
    """A list of pairs of an id and a score."""

    @property
    def names(self) -> tuple[str, ...]:
        return ("ids", "scores")

    def scores(self, name: str) -> npt.NDArray[Any]:
        return DictCandidates([{name: record[1]} for record in self.data]).scores(name)

    def arranged(self, order: npt.NDArray[np.intp], changed: Mapping[str, Any]) -> Any:
        return [self.data[at] for at in order.tolist()]


def _check_count(count: int | None, name: str) -> None:
    if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 0):
        raise UsageError(f"{name} is a number of records", where=_WHERE)


def _cursor(position: int, index_id: str) -> str:
    return base64.urlsafe_b64encode(f"{position}.{index_id[:8]}".encode()).decode()


def _position(cursor: str, index_id: str) -> int:
    try:
        position, _, of = base64.b64decode(cursor, altchars=b"-_", validate=True).decode("ascii").partition(".")
        start = int(position) if position.isdecimal() else -1
    except (binascii.Error, ValueError, TypeError, AttributeError):
        start, of = -1, ""
    if start < 0:
        raise UsageError("this is no cursor of a page", where=_WHERE, hint="give the one of the page before.")
    if of != index_id[:8]:
        raise Refused("the ranking has changed since that page", where=_WHERE, hint="begin with the first page.")
    return start
