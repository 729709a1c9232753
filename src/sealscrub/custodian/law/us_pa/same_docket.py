"""What a docket's other charges say about one of them: 9122.3 looks at its case, and at all of a person's offences."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable

from ..charge_events import Standing
from ..common_facts import SAID
from ..dispositions import CONVICTIONS, MAY_BE_CONVICTED
from ..person import Person
from ..record import Record
from ..state_declarations import Fact
from ..three_values import Truth
from . import penalties, pennsylvania_offences
from .court_orders import EXPUNGED
from .pennsylvania_offences import FELONIES, PROPERTY_FELONY

__all__ = [
    "DOCKET_FACTS",
    "bars_as_felony",
    "convicted_beside",
    "is_felony",
    "is_short_sentence",
    "is_standing_conviction",
]

#: How a charge ended is in another docket, or another count.
ELSEWHERE = frozenset({"TRANSFERRED_SUPERIOR", "SUPERSEDED"})
MAY_HAVE_ENDED_SO = MAY_BE_CONVICTED | ELSEWHERE | {"DIVERTED"}
_YEAR, _TWO_YEARS, _FIVE_YEARS = 12, 24, 60
_SHORT = {"min_sentence_months": 30, "max_sentence_months": 60}

_Test = Callable[[Standing], Truth]


def is_standing_conviction(state: Standing) -> Truth:
    """Whether it is a conviction that nothing has undone; whether a pardon does that here is not known."""
    if state["ending"] not in CONVICTIONS or str(state["ordered"]) in EXPUNGED:
        return Truth(int(state["ending"] in MAY_HAVE_ENDED_SO))
    return Truth.YES if state["pardon"] == "none" and state["ordered"] is not None else Truth.UNKNOWN


def is_short_sentence(state: Standing) -> Truth:
    """Whether it was sentenced to less than thirty months at least, and less than sixty at most (9102)."""
    sentences = ((penalties.months(state, name), limit) for name, limit in _SHORT.items())
    return min(Truth.UNKNOWN if given is None else Truth(2 * (given < limit)) for given, limit in sentences)


def is_felony(state: Standing) -> Truth:
    """Whether it is a felony, of whatever law."""
    severity = state.get("severity")
    return Truth.UNKNOWN if severity is None else Truth(2 * (severity in FELONIES))


def bars_as_felony(state: Standing) -> Truth:
    """A felony that is not a qualifying one; whether one against property qualifies here is not known."""
    severity = state.get("severity")
    if severity not in FELONIES:
        return Truth(int(severity is None))
    if state.get("law") is None:
        return Truth.UNKNOWN
    if pennsylvania_offences.is_drug_felony(state) is Truth.YES:
        return ~is_short_sentence(state)
    doubtful = PROPERTY_FELONY.truth(state) is Truth.YES or state.get("article") == "18 9"
    return Truth.UNKNOWN if doubtful else Truth.YES


def _bars_its_case(state: Standing) -> Truth:
    return max(penalties.at_least(state, _FIVE_YEARS), pennsylvania_offences.excluded(state))


def _bars_the_person(state: Standing) -> Truth:
    return max(bars_as_felony(state), pennsylvania_offences.listed(state))


_TESTS: dict[str, _Test] = {
    "case": _bars_its_case,
    "person": _bars_the_person,
    "felony": is_felony,
    "over_two": lambda state: penalties.over(state, _TWO_YEARS),
    "of_a_year": lambda state: penalties.at_least(state, _YEAR),
}


def _beside(person: Person, state: Standing, name: str) -> Counter[Truth]:
    """How many convictions of the docket other than the charge itself are, and may be, such as one asks for."""
    if person.at is None:
        return Counter()
    at, test = person.at, _TESTS[name]

    def truth(one: Standing) -> Truth:
        return min(is_standing_conviction(one), person.is_crime(one), test(one))

    def found(record: Record) -> tuple[Counter[Truth], bool]:
        states = record.actions[at][1].values()
        replaced = any(each["ending"] not in ELSEWHERE for each in states)
        counted = (each for each in states if not (each["ending"] == "SUPERSEDED" and replaced))
        return Counter(map(truth, counted)), replaced

    every, replaced = person.record.once(f"pa_docket_{name}_{at}", found)
    return every - Counter([] if state["ending"] == "SUPERSEDED" and replaced else [truth(state)])


def convicted_beside(person: Person, state: Standing, name: str) -> tuple[int, int]:
    """How many convictions of the docket other than the charge itself surely count, and how many possibly."""
    told = state.get(f"docket_{name}")
    if isinstance(told, str):
        sure, possible = map(int, told.split(" and "))
        return sure, possible
    beside = _beside(person, state, name)
    return beside[Truth.YES], beside[Truth.UNKNOWN]


def _docket_bar(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
    """Whether another conviction of the docket bars; what the file says about the case settles what may bar it."""
    case, of_person = (max(_beside(person, state, name), default=Truth.NO) for name in ("case", "person"))
    if case is Truth.UNKNOWN and state.get("case_bar") == "N":
        case = Truth.NO
    return SAID[max(case, of_person)]


def _number(name: str) -> Fact:
    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        return "{} and {}".format(*convicted_beside(person, state, name))

    return Fact(found, of_action=True, reads=_READS)


_READS = frozenset({"ending", "ordered", "pardon", "severity", "max_penalty_months", "law", "article", *_SHORT})
DOCKET_FACTS = {
    "docket_bar": Fact(_docket_bar, of_action=True, reads=_READS | {"case_bar"}),
    "docket_felony": _number("felony"),
    "docket_over_two": _number("over_two"),
    "docket_of_a_year": _number("of_a_year"),
}
