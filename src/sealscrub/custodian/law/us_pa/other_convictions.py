"""What Pennsylvania's rules ask of an offence's penalty and of the person's other convictions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from ..adult_rules import juvenile_fact
from ..charge_events import Standing
from ..clocks import add_months
from ..common_facts import SAID
from ..dispositions import CONVICTIONS, OPEN
from ..events import Action
from ..person import Person
from ..record import Highest, Record, Tally
from ..state_declarations import Fact
from ..three_values import Truth
from . import penalties, pennsylvania_offences
from .later_convictions import Later, LaterConvictions
from .same_docket import (
    DOCKET_FACTS,
    ELSEWHERE,
    bars_as_felony,
    convicted_beside,
    is_felony,
    is_short_sentence,
    is_standing_conviction,
)

__all__ = ["FACTS"]

_Find = Callable[[Person, Standing, dt.date, set[dt.date]], object]
_PENALTY = frozenset({"severity", "max_penalty_months"})
_OFFENCE = frozenset({"law", "article"})
_WEIGHED = ("disposition", "event_date", "severity", "law_code", "max_penalty_months", "min_sentence_months")
_YEAR, _TWO_YEARS, _FIVE_YEARS = 12, 24, 60


def _of_charge(test: Callable[[Standing], Truth], reads: frozenset[str]) -> Fact:
    """A fact of the charge itself."""
    return Fact(lambda person, state, on, changes: SAID[test(state)], of_action=True, reads=reads)


class _Conviction(NamedTuple):
    """One of a crime that counts, or may, and the place of its action."""

    state: Standing
    counts: Truth
    of: int


def _convictions(person: Person) -> list[_Conviction]:
    """Those of the whole record; which are of other actions than this one, the place says."""

    def found(record: Record) -> list[_Conviction]:
        every = (
            _Conviction(state, min(is_standing_conviction(state), person.is_crime(state)), of)
            for of, (_, states) in enumerate(record.actions)
            for state in states.values()
            if not _is_continued(record, of, state)
        )
        return [each for each in every if each.counts is not Truth.NO]

    return person.record.once("pa_convictions", found)


def _is_continued(record: Record, of: int, state: Standing) -> bool:
    """Whether what a charge led to is in the record: in its arrest's docket of common pleas, or a count next to it."""
    if state["ending"] not in ELSEWHERE:
        return False
    action, states = record.actions[of]
    if state["ending"] == "SUPERSEDED" and any(each["ending"] not in ELSEWHERE for each in states.values()):
        return True
    courts = record.once("pa_courts", _courts)
    return any(at != of for number in action.arrests() for at in courts.get(number, ()))


def _courts(record: Record) -> dict[tuple[str, str], list[int]]:
    """By number of an arrest, the places of its dockets of common pleas."""
    found: dict[tuple[str, str], list[int]] = {}
    for at, (action, _) in enumerate(record.actions):
        for number in action.arrests() if _of_common_pleas(action) else ():
            found.setdefault(number, []).append(at)
    return found


def _of_common_pleas(action: Action) -> bool:
    return action.docket.strip().upper().startswith("CP")


def _any_other(person: Person, name: str, test: Callable[[Standing], Truth]) -> Truth:
    """Whether any conviction of another action is such a one."""

    def found(record: Record) -> Highest[Truth]:
        return Highest((0, min(each.counts, test(each.state)), each.of) for each in _convictions(person))

    return person.record.once(f"pa_any_{name}", found).of_all(but=person.at) or Truth.NO


def _any_other_conviction(name: str, test: Callable[[Standing], Truth]) -> _Find:
    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        return SAID[_any_other(person, name, test)]

    return found


def _ever(name: str, test: Callable[[Standing], Truth]) -> _Find:
    """Whether this offence, or that of any other conviction, is such a one."""

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        return SAID[max(test(state), _any_other(person, name, test))]

    return found


def _as_many(number: int, name: str, test: Callable[[Standing], Truth]) -> _Find:
    """Whether so many convictions, this one and others of its docket among them, are such."""

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        def tally(record: Record) -> Tally:
            return Tally((min(each.counts, test(each.state)), each.of) for each in _convictions(person))

        others, own = person.record.once(f"pa_number_{name}", tally), test(state)
        beside = convicted_beside(person, state, name)
        sure = others.of(Truth.YES, but=person.at) + beside[0] + (own is Truth.YES)
        possible = others.of(Truth.UNKNOWN, but=person.at) + beside[1] + (own is Truth.UNKNOWN)
        return "Y" if sure >= number else None if sure + possible >= number else "N"

    return found


