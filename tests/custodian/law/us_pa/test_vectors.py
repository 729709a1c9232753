"""Fifteen histories and what the law makes of them, day by day."""

from __future__ import annotations

from typing import Any

import pytest

from .asking_pa import (
    ASSAULT,
    CLEAN_SLATE,
    DRUGS,
    EXPUNGED,
    PETITION,
    another,
    ask,
    day,
    found,
    letter,
    order,
    row,
)


def test_1_and_2_what_ended_without_conviction_is_eligible_from_june_2019() -> None:
    withdrawn = found("2018-03-01", "Withdrawn")

    assert [letter(on, withdrawn) for on in ("2019-06-27", "2019-06-28")] == ["N", "E"]
    assert ask("2019-06-28", withdrawn).eligible_from == day("2019-06-28")
    later = found("2020-03-01", "Withdrawn")
    assert ask("2020-03-01", later).eligible_from == day("2020-03-01")
    ordered = order("2020-04-05", "9122.2")
    assert [letter(on, later, ordered) for on in ("2020-04-04", "2020-04-05")] == ["E", "S"]


def test_3_each_charge_is_weighed_by_itself() -> None:
    guilty = found("2020-03-01", "Guilty", "M1", charge="1")
    nolle = found("2020-03-01", "Nolle Prossed", charge="2")
    alone = [letter("2020-03-02", found("2020-03-01", text, "M1")) for text in ("Guilty", "Nolle Prossed")]
    ordered = ask("2020-05-01", guilty, nolle, order("2020-04-05", "18 Pa.C.S. 9122.2", "2"))

    assert alone == ["N", "E"]
    assert (str(ordered.answer), ordered.charges) == ("not_sealed", (("2", CLEAN_SLATE),))
    assert ask("2020-05-01", guilty, nolle).charges == ()


def test_4_and_5_ten_years_became_seven_on_11_june_2024() -> None:
    theft = found("2015-05-01")

    assert [letter(on, theft) for on in ("2024-06-10", "2024-06-11")] == ["N", "E"]
    assert [ask(on, theft).eligible_from for on in ("2024-06-10", "2024-06-11")] == [
        day("2025-05-01"),
        day("2024-06-11"),
    ]


def test_6_the_anniversary_is_the_first_day() -> None:
    theft = found("2017-06-12", grade="M3")

    assert [letter(on, theft) for on in ("2024-06-11", "2024-06-12")] == ["N", "E"]


def test_7_restitution_is_a_bar_and_fines_are_none() -> None:
    assert letter("2024-06-11", found("2015-05-01", fines_paid=False)) == "E"
    assert letter("2024-06-11", found("2015-05-01", restitution="owed")) == "N"
    assert letter("2024-06-11", found("2015-05-01", restitution="none")) == "E"
    blank = ask("2024-06-11", found("2015-05-01", restitution=None))
    assert (str(blank.answer), blank.missing, blank.withheld) == ("unknown", ("restitution",), True)


def test_8_a_later_conviction_begins_the_period_again() -> None:
    theft, later = found("2015-03-01"), another(found("2019-03-01", grade="M1"))

    assert [letter(on, theft, others=[later]) for on in ("2026-02-28", "2026-03-01")] == ["N", "E"]
    assert ask("2026-03-01", theft, others=[later]).eligible_from == day("2026-03-01")


def test_9_a_summary_offence_needs_five_years_from_june_2024() -> None:
    summary = found("2019-06-11", grade="S")

    assert [letter(on, summary) for on in ("2024-06-10", "2024-06-11")] == ["N", "E"]


def test_10_a_later_conviction_is_no_bar_to_a_summary_offence() -> None:
    summary, later = found("2020-01-15", grade="S"), another(found("2022-05-01"))

    assert [letter(on, summary, others=[later]) for on in ("2025-01-14", "2025-01-15")] == ["N", "E"]


def test_11_a_drug_felony_is_let_in_on_11_june_2024() -> None:
    felony = found("2013-05-01", grade="F", code=DRUGS, min_sentence_months="24")

    assert [letter(on, felony) for on in ("2024-06-10", "2024-06-11")] == ["N", "E"]
    for sentence, answer in (({"min": "30"}, "N"), ({"max": "60"}, "N"), ({"max": "59"}, "E"), ({"max": None}, "U")):
        told = {"min_sentence_months": "24"} | {f"{name}_sentence_months": each for name, each in sentence.items()}
        assert letter("2024-06-11", found("2013-05-01", grade="F", code=DRUGS, **told)) == answer
    blank = ask("2024-06-11", found("2013-05-01", grade="F", code=DRUGS))
    assert (str(blank.answer), blank.missing) == ("unknown", ("short_sentence",))


def test_12_simple_assault_needs_an_order() -> None:
    assault = found("2010-05-01", code=ASSAULT)

    assert letter("2025-01-01", assault) == "N"
    decision = ask("2025-01-01", assault, order("2024-09-01", "9122.1"))
    assert (str(decision.answer), decision.regimes, decision.effect) == ("sealed", (PETITION,), "confidential")
    assert decision.legal_from == day("2024-09-01")


def test_13_a_felony_theft_needs_an_order() -> None:
    theft = found("2010-05-01", grade="F3")

    assert letter("2025-03-01", theft) == "N"
    assert ask("2025-03-01", theft).may_apply_from == day("2024-02-12")
    ordered = order("2025-04-01", "18 Pa.C.S. § 9122.1")
    assert [letter(on, theft, ordered) for on in ("2025-03-31", "2025-04-01")] == ["N", "S"]


@pytest.mark.parametrize("text", ["Held for Court", "Waived for Court", "Proceed to Court", "Charge Changed"])
def test_14_what_was_held_for_court_is_unknown_without_its_docket(text: str) -> None:
    held = found("2018-03-01", text)
    arrest: dict[str, Any] = {"docket": "MJ-38101-CR-0000123-2018", "tracking_number": "T 123456-7"}

    assert letter("2025-01-01", held, **arrest) == "U"


def test_15_a_pardon_is_expunged_when_it_is_unconditional() -> None:
    crime = found("2010-05-01", grade="F1", code="18 § 3701")
    full, conditional = (row("2024-07-15", text, event="pardon") for text in ("Unconditional", "Conditional"))
    notice = order("2024-09-01", "18 Pa.C.S. 9122(a)(2.1)")
    decision = ask("2024-09-01", crime, full, notice)

    assert [letter(on, crime, full, notice) for on in ("2024-07-14", "2024-07-15", "2024-09-01")] == ["N", "E", "S"]
    assert (decision.regimes, decision.paragraph, decision.effect) == ((EXPUNGED,), "(a)(2.1)", "expunge")
    assert [letter(on, crime, conditional) for on in ("2024-07-14", "2024-07-15")] == ["N", "E"]


@pytest.mark.parametrize("made", [("",), ("zorched by the bench",), ("Guilty", "vacated"), ("", "sentence")])
def test_another_case_that_may_be_a_conviction_is_not_read_as_none(made: tuple[str, ...]) -> None:
    text, *then = made
    events = [found("2019-05-01", text, "F1", ASSAULT), *(row("2019-06-01", event=kind) for kind in then)]
    mine = found("2010-01-01")

    assert letter("2026-11-25", mine) == "E"
    assert letter("2026-11-25", mine, others=[another(*events)]) == "U"
