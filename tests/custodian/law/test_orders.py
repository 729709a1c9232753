"""Regimes under which only an order seals: CPL 160.58, which a new arrest lifts, and 160.59."""

from __future__ import annotations

from typing import Any

import pytest

from .asking import DAY, around, ask, ask_of, case, convicted, day, regimes, row

NOT, YES, UNKNOWN = "not_sealed", "sealed", "unknown"
ASSAULT: dict[str, Any] = {"law_code": "PL 120.00", "severity": "M"}
CRIME = convicted("2020-01-01", "2020-02-10", **ASSAULT)
ORDERED = case("A", *CRIME, row("2021-06-01", "CPL 160.58", "seal_order"))
ARRESTED: dict[str, Any] = {"arrest_date": day("2022-01-03")}


@pytest.mark.parametrize("statute", ["160.58", "160.59"])
def test_an_order_only_regime_needs_its_order(statute: str) -> None:
    order = row("2021-06-01", f"CPL {statute}", "seal_order")

    assert around("2021-06-01", *CRIME, order) == (NOT, YES, YES)
    assert regimes(ask("2021-06-01", *CRIME, order)) == [f"cpl-{statute}"]
    assert str(ask("2022-01-01", *CRIME).answer) == NOT


def said(on: str, other: Any) -> tuple[str, ...]:
    return tuple(str(ask_of(ORDERED, day(on) + n * DAY, ORDERED, other).answer) for n in (-1, 0, 1))


def test_a_new_arrest_lifts_it_and_an_acquittal_puts_it_back() -> None:
    new = case(
        "B", row("2022-01-03", "PENDING", severity="M"), row("2022-09-05", "ACQUITTED", severity="M"), **ARRESTED
    )

    assert said("2022-01-03", new) == (YES, NOT, NOT)
    assert said("2022-09-05", new) == (NOT, YES, YES)
    assert ask_of(ORDERED, "2022-10-01", ORDERED, new).legal_from == day("2022-09-05")


def test_a_new_case_that_ends_in_a_violation_puts_it_back() -> None:
    petty = case(
        "B", row("2022-01-03", "PENDING", severity="M"), row("2022-09-05", "PLED TO DISCON 240.20"), **ARRESTED
    )
    crime = case("B", row("2022-01-03", "PENDING", severity="M"), *convicted("2022-09-05", None, **ASSAULT), **ARRESTED)

    assert said("2022-09-05", petty) == (NOT, YES, YES)
    assert said("2022-09-05", crime) == (NOT, NOT, NOT)


def test_an_adjournment_of_the_new_case_puts_it_back_when_it_has_run_out() -> None:
    acd = case("B", row("2022-01-10", "ACD", severity="M", family_offense=False), **ARRESTED)

    assert said("2022-07-10", acd) == (NOT, NOT, YES)
    assert ask_of(ORDERED, "2022-02-01", ORDERED, acd).next_change == day("2022-07-11")
    assert ask_of(ORDERED, "2022-02-01", ORDERED, acd).withheld


def test_what_is_not_known_of_the_new_case_makes_it_unknown() -> None:
    pending = row("2022-01-03", "PENDING")

    assert said("2022-06-01", case("B", pending, **ARRESTED))[0] == UNKNOWN
    assert said("2022-06-01", case("B", row("2022-01-03", "PENDING", severity="V"), **ARRESTED))[0] == YES
    assert said("2022-06-01", case("B", row("2022-01-03", "PENDING", severity="M")))[0] == UNKNOWN
    assert said("2022-06-01", case("B", row("2022-01-03", "STET", severity="M"), **ARRESTED))[0] == UNKNOWN


def test_an_arrest_before_the_order_is_none_after_it() -> None:
    earlier = {"arrest_date": day("2021-05-31")}
    same = {"arrest_date": day("2021-06-01")}
    rows = row("2021-06-01", "PENDING", severity="M")

    assert said("2022-06-01", case("B", rows, **earlier))[0] == YES
    assert said("2022-06-01", case("B", rows, **same))[0] == UNKNOWN


