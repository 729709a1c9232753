"""What comes to be sealed by itself, and on which day."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealscrub.custodian.law import Action, Event, decide_charges, forecast

from .asking import day, row
from .histories import histories
from .test_batch_decisions import charge_rows

ONE_DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.search


@settings(max_examples=25, deadline=None, suppress_health_check=[*HealthCheck])
@given(several=st.lists(histories, min_size=1, max_size=4), later=st.integers(0, 400), ahead=st.integers(1, 900))
def test_an_action_is_sealed_from_the_day_that_was_foretold(several: list[list[Event]], later: int, ahead: int) -> None:
    cases = [(Action(docket=f"D{n}"), history, n // 2) for n, history in enumerate(several)]
    as_of = max(each.event_date for history in several for each in history) + dt.timedelta(days=later)
    until = as_of + dt.timedelta(days=ahead)
    charges = charge_rows(cases)
    found = {r["docket"]: r["sealed_on"] for r in forecast(charges, until, as_of).iter_rows(named=True)}

    def sealed(on: dt.date) -> set[str]:
        decided = decide_charges(charges, on, as_of)
        return {f"D{n}" for n, each in enumerate(decided) if each.answer == "sealed"}

    assert set(found) == sealed(until) - sealed(as_of)
    for docket, sealed_on in found.items():
        assert as_of < sealed_on <= until
        assert docket in sealed(sealed_on)
        assert docket not in sealed(sealed_on - ONE_DAY)


def test_what_is_in_doubt_and_then_sealed_is_foretold_for_the_second_day() -> None:
    """A dismissal that the People may appeal, on the day that it is made."""
    cases = [(Action(docket="D1"), [row("2026-03-02", "DISMISSED")], 1)]
    [found] = forecast(charge_rows(cases), day("2026-12-01"), day("2026-03-02")).iter_rows(named=True)

    assert found["sealed_on"] == day("2026-04-02")
