"""What each rendering says, what it must never say, and that no name can break out of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given

import sealscrub
from sealscrub.reports import ReportFormat
from sealscrub.transforms.scrub_report import Report

from .report_strategies import modest, reports
from .reports import REPORTS, SUFFIX, key, report, table


class Page(HTMLParser):
    """What a browser would see: elements, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", sorted(REPORTS))
@pytest.mark.parametrize("format", Report.formats)
def test_goldens(name: str, format: ReportFormat, golden: Callable[[str, str], None]) -> None:
    said = REPORTS[name].render(format).replace(sealscrub.__version__, "VERSION")
    if format is ReportFormat.HTML:
        # the style sheet is looked at in a browser; its text would only be a second copy here
        head, _, rest = said.partition("<style>")
        said = f"{head}<style>{rest[rest.index('</style>') :]}"

    golden(f"{name}.{SUFFIX[format]}", said)


def test_json_is_the_contract() -> None:
    document = json.loads(REPORTS["found_incomplete"].to_json())
    siblings = {"sealed", "withheld", "near", "unparsable", "null", "coverage", "scheme", "column"}

    assert {"epoch", "as_of", "complete", "tables"} <= document.keys()
    for each in document["tables"]:
        assert {"name", "rows", "removed", "keys"} <= each.keys()
        assert not siblings & each.keys()
        for one in each["keys"]:
            assert one.keys() == siblings | {"rows", "damaged"}
    assert not siblings & document.keys()


@modest
@given(reports())
def test_json_reads_back_as_the_same_report(made: Report) -> None:
    assert Report.from_json(made.to_json()) == made
    assert made.to_json().isascii()


@modest
@given(reports())
def test_junit_always_parses_and_its_totals_add_up(made: Report) -> None:
    root = ElementTree.fromstring(made.to_junit().encode("utf-8"))  # noqa: S314
    tags = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}

    for attribute, tag in tags.items():
        assert int(root.get(attribute, "")) == len(list(root.iter(tag)))
        for suite in root.iter("testsuite"):
            assert int(suite.get(attribute, "")) == len(list(suite.iter(tag)))
    assert len(root.findall("testsuite")) == 1 + len(made.tables)
    assert made.complete or root.find(".//error") is not None
    assert (made.action == "scan" and made.found) == (root.find(".//failure") is not None)


@modest
@given(reports())
def test_sarif_has_the_shape_of_2_1_0(made: Report) -> None:
    assert_sarif(json.loads(made.to_sarif()), made)


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_sarif_of_every_state_has_the_shape_of_2_1_0(name: str) -> None:
    assert_sarif(json.loads(REPORTS[name].to_sarif()), REPORTS[name])


def assert_sarif(document: dict[str, Any], made: Report) -> None:
    """Hold a log against the parts of the SARIF 2.1.0 schema that it uses."""
    assert document.keys() == {"$schema", "version", "runs"}
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    assert run.keys() == {"tool", "invocations", "artifacts", "results", "columnKind", "properties"}
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["helpUri"].startswith("https://")
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
        assert rule["shortDescription"]["text"].endswith(".")
    for artifact in run["artifacts"]:
        assert artifact.keys() == {"location", "roles"}  # no length: it is a count
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is made.complete
    assert invocation["exitCode"] == made.exit_code
    for result in run["results"]:
        assert result["ruleId"] == rules[result["ruleIndex"]]["id"]
        assert result["level"] in ("none", "warning", "error")
        assert (result["level"] == "none") == (result["kind"] != "fail")  # SARIF 3.27.9 and 3.27.10
        for location in result["locations"]:
            place = location["physicalLocation"]
            assert place.keys() == {"artifactLocation"}
            uri = place["artifactLocation"]["uri"]
            assert uri
            assert not set(uri) & set(' <>"{}|\\^`:?#[]')
            assert not uri.startswith("//")
            assert uri == run["artifacts"][place["artifactLocation"]["index"]]["location"]["uri"]
    found = made.action == "scan" and made.found
    assert found == any(result["level"] == "error" for result in run["results"])
    assert made.complete or any(result["level"] == "warning" for result in run["results"])


def test_the_help_of_every_rule_leads_to_a_section_about_it() -> None:
    rules = json.loads(report().to_sarif())["runs"][0]["tool"]["driver"]["rules"]
    pages, _, anchors = zip(*(rule["helpUri"].partition("#") for rule in rules), strict=True)
    (page,) = {each.partition("/blob/main/")[2] for each in pages}
    lines = (Path(__file__).parents[2] / page).read_text("utf-8").splitlines()

    assert sorted(anchors) == [line[4:].lower() for line in lines if line.startswith("### SEAL")]


def test_sarif_of_a_run_that_read_nothing_is_not_a_pass() -> None:
    nothing = replace(report(), tables=(), complete=False)

    (result,) = json.loads(nothing.to_sarif())["runs"][0]["results"]

    assert (result["ruleId"], result["level"]) == ("SEAL004", "warning")


def test_junit_speaks_of_each_key_column_for_itself() -> None:
    made = report(
        table("a.csv", key(column="HIT", sealed=1), key(column="ODD", near=2, unparsable=1), key(), unchecked=3),
        complete=False,
        accepted=("unparsable",),
    )
    root = ElementTree.fromstring(made.to_junit())  # noqa: S314

    outcomes = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}

    assert outcomes == {
        "complete": ["error"],
        "arrest_number=HIT": ["failure"],
        "arrest_number=ODD": ["error"],
        "arrest_number=ARREST_NO": [],
    }


@modest
@given(reports())
def test_html_has_the_elements_of_the_page_and_none_of_a_name(made: Report) -> None:
    page = Page(made.to_html())
    own = set(Page(REPORTS["scrubbed"].to_html()).tags) | {"code"}

    assert set(page.tags) <= own
    assert not own & {"script", "img", "link", "iframe", "object", "form", "b"}
    assert all((value or "").startswith("#") for name, value in page.attributes if name in ("href", "src"))
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert page.tags.count("h1") == 1


def test_html_shows_a_hostile_name_as_text() -> None:
    page = Page(REPORTS["hostile"].to_html())

    assert "<script>alert(1)</script>\\x1b[2J\\u202efdp.csv" in page.text
    assert '"><img src=x onerror=alert(2)>' in page.text


@modest
@given(reports())
def test_text_holds_nothing_that_a_terminal_obeys(made: Report) -> None:
    assert all(char.isprintable() or char == "\n" for char in made.to_text())


def test_text_lines_up_and_fits_whatever_the_names() -> None:
    lines = REPORTS["scrubbed"].to_text().splitlines()
    ruled = [line for line in lines if line.startswith("  ─")]

    assert len(ruled) == 12
    assert len(set(ruled)) == 1
    assert all(len(line) == len(ruled[0]) for line in lines if line.endswith(("coverage", "%")))
    assert max(map(len, ruled)) <= 120


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_the_same_report_gives_the_same_bytes(name: str) -> None:
    again = Report.from_json(REPORTS[name].to_json())

    assert all(again.render(format) == REPORTS[name].render(format) for format in Report.formats)


@pytest.mark.parametrize("name", ["clean_allowed", "scrubbed"])
def test_what_was_accepted_and_allowed_is_said_in_every_format(name: str) -> None:
    made = REPORTS[name]

    for format in Report.formats:
        said = made.render(format)
        assert all(word in said for word in (*made.accepted, *made.allowed))
