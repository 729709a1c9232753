"""The records of one ranking, read from whatever gives them until enough are there that may be returned."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Generator, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ConfigError, IncompleteError, Spelled, UsageError
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.tables.containers import is_frame
from sealscrub.tables.value_free_errors import unquoted

from .barred_records import Judge, Judgement
from .candidates import Candidates, DictCandidates, candidates_of, survivors
from .field_masks import Placeholder
from .known_ids import Known
from .live_index import LiveIndex
from .model_calls import ask, ask_later, is_async
from .rank_fields import SharedFields, best_first
from .request_records import are, named_on, read_records

__all__ = ["Ranking"]

WHERE = "ranking"
_LEAST = 64  # records asked of a source at a time
_SEALED_SHARE = 100  # a source that gives so many times as many does not end


class Ranking:
    """One answer: a source, read by one index."""

    def __init__(
        self,
        source: Any,
        index: Index | LiveIndex,
        on: Mapping[str, Any] | Iterable[Any],
        shared: SharedFields,
        ascending: bool,
        sort: bool | None,
        known: Known | None,
        policy: Policy | None,
        max_fetch: int,
        mask: Placeholder | None,
    ) -> None:
        judge = Judge(index, named_on(on), known=known, policy=policy, where=WHERE)
        self.judgement: Judgement = judge.start()
        self.columns = judge.columns
        self.mask = None if mask is None else mask.with_keys(judge.columns)
        self.source, self.shared, self.ascending, self.max_fetch = source, shared, ascending, max_fetch
        self.called = callable(source) and not isinstance(source, Iterator | AsyncIterator) and not is_frame(source)
        self.iterated = isinstance(source, Iterator | AsyncIterator)
        self.awaited = isinstance(source, AsyncIterator) or (
            self.called and (is_async(source) or inspect.isasyncgenfunction(source))
        )
        pairs = isinstance(source, tuple) and len(source) == 2 and not isinstance(source[0], Mapping)
        by_score = pairs or (shared.score is not None and not self.called and not self.iterated)
        self.sorted = by_score if sort is None else sort
        if self.sorted and shared.score is None and not pairs:
            raise ConfigError(
                "there is no score to sort by",
                where=WHERE,
                hint=Spelled("name the field: score=…", "name the column: --score SCORE"),
            )

    def cut(self, start: int, size: int | None, *, whole: bool = False) -> tuple[Any, int]:
        """Give some records from a place on, and how many there are at least: one more than asked for, or all."""
        if self.called or self.iterated:
            return self._page_of(
                _candidates(self._fetched(self._records_needed(start, size, whole=whole))), start, size
            )
        with unquoted(WHERE):
            return self._page_of(
                candidates_of(self._remove_rows(self.source, self._barred_rows(self.source))), start, size
            )

    async def cut_later(self, start: int, size: int | None, *, whole: bool = False) -> tuple[Any, int]:
        """Give the same from a source that is awaited."""
        fetched = await self._fetched_later(self._records_needed(start, size, whole=whole))
        return self._page_of(_candidates(fetched), start, size)

    def _records_needed(self, start: int, size: int | None, *, whole: bool) -> int | None:
        """How many records are needed; None for all."""
        known_all = whole or self.sorted or size is None or self.shared.needs_all(self.shared.derived)
        return None if known_all else start + (size or 0) + 1

    def _page_of(self, found: Candidates, start: int, size: int | None) -> tuple[Any, int]:
        fields = self.shared.of(found.names)
        scores = None
        order = np.arange(found.rows)
        name = self.shared.score or "scores"
        with unquoted(WHERE):
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
            yield self._with_running_fields(record, before)

    async def passed_later(self, k: int | None) -> AsyncIterator[Any]:
        """Pass on the records of an async iterator, one by one."""
        before = 0
        while (k is None or before < k) and (batch := await self._batch_later(0, 1)):
            for record in self._survivors(batch):
                yield self._with_running_fields(record, before)
                before += 1

    def _with_running_fields(self, record: Any, before: int) -> Any:
        """A record with what depends on how many came before it."""
        one = _candidates([record])
        fields = self.shared.of(one.names)
        changed = {name: self.shared.values(name, None, before, 1) for name in fields}
        return one.arranged(np.arange(1), changed)[0] if changed else record

    def _barred_rows(self, data: Any) -> npt.NDArray[np.bool_]:
        pairs = isinstance(data, tuple) and len(data) == 2 and not isinstance(data[0], Mapping)
        if pairs and len(self.columns) != 1:
            raise ConfigError(
                "a pair of ids and scores has one key field",
                where=WHERE,
                hint=Spelled("name one in on=.", "name one with --on."),
            )
        records = read_records(data[0] if pairs else data, None, self.columns, WHERE)
        gone = self.judgement.judged(records.keys())
        records.check(~gone)
        return gone

    def _remove_rows(self, data: Any, gone: npt.NDArray[np.bool_]) -> Any:
        return survivors(data, ~gone, self.columns) if self.mask is None else self.mask.applied(data, gone, WHERE)

    def _fetching(self, wanted: int | None) -> Generator[tuple[int, int], list[Any], list[Any]]:
        """Ask for batches until so many records stay, or for all; anyone who runs it gets them."""
        kept: list[Any] = []
        asked = 0
        while wanted is None or len(kept) < wanted:
            limit = max(_LEAST, 0 if wanted is None else wanted - len(kept), len(kept))
            batch = yield asked, limit
            if not batch:
                break
            asked += len(batch)
            kept += self._survivors(batch)
            if len(kept) > self.max_fetch or asked > _SEALED_SHARE * self.max_fetch:
                raise IncompleteError(
                    f"the source has more than {self.max_fetch} records",
                    where=WHERE,
                    hint=Spelled("let it give fewer, or raise max_fetch=.", "let it give fewer."),
                )
        return kept

    def _fetched(self, wanted: int | None) -> list[Any]:
        fetching = self._fetching(wanted)
        try:
            asked = next(fetching)
            while True:
                asked = fetching.send(self._batch(*asked))
        except StopIteration as done:
            kept: list[Any] = done.value
        return kept

    async def _fetched_later(self, wanted: int | None) -> list[Any]:
        fetching = self._fetching(wanted)
        try:
            asked = next(fetching)
            while True:
                asked = fetching.send(await self._batch_later(*asked))
        except StopIteration as done:
            kept: list[Any] = done.value
        return kept

    def _fetched_one_by_one(self) -> Iterator[Any]:
        while batch := self._batch(0, 1):
            yield from self._survivors(batch)

    def _survivors(self, batch: list[Any]) -> list[Any]:
        with unquoted(WHERE):
            pairs = all(not isinstance(record, Mapping) for record in batch)
            gone = self._barred_rows([record[0] for record in batch] if pairs else batch)
            left: list[Any] = self._remove_rows(batch, gone)
        return left

    def _batch(self, offset: int, limit: int) -> list[Any]:
        def call() -> Any:
            return _as_records(self.source(offset, limit)) if self.called else list(islice(self.source, limit))

        return _check_batch_size(ask(call, lambda answer: answer, WHERE, empty=False), limit)

    async def _batch_later(self, offset: int, limit: int) -> list[Any]:
        async def call() -> Any:
            if not self.called:
                return await _some(self.source, limit)
            answer = self.source(offset, limit)
            if inspect.isawaitable(answer):
                answer = await answer
            return await _some(answer, limit + 1) if isinstance(answer, AsyncIterator) else _as_records(answer)

        return _check_batch_size(await ask_later(call, lambda answer: answer, WHERE, empty=False), limit)


def _check_batch_size(batch: list[Any], limit: int) -> list[Any]:
    if len(batch) > limit:
        raise UsageError("the source gave more records than it was asked for", where=WHERE)
    return batch


async def _some(source: AsyncIterator[Any], limit: int) -> list[Any]:
    found: list[Any] = []
    while len(found) < limit:
        try:
            found.append(await anext(source))
        except StopAsyncIteration:
            break
    return found


def _as_records(answer: Any) -> list[Any]:
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
