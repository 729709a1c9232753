"""A guarded service answers, byte for byte, as one that never held the sealed records."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError
from sealscrub.filters import GuardedRoute, GuardMiddleware, Limits, NotFound, OpenRoute, RoundedCounters

from .police_service import HITS, IDS, KEY, SEALED, SECRET, UNKNOWN, ask, make_app, make_routes

INDEX = example_index(SEALED)
KNOWN = [each for each in IDS if each not in SEALED]
LIMITS = Limits(bytes=1_000_000)


def guarded(ids: list[str], app: Any = None, **more: Any) -> GuardMiddleware:
    options = {"index": INDEX, "routes": make_routes(), "known": KNOWN, "limits": LIMITS} | more
    return GuardMiddleware(app or make_app(ids), **options)


HELD = guarded(IDS, health="/health")
WITHOUT = guarded(KNOWN, health="/health")
BLIND = guarded(IDS, known=None, oracle_ok=True)
BLIND_WITHOUT = guarded(KNOWN, known=None, oracle_ok=True)

SPELLINGS = (str, str.lower, lambda each: f"{each[0]}{each[1:3]}-{each[3:]}", lambda each: f" {each}")
PATHS = ["/search", "/lines", "/events", *(f"/packed/{how}" for how in ("gzip", "deflate", "raw", "br", "zstd"))]
PATHS += ["/arrests/nonsense", "/x"]


@pytest.mark.parametrize(("held", "without"), [(HELD, WITHOUT), (BLIND, BLIND_WITHOUT)], ids=["known", "oracle"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize("path", PATHS)
def test_whole_answers_are_those_of_the_world_without(held: Any, without: Any, method: str, path: str) -> None:
    assert ask(held, path, method=method).whole == ask(without, path, method=method).whole


@given(st.sampled_from(IDS), st.sampled_from(SPELLINGS), st.sampled_from([(HELD, WITHOUT), (BLIND, BLIND_WITHOUT)]))
@settings(max_examples=60, deadline=None)
def test_one_record(arrest: str, spelled: Any, pair: Any) -> None:
    held, without = pair
    said = spelled(arrest)
    body = json.dumps({"arrest": said}).encode()

    assert ask(held, f"/arrests/{said}").whole == ask(without, f"/arrests/{said}").whole
    assert ask(held, "/look", method="POST", body=body).whole == ask(without, "/look", method="POST", body=body).whole
    query = f"arrest={said.replace(' ', '%20')}&arrest={KNOWN[0]}"
    assert ask(held, "/search", query=query).whole == ask(without, "/search", query=query).whole


def test_a_sealed_id_and_an_unknown_one_get_the_applications_own_not_found() -> None:
    never = "Q14000777"
    sealed, unknown = ask(HELD, f"/arrests/{SEALED[0]}"), ask(HELD, f"/arrests/{never}")

    assert sealed.status == unknown.status == 404
    assert sealed.json == {"detail": f"no arrest {SEALED[0]}"}
    assert unknown.json == {"detail": f"no arrest {never}"}
    assert sealed.headers == unknown.headers
    assert ask(HELD, f"/arrests/{KNOWN[0]}").json["arrest"] == KNOWN[0]


@pytest.mark.parametrize("said", ["%4B14000001", "K14000001/", "../arrests/K14000001", "K14000001\x00", "K14OOOOO1"])
def test_no_spelling_of_a_path_gets_around(said: str) -> None:
    assert ask(HELD, f"/arrests/{said}").status == 404
    assert ask(BLIND, f"/arrests/{said}").status == 404


def test_a_list_has_its_counts_anew() -> None:
    got = ask(HELD, "/search")

    assert [hit["arrest"] for hit in got.json["hits"]] == KNOWN
    assert [hit["rank"] for hit in got.json["hits"]] == list(range(1, len(KNOWN) + 1))
    assert got.json["total"] == len(KNOWN)
    assert got.headers["x-total-count"] == str(len(KNOWN))
    assert got.headers["content-length"] == str(len(got.body))
    assert got.headers["cache-control"] == "no-store"


def test_headers_that_could_tell_do_not_pass() -> None:
    got = ask(HELD, f"/arrests/{KNOWN[0]}")

    assert set(got.headers) == {"content-type", "content-length", "cache-control", "etag"}
    assert KNOWN[0] not in got.headers["etag"]


def test_an_answer_that_the_client_has_is_not_sent_again() -> None:
    tag = ask(HELD, "/search").headers["etag"]
    again = ask(HELD, "/search", headers={"if-none-match": f'"x", {tag}'})
    other = ask(HELD, "/search", headers={"if-none-match": f'"{len(IDS)}"'})

    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert "content-length" not in again.headers
    assert other.status == 200


@pytest.mark.parametrize("headers", [{"range": "bytes=0-9"}, {"if-range": "x", "range": "bytes=5-"}])
def test_no_part_of_a_body_is_to_be_had(headers: dict[str, str]) -> None:
    assert ask(HELD, "/search", headers=headers).whole == ask(HELD, "/search").whole


def test_head_says_the_length_of_what_get_gives() -> None:
    get, head = ask(HELD, "/search"), ask(HELD, "/search", method="HEAD")

    assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")


def test_rows_of_a_request_vanish_from_it() -> None:
    rows = [{"arrest": each, "x": at} for at, each in enumerate(IDS[:6])]
    left = [row for row in rows if row["arrest"] not in SEALED]
    one, two = (ask(HELD, "/score", method="POST", body=json.dumps({"rows": some}).encode()) for some in (rows, left))

    assert one.whole == two.whole
    assert len(one.json["scores"]) == len(left)


def test_streams_come_in_whole_pieces() -> None:
    lines, events = ask(HELD, "/lines"), ask(HELD, "/events")

    assert [json.loads(line)["arrest"] for line in lines.body.splitlines()] == KNOWN
    assert all(piece.endswith(b"\n") or not piece for piece in lines.pieces)
    assert events.body.startswith(b":\n\nevent: arrest\ndata: {")
    assert events.body.endswith(b"data: [DONE]\n\n")
    assert b"id:" not in events.body.replace(b'"', b"")
    assert all(piece.endswith(b"\n\n") or not piece for piece in events.pieces)
    assert events.body.count(b"event: arrest") == len(KNOWN)


@pytest.mark.parametrize("how", ["snappy", "short", "zbomb", "cut", "twice", "bomb"])
def test_what_cannot_be_unpacked_is_refused(how: str) -> None:
    got = ask(HELD, f"/packed/{how}")

    assert (got.status, got.json) == (500, {"detail": "Internal Server Error"})


FAILURES = ["raises", "half", "text", "image", "shape", "broken", "deep"]


@pytest.mark.parametrize("how", FAILURES)
def test_what_goes_wrong_shows_nothing(how: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        got = ask(HELD, f"/failing/{how}")

    assert (got.status, got.json, got.error) == (500, {"detail": "Internal Server Error"}, None)
    assert SECRET not in caplog.text
    assert "refused" in caplog.text or "failed" in caplog.text


def test_an_error_after_the_answer_does_not_show_either(caplog: pytest.LogCaptureFixture) -> None:
    got = ask(HELD, "/failing/late")

    assert (got.status, got.json, got.error) == (200, {"hits": []}, None)
    assert SECRET not in caplog.text


def test_a_status_of_the_application_comes_without_its_text() -> None:
    assert ask(HELD, "/failing/status").json == {"detail": "Service Unavailable"}
    assert ask(HELD, "/failing/empty").status == 204


def test_a_stream_that_fails_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    got = ask(HELD, "/failing/stream")

    assert json.loads(got.body)["hits"][0]["arrest"] == IDS[1]
    assert str(got.error) == "answer: a stream ends here"
    assert got.error is not None
    assert got.error.__context__ is None
    assert SECRET not in caplog.text


def test_what_no_route_declares_does_not_come_out() -> None:
    got = ask(HELD, "/undeclared")

    assert (got.status, got.json) == (404, {"detail": "Not Found"})
    assert ask(HELD, "/").body == b"welcome"
    assert ask(HELD, "/arrests/x", kind="websocket").status == 403


def test_a_body_that_is_no_json_is_refused() -> None:
    assert ask(HELD, "/look", method="POST", body=b"arrest=K14000001").status == 400
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert ask(HELD, "/look", method="POST", body=b"arrest=K14000001", headers=form).status == 415
    assert ask(HELD, "/look", method="POST", body=b" " * 1_000_001).status == 413
    assert ask(HELD, "/look", method="POST", body=b'{"arrest": {"a": 1}}').status == 400
    twice = f'{{"arrest": "{SEALED[0]}", "arrest": "{KNOWN[0]}"}}'.encode()
    assert ask(HELD, "/look", method="POST", body=twice).json["arrest"] == KNOWN[0]


def test_a_declared_not_found() -> None:
    route = GuardedRoute(
        "/arrests/{arrest}",
        ids={KEY: "path:arrest"},
        on={KEY: "$.arrest"},
        not_found=NotFound(b"gone", 410, "text/plain"),
    )
    app = guarded(IDS, routes=[route])

    assert ask(app, f"/arrests/{SEALED[0]}").whole == ask(app, "/arrests/Q14000777").whole
    assert ask(app, f"/arrests/{SEALED[0]}").body == b"gone"


def test_an_answer_that_turns_out_to_be_the_record_is_not_found() -> None:
    app = guarded(IDS, routes=[GuardedRoute("/arrests/{arrest}", on={KEY: "$.arrest"})])
    got = ask(app, f"/arrests/{SEALED[0]}")

    assert (got.status, got.json) == (404, {"detail": "Not Found"})


def test_text_goes_through_a_filter() -> None:
    route = GuardedRoute("/failing/{how}", text=lambda text, index: text.replace(SECRET, f"epoch {index.epoch}"))
    got = ask(guarded(IDS, routes=[route], known=None, oracle_ok=True), "/failing/text")

    assert (got.status, got.body) == (200, b"epoch 1")


def test_health_says_whether_it_may_answer() -> None:
    got = ask(HELD, "/health")

    assert got.status == 200
    assert got.json["ok"] is True
    assert got.json["epoch"] == 1


def test_counters_are_batched_and_rounded() -> None:
    now = [0.0]
    counters = RoundedCounters(interval_s=60, step=10, clock=lambda: now[0])
    app = guarded(IDS, counters=counters)
    for number in range(17):
        ask(app, f"/arrests/{IDS[number]}")
        assert counters.read()["answered"] == 0
    now[0] = 61

    assert counters.read() == {"answered": 10, "refused": 0, "unavailable": 0}
    ask(app, "/failing/raises")
    assert counters.read() == {"answered": 10, "refused": 0, "unavailable": 0}


def _routes_of(**more: Any) -> Any:
    return lambda: guarded(IDS, routes=[GuardedRoute("/a/{b}", **more)])


@pytest.mark.parametrize(
    "make",
    [
        lambda: guarded(IDS, known=None),
        lambda: guarded(IDS, routes=[]),
        lambda: guarded(IDS, routes=[OpenRoute("/")]),
        lambda: GuardedRoute("no slash", on=HITS, complete=True),
        lambda: GuardedRoute("/a/{b:regex}", on=HITS, complete=True),
        _routes_of(),
        _routes_of(ids={KEY: "path:b"}),
        _routes_of(ids={KEY: "path:c"}, unknown=UNKNOWN),
        _routes_of(ids={KEY: "cookie:c"}, unknown=UNKNOWN),
        _routes_of(ids={KEY: "body:$..c"}, unknown=UNKNOWN),
        _routes_of(ids={"person_arrest": "path:b"}, unknown=UNKNOWN),
        _routes_of(ids={KEY: "path:b"}, unknown=SEALED[0]),
        _routes_of(ids={KEY: "path:b", "docket": "query:d"}, unknown=UNKNOWN),
        lambda: RoundedCounters(step=0),
    ],
)
def test_a_wrong_declaration_is_refused(make: Any) -> None:
    with pytest.raises(ConfigError):
        make()


WRITTEN = f"There are two hits. One is {SEALED[0]}, of Brooklyn. The other is {KNOWN[0]}. Ask again."


def _writer(events: bool) -> Any:
    """Writes as a language model does: some letters at a time."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        media = b"text/event-stream" if events else b"text/plain"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", media)]})
        for at in range(0, len(WRITTEN), 5):
            piece = WRITTEN[at : at + 5]
            chunk = json.dumps({"choices": [{"delta": {"content": piece}}]})
            body = f"data: {chunk}\n\n" if events else piece
            await send({"type": "http.response.body", "body": body.encode(), "more_body": True})
        end = 'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n' if events else ""
        await send({"type": "http.response.body", "body": end.encode()})

    return app


