"""9122.1 and 9122: an order seals, whatever the clock says; from when a court may be asked."""

from __future__ import annotations

from typing import Any

import pytest

from .asking_pa import DRUGS, EXPUNGED, PETITION, another, ask, day, found, letter, order


@pytest.mark.parametrize(
    ("grade", "ended", "on", "apply"),
    [
        ("M1", "2010-05-01", "2018-12-25", None),
        ("M1", "2010-05-01", "2018-12-26", "2020-05-01"),
        ("M1", "2010-05-01", "2024-02-11", "2020-05-01"),
        ("M1", "2018-05-01", "2024-02-11", "2028-05-01"),
        ("M1", "2018-05-01", "2024-02-12", "2025-05-01"),
        ("M", "2018-05-01", "2024-02-12", None),
        ("F3", "2018-05-01", "2024-02-11", None),
        ("F3", "2018-05-01", "2024-02-12", "2028-05-01"),
        ("F2", "2018-05-01", "2024-02-12", None),
    ],
)
def test_from_when_a_court_may_be_asked(grade: str, ended: str, on: str, apply: str | None) -> None:
    decision = ask(on, found(ended, grade=grade, case_bar=None, history=None, fines_paid=True))

    assert decision.may_apply_from == (day(apply) if apply else None)
    assert str(decision.answer) == "not_sealed"


def test_what_bears_on_the_day_of_asking() -> None:
    crime, drugs = found("2015-05-01", grade="M1"), found("2015-05-01", grade="F", code=DRUGS)
    again = another(found("2019-05-01"))

    assert ask("2025-01-01", drugs).may_apply_from == day("2025-05-01")
    assert ask("2025-01-01", crime, others=[again]).may_apply_from == day("2026-05-01")
    assert ask("2025-01-01", found("2015-05-01", grade="M1", restitution="owed")).may_apply_from is None
    assert ask("2025-01-01", found("2015-05-01", grade="M", max_penalty_months="60")).may_apply_from is not None
    assert ask("2025-01-01", found("2015-05-01", grade="M", max_penalty_months="61")).may_apply_from is None


@pytest.mark.parametrize("grade", ["M1", "F3", "F1", "S", None])
def test_an_order_on_a_petition_seals_since_december_2018(grade: str | None) -> None:
    crime = found("2001-05-01", grade=grade, restitution=None)

    assert letter("2018-12-26", crime, order("2018-12-26", "18 Pa.C.S. § 9122.1")) == "S"
    assert letter("2018-12-26", crime, order("2018-12-25", "18 Pa.C.S. § 9122.1")) == "U"
    assert ask("2019-01-01", crime, order("2018-12-26", "9122.1")).regimes == (PETITION,)


def test_an_order_that_names_a_charge_seals_that_charge_alone() -> None:
    charges = [found("2001-05-01", grade="M1", charge=charge) for charge in ("1", "2")]

    one = ask("2025-01-01", *charges, order("2024-09-01", "9122.1", "1"))
    assert (str(one.answer), one.charges) == ("not_sealed", (("1", PETITION),))
    assert letter("2025-01-01", *charges, order("2024-09-01", "9122.1")) == "S"


@pytest.mark.parametrize("section", ["9122", "18 Pa.C.S. 9122", "9122(a)(1)", "9122(a)(2)", "9122(a)(4)"])
@pytest.mark.parametrize("text", ["Not Guilty", "Guilty", "Withdrawn", ""])
def test_an_order_expunges(section: str, text: str) -> None:
    decision = ask("2024-09-01", found("2010-05-01", text, grade="F1"), order("2024-09-01", section))

    assert (str(decision.answer), decision.regimes, decision.effect) == ("sealed", (EXPUNGED,), "expunge")
    assert letter("2024-08-31", found("2010-05-01", text, grade="F1"), order("2024-09-01", section)) != "S"


def test_a_notice_after_a_pardon_is_of_june_2024_or_later() -> None:
    crime = found("2001-05-01", grade="F1")
    answers: list[Any] = [letter("2024-07-01", crime, order(on, "9122(a)(2.1)")) for on in ("2024-06-10", "2024-06-11")]

    assert answers == ["U", "S"]


@pytest.mark.parametrize(("limited", "expunged"), [("2024-07-01", "2024-09-01"), ("2024-09-01", "2024-07-01")])
def test_what_was_expunged_stays_so_beside_limited_access(limited: str, expunged: str) -> None:
    decision = ask("2025-01-01", found("2010-05-01"), order(limited, "9122.2"), order(expunged, "9122"))

    assert (decision.regimes, decision.legal_from) == ((EXPUNGED,), day(expunged))
    same = ask("2025-01-01", found("2010-05-01"), order(expunged, "9122.2"), order(expunged, "9122"))
    assert same.regimes == (EXPUNGED,)
