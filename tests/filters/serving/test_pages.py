"""Pages of a guarded service are those of a service whose database never held the sealed records."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import UsageError
from sealscrub.filters import GuardedRoute, GuardMiddleware, Paging

from .paged_service import LARGEST, Database, fastapi_app, paged_routes, starlette_app
from .police_service import KEY, Answer, ask

POOL = [f"K14{number:06d}" for number in range(1, 31)]
SEALED = [each for at, each in enumerate(POOL) if at % 3 == 0 or at in (10, 11, 25, 26)]
INDEX = example_index(SEALED)
APPS = {"starlette": starlette_app, "fastapi": fastapi_app}


class Pair:
    """The guarded service over all records, and the bare one over those that are left."""

    def __init__(self, make: Any, largest: int | None, **more: Any) -> None:
        self.held, self.left = Database(), Database()
        routes = paged_routes(largest, **more)
        self.guarded = GuardMiddleware(make(self.held), index=INDEX, routes=routes, known=None, oracle_ok=True)
        self.bare = make(self.left)

    def fill(self, ids: list[str]) -> list[str]:
        left = [each for each in ids if each not in SEALED]
        self.held.fill(ids)
        self.left.fill(left)
        return left

    def same(self, path: str, query: str = "", **more: Any) -> Answer:
        got, there = ask(self.guarded, path, query=query, **more), ask(self.bare, path, query=query, **more)
        assert (got.status, got.body) == (there.status, there.body), (path, query)
        return got


PAIRS = {(name, largest): Pair(make, largest) for name, make in APPS.items() for largest in (None, LARGEST)}
pairs = st.sampled_from(list(PAIRS.values()))
held_ids = st.lists(st.sampled_from(POOL), unique=True, min_size=1).filter(lambda ids: not set(SEALED).isdisjoint(ids))
sizes = st.integers(1, LARGEST)


@given(pairs, held_ids, sizes, st.integers(1, 12))
@settings(max_examples=120, deadline=None)
def test_pages_by_number(pair: Pair, ids: list[str], size: int, page: int) -> None:
    pair.fill(ids)
    pair.same("/pages", f"page={page}&size={size}")
    pair.same("/pages", f"size={size}")
    pair.same("/strict", f"page={page}")
    pair.same("/bare", f"page={page}&size={size}")


@given(pairs, held_ids, sizes, st.integers(0, 35))
@settings(max_examples=120, deadline=None)
def test_pages_by_offset_and_the_best(pair: Pair, ids: list[str], size: int, offset: int) -> None:
    pair.fill(ids)
    pair.same("/offsets", f"offset={offset}&limit={size}")
    pair.same("/best", f"k={size + offset // 3}")
    body = json.dumps({"from": offset, "size": size}).encode()
    pair.same("/body", method="POST", body=body)


@given(pairs, held_ids, sizes, st.sampled_from(["/places", "/counts"]))
@settings(max_examples=120, deadline=None)
def test_pages_by_cursor(pair: Pair, ids: list[str], size: int, path: str) -> None:
    """Cursors are opaque: turning pages gives the same ones, to the same end."""
    pair.fill(ids)
    assert _turned(pair.guarded, path, size) == _turned(pair.bare, path, size)


def _turned(app: Any, path: str, size: int) -> list[Any]:
    pages, query = [], f"limit={size}"
    while True:
        got = ask(app, path, query=query)
        assert got.status == 200
        value = got.json
        pages.append(value["items"])
        after = value.pop("next")
        assert list(value) == ["items"]
        if not after:
            return [*pages, after]
        query = f"limit={size}&cursor={after}" if path == "/places" else after.partition("?")[2]
        assert len(pages) < 40


@given(held_ids, sizes)
@settings(max_examples=30, deadline=None)
def test_cursors_hold_nothing_of_what_is_sealed(ids: list[str], size: int) -> None:
    """Neither an id nor how many were passed over: the guarded service over what is left gives the same bytes."""
    pair, other = PAIRS["fastapi", LARGEST], PAIRS["starlette", None]
    left = pair.fill(ids)
    other.held.fill(left)
    for path in ("/places", "/counts"):
        query = f"limit={size}"
        while query:
            got, there = ask(pair.guarded, path, query=query), ask(other.guarded, path, query=query)
            assert got.body == there.body
            after = got.json["next"]
            query = (
                "" if not after else f"limit={size}&cursor={after}" if path == "/places" else after.partition("?")[2]
            )


@pytest.mark.parametrize("name", APPS)
def test_what_is_wrong_with_a_request_is_for_the_application_to_say(name: str) -> None:
    pair = PAIRS[name, None]
    pair.fill(POOL)
    if name == "fastapi":  # the other takes what int() takes
        for query in ("page=0", "page=x", "size=0", f"size={LARGEST + 1}", "page=-1"):
            assert pair.same("/pages", query).status == 422
    else:
        assert pair.same("/pages", "page=x").status == 400
    assert ask(pair.guarded, "/pages", query="page=1&page=2").status == 400
    for cursor in ("zz", "-1", "1.5"):
        assert ask(pair.guarded, "/places", query=f"cursor={cursor}").status == 400


def test_a_size_that_is_cut_without_a_word_is_seen() -> None:
    """The application gives seven where more are asked: by largest= a page has seven, without it none comes out."""

    def capped(data: Database) -> Any:
        inner = starlette_app(data)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            query = scope["query_string"].decode().split("&")
            cut = [f"size={min(int(each[5:]), LARGEST)}" if each.startswith("size=") else each for each in query]
            await inner({**scope, "query_string": "&".join(cut).encode()}, receive, send)

        return app

    told, untold = Pair(capped, LARGEST), Pair(capped, None)
    for pair in (told, untold):
        pair.fill(POOL)
    for page in (1, 2, 3, 9):
        told.same("/bare", f"page={page}&size=20")
        assert ask(untold.guarded, "/bare", query=f"page={page}&size=20").status == 500
        untold.same("/bare", f"page={page}&size={LARGEST}")


@pytest.mark.parametrize("path", ["/offsets", "/places", "/counts"])
def test_as_many_requests_whatever_is_sealed(path: str) -> None:
    pair = Pair(fastapi_app, LARGEST)
    clean = [each for each in POOL if each not in SEALED]
    for offset in (0, 2, 4):
        counts = set()
        for ids in (clean, [*clean[:-3], *SEALED[:3]], [*clean[:-5], *SEALED[3:8]]):
            pair.held.fill(ids)
            pair.held.asked = 0
            where = f"offset={offset}" if path == "/offsets" else f"cursor={offset}"
            assert ask(pair.guarded, path, query=f"{where}&limit=2").status == 200
            counts.add(pair.held.asked)
        assert len(counts) == 1


def test_lists_longer_than_what_is_read_are_refused_by_what_is_left_of_them() -> None:
    pair = Pair(fastapi_app, 5, most_requests=4)
    clean = [each for each in POOL if each not in SEALED]
    for left, sealed in ((10, 0), (10, 4), (11, 0), (11, 4), (8, 8)):
        pair.fill([*clean[:left], *SEALED[:sealed]])
        assert ask(pair.guarded, "/pages", query="size=2").status == (200 if left <= 10 else 500)
    pair.held.asked = 0
    assert ask(pair.guarded, "/offsets", query="offset=99&limit=5").status == 400
    assert pair.held.asked == 0
    pair.fill(clean)
    assert ask(pair.guarded, "/pages", query="size=2").status == 500
    assert pair.held.asked < 12


def test_head_and_conditions_are_those_of_the_page() -> None:
    pair = PAIRS["starlette", LARGEST]
    pair.fill(POOL)
    query = "page=2&size=3"
    got = ask(pair.guarded, "/bare", query=query)
    head = ask(pair.guarded, "/bare", query=query, method="HEAD")
    again = ask(pair.guarded, "/bare", query=query, headers={"if-none-match": got.headers["etag"]})
    there = ask(pair.bare, "/bare", query=query)

    assert (head.status, head.headers, head.body) == (got.status, got.headers, b"")
    assert (again.status, again.body) == (304, b"")
    assert got.headers["x-total-count"] == there.headers["x-total-count"]
    assert got.headers["link"] == there.headers["link"]
    assert got.headers["content-length"] == str(len(there.body))


def _answering(make: Any) -> Any:
    """An application of one line: from the query to a value, or to a status and a value."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        query = dict(each.split("=") for each in scope["query_string"].decode().split("&") if each)
        made = make({name: int(value) for name, value in query.items()})
        status, value = made if isinstance(made, tuple) else (200, made)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(value).encode()})

    return app


