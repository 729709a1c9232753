"""What a route is told is read where it is made; and a list is declared whole, or cut into pages, or not guarded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, Refused, UsageError
from sealscrub.filters import (
    GuardedRoute,
    GuardMiddleware,
    JsonGuard,
    NotFound,
    guard_json,
    guard_json_lines,
    guard_record_stream,
)

from .police_service import KEY, SECRET, ask

IDS = [f"K14{number:06d}" for number in range(1, 13)]
SEALED = IDS[::2]
INDEX = example_index(SEALED)
HITS = {KEY: "$.hits[*].arrest"}

WRONG: list[dict[str, Any]] = [
    {"complet": True},
    {"on": HITS, "complete": True, "total": {"$.n": "$.hits[*]"}},
    {"on": HITS, "complete": True, "totals": ["$.n"]},
    {"on": HITS, "complete": True, "totals": {"n": "$.hits[*]"}},
    {"on": HITS, "complete": True, "ranks": ["$.rank"]},
    {"on": HITS, "complete": True, "mask": {"$.hits[*]": {"a": 1}}},
    {"on": HITS, "complete": True, "limits": 10},
    {"on": HITS, "complete": True, "policy": "strict"},
    {"on": HITS, "complete": True, "allow_absent": "yes"},
    {"on": HITS, "complete": True, "undeclared": "remove"},
    {"on": HITS, "complete": True, "undeclared": None},
    {"on": HITS, "complete": True, "independent": 3},
    {"on": HITS, "complete": 1},
    {"on": "$.hits[*].arrest", "complete": True},
    {"on": {"no such scheme": "$.hits[*].arrest"}, "complete": True},
    {"text": "yes"},
    {"text": True, "totals": {"$.n": "$.hits[*]"}},
    {"text": True, "text_options": {"polcy": "token"}},
    {"text": True, "text_options": {"on_match": "words"}},
    {"text": True, "text_options": {"policy": "token"}},
    {"text": True, "text_options": {"possible": "maybe"}},
    {"text": True, "text_options": {"ocr": "no"}},
    {"text": True, "text_options": {"names": "names.sealindex"}},
    {"text": True, "text_options": ["ocr"]},
    {"text": True, "headers": "x-model"},
    {"text": True, "headers": ["x model"]},
    {"text": True, "headers": [b"x-model"]},
    {"text": True, "cache": "no-store\r\nx: y"},
    {"text": True, "cache": "größer"},
    {"text": True, "cache": None},
    {"text": True, "sentinels": "[DONE]"},
    {"text": True, "total_headers": ["x-total"]},
    {"text": True, "total_headers": {"x total": "$.hits[*]"}},
    {"text": True, "not_found": b"gone"},
    {"text": True, "not_found": 404},
    {"deltas": 3},
    {"ids": ["path:b"], "unknown": "S14999998", "text": True},
    {"ids": {KEY: "path:b"}, "unknown": "nobody", "text": True},
    {"ids": {KEY: "path:b"}, "unknown": 14999998, "text": True},
    {"ids": {KEY: "path:b"}, "unknown": ["S14999998"], "text": True},
    {"ids": {KEY: 3}, "unknown": "S14999998", "text": True},
]


@pytest.mark.parametrize("more", WRONG, ids=lambda more: json.dumps(more, default=str)[:70])
def test_a_wrong_argument_is_an_error_where_the_route_is_made(more: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        GuardedRoute("/a/{b}", **more)


@pytest.mark.parametrize(
    "make", [lambda: NotFound("gone"), lambda: NotFound(status=99), lambda: NotFound(media_type="text/plain\n")]
)
def test_an_answer_that_cannot_be_sent_is_none(make: Any) -> None:
    with pytest.raises(ConfigError):
        make()


def service(make: Any, status: int = 200, media: str = "application/json") -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", media.encode())]})
        await send(
            {"type": "http.response.body", "body": make if isinstance(make, bytes) else json.dumps(make).encode()}
        )

    return app


def guarded(app: Any, **more: Any) -> GuardMiddleware:
    return GuardMiddleware(app, index=INDEX, routes=[GuardedRoute("/", **more)], known=None, oracle_ok=True)


LISTS = ["$.hits[*].arrest", "$.hits[*]", "$.by.*~", "$.a[*].b[*].arrest", "$..arrest"]


@pytest.mark.parametrize("location", LISTS)
def test_a_list_that_is_not_declared_is_refused_before_there_is_an_answer(location: str) -> None:
    on = {KEY: location}
    for make in (
        lambda **more: GuardedRoute("/", on=on, **more),
        lambda **more: JsonGuard(INDEX, on, **more),
        lambda **more: guard_json({"hits": []}, INDEX, on, **{"allow_absent": True, **more}),
    ):
        with pytest.raises(ConfigError, match="is not declared complete"):
            make()
        with pytest.raises(ConfigError, match="is not declared complete"):
            make(complete=["$.others[*]"])
        make(complete=True)


def test_elements_that_fall_for_what_is_in_them_are_of_a_list_too() -> None:
    on, support = {KEY: "$.people[*].arrests[*]"}, ["$.people[*].arrests"]
    with pytest.raises(ConfigError):
        JsonGuard(INDEX, on, support=support, complete=["$.people[*].arrests[*]"])
    JsonGuard(INDEX, on, support=support, complete=["$.people[*].arrests[*]", "$.people[*]"])
    with pytest.raises(ConfigError):
        JsonGuard(INDEX, HITS, undeclared="drop", complete=["$.hits[*]"])


@pytest.mark.parametrize("media", ["application/x-ndjson", "text/event-stream"])
@pytest.mark.parametrize("arrest", [SEALED[0], IDS[1]])
def test_a_stream_that_is_not_declared_is_refused_whatever_is_in_it(media: str, arrest: str) -> None:
    line = json.dumps({"arrest": arrest})
    body = f"data: {line}\n\n" if "event" in media else f"{line}\n"
    on = {KEY: "$.arrest"}

    for method in ("GET", "HEAD"):
        assert ask(guarded(service(body.encode(), media=media), on=on), "/", method=method).status == 500
        assert ask(guarded(service(body.encode(), media=media), on=on, complete=True), "/", method=method).status == 200
    with pytest.raises(ConfigError):
        guard_json_lines(f"{line}\n", INDEX, on)
    with pytest.raises(ConfigError):
        list(guard_record_stream([{"arrest": arrest}], INDEX, on))


BESIDE = st.sampled_from(["total", "n", "max_score", "found", "text", "deep", "listed", "in a map"])
DRAWN = st.lists(st.sampled_from(IDS), unique=True, min_size=1, max_size=8).filter(lambda ids: set(ids) & set(SEALED))


def _answer(ids: list[str], beside: str) -> dict[str, Any]:
    """A list and something beside it that depends on it."""
    count = len(ids)
    said: dict[str, dict[str, Any]] = {
        "total": {"total": count},
        "n": {"n": count + 1},
        "max_score": {"max_score": max((int(each[3:]) for each in ids), default=0) / 8},
        "found": {"found": bool(ids)},
        "text": {"total": f"{count:,}"},
        "deep": {"meta": {"page": {"of": [{"total": count}]}}},
        "listed": {"counts": [count, 1]},
        "in a map": {"facets": {"Brooklyn": count}},
    }
    return {"hits": [{"arrest": each, "charges": 1, "more": {"x": 2.5}} for each in ids], **said[beside]}


@given(DRAWN, BESIDE)
@settings(max_examples=80, deadline=None)
def test_what_may_count_a_list_is_refused_in_both_worlds_unless_it_is_declared(ids: list[str], beside: str) -> None:
    left = [each for each in ids if each not in SEALED]
    for some in (ids, left):
        with pytest.raises(Refused, match="may count"):
            guard_json(_answer(some, beside), INDEX, HITS, complete=True)
        value = _answer(some, beside)
        named = [*(f"$.{name}" for name in value if name != "hits"), "$.hits[*].charges"]
        assert guard_json(value, INDEX, HITS, complete=True, independent=named)["hits"] == _answer(left, beside)["hits"]
    more: dict[str, Any] = {"totals": {"$.total": "$.hits[*]"}, "independent": ["$.hits[*].charges"]}
    counted = guard_json(_answer(ids, "total"), INDEX, HITS, complete=True, **more)
    assert counted == _answer(left, "total")


@given(st.lists(st.sampled_from(IDS), unique=True, min_size=1, max_size=8), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_count_in_every_element_is_one_too(ids: list[str], deep: bool) -> None:
    def answer(some: list[str]) -> dict[str, Any]:
        of = {"page": {"of": len(some)}} if deep else {"of": len(some)}
        return {"hits": [{"arrest": each, **of} for each in some]}

    left, place = [each for each in ids if each not in SEALED], "$.hits[*].page.of" if deep else "$.hits[*].of"
    if left:  # else nothing comes out that could tell
        with pytest.raises(Refused, match="may count"):
            guard_json(answer(ids), INDEX, HITS, complete=True)
    assert guard_json(answer(ids), INDEX, HITS, complete=True, totals={place: "$.hits[*]"}) == answer(left)


def _streamed(values: list[Any], how: str, **more: Any) -> bytes | None:
    """What comes out of a stream; None if it is refused."""
    on, more = {KEY: "$.arrest"}, {"complete": True, "allow_absent": True, **more}
    lines = [json.dumps(value) for value in values]
    if how in ("application/x-ndjson", "text/event-stream"):
        body = "".join(f"data: {line}\n\n" if "event" in how else f"{line}\n" for line in lines)
        got = ask(guarded(service(body.encode(), media=how), on=on, **more), "/")
        return got.body if got.status == 200 and got.error is None else None
    try:
        if how == "records":
            return json.dumps(list(guard_record_stream(values, INDEX, on, **more))).encode()
        text = "".join(f"{line}\n" for line in lines)
        return "".join(guard_json_lines(text if how == "text" else text.splitlines(), INDEX, on, **more)).encode()
    except Refused:
        return None


STREAMS = ["application/x-ndjson", "text/event-stream", "records", "text", "lines"]
COUNTERS: dict[str, Any] = {
    "a total at the end": lambda ids: [*({"arrest": each} for each in ids), {"total": len(ids)}],
    "a total as text": lambda ids: [{"total": f"1-{len(ids)} of {len(ids)}"}, *({"arrest": each} for each in ids)],
    "whether anything": lambda ids: [*({"arrest": each} for each in ids), {"found": bool(ids)}],
    "an array at the end": lambda ids: [*({"arrest": each} for each in ids), {"scores": ["low" for _ in ids]}],
    "a number in each": lambda ids: [{"arrest": each, "of": {"n": at}} for at, each in enumerate(ids)],
    "a decimal in each": lambda ids: [{"arrest": each, "of": float(len(ids))} for each in ids],
}


@pytest.mark.parametrize("how", STREAMS)
@pytest.mark.parametrize("counter", COUNTERS)
def test_what_may_count_a_stream_is_refused_in_both_worlds_unless_it_is_declared(how: str, counter: str) -> None:
    make = COUNTERS[counter]
    ids, left = IDS[:7], [each for each in IDS[:7] if each not in SEALED]
    for some in (ids, left):
        assert _streamed(make(some), how) is None
        assert _streamed(make(some), how, independent=["$.of", "$.total", "$.found", "$.scores"]) is not None
    plain = [{"arrest": each, "score": 0.5, "near": ["x"]} for each in ids]
    assert _streamed(plain, how) == _streamed([each for each in plain if each["arrest"] in left], how)


def test_fields_of_elements_beside_a_list_of_their_own_count_it() -> None:
    on = {KEY: ["$.people[*].last", "$.people[*].arrests[*].id"]}
    value = {"people": [{"last": IDS[1], "priors": 2, "arrests": [{"id": IDS[1]}, {"id": SEALED[0]}]}]}
    with pytest.raises(Refused, match="may count"):
        guard_json(value, INDEX, on, complete=True)
    counted = guard_json(value, INDEX, on, complete=True, totals={"$.people[*].priors": "$.people[*].arrests[*]"})
    assert counted == {"people": [{"last": IDS[1], "priors": 1, "arrests": [{"id": IDS[1]}]}]}


def test_groups_that_stay_may_say_their_size() -> None:
    value = {"groups": [{"name": "a", "size": 2, "hits": [IDS[0], IDS[1]]}, {"name": "b", "size": 0, "hits": []}]}
    on = {KEY: "$.groups[*].hits[*]"}
    with pytest.raises(Refused, match="may count"):
        guard_json(value, INDEX, on, complete=True)
    got = guard_json(value, INDEX, on, complete=True, totals={"$.groups[*].size": "$.groups[*].hits[*]"})
    assert [group["size"] for group in got["groups"]] == [1, 0]


def test_what_is_wrong_with_a_request_may_have_numbers_and_no_lists_of_its_own() -> None:
    problem = {"type": "about:blank", "status": 409, "detail": "It is taken."}
    assert ask(guarded(service(problem, 409), on=HITS, complete=True), "/").json == problem
    for hits in ([], [{"arrest": SEALED[0]}]):
        answer = service({**problem, "hits": hits}, 409)
        assert ask(guarded(answer, on=HITS, complete=True), "/").status == 500


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 599])
@pytest.mark.parametrize("arrest", [SEALED[0], IDS[1]])
def test_of_a_failure_of_the_application_its_status_comes_out_and_nothing_else(status: int, arrest: str) -> None:
    """Whatever the body holds, and of whatever kind it is."""
    bodies = [(json.dumps({"hits": [{"arrest": arrest}], "detail": SECRET}).encode(), "application/json")]
    bodies += [(f"{SECRET} {arrest}".encode(), "text/plain"), (SECRET.encode(), "image/png")]
    for body, media in bodies:
        got = ask(guarded(service(body, status, media), on=HITS, complete=True, text=True), "/")
        assert got.status == status
        assert set(got.json) == {"detail"}
        assert SECRET not in got.body.decode()
        assert arrest not in got.body.decode()
        assert got.headers["content-type"] == "application/json"


@pytest.mark.parametrize("left", [0, 1])
def test_a_search_that_is_not_found_where_nothing_is_found(left: int) -> None:
    """The application answers 404 to an empty search; a list from which all went gets the same."""
    nothing = {"detail": "nothing found"}
    route = {"on": HITS, "complete": True, "support": ["$.hits"], "not_found": NotFound(b'{"detail":"nothing found"}')}
    ids = [*SEALED[:2], *IDS[1 : 1 + left]]
    there = service({"hits": [{"arrest": IDS[1]}]}) if left else service(nothing, 404)
    held = ask(guarded(service({"hits": [{"arrest": each} for each in ids]}), **route), "/")

    assert held.whole == ask(guarded(there, **route), "/").whole
