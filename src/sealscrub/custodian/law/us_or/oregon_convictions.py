"""Which charges of a person are convictions that keep another back, and since when."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from ..charge_events import AMBIGUOUS, Standing
from ..dispositions import CONVICTIONS, MAY_BE_CONVICTED, Disposition
from ..person import Person
from ..record import Record
from ..three_values import Truth
from .order_charges import SET_ASIDE
from .oregon_offences import TRAFFIC_CHAPTERS

__all__ = [
    "COUNTED_READS",
    "MAY_BE_CONVICTED_HERE",
    "MAY_BE_OPEN",
    "convicted_beside",
    "convictions",
    "counts",
    "motor_violation",
]

#: What of a charge says whether its conviction counts, and since when.
COUNTED_READS = frozenset({"ending", "ended_on", "ordered", "severity", "article"})
#: Endings that do not say whether the case is over; and those that do not say whether the person was convicted.
MAY_BE_OPEN = frozenset(
    {
        Disposition.UNMAPPED,
        Disposition.NO_DISPOSITION,
        Disposition.SUPERSEDED,
        Disposition.TRANSFERRED_SUPERIOR,
        Disposition.REMOVED_FAMILY_COURT,
        Disposition.VACATED,
        AMBIGUOUS,
        "CONDITIONAL_DISCHARGE",
        "EXTRADITED",
    }
)
MAY_BE_CONVICTED_HERE = MAY_BE_CONVICTED | MAY_BE_OPEN | {Disposition.JD_ADJUDICATED, Disposition.NOT_RESPONSIBLE}


def convictions(record: Record) -> Iterator[tuple[dt.date, Truth, int]]:
    """Convictions that stand, or may, whether each counts, and the place of its case."""
    for of, (_, states) in enumerate(record.actions):
        for each in states.values():
            ended, counted = each.get("ended_on"), counts(each)
            if isinstance(ended, dt.date) and counted is not Truth.NO:
                yield ended, counted, of


def counts(state: Standing) -> Truth:
    """Whether it is a conviction that begins periods again."""
    return min(_is_standing_conviction(state), ~motor_violation(state))


def _is_standing_conviction(state: Standing) -> Truth:
    """Whether it is a conviction that was not set aside."""
    ordered, ending = state.get("ordered"), state["ending"]
    convicted = Truth.YES if ending in CONVICTIONS else Truth(int(ending in MAY_BE_CONVICTED_HERE))
    return min(convicted, Truth.UNKNOWN if ordered is None else Truth(2 * (ordered not in SET_ASIDE)))


def motor_violation(state: Standing) -> Truth:
    """Whether it is a violation of the vehicle code, and no crime."""
    if state.get("article") is None:
        return Truth.NO if state.get("severity") in ("F", "M") else Truth.UNKNOWN
    traffic = Truth.YES if state["article"] in TRAFFIC_CHAPTERS else Truth.NO
    severity = state.get("severity")
    return min(traffic, Truth.UNKNOWN if severity is None else Truth(2 * (severity == "V")))


def convicted_beside(person: Person, state: Standing) -> tuple[dt.date | None, dt.date | None]:
    """The last day on which another count of the docket surely, and possibly, came to a conviction that counts."""
    if person.at is None:
        return None, None
    at = person.at

    def found(record: Record) -> Counter[tuple[object, Truth]]:
        return Counter((each.get("ended_on"), counts(each)) for each in record.actions[at][1].values())

    others = person.record.once(f"docket_{at}", found) - Counter([(state.get("ended_on"), counts(state))])
    days = [(day, truth) for day, truth in others if isinstance(day, dt.date) and truth is not Truth.NO]
    sure = max((day for day, truth in days if truth is Truth.YES), default=None)
    return sure, max((day for day, _ in days), default=None)
