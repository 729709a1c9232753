"""Short ways to ask about Oregon's cases."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sealscrub.custodian.law import Action, Decision, Event, decide

from ..asking import case, day, row

PLACE = "us-or"
Case = tuple[Action, list[Event]]


def ask(on: str, *events: Event, others: tuple[Case, ...] = (), **action: Any) -> Decision:
    return decide(*case("22CR00001", *events, **action), day(on), linked=others, law=PLACE)


def said(on: str, *events: Event, **more: Any) -> str:
    return str(ask(on, *events, **more).answer)


def eligible(on: str, *events: Event, **more: Any) -> str | None:
    decision = ask(on, *events, **more)
    assert str(decision.answer) == "not_sealed", "eligible is not sealed"
    assert decision.may_apply_from == decision.eligible_from
    return None if decision.eligible_from is None else decision.eligible_from.isoformat()


def convicted(date: str, grade: str, law_code: str = "164.045", **facts: Any) -> Event:
    return row(date, "CONVICTED", severity=grade[0], offense_class=grade[1:] or None, law_code=law_code, **facts)


def order(date: str, text: str = "137.225", **more: Any) -> Event:
    return row(date, text, event="seal_order", **more)


def sealed_charges(on: str, *events: Event) -> tuple[tuple[str, str], ...]:
    return ask(on, *events).charges


def before(date: str) -> str:
    return (day(date) - dt.timedelta(days=1)).isoformat()
