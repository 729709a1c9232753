"""A ranking as it would be had the sealed records never been in it: filtered before rank, score and cut."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict, TypeVar, Unpack, overload

from sealscrub.errors import Refused, UsageError
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.tables.containers import FrameT

from .certificate_requirement import RequiredCertificate, require_certified
from .field_masks import Placeholder
from .known_ids import Known
from .live_index import LiveIndex
from .rank_fields import Derived, SharedFields
from .ranking_answers import WHERE, Ranking

__all__ = ["RankingPage", "guard_ranking", "guard_ranking_page"]


@dataclass(frozen=True, slots=True, eq=False)
class RankingPage:
    """One page of a guarded ranking.

    Attributes
    ----------
    records : object
        The page, of the kind that the ranking is; from a callable a list of dicts.
    cursor : str or None
        Asks for the next page; None on the last. It counts only the records that were returned.
    total : int or None
        How many records the whole ranking has, if that was asked for.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> hits = [{"id": "K14612345"}, {"id": "M14000017"}, {"id": "M14000018"}]
    >>> page = guard_ranking_page(hits, example_index(["K14612345"]), {"arrest_number": "id"}, size=2)
    >>> page.records, page.cursor
    ([{'id': 'M14000017'}, {'id': 'M14000018'}], None)
    """

    records: Any
    cursor: str | None
    total: int | None = None

    def __repr__(self) -> str:
        return f"RankingPage({type(self.records).__name__})"


_Record = TypeVar("_Record")


class _RankingOptions(TypedDict, total=False):
    k: int | None
    score: str | None
    ascending: bool
    sort: bool | None
    derived: Derived | None
    own: Collection[str]
    known: Known | None
    policy: Policy | None
    max_fetch: int
    mask: Placeholder | None
    require_certificate: RequiredCertificate | None


_On = Mapping[str, Any] | Iterable[Any]


@overload
def guard_ranking(
    source: Callable[[int, int], Any], index: Index | LiveIndex, on: _On, **options: Unpack[_RankingOptions]
) -> Any: ...
@overload
def guard_ranking(
    source: Iterator[_Record], index: Index | LiveIndex, on: _On, **options: Unpack[_RankingOptions]
) -> Iterator[_Record]: ...
@overload
def guard_ranking(
    source: AsyncIterator[_Record], index: Index | LiveIndex, on: _On, **options: Unpack[_RankingOptions]
) -> AsyncIterator[_Record]: ...
@overload
def guard_ranking(source: FrameT, index: Index | LiveIndex, on: _On, **options: Unpack[_RankingOptions]) -> FrameT: ...
def guard_ranking(
    source: Any,
    index: Index | LiveIndex,
    on: Mapping[str, Any] | Iterable[Any],
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
    mask: Placeholder | None = None,
    require_certificate: RequiredCertificate | None = None,
) -> Any:
    """Give a ranking as it would be had the sealed records never existed.

    They are removed before ranks, normalised scores, percentiles and the cut; a source that can be asked for more
    is, until `k` records are there or it has no more.

    Parameters
    ----------
    source : frame, list of dict, (ids, scores), iterator, async iterator, callable, or async callable
        All candidates. An iterator and a callable give them best first: dicts or pairs ``(id, score)``; the callable,
        ``source(offset, limit)``, gives up to `limit` from `offset` on, and nothing once there are no more. An async
        callable is awaited, ``async def source(offset, limit)``, or gives them by ``yield``.
    index : Index or LiveIndex
        Published for the use ``output``.
    on : mapping, or iterable of str
        Which fields are keys; of pairs any one field, ``{"arrest_number": "ids"}``.
    k : int, optional
        How many records are returned at most. Fewer are only if there are no more.
    score : str, optional
        The field with the raw score. Frames, lists and pairs are ordered by it, equal ones as they were.
    ascending : bool
        Whether a lower score is better, as a distance is.
    sort : bool, optional
        Whether to order by score. By default frames, lists and pairs with a score are, iterators and callables are not.
    derived : mapping, optional
        Fields that depend on all records, and how to compute them: ``rank``, ``rank_min``, ``rank_dense``,
        ``softmax``, ``zscore``, ``minmax``, ``percentile``, or a function of the scores. A field called ``rank`` is
        counted again as it is.
    own : collection of str
        Fields that are a record's own, though their name says otherwise.
    known, policy
        As in :func:`sealscrub.filters.guard`.
    max_fetch : int
        How many records that stay a callable or an iterator may give at most, if all are needed.
    mask : Placeholder, optional
        For rows that would be there without the record: they stay, and are what it says. Frames and dicts only.
    require_certificate : RequiredCertificate, optional
        Nothing is answered without a certificate, about the model that gave the scores, that verifies and is not stale.

    Returns
    -------
    object
        Of the kind that `source` is; from a callable a list of dicts, or of pairs; from an iterator one that gives
        each record as soon as it may. From an async source what must be awaited, or an async iterator.

    Raises
    ------
    Refused
        When a field depends on records that may not be returned, and cannot be computed without them.
    ModelFailed
        When the source raises.
    IncompleteError
        When it has more records than `max_fetch`, so no one knows whether the answer is full.
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
    ranking = Ranking(source, index, on, shared, ascending, sort, known, policy, max_fetch, mask)
    require_certified(require_certificate, ranking.judgement.index)
    _check_count(k, "k")
    one_by_one = ranking.iterated and not ranking.sorted and not shared.needs_all(shared.derived)
    if ranking.awaited:
        if one_by_one:
            return ranking.passed_later(k)
        return _sent_later(ranking, k) if ranking.iterated else _first_later(ranking, k)
    if one_by_one:
        return ranking.passed(k)
    found, _ = ranking.cut(0, k)
    return iter(found) if ranking.iterated else found


