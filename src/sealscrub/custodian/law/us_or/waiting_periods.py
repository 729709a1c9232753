"""Facts that Oregon's rules ask for beyond a charge's rows: when its clock begins, and what begins it again."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable

from ..charge_events import Standing
from ..clocks import add_months
from ..common_facts import COMMON_FACTS, SAID
from ..dispositions import CONVICTIONS, Disposition
from ..ending_kinds import is_open
from ..events import Action
from ..person import Person
from ..record import Highest, Record
from ..state_declarations import Fact
from ..three_values import Truth
from .attempts import GRADE_READS, LEFT_OUT_READS, graded, left_out
from .order_charges import READS, SET_ASIDE, charges_of_order
from .oregon_convictions import (
    COUNTED_READS,
    MAY_BE_CONVICTED_HERE,
    MAY_BE_OPEN,
    convicted_beside,
    convictions,
    counts,
    motor_violation,
)
from .oregon_offences import CLASSES

__all__ = ["DUTY", "FACTS"]

_MARIJUANA = dt.date(2017, 4, 21)
#: The juvenile department's own duty begins.
DUTY = dt.date(2022, 1, 2)
_REVOKED = 36
_ADULT, _TWENTY_ONE = 18 * 12, 21 * 12


def _clock_from(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """The conviction, the release from prison for it or a later conviction of its docket, the latest.

    Of the insane, the end of the board's hold; not known where another count of the docket may be such a conviction.
    """
    beside, possibly = convicted_beside(person, state)
    days = [*(state.get(name) for name in ("ended_on", "released_on", "psrb_ended_on")), beside]
    last = max((day for day in days if isinstance(day, dt.date)), default=None)
    return None if last is not None and possibly is not None and possibly > last else last


def _months(state: Standing) -> int | None:
    """How long the period of a conviction is."""
    own = graded(state)
    return next((months for grades, months, _ in CLASSES.values() if own in grades), None)


def _begun_again(sure: bool) -> Fact:
    """The last conviction of another case, and of a revoked probation the day by which three years are over."""

    def convicted(record: Record) -> Highest[dt.date]:
        return Highest((0, day, of) for day, blocks, of in convictions(record) if blocks is Truth.YES or not sure)

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        name = "begun_again" if sure else "begun_again_if"
        last = person.record.once(name, convicted).of_all(but=person.at)
        days = [] if last is None else [last]
        revoked, months = state.get("revoked_on"), _months(state)
        if isinstance(revoked, dt.date) and months is not None:
            days.append(add_months(revoked, _REVOKED - months))
        return max(days, default=None)

    return Fact(found, reads=GRADE_READS | {"revoked_on"})


def _left_out(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    return SAID[left_out(state)]


def _order_charges(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    return SAID[charges_of_order(state)]


def _dismissal_reached(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether a dismissal can be set aside: of a motor vehicle violation that is not known."""
    return "Y" if motor_violation(state) is Truth.NO else None


def _pending_charge(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether another case of the person's is open."""
    return SAID[_any_other(person, "pending_charge", lambda each: _open(person, each))]


def _open(person: Person, state: Standing) -> Truth:
    """Whether it is open and of a crime [own], or a petition: a violation that is pending holds nothing back."""
    ending = state["ending"]
    still = Truth.YES if is_open(ending, person.place) else Truth(int(ending in MAY_BE_OPEN))
    return min(
        still,
        Truth(2 * (state.get("ordered") not in SET_ASIDE)),
        Truth.YES if state.get("juvenile_court") == "Y" else person.is_crime(state),
    )


def _docket_settled(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether the docket has no other count that is open: what one does is not known."""
    if person.at is None:
        return "Y"
    at = person.at

    def found(record: Record) -> Counter[Truth]:
        return Counter(_open(person, each) for each in record.actions[at][1].values())

    others = person.record.once(f"docket_open_{at}", found) - Counter([_open(person, state)])
    return "Y" if max(others, default=Truth.NO) is Truth.NO else None


def _docket_convicted(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether another count of the docket came to a conviction that counts."""
    sure, possibly = convicted_beside(person, state)
    return "Y" if sure is not None else None if possibly is not None else "N"


def _old_conduct(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether the conduct was before the act on marijuana of 2017; a conviction before it says so too."""
    act, ended = person.action.crime_date, state.get("ended_on")
    if act is not None:
        return "Y" if act < _MARIJUANA else "N"
    return "Y" if isinstance(ended, dt.date) and ended < _MARIJUANA else None


def _class_in_2017(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    return state.get("class_in_2017")


def _under_21(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether the person was under twenty-one at the conviction."""
    born, ended = person.action.birth_date, state.get("ended_on")
    if born is None or not isinstance(ended, dt.date):
        return None
    return "Y" if ended < add_months(born, _TWENTY_ONE) else "N"


def _convicted_elsewhere(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether another case of the person's came to a conviction that counts."""
    return SAID[_any_other(person, "convicted_elsewhere", counts)]


def _acts_unasked(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether the juvenile department acts unasked: for who was not eighteen by the day of the law, or has asked."""
    born = person.action.birth_date
    asked = isinstance(state.get("requested_on"), dt.date)
    return None if born is None else "Y" if asked or add_months(born, _ADULT) > DUTY else "N"


def _duty_from(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """The eighteenth birthday, or the request of who was eighteen by the day of the law."""
    born = person.action.birth_date
    if born is None:
        return None
    eighteen = add_months(born, _ADULT)
    return eighteen if eighteen > DUTY else state.get("requested_on")


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
    return Truth.YES if ending == Disposition.JD_ADJUDICATED else Truth(int(ending in MAY_BE_CONVICTED_HERE))


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
    "clock_from": Fact(_clock_from, of_action=True, reads=COUNTED_READS | {"released_on", "psrb_ended_on"}),
    "begun_again": _begun_again(sure=True),
    "begun_again_if": _begun_again(sure=False),
    "left_out": Fact(_left_out, of_action=True, reads=LEFT_OUT_READS),
    "order_charges": Fact(_order_charges, of_action=True, reads=READS),
    "dismissal_reached": Fact(_dismissal_reached, of_action=True, reads=frozenset({"article", "severity"})),
    "pending_charge": Fact(_pending_charge),
    "docket_settled": Fact(_docket_settled, of_action=True, reads=frozenset({"ending", "ordered", "severity"})),
    "docket_convicted": Fact(_docket_convicted, of_action=True, reads=COUNTED_READS),
    "old_conduct": Fact(_old_conduct, of_action=True, reads=frozenset({"ended_on"}), told_by=("crime_date",)),
    "marijuana_class": Fact(_class_in_2017, of_action=True, reads=frozenset({"class_in_2017"})),
    "under_21": Fact(_under_21, of_action=True, reads=frozenset({"ended_on"}), told_by=("birth_date",)),
    "convicted_elsewhere": Fact(_convicted_elsewhere),
    "acts_unasked": Fact(_acts_unasked, of_action=True, reads=frozenset({"requested_on"}), told_by=("birth_date",)),
    "duty_from": Fact(_duty_from, of_action=True, reads=frozenset({"requested_on"}), told_by=("birth_date",)),
    "adjudicated_elsewhere": Fact(
        _adjudicated_elsewhere, told_by=("disposition", "event_date", "crime_date", "birth_date")
    ),
}
