"""Keys one part of which is a word, such as a county, are found in texts as those of two numbers are."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from sealscrub.datasets import example_index
from sealscrub.identifiers import Level, Scheme, Spelling, register_scheme
from sealscrub.index import Index
from sealscrub.validators.artefacts import audit_model

WRITTEN = [
    "KINGS 4512",
    "The case Kings 4512 is odd.",
    "KINGS@004512",
    "KINGS/004512",
    "| KINGS | 004512 |",
    "Kings: 4512",
]
OTHERS = ["QUEENS 4512", "KINGS 4513", "Queens: 4512", "The Kings of 1066"]
FORMS: dict[str, Callable[[str], bytes]] = {
    "pkl": lambda text: pickle.dumps({"a": [text]}),
    "txt": str.encode,
    "json": lambda text: json.dumps({"a": text}).encode(),
    "csv": lambda text: f"n,a\n1,{text}\n".encode(),
}


@pytest.fixture(scope="module")
def index() -> Index:
    register_scheme(Scheme(name="tests_audit_county", level=Level.EVENT, spellings=[Spelling(r"[A-Z]+")]))
    number = Spelling(r"(?P<n>\d{1,6})", "{n:0>6}")
    register_scheme(Scheme(name="tests_audit_case", level=Level.EVENT, spellings=[number]))
    parts = ("tests_audit_county", "tests_audit_case")
    register_scheme(Scheme(name="tests_audit_county_case", level=Level.ACTION, parts=parts))
    return example_index({"tests_audit_county_case": ["KINGS@004512"]})


@pytest.mark.parametrize(("texts", "code"), [(WRITTEN, 1), (OTHERS, 0)])
def test_a_key_in_one_text(texts: list[str], code: int, index: Index, tmp_path: Path) -> None:
    for at, text in enumerate(texts):
        for suffix, make in FORMS.items():
            (tmp_path / f"a{at}.{suffix}").write_bytes(make(text))
    done = audit_model(tmp_path, index)

    assert (done.exit_code, done.not_checked) == (code, ())
    assert {Path(each.file).name for each in done.findings} == (
        {f"a{at}.{suffix}" for at in range(len(texts)) for suffix in FORMS} if code else set()
    )


def test_parts_that_stand_apart_are_not_checked(index: Index, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"Of Kings {'and then ' * 30} 4512")

    assert audit_model(tmp_path, index).exit_code == 3
