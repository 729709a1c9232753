"""Histories written from the statute's text before the rules were asked about them, with the answers that it gives.

Rows are a day, what the court wrote or ``@`` and a kind of event, and of a disposition the grade and the section.
An answer is ``S`` and the day since when it is sealed, or the charge that alone is; ``E`` and the day from which a
court may be asked; ``N``: not sealed, and no day; ``U``: unknown, or no day since a fact is not known.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from sealscrub.custodian.law import Answer, Decision, Event
from sealscrub.custodian.law.desk.deciding_facts import deciding_facts
from sealscrub.custodian.law.reasons import Reason
from sealscrub.custodian.law.three_values import Truth

from ..asking import case, day, row
from .oregon import ask

with (Path(__file__).parent / "written_histories.csv").open(newline="") as table:
    HISTORIES = list(csv.DictReader(table))
_NO_DAY = ("us-or/ors-137.225/left-out@", "us-or/ors-137.225/held-back@")


def event(text: str) -> Event:
    date, said, *rest = text.split(" / ")
    facts = dict(part.split("=") for part in rest if "=" in part)
    plain = [part for part in rest if "=" not in part]
    own: dict[str, Any] = {name: {"Y": True, "N": False}.get(value, value) for name, value in facts.items()}
    if said.startswith("@"):
        return row(date, " ".join(plain), said.removeprefix("@"), **own)
    grade, law_code, *_ = *plain, "", ""
    return row(
        date, said, severity=grade[:1] or None, offense_class=grade[1:] or None, law_code=law_code or None, **own
    )


def events(text: str) -> list[Event]:
    return [event(each) for each in text.split("; ")]


def decided(history: dict[str, str]) -> Decision:
    named = (part.split("=") for part in history["action"].split())
    others = [each for each in history["others"].split(" + ") if each]
    return ask(
        history["on"],
        *events(history["rows"]),
        others=tuple(case(f"25CR0007{at}", *events(each)) for at, each in enumerate(others)),
        **{name: day(value) for name, value in named},
    )


def in_short(decision: Decision) -> str:
    """The answer, as the table writes it."""
    if decision.answer is Answer.SEALED:
        return f"S {decision.legal_from}"
    if decision.answer is Answer.UNKNOWN:
        return "U"
    if decision.charges:
        return f"S {' '.join(number for number, _ in decision.charges)}"
    if decision.eligible_from is not None:
        return f"E {decision.eligible_from}"
    assert decision.reasons is not None
    not_known = any("not known:" in each.said for each in deciding_facts(decision.reasons))
    return "U" if not_known and not _is_held_back(decision.reasons) else "N"


def _is_held_back(reasons: Reason) -> bool:
    """Whether a rule holds that gives no day, whatever is not known beside it."""
    rules = [step for _, step in reasons.steps() if step.kind == "rule" and step.fact.startswith(_NO_DAY)]
    return any(rule.parts[0].truth is Truth.YES for rule in rules)


@pytest.mark.parametrize("history", HISTORIES, ids=[f"{each['kind']}: {each['name']}" for each in HISTORIES])
def test_a_history_has_the_answer_that_was_written_before(history: dict[str, str]) -> None:
    assert in_short(decided(history)) == history["answer"]
