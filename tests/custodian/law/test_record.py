"""What is found of all a person's actions together is what looking at each of the others would find."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.custodian.law import Action, jurisdiction
from sealscrub.custodian.law.common_facts import SAID
from sealscrub.custodian.law.conviction_days import opened_after, starts_on
from sealscrub.custodian.law.dispositions import CONVICTIONS, OPEN
from sealscrub.custodian.law.person import Person, settled
from sealscrub.custodian.law.record import Folded, Highest, Record
from sealscrub.custodian.law.three_values import Truth, any_of

DAY = st.integers(0, 6).map(lambda n: dt.date(2020, 1, 1 + n))
MAYBE_DAY = st.none() | DAY
NOT_OVER = ("ACD_PENDING", "NO_DISPOSITION", "SUPERSEDED", "TRANSFERRED_SUPERIOR", "UNMAPPED", "AMBIGUOUS")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(0, 3)), max_size=8),
    st.integers(-1, 6),
    st.none() | st.integers(0, 3),
)
def test_the_greatest_of_others_is_that_of_a_list(
    entries: list[tuple[int, int, int]], day: int, but: int | None
) -> None:
    counted = [value for key, value, of in entries if key > day and of != but]

    assert Highest(entries).after(day, but=but) == max(counted, default=None)


charges = st.fixed_dictionaries(
    {
        "ending": st.sampled_from(["CONVICTED", "CONVICTED", "PENDING", "ACQUITTED_COMPLETE", *NOT_OVER]),
        "severity": st.sampled_from(["F", "M", "V", None]),
        "ended_on": MAYBE_DAY,
        "sentenced_on": MAYBE_DAY,
        "held": st.sampled_from(["Y", "N", None]),
        "charged_on": MAYBE_DAY,
        "begun_on": MAYBE_DAY,
    }
)
actions: st.SearchStrategy[Folded] = st.tuples(
    st.builds(Action, arrest_date=MAYBE_DAY, crime_date=MAYBE_DAY),
    st.lists(charges, min_size=1, max_size=2).map(lambda each: {str(at): state for at, state in enumerate(each)}),
)


def looked_for(person: Person, own: dict[str, Any]) -> dict[str, object]:
    """The facts, each charge of each of the others looked at."""
    others = [(action, states, state) for action, states in person.others for state in states.values()]
    ended = own["ended_on"]
    guilty = [(state, person.counts(state)) for _, _, state in others if state["ending"] in CONVICTIONS]
    later = [
        (state, crime)
        for state, crime in guilty
        if crime is not Truth.NO and ended is not None and (day := state["ended_on"]) is not None and day > ended
    ]
    every = [(state, crime) for state, crime in guilty if crime is not Truth.NO]
    if own["ending"] in CONVICTIONS and person.is_crime(own) is not Truth.NO:
        every.append((own, person.is_crime(own)))

    def latest(found: list[Any]) -> dt.date | None:
        return max((day for state in found if (day := starts_on(state)) is not None), default=None)

    def held(state: Any) -> Truth:
        return Truth.UNKNOWN if state["held"] is None else Truth(2 * (state["held"] == "Y"))

    def after(action: Action, states: Any) -> Truth:
        told = opened_after(action, states, ended)
        days = [state["begun_on"] for state in states.values() if state["begun_on"] is not None]
        charged = any(state["charged_on"] is not None for state in states.values())
        by_rows = ended is not None and days and min(days) > ended
        unsaid = not charged and action.arrest_date is None and action.crime_date is None
        return Truth.YES if by_rows and unsaid else told

    def pending(state: Any) -> Truth:
        return Truth.YES if state["ending"] in OPEN else Truth(int(state["ending"] in NOT_OVER))

    def more_than(most: int, severities: str) -> str | None:
        known = sum(crime is Truth.YES and (state["severity"] or "-") in severities for state, crime in every)
        unknown = sum(crime is Truth.UNKNOWN for _, crime in every)
        return "Y" if known > most else None if known + unknown > most else "N"

    return {
        "restart": latest([state for state, crime in later if crime is Truth.YES]),
        "restart_if": latest([state for state, _ in later]),
        "in_custody": SAID[any_of([held(own), *(min(held(state), crime) for state, crime in later)])],
        "pending_crime": SAID[any_of(min(after(a, s), pending(c), person.is_crime(c)) for a, s, c in others)],
        "latest_crime_from": latest([state for state, _ in every]),
        "more_than_two_crimes": more_than(2, "FM"),
        "more_than_one_felony": more_than(1, "F"),
    }


@pytest.mark.search
@settings(max_examples=300, deadline=None)
@given(st.lists(actions, min_size=1, max_size=5), actions)
def test_facts_of_the_record_are_those_of_each_of_the_others(several: list[Folded], unbegun: Folded) -> None:
    """Whichever action is asked about; one that has not begun is not one of the record's."""
    record, place = Record(several), jurisdiction("us-ny")
    asked = [(Person(place, action, record, at), states) for at, (action, states) in enumerate(several)]
    for person, states in [*asked, (Person(place, unbegun[0], record), unbegun[1])]:
        for state in states.values():
            expected = looked_for(person, dict(state))
            assert settled(person, state, expected) == expected
