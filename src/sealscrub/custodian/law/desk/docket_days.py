"""The days of one docket: what happened, what the law made of it, and what comes; in words and as a picture."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from html import escape
from textwrap import wrap
from typing import Literal, NamedTuple

from sealscrub.reports import counted

from ..charge_events import in_turn, visible
from ..decisions import Answer, Decision
from ..dispositions import Disposition, DispositionMap
from ..events import Action, Event, EventKind
from .deciding_facts import in_words

__all__ = ["DocketDay", "days_drawn", "docket_days"]

_MOST, _SHOWN = 24, 4
_STEP, _LINE, _TOP = 34, 106, 22
_GAP, _LEAD = 18, 18
_WIDTH, _LETTERS = 320, 22  # as narrow as a phone; so many letters fit next to a day, bold ones too
_ANSWERS = {Answer.SEALED: "sealed", Answer.NOT_SEALED: "not sealed", Answer.UNKNOWN: "not known"}


class DocketDay(NamedTuple):
    """A day of a docket.

    Attributes
    ----------
    day : datetime.date
    what : str
        In words, without any number of the action.
    kind : str
        ``happened``, ``law``, ``asked``, ``ahead``, or ``begins`` if nothing of the case had happened by the day asked
        about.
    """

    day: dt.date
    what: str
    kind: Literal["happened", "law", "asked", "ahead", "begins"]


def docket_days(
    action: Action,
    events: Iterable[Event],
    decision: Decision,
    as_of: dt.date,
    mapping: DispositionMap,
    known_at: dt.date | None = None,
) -> tuple[DocketDay, ...]:
    """Say the days of an action, in order, those of one day as the decision takes them.

    Parameters
    ----------
    action : Action
    events : iterable of Event
        All that the file has of it.
    decision : Decision
        What came of them.
    as_of : datetime.date
        The day that was asked about.
    mapping : DispositionMap
        By which their texts were read: a text itself may name another docket, and is not said.
    known_at : datetime.date, optional
        What was recorded later does not count; by default `as_of`.

    Examples
    --------
    >>> from sealscrub.custodian.law import decide
    >>> from sealscrub.custodian.law.dispositions import read_map
    >>> case, day = (Action(), [Event(event_date=dt.date(2014, 5, 1), text="ACQUITTED")]), dt.date(2020, 1, 1)
    >>> for each in docket_days(*case, decide(*case, day), day, read_map("us-ny")):
    ...     print(each.day, each.what)
    2014-05-01 acquitted complete
    2014-05-01 sealed, by law
    2020-01-01 the day asked about: sealed
    """
    every = list(events)
    seen = visible(every, as_of, known_at or as_of)
    asked = DocketDay(as_of, f"the day asked about: {_ANSWERS[decision.answer]}", "asked")
    if not seen and (action.arrest_date is None or action.arrest_date > as_of):
        days = (day for day in (action.arrest_date, *(event.event_date for event in every)) if day is not None)
        return asked, DocketDay(min((day for day in days if day > as_of), default=as_of), "the case begins", "begins")
    found: list[DocketDay] = []
    for day, what in ((action.crime_date, "the act"), (action.arrest_date, "arrest")):
        if day is not None and day <= as_of:
            found.append(DocketDay(day, what, "happened"))
    alike: dict[tuple[dt.date, str], list[str]] = {}
    for event in in_turn(action, seen, mapping):
        alike.setdefault((event.event_date, _event_words(event, mapping)), []).append(event.charge)
    found += [DocketDay(day, f"{_charges(charges)}{what}", "happened") for (day, what), charges in alike.items()]
    found.sort(key=lambda each: each.day)
    if len(found) > _MOST:
        half = _MOST // 2
        between = DocketDay(found[half].day, f"{counted(len(found) - _MOST, 'more entry')} not shown", "happened")
        found = [*found[:half], between, *found[-half:]]
    if decision.legal_from is not None:
        found.append(DocketDay(decision.legal_from, "sealed, by law", "law"))
    found.append(asked)
    for day, what in ((decision.eligible_from, "eligible"), (decision.may_apply_from, "a court may be asked")):
        if day is not None:
            found.append(DocketDay(day, f"{what} from this day", "law" if day <= as_of else "ahead"))
    found += [DocketDay(day, f"on its own: {_ANSWERS[answer]}", "ahead") for day, answer in decision.changes]
    return tuple(sorted(found, key=lambda each: each.day))


def _event_words(event: Event, mapping: DispositionMap) -> str:
    if event.event != EventKind.DISPOSITION:
        return in_words(event.event)
    meaning = mapping.meaning(event.text)
    if meaning.disposition is not Disposition.UNMAPPED:
        return in_words(meaning.disposition, mapping.place)
    return "a plea or an ending was undone" if meaning.undoes else "words that no phrase explains"


def _charges(charges: Sequence[str]) -> str:
    numbers = [charge for charge in dict.fromkeys(charges) if charge]
    if not numbers:
        return ""
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return f"charge{'' if len(numbers) == 1 else 's'} {', '.join(numbers[:_SHOWN])}{more}: "


def days_drawn(days: Sequence[DocketDay]) -> str:
    """Draw days as SVG, one under the other: what kind each is shows by its mark's shape, not by a colour.

    Parameters
    ----------
    days : sequence of DocketDay
        In order. A longer time between two leaves more room between them.

    Examples
    --------
    >>> days_drawn([DocketDay(dt.date(2014, 5, 1), "arrest", "happened")])[:16]
    '<svg class="days'
    """
    labels = [wrap(day.what, _LETTERS) for day in days]
    heights, height = [], _TOP
    for at, day in enumerate(days):
        if at:
            years = (day.day - days[at - 1].day).days / 365.25
            height += _STEP + _LEAD * (len(labels[at - 1]) - 1) + round(min(40.0, 10 * years))
        heights.append(height)
    lines = [
        f'<line x1="{_LINE}" y1="{above}" x2="{_LINE}" y2="{below}"{_dashes(day)}/>'
        for above, below, day in zip(heights, heights[1:], days[1:], strict=False)
    ]
    rows = [_row(*each) for each in zip(days, labels, heights, strict=True)]
    drawn = "".join((*lines, *rows))
    whole = height + _TOP + _LEAD * (max(map(len, labels[-1:]), default=1) - 1)
    label = 'role="img" aria-label="The days of the docket, in order; in words below"'
    return f'<svg class="days" width="{_WIDTH}" height="{whole}" viewBox="0 0 {_WIDTH} {whole}" {label}>{drawn}</svg>'


def _dashes(day: DocketDay) -> str:
    return ' stroke-dasharray="3 5"' if day.kind in ("ahead", "begins") else ""


def _row(day: DocketDay, label: Sequence[str], y: int) -> str:
    match day.kind:
        case "law":
            mark = f'<path class="mark full" d="M{_LINE} {y - 8}l8 8l-8 8l-8 -8z"/>'
        case "asked":
            mark = (
                f'<circle class="mark" cx="{_LINE}" cy="{y}" r="8"/><circle class="full" cx="{_LINE}" cy="{y}" r="3"/>'
            )
        case "ahead" | "begins":
            mark = f'<path class="mark" d="M{_LINE} {y - 8}l8 8l-8 8l-8 -8z"/>'
        case _:
            mark = f'<circle class="mark full" cx="{_LINE}" cy="{y}" r="5"/>'
    kind = ' class="law"' if day.kind in ("law", "ahead") else ""
    said = "".join(
        f'<text{kind} x="{_LINE + _GAP}" y="{y + 5 + at * _LEAD}">{escape(line)}</text>'
        for at, line in enumerate(label)
    )
    return f'<g><text class="d" x="{_LINE - _GAP}" y="{y + 5}" text-anchor="end">{day.day}</text>{mark}{said}</g>'
