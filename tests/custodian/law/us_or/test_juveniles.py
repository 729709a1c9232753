"""ORS 419A.260 to 419A.271."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ..asking import case, row
from .oregon import ask, eligible, order

FAMILY: dict[str, Any] = {"court": "family"}
CONTACT = row("2021-03-01", "NO PETITION", **FAMILY)
BORN: dict[str, Any] = {"birth_date": dt.date(2006, 5, 1)}


def test_a_contact_is_expunged_by_the_notice_and_the_agency_has_sixty_days() -> None:
    noticed = (CONTACT, order("2023-07-01", "NOTICE 419A.261", **FAMILY))

    assert [str(ask(on, *noticed).answer) for on in ("2023-06-30", "2023-07-01")] == ["not_sealed", "sealed"]
    decision = ask("2023-07-01", *noticed)
    assert (decision.regimes, decision.effect) == (("us-or/ors-419a",), "expunge")
    assert decision.duty_from is not None
    assert decision.duty_from + dt.timedelta(days=60) == dt.date(2023, 8, 30)


def test_the_departments_duty_begins_at_eighteen() -> None:
    assert eligible("2024-04-30", CONTACT, **BORN) == "2024-05-01"
    assert eligible("2024-05-01", CONTACT, **BORN) == "2024-05-01"
    assert eligible("2024-05-01", CONTACT) is None


def test_the_duty_is_of_2022() -> None:
    assert eligible("2022-01-01", CONTACT, birth_date=dt.date(2004, 1, 3)) is None
    assert eligible("2022-01-02", CONTACT, birth_date=dt.date(2004, 1, 3)) == "2022-01-03"


def test_who_was_eighteen_by_then_has_to_ask() -> None:
    born: dict[str, Any] = {"birth_date": dt.date(2004, 1, 2)}
    asked = row("2024-03-01", event="expunction_requested")

    assert eligible("2025-01-01", CONTACT, **born) is None
    assert eligible("2025-01-01", CONTACT, asked, **born) == "2024-03-01"
    assert eligible("2025-01-01", CONTACT, asked, **BORN) == "2024-05-01"


def test_who_was_adjudicated_or_has_a_case_pending_is_not_reached() -> None:
    assert eligible("2025-01-01", row("2021-03-01", "ADJUDICATED", **FAMILY), **BORN) is None
    for text in ("ADJUDICATED", "PENDING", "zorched", "MISSING", "Extradited"):
        other = case("J2", row("2021-03-01", text, **FAMILY))
        assert eligible("2025-01-01", CONTACT, others=(other,), **BORN) is None


@pytest.mark.parametrize("section", ["ORS 419A.260", "419A.261", "ORS 419A.262", "419A.265", "419A.267", "419A.271"])
@pytest.mark.parametrize("text", ["DISMISSED", "NO PETITION", "CONVICTED", "", "PENDING"])
def test_an_order_for_juveniles_where_no_row_says_family_court_is_unknown(section: str, text: str) -> None:
    for court in (None, "local"):
        rows = (row("2021-03-01", text, court=court), order("2023-07-01", section, court=court))
        family = text == "NO PETITION"  # words that family court alone has

        found = ask("2025-01-01", *rows)
        assert (str(found.answer), found.withheld) == (("sealed", False) if family else ("unknown", True))
        assert str(ask("2023-06-30", *rows[:1]).answer) == str(ask("2023-06-30", *rows).answer)


def test_what_says_that_it_was_family_court_settles_it() -> None:
    dismissed = row("2021-03-01", "DISMISSED")
    blank = ask("2025-01-01", dismissed, order("2022-01-01", "419A.261"))

    assert (str(blank.answer), blank.missing) == ("unknown", ("court",))
    assert str(ask("2025-01-01", dismissed, order("2022-01-01", "419A.261", **FAMILY)).answer) == "sealed"
