"""What a report that a function of Python returns promises: how it shows itself, and what its formats hold."""

from __future__ import annotations

import html
import importlib
import inspect
import json
import re
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from sealscrub import __version__
from sealscrub.reports import Reported, ReportFormat

from ..reports.examples import EXAMPLES
from ..reports.test_report_base import REPORTS
from .source_tree import PACKAGE, module_names

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "reports.md"
MADE_BY_COMMANDS = {
    "CertificateReport": "certify signs a certificate; its page is made next to it",
    "DemoPage": "of the demo",
    "Listing": "a list that a command prints",
    "PlanGraph": "Plan.graph",
    "RunReport": "log_run_page logs it",
}
"""Reports that no public function is declared to return."""
NOTHING_TO_DO = {
    "DemoPage": "an example",
    "Explanation": "an answer",
    "Figures": "a release",
    "Listing": "a list",
    "PlanGraph": "a picture",
    "RunReport": "a record",
    "AuditReport": "what stands out is for whoever supervises",
}


def _functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Public functions, and public methods of public classes, of rooms and front doors."""
    for module in module_names():
        if module.startswith(f"{PACKAGE}.cli"):
            continue
        room = importlib.import_module(module)
        if not hasattr(room, "__path__") and module.count(".") > 1:
            continue
        for name in getattr(room, "__all__", ()):
            made = getattr(room, name)
            if inspect.isfunction(made):
                yield name, made
            elif inspect.isclass(made):
                methods = ((part, each) for part, each in inspect.getmembers(made) if not part.startswith("_"))
                yield from ((f"{name}.{part}", each) for part, each in methods if callable(each))


def returned() -> dict[str, set[str]]:
    """Which reports functions return, by the function's name."""
    found: dict[str, set[str]] = {}
    for name, made in _functions():
        said = getattr(inspect.unwrap(made), "__annotations__", {}).get("return", "")
        kinds = set(re.findall(r"\w+", said if isinstance(said, str) else getattr(said, "__name__", ""))) & set(REPORTS)
        if kinds - {"Verdict"} or (kinds and "custody" in inspect.unwrap(made).__module__):
            found.setdefault(name, set()).update(kinds)
    return found


RETURNED = returned()
VERDICTS = [
    (name, at, each)
    for name in sorted(REPORTS)
    if {ReportFormat.JUNIT, ReportFormat.SARIF} & set(REPORTS[name].formats)
    for at, each in enumerate(EXAMPLES[name](3))
]


def plain(page: str) -> str:
    """The words of a fragment of HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def test_every_report_is_returned_by_a_function_or_said_to_be_of_a_command() -> None:
    assert len(RETURNED) >= 17
    assert {"scan", "check_guard", "audit_model", "Plan.check", "survey", "taint", "verify"} <= set(RETURNED)
    assert set(chain(*RETURNED.values())) | set(MADE_BY_COMMANDS) == set(REPORTS)


@pytest.mark.parametrize("name", REPORTS)
def test_what_is_shown_unasked_has_the_verdict_and_what_to_do(name: str) -> None:
    for each in EXAMPLES[name](3):
        brief = each._brief()
        for said in (" ".join(str(each).split()), plain(each._repr_html_())):
            assert brief.headline.lower() in said.lower()
            assert all(" ".join(step.split())[:40] in said for step in brief.steps)
        assert brief.steps or brief.kind == "good" or name in NOTHING_TO_DO, brief.headline


def test_what_looks_keys_up_shows_which_share_of_the_seals_it_could_have_recognised() -> None:
    for name in ("Report", "ModelAudit"):
        for each in EXAMPLES[name](3):
            assert all(
                re.search(r"overage.{0,200}?\d ?%", said, re.DOTALL) for said in (str(each), plain(each._repr_html_()))
            )


@pytest.mark.parametrize("columns", ["40", "200"])
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_the_same_on_every_terminal(monkeypatch: pytest.MonkeyPatch, name: str, columns: str) -> None:
    before = [(str(each), each.text(), each._repr_html_()) for each in EXAMPLES[name](3)]
    monkeypatch.setenv("COLUMNS", columns)
    for variable in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.setenv(variable, "1")
        assert [(str(each), each.text(), each._repr_html_()) for each in EXAMPLES[name](3)] == before
    for _, text, _ in before:
        assert max(map(len, text.splitlines())) <= 100
        assert "\x1b" not in text
    coloured = [each.text(colour=True) for each in EXAMPLES[name](3)]
    assert [re.sub("\x1b\\[[0-9;]*m", "", each) for each in coloured] == [text for _, text, _ in before]


def documented() -> dict[str, set[str]]:
    """Which fields the page says that the JSON of a report has."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|$", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", fields)) for name, fields in rows}


