"""Words that CONTRIBUTING.md replaces stand in no message, docstring, comment or page."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path

import pytest

from .source_tree import source_folder

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (?P<write>[^|]+) \| (?P<instead>[^|]+) \|(?P<unless>[^|]*)\|$", re.MULTILINE)
# What begins and ends a line of a comment, a quotation and a text in quotation marks.
EDGES = re.compile(r"""^\s*(?:[#>]+:?\s|[rf]{0,2}["'](?!["']))|(?:(?<!["'])["'])?\s*$""")


def table() -> str:
    """The table of CONTRIBUTING.md that says which word is written instead of which."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    return text[text.index("| write | instead of |") :].partition("\n\n")[0]


@cache
def replaced() -> dict[str, re.Pattern[str]]:
    """The words that are not written, each with the expression that finds it."""
    found = {}
    for row in list(ROW.finditer(table()))[1:]:
        unless = "|".join(re.escape(each.strip()) for each in row["unless"].split(",") if each.strip())
        for word in row["instead"].split(","):
            after = rf"(?!\W+(?:{unless})\b)" if unless else ""
            word = word.strip()
            found[word] = re.compile(rf"(?<![\w`'])(?<!\bthere ){re.escape(word)}\b{after}", re.IGNORECASE)
    return found


def pages() -> Iterator[Path]:
    yield from sorted(source_folder().rglob("*.py"))
    yield from sorted(ROOT.glob("docs/**/*.md"))
    yield from sorted(ROOT.glob("notebooks/*.py"))
    yield from (ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md"))
    yield from (ROOT / name for name in ("action.yml", "expectations/README.md"))


def joined(text: str) -> tuple[str, list[int]]:
    """Lines as one text, and where each begins; a sentence goes on over the end of a line, not over an empty line."""
    lines = [" ".join(EDGES.sub("", line).split()) for line in text.splitlines()]
    return " ".join(lines), [0, *accumulate(len(line) + 1 for line in lines)]


def numbers_of_lines(text: str, begins: list[int], word: str) -> list[int]:
    """Numbers of the lines in which a word begins that is not written."""
    expression, numbers, at = replaced()[word], [], text.find(word)
    while at >= 0:
        if expression.match(text, at):
            numbers.append(bisect_right(begins, at))
        at = text.find(word, at + 1)  # much faster than the expression
    return numbers


@cache
def texts() -> list[tuple[Path, str, list[int]]]:
    """What is looked through, read once, in lower case."""
    return [(_shown(page), *joined(page.read_text().replace(table(), "").lower())) for page in pages()]


def _shown(page: Path) -> Path:
    return page.relative_to(ROOT if page.is_relative_to(ROOT) else source_folder().parent)


def test_there_are_words_to_look_for() -> None:
    words = replaced()

    assert len(words) > 20
    assert words["is no"].search("the file is no table")
    assert not words["is no"].search("there is no table")
    assert not words["is no"].search("it is no longer there")


@pytest.mark.parametrize(
    "text",
    [
        "These hang\non the law.",
        "# These hang\n# on the law.",
        'raise Wrong(\n    f"these hang "\n    f"on the law"\n)',
        "'these hang '\n'on'",
        "> hang\n> on",
        "hang   on",
    ],
)
def test_a_word_is_found_over_the_end_of_a_line(text: str) -> None:
    assert numbers_of_lines(*joined("Before.\n" + text), "hang on") == [
        number for number, line in enumerate(text.splitlines(), 2) if "hang" in line
    ]


def test_a_word_is_not_found_over_an_empty_line() -> None:
    assert numbers_of_lines(*joined("# What these hang\n\nOn the law."), "hang on") == []


@pytest.mark.parametrize("word", replaced())
def test_a_replaced_word_stands_nowhere(word: str) -> None:
    found = [f"{page}:{number}" for page, text, begins in texts() for number in numbers_of_lines(text, begins, word)]

    assert found == []
