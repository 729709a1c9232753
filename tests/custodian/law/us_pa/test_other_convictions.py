"""What is found of a person's other convictions once, for the whole record, is what going through them finds."""

from __future__ import annotations

import datetime as dt

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealscrub.custodian.law import Action, jurisdiction
from sealscrub.custodian.law.clocks import add_months
from sealscrub.custodian.law.person import Person
from sealscrub.custodian.law.record import Record
from sealscrub.custodian.law.us_pa.later_convictions import Later
from sealscrub.custodian.law.us_pa.other_convictions import FACTS

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
                *("CONVICTED", "CONVICTED", "CONVICTED", "DISMISSED_ENTIRE", "UNMAPPED", "PENDING"),
                *("TRANSFERRED_SUPERIOR", "SUPERSEDED", "DIVERTED"),
            ]
        ),
        "ordered": st.sampled_from(["", "", "", "9122", "9122.1", None]),
        "pardon": st.sampled_from(["none", "none", "none", "granted", None]),
        "severity": st.sampled_from(["S", "M3", "M2", "M1", "F3", "F", None]),
        "max_penalty_months": st.sampled_from([None, "6", "12", "24", "60", "84"]),
        "min_sentence_months": st.sampled_from([None, "12", "30"]),
        "max_sentence_months": st.sampled_from([None, "59", "60"]),
        "law": st.sampled_from(["18 3929", "35 780-113", "18 2701", "18 5122", "18 901", None]),
        "article": st.sampled_from(["18 39", "18 9", "18 27", None]),
        "ended_on": st.none() | _DAYS | _DAYS | _DAYS,
    }
)
#: A record: some actions, of one charge each or more, and how these stand.
RECORDS = st.lists(
    st.tuples(
        st.builds(
            Action,
            docket=st.sampled_from(["", "CP-51-CR-1", "MJ-1"]),
            tracking_number=st.sampled_from(["", "T1", "T2"]),
        ),
        st.lists(_STATES, min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=8,
)


def _charge(**state: object) -> dict[str, object]:
    """A conviction of which all is known and nothing weighs."""
    known = {
        "ending": "CONVICTED",
        "ordered": "",
        "pardon": "none",
        "severity": "S",
        "law": "18 3929",
        "article": "18 39",
    }
    blank = ("max_penalty_months", "min_sentence_months", "max_sentence_months", "ended_on")
    return {**known, "article": "18 39", **dict.fromkeys(blank), **state}


_REPLACED = [_charge(), _charge(severity=None), _charge(ending="SUPERSEDED", severity="M1")]


@settings(max_examples=200, deadline=None)
@example(record=[(Action(), _REPLACED)], on=dt.date(1996, 1, 2))  # a charge that counts for nothing in its docket
@given(record=RECORDS, on=_DAYS)
def test_each_fact_is_what_going_through_all_of_them_finds(
    record: list[tuple[Action, list[dict[str, object]]]], on: dt.date
) -> None:
    place = jurisdiction("us-pa")
    folded = Record([(action, {str(at): state for at, state in enumerate(states)}) for action, states in record])
    for at in (*range(len(record)), None):
        person = Person(place, record[at or 0][0], folded, at=at)
        for state in record[at or 0][1]:
            for name, naive in NAIVE.items():
                slow: set[dt.date] = set()
                quick: set[dt.date] = set()
                assert FACTS[name].find(person, state, on, quick) == naive(person, state, on, slow), name
                assert quick == slow, name


@settings(max_examples=200, deadline=None)
@example(days=[dt.date(2003, 1, 2), dt.date(2010, 1, 2)], own=dt.date(1996, 1, 3), months=84)
@given(days=st.lists(_DAYS, max_size=8), own=_DAYS, months=st.sampled_from([84, 120]))
def test_a_period_is_begun_again_by_convictions_each_before_it_had_passed(
    days: list[dt.date], own: dt.date, months: int
) -> None:
    last = own
    for day in sorted(day for day in days if day > own):
        if day >= add_months(last, months):
            break
        last = day

    assert Later([(day, True, 0) for day in days]).surely_again(own, months) == last