@pytest.mark.parametrize("name", sorted(set(REPORTS) - {"DemoPage", "Listing"}))
def test_the_json_of_a_report_is_what_its_page_says(name: str) -> None:
    """All begin alike, whichever the kind: a program can tell what it has before it knows any of the other fields."""
    held: set[str] = set()
    for each in EXAMPLES[name](3):
        assert each.to_json().isascii()
        made = json.loads(each.to_json())
        travels = each._document().travelling
        head = {"sealscrub": __version__, "report": name, "version": 1, "operator_copy": not travels}
        assert list(made.items())[: len(head)] == list(head.items())
        assert not set(head) & set(each._facts())
        held |= set(made) - set(head)

    assert held == documented()[name]


@pytest.mark.parametrize(("name", "at", "report"), VERDICTS, ids=[f"{name}-{at}" for name, at, _ in VERDICTS])
def test_junit_has_the_known_shape(name: str, at: int, report: Reported) -> None:
    del name, at
    root = ElementTree.fromstring(report.render(ReportFormat.JUNIT))  # noqa: S314 - made here

    assert root.tag == "testsuites"
    assert {each.tag for each in root} == {"testsuite"}
    for level in (root, *root):
        cases = [*level.iter("testcase")]
        counted = {"tests": len(cases)}
        counted |= {kind: len([*level.iter(tag)]) for kind, tag in (("failures", "failure"), ("errors", "error"))}
        counted["skipped"] = len([*level.iter("skipped")])
        assert {part: int(level.get(part, "-1")) for part in counted} == counted
        assert level.get("name")
    for suite in root:
        assert [each.tag for each in suite][:1] in ([], ["properties"], ["testcase"])
        assert {each.tag for each in suite} <= {"properties", "testcase", "system-out", "system-err"}
    for case in root.iter("testcase"):
        assert case.get("name")
        assert case.get("classname")
        assert {each.tag for each in case} <= {"failure", "error", "skipped", "properties", "system-out"}
        assert sum(each.tag in ("failure", "error", "skipped") for each in case) <= 1
        assert all(each.get("message") for each in case if each.tag in ("failure", "error"))


def _is_text(said: dict[str, Any]) -> bool:
    return isinstance(said["text"], str) and bool(said["text"])


@pytest.mark.parametrize("report", [each for name, _, each in VERDICTS if ReportFormat.SARIF in REPORTS[name].formats])
def test_sarif_has_the_shape_that_its_schema_asks_for(report: Reported) -> None:
    """Of sarif-schema-2.1.0: what is required, which values are allowed, and that every index is of something."""
    made = json.loads(report.render(ReportFormat.SARIF))
    assert made.keys() <= {"$schema", "version", "runs", "inlineExternalProperties", "properties"}
    assert made["version"] == "2.1.0"
    for run in made["runs"]:
        driver = run["tool"]["driver"]
        assert driver["name"]
        assert re.fullmatch(r"\d+\.\d+\.\d+\S*", driver["semanticVersion"])
        ids = [rule["id"] for rule in driver["rules"]]
        assert len(set(ids)) == len(ids)
        for rule in driver["rules"]:
            assert _is_text(rule["shortDescription"])
            assert _is_text(rule["help"])
            assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
        assert all(isinstance(each["executionSuccessful"], bool) for each in run["invocations"])
        assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
        for artifact in run["artifacts"]:
            assert set(artifact["roles"]) <= {"analysisTarget"}
            assert not re.search(r"[\s\\]|^[a-z]+:|^/", artifact["location"]["uri"])
        for result in run["results"]:
            assert _is_text(result["message"])
            assert ids[result["ruleIndex"]] == result["ruleId"]
            assert result["kind"] in ("notApplicable", "pass", "fail", "review", "open", "informational")
            assert result["level"] in ("none", "note", "warning", "error")
            assert (result["level"] != "none") == (result["kind"] == "fail")  # 3.27.10
            assert all(isinstance(each, str) for each in result.get("partialFingerprints", {}).values())
            for location in result.get("locations", ()):
                place = location["physicalLocation"]["artifactLocation"]
                assert run["artifacts"][place["index"]]["location"]["uri"] == place["uri"]
