"""CPL 160.50 read off the statute, slowly, for one instrument: another shape of code than the engine's.

It knows no facts, rules or three values. It walks a calendar day by day for every way in which the blank facts may
be filled in (a *world*), writes a diary of what is true on each day, and says what all the worlds agree on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Count:
    """One charge: how it ended, when, and what was done to that ending."""

    how: str
    on: dt.date
    family: bool | None = None
    certified: bool | None = None
    prints: bool | None = None
    term: dt.date | None = None
    restored: dt.date | None = None
    served: dt.date | None = None
    appeal: dt.date | None = None
    decided: dt.date | None = None
    lost: bool = True


def sealed(counts: list[Count], no_seal: dt.date | None, on: dt.date) -> str:
    """``yes``, ``no`` or ``unknown`` on a day."""
    said = {_in_one_world(list(world), no_seal, on) for world in product(*(_worlds(count) for count in counts))}
    return said.pop() if len(said) == 1 else "unknown"


def _worlds(count: Count) -> Iterator[Count]:
    families = [True, False] if count.family is None and count.how in ("ACD 170.55", "ACD 210.47") else [count.family]
    flags = [True, False] if count.how in ("DECLINED", "VOIDED") else [None]  # of the latter, both must be known
    certificates = flags if count.certified is None else [count.certified]
    prints = flags if count.prints is None else [count.prints]
    terms = [count.term]
    if count.term is None and count.how in ("ACD 170.56", "ACD 210.46", "ACD 215.40"):
        terms = [count.on - DAY, _the_day_that_a_year_ends(count.on)]  # the shortest and the longest that it can be
    for family, certified, printed, term in product(families, certificates, prints, terms):
        yield replace(count, family=family, certified=certified, prints=printed, term=term)


def _in_one_world(counts: list[Count], no_seal: dt.date | None, on: dt.date) -> str:
    # (1): unless the court, in the interests of justice, otherwise determines.
    if no_seal is not None and no_seal <= on:
        return "no"
    # (3): the action terminates in favour when each of its charges has so ended.
    ends = [_favourable(count, on) for count in counts]
    if "no" in ends:
        return "no"
    return "unknown" if "unknown" in ends else "yes"


def _favourable(count: Count, on: dt.date) -> str:
    if on < count.on:
        return "no"
    if count.how.startswith("ACD ") and count.how != "ACD DISMISSED":
        return _adjourned(count, on)
    if count.how in ("DECLINED", "VOIDED"):  # (i), (j)
        if count.how == "DECLINED":
            return _before_1991(count.on) if count.certified else "unknown"
        return _before_1991(count.on) if count.certified and count.prints else "no"
    if count.how in ("ACQUITTED", "NO TRUE BILL", "REVERSED AND DISMISSED", "DISMISSED 215.40", "ACD DISMISSED"):
        return _before_1991(count.on)  # (c), (h), (a), (l), and (b) of what cannot be appealed
    if count.how in ("DISMISSED", "TOD", "VERDICT SET ASIDE", "VACATED AND DISMISSED", "HABEAS"):  # (b), (d) to (g)
        return _appealable(count, on)
    if count.how in ("COVERED", "STET", "LEAVE"):
        return "unknown"
    assert count.how in ("CRIME", "PENDING"), count.how
    return "no"


def _before_1991(day: dt.date) -> str:
    return "unknown" if day.year * 10000 + day.month * 100 + day.day < 19911101 else "yes"


def _appealable(count: Count, on: dt.date) -> str:
    """The People have thirty days, and if they appeal, until the appeal is decided against them."""
    if count.appeal is not None and count.appeal <= on:
        if count.decided is None or on < count.decided:
            return "unknown"
        return _before_1991(count.on) if count.lost else "no"
    left = 30
    today = count.served or count.on
    while today < on:
        today += DAY
        left -= not (_STOPPED <= today <= _RESUMED)  # by the orders of 2020, if they reach it: unknown either way
        if left == -1 and _closed(today - DAY):  # General Construction Law 25-a: an act due then may be done later
            left = 0
    return _before_1991(count.on) if left < 0 else "unknown"


_STOPPED, _RESUMED = dt.date(2020, 3, 20), dt.date(2020, 11, 3)


def _stopped(begun: dt.date, last: dt.date) -> dt.date:
    """The last day of a period, were the time of the orders of 2020 left out of it."""
    length = (last - begun).days
    today = begun
    while length > 0:
        today += DAY
        length -= not (_STOPPED <= today <= _RESUMED)
    return today


_KEPT = ["01-01", "02-12", "07-04", "11-11", "12-25"]


def _closed(today: dt.date) -> bool:
    """A Saturday, a Sunday or a public holiday: read off the almanac's words."""
    name, number, month = today.strftime("%A"), (today.day + 6) // 7, today.strftime("%B")
    kept = _KEPT + (["06-19"] if today >= dt.date(2020, 6, 19) else [])
    if name in ("Saturday", "Sunday") or today.strftime("%m-%d") in kept:
        return True
    if name == "Monday" and (today - DAY).strftime("%m-%d") in kept:
        return True
    if month == "May":
        return name == "Monday" and today.day > 24
    if month == "November" and name == "Tuesday":
        return 2 <= today.day <= 8
    return (month, name, number) in {
        ("January", "Monday", 3),
        ("February", "Monday", 3),
        ("September", "Monday", 1),
        ("October", "Monday", 2),
        ("November", "Thursday", 4),
    }


def _adjourned(count: Count, on: dt.date) -> str:
    """Deemed dismissed at the expiration of the period, unless restored before."""
    number = count.how.removeprefix("ACD ")
    if number in ("170.55", "210.47"):
        last = _the_day_that_a_year_ends(count.on) if count.family else _the_day_that_half_a_year_ends(count.on)
    else:
        assert count.term is not None
        last = min(count.term, _the_day_that_a_year_ends(count.on))
    if count.restored is not None and count.restored <= on:
        return "no" if count.restored <= last else "unknown"
    if last < on <= _stopped(count.on, last):
        return "unknown"
    return "no" if on <= last else _before_1991(count.on)


def _the_day_that_half_a_year_ends(begun: dt.date) -> dt.date:
    return _walk(begun, 6)


def _the_day_that_a_year_ends(begun: dt.date) -> dt.date:
    return _walk(begun, 12)


def _walk(begun: dt.date, firsts: int) -> dt.date:
    """Walk to the month wanted by counting firsts of months, then on to the same number or the month's last day."""
    today = begun
    while firsts:
        today += DAY
        firsts -= today.day == 1
    while today.day < begun.day and (today + DAY).day != 1:
        today += DAY
    return today
