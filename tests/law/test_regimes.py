"""The other regimes, on both sides of their days."""

from __future__ import annotations

from typing import Any

import pytest

from sealscrub.errors import ConfigError
from sealscrub.law import Action, Answer, Event, decide, find_rule, jurisdiction

from .asking import DAY, around, ask, day, regimes, row

NOT, YES, UNKNOWN = "not_sealed", "sealed", "unknown"
DISCON: dict[str, Any] = {"law_code": "PL 240.20", "severity": "V"}


def convicted(
    plea: str = "2019-03-01", sentence: str | None = "2019-05-01", charge: str = "", **facts: Any
) -> list[Event]:
    rows = [row(plea, "PLED GUILTY", charge=charge, **facts)]
    return rows if sentence is None else [*rows, row(sentence, event="sentence", charge=charge)]


def test_a_violation_seals_the_police_copy_from_the_sentence() -> None:
    decision = ask("2019-05-01", *convicted(**DISCON))

    assert around("2019-05-01", *convicted(**DISCON)) == (UNKNOWN, YES, YES)
    assert ask("2019-04-30", *convicted(**DISCON)).missing == ("sentenced_on",)
    assert (regimes(decision), decision.legal_from) == (["cpl-160.55"], day("2019-05-01"))
    assert "police" in decision.copies
    assert "court" not in decision.copies
    assert dict(decision.uses)["court"] == ()


@pytest.mark.parametrize("text", ["PG PL 240.20 - CONDITIONAL DISCHARGE", "DISORDERLY CONDUCT - TIME SERVED"])
def test_a_text_that_names_the_sentence_is_the_sentence(text: str) -> None:
    assert ask("2020-01-01", row("2019-03-01", text)).legal_from == day("2019-03-01")
    assert ask(
        "2020-01-01", row("2019-03-01", "PLED TO DISCON 240.20"), row("2019-04-01", "TIME SERVED")
    ).legal_from == day("2019-04-01")


def test_a_violation_from_a_felony_arrest_rests_on_practice_before_2021() -> None:
    early = ask("2022-01-01", *convicted("2020-12-01", "2021-02-01", **DISCON))
    late = ask("2022-01-01", *convicted("2020-12-01", "2021-02-02", **DISCON))

    assert (early.rules, late.rules) == ((("us-ny/cpl-160.55/1", "1"),), (("us-ny/cpl-160.55/1", "2"),))
    assert [str(rule.mark) for rule in find_rule("us-ny/cpl-160.55/1")] == ["found", "inference", "inference"]


@pytest.mark.parametrize(("sentence", "answer"), [("2021-02-01", NOT), ("2021-02-02", YES), ("2021-02-03", YES)])
def test_loitering_under_240_35_was_left_out_until_2021(sentence: str, answer: str) -> None:
    facts: dict[str, Any] = {"law_code": "PL 240.35(3)", "severity": "V"}

    assert str(ask("2022-01-01", *convicted("2021-01-01", sentence, **facts)).answer) == answer


def test_driving_while_ability_impaired_is_not_sealed() -> None:
    dwai = convicted(law_code="VTL1192001", severity="I")

    assert str(ask("2020-01-01", *dwai).answer) == NOT
    assert str(ask("2020-01-01", row("2019-03-01", "GUILTY VTL 1192.1 TIME SERVED")).answer) == NOT
    assert str(ask("2020-01-01", *convicted(law_code="VTL0511001", severity="I")).answer) == YES
    assert set(ask("2020-01-01", *convicted(severity="I")).missing) >= {"law"}


def test_dwai_is_eligible_after_three_years_and_never_sealed_by_the_clock() -> None:
    dwai = convicted("2022-01-01", "2022-02-10", law_code="VTL1192001", severity="I")

    assert around("2025-02-10", *dwai) == (NOT, NOT, UNKNOWN)
    assert ask("2025-02-11", *dwai).eligible_from == day("2025-02-11")
    assert ask("2025-01-01", *dwai).next_change == day("2025-02-11")


@pytest.mark.parametrize(("severity", "last"), [("M", "2025-02-10"), ("F", "2030-02-10")])
def test_clean_slate_is_unknown_when_its_clock_has_run(severity: str, last: str) -> None:
    crime = convicted("2022-01-01", "2022-02-10", law_code="PL 120.00", severity=severity)
    notice = row("2030-06-01", "CPL 160.57", "seal_order")

    assert around(last, *crime) == (NOT, NOT, UNKNOWN)
    assert regimes(ask("2031-01-01", *crime)) == ["cpl-160.57"]
    assert around("2030-06-01", *crime, notice)[1:] == (YES, YES)
    uses = dict(ask("2031-01-01", *crime, notice).uses)
    assert ("training" in uses["police"], "training" in uses["vendor"]) == (False, True)


