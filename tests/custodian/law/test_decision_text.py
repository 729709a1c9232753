"""One action of a file, in words."""

from __future__ import annotations

import datetime as dt
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealscrub.cli import run
from sealscrub.custodian import law
from sealscrub.errors import UsageError

from .histories import days, histories
from .test_batch_decisions import charge_rows

DAY = dt.date(2026, 11, 25)
HEAD = "docket,defendant_id,arrest_number,disposition,event_date,severity,event,family_offense,law_code"
ROWS = (
    "2014KN000001,7,K14000001,ACQUITTED,2014-05-01,M,,,",
    "2014KN000002,7,K14000001,COVERED BY 2014KN000003,2014-05-01,M,,,",
    "2014KN000003,7,K14000001,PLED GUILTY,2014-05-01,M,,,PL 120.00",
    "2014KN000003,7,K14000001,,2014-05-01,M,sentence,,",
    "2014KN000004,8,K14000004,ACQUITTED,2014-05-01,M,,,",
    "2014KN000004,9,K14000005,PENDING,2026-11-01,M,,,",
    ",10,K14000006,ACD 170.55,2026-08-31,M,,N,",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "d.csv"
    path.write_text("\n".join([HEAD, *ROWS]) + "\n")
    return path


def first(said: law.Explanation) -> str:
    return said.text().splitlines()[0]


def test_one_action_is_said_in_words_with_rules_and_reasons(file: Path) -> None:
    explained = law.explain(file, docket="2014KN000001", as_of=DAY)
    said = explained.text()

    assert first(explained) == "The action is sealed under us-ny/cpl-160.50 (3)(c), from 2014-05-01"
    assert "· us-ny/cpl-160.50/3c version 1: CPL 160.50(3)(c) [own]." in said
    assert "This is not legal advice" in said
    assert not any(number in said for number in ("KN000001", "K14000001"))


def test_what_decided_it_leads_and_the_tree_is_there_for_who_asks(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ["law", "explain", str(file), "--as-of", "2026-11-25", "--docket", "2014KN000001"]
    said = {}
    for name, more in {"brief": [], "full": ["--full"], "page": ["--format", "html"]}.items():
        assert run([*ask, *more]) == 0
        said[name] = capsys.readouterr().out

    assert said["brief"].splitlines()[2:5] == ["As of  2026-11-25", "", "What decided it"]
    assert len(said["brief"].splitlines()) < 30
    assert "as of 2026-11-25, is it sealed" not in said["brief"]
    assert "as of 2026-11-25, is it sealed" in said["full"]
    assert '<a href="https://www.nysenate.gov/legislation/laws/CPL/160.50">CPL 160.50(3)(c)</a>' in said["page"]
    assert '<details class="card"><summary><h2>Why' in said["page"]
    assert "<svg" in said["page"]
    assert "as of 2026-11-25, is it sealed" in said["page"]


def test_what_is_withheld_is_told_as_a_warning(file: Path) -> None:
    pages = [law.explain(file, as_of=DAY, **asked).to_html() for asked in (
        {"arrest_number": "K14000006"}, {"docket": "2014KN000004", "defendant_id": "9"})]  # fmt: skip

    assert [page.count('<header class="verdict warn">') for page in pages] == [1, 0]


def test_an_explanation_is_a_report(file: Path, tmp_path: Path) -> None:
    explained = law.explain(file, docket="2014KN000001", as_of=DAY)
    explained.save(tmp_path / "why.html")
    facts = json.loads(explained.to_json())

    assert (facts["answer"], facts["rules"]) == ("sealed", [["us-ny/cpl-160.50/3c", "1"]])
    assert facts["reasons"]
    assert "<h1>The action is sealed under us-ny/cpl-160.50 (3)(c), from 2014-05-01" in explained.to_html()
    assert (tmp_path / "why.html").stat().st_mode & 0o777 == 0o600
    assert not any(number in (tmp_path / "why.html").read_text() for number in ("KN000001", "K14000001"))


def test_print_a_notebook_and_a_log_show_no_answer_until_it_is_asked_for(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ({"docket": "2014KN000001"}, {"docket": "2014KN000002"}, {"docket": "2014KN000004", "defendant_id": "9"})
    answers = [law.explain(file, as_of=DAY, **each) for each in asked]

    assert len({first(each) for each in answers}) > 1
    assert len({(str(each), repr(each), each._repr_html_()) for each in answers}) == 1
    answers[0].show(counts=True)
    assert capsys.readouterr().out == answers[0].text()


def test_what_a_persons_other_actions_say_bears_on_it(file: Path) -> None:
    """The plea that covers it is to a crime, in another docket of the file."""
    said = law.explain(file, docket="2014KN000002", as_of=DAY)

    assert first(said) == "The action is not sealed"


def test_an_action_is_named_by_docket_or_arrest_and_defendant_in_any_spelling(file: Path) -> None:
    acd = "The action is not sealed"

    assert first(law.explain(file, arrest_number="K14-000006", as_of=DAY)) == acd
    assert "changes automatically on 2027-03-01" in law.explain(file, arrest_number="K14000006", as_of=DAY).text()
    assert "sealed under" in first(law.explain(file, docket="CR-000004-14KN", defendant_id="8", as_of=DAY))
    assert first(law.explain(file, docket="2014KN000004", defendant_id="9", as_of=DAY)) == acd


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({}, "no action given"),
        ({"docket": "2014KN000099"}, "no action has these numbers"),
        ({"docket": "2014KN000001", "defendant_id": "8"}, "no action has these numbers"),
        ({"docket": "2014KN000000"}, "no action has these numbers"),  # it stands for no number
        ({"docket": "NONE", "arrest_number": "K14000001"}, "no action has these numbers"),
        ({"docket": "2014KN000004"}, "2 actions have these numbers"),
        ({"arrest_number": "K14000001"}, "3 actions have these numbers"),
    ],
)
def test_what_names_no_action_or_several_is_an_error_that_shows_no_number(
    file: Path, asked: dict[str, str], what: str
) -> None:
    with pytest.raises(UsageError, match=what) as caught:
        law.explain(file, as_of=DAY, **asked)
    assert "14" not in str(caught.value)


def test_columns_and_texts_of_ones_own(file: Path, tmp_path: Path) -> None:
    file.write_text(file.read_text().replace("disposition", "OUTCOME", 1).replace("ACQUITTED", "Walked free"))
    own = tmp_path / "map.toml"
    own.write_text('version = "1"\n[texts]\n"WALKED FREE" = "ACQUITTED_COMPLETE"\n')

    said = [law.explain(file, docket="2014KN000001", as_of=DAY, map={"OUTCOME": "disposition"}, aliases=a)
            for a in (None, own)]  # fmt: skip
    assert [first(each).startswith("The action is sealed") for each in said] == [False, True]


def test_the_command_says_the_same(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask = ["law", "explain", str(file), "--as-of", "2026-11-25"]

    assert run([*ask, "--docket", "2014KN000001"]) == 0
    assert capsys.readouterr().out == law.explain(file, docket="2014KN000001", as_of=DAY).text()
    assert run([*ask, "--arrest", "K14000006"]) == 0
    assert run([*ask, "--docket", "2014KN000004", "--defendant", "9"]) == 0
    assert run([*ask, "--docket", "2014KN000004"]) == 2


@pytest.mark.parametrize(("family_offense", "changes"), [("N", dt.date(2027, 3, 1)), ("Y", dt.date(2027, 9, 1))])
def test_what_if_its_rows_said_something_else(file: Path, family_offense: str, changes: dt.date) -> None:
    """As if the file had said so, and of no other action."""
    said = law.explain(file, arrest_number="K14000006", as_of=DAY, assume={"family_offense": family_offense})
    told = file.with_name("told.csv")
    told.write_text(file.read_text().replace("2026-08-31,M,,N,", f"2026-08-31,M,,{family_offense},"))
    other = {"docket": "2014KN000001", "as_of": DAY}

    assert first(said) == "The action is not sealed, as supposed"
    assert said.decision.next_change == changes
    assert said.decision == law.explain(told, arrest_number="K14000006", as_of=DAY).decision
    assert json.loads(said.to_json())["supposed"] == {"family_offense": family_offense}
    assert law.explain(file, **other).decision == law.explain(told, **other).decision


@pytest.mark.parametrize(
    ("assume", "what", "hint"),
    [
        ("family_offence=N", "this fact cannot be assumed", "did you mean 'family_offense'?"),
        ("docket=2014KN000099", "this fact cannot be assumed", "one of "),
        ("birth_date=2014KN", "the assumed value of birth_date is not a date", "write it as in a file."),
        ("family_offense=2014KN", "the assumed value of family_offense is neither Y nor N", "as in a file."),
        ("severity=2014KN", "the assumption cannot be read: severity is unknown", "as in a file."),
        ("severity", "--assume must be FACT=VALUE", "family_offense=N"),
    ],
)
def test_what_cannot_be_supposed_is_an_error_that_shows_no_value(
    file: Path, capsys: pytest.CaptureFixture[str], assume: str, what: str, hint: str
) -> None:
    assert run(["law", "explain", str(file), "--docket", "2014KN000001", "--assume", assume]) == 2
    said = capsys.readouterr().err

    assert what in said
    assert hint in said
    assert "2014KN" not in said


@pytest.mark.search
@settings(max_examples=25, deadline=None, suppress_health_check=[*HealthCheck])
@given(several=st.lists(histories, min_size=2, max_size=4), as_of=days, seed=st.integers(0, 99))
def test_the_reasons_in_a_file_of_decisions_are_those_of_its_answers(
    tmp_path_factory: pytest.TempPathFactory, several: list[list[law.Event]], as_of: dt.date, seed: int
) -> None:
    """Whatever the person's other actions say, of the same arrest or of others."""
    order = random.Random(seed)
    charges = replace(charge_rows((law.Action(), history, order.randrange(2)) for history in several), law="us-ny")
    decisions = law.decide_charges(charges, as_of)
    path = tmp_path_factory.mktemp("decisions") / "decisions.jsonl"
    law.write_decisions(path, charges, decisions, as_of)

    said = {"sealed": "yes", "not_sealed": "no", "unknown": "unknown"}
    for line in map(json.loads, path.read_text().splitlines()):
        assert line["reasons"][0].endswith(said[line["answer"]])


@pytest.mark.search
@settings(max_examples=25, deadline=None, suppress_health_check=[*HealthCheck])
@given(several=st.lists(histories, min_size=2, max_size=4), as_of=days)
def test_the_lines_of_a_file_of_decisions_are_those_of_each_tree(
    tmp_path_factory: pytest.TempPathFactory, several: list[list[law.Event]], as_of: dt.date
) -> None:
    """Each step is put in words anew here; a file of decisions does so once for all trees that share it."""

    def said(reason: Any, depth: int = 0) -> list[str]:
        own = f"{'  ' * depth}{reason.text}: {reason.truth.name.lower()}"
        return [own, *(line for part in reason.parts for line in said(part, depth + 1))]

    charges = charge_rows((law.Action(), history, at * 2) for at, history in enumerate([*several, *several]))
    charges = replace(charges, law="us-ny")
    path = tmp_path_factory.mktemp("decisions") / "decisions.jsonl"
    law.write_decisions(path, charges, law.decide_charges(charges, as_of), as_of)
    trees = [law.decide(law.Action(), history, as_of).reasons for history in [*several, *several]]

    assert [json.loads(line)["reasons"] for line in path.read_text().splitlines()] == [said(tree) for tree in trees]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("ACD 170.55", {"more": (("family_offense", False),)}),
        ("DISMISSED", {}),
        ("PG 155.25 AM", {"severity": "M"}),
        ("PG 221.10", {"severity": "M", "law_code": "PL 221.10"}),
        ("DECLINED PROSECUTION", {"more": (("certified", True),)}),
    ],
)
def test_histories_that_differ_in_their_days_alone_are_each_said_with_their_own(
    tmp_path: Path, text: str, facts: dict[str, Any]
) -> None:
    """Over 35 years: before and after statutes began, in and after periods, at ends of months."""
    as_of = dt.date(2026, 11, 25)
    begun = [dt.date(1991, 1, 31) + dt.timedelta(days=97 * at) for at in range(134)]
    histories = [
        [law.Event(event_date=day, text=text, **facts), law.Event(event_date=day + dt.timedelta(30), event="sentence")]
        for day in begun
    ]
    charges = charge_rows((law.Action(), history, at * 2) for at, history in enumerate(histories))
    law.write_decisions(tmp_path / "decisions.jsonl", charges, law.decide_charges(charges, as_of), as_of)
    trees = [law.decide(law.Action(), history, as_of).reasons for history in histories]

    written = [json.loads(line)["reasons"] for line in (tmp_path / "decisions.jsonl").read_text().splitlines()]
    assert written == [list(tree.lines()) for tree in trees if tree is not None]


