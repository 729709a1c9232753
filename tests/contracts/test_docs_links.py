"""Pages of the docs lead to one another: every link ends at something, and the front page leads to every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md")), ROOT / "notebooks/README.md"]
FRONT = ROOT / "docs/README.md"

_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]*)(?:#([^)\s]*))?\)")


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target, anchor in _LINK.findall(_without_blocks(page.read_text("utf-8"))):
        if "://" in target:
            continue
        file = (page.parent / target) if target else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in _anchors(file)):
            broken.append(f"{target}#{anchor}")

    assert broken == []


def _without_blocks(text: str) -> str:
    return re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.DOTALL | re.MULTILINE)


def _anchors(page: Path) -> set[str]:
    """Anchors of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", _without_blocks(page.read_text("utf-8")), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_the_front_page_leads_to_every_page() -> None:
    named = {(FRONT.parent / target).resolve() for target, _ in _LINK.findall(FRONT.read_text("utf-8")) if target}

    assert {page for page in (ROOT / "docs").rglob("*.md") if page != FRONT} <= named


def test_each_reader_has_a_path_of_at_most_seven_pages() -> None:
    parts = FRONT.read_text("utf-8").split("\n## ")
    paths = [steps for part in parts if (steps := re.findall(r"^\d\. ", part, re.MULTILINE))]

    assert len(paths) == 3
    assert max(map(len, paths)) <= 7


def test_every_page_stands_once_in_the_site() -> None:
    """Strict builds of the site say so as well, which the gate does not make."""
    docs = ROOT / "docs"
    trees = {
        page: re.findall(r"^```{toctree}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
        for page in PAGES
    }
    entries = [
        (page.parent / (f"../{line}.py" if line.startswith("notebooks/") else f"{line}.md")).resolve()
        for page, found in trees.items()
        for line in "\n".join(found).splitlines()
        if line and not line.startswith(":")
    ]

    notebooks = {*(ROOT / "notebooks").glob("*.py")}
    assert sorted(entries) == sorted({*docs.rglob("*.md"), *notebooks} - {FRONT, docs / "index.md"})


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 120