def test_clean_slate_begins_in_november_2024() -> None:
    old = convicted("2000-01-01", "2000-02-10", law_code="PL 120.00", severity="M")

    assert around("2024-11-16", *old) == (NOT, UNKNOWN, UNKNOWN)
    assert ask("2020-01-01", *old).next_change == day("2024-11-16")


def test_clean_slate_counts_from_release() -> None:
    crime = [
        *convicted("2021-01-01", "2021-02-10", law_code="PL 120.00", severity="M"),
        row("2022-06-30", event="release"),
    ]

    assert around("2025-06-30", *crime) == (NOT, NOT, UNKNOWN)


def test_class_a_outside_article_220_is_never_eligible() -> None:
    facts: dict[str, Any] = {"severity": "F", "offense_class": "A-I"}

    assert str(ask("2040-01-01", *convicted(law_code="PL 125.25", **facts)).answer) == NOT
    assert str(ask("2040-01-01", *convicted(law_code="PL 220.43", **facts)).answer) == UNKNOWN


@pytest.mark.parametrize("statute", ["160.58", "160.59"])
def test_an_order_only_regime_needs_its_order(statute: str) -> None:
    crime = convicted("2020-01-01", "2020-02-10", law_code="PL 120.00", severity="M")
    order = row("2021-06-01", f"CPL {statute}", "seal_order")

    assert around("2021-06-01", *crime, order) == (NOT, YES, YES)
    assert regimes(ask("2021-06-01", *crime, order)) == [f"cpl-{statute}"]


def test_a_new_charge_puts_a_conditional_seal_in_doubt() -> None:
    crime = convicted("2020-01-01", "2020-02-10", law_code="PL 120.00", severity="M")
    order, charged = row("2021-06-01", "160.58", "seal_order"), row("2022-01-01", event="new_charge")

    assert around("2022-01-01", *crime, order, charged) == (YES, UNKNOWN, UNKNOWN)
    assert str(ask("2022-06-01", *crime, row("2021-06-01", "160.59", "seal_order"), charged).answer) == YES


@pytest.mark.parametrize(
    "rows",
    [
        [row("2019-03-01", "YO ADJUDICATED - PROBATION")],
        [row("2019-03-01", "PLED GUILTY", severity="M", youthful_offender=True)],
        [row("2019-01-01", "PLED GUILTY", severity="M"), row("2019-03-01", event="sentence", youthful_offender=True)],
    ],
)
def test_a_youthful_offender_is_confidential_at_adjudication(rows: list[Event]) -> None:
    decision = ask("2019-03-01", *rows)

    assert (decision.answer, decision.effect, decision.legal_from) == (Answer.SEALED, "confidential", day("2019-03-01"))
    assert regimes(decision) == ["cpl-720.35"]
    assert str(ask("2019-02-28", *rows).answer) != YES


def test_a_charge_still_open_comes_before_a_violation_plea() -> None:
    plea = convicted(charge="1", **DISCON)

    assert str(ask("2020-01-01", *plea, row("2019-02-01", "PENDING", charge="2")).answer) == NOT
    assert str(ask("2020-01-01", *plea, row("2019-12-01", "ACD", charge="2", family_offense=False)).answer) == NOT
    assert str(ask("2020-01-01", *plea, row("2019-02-01", "ACQUITTED", charge="2")).answer) == YES
    assert str(ask("2020-01-01", *plea, row("2019-02-01", "DISMISSED CT 2", charge="2")).answer) == YES
    assert str(ask("2020-01-01", *plea, *convicted(charge="2", law_code="PL 120.00", severity="M")).answer) == NOT
    assert str(ask("2020-01-01", *plea, *convicted(charge="2", law_code="VTL1192001", severity="I")).answer) == NOT
    assert str(ask("2020-01-01", *plea, row("2019-02-01", "STET", charge="2")).answer) == UNKNOWN


def test_an_offence_that_the_text_names_wins_over_the_columns() -> None:
    assert regimes(
        ask("2020-01-01", row("2019-01-01", "PLED TO DISCON 240.20 TIME SERVED", severity="F", law_code="PL 120.05"))
    )
    other = ask(
        "2020-01-01", row("2019-01-01", "PLED GUILTY PL 120.00 TIME SERVED", severity="V", law_code="PL 240.20")
    )
    assert (str(other.answer), "severity" in other.missing) == (UNKNOWN, True)


def test_removal_to_family_court_is_confidential() -> None:
    assert regimes(ask("2019-03-01", row("2019-03-01", "REMOVED TO FAMILY COURT"))) == ["cpl-725.15"]


def test_family_court_is_unknown_and_the_missing_rules_are_named() -> None:
    decision = ask("2019-03-01", row("2019-03-01", "DISMISSED", court="family"))

    assert str(decision.answer) == UNKNOWN
    assert decision.missing == ("rules of us-ny/fca-354.1", "rules of us-ny/fca-375.1")
    assert [group.regime for group in jurisdiction("us-ny").regimes if group.missing] == [
        "us-ny/fca-354.1",
        "us-ny/fca-375.1",
    ]


