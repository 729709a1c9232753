"""Histories written from the statute's text before the rules were asked about them, with the answers that it gives.

``U`` is also what is not sealed and has no day because a fact is not known.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sealscrub.custodian.law import Decision
from sealscrub.custodian.law.desk.deciding_facts import deciding_facts
from sealscrub.custodian.law.reasons import Reason
from sealscrub.custodian.law.three_values import Truth

from ..written_histories import History, answer_of, ask_about, histories

HISTORIES = histories(Path(__file__).parent / "written_histories.csv")
_NO_DAY = ("us-or/ors-137.225/left-out@", "us-or/ors-137.225/held-back@")


def in_short(decision: Decision) -> str:
    """The answer, as the table writes it."""
    answer = answer_of(decision)
    assert decision.reasons is not None
    not_known = any("not known:" in each.said for each in deciding_facts(decision.reasons))
    return "U" if answer == "N" and not_known and not _is_held_back(decision.reasons) else answer


def _is_held_back(reasons: Reason) -> bool:
    """Whether a rule holds that gives no day, whatever is not known beside it."""
    rules = [step for _, step in reasons.steps() if step.kind == "rule" and step.fact.startswith(_NO_DAY)]
    return any(rule.parts[0].truth is Truth.YES for rule in rules)


@pytest.mark.parametrize("history", HISTORIES, ids=[f"{each['kind']}: {each['name']}" for each in HISTORIES])
def test_a_history_has_the_answer_that_was_written_before(history: History) -> None:
    assert in_short(ask_about(history, "us-or", "25CR0007{}", stated={})) == history["answer"]
