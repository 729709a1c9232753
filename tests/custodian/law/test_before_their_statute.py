"""Orders and matters from before their statute, and the days on which the orders of 2020 stopped the time."""

from __future__ import annotations

from typing import Any

import pytest

from sealscrub.custodian.law import Action, Event, decide

from .asking import DAY, around, ask, convicted, day, regimes, row

NOT, YES, UNKNOWN = "not_sealed", "sealed", "unknown"
ASSAULT: dict[str, Any] = {"law_code": "PL 120.00", "severity": "M"}
CRIME = convicted("2000-01-01", "2000-02-10", **ASSAULT)
OLD_CRIME = convicted("1970-01-01", "1970-02-10", **ASSAULT)
FAMILY: dict[str, Any] = {"court": "family"}


#: Orders, what they were made about, and the first day of their statute.
ORDERS: dict[str, tuple[list[Event], str]] = {
    "CPL 160.50": (OLD_CRIME, "1976-09-01"),
    "CPL 160.55": (OLD_CRIME, "1981-01-01"),
    "CPL 160.58": (CRIME, "2009-10-07"),
    "CPL 160.59": (CRIME, "2017-10-07"),
    "FCA 375.2": ([row("1980-01-10", "JD ADJUDICATED", severity="F", offense_class="B", **FAMILY)], "1983-07-01"),
}


@pytest.mark.parametrize(("later", "answer"), [(-1, UNKNOWN), (0, YES), (1, YES)])
@pytest.mark.parametrize("statute", ORDERS)
def test_an_order_before_its_statute_is_no_answer(statute: str, later: int, answer: str) -> None:
    events, first = ORDERS[statute]
    decision = ask("2020-01-01", *events, row(str(day(first) + later * DAY), statute, "seal_order"))

    assert (str(decision.answer), regimes(decision)) == (answer, [statute.lower().replace(" ", "-")])
    assert decision.withheld == (answer == UNKNOWN)


@pytest.mark.parametrize(("on", "answer"), [("1971-08-31", UNKNOWN), ("1971-09-01", YES), ("1971-09-02", YES)])
@pytest.mark.parametrize(
    ("text", "facts"), [("YO ADJUDICATED", {}), ("PLED GUILTY", {"severity": "M", "youthful_offender": True})]
)
def test_a_youth_before_the_criminal_procedure_law_is_no_answer(
    text: str, facts: dict[str, Any], on: str, answer: str
) -> None:
    decision = ask("2020-01-01", row(on, text, **facts), row("1971-10-01", event="sentence"))

    assert (str(decision.answer), regimes(decision)) == (answer, ["cpl-720.35"])
    assert decision.withheld == (answer == UNKNOWN)


@pytest.mark.parametrize(("on", "answer"), [("1978-08-31", UNKNOWN), ("1978-09-01", YES), ("1978-09-02", YES)])
def test_a_removal_before_its_statute_is_no_answer(on: str, answer: str) -> None:
    decision = ask("2020-01-01", row(on, "REMOVED TO FAMILY COURT"))

    assert (str(decision.answer), regimes(decision)) == (answer, ["cpl-725.15"])
    assert decision.withheld == (answer == UNKNOWN)


@pytest.mark.parametrize(("on", "answer"), [("1983-06-30", UNKNOWN), ("1983-07-01", YES), ("1983-07-02", YES)])
@pytest.mark.parametrize("facts", [{"severity": "M"}, {"severity": "F", "offense_class": "C"}], ids=["M", "FC"])
def test_an_adjudication_before_july_1983_is_no_answer(facts: dict[str, Any], on: str, answer: str) -> None:
    """FCA 354.1 is of the same article 3: what it says about prints begins with it."""
    action = Action(docket="D", crime_date=day("1983-01-02"), birth_date=day("1971-01-03"))
    decision = decide(action, [row(on, "JD ADJUDICATED", **facts, **FAMILY)], day("2020-01-01"))

    assert (str(decision.answer), regimes(decision)) == (answer, ["fca-354.1"])
    assert decision.withheld == (answer == UNKNOWN)


@pytest.mark.parametrize(("on", "answer"), [("1983-06-30", UNKNOWN), ("1983-07-01", YES), ("1983-07-02", YES)])
@pytest.mark.parametrize("text", ["PETITION WITHDRAWN", "DISMISSED", "NOT GUILTY", "ADJUSTED BY PROBATION"])
def test_a_petition_that_ended_before_july_1983_is_no_answer(text: str, on: str, answer: str) -> None:
    decision = ask("2020-01-01", row(on, text, **FAMILY))

    assert str(decision.answer) == answer
    assert decision.withheld == (answer == UNKNOWN)


@pytest.mark.parametrize(
    ("entered", "last", "tolled"),
    [
        ("2020-02-18", "2020-03-19", "2020-03-19"),  # it ended on the day before the first order
        ("2020-02-19", "2020-03-20", "2020-11-04"),  # one day was left
        ("2020-05-01", "2020-06-01", "2020-12-03"),  # the whole of it was left
        ("2020-11-03", "2020-12-03", "2020-12-03"),
        ("2020-11-04", "2020-12-04", "2020-12-04"),
    ],
)
def test_the_peoples_time_that_was_tolled_in_2020_is_not_known(entered: str, last: str, tolled: str) -> None:
    dismissed = row(entered, "DISMISSED")

    assert around(tolled, dismissed) == (UNKNOWN, UNKNOWN, YES)
    if last != tolled:
        assert around(last, dismissed) == (UNKNOWN, UNKNOWN, UNKNOWN)


def test_an_adjournment_that_ran_through_2020_is_not_known() -> None:
    before, across, after = (row(on, "ACD", family_offense=False) for on in ("2019-09-19", "2019-09-20", "2020-11-04"))

    assert around("2020-03-19", before) == (NOT, NOT, YES)
    assert around("2020-03-20", across) == (NOT, NOT, UNKNOWN)
    assert around("2020-11-04", across) == (UNKNOWN, UNKNOWN, YES)
    assert around("2021-05-04", after) == (NOT, NOT, YES)
    assert around("2020-12-15", row("2020-06-15", "ACD", family_offense=False)) == (NOT, NOT, UNKNOWN)
