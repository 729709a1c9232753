"""A service about arrests, in which every way of answering leaks as services do, and a client without a network."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from sealscrub.filters import GuardedRoute, OpenRoute

KEY = "arrest_number"
UNKNOWN = "S14999998"
IDS = [f"K14{number:06d}" for number in range(1, 41)]
SEALED = IDS[::4]
SECRET = "Wobblethorpe"  # noqa: S105 - a name in a row


def make_app(ids: list[str]) -> Starlette:
    """The service over some records."""
    rows = {each: {"arrest": each, "score": int(each[3:]) / 100, "name": f"name of {each}"} for each in ids}

    def hits() -> list[dict[str, Any]]:
        return [row | {"rank": at} for at, row in enumerate(rows.values(), start=1)]

    async def one(request: Request) -> Response:
        row = rows.get(request.path_params["arrest"].upper())
        if row is None:
            return JSONResponse({"detail": f"no arrest {request.path_params['arrest']}"}, 404)
        return JSONResponse(row, headers={"ETag": f'"{row["name"]}"', "X-Owner": row["name"]})

    async def search(request: Request) -> Response:
        wanted = request.query_params.getlist("arrest")
        found = [hit for hit in hits() if not wanted or hit["arrest"] in wanted]
        found = [hit | {"rank": at} for at, hit in enumerate(found, start=1)]
        body = {"total": len(found), "hits": found}
        headers = {"X-Total-Count": str(len(found)), "ETag": f'"{len(found)}"', "Cache-Control": "max-age=3600"}
        return JSONResponse(body, headers=headers)

    async def score(request: Request) -> Response:
        asked = await request.json()
        return JSONResponse({"scores": [{"arrest": row["arrest"], "x": row["x"] * 2} for row in asked["rows"]]})

    async def look(request: Request) -> Response:
        asked = await request.json()
        row = rows.get(asked["arrest"])
        return JSONResponse(row) if row else JSONResponse({"detail": "no such arrest"}, 404)

    async def lines(request: Request) -> Response:
        async def each() -> AsyncIterator[bytes]:
            for row in rows.values():
                text = json.dumps(row).encode() + b"\n"
                yield text[:9]
                yield text[9:]

        return StreamingResponse(each(), media_type="application/x-ndjson")

    async def events(request: Request) -> Response:
        async def each() -> AsyncIterator[bytes]:
            yield b": hello\n\n"
            for number, row in enumerate(rows.values()):
                text = f"id: {number}\r\nevent: arrest\r\ndata: {json.dumps(row)}\r\n\r\n".encode()
                for at in range(0, len(text), 7):
                    yield text[at : at + 7]
            yield b"data: [DONE]\n\n"

        return StreamingResponse(each(), media_type="text/event-stream")

    async def packed(request: Request) -> Response:
        body = json.dumps({"hits": list(rows.values())}).encode()
        how = request.path_params["how"]
        raw = zlib.compressobj(wbits=-15)
        made = {
            "gzip": gzip.compress(body),
            "deflate": zlib.compress(body),
            "raw": raw.compress(body) + raw.flush(),
            "br": pa.Codec("brotli").compress(body, asbytes=True),
            "zstd": pa.Codec("zstd").compress(body, asbytes=True),
            "short": pa.Codec("brotli").compress(body, asbytes=True)[:-9],
            "zbomb": pa.Codec("zstd").compress(b"[" + b" " * 200_000_000, asbytes=True) if how == "zbomb" else b"",
            "snappy": body,
            "cut": gzip.compress(body)[:-9],
            "twice": gzip.compress(body) + gzip.compress(body),
            "bomb": gzip.compress(b"[" + b" " * 200_000_000 + b"]", 1) if how == "bomb" else b"",
        }[how]
        short = {"raw": "deflate", "short": "br", "zbomb": "zstd"}
        coding = {**short, **dict.fromkeys(("cut", "twice", "bomb"), "gzip")}.get(how, how)
        return Response(made, media_type="application/json", headers={"Content-Encoding": coding})

    async def failing(request: Request) -> Response:
        how = request.path_params["how"]
        if how == "raises":
            raise ValueError(SECRET, rows)
        if how == "status":
            return JSONResponse({"detail": SECRET}, 503)
        if how == "late":
            return JSONResponse({"hits": []}, background=BackgroundTask(_raise))
        if how == "stream":

            async def some() -> AsyncIterator[bytes]:
                yield json.dumps({"hits": [rows[ids[1]]]}).encode() + b"\n"
                raise ValueError(SECRET)

            return StreamingResponse(some(), media_type="application/x-ndjson")
        if how == "half":

            async def half() -> AsyncIterator[bytes]:
                yield b'{"hits": [{"arrest": "'
                raise ValueError(SECRET)

            return StreamingResponse(half(), media_type="application/json")
        if how == "text":
            return PlainTextResponse(SECRET)
        if how == "image":
            return Response(SECRET.encode(), media_type="image/png")
        if how == "shape":
            return JSONResponse({"results": [SECRET]})
        if how == "broken":
            return Response(b'{"hits": [' + SECRET.encode(), media_type="application/json")
        if how == "empty":
            return Response(status_code=204)
        if how == "deep":
            return Response(b'{"hits":' * 100_000 + b"}" * 100_000, media_type="application/json")
        raise KeyError(how)

    async def home(request: Request) -> Response:
        return PlainTextResponse("welcome")

    return Starlette(
        routes=[
            Route("/arrests/{arrest}", one),
            Route("/search", search),
            Route("/score", score, methods=["POST"]),
            Route("/look", look, methods=["POST"]),
            Route("/lines", lines),
            Route("/events", events),
            Route("/packed/{how}", packed),
            Route("/failing/{how}", failing),
            Route("/undeclared", search),
            Route("/", home),
        ]
    )


def _raise() -> None:
    raise ValueError(SECRET)


HITS = {KEY: "$.hits[*].arrest"}


def make_routes() -> list[OpenRoute]:
    return [
        OpenRoute("/"),
        GuardedRoute("/arrests/{arrest}", ids={KEY: "path:arrest"}, on={KEY: "$.arrest"}, unknown=UNKNOWN),
        GuardedRoute(
            "/search",
            ids={KEY: "query:arrest"},
            on=HITS,
            complete=True,
            unknown=UNKNOWN,
            totals={"$.total": "$.hits[*]"},
            ranks=["$.hits[*].rank"],
            total_headers={"x-total-count": "$.hits[*]"},
        ),
        GuardedRoute(
            "/score",
            ids={KEY: "body:$.rows[*].arrest"},
            on={KEY: "$.scores[*].arrest"},
            complete=True,
            unknown=UNKNOWN,
            independent=["$.scores[*].x"],
        ),
        GuardedRoute("/look", ids={KEY: "body:$.arrest"}, on={KEY: "$.arrest"}, unknown=UNKNOWN),
        GuardedRoute("/lines", on={KEY: "$.arrest"}, complete=True),
        GuardedRoute("/events", on={KEY: "$.arrest"}, complete=True, sentinels=["[DONE]"]),
        GuardedRoute("/packed/{how}", on=HITS, complete=True),
        GuardedRoute("/failing/{how}", on=HITS, complete=True),
    ]


@dataclass
class Answer:
    """What a client got."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    pieces: list[bytes] = field(default_factory=list)
    error: BaseException | None = None

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def whole(self) -> tuple[Any, ...]:
        return self.status, sorted(self.headers.items()), self.body


