"""A person's record read off the statutes, slowly: CPL 160.55, 160.57, 160.58 and 720.35 of one conviction.

It keeps a calendar: for each way in which the blank severities may be filled in, it lives every day from the first to
the one that is asked about, with a calendar page for each, and crosses days off. It knows nothing of the engine's
facts, clocks or rules.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Matter:
    """One docket of one charge: what became of it.

    ``how`` is ``guilty``, ``youth``, ``acquitted`` or ``pending``; ``grade`` is F, M, V, or not known.
    """

    opened: dt.date
    how: str
    grade: str | None
    over: dt.date
    sentenced: dt.date | None = None
    left_prison: dt.date | None = None
    back: dt.date | None = None
    left_again: dt.date | None = None
    watched: tuple[dt.date, dt.date | None] | None = None
    notice: tuple[str, dt.date] | None = None


def record(own: Matter, others: list[Matter], today: dt.date) -> str:
    """``sealed``, ``not_sealed`` or ``unknown``."""
    worlds = product(*(_grades(matter) for matter in (own, *others)))
    said = {_one_world(first, list(rest), today) for first, *rest in worlds}
    return said.pop() if len(said) == 1 else "unknown"


def _grades(matter: Matter) -> Iterator[Matter]:
    for grade in "FMV" if matter.grade is None else matter.grade:
        yield replace(matter, grade=grade)


def _one_world(own: Matter, others: list[Matter], today: dt.date) -> str:
    if today < own.over or own.how == "pending":
        return "not_sealed"
    if own.how == "acquitted":
        return "sealed"
    if own.how == "youth":  # 720.35: no conviction, and confidential at adjudication
        return "sealed"
    if own.notice is not None and own.notice[1] <= today:
        statute, ordered = own.notice
        if statute == "160.58" and not _lifted(ordered, others, today):
            return "sealed"
        if statute == "160.57" and ordered >= dt.date(2024, 11, 16):
            return "sealed"
    if own.grade == "V":  # 160.55, from the imposition of sentence; until then who can tell
        return "sealed" if own.sentenced is not None and own.sentenced <= today else "unknown"
    return _clean_slate(own, others, today)


def _lifted(ordered: dt.date, others: list[Matter], today: dt.date) -> bool:
    """160.58: a new arrest for a crime lifts the seal, until it is over without a conviction of one."""
    lifted = False
    for other in others:
        if ordered < other.opened <= today and other.grade != "V":
            over = other.how != "pending" and other.over <= today
            lifted = lifted or not over or other.how == "guilty"
    return lifted


def _clean_slate(own: Matter, others: list[Matter], today: dt.date) -> str:
    """160.57: cross off every day that counts, and see whether so many months' worth are crossed off."""
    if today < dt.date(2024, 11, 16):
        return "not_sealed"
    if any(o.opened > own.over and o.grade != "V" and o.opened <= today and _pending(o, today) for o in others):
        return "not_sealed"
    if own.watched and own.watched[0] <= today and (own.watched[1] is None or own.watched[1] > today):
        return "not_sealed"
    later = [o for o in others if o.how == "guilty" and o.grade != "V" and own.over < o.over <= today]
    years = 3 if own.grade == "M" else 8
    for matter in (own, *later):
        if _inside(matter, today):
            return "not_sealed"
        free = _free_since(matter, today)
        if today <= _years_on(free, years):
            return "not_sealed"
    return "unknown"  # eligible; whether it is sealed, only a notice tells


def _pending(matter: Matter, today: dt.date) -> bool:
    return matter.how == "pending" or matter.over > today


def _inside(matter: Matter, today: dt.date) -> bool:
    return matter.back is not None and matter.back <= today and not (matter.left_again and matter.left_again <= today)


def _free_since(matter: Matter, today: dt.date) -> dt.date:
    days = [matter.over]
    for day in (matter.sentenced, matter.left_prison, matter.left_again):
        if day is not None and day <= today:
            days.append(day)
    return max(days[1:], default=matter.over)


def _years_on(day: dt.date, years: int) -> dt.date:
    while True:
        try:
            return day.replace(year=day.year + years)
        except ValueError:  # 29 February
            day -= DAY
