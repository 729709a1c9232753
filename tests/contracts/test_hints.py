"""What messages name is what an installed package's user has: pages of the site, and packages by one name each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from sealscrub.boundary.extras import EXTRAS
from sealscrub.errors import DOCS

from .source_tree import source_folder

PAGES = Path(__file__).parents[2] / "docs"
NOUNS = "rows|keys|values|entries|records|places|days|tables|columns|files"


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(source_folder().rglob("*.py")):
        yield str(path.relative_to(source_folder())), ast.parse(path.read_text())


def texts(tree: ast.AST) -> Iterator[str]:
    """Of the code, f-strings with what fills them; docstrings are whole and have line breaks."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield ast.unparse(node)[2:-1]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value:
            yield node.value


def test_a_page_is_named_by_its_address_and_is_in_the_docs() -> None:
    said = [(file, text) for file, tree in trees() for text in texts(tree)]
    bare = [(file, text) for file, text in said if re.search(r"(?<!main/)docs/(how-to|reference)/", text)]
    named = {name for _, text in said for name in re.findall(r"\{DOCS\}([\w/-]+\.md)", text)}

    assert bare == []
    assert "how-to/custody.md" in named
    assert [name for name in named if not (PAGES / name).is_file()] == []
    assert DOCS.endswith("/main/docs/")


def test_a_package_that_is_missing_is_called_what_pip_calls_it() -> None:
    names = {package for package, _ in EXTRAS.values()}
    for _, tree in trees():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "MissingExtra.of":
                names |= {each.value for each in call.args[:1] if isinstance(each, ast.Constant)}

    assert {"mlflow", "sqlalchemy", "pandas"} <= names
    assert [name for name in names if name != name.lower()] == []


def test_a_number_that_begins_what_is_said_is_counted_with_its_noun() -> None:
    """`counted` writes "1 row" and "1,938 rows"; what is of several by its sense says so with "of"."""
    found = []
    for file, tree in trees():
        for raised in (node for node in ast.walk(tree) if isinstance(node, ast.Raise)):
            for text in (node for node in ast.walk(raised) if isinstance(node, ast.JoinedStr)):
                first, *others = text.values
                then = others[0].value if others and isinstance(others[0], ast.Constant) else ""
                if isinstance(first, ast.FormattedValue) and re.match(rf" ({NOUNS})\b", str(then)):
                    found.append((file, ast.unparse(text)))

    assert [(file, text) for file, text in found if "columns are called" not in text] == []  # two at least