def test_a_text_that_is_written_piece_by_piece() -> None:
    routes = [
        GuardedRoute("/text", text=True),
        GuardedRoute("/chat", deltas="$.choices[*].delta.content", sentinels=["[DONE]"]),
    ]
    text = ask(guarded(IDS, app=_writer(False), routes=routes), "/text")
    chat = ask(guarded(IDS, app=_writer(True), routes=routes), "/chat")
    *events, end, done, rest = chat.body.decode().split("\n\n")
    pieces = [json.loads(event[6:])["choices"][0]["delta"]["content"] for event in events]

    assert text.body.decode() == "".join(pieces) == f"There are two hits. The other is {KNOWN[0]}. Ask again."
    assert json.loads(end[6:])["choices"][0]["finish_reason"] == "stop"
    assert (done, rest) == ("data: [DONE]", "")
    assert len(pieces) > 1


def test_what_is_wrong_with_a_request_is_said_without_records() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = json.dumps({"detail": [{"msg": f"It is taken. See {SEALED[0]}.", "n": 1}]}).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 409, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    got = ask(guarded(IDS, app=app), "/search")

    assert (got.status, got.json) == (409, {"detail": [{"msg": "It is taken.", "n": 1}]})


async def repeating(scope: Any, receive: Any, send: Any) -> None:
    """Says again what it was asked for, as pages of results and validation errors do."""
    said = scope["query_string"].decode()
    kinds = {"/page": (200, b"text/html"), "/bad": (422, b"application/json"), "/said": (200, b"text/plain")}
    status, media = kinds[scope["path"]]
    body = json.dumps({"detail": [{"input": said}]}) if status == 422 else f"You asked for {said}. Nothing more."
    length = [] if scope["path"] == "/said" else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", media), *length]})
    await send({"type": "http.response.body", "body": body.encode()})


