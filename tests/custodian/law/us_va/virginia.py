"""Short ways to write a case of a Virginia court and to ask about it."""

from __future__ import annotations

from typing import Any

from sealscrub.custodian.law import Action, Decision, Event, decide

from ..asking import case, day, row

Case = tuple[Action, list[Event]]
NAME = "013GC15001234-00"
WHOLE = ("history_complete", True)


def charge(
    date: str,
    text: str,
    *more: Event,
    code: str | None = "18.2-96",
    severity: str | None = "M",
    offense_class: str | None = "1",
    offence: str | None = "",
    number: str = NAME,
    whole: bool = True,
    **columns: Any,
) -> Case:
    """A case of one charge; the offence is of the day of its row where none is given, and None leaves it blank."""
    own = tuple(columns.items()) + ((WHOLE,) if whole else ())
    first = row(date, text, law_code=code, severity=severity, offense_class=offense_class, more=own or None)
    return case(number, first, *more, crime_date=None if offence is None else day(offence or date))


def other(date: str, text: str = "GUILTY", **facts: Any) -> Case:
    return charge(date, text, number="059GC16000001-00", **{"code": "18.2-57", **facts})


def arrest(date: str, text: str = "PENDING", severity: str | None = "M") -> Case:
    """Another case of the person, opened by an arrest."""
    made, rows = charge(date, text, code="18.2-57", severity=severity, number="059GC25000001-00", offence=None)
    return Action(docket=made.docket, defendant_id=made.defendant_id, arrest_date=day(date)), rows


def order(date: str, section: str, **facts: Any) -> Event:
    return row(date, f"Va. Code 19.2-{section}", event="seal_order", **facts)


def ask(on: str, one: Case, *others: Case) -> Decision:
    return decide(*one, day(on), linked=others, law="us-va")


def said(on: str, one: Case, *others: Case) -> str:
    """The answer, and the day from which it is eligible where one is told."""
    found = ask(on, one, *others)
    return f"{found.answer} {found.eligible_from}" if found.eligible_from else str(found.answer)
