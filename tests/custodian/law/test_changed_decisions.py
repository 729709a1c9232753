"""Two files of decisions, line by line: each field that differs, whichever of them holds the action."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sealscrub.cli import run
from sealscrub.custodian.law import changed_lines
from sealscrub.errors import UnreadableInput

LAW = "us-ny/cpl-160.50"
NUMBERS = {"docket": "2018KN000001", "defendant_id": "7", "arrest_number": "K18000001", "indictment": ""}
LINE = NUMBERS | {
    "answer": "not_sealed",
    "regimes": [],
    "paragraph": "",
    "legal_from": None,
    "next_change": None,
    "withheld": False,
    "rules": [],
    "missing": [],
}
OTHERWISE: dict[str, Any] = {
    "answer": "sealed",
    "regimes": [LAW],
    "paragraph": "(3)(c)",
    "legal_from": "2018-05-01",
    "next_change": "2018-11-02",
    "withheld": True,
    "rules": [[f"{LAW}/3c", "1"]],
    "missing": ["severity"],
}


def files(tmp_path: Path, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> tuple[Path, Path]:
    for name, lines in (("old.jsonl", old), ("new.jsonl", new)):
        (tmp_path / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path / "old.jsonl", tmp_path / "new.jsonl"


@pytest.mark.parametrize("field", OTHERWISE)
def test_a_field_that_differs_is_said_with_what_it_was_and_is(tmp_path: Path, field: str) -> None:
    later = LINE | {field: OTHERWISE[field]}

    assert list(changed_lines(*files(tmp_path, [LINE], [later]))) == [
        NUMBERS | {"changed": {field: [LINE[field], OTHERWISE[field]]}}
    ]
    assert list(changed_lines(*files(tmp_path, [later], [later]))) == []


@pytest.mark.parametrize("number", NUMBERS)
def test_an_action_of_one_file_alone_has_nothing_on_the_other_side(tmp_path: Path, number: str) -> None:
    other = LINE | {number: "9"}
    gone, come = [None, "not_sealed"][::-1], [None, "not_sealed"]

    found = list(changed_lines(*files(tmp_path, [LINE], [other])))
    assert [(each[number], each["changed"]["answer"]) for each in found] == [("9", come), (LINE[number], gone)]


def test_actions_of_the_same_numbers_are_compared_in_their_order(tmp_path: Path) -> None:
    sealed = LINE | {"answer": "sealed"}

    assert list(changed_lines(*files(tmp_path, [LINE, sealed], [LINE, sealed]))) == []
    (found,) = changed_lines(*files(tmp_path, [LINE, sealed], [sealed, sealed]))
    assert found["changed"] == {"answer": ["not_sealed", "sealed"]}


@pytest.mark.parametrize("text", ["SECRET", '{"docket": "SECRET"}', '["SECRET"]'])
def test_a_line_that_is_not_a_decision_is_told_by_its_number(tmp_path: Path, text: str) -> None:
    old, new = files(tmp_path, [LINE], [LINE])
    new.write_text(f"{json.dumps(LINE)}\n{text}\n")

    with pytest.raises(UnreadableInput, match="line 2 is not a decision") as error:
        list(changed_lines(old, new))
    assert "SECRET" not in str(error.value)


def test_answers_that_turned_are_counted_most_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A docket each; one is in the second file alone, one keeps its answer, and the last is decided as before."""
    sealed = LINE | {"answer": "sealed", "regimes": [LAW]}
    turned = [(LINE, sealed), (LINE, sealed), (sealed, LINE), (LINE, LINE | {"missing": ["severity"]}), (LINE, LINE)]
    old, new = ([each[side] | {"docket": f"2018KN00000{at}"} for at, each in enumerate(turned)] for side in (0, 1))
    paths = files(tmp_path, old, [*new, sealed | {"docket": "2018KN000009"}])

    assert run(["law", "diff", *map(str, paths)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    said = [
        "Decided differently 5",
        f"Not sealed → sealed {LAW} 2",
        f"Not in the file → sealed {LAW} 1",
        f"Sealed {LAW} → not sealed 1",
        "The same answer, for other reasons 1",
    ]
    assert [each for each in said if each not in told] == []
    assert sorted(said, key=told.index) == said[:2] + sorted(said[2:], key=told.index)