def _rows(page: int, size: int, ids: list[str] = POOL) -> list[dict[str, str]]:
    return [{"arrest": each} for each in ids[(page - 1) * size : page * size]]


NUMBERED: dict[str, Any] = {"page": "page", "size": "size", "default": 4}
MISFITS: dict[str, Any] = {
    "undeclared text": lambda page=1, size=4: {"items": _rows(page, size), "said": "7 of 9"},
    "undeclared null": lambda page=1, size=4: {"items": _rows(page, size), "next": None},
    "undeclared empty": lambda page=1, size=4: {"items": _rows(page, size), "links": {}},
    "no list": lambda page=1, size=4: {"items": {"a": {"arrest": POOL[1]}}},
    "returned more": lambda page=1, size=4: {"items": _rows(page, size + 1)},
    "another default": lambda page=1, size=3: {"items": _rows(page, size)},
    "another order": lambda page=1, size=4: {"items": _rows(page, size, POOL if size == 4 else POOL[::-1])},
    "fails later": lambda page=1, size=4: {"items": _rows(page, size)} if page == 1 else (500, {"detail": "x"}),
    "no such page": lambda page=1, size=4: {"items": _rows(page, size)} if page < 9 else (404, {"detail": "x"}),
    "a key that is near": lambda page=1, size=4: {"items": _rows(page, size, [*POOL[:3], "K14OOOOO1"])},
}


