"""What held a conviction back until 2022: a revoked probation, and any other conviction, ten years each.

A period then began with the judgment, and a later release only had to be over. Each fact is a day from which
a period of so many months ends when what holds back does. Read in stored copies of ORS 137.225 as of 2015; that a
single violation did not count is [own], and is not weighed.
"""

from __future__ import annotations

import datetime as dt

from ..charge_events import Standing
from ..clocks import add_months
from ..person import Person
from ..record import Highest, Record
from ..state_declarations import Fact
from ..three_values import Truth
from .oregon_convictions import COUNTED_READS, convicted_beside, convictions

__all__ = ["FACTS", "PERIODS", "TITLES"]

#: Months: of all but felonies of class B, and of these.
PERIODS = (36, 240)
_TEN_YEARS = 120
_NO_WAIT = ("released_on", "psrb_ended_on")


def _from(months: int) -> Fact:
    """When a period of its own docket would begin; not known where another count may be a later conviction."""

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        own, revoked = state.get("ended_on"), state.get("revoked_on")
        if not isinstance(own, dt.date):
            return None
        beside, possibly = convicted_beside(person, state)
        over = [add_months(day, -months) for name in _NO_WAIT if isinstance(day := state.get(name), dt.date)]
        held = [add_months(day, _TEN_YEARS - months) for day in (revoked, beside) if isinstance(day, dt.date)]
        last = max([own, *over, *held])
        doubtful = possibly is not None and add_months(possibly, _TEN_YEARS - months) > last
        return None if doubtful else last

    return Fact(found, of_action=True, reads=COUNTED_READS | {*_NO_WAIT, "revoked_on"})


def _again(months: int, sure: bool) -> Fact:
    """When it would begin by the last conviction of another case, whether before this one or after it."""

    def convicted(record: Record) -> Highest[dt.date]:
        return Highest((0, day, of) for day, blocks, of in convictions(record) if blocks is Truth.YES or not sure)

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        last = person.record.once(f"convicted_{sure}", convicted).of_all(but=person.at)
        return None if last is None else add_months(last, _TEN_YEARS - months)

    return Fact(found)


FACTS = {
    f"{name}_{months}": fact
    for months in PERIODS
    for name, fact in (
        ("old_from", _from(months)),
        ("old_again", _again(months, True)),
        ("old_again_if", _again(months, False)),
    )
}
#: What readers call these days.
TITLES = {
    f"{name}_{months}": title
    for months in PERIODS
    for name, title in (
        ("old_from", "the judgment, moved by a release, a revoked probation or a later conviction of its docket"),
        ("old_again", "a day that the last conviction of another case sets"),
    )
}
