"""Short ways to write a history and to ask about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sealscrub.custodian.law import Action, Decision, Event, EventKind, decide

ACTION = Action(docket="2018KN000001", arrest_number="K18000001", arrest_date=dt.date(1970, 1, 1))
DAY = dt.timedelta(days=1)
FIELDS = frozenset(field.name for field in fields(Event))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def event_of(**facts: Any) -> Event:
    """An event; facts that are no field of it are columns of the state's own."""
    own = tuple((name, value) for name, value in facts.items() if name not in FIELDS)
    common = {name: value for name, value in facts.items() if name in FIELDS}
    more = (*(common.pop("more", None) or ()), *((name, value) for name, value in own if value is not None))
    return Event(**common, more=more or None)


def facts_of(event: Event) -> dict[str, Any]:
    """What an event holds, by name, in fields and in columns of the state's own."""
    return {name: getattr(event, name) for name in FIELDS if name != "more"} | dict(event.more or ())


def with_facts(event: Event, **facts: Any) -> Event:
    """The event, with some facts changed or left blank."""
    return event_of(**facts_of(event) | facts)


def row(date: str, text: str = "", event: str = "disposition", **facts: Any) -> Event:
    return event_of(event_date=day(date), text=text, event=EventKind.named(event), **facts)


def ask(on: str | dt.date, *events: Event, **more: Any) -> Decision:
    return decide(ACTION, events, day(on) if isinstance(on, str) else on, **more)


def around(on: str, *events: Event) -> tuple[str, ...]:
    """The answers on the day before, the day of and the day after."""
    return tuple(str(ask(day(on) + n * DAY, *events).answer) for n in (-1, 0, 1))


def regimes(decision: Decision) -> Sequence[str]:
    return [name.removeprefix("us-ny/") for name in decision.regimes]


def convicted(
    plea: str = "2019-03-01", sentence: str | None = "2019-05-01", charge: str = "", **facts: Any
) -> list[Event]:
    rows = [row(plea, "PLED GUILTY", charge=charge, **facts)]
    return rows if sentence is None else [*rows, row(sentence, event="sentence", charge=charge)]


def case(docket: str, *events: Event, **action: Any) -> tuple[Action, list[Event]]:
    """Another action of the same person, of an arrest of its own unless one is given."""
    return Action(**{"docket": docket, "defendant_id": "7", **action}), list(events)


def answers(on: str, *cases: tuple[Action, list[Event]]) -> list[str]:
    """What is said about each of a person's actions, the others being known."""
    return [str(ask_of(each, on, *cases).answer) for each in cases]


def ask_of(one: tuple[Action, list[Event]], on: str | dt.date, *cases: tuple[Action, list[Event]]) -> Decision:
    linked = [other for other in cases if other is not one]
    return decide(*one, day(on) if isinstance(on, str) else on, linked=linked)
