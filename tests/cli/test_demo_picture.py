"""The picture of the demo: one bar for each derived column, within its frame, and the one that the README shows."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from sealscrub.cli.demo_compare import Comparison
from sealscrub.cli.demo_picture import picture

SVG = "{http://www.w3.org/2000/svg}"
COUNTS = [{"priors": (30, 0), "a<b": (0, 0)}, {"priors": (100, 100)}, {}]


@pytest.mark.parametrize("wrong", COUNTS)
@pytest.mark.parametrize("rows", [0, 100])
def test_bars_are_as_long_as_the_share_of_wrong_values(wrong: dict[str, tuple[int, int]], rows: int) -> None:
    drawn = picture(Comparison(wrong, 5, (0, 0), 1.0, rows))

    root = ET.fromstring(drawn)  # noqa: S314  # made here
    wide, high = (float(each) for each in root.attrib["viewBox"].split()[2:])
    bars = [each for each in root.iter(f"{SVG}rect") if each.get("class") == "dropped"][1:]
    assert len(bars) == len(wrong)
    for bar, (dropped, _) in zip(bars, wrong.values(), strict=True):
        if rows:
            assert float(bar.attrib["width"]) == pytest.approx(262 * dropped / rows, abs=0.1)
            assert float(bar.attrib["x"]) + float(bar.attrib["width"]) < wide
        assert float(bar.attrib["y"]) + float(bar.attrib["height"]) < high
    assert {each.text for each in root.iter(f"{SVG}text") if each.get("class") == "name"} == set(wrong)


def test_the_readme_shows_the_picture_of_the_whole_demo() -> None:
    shown = Path(__file__).parents[2] / "docs/pictures/row-drop.svg"
    wrong = {
        each[0].text or "": tuple(int(part.replace(",", "")) for part in (each[1].text or "").split(" → "))
        for each in zip(*[iter(_texts(shown)[3:])] * 2, strict=True)
    }

    assert shown.read_text("utf-8") == picture(Comparison(wrong, 14, (0, 0), 1.0, 5_216))  # type: ignore[arg-type]  # pairs


def _texts(path: Path) -> list[ET.Element]:
    return list(ET.parse(path).iter(f"{SVG}text"))  # noqa: S314  # of this repository
