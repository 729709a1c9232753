"""Identifiers in texts of a model file are found however the text guard would find them in an answer."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from sealscrub.datasets import example_index
from sealscrub.filters import guard_text
from sealscrub.validators.artefacts import ModelAudit, audit_model

ONE, OTHER = "K14612345", "S18999999"
WRITTEN = [
    *("arrest{0}s", "{0}M14000017", "{1}|{2}{3}", "{1},{2},{3}", "{1}({2}{3})", "{1}&nbsp;{2}{3}", "{1}<b>{2}{3}</b>"),
    *("See {1}-{2} {3}.", "{1}%20{2}{3}", "{1}\u200b{2}{3}", "**{1}**{2}{3}", "[{1}](x){2}{3}", "{1} / {2} / {3}"),
    *(
        "x{0}_y",
        "id={0};",
        "{1}\n{2}{3}",
        "{1} | {2}{3}",
        "  {0}",
        "{0}{0}",
        "'{1}' '{2}{3}'",
        "{0}abc",
        "{1}\\u002d{2}{3}",
    ),
]


def _filled(written: str, one: str) -> str:
    return written.format(one, one[:3], one[3:6], one[6:])


@pytest.fixture(scope="module", params=[ONE, pytest.param(OTHER, marks=pytest.mark.long)])
def audited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ModelAudit]:
    root = tmp_path_factory.mktemp("texts")
    for at, written in enumerate(WRITTEN):
        text = _filled(written, request.param)
        (root / f"a{at}.pkl").write_bytes(pickle.dumps({"a": [text, "x", 1]}))
        (root / f"a{at}.txt").write_text(text)
        (root / f"a{at}.csv").write_text('n,a\n1,"' + text.replace('"', '""') + '"\n')
        (root / f"a{at}.json").write_text(json.dumps({"a": text}))
    return request.param, audit_model(root, example_index([ONE]))


@pytest.mark.parametrize("at", range(len(WRITTEN)), ids=WRITTEN)
def test_what_the_text_guard_would_remove_is_found(at: int, audited: tuple[str, ModelAudit]) -> None:
    one, done = audited
    text = _filled(WRITTEN[at], one)
    removed = str(guard_text(text, example_index([ONE]))) != text
    found = {each.file for each in done.findings if Path(each.file).stem == f"a{at}"}

    assert removed == (one == ONE)
    assert found == ({f"a{at}.{kind}" for kind in ("pkl", "txt", "csv", "json")} if removed else set())


def test_texts_beside_each_other_are_not_read_as_one(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(["K14", "612345", "K14-", "-612345", "arrest K", "14612345"]))
    done = audit_model(tmp_path / "a.pkl", example_index([ONE]))

    assert (done.exit_code, done.findings) == (0, ())
