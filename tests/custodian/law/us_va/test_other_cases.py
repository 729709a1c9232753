"""What is found of a person's other cases once, for the whole record, is what going through them finds."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.custodian.law import Action, jurisdiction
from sealscrub.custodian.law.person import Person
from sealscrub.custodian.law.record import Record
from sealscrub.custodian.law.us_va.case_facts import FACTS

from .naive_convictions import NAIVE

#: Mostly days between which the periods of the law, of whole years, are just over or just not.
_YEARS = st.sampled_from([1996, 2003, 2006, 2010, 2013, 2016, 2017, 2023])
_DAYS = st.builds(
    lambda year, off: dt.date(year, 1, 2) + dt.timedelta(days=off), _YEARS, st.sampled_from([0, 0, 0, 0, -1, 1])
)
_STATES = st.fixed_dictionaries(
    {
        "ending": st.sampled_from(
            [
                *("CONVICTED", "CONVICTED", "CONVICTED", "DISMISSED_ENTIRE", "UNMAPPED", "PREPAID"),
                *("SENT_ELSEWHERE", "SUPERSEDED"),
            ]
        ),
        "ordered": st.sampled_from(["", "", "", "392.2", "392.12", "392.12", None]),
        "severity": st.sampled_from(["M", "M", "F", "I", None]),
        "offense_class": st.sampled_from(["1", "2", "3", "4", None]),
        "law": st.sampled_from(["VC 18.2-96", "VC 18.2-103", "VC 18.2-266", None]),
        "ended_on": st.none() | _DAYS | _DAYS | _DAYS,
        "begun_on": st.none() | _DAYS,
        "other_state": st.sampled_from(["N", "N", "Y"]),
        "pardoned": st.sampled_from(["N", "N", "N", "Y"]),
    }
)
_CASES = st.tuples(
    st.builds(Action, arrest_number=st.sampled_from(["", "", "A1", "A2"]), arrest_date=st.none() | _DAYS),
    st.lists(_STATES, min_size=1, max_size=3),
)


@settings(max_examples=200, deadline=None)
@given(cases=st.lists(_CASES, min_size=1, max_size=8), on=_DAYS)
def test_each_fact_is_what_going_through_all_of_them_finds(
    cases: list[tuple[Action, list[dict[str, object]]]], on: dt.date
) -> None:
    place = jurisdiction("us-va")
    record = Record([(action, {str(at): state for at, state in enumerate(states)}) for action, states in cases])
    for at in (*range(len(cases)), None):
        action, states = cases[at or 0]
        person = Person(place, action, record, at=at)
        for state in states:
            for name, naive in NAIVE.items():
                assert FACTS[name].find(person, state, on, set()) == naive(person, state, on, set()), name