def ask(
    app: Callable[..., Awaitable[None]],
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    query: str = "",
    raw: bytes | None = None,
    kind: str = "http",
) -> Answer:
    """Put one request to an application, as a server would."""
    return asyncio.run(_ask(app, path, method, body, headers or {}, query, raw, kind))


async def _ask(
    app: Any, path: str, method: str, body: bytes | None, headers: dict[str, str], query: str, raw: Any, kind: str
) -> Answer:
    got = Answer()
    if body is not None:
        headers = {"content-type": "application/json", "content-length": str(len(body))} | headers
    scope = {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": raw or path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "server": ("testserver", 80),
        "client": ("testclient", 1),
        "extensions": {"http.response.pathsend": {}, "http.response.debug": {}},
    }
    sent = [{"type": "http.request", "body": body or b"", "more_body": False}]

    async def receive() -> Any:
        if sent:
            return sent.pop()
        return await asyncio.sleep(3600)

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            assert not got.status, "started twice"
            got.status = message["status"]
            got.headers = {name.decode(): value.decode() for name, value in message.get("headers", [])}
        elif message["type"] == "http.response.body":
            got.pieces.append(message.get("body", b""))
        else:
            got.status = 403

    try:
        await app(scope, receive, send)
    except Exception as error:
        got.error = error
    got.body = b"".join(got.pieces)
    return got
