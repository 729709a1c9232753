"""Histories written from the statute's text before the rules were asked about them, with the answers that it gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..written_histories import History, answer_of, ask_about, histories

HISTORIES = histories(Path(__file__).parent / "written_histories.csv")
#: What each row says unless it says otherwise.
STATED = {
    "history": "complete",
    "case_bar": "N",
    "restitution": "paid",
    "max_sentence_months": "48",
    "code": "18 § 3921 §§ A",
}


@pytest.mark.parametrize("history", HISTORIES, ids=[f"{each['kind']}: {each['name']}" for each in HISTORIES])
def test_a_history_has_the_answer_that_was_written_before(history: History) -> None:
    decision = ask_about(history, "us-pa", "CP-51-CR-000000{}-2015", stated=STATED, classes=False)

    assert answer_of(decision) == history["answer"]
