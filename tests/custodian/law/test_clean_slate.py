"""CPL 160.57: two clocks, what starts them again, what blocks them, what is left out; never sealed without a notice."""

from __future__ import annotations

from typing import Any

import pytest

from sealscrub.custodian.law import find_rule

from .asking import answers, around, ask, ask_of, case, convicted, day, regimes, row

NOT, YES, UNKNOWN = "not_sealed", "sealed", "unknown"
ASSAULT: dict[str, Any] = {"law_code": "PL 120.00", "severity": "M"}
ROBBERY: dict[str, Any] = {"law_code": "PL 160.10", "severity": "F", "offense_class": "C"}
BURGLARY: dict[str, Any] = {"law_code": "PL 140.20", "severity": "F", "offense_class": "D"}


def test_dwai_is_eligible_after_three_years_and_never_sealed_by_the_clock() -> None:
    dwai = convicted("2022-01-01", "2022-02-10", law_code="VTL1192001", severity="I")

    assert around("2025-02-10", *dwai) == (NOT, NOT, UNKNOWN)
    assert ask("2025-02-11", *dwai).eligible_from == day("2025-02-11")
    assert ask("2025-01-01", *dwai).next_change == day("2025-02-11")
    assert ask("2025-02-11", *dwai).rules == (("us-ny/cpl-160.57/1a", "3-catalogue"),)


@pytest.mark.parametrize(
    ("facts", "sentence", "last"),
    [
        (ASSAULT, "2022-02-10", "2025-02-10"),
        (ASSAULT, "2024-02-29", "2027-02-28"),
        (BURGLARY, "2022-02-10", "2030-02-10"),
        (BURGLARY, "2020-02-29", "2028-02-29"),
    ],
)
def test_clean_slate_is_unknown_when_its_clock_has_run(facts: dict[str, Any], sentence: str, last: str) -> None:
    crime = convicted("2020-01-01", sentence, **facts)

    assert around(last, *crime) == (NOT, NOT, UNKNOWN)
    assert regimes(ask("2031-01-01", *crime)) == ["cpl-160.57"]
    assert ask(last, *crime).next_change is not None
    assert ask("2031-01-01", *crime).withheld


def test_a_notice_seals_and_police_and_vendor_differ() -> None:
    crime, notice = convicted("2022-01-01", "2022-02-10", **ASSAULT), row("2030-06-01", "CPL 160.57", "seal_order")

    assert around("2030-06-01", *crime, notice) == (UNKNOWN, YES, YES)
    decision = ask("2031-01-01", *crime, notice)
    assert (decision.effect, decision.legal_from) == ("marked", day("2030-06-01"))
    uses = dict(decision.uses)
    assert ("training" in uses["police"], "training" in uses["vendor"]) == (False, True)
    early = row("2024-11-15", "160.57", "seal_order")
    assert str(ask("2024-12-01", *crime, early).answer) == NOT


def test_clean_slate_begins_in_november_2024() -> None:
    old = convicted("2000-01-01", "2000-02-10", **ASSAULT)

    assert around("2024-11-16", *old) == (NOT, UNKNOWN, UNKNOWN)
    assert ask("2020-01-01", *old).next_change == day("2024-11-16")
    assert (ask("2020-01-01", *old).eligible_from, ask("2025-01-01", *old).eligible_from) == (None, day("2024-11-16"))


def test_the_back_catalogue_is_worked_off_until_november_2027() -> None:
    old = convicted("2000-01-01", "2000-02-10", **ASSAULT)
    versions = [ask(on, *old).rules for on in ("2027-11-15", "2027-11-16", "2027-11-17")]

    assert [rules[0][1] for rules in versions] == ["2-catalogue", "2", "2"]
    assert {str(ask(on, *old).answer) for on in ("2027-11-15", "2027-11-16")} == {UNKNOWN}
    assert "should have been sealed" in find_rule("us-ny/cpl-160.57/1b-i")[1].uncertainty


def test_custody_does_not_count() -> None:
    sentence = convicted("2018-01-01", "2018-02-10", **ASSAULT)
    released = row("2019-06-30", event="release")
    back, again = row("2020-01-01", event="reincarcerated"), row("2021-03-31", event="release")

    assert around("2022-06-30", *sentence, released)[1] == NOT
    assert str(ask("2025-01-01", *sentence, released).answer) == UNKNOWN
    assert str(ask("2024-12-01", *sentence, released, back).answer) == NOT
    assert ask("2024-12-01", *sentence, released, back).next_change is None
    later = convicted("2022-01-01", "2022-02-10", **ASSAULT)
    assert around("2026-01-31", *later, row("2023-01-31", event="release")) == (NOT, NOT, UNKNOWN)
    assert ask("2025-01-01", *sentence, released, back, again).eligible_from == day("2024-11-16")
    assert around("2025-03-31", *sentence, released, back, row("2022-03-31", event="release")) == (NOT, NOT, UNKNOWN)


