"""Whether an answer is refused is the same with the sealed records and without: no status shows that there are any."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sealscrub.datasets import example_index
from sealscrub.filters import GuardedRoute, GuardMiddleware, Paging, guard_json

from .police_service import KEY, Answer, ask

IDS = [f"K14{number:06d}" for number in range(1, 9)]
SEALED = IDS[::2]
INDEX = example_index({KEY: SEALED})
HITS = {KEY: "$.hits[*].arrest"}
REFUSED = (500, b'{"detail":"Internal Server Error"}')

smalls = st.sampled_from([0, 1, 2, 3, 4, True, None, "2", "3", 2.0, 3.0, 0.5, "x", [2], {"n": 3}, []])
keys = st.sampled_from([*IDS, *IDS, *SEALED, *SEALED, None, "", "K14OOOOO1", 7, True, {"a": 1}, ["x"]])
elements = st.one_of(
    st.fixed_dictionaries({"arrest": keys}, optional={"n": smalls, "of": smalls}),
    st.sampled_from([{"arrest": each} for each in IDS]),
    st.sampled_from([None, {}, {"n": 3}, 3, "x", ["x"]]),
)


@st.composite
def lists(draw: st.DrawFn) -> list[Any]:
    """Elements, mostly well formed; often with the same number in all of them."""
    hits: list[Any] = draw(st.lists(elements, max_size=5))
    hits += [{"arrest": each} for each in draw(st.lists(st.sampled_from(IDS), max_size=4))]
    hits = draw(st.permutations([*hits, {"arrest": draw(st.sampled_from(SEALED))}]))
    if draw(st.booleans()):
        same = draw(smalls)
        hits = [{**hit, "precinct": same} if isinstance(hit, dict) else hit for hit in hits]
    return list(hits)


def is_sealed(element: Any) -> bool:
    return isinstance(element, dict) and isinstance(element.get("arrest"), str) and element["arrest"] in SEALED


def without(hits: list[Any]) -> list[Any]:
    return [hit for hit in hits if not is_sealed(hit)]


HOLD: dict[str, Any] = {}


async def _whole(request: Request) -> Response:
    return JSONResponse({"hits": HOLD["hits"], **HOLD.get("beside", {})})


async def _table(request: Request) -> Response:
    return Response(HOLD["table"], media_type="text/csv")


fast = FastAPI(docs_url=None, openapi_url=None)


@fast.get("/pages")
def _pages(page: int = 1, size: int = 2) -> Any:
    return JSONResponse({"hits": HOLD["hits"][(page - 1) * size : page * size], "total": len(HOLD["hits"])})


@fast.get("/offsets")
def _offsets(offset: int = 0, limit: int = 2) -> Any:
    return JSONResponse({"hits": HOLD["hits"][offset : offset + limit]})


@fast.get("/whole")
def _fast_whole() -> Any:
    return JSONResponse({"hits": HOLD["hits"], **HOLD.get("beside", {})})


star = Starlette(routes=[Route("/whole", _whole), Route("/table", _table)])


def service(app: Any, **more: Any) -> Any:
    whole: dict[str, Any] = {"on": HITS, "complete": True} | more
    paging = Paging(page="query:page", size="query:size", default=2, total="$.total")
    routes = [
        GuardedRoute("/whole", **whole),
        GuardedRoute("/pages", on=HITS, paging=paging, allow_absent=more.get("allow_absent", False)),
        GuardedRoute("/offsets", on=HITS, paging=Paging(offset="offset", size="limit", default=2)),
        GuardedRoute("/table", columns={KEY: "a"}, complete=True, independent=["free"]),
    ]
    return GuardMiddleware(app, index=INDEX, routes=routes, known=None, oracle_ok=True)


SERVICES = {
    (name, absent): service(app, allow_absent=absent)
    for name, app in (("star", star), ("fast", fast))
    for absent in (False, True)
}


def both(app: Any, path: str, held: Any, left: Any, query: str = "") -> tuple[Answer, Answer]:
    got = []
    for some in (held, left):
        HOLD.clear()
        HOLD.update(some)
        got.append(ask(app, path, query=query))
    one, two = got
    assert (one.status, one.body) == (two.status, two.body)
    return one, two


@given(st.sampled_from(list(SERVICES.values())), lists())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_of_a_whole_list(app: Any, hits: list[Any]) -> None:
    both(app, "/whole", {"hits": hits}, {"hits": without(hits)})


@given(
    st.sampled_from([SERVICES["fast", False], SERVICES["fast", True]]), lists(), st.integers(1, 3), st.integers(1, 4)
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_of_a_page(app: Any, hits: list[Any], page: int, size: int) -> None:
    both(app, "/pages", {"hits": hits}, {"hits": without(hits)}, f"page={page}&size={size}")


@given(st.lists(elements, max_size=12), st.integers(0, 4), st.integers(1, 3), st.integers(0, 12))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_of_a_page_that_is_not_counted(hits: list[Any], offset: int, size: int, well: int) -> None:
    """What stands far beyond the page, and is read in one world and not in the other, is not a reason to refuse it."""
    sealed = [{"arrest": each} for each in (*SEALED, *SEALED)]
    hits = [*({"arrest": each} for each in (IDS * 2)[:well]), *sealed[: well // 2], *hits]
    both(SERVICES["fast", False], "/offsets", {"hits": hits}, {"hits": without(hits)}, f"offset={offset}&limit={size}")


cells = st.sampled_from(["", "x", "1", "2", "3", "4", "2.0", "3.0", "0.5", '"a\nb"', "é"])
rows = st.lists(
    st.one_of(
        st.tuples(st.sampled_from([*IDS, *SEALED, ""]), cells, cells),
        st.tuples(st.sampled_from(IDS), st.just("x")),
        st.tuples(st.sampled_from(IDS), st.just("x"), st.just("y"), st.just("z")),
        st.tuples(st.sampled_from(IDS), st.just("x"), st.just("y")),
        st.tuples(st.sampled_from(SEALED), st.just('"x"y'), st.just("\udcff")),
    ),
    min_size=1,
    max_size=6,
)


def table(some: list[tuple[str, ...]], end: str, last: str) -> bytes:
    return (end.join(",".join(row) for row in [("a", "n", "free"), *some]) + last).encode("utf-8", "surrogateescape")


@given(rows, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.sampled_from(["", "3", "x"]))
@settings(max_examples=300, deadline=None)
def test_of_a_table(drawn: list[tuple[str, ...]], end: str, ended: bool, same: str) -> None:
    if same:
        drawn = [(row[0], same, *row[2:]) for row in drawn]
    left = [row for row in drawn if row[0] not in SEALED]
    last = end if ended else ""
    held = {"table": table(drawn, end, last)}
    one, _ = both(SERVICES["star", False], "/table", held, {"table": table(left, end, last)})
    if one.status == 200:
        assert one.body == table(left, end, last)


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize("name", ["star", "fast"])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("sealed", [1, 2])
@pytest.mark.parametrize("write", [int, str, float, "{:,}.0".format, lambda n: {"of": [n]}, lambda n: f"1-{n} of {n}"])
def test_how_many_there_were_does_not_come_out_of_what_stays(name: str, count: int, sealed: int, write: Any) -> None:
    """Every element says how many there are, of which nobody has spoken: refused in both worlds, of as few as one."""
    many = write in (float,) or getattr(write, "__name__", "") == "format"
    for ids in ([*IDS[1::2][:count], *SEALED[:sealed]], IDS[1::2][:count]):
        HOLD.clear()
        HOLD["hits"] = [{"arrest": each, "n": write(len(ids))} for each in ids]
        got = ask(SERVICES[name, False], "/whole")
        if many and len(ids) == 1:  # 1.0 of one is as good as always a share
            continue
        assert (got.status, got.body) == REFUSED


@pytest.mark.parametrize("name", ["star", "fast"])
def test_numbers_that_are_declared_come_out(name: str) -> None:
    app = service({"star": star, "fast": fast}[name], independent=["$.hits[*].precinct", "$.hits[*].of"])
    hits = [{"arrest": each, "precinct": 3, "of": "3", "x": 1.0, "y": {"z": 0.5}} for each in IDS[:3]]
    one, _ = both(app, "/whole", {"hits": hits}, {"hits": without(hits)})
    assert one.json == {"hits": without(hits)}
    all_of_them = service({"star": star, "fast": fast}[name], independent="$.hits[*]")
    assert both(all_of_them, "/whole", {"hits": hits}, {"hits": without(hits)})[0].json == {"hits": without(hits)}


@pytest.mark.parametrize(
    "said", ["３", "3e0", "0x3", "1-3 of 3", "3/3", "٣", " 1,204 ", "1 to 3 of 3", ["a", "b", "c"], [], [None] * 3]
)
def test_numbers_in_any_writing_and_arrays_beside_a_list_are_declared(said: Any) -> None:
    hits = [{"arrest": each} for each in IDS[:3]]
    for some in (hits, without(hits), []):
        HOLD.clear()
        HOLD.update({"hits": some, "beside": {"said": said}})
        assert (ask(SERVICES["star", False], "/whole").status) == 500
        HOLD["beside"] = {"meta": {"said": said}}
        assert ask(service(star, independent="$.meta.said"), "/whole").status == 200


def test_texts_and_objects_beside_a_list_pass() -> None:
    hits = [{"arrest": each} for each in IDS[:3]]
    beside = {"at": "2014-01-05", "said": "v3", "meta": {"by": {"name": "x"}, "none": None}}
    one, _ = both(
        SERVICES["star", False], "/whole", {"hits": hits, "beside": beside}, {"hits": without(hits), "beside": beside}
    )
    assert one.json == {"hits": without(hits), **beside}


def test_a_record_with_one_sealed_key_goes_whatever_its_other_key_is() -> None:
    on = {KEY: "$.hits[*].arrest", "docket": "$.hits[*].docket"}
    index = example_index({KEY: SEALED, "docket": ["CR-012345-14NY"]})
    for other in ({"a": 1}, ["x"], True, 3.5, "???"):
        value = {"hits": [{"arrest": IDS[1], "docket": None}, {"arrest": SEALED[0], "docket": other}]}
        assert guard_json(value, index, on, complete=True) == {"hits": value["hits"][:1]}


def test_what_is_within_a_sealed_record_is_not_looked_at() -> None:
    on = {KEY: ["$.people[*].last", "$.people[*].arrests[*].id"]}
    for within in (3, [3], [{"id": {"a": 1}}], [["x"]], "x"):
        value = {"people": [{"last": IDS[1], "arrests": []}, {"last": SEALED[0], "arrests": within}]}
        assert guard_json(value, INDEX, on, complete=True) == {"people": value["people"][:1]}


def test_holders_that_all_go_leave_what_an_empty_answer_has() -> None:
    options: dict[str, Any] = {"complete": True, "support": ["$.people[*].arrests"]}
    on = {KEY: "$.people[*].arrests[*]"}
    for value in ({"people": [{"arrests": [SEALED[0]]}]}, {"people": []}):
        assert guard_json(json.loads(json.dumps(value)), INDEX, on, **options) == {"people": []}
