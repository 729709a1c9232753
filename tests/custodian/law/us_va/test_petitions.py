"""§§ 19.2-392.12 and 392.12:1, orders and their sections, ancillary matters, on both sides of their days."""

from __future__ import annotations

from typing import Any

import pytest

from sealscrub.custodian.law import Event, decide

from ..asking import case, day, row
from .virginia import NAME, Case, ask, charge, order, other, said

FIRST = "2026-07-01"
SECTIONS = {
    "392.6": "392.6",
    "392.7": "392.6",
    "392.8": "392.8",
    "392.11": "392.11",
    "392.12": "392.12",
    "392.12:1": "392.12-1",
    "392.12:1(A)": "392.12-1",
}


def apply_from(one: Case, *others: Case, on: str = FIRST) -> str | None:
    found = ask(on, one, *others).may_apply_from
    return None if found is None else str(found)


@pytest.mark.parametrize(("section", "regime"), SECTIONS.items())
def test_an_order_seals_from_its_day_and_not_before_the_law(section: str, regime: str) -> None:
    def ordered(on: str) -> Case:
        return charge("2015-01-01", "GUILTY", order(on, section), code="18.2-51", severity="F", offense_class="3")

    found = ask("2026-08-01", ordered("2026-07-01"))
    assert (str(found.answer), found.regimes) == ("sealed", (f"us-va/vc-19.2-{regime}",))
    assert str(ask("2026-08-01", ordered("2026-06-30")).answer) == "unknown"
    assert str(ask("2026-07-31", ordered("2026-08-01")).answer) == "not_sealed"
    matter = charge("2015-01-01", "GUILTY", order("2026-07-01", section), code="18.2-456", severity="M")
    assert str(ask("2026-08-01", matter).answer) == "unknown"


@pytest.mark.parametrize("text", ["", "SEALED BY THE COURT", "19.2-392.10", "19.2-392.9", "19.2-392.17"])
def test_an_order_whose_section_is_not_read_is_unknown(text: str) -> None:
    ordered = row("2026-08-01", text, event="seal_order")

    assert str(ask("2026-08-01", charge("2015-01-01", "GUILTY", ordered, code="18.2-57")).answer) == "unknown"


@pytest.mark.parametrize("written", ["392.12:1(B)", "392.12:1 (b)"])
def test_an_order_about_matters_seals_them_and_not_their_offence(written: str) -> None:
    def ordered(code: str, on: str = "2026-08-01") -> str:
        return said("2026-08-01", charge("2015-01-01", "GUILTY", order(on, written), code=code, severity="F"))

    assert [ordered("19.2-306"), ordered("19.2-128"), ordered("18.2-95")] == ["sealed", "sealed", "unknown"]


@pytest.mark.parametrize("code", ["18.2-96", "4.1-305", "18.2-265.3(A)"])
def test_listed_misdemeanours_may_be_asked_for_after_seven_years(code: str) -> None:
    assert apply_from(charge("2018-05-05", "GUILTY", code=code)) == FIRST
    assert apply_from(charge("2020-05-05", "GUILTY", code=code)) == "2027-05-05"
    assert apply_from(charge("2020-05-05", "DEFERRED AND DISMISSED", code=code)) == "2027-05-05"
    assert apply_from(charge("2020-05-05", "GUILTY", code=code, offence="1985-12-31")) is None
    assert apply_from(charge("2020-05-05", "GUILTY", code=code, offence=None)) is None


def test_another_paragraph_of_the_paraphernalia_section_is_not_listed() -> None:
    assert apply_from(charge("2018-05-05", "GUILTY", code="18.2-265.3(B)")) is None
    assert apply_from(charge("2018-05-05", "GUILTY", code="18.2-265.3")) is None


def felony(*more: Event, **columns: Any) -> Case:
    given = {"code": "18.2-248", "severity": "F", "offense_class": "5", "restitution": "paid", **columns}
    return charge("2016-09-01", "GUILTY", *more, **given)


def test_a_felony_may_be_asked_for_after_ten_years_and_a_misdemeanour_after_seven() -> None:
    assert apply_from(felony()) == "2026-09-01"
    assert apply_from(felony(severity="M", code="18.2-57")) == FIRST
    assert apply_from(felony(offense_class="4")) is None
    assert apply_from(felony(offense_class="U")) is None
    for section in (95, 98, 99, 103, 108, 111, 115, 116, 117, 118, 178):  # larceny, or deemed so
        assert apply_from(felony(offense_class="U", code=f"18.2-{section}")) == "2026-09-01"


def test_the_period_begins_with_the_latest_of_its_days() -> None:
    assert apply_from(felony(row("2018-01-01", event="release")), on="2026-07-01") == "2028-01-01"
    violated = (row("2018-01-01", event="release"), row("2019-02-03", event="probation_violation"))
    assert apply_from(felony(*violated)) == "2029-02-03"


def test_what_is_owed_or_left_out_or_granted_twice_bars_the_petition() -> None:
    assert apply_from(felony(restitution="owed")) is None
    assert apply_from(charge("2016-09-01", "GUILTY", code="18.2-248", severity="F", offense_class="5")) is None
    for code in ("18.2-266", "18.2-57.2", "18.2-67.4", "18.2-308.2", "18.2-51"):
        assert apply_from(felony(code=code)) is None
    granted = [
        case(f"059CR1700000{n}-00", *other("2000-01-01")[1], order("2026-07-01", "392.12"), defendant_id="7")
        for n in (1, 2)
    ]
    assert apply_from(felony(severity="M", code="18.2-57"), granted[0]) == FIRST
    assert apply_from(felony(severity="M", code="18.2-57"), *granted) is None


@pytest.mark.parametrize(
    ("offense_class", "when"),
    [("1", None), ("2", None), ("3", "2032-04-02"), ("4", "2032-04-02"), ("5", "2026-09-01"), (None, None)],
)
def test_other_felonies_bar_for_good_for_twenty_years_or_for_ten(offense_class: str | None, when: str | None) -> None:
    convicted = other("2012-04-02", severity="F", offense_class=offense_class)

    assert apply_from(felony(), convicted) == when
    assert str(ask("2040-01-01", felony(), convicted).answer) == "not_sealed" or offense_class is None
    later = other("2020-04-02", severity="F", offense_class="5")
    assert apply_from(felony(), later) == "2030-04-02"
    assert apply_from(felony(severity="M", code="18.2-57"), later) == "2030-04-02"


def test_each_charge_of_a_docket_is_dealt_with_by_itself() -> None:
    first = row("2015-01-01", "GUILTY", charge="1", law_code="18.2-250.1", severity="M")
    second = row("2015-01-01", "GUILTY", charge="2", law_code="18.2-57", severity="M")
    found = decide(*case(NAME, first, second), day(FIRST), law="us-va")

    assert str(found.answer) == "not_sealed"
    assert found.charges == (("1", "us-va/vc-19.2-392.6-1"),)
    ordered = order("2026-07-02", "392.12", charge="2")
    assert str(decide(*case(NAME, first, second, ordered), day("2026-07-02"), law="us-va").answer) == "not_sealed"
    only = decide(*case(NAME, first, second, ordered), day("2026-07-02"), law="us-va").charges
    assert only == (("1", "us-va/vc-19.2-392.6-1"), ("2", "us-va/vc-19.2-392.12"))
