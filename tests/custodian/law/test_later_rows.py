"""What a row does that comes after the case had ended, was adjourned, or had gone to another court."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from sealscrub.custodian.law import Event

from .asking import around, ask, convicted, day, row

NOT, YES, UNKNOWN = "not_sealed", "sealed", "unknown"
CRIME: dict[str, Any] = {"severity": "M", "law_code": "PL 120.00"}
ADJOURNED = row("2018-01-01", "ACD 170.55", family_offense=False)
DISMISSED, PLEA = row("2018-05-10", "DISMISSED"), row("2018-06-01", "PLED GUILTY", **CRIME)


@pytest.mark.parametrize(
    "last",
    [
        row("2018-07-02", "DISMISSED"),
        row("2018-07-02", "ACQUITTED"),
        row("2018-07-02", "PLED GUILTY", **CRIME),
        row("2018-07-02", "TIME SERVED"),
        row("2018-07-02", "PENDING"),
        row("2018-07-02", event="warrant"),
        row("2018-07-02", event="sentence"),
    ],
)
def test_a_third_row_settles_no_contradiction(last: Event) -> None:
    """Dismissed, then convicted: one of the two is wrong, and a row that repeats either says not which."""
    assert str(ask("2020-01-01", DISMISSED, PLEA, last).answer) == UNKNOWN
    assert str(ask("2020-01-01", PLEA, row("2018-06-15", "ACQUITTED"), last).answer) == UNKNOWN
    same_day = row("2018-05-10", "PLED GUILTY", **CRIME)
    assert str(ask("2020-01-01", DISMISSED, same_day, last).answer) == UNKNOWN


def test_what_opens_the_case_ends_a_contradiction() -> None:
    opened = row("2018-06-15", event="re_presented")

    assert str(ask("2020-01-01", DISMISSED, PLEA, opened, row("2018-07-02", "ACQUITTED")).answer) == YES


def test_days_whose_order_is_not_given_may_have_left_the_case_open() -> None:
    either = [row("2018-05-10", "DISMISSED"), row("2018-05-10", event="re_presented")]
    later = row("2019-05-10", "PLED GUILTY", **CRIME)

    assert {str(ask("2020-01-01", *each).answer) for each in permutations([*either, later])} == {NOT}


def test_the_dismissal_that_an_adjournment_ends_in_is_none_that_the_people_may_appeal() -> None:
    on_time, late = row("2018-07-02", "DISMISSED"), row("2018-09-10", "DISMISSED")

    assert around("2018-07-02", ADJOURNED, on_time) == (NOT, YES, YES)
    assert around("2018-09-10", ADJOURNED, late) == (YES, YES, YES)
    assert around("2018-03-01", ADJOURNED, row("2018-03-01", "DISMISSED")) == (NOT, YES, YES)
    restored = row("2018-03-01", event="restored")
    assert str(ask("2018-07-02", ADJOURNED, restored, on_time).answer) == UNKNOWN
    assert ask("2018-07-02", row("2018-01-01", "ACD 215.40"), on_time).paragraph == "(3)(l)"


@pytest.mark.parametrize("text", ["ACD 170.56 - DISMISSED", "DISMISSED 170.56", "DISMISSED CPL 210.46"])
def test_prints_and_photos_stay_after_a_marihuana_dismissal(text: str) -> None:
    """160.50(1)(a): except a dismissal under 170.56 or 210.46."""
    assert "prints and photos" not in ask("2019-01-01", row("2018-07-02", text)).copies
    adjourned = row("2018-01-01", "ACD 170.56")
    assert "prints and photos" not in ask("2019-01-01", adjourned, row("2018-07-02", "DISMISSED")).copies
    assert "prints and photos" in ask("2019-01-01", row("2018-07-02", "DISMISSED 170.55")).copies


@pytest.mark.parametrize("warrant", [row("2018-02-10", "BENCH WARRANT"), row("2018-02-10", event="warrant")])
def test_a_warrant_restores_no_adjournment_and_undoes_no_conviction(warrant: Event) -> None:
    assert around("2018-07-01", ADJOURNED, warrant) == (NOT, NOT, YES)
    petty = convicted("2018-01-01", "2018-01-01", severity="V", law_code="PL 240.20")
    assert str(ask("2020-01-01", *petty, warrant).answer) == YES
    assert str(ask("2020-01-01", row("2018-01-01", "YO ADJUDICATED"), warrant).answer) == YES
    assert str(ask("2020-01-01", row("2018-01-01", "DISMISSED"), warrant).answer) == UNKNOWN


def test_pending_after_an_adjournment_that_nothing_restored_is_no_answer() -> None:
    pending = row("2018-02-10", "ADJOURNED")

    assert ask("2019-01-01", ADJOURNED, pending).withheld
    assert str(ask("2019-01-01", ADJOURNED, row("2018-02-09", event="restored"), pending).answer) == NOT


def test_the_local_court_ends_no_case_that_has_gone_to_superior_court() -> None:
    indicted = row("2018-05-10", "INDICTED", indictment="1/2018")
    papers = row("2018-05-15", "DISMISSED")
    plea = row("2019-05-12", "PLED GUILTY", indictment="1/2018", severity="F", law_code="PL 140.20")

    assert (str(ask("2019-01-01", indicted).answer), ask("2019-01-01", indicted).withheld) == (NOT, False)
    assert str(ask("2018-09-01", indicted, papers).answer) == UNKNOWN
    assert str(ask("2019-06-01", indicted, papers, plea).answer) == NOT
    ended = row("2019-05-12", "ACQUITTED", indictment="1/2018")
    assert str(ask("2019-06-01", indicted, papers, ended).answer) == YES
    assert str(ask("2019-06-01", indicted, ended, row("2019-05-20", "DISMISSED")).answer) == YES


def test_a_day_before_its_order_is_not_known() -> None:
    served = row("2018-05-10", "DISMISSED", served_on=day("2008-05-10"))
    term = row("2018-05-10", "ACD 170.56", acd_until=day("2008-05-10"))

    assert around("2018-06-11", served) == (UNKNOWN, UNKNOWN, YES)
    assert around("2019-05-10", term) == (UNKNOWN, UNKNOWN, YES)
    assert ask("2018-06-01", term).missing == ("acd_until",)
