"""Which charges an order reaches, where its row names none, and what a second order changes."""

from __future__ import annotations

from typing import Any

import pytest

from sealscrub.custodian.law import Event
from sealscrub.custodian.law.explanation import Explanation

from ..asking import row
from .oregon import ask, convicted, eligible, order, said

NOW = "2026-11-01"
THEFT = convicted("2022-01-01", "MA", charge="1")
LISTED: dict[str, Any] = {"more": (("order_scope", "listed"),)}
ALL: dict[str, Any] = {"more": (("order_scope", "all"),)}


def test_an_order_on_listed_charges_of_which_no_row_says_which_is_unknown() -> None:
    alike = (THEFT, convicted("2022-01-01", "MA", charge="2"))

    found = ask(NOW, *alike, order("2023-01-01", **LISTED))
    assert (str(found.answer), found.missing) == ("unknown", ("order_charges",))
    assert said(NOW, *alike, order("2023-01-01", **ALL)) == "sealed"
    assert said(NOW, *alike, order("2023-01-01")) == "sealed"
    numbered = [order("2023-01-01", charge=number, **LISTED) for number in ("1", "2")]
    assert said(NOW, *alike, *numbered) == "sealed"
    assert ask(NOW, *alike, numbered[0]).charges == (("1", "us-or/ors-137.225"),)
    assert said(NOW, THEFT, order("2023-01-01", **LISTED)) == "sealed"


@pytest.mark.parametrize(("grade", "code"), [("FA", "164.415"), ("MA", "163.145"), ("MA", "811.700")])
def test_an_order_that_names_no_charge_beside_one_that_is_never_set_aside_is_unknown(grade: str, code: str) -> None:
    counts = (THEFT, convicted("2022-01-01", grade, code, charge="2"))

    found = ask(NOW, *counts, order("2023-01-01"))
    assert (str(found.answer), found.missing) == ("unknown", ("order_charges",))
    assert found.charges == (("1", "us-or/ors-137.225"),)
    assert said(NOW, *counts, order("2023-01-01", **ALL)) == "sealed"
    assert said(NOW, counts[1], order("2023-01-01")) == "sealed"
    dismissed = row("2022-01-01", "DISMISSED", severity="F", offense_class="A", law_code="164.415", charge="2")
    assert said(NOW, row("2022-01-01", "DISMISSED", charge="1"), dismissed, order("2023-01-01")) == "sealed"


@pytest.mark.parametrize("second", ["137.225", "137.226", "SEALED", "137.290"])
def test_what_an_order_sealed_stays_sealed_from_its_day(second: str) -> None:
    marijuana = convicted("2010-06-01", "FC", "475.864")
    orders = (order("2023-06-01", "137.226"), order("2024-06-01", second))

    for on in ("2023-06-01", "2024-05-31", NOW):
        found = ask(on, marijuana, *orders)
        assert (str(found.answer), str(found.legal_from)) == ("sealed", "2023-06-01")
        assert found.regimes == ("us-or/ors-137.226",)


def test_a_second_order_settles_what_the_first_left_open() -> None:
    counts = (THEFT, row("2022-01-01", "DISMISSED", charge="2"), order("2023-01-01"))
    second = [order("2024-01-01", charge=number) for number in ("1", "2")]

    assert said("2023-12-31", *counts, *second) == "unknown"
    assert str(ask(NOW, *counts, *second).legal_from) == "2024-01-01"
    unread = (THEFT, order("2023-01-01", "SEALED"), order("2024-01-01"))
    assert str(ask(NOW, *unread).legal_from) == "2024-01-01"


def test_an_order_that_was_taken_back_seals_no_more() -> None:
    taken_back = (order("2023-06-01"), row("2024-01-01", "137.225", event="no_seal_order"))

    assert said("2023-12-31", convicted("2015-01-01", "MA"), *taken_back) == "sealed"
    assert said(NOW, convicted("2015-01-01", "MA"), *taken_back) == "not_sealed"
    assert eligible(NOW, convicted("2015-01-01", "MA"), *taken_back) == "2018-01-01"


def said_to_change(*events: Event) -> list[str]:
    said = Explanation(ask(NOW, *events)).text().replace("No court may be asked", "").splitlines()
    return [line.removeprefix("  · ") for line in said if "may be asked" in line or "no day" in line]


def test_the_day_is_told_by_charge() -> None:
    old, never = convicted("2015-01-01", "MA", charge="1"), convicted("2015-01-01", "FA", "164.415", charge="2")
    dismissed = row("2022-01-10", "DISMISSED", severity="M", offense_class="A", law_code="164.043", charge="2")
    first = "Charge 1: a court may be asked to seal it from 2018-01-01."

    assert said_to_change(old, never) == [first, "Charge 2: the file gives no day."]
    ordered = order("2023-06-01", charge="1")
    second = "Charge 2: a court may be asked to seal it from 2022-01-10."
    assert said_to_change(old, dismissed) == [first, second]
    assert said_to_change(old, dismissed, ordered) == [second]
    assert len(said_to_change(old)) == 1
    assert said_to_change(old, ordered) == []