def test_release_on_bail_is_no_release_from_a_sentence() -> None:
    bail = row("2022-01-15", event="release")

    assert around("2025-03-10", bail, *convicted("2022-02-01", "2022-03-10", **ASSAULT)) == (NOT, NOT, UNKNOWN)


def test_a_later_conviction_starts_the_clock_anew() -> None:
    first = case("A", *convicted("2020-01-01", "2020-02-10", **ASSAULT))
    second = case("B", *convicted("2022-06-01", "2022-07-15", **ASSAULT))
    petty = case("C", *convicted("2022-06-01", "2022-07-15", severity="V", law_code="PL 240.20"))

    assert [str(ask_of(first, on, first, second).answer) for on in ("2025-07-15", "2025-07-16")] == [NOT, UNKNOWN]
    assert ask_of(first, "2025-01-01", first, second).next_change == day("2025-07-16")
    assert ask_of(first, "2025-01-01", first, petty).eligible_from == day("2024-11-16")
    assert ask_of(second, "2026-01-01", first, second).eligible_from == day("2025-07-16")


def test_a_later_conviction_of_which_the_class_is_not_known_may_start_it_anew() -> None:
    first = case("A", *convicted("2020-01-01", "2020-02-10", **ASSAULT))
    second = case("B", *convicted("2022-06-01", "2022-07-15"))

    assert ask_of(first, "2025-01-01", first, second).eligible_from == day("2025-07-16")
    assert str(ask_of(first, "2025-01-01", first, second).answer) == UNKNOWN


def test_a_later_conviction_after_the_notice_unseals_nothing() -> None:
    sealed = case("A", *convicted("2018-01-01", "2018-02-10", **ASSAULT), row("2025-01-02", "160.57", "seal_order"))
    later = case("B", *convicted("2025-06-01", "2025-07-01", **ASSAULT))

    assert answers("2025-08-01", sealed, later) == [YES, NOT]


def test_a_later_charge_that_is_pending_blocks() -> None:
    first = case("A", *convicted("2018-01-01", "2018-02-10", **ASSAULT))
    arrested = {"arrest_date": day("2024-12-20")}
    charged = case("B", row("2024-12-21", "PENDING", severity="M"), **arrested)
    over = case("B", *charged[1], row("2025-02-01", "ACQUITTED"), **arrested)

    assert answers("2025-03-01", first, charged)[0] == NOT
    assert ask_of(first, "2025-03-01", first, charged).next_change is None
    assert answers("2025-03-01", first, over)[0] == UNKNOWN
    assert answers("2025-03-01", first, case("B", row("2024-12-21", "PENDING", severity="V"), **arrested))[0] == UNKNOWN
    assert answers("2025-03-01", first, case("B", row("2024-12-21", "PENDING"), **arrested))[0] == UNKNOWN
    assert answers("2025-03-01", first, case("B", row("2017-12-21", "PENDING", severity="M")))[0] == UNKNOWN
    assert answers("2025-03-01", first, case("B", row("2024-12-21", "PENDING", severity="M")))[0] == NOT
    assert answers("2025-03-01", first, case("B", row("2018-01-01", "PENDING", severity="M")))[0] == UNKNOWN


def test_the_day_of_eligibility_is_the_same_whenever_it_is_asked_for() -> None:
    old, late = (convicted(f"{year}-01-01", f"{year}-02-10", **ASSAULT) for year in (2000, 2026))
    asked = ("2024-11-16", "2025-01-01", "2027-11-15", "2027-11-16", "2035-01-01")

    assert {ask(on, *old).eligible_from for on in asked} == {day("2024-11-16")}
    assert {ask(on, *late).eligible_from for on in ("2027-11-15", "2027-11-16", "2035-01-01")} == {day("2029-02-11")}


def test_supervision_for_the_conviction_blocks() -> None:
    crime = convicted("2018-01-01", "2018-02-10", **ASSAULT)
    begun, ended = row("2018-02-11", event="supervision_start"), row("2025-06-01", event="supervision_end")

    assert str(ask("2025-05-31", *crime, begun, ended).answer) == NOT
    assert str(ask("2025-06-01", *crime, begun, ended).answer) == UNKNOWN


