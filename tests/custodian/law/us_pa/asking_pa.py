"""Short ways to write a history of Pennsylvania's courts and to ask about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sealscrub.custodian.law import Decision, Event, decide
from sealscrub.custodian.law.linked_actions import Case

from ..asking import case, day, row

LAW = "us-pa"
DOCKET, OTHER, THIRD = (f"CP-51-CR-000000{number}-2015" for number in (1, 2, 3))
PETITION, CLEAN_SLATE, EXPUNGED = (f"us-pa/cs-{section}" for section in ("9122.1", "9122.2", "9122"))
STATED = {"history": "complete", "case_bar": False, "restitution": "paid", "max_sentence_months": "48"}
THEFT, ASSAULT, DRUGS = "18 § 3921 §§ A", "18 § 2701 §§ A1", "35 § 780-113 §§ A30"


def found(on: str, text: str = "Guilty", grade: str | None = "M2", code: str | None = THEFT, **more: Any) -> Event:
    """A disposition of a charge; what is stated of a clean history, unless `more` says otherwise."""
    charge = more.pop("charge", "")
    told = tuple((name, value) for name, value in (STATED | more).items() if value is not None)
    return row(on, text, severity=grade, law_code=code, charge=charge, more=told)


def order(on: str, section: str, charge: str = "") -> Event:
    return row(on, section, event="seal_order", charge=charge)


def ask(on: str, *events: Event, others: Sequence[Case] = (), docket: str = DOCKET, **action: Any) -> Decision:
    return decide(*case(docket, *events, **action), day(on), linked=others, law=LAW)


def letter(on: str, *events: Event, **more: Any) -> str:
    """``S`` sealed, ``E`` eligible and not sealed, ``N`` neither, ``U`` unknown."""
    decision = ask(on, *events, **more)
    eligible = decision.eligible_from is not None and decision.eligible_from <= day(on)
    said = {"sealed": "S", "unknown": "U", "not_sealed": "E" if eligible else "N"}
    return said[str(decision.answer)]


def another(*events: Event, docket: str = OTHER, **action: Any) -> Case:
    """Another case of the same person."""
    return case(docket, *events, **action)


__all__ = [
    "ASSAULT",
    "CLEAN_SLATE",
    "DOCKET",
    "DRUGS",
    "EXPUNGED",
    "LAW",
    "OTHER",
    "PETITION",
    "THEFT",
    "THIRD",
    "another",
    "ask",
    "day",
    "found",
    "letter",
    "order",
    "row",
]
