"""What Pennsylvania's rules ask of an offence's penalty and of the person's other convictions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from ..charge_events import Standing
from ..clocks import add_months
from ..common_facts import SAID
from ..dispositions import CONVICTIONS, MAY_BE_CONVICTED, OPEN
from ..person import Person
from ..state_declarations import Fact
from ..three_values import Truth, any_of
from . import penalties, pennsylvania_offences
from .court_orders import EXPUNGED
from .pennsylvania_offences import FELONIES, PROPERTY_FELONY

__all__ = ["FACTS"]

_Find = Callable[[Person, Standing, dt.date, set[dt.date]], object]
_PENALTY = frozenset({"severity", "max_penalty_months"})
_OFFENCE = frozenset({"law", "article"})
_YEAR, _TWO_YEARS, _FIVE_YEARS, _MINIMUM = 12, 24, 60, 30


def _of_charge(test: Callable[[Standing], Truth], reads: frozenset[str]) -> Fact:
    """A fact of the charge itself."""
    return Fact(lambda person, state, on, changes: SAID[test(state)], of_action=True, reads=reads)


def _convictions(person: Person) -> list[tuple[Standing, Truth]]:
    """Convictions of crimes of the person's other actions that count, or may count."""
    states = [other for _, states in person.others for other in states.values()]
    found = [(other, min(_is_standing_conviction(other), person.is_crime(other))) for other in states]
    return [(other, counts) for other, counts in found if counts is not Truth.NO]


def _is_standing_conviction(state: Standing) -> Truth:
    """Whether it is a conviction that nothing has undone; whether a pardon does that here is not known."""
    if state["ending"] not in CONVICTIONS or str(state["ordered"]) in EXPUNGED:
        return Truth(int(state["ending"] in MAY_BE_CONVICTED))
    return Truth.YES if state["pardon"] == "none" and state["ordered"] is not None else Truth.UNKNOWN


def _under_minimum(state: Standing) -> Truth:
    least = penalties.months(state, "min_sentence_months")
    return Truth.UNKNOWN if least is None else Truth(2 * (least < _MINIMUM))


def _bars_as_felony(state: Standing) -> Truth:
    """A felony that is not a qualifying one; whether one against property qualifies here is not known."""
    severity = state.get("severity")
    if severity not in FELONIES:
        return Truth(int(severity is None))
    if state.get("law") is None:
        return Truth.UNKNOWN
    if pennsylvania_offences.is_drug_felony(state) is Truth.YES:
        return ~_under_minimum(state)
    doubtful = PROPERTY_FELONY.truth(state) is Truth.YES or state.get("article") == "18 9"
    return Truth.UNKNOWN if doubtful else Truth.YES


def _any_other_conviction(test: Callable[[Standing], Truth]) -> _Find:
    """Whether any conviction of another action is such a one."""

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        return SAID[any_of(min(counts, test(other)) for other, counts in _convictions(person))]

    return found


def _ever(test: Callable[[Standing], Truth]) -> _Find:
    """Whether this offence, or that of any other conviction, is such a one."""

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        each = [test(state), *(min(counts, test(other)) for other, counts in _convictions(person))]
        return SAID[any_of(each)]

    return found


def _as_many(number: int, test: Callable[[Standing], Truth]) -> _Find:
    """Whether so many convictions, this one among them, are such."""

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        each = [test(state), *(min(counts, test(other)) for other, counts in _convictions(person))]
        sure, possible = each.count(Truth.YES), each.count(Truth.UNKNOWN)
        return "Y" if sure >= number else None if sure + possible >= number else "N"

    return found


def _single_drug_felony(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """What the law makes of two is not known."""
    others = any_of(min(counts, pennsylvania_offences.is_drug_felony(other)) for other, counts in _convictions(person))
    return "Y" if others is Truth.NO else None


def _later(person: Person, own: dt.date) -> list[tuple[dt.date | None, Truth]]:
    """Convictions after this one of an offence that is, or may be, punishable by a year or more, and their days."""
    found = []
    for other, counts in _convictions(person):
        day, truth = other.get("ended_on"), min(counts, penalties.at_least(other, _YEAR))
        if truth is not Truth.NO and not (isinstance(day, dt.date) and day <= own):
            found.append((day if isinstance(day, dt.date) else None, truth))
    return sorted(found, key=lambda each: (each[0] is None, each[0] or dt.date.max))


def _surely_again(person: Person, own: dt.date, months: int) -> dt.date:
    """The last conviction that surely began the period again: before it, the period had not yet passed once."""
    last = own
    for day, truth in _later(person, own):
        if day is not None and truth is Truth.YES:
            if day >= add_months(last, months):
                break
            last = day
    return last


def _last_restart(months: int) -> _Find:
    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        own = state.get("ended_on")
        if not isinstance(own, dt.date):
            return None
        last = _surely_again(person, own, months)
        return None if last == own else last

    return found


def _again_if(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    own = state.get("ended_on")
    days = [day for day, _ in _later(person, own) if day is not None] if isinstance(own, dt.date) else []
    return max(days, default=None)


def _is_period_settled(months: int) -> _Find:
    """Whether the period comes to the same, whichever later convictions begin it again."""

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        own = state.get("ended_on")
        if not isinstance(own, dt.date):
            return None
        later = _later(person, own)
        if not later:
            return "Y"
        if later[-1][0] is None:
            return None
        first = add_months(_surely_again(person, own, months), months)
        last = add_months(later[-1][0], months)
        changes |= {first, last}
        return None if first <= on < last else "Y"

    return found


def _follow_on(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """How a charge continues that was held for court: ``stands`` if all of the arrest's dockets of common pleas do."""
    courts = [states for action, states in person.companions() if action.docket.strip().upper().startswith("CP")]
    each = [charge for states in courts for charge in states.values()]
    if not each:
        return "none"
    stand = all(
        charge["ending"] in CONVICTIONS | OPEN and charge["ordered"] == "" and charge["pardon"] == "none"
        for charge in each
    )
    return "stands" if stand else None


FACTS = {
    "excluded_offence": _of_charge(pennsylvania_offences.excluded, _OFFENCE),
    "over_two_years": _of_charge(lambda state: penalties.over(state, _TWO_YEARS), _PENALTY),
    "over_five_years": _of_charge(lambda state: penalties.over(state, _FIVE_YEARS), _PENALTY),
    "under_thirty_months": _of_charge(_under_minimum, frozenset({"min_sentence_months"})),
    "other_felony": Fact(_any_other_conviction(_bars_as_felony)),
    "single_drug_felony": Fact(_single_drug_felony),
    "two_over_two_years": Fact(_as_many(2, lambda state: penalties.over(state, _TWO_YEARS)), reads=_PENALTY),
    "four_of_a_year": Fact(_as_many(4, lambda state: penalties.at_least(state, _YEAR)), reads=_PENALTY),
    "listed_conviction": Fact(_ever(pennsylvania_offences.listed), reads=_OFFENCE),
    "again_84": Fact(_last_restart(84), reads=frozenset({"ended_on"})),
    "again_120": Fact(_last_restart(120), reads=frozenset({"ended_on"})),
    "again_if": Fact(_again_if, reads=frozenset({"ended_on"})),
    "settled_84": Fact(_is_period_settled(84), by_day=True, reads=frozenset({"ended_on"})),
    "settled_120": Fact(_is_period_settled(120), by_day=True, reads=frozenset({"ended_on"})),
    "follow_on": Fact(_follow_on),
}
