"""``sealscrub law``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sealscrub.cli import run

FILE = """docket,defendant_id,arrest_number,disposition,event_date,family_offense,severity,law_code
2018KN000001,7,K18000001,ACD 170.55,2018-05-10,N,,
2018KN000002,7,K18000001,PLED GUILTY,2018-05-10,,M,PL 120.00
2018KN000003,7,K18000001,COVERED BY 2018KN000002,2018-05-10,,,
2018KN000003,8,K18000002,COVERED BY 2018KN000002,2018-05-10,,,
"""


@pytest.fixture
def dispositions(tmp_path: Path) -> str:
    path = tmp_path / "d.csv"
    path.write_text(FILE)
    return str(path)


def test_the_rules_are_listed_and_none_is_unwritten(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["law", "rules"]) == 0
    said = capsys.readouterr()

    words = " ".join(said.out.split())
    assert "us-ny/cpl-160.50/3b-170.55 2 1991-11-01 citation: CPL 160.50(3)(b)" in words
    assert "us-ny/fca-375.1 (at law; every charge) rule " in words
    assert "its rules are not written" not in said.out
    assert "not legal advice" in said.out


def test_a_rule_is_shown_in_all_its_versions(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["law", "rule", "us-ny/cpl-160.55/1"]) == 0
    said = capsys.readouterr().out

    assert [line for line in said.splitlines() if line.startswith("us-ny/")] == [
        "us-ny/cpl-160.55/1, version 3",
        "us-ny/cpl-160.55/1, version 3-before",
        "us-ny/cpl-160.55/1, version 3-motion",
    ]
    assert len(re.findall(r"reviewed by +no one", said)) == 3
    assert run(["law", "rule", "us-ny/none"]) == 2


def test_an_action_is_explained(dispositions: str, capsys: pytest.CaptureFixture[str]) -> None:
    ask = ["law", "explain", dispositions, "--docket", "2018KN000001", "--as-of"]

    assert run([*ask, "2018-11-10"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("The action is not sealed\n")
    assert "What would change it\n  · The answer changes automatically on 2018-11-11.\n" in said
    assert "What else follows\n  · It is withheld" in said
    assert run([*ask, "2018-11-11"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("The action is sealed under us-ny/cpl-160.50 (3)(b), from 2018-11-11\n")
    assert "family_offense is N" not in said or "12 months if" in said
    assert "2018KN" not in said


def test_what_is_covered_looks_at_the_companion_of_its_arrest(
    dispositions: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ["law", "explain", dispositions, "--docket", "2018KN000003", "--as-of", "2019-01-01", "--defendant"]

    assert run([*ask, "7"]) == 0
    assert capsys.readouterr().out.startswith("The action is not sealed\n")
    assert run([*ask, "8"]) == 0
    assert capsys.readouterr().out.startswith("Whether the action is sealed is not known under us-ny/cpl-160.50\n")


def test_a_row_of_another_person_that_cannot_be_read_is_not_in_the_way(
    dispositions: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path(dispositions).open("a") as file:
        file.write("2018KN000009,9,K18000009,ACQUITTED,2018-13-45,,,\n2018KN000009,9,K18000009,PENDING,2018-01-05,,,\n")
    ask = ["law", "explain", dispositions, "--as-of", "2018-11-11", "--docket"]

    assert run([*ask, "2018KN000001"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "The action is sealed under us-ny/cpl-160.50 (3)(b)" in said
    assert "Rows of others that cannot be read 2" in said
    assert run([*ask, "2018KN000009"]) == 2
    assert "line 6, column event_date: is not a date" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--docket", "2018KN000003"], "2 actions have these numbers"),
        (["--docket", "2018KN999999"], "no action has these numbers"),
        (["--docket", "2018KN000001", "--map", "x"], "--map must be THEIRS=OURS"),
        (["--docket", "2018KN000001", "--law", "us-xx"], "unknown jurisdiction: 'us-xx'"),
    ],
)
def test_wrong_use_ends_with_2_and_shows_no_number(
    dispositions: str, capsys: pytest.CaptureFixture[str], more: list[str], says: str
) -> None:
    assert run(["law", "explain", dispositions, *more]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "2018KN" not in said