def _any_felony(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether another conviction, of this docket or not, is a felony of whatever law."""
    beside = convicted_beside(person, state, "felony")
    of_docket = Truth.YES if beside[0] else Truth(int(beside[1] > 0))
    return SAID[max(of_docket, _any_other(person, "felony_of_any_law", is_felony))]


def _single_drug_felony(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """What the law makes of two is not known."""
    others = _any_other(person, "drug_felony", pennsylvania_offences.is_drug_felony)
    return "Y" if others is Truth.NO else None


def _later(person: Person, own: dt.date) -> Later:
    """Convictions of other actions, of an offence that is, or may be, punishable by a year or more."""

    def found(record: Record) -> LaterConvictions:
        each = [(one, min(one.counts, penalties.at_least(one.state, _YEAR))) for one in _convictions(person)]
        return LaterConvictions(
            (day if isinstance(day := one.state.get("ended_on"), dt.date) else None, truth is Truth.YES, one.of)
            for one, truth in each
            if truth is not Truth.NO
        )

    return person.record.once("pa_later", found).beside(person.at, own)


def _last_restart(months: int) -> _Find:
    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        own = state.get("ended_on")
        if not isinstance(own, dt.date):
            return None
        last = _later(person, own).surely_again(own, months)
        return None if last == own else last

    return found


def _again_if(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    own = state.get("ended_on")
    return _later(person, own).last(own) if isinstance(own, dt.date) else None


def _is_period_settled(months: int) -> _Find:
    """Whether the period comes to the same, whichever later convictions begin it again."""

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        own = state.get("ended_on")
        if not isinstance(own, dt.date):
            return None
        later = _later(person, own)
        if later.undated:
            return None
        if (latest := later.last(own)) is None:
            return "Y"
        first = add_months(later.surely_again(own, months), months)
        last = add_months(latest, months)
        changes |= {first, last}
        return None if first <= on < last else "Y"

    return found


def _follow_on(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """How a charge continues that was held for court: ``stands`` if all of the arrest's dockets of common pleas do."""
    courts = [states for action, states in person.companions() if _of_common_pleas(action)]
    each = [charge for states in courts for charge in states.values()]
    if not each:
        return "none"
    stand = all(
        charge["ending"] in CONVICTIONS | OPEN and charge["ordered"] == "" and charge["pardon"] == "none"
        for charge in each
    )
    return "stands" if stand else None


FACTS = {
    **DOCKET_FACTS,
    "juvenile": juvenile_fact("JV"),
    "excluded_offence": _of_charge(pennsylvania_offences.excluded, _OFFENCE),
    "over_two_years": _of_charge(lambda state: penalties.over(state, _TWO_YEARS), _PENALTY),
    "over_five_years": _of_charge(lambda state: penalties.over(state, _FIVE_YEARS), _PENALTY),
    "short_sentence": _of_charge(is_short_sentence, frozenset({"min_sentence_months", "max_sentence_months"})),
    "other_felony": Fact(_any_other_conviction("felony", bars_as_felony), told_by=_WEIGHED),
    "any_felony": Fact(_any_felony, reads=frozenset({"docket_felony"}), told_by=_WEIGHED),
    "single_drug_felony": Fact(_single_drug_felony),
    "two_over_two_years": Fact(
        _as_many(2, "over_two", lambda state: penalties.over(state, _TWO_YEARS)),
        reads=_PENALTY | {"docket_over_two"},
        told_by=_WEIGHED,
    ),
    "four_of_a_year": Fact(
        _as_many(4, "of_a_year", lambda state: penalties.at_least(state, _YEAR)),
        reads=_PENALTY | {"docket_of_a_year"},
        told_by=_WEIGHED,
    ),
    "listed_conviction": Fact(_ever("listed", pennsylvania_offences.listed), reads=_OFFENCE),
    "again_84": Fact(_last_restart(84), reads=frozenset({"ended_on"})),
    "again_120": Fact(_last_restart(120), reads=frozenset({"ended_on"})),
    "again_if": Fact(_again_if, reads=frozenset({"ended_on"})),
    "settled_84": Fact(_is_period_settled(84), by_day=True, reads=frozenset({"ended_on"})),
    "settled_120": Fact(_is_period_settled(120), by_day=True, reads=frozenset({"ended_on"})),
    "follow_on": Fact(_follow_on, told_by=("tracking_number", "disposition")),
}
