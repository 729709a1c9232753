"""What each rendering of a nullity report says, what it must never say, and that no name breaks out of it."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

import sealscrub
from sealscrub.errors import ConfigError
from sealscrub.testing import NullityVerdict

from .reports import DIFFERENCES, REPORTS, made


class Page(HTMLParser):
    """What a browser would see: elements, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_verdict_has_a_report() -> None:
    assert {each.verdict for each in REPORTS.values()} == set(NullityVerdict)


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_text_golden(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.txt", REPORTS[name].to_text())


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_html_golden(name: str, golden: Callable[[str, str], None]) -> None:
    said = REPORTS[name].to_html().replace(sealscrub.__version__, "VERSION")
    # the style sheet is looked at in a browser; its text would only be a second copy here
    head, _, rest = said.partition("<style>")

    golden(f"{name}.html", f"{head}<style>{rest[rest.index('</style>') :]}")


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_junit_golden(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.xml", REPORTS[name].to_junit())


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_text_fits_and_holds_nothing_that_a_terminal_obeys(name: str) -> None:
    said = REPORTS[name].to_text()

    assert all(char.isprintable() or char == "\n" for char in said)
    assert max(map(len, said.splitlines())) <= 140


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_html_runs_and_fetches_nothing(name: str) -> None:
    page = Page(REPORTS[name].to_html())

    assert not page.tags & {"script", "img", "link", "iframe", "object", "form", "b", "i"}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href")]
    assert "default-src 'none'" in REPORTS[name].to_html()


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_text_and_html_name_all_that_differs(name: str) -> None:
    report = REPORTS[name]
    said, page = " ".join(report.to_text().split()), Page(report.to_html()).text
    for each in report.differences:
        shown = each.name.encode("unicode_escape").decode() if "\x1b" in each.name else each.name
        assert shown in said
        assert shown in page
        assert report.hints.get(each.name, "") in said
    for path in report.denied:
        assert path.strip() in said
    assert report.verdict.value in said


@pytest.mark.parametrize("name", sorted(set(REPORTS) - {"hostile"}))
def test_what_travels_says_the_verdict_and_no_more(name: str) -> None:
    report = REPORTS[name]
    said = report.to_junit()
    root = ElementTree.fromstring(said)  # noqa: S314
    outcomes = [child.tag for child in root.iter() if child.tag in ("failure", "error")]

    assert outcomes == {0: [], 1: ["failure"], 3: ["error"]}[report.exit_code]
    assert not report.sealed_rows > 9 or str(report.sealed_rows) not in said
    assert not [each.name for each in report.differences if each.name in said and each.name != "y"]
    assert not [path for path in report.denied if path in said]


@pytest.mark.parametrize("name", sorted(set(REPORTS) - {"hostile"}))
def test_print_and_notebooks_show_the_verdict_and_no_count(name: str) -> None:
    report = replace(REPORTS[name], sealed_rows=98_765, runs=98_765, reason="98765 rows", denied=("98765",))
    shown = str(report), report._repr_html_()

    assert all("98765" not in each.replace(",", "") for each in shown)
    assert all(report.travelling_verdict in each for each in shown)
    assert "98,765" in report.text()


def test_that_nothing_was_sealed_does_not_travel() -> None:
    nothing, other = (REPORTS[name].to_junit() for name in ("no_sealed_rows", "inconclusive"))

    assert nothing == other
    assert str(REPORTS["no_sealed_rows"]) == str(REPORTS["inconclusive"])


def test_json_says_what_differs() -> None:
    document = json.loads(REPORTS["interference"].to_json())

    assert document["operator_copy"] is True
    assert document["verdict"] == "INTERFERENCE"
    assert document["contaminated"] == [each.name for each in DIFFERENCES]
    assert document["hints"]["features.priors_count"] == "counted over events that hold sealed ones"
    assert "records" not in json.loads(made("INTERFERENCE", records=(3, 4)).to_json())


@pytest.mark.parametrize(("suffix", "closed"), [("txt", True), ("html", True), ("json", True), ("xml", False)])
def test_a_saved_report_with_counts_is_closed_to_others(suffix: str, closed: bool, tmp_path: Path) -> None:
    place = tmp_path / f"report.{suffix}"

    REPORTS["interference"].save(place)

    assert (stat.S_IMODE(place.stat().st_mode) == 0o600) is closed
    assert place.read_text("utf-8")


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no report format"):
        REPORTS["pass"].save(tmp_path / "report.docx")

    assert list(tmp_path.iterdir()) == []
