"""What the demo leaves: its commands succeed, and of its last page every link leads to a file and nothing is loaded."""

from __future__ import annotations

import re
import shlex
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pytest

from sealscrub.cli import run
from sealscrub.cli.demo_evidence import Evidence
from sealscrub.cli.demo_map import hot_spots
from sealscrub.cli.demo_model import Vendor
from sealscrub.cli.demo_page import DemoPage
from sealscrub.cli.demo_story import Story
from sealscrub.errors import UsageError
from sealscrub.reports import Link

SVG = "{http://www.w3.org/2000/svg}"
CELLS = {"cell_x": [3, 4, 9], "cell_y": [1, 1, 5], "arrests": [1, 4, 63]}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The story that the core packages tell, but for the two nullity tests, which the long tests of the demo run."""
    story = Story(tmp_path_factory.mktemp("demo"), 100, 0)
    with pytest.MonkeyPatch.context() as patch:
        for package in ("sklearn", "mlflow", "great_expectations"):
            patch.setitem(sys.modules, package, None)
        for step in (story.make_city, story.make_estate, story.publish, story.check_plan, story.scrub):
            step()
        story.compare_with_a_row_drop()
        vendor = Vendor(story)
        evidence = Evidence(vendor)
        first = vendor.train()
        evidence.certify(first)
        evidence.seal_another(first)
        second = vendor.train(version=2)
        evidence.scrub_again(second)
        evidence.verify(first, second)
        DemoPage.write(story)
    return story


@pytest.fixture(scope="module")
def folder(story: Story) -> Path:
    return story.folder


@pytest.mark.long
def test_the_commands_that_it_prints_succeed_after_the_new_seal(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    """The gate runs what the whole demo prints, in a step of its own."""
    story.list_commands()
    lines = re.findall(r"^ *\$ (.+)$", capsys.readouterr().out, re.MULTILINE)

    assert [re.match("sealscrub ([a-z ]+)", line)[1] for line in lines] == ["plan check ", "scan ", "verify "]
    check, scan, verify = (shlex.split(line)[1:] for line in lines)
    assert [run(words) for words in (check, scan, verify)] == [0, 0, 0]


def test_every_link_leads_to_a_file_and_every_step_stands_there(folder: Path) -> None:
    page = (folder / "index.html").read_text("utf-8")
    links = [unquote(each) for each in re.findall(r'<a href="([^"#]+)"', page) if not each.startswith("https:")]

    assert {"plan.html", "report.html", "row-drop.svg", "clean", "estate", "seals.db"} <= set(links)
    assert [each for each in links if not (folder / each).exists()] == []
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    for step in ("1. A city is generated", "2. The custodian registers", "3. The plan is checked", "4. The estate is"):
        assert step in words
    assert "sealscrub plan check" in words
    assert "Operator" in words


def test_both_pictures_stand_in_it_and_nothing_is_loaded(folder: Path) -> None:
    page = (folder / "index.html").read_text("utf-8")

    for name in ("leaks", "hot"):
        assert page.count(f'<svg class="{name}"') == 1
    assert not re.search(r"<script|<img|<link|url\(|@import", page)
    styles = [rule for style in re.findall(r"<style>(.*?)</style>", page, re.DOTALL)[1:] for rule in style.split("}")]
    selectors = [rule.partition("{")[0].strip() for rule in styles if "{" in rule and "@media" not in rule]
    assert selectors
    assert all(each.startswith((".leaks ", ".hot ")) for each in selectors), "a picture's style is the page's as well"


def test_a_cell_is_a_square_of_the_shade_of_its_arrests_and_north_is_up() -> None:
    root = ET.fromstring(hot_spots({"before": pl.DataFrame(CELLS), "after <": pl.DataFrame(CELLS).head(1)}))  # noqa: S314

    drawn = [(each.get("class"), each.get("d")) for each in root.iter(f"{SVG}path")]
    assert drawn == [
        ("s0", "M0 4h1v1h-1zM1 4h1v1h-1z"),
        ("s4", "M6 0h1v1h-1z"),
        ("s0", "M0 4h1v1h-1z"),
    ]
    assert root.get("aria-label") == "before: 3 cells with arrests; after <: 1 cells with arrests"


def test_a_map_without_cells_is_drawn() -> None:
    nothing = pl.DataFrame(CELLS).clear()
    assert list(ET.fromstring(hot_spots({"before": nothing})).iter(f"{SVG}path")) == []  # noqa: S314


@pytest.mark.parametrize("to", ["", "/etc/hosts", "../x.html", "a/../b", "javascript:alert(1)", "a//b", "./a", "a\\b"])
def test_a_link_leads_to_a_file_next_to_the_page_alone(to: str) -> None:
    with pytest.raises(UsageError):
        Link("a page", to)
