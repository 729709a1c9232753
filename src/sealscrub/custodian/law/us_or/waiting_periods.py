"""Facts that Oregon's rules ask for beyond a charge's rows: when its clock begins, and what begins it again."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator

from ..charge_events import AMBIGUOUS, Standing
from ..clocks import add_months
from ..common_facts import COMMON_FACTS, SAID
from ..dispositions import CONVICTIONS, MAY_BE_CONVICTED, Disposition
from ..ending_kinds import is_open
from ..events import Action
from ..person import Person
from ..record import Highest, Record
from ..state_declarations import Fact
from ..three_values import Truth
from .attempts import GRADE_READS, LEFT_OUT_READS, graded, left_out
from .order_charges import READS, SET_ASIDE, charges_of_order
from .oregon_offences import CLASSES, TRAFFIC_CHAPTERS

__all__ = ["FACTS"]

#: Endings that do not say whether the case is over; and those that do not say whether the person was convicted.
_MAY_BE_OPEN = frozenset(
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
_MAY_BE_CONVICTED = MAY_BE_CONVICTED | _MAY_BE_OPEN | {Disposition.JD_ADJUDICATED, Disposition.NOT_RESPONSIBLE}
_MARIJUANA = dt.date(2017, 4, 21)
_REVOKED = 36
_ADULT, _TWENTY_ONE = 18 * 12, 21 * 12


def _clock_from(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """The conviction, or the release from prison for it, the later; of the insane, the end of the board's hold."""
    days = (state.get(name) for name in ("ended_on", "released_on", "psrb_ended_on"))
    return max((day for day in days if isinstance(day, dt.date)), default=None)


def _months(state: Standing) -> int | None:
    """How long the period of a conviction is."""
    own = graded(state)
    return next((months for grades, months, _ in CLASSES.values() if own in grades), None)


def _begun_again(sure: bool) -> Fact:
    """The last conviction other than this one, and of a revoked probation the day by which three years are over."""

    def convicted(record: Record) -> Highest[dt.date]:
        return Highest((0, day, of) for day, blocks, of in _convictions(record) if blocks is Truth.YES or not sure)

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        name = "begun_again" if sure else "begun_again_if"
        last = person.record.once(name, convicted).of_all(but=person.at)
        days = [] if last is None else [last]
        revoked, months = state.get("revoked_on"), _months(state)
        if isinstance(revoked, dt.date) and months is not None:
            days.append(add_months(revoked, _REVOKED - months))
        return max(days, default=None)

    return Fact(found, reads=GRADE_READS | {"revoked_on"})


def _convictions(record: Record) -> Iterator[tuple[dt.date, Truth, int]]:
    """Convictions that stand, or may, whether each counts, and the place of its case."""
    for of, (_, states) in enumerate(record.actions):
        for each in states.values():
            ended, counts = each.get("ended_on"), _counts(each)
            if isinstance(ended, dt.date) and counts is not Truth.NO:
                yield ended, counts, of


def _counts(state: Standing) -> Truth:
    """Whether it is a conviction that begins periods again."""
    return min(_is_standing_conviction(state), ~_motor_violation(state))


def _is_standing_conviction(state: Standing) -> Truth:
    """Whether it is a conviction that was not set aside."""
    ordered, ending = state.get("ordered"), state["ending"]
    convicted = Truth.YES if ending in CONVICTIONS else Truth(int(ending in _MAY_BE_CONVICTED))
    return min(convicted, Truth.UNKNOWN if ordered is None else Truth(2 * (ordered not in SET_ASIDE)))


def _motor_violation(state: Standing) -> Truth:
    if state.get("article") is None:
        return Truth.NO if state.get("severity") in ("F", "M") else Truth.UNKNOWN
    traffic = Truth.YES if state["article"] in TRAFFIC_CHAPTERS else Truth.NO
    severity = state.get("severity")
    return min(traffic, Truth.UNKNOWN if severity is None else Truth(2 * (severity == "V")))