@pytest.mark.parametrize(
    ("arrest", "on", "begun"),
    [("", "2014-04-30", False), ("2014-04-01", "2014-03-31", False), ("2014-04-01", "2014-04-01", True)],
)
def test_a_case_after_the_day_asked_about_is_not_one_without_a_disposition(
    tmp_path: Path, arrest: str, on: str, begun: bool
) -> None:
    path = tmp_path / "later.csv"
    path.write_text(
        f"docket,defendant_id,arrest_date,disposition,event_date\n2014KN000001,7,{arrest},ACQUITTED,2014-05-01\n"
    )
    explained = law.explain(path, docket="2014KN000001", as_of=dt.date.fromisoformat(on))
    said = explained.text()

    decided = said.partition("The days of the docket")[0]
    assert ("Nothing of the case had happened by the day asked about" in decided) is not begun
    assert (f"Its first day in the file is {arrest or '2014-05-01'}: ask about that day" in decided) is not begun
    assert ("without a disposition" in decided) is begun
    assert ("changes automatically" in said) is ("on its own" in said) is begun
    assert (explained.decision.next_change is not None) is begun
    assert (f"{arrest}: arrest" in said) is begun


def test_a_case_that_was_recorded_after_the_day_of_recording_is_asked_about_by_a_later_one(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_text(
        "docket,defendant_id,disposition,event_date,recorded_at\n2014KN000001,7,ACQUITTED,2014-05-01,2015-01-01\n"
    )
    day = dt.date(2014, 12, 1)
    said = [law.explain(path, docket="2014KN000001", as_of=day, known_at=known).text() for known in (None, day)]

    assert all("Its rows were recorded later: ask by a later day of recording." in each for each in said)