def test_class_a_outside_article_220_is_never_eligible() -> None:
    facts: dict[str, Any] = {"severity": "F", "offense_class": "A-I"}

    assert str(ask("2040-01-01", *convicted(law_code="PL 125.25", **facts)).answer) == NOT
    assert str(ask("2040-01-01", *convicted(law_code="PL 220.43", **facts)).answer) == UNKNOWN
    for section in ("125.25", "125.27", "135.25", "150.20"):
        assert str(ask("2040-01-01", *convicted(law_code=f"PL {section}", severity="F")).answer) == NOT
    assert str(ask("2040-01-01", *convicted(law_code="PL 125.20", severity="F", offense_class="B")).answer) == UNKNOWN
    assert str(ask("2040-01-01", *convicted(law_code="110/125.25", severity="F", offense_class="B")).answer) == UNKNOWN


@pytest.mark.parametrize(("section", "severity"), [("130.20", "M"), ("130.35", "F"), ("263.16", "F")])
def test_a_sex_offence_is_never_eligible(section: str, severity: str) -> None:
    crime = convicted(law_code=f"PL {section}", severity=severity, offense_class="D")

    assert str(ask("2040-01-01", *crime).answer) == NOT
    maybe = ask("2040-01-01", *convicted(law_code="PL 130.55", severity="M"))
    assert (str(maybe.answer), regimes(maybe)) == (UNKNOWN, ["cpl-160.57"])


def test_every_conviction_of_a_docket_must_be_eligible() -> None:
    both = [
        *convicted("2020-01-01", "2020-02-10", "1", **ASSAULT),
        *convicted("2020-01-01", "2020-02-10", "2", **BURGLARY),
    ]

    assert around("2028-02-10", *both) == (NOT, NOT, UNKNOWN)


def test_a_violent_felony_is_eligible_here_and_excluded_from_160_59() -> None:
    violent, other = (convicted("2010-01-01", "2010-02-10", **facts) for facts in (ROBBERY, BURGLARY))

    for rows in (violent, other):
        assert ask("2025-01-01", *rows).eligible_from == day("2024-11-16")
    assert ask("2025-01-01", *violent).may_apply_from is None
    assert ask("2025-01-01", *other).may_apply_from == day("2020-02-11")


def test_what_is_charged_or_found_later_leaves_dwai_alone() -> None:
    """160.57(1)(a) has its three years and nothing else; what restarts and blocks is in (1)(b)."""
    dwai = case("A", *convicted("2021-01-01", "2021-02-10", law_code="VTL1192001", severity="I"))
    pending = case("B", row("2023-01-01", "PENDING", severity="F"), arrest_date=day("2023-01-01"))
    later = case("C", *convicted("2023-01-01", "2023-02-10", **ASSAULT))

    assert ask_of(dwai, "2025-01-01", dwai, pending, later).eligible_from == day("2024-11-16")
    assert str(ask_of(dwai, "2025-01-01", dwai, pending, later).answer) == UNKNOWN


@pytest.mark.parametrize("section", ["221.10", "240.37", "222.25"])
def test_a_later_conviction_that_is_expunged_is_a_nullity(section: str) -> None:
    """160.50(5), 160.60: it begins no clock again."""
    first = case("A", *convicted("2020-01-01", "2020-02-10", **ASSAULT))
    expunged = case("B", *convicted("2022-06-01", "2022-07-15", severity="M", law_code=f"PL {section}"))
    blank = case("B", *convicted("2022-06-01", "2022-07-15", severity="M"))

    assert ask_of(first, "2025-01-01", first, expunged).eligible_from == day("2024-11-16")
    assert str(ask_of(first, "2025-01-01", first, expunged).answer) == UNKNOWN
    assert str(ask_of(first, "2025-01-01", first, blank).answer) == UNKNOWN


def test_release_before_the_sentence_begins_no_clock() -> None:
    plea, sentence = convicted("2022-02-01", "2022-03-10", **ASSAULT)

    assert around("2025-03-10", plea, row("2022-02-05", event="release"), sentence) == (NOT, NOT, UNKNOWN)
    told = row("2022-03-10", "TIME SERVED")
    assert around("2025-03-10", plea, row("2022-02-05", event="release"), told) == (NOT, NOT, UNKNOWN)
