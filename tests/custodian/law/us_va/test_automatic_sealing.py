"""§§ 19.2-392.6, 392.6:1 and 392.17, on both sides of their days, and what a file leaves blank."""

from __future__ import annotations

from typing import Any

import pytest

from ..asking import row
from .virginia import Case, ask, charge, order, other, said

EVE, FIRST = "2026-06-30", "2026-07-01"
LISTED = ("18.2-96", "18.2-103", "18.2-119", "18.2-120", "18.2-134", "18.2-248.1", "18.2-415")


@pytest.mark.parametrize("code", LISTED)
def test_every_misdemeanour_of_the_list_is_eligible_and_a_felony_of_its_number_is_not(code: str) -> None:
    assert said(EVE, charge("2017-03-15", "GUILTY", code=code)) == "not_sealed"
    assert said(FIRST, charge("2017-03-15", "GUILTY", code=code)) == "not_sealed 2026-07-01"
    assert said(FIRST, charge("2017-03-15", "GUILTY", code=code, severity="F", offense_class="5")) == "not_sealed"


@pytest.mark.parametrize("code", ["18.2-95", "18.2-97", "18.2-57", "4.1-305", "18.2-265.3(A)", "18.2-250"])
def test_what_is_not_on_the_list_is_not_eligible(code: str) -> None:
    assert said(FIRST, charge("2017-03-15", "GUILTY", code=code)) == "not_sealed"


@pytest.mark.parametrize(
    ("blank", "missing"),
    [
        ({"offence": None}, "crime_date"),
        ({"whole": False}, "history"),
        ({"history_complete": False, "whole": False}, "history"),
        ({"code": None}, "law"),
        ({"severity": None}, "severity"),
    ],
)
def test_a_fact_that_is_blank_makes_it_unknown_once_the_years_have_run(blank: dict[str, Any], missing: str) -> None:
    found = ask(FIRST, charge("2017-03-15", "GUILTY", **blank))

    assert str(found.answer) == "unknown"
    assert missing in found.missing
    assert found.withheld
    assert str(ask(EVE, charge("2017-03-15", "GUILTY", **blank)).answer) == "not_sealed"


@pytest.mark.parametrize(
    ("convicted", "answer"),
    [
        (other("2017-03-14"), "not_sealed 2026-07-01"),
        (other("2024-03-14"), "not_sealed"),
        (other("2024-03-15"), "not_sealed 2026-07-01"),
        (other("2020-01-01", severity="F", offense_class="6"), "not_sealed"),
        (other("2020-01-01", offense_class="3"), "unknown 2026-07-01"),
        (other("2020-01-01", offense_class=None), "unknown 2026-07-01"),
        (other("2020-01-01", severity=None, offense_class=None), "unknown 2026-07-01"),
        (other("2020-01-01", severity="I", offense_class=None), "not_sealed 2026-07-01"),
        (other("2020-01-01", "NOT GUILTY"), "not_sealed 2026-07-01"),
        (other("2020-01-01", "RESOLVED"), "unknown 2026-07-01"),
        (other("2017-03-15", code="18.2-103"), "not_sealed 2026-07-01"),
        (other("2017-03-15", code="18.2-103", severity="F", offense_class="U"), "not_sealed"),
        (other("2017-03-15", code=None), "unknown 2026-07-01"),
        (other("2017-03-15", severity="I", code="46.2-870"), "not_sealed 2026-07-01"),
    ],
)
def test_another_conviction_blocks_for_good_within_the_years_and_on_the_day(convicted: Case, answer: str) -> None:
    assert said(FIRST, charge("2017-03-15", "GUILTY"), convicted) == answer


def test_a_conviction_that_was_expunged_does_not_count() -> None:
    gone = other("2020-01-01")
    gone[1].append(order("2021-01-01", "392.2"))

    assert said(FIRST, charge("2017-03-15", "GUILTY"), gone) == "not_sealed 2026-07-01"
    pardoned = other("2020-01-01")
    pardoned[1].append(row("2021-01-01", event="absolute_pardon"))
    assert said(FIRST, charge("2017-03-15", "GUILTY"), pardoned).startswith("unknown")


