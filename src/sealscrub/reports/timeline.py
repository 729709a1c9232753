"""A timeline: states of the seals, data and models on one axis of days, as a picture and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from .display_names import printable, shortened
from .document import Column, Drawing, Table
from .report_cells import Kind, Name, State

__all__ = ["Event", "timeline"]

_LEFT, _RIGHT, _WIDTH = 230, 860, 900
_ROW, _TOP = 26, 30
_MOST = 30  # events of a lane in the picture
_MARKS: dict[str, str] = {  # which differ in shape
    "": '<path class="full" d="M{x:g} {y:g}m0 -7l7 7l-7 7l-7 -7z"/>',
    "good": '<circle class="full" cx="{x:g}" cy="{y:g}" r="5.5"/>',
    "warn": '<circle cx="{x:g}" cy="{y:g}" r="5.5"/>',
    "bad": '<path d="M{x:g} {y:g}m-5.5 -5.5l11 11m0 -11l-11 11"/>',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened on a day. Nothing in it may count or name records.

    Parameters
    ----------
    day : datetime.date
    name : str
        What it is about.
    note : str
        A word or two, such as a state.
    kind : {"good", "warn", "bad", ""}
        How it stands; empty: a state of the seals, whose day is drawn through everything.

    Examples
    --------
    >>> Event(day=date(2026, 11, 25), name="epoch 4").kind
    ''
    """

    day: date
    name: str
    note: str = ""
    kind: Kind | str = ""


def timeline(title: str, lanes: Mapping[str, Sequence[Event]]) -> tuple[Drawing | Table, ...]:
    """Draw lanes of events on one axis, and say the same in a table. Without events, give nothing.

    Parameters
    ----------
    title : str
    lanes : mapping of str to sequence of Event
        By what the events are of. Each lane is put in the order of its days.

    Examples
    --------
    >>> picture, table = timeline("Timeline", {"seals": [Event(day=date(2026, 11, 25), name="epoch 4")]})
    >>> picture.svg[:20], table.rows
    ('<svg class="timeline', ((datetime.date(2026, 11, 25), 'seals', Name(text='epoch 4'), ''),))
    """
    ordered = {lane: sorted(events, key=lambda each: (each.day, each.name)) for lane, events in lanes.items() if events}
    if not ordered:
        return ()
    rows = tuple((each.day, lane, Name(each.name), _state(each)) for lane, events in ordered.items() for each in events)
    columns = (Column("day"), Column("of"), Column("what"), Column("state"))
    table = Table(title=f"{title}, in words", columns=columns, rows=rows, folded=True)
    return Drawing(title=title, svg=_drawn(title, ordered)), table


def _state(event: Event) -> State | str:
    for kind in ("good", "warn", "bad"):
        if event.kind == kind and event.note:
            return State(kind, event.note)
    return event.note


def _drawn(title: str, lanes: Mapping[str, Sequence[Event]]) -> str:
    days = [each.day for events in lanes.values() for each in events]
    first, span = min(days), max((max(days) - min(days)).days, 1)

    def place(day: date) -> float:
        return round(_LEFT + 20 + (_RIGHT - _LEFT - 40) * (day - first).days / span, 1)

    parts, y = [], float(_TOP)
    for lane, events in lanes.items():
        left_out = len(events) - _MOST
        more = f" (and {left_out:,} more)" if left_out > 0 else ""
        parts.append(f'<text class="h" x="0" y="{y + 4:g}">{escape(lane)}{more}</text>')
        y += _ROW
        for each in events[-_MOST:]:
            parts.extend(_row(each, place(each.day), y))
            y += _ROW
        y += _ROW / 3
    states = sorted({each.day for events in lanes.values() for each in events if not each.kind})
    lines = [f'<line class="state" x1="{place(day):g}" y1="12" x2="{place(day):g}" y2="{y:g}"/>' for day in states]
    label = f'role="img" aria-label="{escape(title)}; a table below says the same"'
    return f'<svg class="timeline" viewBox="0 0 {_WIDTH} {y:g}" {label}>{"".join((*lines, *parts))}</svg>'


def _row(event: Event, x: float, y: float) -> Iterator[str]:
    said = f"{event.day.isoformat()}{' · ' if event.note else ''}{printable(event.note) if event.note else ''}"
    after = x < (_LEFT + _RIGHT) / 2
    yield f'<line x1="{_LEFT}" y1="{y:g}" x2="{_RIGHT}" y2="{y:g}"/>'
    yield f"<g><title>{escape(printable(event.name))}</title>"
    yield f'<text class="t" x="12" y="{y + 4:g}">{escape(shortened(printable(event.name), 27))}</text>'
    yield f'<g class="{event.kind or "seal"}">{_MARKS[event.kind].format(x=x, y=y)}</g>'
    anchor, at = ("start", x + 14) if after else ("end", x - 14)
    yield f'<text class="d" x="{at:g}" y="{y + 4:g}" text-anchor="{anchor}">{escape(said)}</text></g>'
