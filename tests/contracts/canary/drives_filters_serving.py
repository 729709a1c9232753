"""Drive guarded services: requests about sealed records, answers that hold them, and applications that fail."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from sealscrub.cli import run
from sealscrub.filters import (
    GuardedRoute,
    GuardMiddleware,
    Limits,
    LiveIndex,
    NotFound,
    OpenRoute,
    Page,
    Paging,
    RoundedCounters,
)

from .watch import NEAR, PAYLOAD, SEALED, UNPARSABLE, WITHHELD
from .world import World

Calls = Iterator[Callable[[], object]]
KEY = "arrest_number"
CLEAN = "M14000001"
UNKNOWN = "S14999998"
JSON = "application/json"


def _answering(
    body: bytes, media: str = JSON, status: int = 200, *more: tuple[bytes, bytes], fails: bool = False
) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", media.encode()), (b"x-owner", PAYLOAD.encode()), *more]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": fails})
        if fails:
            raise ValueError(PAYLOAD, SEALED)

    return app


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    """Says back all that it was asked."""
    body = (await receive()).get("body", b"") if scope["method"] == "POST" else b""
    said = {"path": scope["path"], "query": scope["query_string"].decode(), "body": body.decode()}
    await _answering(json.dumps(said).encode(), JSON, 404)(scope, receive, send)


def _paging() -> Paging:
    return Paging(
        page="page", size="size", default=2, total="$.total", next="$.next", made={"$.text": lambda page: page.shown}
    )


def _routes() -> list[OpenRoute]:
    return [
        OpenRoute("/open"),
        GuardedRoute("/hits", on={KEY: "$.hits[*].arrest"}, complete=True, total_headers={"x-total": "$.hits[*]"}),
        GuardedRoute("/lines", on={KEY: "$.arrest"}, complete=True, headers=["x-none"]),
        GuardedRoute("/table", columns={KEY: "ARREST_NO"}, complete=True),
        GuardedRoute("/cleaned", text=True),
        GuardedRoute("/pages", on={KEY: "$.hits[*].arrest"}, paging=_paging()),
        GuardedRoute("/text", text=lambda text, index: text.replace(PAYLOAD, "").replace(SEALED, "")),
        GuardedRoute(
            "/one/{arrest}",
            ids={KEY: ["path:arrest", "query:arrest", "header:x-arrest", "body:$.arrest", "body:$.rows[*].arrest"]},
            on={KEY: "$.arrest"},
            unknown=UNKNOWN,
        ),
        GuardedRoute("/declared/{arrest}", ids={KEY: "path:arrest"}, on={KEY: "$.arrest"}, not_found=NotFound()),
    ]


def _ask(
    world: World, app: Any, path: str, body: Any = None, *, query: str = "", kind: str = "http", **options: Any
) -> Callable[[], object]:
    def call() -> object:
        said: list[Any] = []
        given: dict[str, Any] = {"index": world.index, "routes": _routes(), "known": {CLEAN}} | options
        guarded = GuardMiddleware(app, **given)
        scope = {
            "type": kind,
            "method": "GET" if body is None else "POST",
            "path": path,
            "query_string": query.encode(),
            "headers": [(b"x-other", b"x"), (b"if-none-match", b'"x"')],
        }

        async def receive() -> Any:
            return {"type": "http.request", "body": body or b""}

        async def send(message: Any) -> None:
            said.append(message)

        asyncio.run(guarded(scope, receive, send))
        return guarded, said, guarded.counters, guarded.health()

    return call


def answers(world: World) -> Calls:
    hits = [{"arrest": CLEAN, "text": "x"}] + [{"arrest": each, "text": PAYLOAD} for each in (SEALED, WITHHELD)]
    lines = b"".join(json.dumps(hit).encode() + b"\n" for hit in hits)
    events = b"".join(b"event: a\ndata: " + json.dumps(hit).encode() + b"\n\n" for hit in hits)
    tag = (b"etag", f'"{PAYLOAD}"'.encode())
    yield _ask(world, _answering(json.dumps({"hits": hits}).encode(), JSON, 200, tag), "/hits")
    yield _ask(world, _answering(lines, "application/x-ndjson"), "/lines")
    yield _ask(world, _answering(events, "text/event-stream"), "/lines")
    yield _ask(world, _answering(json.dumps(hits[1]).encode()), "/lines")
    yield _ask(world, _answering(f"{PAYLOAD} {SEALED}".encode(), "text/plain"), "/text")
    yield _ask(world, _answering(f"{PAYLOAD} {SEALED}".encode(), "text/plain"), "/elsewhere")
    yield _ask(world, _answering(b"welcome", "text/plain"), "/health", health="/health", known=None, oracle_ok=True)
    yield _ask(world, _echo, "/one/x", kind="websocket")
    yield lambda: LiveIndex(world.made / "example.sealindex", world.made / "example.key").is_fresh
    for route in _routes()[1:]:
        assert isinstance(route, GuardedRoute)
        yield lambda route=route: (route, route.alone, route.elements, route.reads_body, route.parameters("/one/x"))


def pages(world: World) -> Calls:
    hits = [{"arrest": each, "text": PAYLOAD} for each in (SEALED, WITHHELD)]
    held = [{"arrest": CLEAN, "text": "x"}, *hits, {"arrest": CLEAN, "text": "y"}]

    def listing(rows: list[dict[str, str]], **more: Any) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            asked = dict(each.split("=") for each in scope["query_string"].decode().split("&") if "=" in each)
            page, size = int(asked.get("page", "1")), int(asked.get("size", "2"))
            said = {"hits": rows[(page - 1) * size : page * size], "total": 4, "next": "/pages", "text": PAYLOAD} | more
            await _answering(json.dumps(said).encode())(scope, receive, send)

        return app

    for query in ("", "page=2", "page=1&size=1", "page=9", "size=3"):
        yield _ask(world, listing(held), "/pages", query=query)
    for query in ("page=0", f"page={SEALED}", f"size={SEALED}", "page=1&page=2", "page=99999"):
        yield (
            _ask(world, listing(held), "/pages", query=query)
            if SEALED not in query
            else _unseen(_ask(world, _echo, "/pages", query=query))
        )
    near = [{"arrest": NEAR, "text": PAYLOAD}, *held]
    for app in (listing(near), listing(held, x=PAYLOAD), listing(held, hits=PAYLOAD), listing(held, hits=[SEALED])):
        yield _ask(world, app, "/pages")
    yield lambda: (_paging(), _paging().locations, Page(0, 2, 1, more=False))
    for wrong in ({"size": SEALED}, {"page": "page", "offset": "offset"}, {"size": "size", "page": "body:$..a"}):
        yield lambda wrong=wrong: Paging(**wrong)


def tables(world: World) -> Calls:
    rows = [("ARREST_NO", "TEXT"), (CLEAN, "x"), (SEALED, PAYLOAD), (WITHHELD, PAYLOAD)]
    good = "".join(f"{arrest},{text}\n" for arrest, text in rows)
    for body in (
        good,
        good + f"{NEAR},{PAYLOAD}\n",
        good + f"{SEALED}\n",
        good + f'"{PAYLOAD}',
        good + f'{PAYLOAD}"\r,\n',
    ):
        for path in ("/table", "/cleaned"):
            yield _ask(world, _answering(body.encode(), "text/csv"), path)
    yield _ask(world, _answering(f"{PAYLOAD}\n{SEALED}\n".encode(), "text/csv"), "/table")


def requests(world: World) -> Calls:
    for each in (CLEAN, UNPARSABLE, "Q14000001"):
        yield _unseen(_ask(world, _echo, f"/one/{each}"))
    rows = {"arrest": SEALED, "rows": [{"arrest": SEALED, "text": PAYLOAD}, {"arrest": CLEAN}]}
    yield _unseen(_ask(world, _echo, f"/one/{SEALED}", json.dumps(rows).encode(), query=f"arrest={SEALED}&a=b"))
    yield _ask(world, _echo, f"/declared/{SEALED}")
    yield _ask(world, _echo, f"/one/{CLEAN}", f'{{"arrest": {{"{SEALED}": "{PAYLOAD}"}}}}'.encode())
    yield _ask(world, _echo, f"/one/{CLEAN}", f'{{"arrest": "{SEALED}", "{PAYLOAD}'.encode())


def _unseen(call: Callable[[], object]) -> Callable[[], object]:
    """The answer repeats what its asker said, and so is not looked at."""
    return lambda: call() and None


def failures(world: World) -> Calls:
    text = f'{{"hits": ["{PAYLOAD}", {{"arrest": "{SEALED}"}}'
    near = json.dumps({"hits": [{"arrest": NEAR, "text": PAYLOAD}]})
    for body in (text, text + "]}", near, f'{{"results": "{PAYLOAD}"}}', f'"{SEALED}"'):
        yield _ask(world, _answering(body.encode()), "/hits")
        yield _ask(world, _answering(body.encode(), "application/x-ndjson"), "/lines")
        yield _ask(world, _answering(b"event: " + body.encode() + b"\ndata: 1\n\n", "text/event-stream"), "/lines")
        yield _ask(world, _answering(b"data: " + body.encode() + b"\n\n", "text/event-stream"), "/lines")
        yield _ask(world, _answering(body.encode(), JSON, 500), "/hits")
        yield _ask(world, _answering(body.encode(), fails=True), "/hits")
        yield _ask(world, _answering(body.encode(), JSON, 200, (b"content-encoding", b"gzip")), "/hits")
        yield _ask(world, _answering(body.encode(), JSON, 200, (b"content-encoding", SEALED.encode())), "/hits")
        yield _ask(world, _answering(body.encode(), f"image/{PAYLOAD}"), "/hits")
        yield _ask(world, _answering(body.encode() + b"\xff", f"text/plain; charset={PAYLOAD}"), "/text")
    yield _ask(
        world, _answering(json.dumps({"arrest": CLEAN}).encode() + b"\n", "application/x-ndjson", fails=True), "/lines"
    )
    yield _ask(world, _echo, "/hits", known=None)
    yield _ask(world, _echo, "/hits", known={"docket": [SEALED]})
    yield _ask(world, _echo, "/hits", limits=Limits(bytes=1))
    yield lambda: GuardedRoute("/one/{arrest}", ids={KEY: "path:arrest"}, unknown=None)
    for named in ("path:arrest+query:date", "path:arrest", "body:$[*].a+query:date"):
        yield lambda named=named: GuardedRoute("/x/{arrest}", ids={"person_arrest": named}, unknown="99999998Z")


def counters(world: World) -> Calls:
    def counted() -> object:
        found = RoundedCounters()
        found.add("answered")
        return found, found.read()

    def exported(module: str) -> object:
        found = RoundedCounters()
        if module == "prometheus_client":
            return found.to_prometheus(SimpleNamespace(register=lambda collector: list(collector.collect())))
        made = lambda name, callbacks, **more: [callback(None) for callback in callbacks]  # noqa: E731
        return found.to_opentelemetry(SimpleNamespace(create_observable_counter=made))

    def absent(module: str) -> object:
        kept = {name: sys.modules.get(name) for name in (module, "opentelemetry.metrics")}
        sys.modules.update(dict.fromkeys(kept))
        try:
            return exported(module)
        finally:
            for name, each in kept.items():
                sys.modules.pop(name) if each is None else sys.modules.update({name: each})

    yield counted
    for module in ("prometheus_client", "opentelemetry"):
        yield lambda module=module: exported(module)
        yield lambda module=module: absent(module)


def files(world: World) -> Calls:
    index, key, out = world.made / "example.sealindex", world.made / "example.key", world.out
    places = {"--index": index, "--key-file": key}

    def guard(name: str, on: str, *more: str) -> Callable[[], object]:
        words = ["guard", str(world.inputs / name), *(str(word) for pair in places.items() for word in pair)]
        target = (
            world.path_of_output(name) if (world.inputs / name).suffix in (".csv", ".parquet", ".jsonl") else out / "x"
        )
        return lambda: _run([*words, "--on", on, "-o", str(target), *more])

    for name in (
        "train.csv",
        "train.parquet",
        "train.jsonl",
        "doubtful.csv",
        "broken.jsonl",
        "short.parquet",
        "latin.csv",
    ):
        yield guard(name, "arrest_number=arrest_no")
        yield guard(name, "arrest_number=arrest_no", "--score", "n")
        yield guard(name, "arrest_number=arrest_no", "--score", "offense")
        yield guard(name, "arrest_number=arrest_no", "--rank", "absent")
        yield guard(name, "arrest_number=$.arrest_no")
        yield guard(name, "arrest_number=$.arrest_no", "--complete", "--independent", "$.n")
        yield guard(name, "arrest_number=arrest_no", "--known", str(world.inputs / "doubtful.csv"))


def _run(words: list[str]) -> object:
    return run(words)


DRIVES = (answers, pages, tables, requests, failures, counters, files)
