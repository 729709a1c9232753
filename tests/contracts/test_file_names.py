"""A file's name says what is inside, and no other file has it: an editor's tab and a traceback show little else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

import pytest

from .source_tree import source_folder

SHARED = {
    "__init__.py": "every package has one",
    "jurisdiction.py": "one a state: the folder of a state's law is found by it",
}
"""Names that several files have, and why."""
WORDS = {
    "delimited.py": "a format: delimited text",
    "encoding.py": "the encoding of a text",
    "listing.py": "a list as a report",
    "retraining.py": "the field's own word",
    "testing.py": "where users import tests from",
    "wording.py": "the words of reports",
}
"""Names of one word that end as a participle does, and are nouns all the same."""


def files() -> list[str]:
    root = source_folder()
    return sorted(str(path.relative_to(root)) for path in root.rglob("*.py"))


def wrong_names(paths: Iterable[str]) -> list[str]:
    """Say which files share a name, and which are called by a bare participle."""
    named: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        named[PurePosixPath(path).name].append(path)
    shared = [
        f"{' and '.join(paths)} share a name" for name, paths in named.items() if len(paths) > 1 and name not in SHARED
    ]
    bare = [f"{path} is a bare participle" for name, (path, *_) in named.items() if _is_participle(name)]
    return sorted(shared + bare)


def _is_participle(name: str) -> bool:
    stem = name.removesuffix(".py")
    return stem.isalpha() and stem.endswith(("ed", "ing")) and name not in WORDS


def test_every_file_has_a_name_of_its_own() -> None:
    assert len(files()) > 500
    assert wrong_names(files()) == []


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (["one/row.py", "other/deeper/row.py"], "one/row.py and other/deeper/row.py share a name"),
        (["one/row.py", "one/deeper/row.py"], "one/row.py and one/deeper/row.py share a name"),
        (["one/turned.py"], "one/turned.py is a bare participle"),
        (["one/turning.py"], "one/turning.py is a bare participle"),
    ],
)
def test_a_wrong_name_is_found(paths: list[str], said: str) -> None:
    assert wrong_names(paths) == [said]


@pytest.mark.parametrize("path", ["one/listing.py", "one/turned_rows.py", "one/__init__.py"])
def test_a_right_name_is_none(path: str) -> None:
    assert wrong_names([path]) == []


def test_what_is_excepted_is_there() -> None:
    names = [PurePosixPath(path).name for path in files()]

    assert {name for name in SHARED if names.count(name) < 2} == set()
    assert {name for name in WORDS if name not in names} == set()