def test_from_july_2027_any_misdemeanour_conviction_or_deferral_may_be_listed() -> None:
    eve, day = "2027-06-30", "2027-07-01"

    assault = charge("2025-01-01", "GUILTY", code="18.2-57")
    assert [said(on, assault) for on in (eve, day)] == ["not_sealed", "unknown"]
    deferred = charge("2025-01-01", "DEFERRED AND DISMISSED", code="18.2-57")
    assert ask(day, deferred).regimes == ("us-va/vc-19.2-392.6", "us-va/vc-19.2-392.2")
    assert said(day, charge("2025-01-01", "GUILTY", code="18.2-95", severity="F", offense_class="5")) == "not_sealed"
    assert said(day, charge("2025-01-01", "GUILTY", code="46.2-870", severity="I", offense_class=None)) == "not_sealed"
    assert said(day, charge("2027-01-01", "PENDING", code="18.2-57")) == "not_sealed"


@pytest.mark.parametrize(
    "text", ["GUILTY", "NOT GUILTY", "NOLLE PROSEQUI", "DISMISSED", "DEFERRED AND DISMISSED", "PREPAID"]
)
def test_former_possession_of_marijuana_is_sealed_however_it_ended(text: str) -> None:
    held = charge("2001-01-01", text, code="Va. Code § 18.2-250.1", whole=False)

    assert [str(ask(on, held).answer) for on in (EVE, FIRST)] == ["not_sealed", "sealed"]
    assert ask(FIRST, held).regimes == ("us-va/vc-19.2-392.6-1",)
    assert str(ask(FIRST, charge("2001-01-01", text, code="18.2-248.1:1")).answer) != "sealed"


def test_marijuana_whose_end_is_not_told_is_unknown_and_its_matters_stay_open() -> None:
    assert [said(on, charge("2001-01-01", "PENDING", code="18.2-250.1")) for on in (EVE, FIRST)] == [
        "not_sealed",
        "unknown",
    ]
    for matter in ("probation violation", "contempt", "failure to appear", "bail appeal"):
        assert said(FIRST, charge("2001-01-01", "GUILTY", code="18.2-250.1", matter=matter)) == "not_sealed"


@pytest.mark.parametrize("code", [None, "18.2-388", "SPEEDING", "4.1-305", "22-14"])
def test_an_infraction_that_may_not_be_one_of_traffic_is_unknown_after_eleven_years(code: str | None) -> None:
    drunk = charge("2016-08-10", "GUILTY", code=code, severity="I", offense_class=None)

    # a section that cannot be read may also be the former § 18.2-250.1
    assert said("2027-08-09", drunk) == ("unknown" if code in (None, "SPEEDING") else "not_sealed")
    assert said("2027-08-10", drunk) == "unknown"
    assert ask("2027-08-10", drunk).withheld


@pytest.mark.parametrize("code", ["46.2-870", "10-5"])
@pytest.mark.parametrize(
    ("ended", "offence", "of_1986"),
    [
        *(("1986-02-01", "1986-01-01", True), ("1986-02-01", "1985-12-31", False), ("1985-12-31", None, False)),
        *(("1986-01-01", None, None), ("1987-12-31", None, None), ("1988-01-01", None, True)),
    ],
)
def test_an_infraction_before_1986_is_not_reached(
    code: str, ended: str, offence: str | None, of_1986: bool | None
) -> None:
    found = said(FIRST, charge(ended, "GUILTY", code=code, severity="I", offense_class=None, offence=offence))

    reached = "sealed" if code == "46.2-870" else "unknown"
    assert found == {True: reached, False: "not_sealed", None: "unknown"}[of_1986]


def test_an_infraction_is_sealed_after_eleven_years_without_an_order() -> None:
    fast = charge("2016-08-10", "GUILTY", code="46.2-870", severity="I", offense_class=None, whole=False)

    assert [said(on, fast) for on in ("2027-08-09", "2027-08-10")] == ["not_sealed", "sealed"]
    assert str(ask("2027-08-09", fast).next_change) == "2027-08-10"
    old = charge("2010-01-01", "PREPAID", code="46.2-870", severity="I", offense_class=None)
    assert [said(on, old) for on in (EVE, FIRST)] == ["not_sealed", "sealed"]
    assert said("2030-01-01", charge("2016-08-10", "PENDING", severity="I", code="46.2-870")) == "not_sealed"
    assert said(FIRST, charge("2010-01-01", "GUILTY", severity="M", code="46.2-862")) == "not_sealed"