def _left_out(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    return SAID[left_out(state)]


def _order_charges(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    return SAID[charges_of_order(state)]


def _dismissal_reached(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether a dismissal can be set aside: of a motor vehicle violation that is not known."""
    return "Y" if _motor_violation(state) is Truth.NO else None


def _pending_charge(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether another case of the person's is open."""
    return SAID[_any_other(person, "pending_charge", lambda each: _open(person, each))]


def _open(person: Person, state: Standing) -> Truth:
    ending = state["ending"]
    if is_open(ending, person.place):
        return Truth.YES
    return Truth(int(ending in _MAY_BE_OPEN and state.get("ordered") not in SET_ASIDE))


def _docket_settled(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether the docket has no other count that is open or was convicted later: what these do is not known."""
    if person.at is None:
        return "Y"
    at, own = person.at, state.get("ended_on")

    def found(record: Record) -> tuple[Counter[Truth], dt.date]:
        states = record.actions[at][1].values()
        days = (each.get("ended_on") for each in states if _counts(each) is not Truth.NO)
        last = max((day for day in days if isinstance(day, dt.date)), default=dt.date.min)
        return Counter(_open(person, each) for each in states), last

    standing, last = person.record.once(f"docket_{at}", found)
    others = standing - Counter([_open(person, state)])
    later = isinstance(own, dt.date) and last > own
    return None if later or max(others, default=Truth.NO) is not Truth.NO else "Y"


def _old_conduct(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether the conduct was before the act on marijuana of 2017; a conviction before it says so too."""
    act, ended = person.action.crime_date, state.get("ended_on")
    if act is not None:
        return "Y" if act < _MARIJUANA else "N"
    return "Y" if isinstance(ended, dt.date) and ended < _MARIJUANA else None


def _class_in_2017(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    return state.get("class_in_2017")


def _young_once(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether the person was under twenty-one at the conduct, and has no other conviction."""
    born, act, ended = person.action.birth_date, person.action.crime_date, state.get("ended_on")
    by = ended if act is None else act
    young = Truth.UNKNOWN
    if born is not None and isinstance(by, dt.date):
        under = by < add_months(born, _TWENTY_ONE)
        young = Truth.YES if under else Truth.UNKNOWN if act is None else Truth.NO
    return SAID[min(young, ~_any_other(person, "convicted_elsewhere", _is_standing_conviction))]


def _birth_date(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    return None if person.action.birth_date is None else "told"


def _eighteenth(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    born = person.action.birth_date
    return None if born is None else add_months(born, _ADULT)


def _adjudicated_elsewhere(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether another case came to an adjudication, or may have; nor is it known what a conviction as a minor was.

    One under ORS 137.707, or of a case that was waived to adult court, leaves the department no duty.
    """
    born = person.action.birth_date

    def found(record: Record) -> Highest[Truth]:
        return Highest(
            (0, max(_adjudicated(each), _as_minor(action, each, born)), of)
            for of, (action, states) in enumerate(record.actions)
            for each in states.values()
        )

    return SAID[person.record.once(f"adjudicated_elsewhere_{born}", found).of_all(but=person.at) or Truth.NO]


def _adjudicated(state: Standing) -> Truth:
    ending = state["ending"]
    return Truth.YES if ending == Disposition.JD_ADJUDICATED else Truth(int(ending in _MAY_BE_CONVICTED))


def _as_minor(action: Action, state: Standing, born: dt.date | None) -> Truth:
    """Whether it is a conviction that may be of a minor: by the day of the crime, or else that of the conviction."""
    day = action.crime_date or state.get("ended_on")
    minor = born is None or not isinstance(day, dt.date) or day < add_months(born, _ADULT)
    return Truth(int(state["ending"] in CONVICTIONS and minor))


def _any_other(person: Person, name: str, holds: Callable[[Standing], Truth]) -> Truth:
    """Whether it holds of a charge of another case of the person's."""

    def held(record: Record) -> Highest[Truth]:
        return Highest(
            (0, holds(each), of) for of, (_, states) in enumerate(record.actions) for each in states.values()
        )

    return person.record.once(name, held).of_all(but=person.at) or Truth.NO


FACTS = {
    **COMMON_FACTS,
    "clock_from": Fact(_clock_from, of_action=True, reads=frozenset({"ended_on", "released_on", "psrb_ended_on"})),
    "begun_again": _begun_again(sure=True),
    "begun_again_if": _begun_again(sure=False),
    "left_out": Fact(_left_out, of_action=True, reads=LEFT_OUT_READS),
    "order_charges": Fact(_order_charges, of_action=True, reads=READS),
    "dismissal_reached": Fact(_dismissal_reached, of_action=True, reads=frozenset({"article", "severity"})),
    "pending_charge": Fact(_pending_charge),
    "docket_settled": Fact(_docket_settled, of_action=True, reads=frozenset({"ending", "ended_on", "ordered"})),
    "old_conduct": Fact(_old_conduct, of_action=True, reads=frozenset({"ended_on"})),
    "marijuana_class": Fact(_class_in_2017, of_action=True, reads=frozenset({"class_in_2017"})),
    "young_once": Fact(_young_once, reads=frozenset({"ended_on"})),
    "birth_date": Fact(_birth_date, of_action=True),
    "eighteenth_birthday": Fact(_eighteenth, of_action=True),
    "adjudicated_elsewhere": Fact(_adjudicated_elsewhere),
}
