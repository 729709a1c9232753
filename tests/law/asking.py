"""Short ways to write a history and to ask about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sealscrub.law import Action, Decision, Event, EventKind, decide

ACTION = Action(docket="2018KN000001", arrest_number="K18000001", arrest_date=dt.date(2010, 1, 1))
DAY = dt.timedelta(days=1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def row(date: str, text: str = "", event: str = "disposition", **facts: Any) -> Event:
    return Event(event_date=day(date), text=text, event=EventKind(event), **facts)


def ask(on: str | dt.date, *events: Event, **more: Any) -> Decision:
    return decide(ACTION, events, day(on) if isinstance(on, str) else on, **more)


def around(on: str, *events: Event) -> tuple[str, ...]:
    """The answers on the day before, the day of and the day after."""
    return tuple(str(ask(day(on) + n * DAY, *events).answer) for n in (-1, 0, 1))


def regimes(decision: Decision) -> Sequence[str]:
    return [name.removeprefix("us-ny/") for name in decision.regimes]
