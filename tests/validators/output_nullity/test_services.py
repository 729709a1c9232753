"""Systems that are asked over HTTP: an ASGI application in its own interpreter, and a server by its address."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.index import Index
from sealscrub.testing import (
    OutputNullityReport,
    OutputNullityVerdict,
    Probe,
    Routes,
    assert_output_nullity,
    check_guard,
)

from .conftest import ON, SEALED
from .services import ROUTES, service

Checked = Callable[..., OutputNullityReport]


def _gone(records: pl.DataFrame, index: Index) -> set[str]:
    return set(records["arrest_no"]) - set(ss.scrub(records, index, ON)["arrest_no"])


def test_a_null_application_passes_in_interpreters_of_its_own(gallery: pl.DataFrame, index: Index) -> None:
    def build(records: pl.DataFrame) -> Any:
        return service(ss.scrub(records, index, ON), set())

    report = assert_output_nullity(
        build, gallery, index, ON, query=ROUTES, person="person", cell=["cell"], targets=4, random=8, variants=()
    )

    assert report.passed
    assert set(report.probes) >= {"itself", "near", "same person", "same cell", "prefix", "page", "wrong id", "random"}
    assert report.timing[0].p > 0


@pytest.mark.parametrize(
    ("design", "verdict", "cause"),
    [
        ("403", "INTERFERENCE", "refusal"),
        ("late", "INTERFERENCE", "totals"),
        ("ranks", "INTERFERENCE", "kept ranks"),
        ("named", "INTERFERENCE", "unfiltered"),
    ],
)
def test_a_leaking_application_is_found(checked: Checked, index: Index, design: str, verdict: str, cause: str) -> None:
    report = checked(lambda records: service(records, _gone(records, index), design), ROUTES, targets=4)

    assert report.verdict.value == verdict, report.to_text()
    assert cause in report.causes


def test_an_application_that_scores_any_id_but_a_sealed_one_is_an_oracle(checked: Checked, index: Index) -> None:
    report = checked(lambda records: service(ss.scrub(records, index, ON), set(SEALED), "oracle"), ROUTES, targets=4)

    assert report.verdict is OutputNullityVerdict.ORACLE, report.to_text()
    assert report.findings[0].part == "POST /score.status"


@contextlib.contextmanager
def _served(app: Any) -> Iterator[str]:
    uvicorn = pytest.importorskip("uvicorn")
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [place]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():  # until then some probes are refused
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{place.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.mark.parametrize(
    ("design", "verdict", "cause"),
    [("null", "PASS", ""), ("403", "ORACLE", "oracle"), ("late", "INTERFERENCE", "post-filter")],
)
def test_a_running_server_is_asked_by_its_address(
    gallery: pl.DataFrame, index: Index, design: str, verdict: str, cause: str
) -> None:
    with _served(service(gallery, _gone(gallery, index), design)) as url:
        report = check_guard(url, ROUTES, data=gallery, index=index, on=ON, targets=3, k=4)

    assert report.verdict.value == verdict, report.to_text()
    assert cause in (report.causes or [""])
    assert report.running


@pytest.mark.parametrize(
    ("design", "verdict"),
    [("null", "PASS"), ("403", "ORACLE"), ("ranks", "INTERFERENCE"), ("named", "INTERFERENCE")],
)
def test_an_auditor_needs_no_more_than_ids(gallery: pl.DataFrame, index: Index, design: str, verdict: str) -> None:
    app = service(gallery, _gone(gallery, index), design)
    others = [key for key in gallery["arrest_no"] if key not in SEALED]

    report = check_guard(app, ROUTES, SEALED, open_ids=others, k=6, targets=5)

    assert report.verdict.value == verdict, report.to_text()
    assert not any(key in report.to_text() + report.to_json() + report.to_html() for key in (*SEALED, *others))


def test_a_system_that_knows_nothing_is_vacuous(gallery: pl.DataFrame, index: Index) -> None:
    app = service(gallery.clear(), set())

    assert check_guard(app, ROUTES[0], SEALED, open_ids=["K14000001"]).verdict is OutputNullityVerdict.VACUOUS


@pytest.mark.parametrize("design", ["null", "403", "named"])
def test_without_an_open_id_nothing_passes(gallery: pl.DataFrame, index: Index, design: str) -> None:
    app = service(gallery, _gone(gallery, index), design)
    only_sealed = gallery.filter(pl.col("arrest_no").is_in(SEALED))
    alone = service(only_sealed, _gone(only_sealed, index), design)

    for report in (check_guard(app, ROUTES, SEALED), check_guard(alone, ROUTES, data=only_sealed, index=index, on=ON)):
        if design == "null":
            assert (report.verdict, report.exit_code) == (OutputNullityVerdict.INCONCLUSIVE, 3), report.to_text()
            assert report.reason.startswith("No open id was asked about")
        else:
            assert report.exit_code == 1, report.to_text()


def test_a_server_that_is_not_there_is_inconclusive() -> None:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{place.getsockname()[1]}"
    report = check_guard(url, "GET /records/{id}", SEALED)

    assert report.verdict is OutputNullityVerdict.INCONCLUSIVE
    assert report.exit_code == 3


def test_chance_is_no_verdict() -> None:
    seen: list[int] = []

    def counting(system: Any, probe: Probe) -> Any:
        seen.append(1)
        return {"request": len(seen)}

    report = check_guard(None, counting, SEALED, name="counter")

    assert report.verdict is OutputNullityVerdict.NONDETERMINISTIC
    assert report.findings[0].part == "request"
    assert check_guard(None, counting, SEALED, ignore=["request"], open_ids=["K14000001"]).exit_code == 3


def test_a_failing_application_answers_as_a_server_would() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("Quillfeather")

    answer = Routes("GET /records/{id}")(app, Probe(kind="itself", id="K14000003"))

    assert answer.status == 500
    assert b"Quillfeather" not in answer.body
