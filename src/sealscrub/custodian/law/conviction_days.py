"""Days of a record: when the clocks of a conviction begin, and whether another action was opened after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from .charge_events import Standing
from .events import Action
from .record import NEVER_OVER
from .three_values import Truth

__all__ = ["earliest", "opened_after", "opened_until", "starts_on"]


def opened_after(action: Action, states: Mapping[str, Standing], day: object) -> Truth:
    """Whether an action was opened after a day: by its own charge, the arrest, or else what its rows show."""
    if not isinstance(day, dt.date):
        return Truth.UNKNOWN
    for opened in (earliest(states, "charged_on"), action.arrest_date):
        if opened is not None:
            return Truth.UNKNOWN if opened == day else Truth(2 * (opened > day))
    first = earliest(states, "begun_on")
    if first is not None and first <= day:
        return Truth.NO
    committed = action.crime_date
    return Truth.YES if committed is not None and committed > day else Truth.UNKNOWN


def opened_until(action: Action, states: Mapping[str, Standing]) -> tuple[int, int]:
    """Until which day an action was surely opened later than it, and until which perhaps, as numbers of days.

    If nothing else shows it, the first row may do, which stands for a charge that may be older.
    """
    for opened in (earliest(states, "charged_on"), action.arrest_date):
        if opened is not None:
            return opened.toordinal(), opened.toordinal() + 1
    first, committed = earliest(states, "begun_on"), action.crime_date
    perhaps = NEVER_OVER if first is None else first.toordinal()
    if committed is not None:
        return min(perhaps, committed.toordinal()), perhaps
    return (0 if first is None else perhaps), perhaps


def starts_on(state: Standing) -> dt.date | None:
    """When the clocks of a conviction begin: release, or sentence, or at the least its own day."""
    days = [day for name in ("released_on", "sentenced_on") if isinstance(day := state.get(name), dt.date)]
    ended = state.get("ended_on")
    return max(days, default=ended if isinstance(ended, dt.date) else None)


def earliest(states: Mapping[str, Standing], name: str) -> dt.date | None:
    """The earliest of a day that charges have; None if none has it."""
    return min((day for state in states.values() if isinstance(day := state.get(name), dt.date)), default=None)
