"""ORS 419A.260 to 419A.271."""

from __future__ import annotations

import datetime as dt
from typing import Any

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
    assert eligible("2022-01-01", CONTACT, birth_date=dt.date(2003, 5, 1)) is None
    assert eligible("2022-01-02", CONTACT, birth_date=dt.date(2003, 5, 1)) == "2022-01-02"


def test_who_was_adjudicated_or_has_a_case_pending_is_not_reached() -> None:
    assert eligible("2025-01-01", row("2021-03-01", "ADJUDICATED", **FAMILY), **BORN) is None
    for text in ("ADJUDICATED", "PENDING", "zorched", "MISSING", "Extradited"):
        other = case("J2", row("2021-03-01", text, **FAMILY))
        assert eligible("2025-01-01", CONTACT, others=(other,), **BORN) is None


def test_an_order_for_adults_does_not_reach_a_juvenile_record_and_the_other_way() -> None:
    assert (
        str(ask("2025-01-01", row("2021-03-01", "DISMISSED"), order("2022-01-01", "419A.261")).answer) == "not_sealed"
    )
