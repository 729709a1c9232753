"""A ranking whose source must be awaited is the one that it is from a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.errors import IncompleteError, ModelFailed, UsageError
from sealscrub.filters import guard_ranking, guard_ranking_page

from .worlds import INDEX, ON, SEALED, few, requests

SHARED: dict[str, Any] = {"score": "x", "derived": {"n": "percentile"}}


def sources(rows: list[dict[str, Any]]) -> dict[str, Callable[..., Any]]:
    """The same records, from callables that are awaited in several ways."""

    async def listed(offset: int, limit: int) -> list[Any]:
        await asyncio.sleep(0)
        return rows[offset : offset + limit]

    async def yielded(offset: int, limit: int) -> AsyncIterator[Any]:
        for row in rows[offset : offset + limit]:
            await asyncio.sleep(0)
            yield row

    class Search:
        async def __call__(self, offset: int, limit: int) -> Any:
            return yielded(offset, limit)

    return {"listed": listed, "yielded": yielded, "object": Search(), "partial": partial(listed)}


async def gathered(stream: Any) -> list[Any]:
    return [each async for each in stream]


@few
@given(
    rows=requests(),
    k=st.none() | st.integers(0, 9),
    kind=st.sampled_from(["listed", "yielded", "object", "partial"]),
    options=st.sampled_from([{}, SHARED, {"score": "x", "sort": True}]),
)
def test_whatever_is_awaited(rows: list[dict[str, Any]], k: int | None, kind: str, options: dict[str, Any]) -> None:
    expected = guard_ranking(lambda at, n: rows[at : at + n], INDEX, ON, k=k, **options)

    assert asyncio.run(_awaited(guard_ranking(sources(rows)[kind], INDEX, ON, k=k, **options))) == expected
    stream = guard_ranking(sources(rows)["yielded"](0, 99), INDEX, ON, k=k, **options)
    assert asyncio.run(gathered(stream)) == expected


@few
@given(rows=requests(), size=st.integers(1, 4))
def test_pages(rows: list[dict[str, Any]], size: int) -> None:
    async def pages() -> list[Any]:
        found, cursor = [], None
        while True:
            page = await guard_ranking_page(source, INDEX, ON, size=size, cursor=cursor, total=True)
            found.append((page.records, page.total))
            if (cursor := page.cursor) is None:
                return found

    source = sources(rows)["listed"]
    later = asyncio.run(pages())
    left = guard_ranking(rows, INDEX, ON)
    assert [record for records, _ in later for record in records] == left
    assert {total for _, total in later} == {len(left)}


async def _awaited(answer: Any) -> Any:
    return await answer


def test_a_stream_gives_each_record_as_soon_as_it_may() -> None:
    given: list[int] = []

    async def source() -> AsyncIterator[Any]:
        for at in range(100):
            given.append(at)
            yield {"rank": at + 1, "id": SEALED[0] if at % 2 else "M14000001"}

    async def two() -> list[Any]:
        return [each async for each in guard_ranking(source(), INDEX, ON, k=2)]

    assert [each["rank"] for each in asyncio.run(two())] == [1, 2]
    assert len(given) <= 4


def test_what_goes_wrong_is_as_it_is_without_waiting() -> None:
    async def fails(offset: int, limit: int) -> Any:
        raise ValueError(SEALED[0])

    async def no_list(offset: int, limit: int) -> Any:
        return 5

    async def too_many(offset: int, limit: int) -> Any:
        return [{"id": "M14000001"}] * (limit + 1)

    async def more_than_asked(offset: int, limit: int) -> AsyncIterator[Any]:
        for _ in range(limit + 5):
            yield {"id": "M14000001"}

    async def endless(offset: int, limit: int) -> Any:
        return [{"id": "M14000001"}] * limit

    async def breaks() -> AsyncIterator[Any]:
        yield {"id": "M14000001"}
        raise ValueError(SEALED[0])

    for kind, source in (
        (ModelFailed, fails),
        (ModelFailed, no_list),
        (UsageError, too_many),
        (UsageError, more_than_asked),
    ):
        with pytest.raises(kind) as caught:
            asyncio.run(_awaited(guard_ranking(source, INDEX, ON, k=3)))
        assert SEALED[0] not in f"{caught.value} {caught.value.__context__}"
    with pytest.raises(IncompleteError):
        asyncio.run(_awaited(guard_ranking(endless, INDEX, ON, max_fetch=200)))
    with pytest.raises(ModelFailed):
        asyncio.run(gathered(guard_ranking(breaks(), INDEX, ON)))
    with pytest.raises(UsageError):
        guard_ranking_page(breaks(), INDEX, ON, size=2)