@pytest.mark.parametrize("how", MISFITS)
def test_an_application_that_is_not_as_declared_is_refused_whatever_is_sealed(how: str) -> None:
    make, largest = MISFITS[how], 9 if how == "another order" else None
    for index in (INDEX, example_index(["Q14000001"])):
        route = GuardedRoute("/", on={KEY: "$.items[*].arrest"}, paging=Paging(**NUMBERED, largest=largest))
        app = GuardMiddleware(
            _answering(lambda asked: make(**asked)), index=index, routes=[route], known=None, oracle_ok=True
        )
        got = ask(app, "/", query="page=4" if how == "no such page" else "")
        assert (got.status, got.json) == (500, {"detail": "Internal Server Error"})


def test_pages_are_made_for_reading_alone() -> None:
    pair = PAIRS["fastapi", None]
    pair.fill(POOL)
    pair.held.asked = 0

    assert ask(pair.guarded, "/pages", method="POST").status == 405
    assert ask(pair.guarded, "/body", method="PUT", body=b'{"size": 2}').status == 405
    assert ask(pair.guarded, "/body", method="POST", body=b'{"from": 2, "size": 2}').status == 200
    assert ask(pair.guarded, "/body", method="POST", body=b"[2]").status == 422


@pytest.mark.parametrize(
    "make",
    [
        lambda: Paging(),
        lambda: Paging(size="size", page="page", offset="offset"),
        lambda: Paging(size="size"),
        lambda: Paging(size="size", cursor="after"),
        lambda: Paging(size="path:size", page="page"),
        lambda: Paging(size="body:$.sizes[*]", page="page"),
        lambda: Paging(size="size", page="page", total="$.hits[*].total"),
        lambda: Paging(size="size", page="page", total="$.total", made={"$.total": 1}),
        lambda: Paging(size="size", page="page", default=0),
        lambda: Paging(size="size", page="page", default=5, largest=4),
        lambda: Paging(size=5, page="page"),
        lambda: GuardedRoute("/", on={KEY: "$.arrest"}, paging=Paging(**NUMBERED)),
        lambda: GuardedRoute("/", on={KEY: "$.a[*].b[*].arrest"}, paging=Paging(**NUMBERED)),
        lambda: GuardedRoute("/", on={KEY: ["$.a[*].arrest", "$.b[*].arrest"]}, paging=Paging(**NUMBERED)),
        lambda: GuardedRoute("/", on={KEY: "$.a[*].arrest"}, totals={"$.n": "$.a[*]"}, paging=Paging(**NUMBERED)),
        lambda: GuardedRoute("/", on={KEY: "$.a[*].arrest"}, totals={"$.n": len}, paging=Paging(**NUMBERED)),
        lambda: GuardedRoute("/", on={KEY: "$.a[*].arrest"}, headers=["link"], paging=Paging(**NUMBERED)),
        lambda: GuardedRoute("/", text=True, paging=Paging(**NUMBERED)),
        lambda: GuardedRoute("/", on={KEY: "$.a[*].arrest"}, paging="page"),
    ],
)
def test_what_cannot_be_promised_is_refused_where_it_is_declared(make: Any) -> None:
    with pytest.raises(UsageError):
        make()


def test_a_row_that_comes_between_two_requests_moves_a_page_and_fails_none() -> None:
    held = POOL[1:9]
    asked: list[int] = []

    def answer(page: int = 1, size: int = 4) -> Any:
        asked.append(page)
        if len(asked) == 2:
            held.insert(0, "K14000031")
        return {"items": _rows(page, size, held)}

    route = GuardedRoute("/", on={KEY: "$.items[*].arrest"}, paging=Paging(**NUMBERED))
    app = GuardMiddleware(
        _answering(lambda made: answer(**made)), index=INDEX, routes=[route], known=None, oracle_ok=True
    )
    got = ask(app, "/", query="page=2&size=2")
    left = [each for each in held if each not in SEALED]

    assert [each["arrest"] for each in got.json["items"]] == left[2:4]


@pytest.mark.parametrize("sealed", [0, 1, 9])
def test_the_best_are_refused_by_how_many_are_asked_for_alone(sealed: int) -> None:
    """Forty are the most that the application gives, so that twenty are sure to be had."""
    pair = Pair(fastapi_app, None)
    clean = [f"M14{number:06d}" for number in range(60)]
    pair.fill([*clean, *SEALED[:sealed]])
    pair.held.asked = 0

    for k in (20, 21, 40, 41):
        assert ask(pair.guarded, "/best", query=f"k={k}").status == (200 if k <= 20 else 400)
    assert pair.held.asked == 2