def test_removing_the_rules_of_a_regime_never_makes_it_not_sealed() -> None:
    missing = [group for group in jurisdiction("us-ny").regimes if group.missing]

    assert all(group.in_play.facts() for group in missing)
    assert all(not group.rules for group in missing)


# Published cases. The names are those of the reports.


def instrument(docket: str, *events: Event) -> tuple[Action, list[Event]]:
    return Action(docket=docket, arrest_number="Q", arrest_date=day("1977-12-01")), list(events)


def arrest(on: str, *cases: tuple[Action, list[Event]]) -> list[str]:
    return [
        str(decide(action, events, day(on), linked=[case for case in cases if case[0] != action]).answer)
        for action, events in cases
    ]


def test_ebner_one_plea_covers_two_dockets() -> None:
    """People v Ebner, 95 Misc 2d 781 (Crim Ct Queens 1978): a plea to a traffic infraction, before 160.55."""
    covered = [
        instrument(docket, row("1978-05-01", "DISMISSED - COVERED BY Q-800720")) for docket in ("Q-800721", "Q-800722")
    ]
    plea = instrument(
        "Q-800720",
        row("1978-05-01", "PLED GUILTY", severity="I", law_code="VTL1180001"),
        row("1978-05-01", event="sentence"),
    )

    assert arrest("1979-01-01", plea, *covered) == [UNKNOWN, UNKNOWN, UNKNOWN]


def test_ebner_with_a_plea_to_a_crime_is_not_sealed() -> None:
    covered = [instrument(docket, row("2018-05-01", "DISMISSED - COVERED BY Q-1")) for docket in ("Q-2", "Q-3")]
    plea = instrument("Q-1", *convicted("2018-05-01", "2018-05-01", severity="M", law_code="PL 120.00"))

    assert arrest("2019-01-01", plea, *covered) == [NOT, NOT, NOT]
    assert arrest("2019-01-01", *covered) == [UNKNOWN, UNKNOWN]


def test_cunningham_dismissed_as_part_of_a_plea_in_a_companion_docket() -> None:
    """People v Cunningham (Nassau Dist Ct 2002): not on the list."""
    plea = instrument("N-1", *convicted("2001-05-01", "2001-05-01", severity="M", law_code="PL 120.00"))
    dismissed = instrument("N-2", row("2001-05-01", "DISMISSED SATISFIED BY PLEA TO N-1"))

    assert arrest("2002-01-01", plea, dismissed) == [NOT, NOT]


def test_tarver_an_indictment_dismissed_for_a_plea_to_an_information() -> None:
    """People v Tarver (Rensselaer 1991)."""
    plea = instrument("R-1", *convicted("1991-12-01", "1991-12-01", severity="M", law_code="PL 120.00"))
    indictment = instrument("R-2", row("1991-12-01", "COVERED BY PLEA TO R-1"))

    assert arrest("1992-06-01", plea, indictment) == [NOT, NOT]


def test_a_docket_dismissed_on_its_merits_beside_a_plea_is_sealed() -> None:
    plea = instrument("K-1", *convicted("2018-05-01", "2018-05-01", severity="M", law_code="PL 120.00"))
    merits = instrument("K-2", row("2018-05-01", "DISM FACIALLY INSUFFICIENT"))

    assert arrest("2019-01-01", plea, merits) == [NOT, YES]


def test_theresa_w_an_adjournment_is_no_termination_until_it_expires() -> None:
    """In re Theresa W., 142 Misc 2d 201, of family court; the same of CPL 170.55."""
    assert around("1992-09-01", row("1992-03-01", "ACD", family_offense=False)) == (NOT, NOT, YES)


def test_there_is_no_other_rule_or_law() -> None:
    with pytest.raises(ConfigError, match="no rule of that name"):
        find_rule("us-ny/none")
    with pytest.raises(ConfigError, match="no rules for 'us-xx'"):
        ask("2020-01-01", law="us-xx")


def test_no_rule_is_reviewed_and_each_says_where_it_was_read() -> None:
    rules = jurisdiction("us-ny").rules()

    assert {rule.reviewed_by for rule in rules} == {""}
    assert all(rule.citation and rule.source and rule.text and rule.unknown for rule in rules)
    assert len({(rule.id, rule.version) for rule in rules}) == len(rules)


def test_versions_of_a_rule_do_not_overlap() -> None:
    rules = jurisdiction("us-ny").rules()
    borders = {border for rule in rules for border in (rule.in_force_from, rule.in_force_to) if border}
    for border in (border + n * DAY for border in borders for n in (-1, 0, 1)):
        in_force = [rule.id for rule in rules if rule.in_force(border)]

        assert len(in_force) == len(set(in_force))
