"""Lists that are cut into pages in every usual way, over a database, by Starlette and by FastAPI."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Body, FastAPI, Query
from fastapi.responses import JSONResponse as FastResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sealscrub.filters import ABSENT, GuardedRoute, NotFound, Paging

from .police_service import KEY

LARGEST = 7
Size = Annotated[int, Query(ge=1, le=LARGEST)]
Number = Annotated[int, Query(ge=1)]
NO_PAGE = b'{"detail":"Invalid page."}'


class Database:
    """Arrests in a database, in an order of their own."""

    def __init__(self, ids: list[str] | None = None) -> None:
        self.connection = sqlite3.connect(":memory:", check_same_thread=False)
        self.connection.execute("CREATE TABLE arrests (serial INTEGER PRIMARY KEY, id TEXT UNIQUE, score REAL)")
        self.asked = 0
        self.fill(ids or [])

    def fill(self, ids: list[str]) -> None:
        """Hold these, and nothing else."""
        self.connection.execute("DELETE FROM arrests")
        rows = [(at, each, int(each[3:]) % 5 / 4) for at, each in enumerate(ids)]
        self.connection.executemany("INSERT INTO arrests VALUES (?, ?, ?)", rows)

    def rows(self, limit: int, offset: int = 0, after: tuple[float, str] | None = None) -> list[dict[str, Any]]:
        """Some of the list, the best first."""
        self.asked += 1
        where, values = "", []
        if after is not None:
            where, values = "WHERE score < ? OR (score = ? AND id > ?)", [after[0], after[0], after[1]]
        found = self.connection.execute(
            f"SELECT id, score FROM arrests {where} ORDER BY score DESC, id LIMIT ? OFFSET ?", (*values, limit, offset)
        )
        return [{"arrest": each, "score": score} for each, score in found]

    @property
    def count(self) -> int:
        return int(self.connection.execute("SELECT count(*) FROM arrests").fetchone()[0])


def by_number(data: Database, page: int, size: int) -> dict[str, Any]:
    total = data.count
    return {
        "items": data.rows(size, (page - 1) * size),
        "total": total,
        "page": page,
        "size": size,
        "pages": -(-total // size),
        "has_more": page * size < total,
        "links": {
            "self": f"/pages?page={page}&size={size}",
            "next": f"/pages?page={page + 1}&size={size}" if page * size < total else None,
            "last": f"/pages?page={max(1, -(-total // size))}&size={size}",
        },
    }


def by_offset(data: Database, offset: int, limit: int) -> dict[str, Any]:
    rows = data.rows(limit + 1, offset)
    more = {"next": f"/offsets?offset={offset + limit}&limit={limit}"} if len(rows) > limit else {}
    return {"data": {"hits": rows[:limit]}, **more}


def by_place(data: Database, cursor: str | None, limit: int) -> dict[str, Any]:
    """The cursor names the last element."""
    after = None if cursor is None else json.loads(base64.urlsafe_b64decode(cursor))
    rows = data.rows(limit + 1, after=after)
    last = rows[limit - 1] if len(rows) > limit else None
    code = None if last is None else base64.urlsafe_b64encode(json.dumps([last["score"], last["arrest"]]).encode())
    return {"items": rows[:limit], "next": None if code is None else code.decode()}


def by_count(data: Database, cursor: str | None, limit: int) -> dict[str, Any]:
    """The cursor says how many there were before, in a link."""
    offset = 0 if cursor is None else int(cursor, 16)
    rows = data.rows(limit + 1, offset)
    link = f"http://x/counts?limit={limit}&cursor={offset + limit:x}" if len(rows) > limit else ""
    return {"items": rows[:limit], "next": link}


def strict(data: Database, page: int) -> tuple[int, Any]:
    """Pages of three, and none after the last."""
    rows = data.rows(3, (page - 1) * 3)
    if page > 1 and not rows:
        return 404, json.loads(NO_PAGE)
    return 200, {"count": data.count, "results": rows}


def bare(data: Database, page: int, size: int) -> tuple[list[Any], dict[str, str]]:
    total = data.count
    return data.rows(size, (page - 1) * size), {
        "X-Total-Count": str(total),
        "Link": f'</?page={total // size}>; rel="last"',
    }


def best(data: Database, k: int) -> dict[str, Any]:
    return {"hits": [{**row, "rank": at} for at, row in enumerate(data.rows(min(k, 40)), start=1)]}


def starlette_app(data: Database) -> Starlette:
    def number(request: Request, name: str, default: int) -> int:
        return int(request.query_params.get(name, default))

    def view(make: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            try:
                return JSONResponse(make(request))
            except ValueError:
                return JSONResponse({"detail": "no number"}, 400)

        return answer

    async def strict_view(request: Request) -> Response:
        status, value = strict(data, number(request, "page", 1))
        return JSONResponse(value, status)

    async def bare_view(request: Request) -> Response:
        rows, headers = bare(data, number(request, "page", 1), number(request, "size", 5))
        return JSONResponse(rows, headers={"ETag": '"x"', **headers})

    async def body_view(request: Request) -> Response:
        asked = await request.json()
        return JSONResponse({"hits": data.rows(asked["size"], asked.get("from", 0)), "total": {"value": data.count}})

    return Starlette(
        routes=[
            Route("/pages", view(lambda r: by_number(data, number(r, "page", 1), number(r, "size", 5)))),
            Route("/offsets", view(lambda r: by_offset(data, number(r, "offset", 0), number(r, "limit", 5)))),
            Route("/places", view(lambda r: by_place(data, r.query_params.get("cursor"), number(r, "limit", 5)))),
            Route("/counts", view(lambda r: by_count(data, r.query_params.get("cursor"), number(r, "limit", 5)))),
            Route("/best", view(lambda r: best(data, number(r, "k", 5)))),
            Route("/strict", strict_view),
            Route("/bare", bare_view),
            Route("/body", body_view, methods=["POST"]),
        ]
    )


def fastapi_app(data: Database) -> FastAPI:
    app = FastAPI(docs_url=None, openapi_url=None)

    @app.get("/pages")
    def pages(page: Number = 1, size: Size = 5) -> Any:
        return by_number(data, page, size)

    @app.get("/offsets")
    def offsets(offset: Annotated[int, Query(ge=0)] = 0, limit: Size = 5) -> Any:
        return by_offset(data, offset, limit)

    @app.get("/places")
    async def places(cursor: str | None = None, limit: Size = 5) -> Any:
        return by_place(data, cursor, limit)

    @app.get("/counts")
    async def counts(cursor: str | None = None, limit: Size = 5) -> Any:
        return by_count(data, cursor, limit)

    @app.get("/best")
    async def best_view(k: Annotated[int, Query(ge=1, le=40)] = 5) -> Any:
        return best(data, k)

    @app.get("/strict")
    async def strict_view(page: Number = 1) -> Any:
        status, value = strict(data, page)
        return FastResponse(value, status)

    @app.get("/bare")
    async def bare_view(page: Number = 1, size: Size = 5) -> Any:
        rows, headers = bare(data, page, size)
        return FastResponse(rows, headers={"ETag": '"x"', **headers})

    @app.post("/body")
    async def body(asked: Annotated[dict[str, int], Body()]) -> Any:
        return {"hits": data.rows(asked["size"], asked.get("from", 0)), "total": {"value": data.count}}

    return app


def last_link(page: Any) -> str:
    return f"/pages?page={max(1, -(-page.total // page.size))}&size={page.size}"


def paged_routes(largest: int | None, **more: Any) -> list[GuardedRoute]:
    """How each of them is declared."""
    items, at_most = {KEY: "$.items[*].arrest"}, {"default": 5, "largest": largest, "most_requests": 200} | more
    return [
        GuardedRoute(
            "/pages",
            on=items,
            independent=["$.page", "$.size", "$.links.self"],
            paging=Paging(
                page="query:page",
                size="query:size",
                total="$.total",
                pages="$.pages",
                more="$.has_more",
                next="$.links.next",
                made={"$.links.last": last_link},
                **at_most,
            ),
        ),
        GuardedRoute(
            "/offsets",
            on={KEY: "$.data.hits[*].arrest"},
            paging=Paging(offset="offset", size="limit", next="$.next", at_end=ABSENT, **at_most),
        ),
        GuardedRoute("/places", on=items, paging=Paging(cursor="cursor", size="limit", next="$.next", **at_most)),
        GuardedRoute(
            "/counts", on=items, paging=Paging(cursor="cursor", size="limit", next="$.next", at_end="", **at_most)
        ),
        GuardedRoute(
            "/best",
            on={KEY: "$.hits[*].arrest"},
            ranks=["$.hits[*].rank"],
            paging=Paging(size="k", default=5, largest=40),
        ),
        GuardedRoute(
            "/strict",
            on={KEY: "$.results[*].arrest"},
            paging=Paging(page="page", default=3, total="$.count", past_end=NotFound(NO_PAGE), most_requests=200),
        ),
        GuardedRoute(
            "/bare",
            on={KEY: "$[*].arrest"},
            paging=Paging(
                page="page",
                size="size",
                total="header:X-Total-Count",
                made={"header:link": lambda page: f'</?page={page.total // page.size}>; rel="last"'},
                **at_most,
            ),
        ),
        GuardedRoute(
            "/body",
            on={KEY: "$.hits[*].arrest"},
            paging=Paging(offset="body:$.from", size="body:$.size", total="$.total.value", **at_most),
        ),
    ]
