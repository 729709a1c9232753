"""Histories with the answer and the section that New York's statutes give them, judged by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealscrub.custodian.law import Answer, find_rule

from ..written_histories import History, answer_of, ask_about, histories

HISTORIES = histories(Path(__file__).parent / "written_histories.csv")


@pytest.mark.parametrize("history", HISTORIES, ids=[f"{each['kind']}: {each['name']}" for each in HISTORIES])
def test_a_history_has_the_answer_and_the_section_of_its_statute(history: History) -> None:
    decision = ask_about(history, "us-ny", "2018KN00000{}", stated={})

    assert answer_of(decision) == history["answer"]
    if decision.answer is not Answer.NOT_SEALED:
        [first, *_] = decision.rules
        assert find_rule(first[0])[0].citation.startswith(history["section"])
