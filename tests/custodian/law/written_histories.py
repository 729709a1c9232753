"""Tables of histories that were written from a statute's words before its rules were asked about them.

Rows are a day, what the court wrote or ``@`` and a kind of event, and of a disposition the grade and the section;
``-`` is what the state's tables take for granted. An answer is ``S`` and the day since when it is sealed, or the
charges that alone are; ``E`` and the day from which it is eligible; ``P`` and the day from which a court may be asked,
if that alone leads to an order; ``N``: not sealed, and no day; ``U``: unknown. Charges that stand differently have an
answer each, after that of the docket: ``N: 1 E 2024-06-11; 2 N``; a charge's day is the first on which its period has
run or a court may be asked.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

from sealscrub.custodian.law import Answer, Decision, Event, decide
from sealscrub.custodian.law.linked_actions import Case
from sealscrub.custodian.law.three_values import Truth

from .asking import case, day, row

__all__ = ["History", "answer_of", "ask_about", "histories"]

History = dict[str, str]
_FLAGS = {"Y": True, "N": False}


def histories(path: Path) -> list[History]:
    with path.open(newline="") as table:
        return list(csv.DictReader(table))


def _event(text: str, stated: dict[str, Any], classes: bool) -> Event:
    date, said, *rest = text.split(" / ")
    facts = dict(part.split("=") for part in rest if "=" in part)
    plain = [part for part in rest if "=" not in part]
    charge = facts.pop("charge", "")
    if said.startswith("@"):
        return row(date, " ".join(plain), said.removeprefix("@"), charge=charge, **facts)
    own = {name: _FLAGS.get(value, value) for name, value in (stated | facts).items() if value != ""}
    usual = own.pop("code", None)
    grade, code = (*plain, "-")[:2] if plain else ("", "-")
    severity, offense_class = (grade[:1], grade[1:]) if classes else (grade, "")
    return row(
        date,
        said,
        charge=charge,
        severity=severity or None,
        offense_class=offense_class or None,
        law_code=usual if code == "-" else code or None,
        **own,
    )


def _events(text: str, stated: dict[str, Any], classes: bool) -> list[Event]:
    return [_event(each, stated, classes) for each in text.split("; ")]


def ask_about(history: History, law: str, docket: str, *, stated: dict[str, Any], classes: bool = True) -> Decision:
    """Decide a history; what is `stated` of every row is so unless the row says otherwise, or nothing by ``name=``."""
    action: dict[str, Any] = {
        name: day(value) for name, value in (each.split("=") for each in history["action"].split())
    }
    others: list[Case] = [
        case(docket.format(at), *_events(each, stated, classes))
        for at, each in enumerate(history["others"].split(" + "), 2)
        if each
    ]
    one = case(docket.format(1), *_events(history["rows"], stated, classes), **action)
    return decide(*one, day(history["on"]), linked=others, law=law)


def answer_of(decision: Decision) -> str:
    """The answer, as the tables write it."""
    if decision.answer is Answer.SEALED:
        return f"S {decision.legal_from}"
    if decision.answer is Answer.UNKNOWN:
        return "U"
    if decision.charges:
        return f"S {' '.join(number for number, _ in decision.charges)}"
    whole = f"E {decision.eligible_from}" if decision.eligible_from else "N"
    if not decision.charge_days and whole == "N" and decision.may_apply_from:
        return f"P {decision.may_apply_from}"
    each = (f"{number} {_of_charge(decision, number, since)}" for number, since in decision.charge_days)
    return f"{whole}: {'; '.join(each)}" if decision.charge_days else whole


def _of_charge(decision: Decision, number: str, since: dt.date | None) -> str:
    assert decision.reasons is not None
    weighed = (part for regime in decision.reasons.parts for part in regime.parts if part.text == f"charge {number}")
    if any(part.truth is Truth.UNKNOWN for part in weighed):
        return "U"
    return f"E {since}" if since else "N"
