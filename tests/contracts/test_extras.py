"""What the package says about itself: extras that hold what their names say, a citation, a release without a token."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from sealscrub.boundary.extras import EXTRAS
from sealscrub.tables.formats import file_formats

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EVERY = PROJECT["optional-dependencies"]
READERS = {"ds", "custodian", "auditor", "ci"}
DEVELOPERS = {"dev", "docs", "lint", "notebooks", "test"}


def whole(extra: str) -> set[str]:
    """An extra and all that it brings: extras, and packages."""
    found = {extra}
    for each in EVERY[extra]:
        inner = re.match(r"sealscrub\[(.*)\]$", each)
        found |= set().union(*map(whole, inner[1].split(","))) if inner else {re.split(r"[<>=\[]", each)[0]}
    return found


@pytest.mark.parametrize("extra", sorted(EVERY))
def test_an_extra_brings_extras_that_there_are(extra: str) -> None:
    assert whole(extra)


def test_all_is_all_that_a_user_can_install() -> None:
    assert set(EVERY) - DEVELOPERS - READERS - {"all"} <= whole("all")
    file_formats()  # each adds what it needs
    assert {extra for _, extra in EXTRAS.values()} <= whole("all")
    assert DEVELOPERS.isdisjoint(whole("all"))


def test_each_reader_has_a_group_and_the_readme_names_it() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert set(EVERY) >= READERS
    assert [group for group in sorted({*READERS, "all"}) if f"`{group}`" not in readme] == []


def test_the_citation_is_of_this_package() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert (cited["title"], cited["license"]) == (PROJECT["name"], PROJECT["license"])
    assert cited["cff-version"] == "1.2.0"
    assert {"message", "authors", "type"} <= set(cited)


@pytest.mark.parametrize("workflow", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.name)
def test_a_workflow_keeps_no_token_and_writes_only_what_it_says(workflow: Path) -> None:
    text = workflow.read_text("utf-8")
    read = yaml.safe_load(text)
    assert "secrets." not in text
    assert read["permissions"] == {"contents": "read"}
    for name, job in read["jobs"].items():
        assert "write" not in {job.get("permissions", {}).get("contents")}, name


NEEDED = {
    r"custodian\.aggregates\b|\$ sealscrub aggregate\b": "aggregates",
    r"custodian\.linkage\b|\$ sealscrub link (?:train|run|bound)\b": "linkage",
    r"custodian\.registry\b|\$ sealscrub (?:registry|publish|derive|refresh-report)\b": "registry",
    r"ss\.Plan\b|\$ sealscrub plan check\b|\$ sealscrub scrub --plan\b": "plans",
    r"\$ sealscrub taint\b": "mlflow",
    r"\$ sealscrub expectations\b|sealscrub\.gx\b": "gx",
    r"sealscrub\.pandera\b": "pandera",
    r"transforms\.sklearn\b": "sklearn",
}
"""What of ours on a page needs which extra. What brings a reader's own frames, pandas, is not asked for."""
GUIDES = sorted((ROOT / "docs" / "how-to").glob("*.md"))


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_a_guide_names_at_its_top_the_extras_that_it_uses(page: Path) -> None:
    text = page.read_text("utf-8")
    blocks = "\n".join(re.findall(r"^ *```(?:python|console)\n(.*?)^ *```", text, flags=re.MULTILINE | re.DOTALL))
    imported = set(re.findall(r"^(?:>>> )?(?:from|import) (\w+)", blocks, flags=re.MULTILINE)) & set(EXTRAS)
    uses = {EXTRAS[each][1] for each in imported} | {extra for use, extra in NEEDED.items() if re.search(use, blocks)}

    top = re.split(r"^(?:## |```)", text, maxsplit=1, flags=re.MULTILINE)[0]
    named = {extra for listed in re.findall(r"sealscrub\[([\w,]+)\]", top) for extra in listed.split(",")}
    assert named <= set(EVERY)
    assert uses - {"pandas"} <= set().union(*map(whole, named))