async def _first_later(ranking: Ranking, k: int | None) -> Any:
    return (await ranking.cut_later(0, k))[0]


async def _sent_later(ranking: Ranking, k: int | None) -> AsyncIterator[Any]:
    for record in await _first_later(ranking, k):
        yield record


def guard_ranking_page(
    source: Any,
    index: Index | LiveIndex,
    on: Mapping[str, Any] | Iterable[Any],
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
    mask: Placeholder | None = None,
    require_certificate: RequiredCertificate | None = None,
) -> Any:
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
        From an async callable, what must be awaited and gives one.

    Raises
    ------
    Refused
        When another index is in force than for the page before, since pages of both do not fit together; and as
        :func:`guard_ranking`.
    UsageError
        When the cursor is not one of these.

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
    ranking = Ranking(source, index, on, shared, ascending, sort, known, policy, max_fetch, mask)
    require_certified(require_certificate, ranking.judgement.index)
    _check_count(size, "size")
    if size < 1 or ranking.iterated:
        raise UsageError("a page must have at least one record, and an iterator has no pages", where=WHERE)
    start = 0 if cursor is None else _position(cursor, ranking.judgement.index.id)
    if ranking.awaited:
        return _page_later(ranking, start, size, total)
    return _page(ranking, *ranking.cut(start, size, whole=total), start + size, total)


async def _page_later(ranking: Ranking, start: int, size: int, total: bool) -> RankingPage:
    return _page(ranking, *await ranking.cut_later(start, size, whole=total), start + size, total)


def _page(ranking: Ranking, records: Any, rows: int, end: int, total: bool) -> RankingPage:
    following = _cursor(end, ranking.judgement.index.id) if rows > end else None
    return RankingPage(records, following, rows if total else None)


def _check_count(count: int | None, name: str) -> None:
    if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 0):
        raise UsageError(f"{name} must be a number of records", where=WHERE)


def _cursor(position: int, index_id: str) -> str:
    return base64.urlsafe_b64encode(f"{position}.{index_id[:8]}".encode()).decode()


def _position(cursor: str, index_id: str) -> int:
    try:
        position, _, of = base64.b64decode(cursor, altchars=b"-_", validate=True).decode("ascii").partition(".")
        start = int(position) if position.isdecimal() else -1
    except (binascii.Error, ValueError, TypeError, AttributeError):
        start, of = -1, ""
    if start < 0:
        raise UsageError("this is not a cursor of a page", where=WHERE, hint="give the one of the page before.")
    if of != index_id[:8]:
        raise Refused("the ranking has changed since that page", where=WHERE, hint="begin with the first page.")
    return start