def test_the_row_that_opens_the_new_docket_is_its_charge() -> None:
    opened = case("B", row("2022-01-03", event="new_charge", severity="M"), row("2022-01-20", "PENDING", severity="M"))

    assert said("2022-01-20", opened) == (UNKNOWN, NOT, NOT)


def test_a_new_charge_in_the_sealed_docket_bears_on_its_order() -> None:
    order, other = row("2021-06-01", "160.58", "seal_order"), row("2021-06-01", "160.59", "seal_order")

    assert around("2022-01-01", *CRIME, order, row("2022-01-01", event="new_charge")) == (YES, UNKNOWN, UNKNOWN)
    charged = row("2022-01-01", event="new_charge", severity="M")
    assert around("2022-01-01", *CRIME, order, charged) == (YES, NOT, NOT)
    assert str(ask("2022-06-01", *CRIME, other, charged).answer) == YES
    assert str(ask("2022-06-01", row("2019-12-01", event="new_charge", severity="M"), *CRIME, order).answer) == YES


def test_160_59_may_be_asked_for_ten_years_after_the_last_conviction_or_release() -> None:
    first = case("A", *convicted("2008-01-01", "2008-02-10", **ASSAULT))
    last = case("B", *convicted("2010-01-01", "2010-02-10", **ASSAULT), row("2011-05-31", event="release"))
    third = case("C", *convicted("2009-01-01", "2009-02-10", **ASSAULT))

    assert ask_of(first, "2019-01-01", first).may_apply_from == day("2018-02-11")
    assert ask_of(first, "2019-01-01", first, last).may_apply_from == day("2021-06-01")
    assert ask_of(first, "2019-01-01", first, last, third).may_apply_from is None
    assert str(ask_of(first, "2023-01-01", first, last).answer) == NOT


@pytest.mark.parametrize(
    ("law_code", "severity", "offense_class"),
    [("PL 130.52", "M", "A"), ("PL 125.15", "F", "C"), ("PL 160.15", "F", "B"), ("PL 220.43", "F", "A-I")],
)
def test_160_59_leaves_out_what_it_leaves_out(law_code: str, severity: str, offense_class: str) -> None:
    rows = convicted("2005-01-01", "2005-02-10", law_code=law_code, severity=severity, offense_class=offense_class)

    assert ask("2020-01-01", *rows).may_apply_from is None
    assert ask("2020-01-01", *convicted("2005-01-01", "2005-02-10", **ASSAULT)).may_apply_from == day("2015-02-11")


def test_an_arrest_that_lies_ahead_unseals_nothing_yet() -> None:
    sealed = case("S", *convicted("2015-01-01", "2015-02-01"), row("2017-01-01", "CPL 160.58", "seal_order"))
    arrested = case("N", arrest_date=day("2018-06-01"))

    assert [str(ask_of(sealed, on, sealed, arrested).answer) for on in ("2018-05-31", "2018-06-01")] == [YES, UNKNOWN]


@pytest.mark.parametrize("text", ["160.59", "CPL 160.59(4)", "CPL § 160.59", "CPL§160.59", "sealed under CPL160.59."])
def test_an_order_names_its_statute_in_any_writing(text: str) -> None:
    assert regimes(ask("2020-01-01", *convicted("2000-01-01"), row("2019-01-01", text, "seal_order"))) == ["cpl-160.59"]


@pytest.mark.parametrize("text", ["", "BY JUDGE"])
def test_an_order_that_names_no_statute_seals_under_one_that_is_not_known(text: str) -> None:
    crime = convicted("2000-01-01", "2000-02-01", severity="M", law_code="PL 120.00")
    decision = ask("2020-01-01", *crime, row("2019-01-01", text, "seal_order"))

    assert (str(decision.answer), decision.missing) == (UNKNOWN, ("ordered",))
