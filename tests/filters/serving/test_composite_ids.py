"""Requests that name a record by several fields: a person's number and a date."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError
from sealscrub.filters import GuardedRoute, GuardMiddleware

from .police_service import ask

SEALED = ("12345678A", "2014-01-05")
ARRESTS = [SEALED, ("12345678A", "2014-03-09"), ("22345678B", "2014-01-05")]
KNOWN = [each for each in ARRESTS if each != SEALED]
ASKED = [*ARRESTS, ("22345678B", "2014-03-09"), ("32345678C", "2014-01-05"), ("no", "date")]
INDEX = example_index({"person_arrest": ["@".join(SEALED)]})
NOBODY = "99999998Z"
ON = {"person_arrest": "$.nysid+$.date"}


def _service(held: list[tuple[str, str]]) -> Any:
    """Answers about one arrest, or scores the arrests that a body lists."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = json.loads((await receive()).get("body") or b"null")
        query = dict(pair.split("=") for pair in scope["query_string"].decode().split("&") if pair)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        path = scope["path"].split("/")
        if path[1] == "score":
            found: Any = [{**row, "score": len(body)} for row in body if (row["nysid"], row["date"]) in held]
            await _say(send, 200, found)
            return
        asked = {
            "of": lambda: (path[2], query.get("date", "")),
            "look": lambda: (body["nysid"], body["date"]),
            "headed": lambda: (headers.get("x-nysid", ""), headers.get("x-date", "")),
        }[path[1]]()
        there = {"nysid": asked[0], "date": asked[1]}
        if asked in held:
            await _say(send, 200, there)
        else:
            await _say(send, 404, {"detail": f"no arrest of {asked[0]} on {asked[1]}"})

    return app


async def _say(send: Any, status: int, value: Any) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})


def _guarded(held: list[tuple[str, str]]) -> GuardMiddleware:
    def route(path: str, ids: str, on: Any = ON) -> GuardedRoute:
        own = "$[*].score" if "[*]" in ids else ()
        return GuardedRoute(path, ids={"person_arrest": ids}, on=on, complete=True, unknown=NOBODY, independent=own)

    routes = [
        route("/of/{nysid}", "path:nysid+query:date"),
        route("/look", "body:$.nysid + body:$.date"),
        route("/headed", "header:X-Nysid+header:X-Date"),
        route("/score", "body:$[*].nysid+body:$[*].date", {"person_arrest": "$[*].nysid+$[*].date"}),
    ]
    return GuardMiddleware(_service(held), index=INDEX, routes=routes, known=KNOWN)


HELD, WITHOUT = _guarded(ARRESTS), _guarded(KNOWN)


def _all_ways(app: Any, nysid: str, date: str) -> list[Any]:
    body = json.dumps({"nysid": nysid, "date": date}).encode()
    headers = {"x-nysid": nysid, "x-date": date}
    return [
        ask(app, f"/of/{nysid}", query=f"date={date}"),
        ask(app, "/look", method="POST", body=body),
        ask(app, "/headed", headers=headers),
    ]


@pytest.mark.parametrize(("nysid", "date"), ASKED)
def test_one_record_by_all_of_its_fields(nysid: str, date: str) -> None:
    held, without = _all_ways(HELD, nysid, date), _all_ways(WITHOUT, nysid, date)

    assert [each.whole for each in held] == [each.whole for each in without]
    assert {each.status for each in held} == {200 if (nysid, date) in KNOWN else 404}


def test_a_sealed_arrest_and_one_that_nobody_has_get_the_applications_own_not_found() -> None:
    sealed, unknown = (ask(HELD, f"/of/{number}", query="date=2014-01-05") for number in (SEALED[0], "72345678C"))

    assert sealed.json == {"detail": f"no arrest of {SEALED[0]} on 2014-01-05"}
    assert unknown.json == {"detail": "no arrest of 72345678C on 2014-01-05"}
    assert sealed.headers == unknown.headers


def test_elements_of_a_body_vanish_by_all_of_their_fields() -> None:
    body = json.dumps([{"nysid": nysid, "date": date} for nysid, date in ASKED[:-1]]).encode()
    got = ask(HELD, "/score", method="POST", body=body)

    assert got.json == [{"nysid": nysid, "date": date, "score": 2} for nysid, date in KNOWN]
    assert got.whole == ask(WITHOUT, "/score", method="POST", body=body).whole


def test_a_part_that_stands_twice_is_refused_and_one_that_is_missing_names_no_record() -> None:
    assert ask(HELD, "/of/12345678A", query="date=2014-03-09&date=2014-01-05").status == 400
    assert ask(HELD, "/of/12345678A").whole == ask(WITHOUT, "/of/12345678A").whole


@pytest.mark.parametrize(
    ("ids", "unknown"),
    [
        ("path:b", NOBODY),
        ("path:b+query:date+query:more", NOBODY),
        ("body:$.rows[*].nysid+query:date", NOBODY),
        ("path:b+query:date", "no number"),
        ("path:b+query:date", None),
    ],
)
def test_a_wrong_declaration_is_refused(ids: str, unknown: str | None) -> None:
    with pytest.raises(ConfigError):
        _guarded_by(GuardedRoute("/a/{b}", ids={"person_arrest": ids}, on=ON, unknown=unknown))


def _guarded_by(route: GuardedRoute) -> GuardMiddleware:
    return GuardMiddleware(_service(ARRESTS), index=INDEX, routes=[route], known=KNOWN)
