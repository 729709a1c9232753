"""9122.2 and 9122.3: on both sides of each day, what each bar does, and what stays unknown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from .asking_pa import CLEAN_SLATE, DRUGS, THEFT, THIRD, another, ask, day, found, letter, order, row


def sides(on: str, *events: Any, **more: Any) -> list[str]:
    """The answers on the day before and on the day."""
    before = (day(on) - (day("2000-01-02") - day("2000-01-01"))).isoformat()
    return [letter(each, *events, **more) for each in (before, on)]


@pytest.mark.parametrize(
    "text",
    [
        *("Withdrawn", "Nolle Prossed", "NOLLE PROSEQUI", "Dismissed", "Dismissed (Rule 586)", "Dismissed (Rule 600)"),
        *("Not Guilty", "Judgment of Acquittal", "Demurrer Sustained", "Not Guilty by Reason of Insanity", "Abated"),
    ],
)
def test_every_ending_without_conviction_is_eligible(text: str) -> None:
    ended = found("2018-03-01", text, grade=None, code=None, history=None, restitution=None, case_bar=None)

    assert sides("2019-06-28", ended) == ["N", "E"]


@pytest.mark.parametrize("text", ["Guilty", "Guilty Plea", "Guilty Plea - Negotiated", "Nolo Contendere"])
def test_every_conviction_waits(text: str) -> None:
    assert sides("2023-03-01", found("2016-03-01", text)) == ["N", "N"]
    assert sides("2024-06-11", found("2016-03-01", text)) == ["N", "E"]


@pytest.mark.parametrize(("grade", "code"), [("M2", THEFT), ("S", "18 § 5505")])
def test_before_june_2024_it_was_ten_years(grade: str, code: str) -> None:
    crime = found("2012-02-29", grade=grade, code=code)

    assert sides("2022-02-28", crime) == ["N", "E"]
    assert ask("2026-01-01", crime).eligible_from == day("2022-02-28"), "what had become eligible stays so"


@pytest.mark.parametrize(("grade", "code"), [("M2", THEFT), ("S", "18 § 5505")])
def test_until_the_end_of_2020_fines_had_to_be_paid(grade: str, code: str) -> None:
    owing, paid, blank = (
        found("2005-03-01", grade=grade, code=code, fines_paid=fines) for fines in (False, True, None)
    )

    assert sides("2019-06-28", paid) == ["N", "E"]
    assert sides("2019-06-28", owing) == ["N", "N"]
    assert sides("2019-06-28", blank) == ["N", "U"]
    assert sides("2020-12-28", owing) == ["N", "E"]
    assert sides("2020-12-28", blank) == ["U", "E"]


@pytest.mark.parametrize(
    ("grade", "penalty", "answer"),
    [
        *(("M3", None, "E"), ("M2", None, "E"), ("M1", None, "N"), ("M", None, "U"), (None, None, "U")),
        *(("M1", "24", "E"), ("M", "24", "E"), ("M", "6", "E"), ("M", "24.5", "N"), ("M", "36", "N")),
        *(("F3", None, "N"), ("F", None, "N"), ("H1", None, "N"), ("IC", None, "N")),
    ],
)
def test_a_misdemeanour_is_eligible_where_two_years_are_the_most(
    grade: str | None, penalty: str | None, answer: str
) -> None:
    assert letter("2025-01-01", found("2010-05-01", grade=grade, max_penalty_months=penalty)) == answer


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        *(
            ("18 § 2504", "N"),
            ("18 § 2701 §§ A1", "N"),
            ("18 § 2902", "N"),
            ("18 § 3212", "N"),
            ("18 § 3126 §§ A1", "N"),
        ),
        *(("18 § 4304 §§ A1", "N"), ("18 § 6106", "N"), ("18 § 5533", "N"), ("18 § 6301 §§ A1", "N")),
        *(("18 § 901/2701", "N"), ("18 § 901 §§ A", "U"), ("18 § 5902 §§ B", "U"), (None, "U"), ("THEFT", "U")),
        *(("18 § 4906", "E"), ("18 § 3304", "E"), ("18 § 5503 §§ A4", "E"), ("75 § 3802 §§ A1", "E")),
        *(("18 § 5510", "N"), ("18 § 5511", "U"), ("18 § 5905", "U"), ("18 § 4915.1", "N"), ("18 § 4915", "E")),
    ],
)
def test_what_9122_3_names_is_left_out_and_past_the_list_it_is_unknown(code: str | None, answer: str) -> None:
    assert letter("2025-01-01", found("2010-05-01", code=code)) == answer


@pytest.mark.parametrize(
    ("later", "answer"),
    [
        ({"grade": "F1", "code": "18 § 3701"}, "N"),
        ({"grade": "F3", "code": "18 § 3921"}, "U"),
        ({"grade": "F", "code": DRUGS, "min_sentence_months": "24"}, "E"),
        ({"grade": "F", "code": DRUGS, "min_sentence_months": "30"}, "N"),
        ({"grade": "F", "code": DRUGS}, "U"),
        ({"grade": "F2", "code": None}, "U"),
        ({"grade": "M1", "code": "18 § 3127"}, "N"),
        ({"grade": "M1", "code": "18 § 5905"}, "U"),
        ({"grade": "M1", "code": "18 § 2701"}, "E"),
        ({"grade": "M1", "code": None}, "U"),
        ({"grade": None, "code": THEFT}, "U"),
        ({"grade": "S", "code": None}, "E"),
    ],
)
def test_what_another_case_bars(later: dict[str, Any], answer: str) -> None:
    """All came before, so that no period begins again."""
    other = another(found("2000-05-01", **later))

    assert letter("2025-01-01", found("2010-05-01"), others=[other]) == answer


@pytest.mark.parametrize("text", ["Whatever", ""])
def test_another_case_of_which_the_ending_is_not_known_may_bar(text: str) -> None:
    felony = another(found("2000-05-01", text, grade="F1", code="18 § 3701"))

    assert letter("2025-01-01", found("2010-05-01"), others=[felony]) == "U"


@pytest.mark.parametrize(
    "text",
    ["Held for Court", "Waived for Court", "Transferred", "Charge Changed", "Replaced by Information", "ARD", "PWOV"],
)
def test_another_case_that_went_elsewhere_may_bar_until_the_record_has_what_followed(text: str) -> None:
    theft, felony = found("2010-05-01"), found("2012-05-01", text, grade="F1", code="18 § 3701")
    held = another(felony, docket="MJ-38101-CR-0000123-2012", tracking_number="T 123456-7")

    def beside(*events: Any, otn: str = "T 123456-7") -> str:
        return letter("2025-01-01", theft, others=[held, another(*events, docket=THIRD, tracking_number=otn)])

    open_end = text in ("ARD", "PWOV")  # nothing but its own docket says how it ends
    withdrawn, convicted = (found("2013-05-01", how, "F1", "18 § 3701") for how in ("Withdrawn", "Guilty"))
    assert letter("2025-01-01", theft, others=[held]) == "U"
    assert beside(withdrawn) == ("U" if open_end else "E")
    assert beside(withdrawn, otn="T 765432-1") == "U", "of another arrest"
    assert beside(convicted) == "N"
    completed = another(felony, found("2013-05-01", "Withdrawn", "F1", "18 § 3701"))
    assert letter("2025-01-01", theft, others=[completed]) == "E"
    small = another(found("2012-05-01", text, grade="S"))
    assert letter("2025-01-01", theft, others=[small]) == "E"


def test_a_count_that_was_changed_goes_on_in_the_count_next_to_it() -> None:
    changed = found("2012-05-01", "Charge Changed", "F1", "18 § 3701", charge="1")
    dropped = found("2012-06-01", "Withdrawn", "M1", charge="2")

    assert letter("2025-01-01", found("2010-05-01"), others=[another(changed, dropped)]) == "E"
    assert letter("2025-01-01", found("2010-05-01"), others=[another(changed)]) == "U"


@pytest.mark.parametrize("text", ["Guilty", "Withdrawn", "Not Guilty", "Pending", "ARD Completed"])
@pytest.mark.parametrize(
    "juvenile", [{"docket": "CP-51-JV-0000001-2015"}, {"docket": "CP51JV00000012015"}, {"court": "family"}]
)
def test_a_juveniles_case_is_unknown_and_an_order_seals_it(text: str, juvenile: dict[str, str]) -> None:
    named = {name: said for name, said in juvenile.items() if name == "docket"}
    ended = replace(found("2010-05-01", text), court=juvenile.get("court"))

    for on in ("2018-01-01", "2025-01-01"):
        decision = ask(on, ended, **named)
        assert (str(decision.answer), decision.withheld) == ("unknown", True)
        assert (decision.eligible_from, decision.may_apply_from) == (None, None), "no clock of adults is told"
        assert str(ask(on, replace(ended, court="local")).answer) == "not_sealed"
    assert letter("2025-01-01", ended, order("2024-09-01", "9122"), **named) == "S"
    assert letter("2025-01-01", ended, order("2024-09-01", "9123"), **named) == "U"


@pytest.mark.parametrize("text", ["Withdrawn", "Pending"])
def test_another_case_without_conviction_bars_nothing(text: str) -> None:
    felony = another(found("2012-05-01", text, grade="F1", code="18 § 3701"))

    assert letter("2025-01-01", found("2010-05-01"), others=[felony]) == "E"


def test_two_offences_above_two_years_or_four_of_a_year_bar() -> None:
    theft = found("2010-05-01")
    above = [another(found("2001-05-01", grade="M1"), docket=f"CP-51-CR-000010{n}-2001") for n in range(2)]
    small = [another(found("2001-05-01", grade="M3"), docket=f"CP-51-CR-000020{n}-2001") for n in range(3)]

    assert [letter("2025-01-01", theft, others=above[:n]) for n in (1, 2)] == ["E", "N"]
    assert [letter("2025-01-01", theft, others=small[:n]) for n in (2, 3)] == ["E", "N"]
    capped = found("2010-05-01", grade="M1", max_penalty_months="24")
    assert letter("2025-01-01", capped, others=above[:1]) == "E"
    ungraded = another(found("2001-05-01", grade="M"), docket=THIRD)
    assert letter("2025-01-01", theft, others=[above[0], ungraded]) == "U"
    assert letter("2025-01-01", theft, others=[*small[:2], ungraded]) == "U"


@pytest.mark.parametrize(
    ("stated", "answer"), [({"case_bar": True}, "N"), ({"case_bar": None}, "U"), ({"history": None}, "U")]
)
def test_the_case_and_the_history_must_be_stated(stated: dict[str, Any], answer: str) -> None:
    assert letter("2025-01-01", found("2010-05-01", **stated)) == answer
    felony = {"grade": "F", "code": DRUGS, "min_sentence_months": "24"}
    assert letter("2025-01-01", found("2010-05-01", **felony, **stated)) == answer
    assert letter("2025-01-01", found("2010-05-01", grade="S", **stated)) == "E"


def test_two_drug_felonies_are_unknown() -> None:
    felony: dict[str, Any] = {"grade": "F", "code": DRUGS, "min_sentence_months": "12", "max_penalty_months": "24"}
    other = another(found("2002-05-01", **felony))

    assert letter("2025-01-01", found("2010-05-01", **felony)) == "E"
    assert letter("2025-01-01", found("2010-05-01", **felony), others=[other]) == "U"
    assert letter("2025-01-01", found("2010-05-01", **felony | {"code": "18 § 3921"})) == "N"


def test_a_drug_felony_waits_ten_years() -> None:
    felony = found("2016-05-01", grade="F", code=DRUGS, min_sentence_months="29.5")

    assert sides("2026-05-01", felony) == ["N", "E"]
    unpaid = found("2016-05-01", grade="F", code=DRUGS, min_sentence_months="12", restitution="owed")
    assert sides("2026-05-01", unpaid) == ["N", "N"]


def test_a_period_that_had_passed_before_the_next_conviction_is_unknown_until_it_has_passed_again() -> None:
    theft, later = found("2005-05-01"), another(found("2019-03-01", grade="M1"))

    assert sides("2024-06-11", theft, others=[later]) == ["U", "U"], "the ten years had passed too"
    assert sides("2026-03-01", theft, others=[later]) == ["U", "E"]
    seven = found("2011-05-01")
    assert sides("2024-06-11", seven, others=[later]) == ["N", "U"]
    assert sides("2026-03-01", seven, others=[later]) == ["U", "E"]


def test_a_later_conviction_begins_it_again_only_if_it_is_punishable_by_a_year() -> None:
    theft = found("2015-03-01")
    dui: dict[str, Any] = {"grade": "M", "code": "75 § 3802"}

    def with_later(penalty: str | None) -> list[str]:
        other = another(found("2019-03-01", **dui, max_penalty_months=penalty))
        return [letter(on, theft, others=[other]) for on in ("2024-06-11", "2026-02-28", "2026-03-01")]

    assert with_later("6") == ["E", "E", "E"]
    assert with_later("12") == ["N", "N", "E"]
    assert with_later(None) == ["U", "U", "E"]
    expunged = another(found("2019-03-01", grade="M1"), order("2020-01-01", "9122"))
    assert letter("2024-06-11", theft, others=[expunged]) == "E"
    limited = another(found("2019-03-01", grade="M1"), order("2024-01-01", "9122.1"))
    assert letter("2024-06-11", theft, others=[limited]) == "N"
    pardoned = another(found("2019-03-01", grade="M1"), row("2024-01-01", "full", event="pardon"))
    assert letter("2024-06-11", theft, others=[pardoned]) == "U"


def test_a_chain_of_convictions_begins_it_again_each_time() -> None:
    others = [
        another(found(f"{year}-03-01", grade="M2"), docket=f"CP-51-CR-000030{year % 10}-{year}")
        for year in (2015, 2019)
    ]

    assert sides("2026-03-01", found("2010-03-01"), others=others) == ["N", "E"]


@pytest.mark.parametrize(
    ("text", "answer"),
    [("UNCONDITIONAL", "E"), ("Full pardon", "E"), ("conditional", "E"), ("", "E"), ("denied", "U")],
)
def test_a_pardon_of_either_kind_makes_it_eligible(text: str, answer: str) -> None:
    crime, pardon = found("2001-05-01", grade="F1", code="18 § 3701"), row("2010-01-01", text, event="pardon")

    assert sides("2019-06-28", crime, pardon) == ["N", answer]
    assert sides("2024-02-12", crime, pardon) == [answer, answer]
    assert sides("2010-01-01", found("2001-05-01", "Pending"), pardon) == ["N", "N"]


def test_a_notice_seals_and_one_dated_before_the_statute_is_unknown() -> None:
    theft = found("2005-05-01")

    decision = ask("2019-06-28", theft, order("2019-06-28", "18 Pa.C.S. 9122.2"))
    assert (str(decision.answer), decision.regimes) == ("sealed", (CLEAN_SLATE,))
    assert letter("2019-07-01", theft, order("2019-06-27", "9122.2")) == "U"
    assert letter("2025-01-01", theft, order("2024-07-01", "9122.3")) == "U", (
        "an order of a section that is not written"
    )
    assert letter("2025-01-01", theft, order("2024-07-01", "")) == "U"
    lifted = row("2024-08-01", event="no_seal_order")
    assert letter("2025-01-01", theft, order("2024-07-01", "9122.2"), lifted) == "E"


@pytest.mark.parametrize(
    "text",
    [
        *("ARD", "ARD - County", "PWOV", "Probation Without Verdict", "", "Merged"),
        *("Held for Court"),
    ],
)
def test_what_has_not_ended_or_cannot_be_read_is_unknown(text: str) -> None:
    assert letter("2025-01-01", found("2018-03-01", text)) == "U"


def test_other_doubts_are_unknown_too() -> None:
    guilty, withdrawn = found("2018-03-01"), found("2018-03-01", "Withdrawn")

    assert letter("2025-01-01", guilty, withdrawn) == "U", "two endings of one day"
    assert letter("2025-01-01", guilty, row("2019-03-01", event="vacated")) == "U"
    assert letter("2025-01-01", guilty, row("2019-03-01", "DISMISSED", event="vacated")) == "E"
    assert letter("2025-01-01", found("2018-03-01", "Pending")) == "N"
    completed = found("2019-03-01", "ARD Completed")
    assert letter("2025-01-01", found("2018-03-01", "ARD"), completed) == "E"


def test_a_charge_that_was_held_stands_with_its_docket_of_common_pleas() -> None:
    held = found("2018-03-01", "Held for Court")
    own: dict[str, Any] = {"docket": "MJ-38101-CR-0000123-2018", "tracking_number": "T 123456-7"}

    def beside(*events: Any, otn: str = "T 123456-7") -> str:
        return letter("2025-01-01", held, others=[another(*events, tracking_number=otn)], **own)

    assert beside(found("2018-09-01")) == "N"
    assert beside(found("2018-09-01", "Pending")) == "N"
    assert beside(found("2018-09-01", "Nolle Prossed")) == "U"
    assert beside(found("2018-09-01"), order("2024-09-01", "9122.2")) == "U"
    assert beside(found("2018-09-01"), otn="T 765432-1") == "U", "of another arrest"