@pytest.mark.parametrize("path", ["/page", "/said", "/bad"])
def test_a_service_that_repeats_an_id_tells_not_whether_it_is_sealed(path: str) -> None:
    routes = [
        GuardedRoute("/page", text=True),
        GuardedRoute("/said", text=True),
        GuardedRoute("/bad", on={"arrest_number": "$.hits[*].arrest"}, complete=True),
    ]
    held = guarded(IDS, repeating, routes=routes, known={"arrest_number": KNOWN})
    sealed, unknown, known = (ask(held, path, query=each) for each in (SEALED[0], "Q14000777", KNOWN[0]))

    assert sealed.whole == unknown.whole
    assert SEALED[0].encode() not in sealed.body
    assert KNOWN[0].encode() in known.body


@pytest.mark.parametrize("path", ["/events", "/lines"])
def test_the_head_of_a_stream_is_that_of_the_stream_and_waits_for_nothing(path: str) -> None:
    got, asked = ask(HELD, path), ask(HELD, path, method="HEAD")
    assert (asked.status, asked.headers, asked.body) == (got.status, got.headers, b"")


@pytest.mark.parametrize("extensions", [{}, {"websocket.http.response": {}}])
def test_websockets_are_refused_before_they_are_open(extensions: dict[str, Any]) -> None:
    sent: list[dict[str, Any]] = []

    async def never(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("the application was asked")

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/arrests/x", "headers": [], "extensions": extensions}
    asyncio.run(guarded(IDS, never)(scope, receive, send))

    if extensions:
        assert (sent[0]["status"], sent[1]["body"]) == (403, b'{"detail":"WebSockets are not guarded"}')
    else:
        assert sent == [{"type": "websocket.close", "code": 1008, "reason": "WebSockets are not guarded"}]


def _events(*data: str) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        for each in data:
            await send({"type": "http.response.body", "body": f"data: {each}\n\n".encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return app


def test_messages_of_their_own_are_guarded_as_texts_in_json() -> None:
    route = GuardedRoute("/", on={KEY: "$.arrest"}, complete=True, allow_absent=True, texts=["$.message"])
    app = _events(json.dumps({"message": f"Seen {SEALED[0]}. All well."}), json.dumps({"message": "Nothing."}))
    got = ask(guarded(IDS, app, routes=[route]), "/")

    assert got.body == b'data: {"message":"All well."}\n\ndata: {"message":"Nothing."}\n\n'


def test_events_of_plain_text_are_refused(caplog: pytest.LogCaptureFixture) -> None:
    got = ask(guarded(IDS, _events("K14", "000001"), routes=[GuardedRoute("/", text=True)]), "/")

    assert got.status == 500
    assert "events of plain text are not guarded" in caplog.text
