"""The other regimes, on both sides of their days."""

from __future__ import annotations

from typing import Any

import pytest

from sealscrub.custodian.law import Answer, Event, find_rule, jurisdiction
from sealscrub.errors import ConfigError

from .asking import DAY, around, ask, convicted, day, regimes, row

NOT, YES, UNKNOWN = "not_sealed", "sealed", "unknown"
DISCON: dict[str, Any] = {"law_code": "PL 240.20", "severity": "V"}


def test_a_violation_seals_the_police_copy_from_the_sentence() -> None:
    decision = ask("2019-05-01", *convicted(**DISCON))

    assert around("2019-05-01", *convicted(**DISCON)) == (UNKNOWN, YES, YES)
    assert ask("2019-04-30", *convicted(**DISCON)).missing == ("sentenced_on",)
    assert (regimes(decision), decision.legal_from) == (["cpl-160.55"], day("2019-05-01"))
    assert "police" in decision.copies
    assert "court" not in decision.copies
    assert dict(decision.uses)["court"] == ()


def test_an_order_under_160_55_seals() -> None:
    dwai = convicted(law_code="VTL1192001", severity="I")

    assert around("2019-06-03", *dwai, row("2019-06-03", "CPL 160.55", "seal_order")) == (NOT, YES, YES)


@pytest.mark.parametrize("text", ["PG PL 240.20 - CONDITIONAL DISCHARGE", "DISORDERLY CONDUCT - TIME SERVED"])
def test_a_text_that_names_the_sentence_is_the_sentence(text: str) -> None:
    assert ask("2020-01-01", row("2019-03-01", text)).legal_from == day("2019-03-01")
    assert ask(
        "2020-01-01", row("2019-03-01", "PLED TO DISCON 240.20"), row("2019-04-01", "TIME SERVED")
    ).legal_from == day("2019-04-01")


def test_a_violation_from_a_felony_arrest_rests_on_practice_before_2021() -> None:
    early = ask("2022-01-01", *convicted("2020-12-01", "2021-02-01", **DISCON))
    late = ask("2022-01-01", *convicted("2020-12-01", "2021-02-02", **DISCON))

    assert (early.rules, late.rules) == ((("us-ny/cpl-160.55/1", "3-before"),), (("us-ny/cpl-160.55/1", "3"),))
    assert [str(rule.mark) for rule in find_rule("us-ny/cpl-160.55/1")] == ["found", "inference", "inference"]


@pytest.mark.parametrize(("sentence", "answer"), [("1991-10-31", UNKNOWN), ("1991-11-01", YES), ("1991-11-02", YES)])
def test_before_november_1991_a_violation_needed_a_motion(sentence: str, answer: str) -> None:
    decision = ask("2019-01-01", *convicted("1991-06-01", sentence, **DISCON))

    assert (str(decision.answer), decision.withheld) == (answer, answer == UNKNOWN)


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


@pytest.mark.parametrize(("on", "answer"), [("2021-02-01", NOT), ("2021-02-02", YES), ("2021-02-03", YES)])
def test_loitering_for_prostitution_is_expunged_from_the_repeal_on(on: str, answer: str) -> None:
    """240.37: left out of 160.55 until the chapter of 2021, and on the list of (3)(k) from it."""
    violation = convicted("2019-01-01", "2019-02-01", law_code="PL 240.37(2)", severity="V")
    crime = convicted("2019-01-01", "2019-02-01", law_code="PL 240.37", severity="M")

    for rows in (violation, crime):
        assert str(ask(on, *rows).answer) == answer
        assert ask("2020-01-01", *rows).next_change == day("2021-02-02")
    assert ask("2021-02-02", *crime).paragraph == "(3)(k)(iv)"


def test_there_is_no_other_rule_or_law() -> None:
    with pytest.raises(ConfigError, match="unknown rule"):
        find_rule("us-ny/none")
    with pytest.raises(ConfigError, match="unknown jurisdiction: 'us-xx'"):
        ask("2020-01-01", law="us-xx")


def test_no_rule_is_reviewed_and_each_says_where_it_was_read() -> None:
    rules = jurisdiction("us-ny").rules()

    assert {rule.reviewed_by for rule in rules} == {""}
    assert all(rule.citation and rule.text and rule.unknown for rule in rules)
    assert len({(rule.id, rule.version) for rule in rules}) == len(rules)


def test_versions_of_a_rule_do_not_overlap() -> None:
    rules = jurisdiction("us-ny").rules()
    borders = {border for rule in rules for border in (rule.in_force_from, rule.in_force_to) if border}
    for border in (border + n * DAY for border in borders for n in (-1, 0, 1)):
        in_force = [rule.id for rule in rules if rule.in_force(border)]

        assert len(in_force) == len(set(in_force))


@pytest.mark.parametrize("severity", ["F", "M"])
def test_a_crime_under_the_number_of_a_violation_is_a_contradiction(severity: str) -> None:
    """Extracts leave the severity of the arrest's charge beside the offence of the plea."""
    rows = convicted(law_code="PL 2402000", severity=severity)

    assert (str(ask("2020-01-01", *rows).answer), ask("2020-01-01", *rows).missing) == ("unknown", ("severity",))


@pytest.mark.parametrize("severity", ["V", "I", None])
def test_the_guilty_part_of_a_partial_acquittal_may_be_a_violation(severity: str | None) -> None:
    partial = row("2018-05-10", "ACQUITTED CT 1, GUILTY CT 2", severity=severity)

    assert (str(ask("2020-01-01", partial).answer), regimes(ask("2020-01-01", partial))) == ("unknown", ["cpl-160.55"])


def test_a_violation_is_sealed_from_the_end_of_the_last_count() -> None:
    plea = convicted("2018-01-01", "2018-01-01", "1", severity="V", law_code="PL 240.20")

    decision = ask("2019-01-01", *plea, row("2018-05-01", "DISMISSED CT 2", charge="2"))
    assert (str(decision.answer), decision.legal_from) == ("sealed", day("2018-05-01"))


def test_only_a_regime_that_needs_proof_has_a_day_of_eligibility() -> None:
    for text in ("", "DISMISSED/SUPERSEDED BY IND"):
        assert ask("2019-01-01", row("2018-05-10", text)).eligible_from is None
