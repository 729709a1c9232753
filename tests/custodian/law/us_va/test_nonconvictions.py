"""§§ 19.2-392.8, 392.11 and 392.2, on both sides of their days."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ..asking import row
from .virginia import Case, arrest, ask, charge, order, other, said

FIRST, RENEWED = "2026-07-01", "2026-12-01"


@pytest.mark.parametrize(
    ("ended", "text", "columns", "answer"),
    [
        ("2026-06-30", "NOT GUILTY", {}, "not_sealed 2026-07-01"),
        ("2026-07-01", "NOT GUILTY", {}, "unknown 2026-07-01"),
        ("2026-07-01", "DISMISSED", {"deferred": False, "with_prejudice": True}, "unknown 2026-07-01"),
        ("2026-07-01", "DISMISSED", {"deferred": False, "with_prejudice": False}, "not_sealed 2026-07-01"),
        ("2026-07-01", "DISMISSED", {"deferred": False}, "unknown 2026-07-01"),
        ("2026-07-01", "DISMISSED WITHOUT PREJUDICE", {"deferred": False}, "not_sealed 2026-07-01"),
        (
            "2026-07-01",
            "DISMISSED WITHOUT PREJUDICE",
            {"deferred": False, "with_prejudice": True},
            "unknown 2026-07-01",
        ),
        ("2026-07-01", "DISMISSED WITH PREJUDICE", {"deferred": True}, "not_sealed"),
        ("2026-07-01", "NOLLE PROSEQUI", {}, "not_sealed 2026-07-01"),
        ("2026-07-01", "NOT GUILTY BY REASON OF INSANITY", {}, "not_sealed"),
    ],
)
def test_what_ends_in_favour_from_july_2026_is_sealed_at_its_end_by_an_order(
    ended: str, text: str, columns: dict[str, Any], answer: str
) -> None:
    assert said("2026-09-01", charge(ended, text, **columns)) == answer


def test_a_felony_that_ended_so_before_july_2026_is_not_reached() -> None:
    def ended(on: str) -> str:
        return said("2026-09-01", charge(on, "NOT GUILTY", code="18.2-95", severity="F", commonwealth_concurs=True))

    assert [ended("2026-06-30"), ended("2026-07-01")] == ["not_sealed", "unknown"]


def test_an_order_at_the_end_of_the_case_seals_from_its_day() -> None:
    cleared = charge("2026-08-01", "NOT GUILTY", order("2026-08-05", "392.8"))

    assert str(ask("2026-08-04", cleared).answer) == "unknown"
    found = ask("2026-08-05", cleared)
    assert (str(found.answer), found.regimes, found.effect) == ("sealed", ("us-va/vc-19.2-392.8",), "seal")


@pytest.mark.parametrize(
    ("beside", "answer"),
    [
        (arrest("2020-01-01"), "not_sealed 2026-07-01"),
        (arrest("2023-07-02"), "not_sealed 2026-07-02"),
        (arrest("2025-06-01", severity="I"), "not_sealed 2026-07-01"),
        (arrest("2025-06-01", severity=None), "not_sealed 2028-06-01"),
        (other("1999-01-01"), "not_sealed"),
        (other("1999-01-01", severity="I"), "not_sealed 2026-07-01"),
        (other("1999-01-01", severity=None), "unknown 2026-07-01"),
        (other("1999-01-01", "NOT GUILTY"), "not_sealed 2026-07-01"),
        (other("1999-01-01", other_state=True), "not_sealed 2026-07-01"),
        (other("2025-06-01", "NOT GUILTY", other_state=True), "not_sealed 2026-07-01"),
        (other("2025-06-01", "NOT GUILTY", other_state=False), "not_sealed 2028-06-01"),
    ],
)
def test_an_older_charge_waits_for_three_years_without_an_arrest_and_for_no_conviction(
    beside: Case,
    answer: str,
) -> None:
    assert said(FIRST, charge("2024-01-01", "NOLLE PROSEQUI"), beside) == answer
    assert str(ask("2026-06-30", charge("2024-01-01", "NOLLE PROSEQUI"), beside).answer) == "not_sealed"


@pytest.mark.parametrize(
    ("ended", "offence", "answer"),
    [
        ("1986-06-01", "1986-01-01", "not_sealed 2026-07-01"),
        ("1986-06-01", "1985-12-31", "unknown 2026-07-01"),
        ("1987-12-31", None, "unknown 2026-07-01"),
        ("1988-01-01", None, "not_sealed 2026-07-01"),
    ],
)
def test_whether_the_yearly_list_reaches_an_offence_before_1986_is_not_known(
    ended: str, offence: str | None, answer: str
) -> None:
    assert said(FIRST, charge(ended, "NOLLE PROSEQUI", offence=offence)) == answer


def test_the_arrest_that_led_to_the_charge_does_not_count() -> None:
    one, rows = arrest("2025-06-01", "NOLLE PROSEQUI")
    same = arrest("2025-06-01")

    assert said(FIRST, (one, rows), same) == "not_sealed 2026-07-01"


@pytest.mark.parametrize(
    ("blank", "missing"),
    [({"whole": False}, "history"), ({"severity": None}, "severity"), ({}, "deferral")],
)
def test_an_older_charge_is_unknown_where_the_file_leaves_it_open(blank: dict[str, Any], missing: str) -> None:
    text = "DISMISSED" if missing == "deferral" else "NOLLE PROSEQUI"
    found = ask(FIRST, charge("2024-01-01", text, **blank))

    assert (str(found.answer), found.missing) == ("unknown", (missing,))


def test_an_older_charge_is_sealed_by_its_order_and_a_felony_is_not_listed() -> None:
    ordered = charge("2024-01-01", "NOLLE PROSEQUI", order("2026-10-01", "392.11"))

    assert [str(ask(on, ordered).answer) for on in ("2026-09-30", "2026-10-01")] == ["not_sealed", "sealed"]
    assert said(FIRST, charge("2024-01-01", "NOLLE PROSEQUI", severity="F", code="18.2-95")) == "not_sealed"


@pytest.mark.parametrize(
    "text",
    ["NOLLE PROSEQUI", "NOT GUILTY", "DISMISSED", "DEFERRED AND DISMISSED", "NO INDICTMENT PRESENTED", "NOT TRUE BILL"],
)
def test_expungement_from_december_2026_is_not_known(text: str) -> None:
    over = charge("2020-01-01", text, code="18.2-95", severity="F", deferred=text.startswith("DEF"))

    assert str(ask("2026-11-30", over).answer) == "not_sealed"
    assert str(ask(RENEWED, over).answer) == "unknown"
    assert "us-va/vc-19.2-392.2" in ask(RENEWED, over).regimes
    assert str(ask(RENEWED, charge("2020-01-01", "PENDING", code="18.2-95", severity="F")).answer) == "not_sealed"
    assert str(ask(RENEWED, charge("2020-01-01", "GUILTY", code="18.2-95", severity="F")).answer) == "not_sealed"


def test_an_order_expunges_and_one_of_december_2026_is_not_known() -> None:
    def ordered(on: str) -> str:
        return str(ask("2027-01-01", charge("2020-01-01", "GUILTY", order(on, "392.2"), severity="F")).answer)

    assert [ordered("2026-11-30"), ordered(RENEWED)] == ["sealed", "unknown"]
    gone = ask("2024-01-01", charge("2020-01-01", "NOLLE PROSEQUI", order("2021-02-03", "392.2")))
    assert (str(gone.answer), gone.effect, str(gone.legal_from)) == ("sealed", "expunge", "2021-02-03")
    assert (
        str(ask("2021-02-02", charge("2020-01-01", "NOLLE PROSEQUI", order("2021-02-03", "392.2"))).answer) != "sealed"
    )


def test_a_petition_to_expunge_may_be_made_at_once_and_not_after_a_deferral() -> None:
    on = "2021-01-01"

    assert str(ask(on, charge("2020-01-01", "NOLLE PROSEQUI")).may_apply_from) == "2020-01-01"
    assert str(ask(on, charge("2020-01-01", "DISMISSED", deferred=False)).may_apply_from) == "2020-01-01"
    assert ask(on, charge("2020-01-01", "DISMISSED")).may_apply_from is None
    assert ask(on, charge("2020-01-01", "DISMISSED", deferred=True)).may_apply_from is None
    assert ask(on, charge("2020-01-01", "GUILTY")).may_apply_from is None


@pytest.mark.parametrize("event", ["absolute_pardon", "actual_innocence"])
def test_a_pardon_or_a_writ_lets_a_person_ask_and_is_unknown_from_december_2026(event: str) -> None:
    excused = charge("2010-01-01", "GUILTY", row("2022-05-06", event=event), code="18.2-51", severity="F")

    assert str(ask("2023-01-01", excused).may_apply_from) == "2022-05-06"
    assert [str(ask(on, excused).answer) for on in ("2026-11-30", RENEWED)] == ["not_sealed", "unknown"]


@pytest.mark.parametrize("text", ["CERTIFIED TO GRAND JURY", "CERTIFIED", "REMANDED", "TRANSFERRED TO CIRCUIT COURT"])
def test_another_case_that_went_elsewhere_is_unknown_until_the_record_has_what_followed(text: str) -> None:
    mine = charge("2022-01-01", "NOLLE PROSEQUI", code="18.2-57")

    def beside(*cases: Case) -> str:
        return str(ask(FIRST, mine, *cases).answer)

    def of_arrest(made: Case, number: str = "K1") -> Case:
        return replace(made[0], arrest_number=number), made[1]

    facts: dict[str, Any] = {"code": "18.2-51", "severity": "F", "offense_class": "3"}
    sent = of_arrest(other("2015-01-01", text, **facts))

    def circuit(date: str, how: str, number: str = "K1", **more: Any) -> Case:
        return of_arrest(charge(date, how, number="059CR15000001-00", **facts | more), number)

    assert beside(sent) == "unknown"
    assert beside(sent, circuit("2015-06-01", "NOT GUILTY")) == "not_sealed"
    assert ask(FIRST, mine, sent, circuit("2015-06-01", "GUILTY")).eligible_from is None
    assert beside(sent, circuit("2015-06-01", "NOT GUILTY", number="K2")) == "unknown", "of another arrest"
    assert beside(sent, circuit("2014-06-01", "NOT GUILTY")) == "unknown", "it ended before"
    assert beside(sent, circuit("2015-06-01", "NOT GUILTY", code="18.2-57")) == "unknown", "another offence"
    assert beside(other("2015-01-01", text, code="46.2-870", severity="I", offense_class=None)) == "not_sealed"


@pytest.mark.parametrize("text", ["GUILTY", "NOLLE PROSEQUI", "DISMISSED", "PENDING", "NOT GUILTY"])
def test_a_case_of_a_juvenile_court_is_unknown_and_an_order_seals_it(text: str) -> None:
    action, (first,) = charge("2012-01-01", text, code="18.2-57", deferred=False)
    numbered = charge("2012-01-01", text, code="18.2-57", deferred=False, number="013JJ12000001-00")
    family = action, [replace(first, court="family")]
    adult = action, [replace(first, court="circuit")]

    for on in ("2024-01-01", FIRST):
        for one in (family, numbered):
            found = ask(on, one)
            assert (str(found.answer), found.withheld) == ("unknown", True)
            assert (found.eligible_from, found.may_apply_from) == (None, None), "no list of adults is told"
        assert str(ask(on, adult).answer) == "not_sealed"
    ordered = action, [*family[1], order("2026-07-01", "392.12")]
    assert str(ask(FIRST, ordered).answer) == "sealed"
    fast = charge("2010-01-01", "GUILTY", code="46.2-870", severity="I", offense_class=None)
    marijuana = charge("2001-01-01", "GUILTY", code="18.2-250.1")
    for made, (row_of, *_) in (fast, marijuana):
        assert str(ask(FIRST, (made, [row_of])).answer) == "sealed"
        assert str(ask(FIRST, (made, [replace(row_of, court="family")])).answer) == "unknown"
