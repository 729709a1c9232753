"""Fifteen cases, and what Virginia's law is taken to say about each."""

from __future__ import annotations

import pytest

from sealscrub.custodian.law import Event

from ..asking import row
from .virginia import Case, arrest, ask, charge, order, other, said

LARCENY = charge("2017-03-15", "GUILTY", offence="2017-03-01")


def test_1_a_listed_conviction_is_eligible_on_the_first_day_and_sealed_by_an_order() -> None:
    assert said("2026-06-30", LARCENY) == "not_sealed"
    assert said("2026-07-01", LARCENY) == "not_sealed 2026-07-01"
    ordered = charge("2017-03-15", "GUILTY", order("2026-08-03", "392.7"), offence="2017-03-01")
    assert said("2026-08-02", ordered) == "not_sealed 2026-07-01"
    assert str(ask("2026-08-03", ordered).answer) == "sealed"
    assert ask("2026-08-03", ordered).regimes == ("us-va/vc-19.2-392.6",)
    assert str(ask("2026-08-03", ordered).legal_from) == "2026-08-03"


def test_2_seven_years_end_on_the_same_day_of_the_year() -> None:
    convicted = charge("2019-07-02", "GUILTY")

    assert said("2026-07-01", convicted) == "not_sealed 2026-07-02"
    assert said("2026-07-02", convicted) == "not_sealed 2026-07-02"
    blank = charge("2019-07-02", "GUILTY", whole=False)
    assert [str(ask(on, blank).answer) for on in ("2026-07-01", "2026-07-02")] == ["not_sealed", "unknown"]


def test_3_an_offence_of_1985_is_never_eligible() -> None:
    assert said("2026-07-01", charge("1986-03-03", "GUILTY", offence="1985-12-31")) == "not_sealed"
    assert said("2026-07-01", charge("1986-03-03", "GUILTY", offence="1986-01-01")) == "not_sealed 2026-07-01"


def test_4_driving_drunk_on_the_same_day_blocks_the_list_and_not_an_order() -> None:
    drunk = other("2017-03-15", code="18.2-266")

    assert said("2026-07-01", LARCENY, drunk) == "not_sealed"
    asked = charge("2017-03-15", "GUILTY", order("2027-01-04", "392.12"), offence="2017-03-01")
    assert str(ask("2027-01-04", asked, drunk).answer) == "sealed"
    assert ask("2027-01-04", asked, drunk).regimes == ("us-va/vc-19.2-392.12",)


def test_5_a_conviction_of_another_state_within_seven_years_blocks_and_speeding_does_not() -> None:
    maryland = other("2021-06-01", code=None, offense_class=None, other_state=True)
    speeding = other("2021-06-01", code="46.2-870", severity="I", offense_class=None)

    assert said("2026-07-01", LARCENY, maryland) == "not_sealed"
    assert said("2027-06-30", LARCENY, maryland) == "not_sealed"
    assert said("2026-07-01", LARCENY, speeding) == "not_sealed 2026-07-01"


def test_6_marijuana_is_sealed_on_the_first_day_without_an_order() -> None:
    marijuana = charge("1984-05-05", "GUILTY", code="18.2-250.1", offence=None, whole=False)

    assert said("2026-06-30", marijuana) == "not_sealed"
    assert ask("2026-06-30", marijuana).withheld
    assert said("2026-07-01", marijuana) == "sealed"
    assert str(ask("2030-01-01", marijuana).legal_from) == "2026-07-01"


def test_7_its_failure_to_appear_needs_an_order_of_its_own() -> None:
    def failed(*orders: Event) -> Case:
        return charge("1984-06-05", "GUILTY", *orders, code="18.2-250.1", matter="failure to appear")

    assert said("2026-07-01", failed()) == "not_sealed"
    assert said("2026-07-01", charge("1984-06-05", "GUILTY", code="19.2-128")) == "not_sealed"
    ordered = failed(order("2026-09-01", "392.12:1(B)"))
    assert [said(on, ordered) for on in ("2026-08-31", "2026-09-01")] == ["not_sealed", "sealed"]


def test_8_a_nolle_prosequi_is_eligible_three_years_after_the_last_arrest() -> None:
    dropped = charge("2024-01-01", "NOLLE PROSEQUI")

    assert said("2026-07-01", dropped) == "not_sealed 2026-07-01"
    assert said("2026-07-01", dropped, arrest("2025-06-01")) == "not_sealed 2028-06-01"


