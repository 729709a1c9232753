"""Pages of the docs lead to one another: every link ends at something, and every page is in a list of the site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md")), ROOT / "notebooks/README.md"]
LISTS = [ROOT / f"docs/{name}.md" for name in ("data-scientist", "custodian", "auditor", "guides", "reference")]

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


def _entries(page: Path) -> list[Path]:
    """What the toctrees of a page name, in order."""
    trees = re.findall(r"^```{toctree}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    names = [line for line in "\n".join(trees).splitlines() if line and not line.startswith(":")]
    return [
        (page.parent / (f"../{name}.py" if name.startswith("notebooks/") else f"{name}.md")).resolve() for name in names
    ]


@pytest.mark.parametrize("page", LISTS, ids=lambda page: page.stem)
def test_a_list_shows_what_the_site_has_below_it(page: Path) -> None:
    """Its links are read where toctrees are not, as on GitHub."""
    shown = re.findall(r"^(?:-|\d\.) \[[^\]]*\]\(([^)]+)\)", page.read_text("utf-8"), re.MULTILINE)

    assert shown
    assert [(page.parent / target).resolve() for target in shown] == [
        entry for entry in _entries(page) if entry.suffix == ".md"
    ]


@pytest.mark.parametrize("page", LISTS[:3], ids=lambda page: page.stem)
def test_each_reader_has_a_path_of_at_most_seven_pages(page: Path) -> None:
    assert len(_entries(page)) <= 7


def test_every_page_stands_once_in_the_site() -> None:
    """Strict builds of the site say so as well, which the gate does not make."""
    docs = ROOT / "docs"
    entries = [entry for page in PAGES for entry in _entries(page)]

    assert sorted(entries) == sorted({*docs.rglob("*.md"), *(ROOT / "notebooks").glob("*.py")} - {docs / "index.md"})


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 120
