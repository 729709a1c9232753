"""Drive the output half of ``sealscrub.testing`` and ``guard-check``: systems that leak and fail, over canaries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

from sealscrub.testing import (
    OutputNullityReport,
    Probe,
    Routes,
    assert_output_nullity,
    check_guard,
    check_output_nullity,
)

from .drives_command_line import _run
from .watch import PAYLOAD, SEALED
from .world import ON, World

Calls = Iterator[Callable[[], object]]


def _answers(arrests: pl.DataFrame, probe: Any) -> Any:
    found = arrests.filter(pl.col("n") >= probe["n"])
    return {PAYLOAD: found.height, "hits": found.to_dicts(), "by_id": dict.fromkeys(found["arrest_no"], 1)}


def _fails(arrests: pl.DataFrame, probe: Any) -> Any:
    if SEALED in arrests["arrest_no"]:
        raise ValueError(PAYLOAD, SEALED, probe.id)
    return 1


def output_nullity(world: World) -> Calls:
    arrests = world.checkable.drop("words", "level")
    options: dict[str, Any] = {"index": world.index, "on": ON, "isolated": False, "targets": 2, "random": 2}

    def broken(arrests: pl.DataFrame) -> Any:
        raise ValueError(PAYLOAD, list(arrests["arrest_no"]))

    def same(arrests: pl.DataFrame) -> Any:
        return arrests

    yield lambda: _rendered(check_output_nullity(same, arrests, query=_answers, **options), world)
    yield lambda: _rendered(check_output_nullity(same, arrests, query=_fails, **options), world)
    yield lambda: _rendered(check_output_nullity(broken, arrests, query=_fails, **options), world)
    yield lambda: _rendered(check_output_nullity(same, arrests, query=lambda _, probe: iter, **options), world)
    yield lambda: _asserted(arrests, options)
    yield lambda: check_output_nullity(same, arrests, world.index, {"arrest_number": "absent"}, query=_fails)
    yield lambda: check_output_nullity(same, arrests, world.index, {"arrest_number": "offense"}, query=_fails)
    yield lambda: _rendered(check_guard(arrests, _answers_by_id, [SEALED], open_ids=["M14000001"]), world)
    yield lambda: _rendered(check_guard(arrests, _fails, [SEALED, PAYLOAD]), world)
    yield lambda: _rendered(
        check_guard(arrests, _answers, data=arrests, index=world.index, on=ON, targets=2, name="audit"), world
    )
    yield lambda: check_guard(arrests, "GET /{id}", [SEALED])
    yield lambda: check_guard("http://127.0.0.1:9", "GET /{id}?n={n}", [SEALED], name="nobody").to_text()
    yield lambda: repr((Probe(kind="itself", record={"offense": PAYLOAD}, id=SEALED), Routes("GET /{id}")))
    yield lambda: Probe(kind="itself", record={"n": 1}, id=SEALED).values(["n"])
    yield lambda: Routes("GET /{id}").prepare(PAYLOAD)
    yield lambda: Routes(f"{SEALED} /{{id}}")


def _answers_by_id(arrests: pl.DataFrame, probe: Any) -> Any:
    return arrests.filter(pl.col("arrest_no") == probe.id).to_dicts() or {"error": f"no {probe.id}"}


def _asserted(arrests: pl.DataFrame, options: dict[str, Any]) -> str:
    try:
        assert_output_nullity(lambda arrests: arrests, arrests, query=_answers, **options)
    except AssertionError as error:
        return str(error)
    raise RuntimeError


def _rendered(report: OutputNullityReport, world: World) -> object:
    for suffix in ("txt", "html", "json", "xml"):
        report.save(world.made / f"outputs.{suffix}")
    said = [report.to_text(), report.to_html(), report.to_json(), report.to_junit()]
    return repr(report), report.passed, report.channels, report.causes, report.exit_code, said


def guard_check(world: World) -> Calls:
    made, custody = world.made, world.custody
    (made / "canary_service.py").write_text(
        "def echo(probe):\n    return {'hits': [str(probe.record), probe.text + '0']}\n"
        "def fail(probe):\n    raise ValueError(str(probe.id), str(probe.record))\n"
    )
    (custody / "sealed.txt").write_text(f"{SEALED}\n{PAYLOAD}\n")
    sealed = ["--sealed", custody / "sealed.txt", "--report", made / "guard.json", "--report", made / "guard.html"]
    places = ["--index", made / "example.sealindex", "--key-file", made / "example.key"]
    data = ["--data", world.inputs / "train.csv", *places, "--on", "arrest_number=arrest_no"]
    for words in (
        ["--module", "canary_service:echo", *sealed],
        ["--module", "canary_service:echo", *data, "--targets", "2"],
        ["--module", "canary_service:fail", *sealed, *places],
        ["--module", "canary_service:echo", "--route", "GET /{id}", *sealed],
        ["--module", "canary_service:none", *sealed],
        ["--url", "http://127.0.0.1:9", "--route", "GET /{id}", *sealed],
        ["--url", f"http://{SEALED}.example", "--route", "GET /{id}", *sealed],
        ["--module", "canary_service:echo", "--sealed", world.inputs / "torn.parquet"],
        ["--module", "canary_service:echo", *sealed, "--headers", custody / "sealed.txt"],
    ):
        yield lambda words=words: _run("guard-check", *words)


DRIVES = (output_nullity, guard_check)