def test_9_what_is_dismissed_with_prejudice_is_sealed_by_its_order_and_unknown_without() -> None:
    over = ("2026-08-01", "DISMISSED WITH PREJUDICE")

    assert said("2026-09-01", charge(*over, order("2026-08-01", "392.8"), deferred=False)).startswith("sealed")
    assert said("2026-09-01", charge(*over, deferred=False)).startswith("unknown")


def test_10_a_new_nolle_prosequi_waits_for_the_yearly_list() -> None:
    found = ask("2026-09-01", charge("2026-08-01", "NOLLE PROSEQUI"))

    assert (str(found.answer), str(found.eligible_from)) == ("not_sealed", "2026-08-01")
    convicted = other("2010-01-01")
    assert said("2026-09-01", charge("2026-08-01", "NOLLE PROSEQUI"), convicted) == "not_sealed"


def test_11_an_acquittal_of_a_felony_needs_the_commonwealth_to_concur() -> None:
    def acquitted(*orders: Event, **columns: bool) -> Case:
        return charge("2026-08-01", "NOT GUILTY", *orders, code="18.2-95", severity="F", offense_class="U", **columns)

    assert said("2026-09-01", acquitted(commonwealth_concurs=False)) == "not_sealed"
    assert said("2026-09-01", acquitted(commonwealth_concurs=True)) == "unknown"
    assert said("2026-09-01", acquitted()) == "unknown"
    assert said("2026-09-01", acquitted(order("2026-08-20", "392.8"))) == "sealed"


def test_12_dismissed_on_a_plea_of_guilty_may_be_a_deferral() -> None:
    found = ask("2026-07-01", charge("2020-05-05", "DISMISSED", plea="guilty"))

    assert (str(found.answer), found.missing) == ("unknown", ("deferral",))
    assert said("2026-07-01", charge("2020-05-05", "DISMISSED", plea="guilty", deferred=True)) == "not_sealed"
    assert said("2026-07-01", charge("2020-05-05", "DISMISSED", plea="guilty", deferred=False)).startswith("unknown")
    assert said("2026-07-01", charge("2020-05-05", "DISMISSED", deferred=False)) == "not_sealed 2026-07-01"


def test_13_a_felony_of_class_4_bars_a_petition_for_twenty_years() -> None:
    released = row("2015-01-01", event="release")
    felony = charge(
        "2014-02-01", "GUILTY", released, code="18.2-248", severity="F", offense_class="6", restitution="none"
    )
    class_4 = other("2012-04-02", severity="F", offense_class="4")

    assert str(ask("2026-07-01", felony, class_4).answer) == "not_sealed"
    assert str(ask("2026-07-01", felony, class_4).may_apply_from) == "2032-04-02"
    assert str(ask("2026-07-01", felony).may_apply_from) == "2026-07-01"


def test_14_driving_drunk_is_never_eligible() -> None:
    drunk = charge("2010-01-01", "GUILTY", code="18.2-266", restitution="none")
    found = ask("2026-07-01", drunk)

    assert (str(found.answer), found.eligible_from, found.may_apply_from) == ("not_sealed", None, None)
    theft = charge("2010-01-01", "GUILTY", code="18.2-95", restitution="none")
    assert str(ask("2026-07-01", theft).may_apply_from) == "2026-07-01"


def test_15_from_july_2027_the_list_is_not_known() -> None:
    assert said("2027-06-30", LARCENY) == "not_sealed 2026-07-01"
    assert str(ask("2027-07-01", LARCENY).answer) == "unknown"
    assert ask("2027-07-01", LARCENY).regimes == ("us-va/vc-19.2-392.6",)
    ordered = charge("2017-03-15", "GUILTY", order("2026-08-03", "392.7"), offence="2017-03-01")
    assert str(ask("2027-07-01", ordered).answer) == "sealed"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("NOT GUILTY", "not_sealed 2026-07-01"),
        ("", "unknown"),
        ("zorched", "unknown"),
        ("RESOLVED", "unknown"),
        ("PREPAID", "unknown"),
    ],
)
def test_another_case_that_may_be_a_conviction_is_not_read_as_none(text: str, answer: str) -> None:
    assert said("2026-08-01", LARCENY, other("2019-05-01", text)).startswith(answer)
    assert said("2026-08-01", charge("2020-01-01", "NOLLE PROSEQUI"), other("2019-05-01", text)).startswith(answer)


def test_another_conviction_that_was_vacated_may_be_one_again() -> None:
    reopened, rows = other("2019-05-01")
    vacated = reopened, [*rows, row("2019-06-01", event="vacated")]

    assert said("2026-08-01", LARCENY, (reopened, rows)) == "not_sealed"
    assert said("2026-08-01", LARCENY, vacated).startswith("unknown")
