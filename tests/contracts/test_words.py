"""Words that CONTRIBUTING.md replaces stand in no message, docstring, comment or page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .source_tree import source_folder

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (?P<write>[^|]+) \| (?P<instead>[^|]+) \|(?P<unless>[^|]*)\|$", re.MULTILINE)


def replaced() -> dict[str, re.Pattern[str]]:
    """The words that are not written, each with the expression that finds it."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    table = text[text.index("| write | instead of |") :].partition("\n\n")[0]
    found = {}
    for row in list(ROW.finditer(table))[1:]:
        unless = "|".join(re.escape(each.strip()) for each in row["unless"].split(",") if each.strip())
        for word in row["instead"].split(","):
            after = rf"(?!\W+(?:{unless})\b)" if unless else ""
            word = word.strip()
            found[word] = re.compile(rf"(?<![\w`'])(?<!\bthere ){re.escape(word)}\b{after}", re.IGNORECASE)
    return found


def pages() -> Iterator[Path]:
    yield from sorted(source_folder().rglob("*.py"))
    yield from sorted(ROOT.glob("docs/**/*.md"))
    yield from (ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md"))


def test_there_are_words_to_look_for() -> None:
    words = replaced()

    assert len(words) > 20
    assert words["is no"].search("the file is no table")
    assert not words["is no"].search("there is no table")
    assert not words["is no"].search("it is no longer there")


@pytest.mark.parametrize("word", replaced())
def test_a_replaced_word_stands_nowhere(word: str) -> None:
    expression = replaced()[word]
    found = [
        f"{page.relative_to(ROOT)}:{number}"
        for page in pages()
        for number, line in enumerate(page.read_text().splitlines(), 1)
        if expression.search(line)
    ]

    assert found == []
