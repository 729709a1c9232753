"""Juveniles: FCA 375.1 and 354.1, and removal to family court."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from sealscrub.custodian.law import Action, decide, jurisdiction

from .asking import around, ask, day, regimes, row

NOT, YES, UNKNOWN = "not_sealed", "sealed", "unknown"
ON = "2018-05-08"
FAMILY: dict[str, Any] = {"court": "family"}
BOTH = ["fca-375.1", "fca-354.1"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("PETITION WITHDRAWN", "a"),
        ("ACD - DISMISSED", "c"),
        ("PETITION DISMISSED 325.3", "d"),
        ("PETITION DISMISSED FCA 345.1", "e"),
        ("DISMISSED 352.1", "f"),
        ("ADJUSTED BY PROBATION", "g"),
        ("PRESENTMENT AGENCY DECLINED", "h"),
        ("DECLINED PROSECUTION", "h"),
    ],
)
def test_a_petition_that_ends_in_favour_is_sealed_and_its_prints_destroyed(text: str, part: str) -> None:
    event = row(ON, text, **FAMILY)
    decision = ask(ON, event)

    assert around(ON, row("2018-04-20", "PENDING", **FAMILY), event) == (NOT, YES, YES)
    assert (regimes(decision), decision.paragraph, decision.legal_from) == (BOTH, f"(2)({part})", day(ON))
    assert {"police", "probation", "court", "prints and photos"} <= set(decision.copies)


@pytest.mark.parametrize(
    "text", ["PETITION DISMISSED 315.1", "PETITION DISMISSED 315.2", "DISMISSED 332.1", "DISMISSED"]
)
def test_the_presentment_agency_has_thirty_days(text: str) -> None:
    assert around("2018-06-07", row(ON, text, **FAMILY)) == (UNKNOWN, UNKNOWN, YES)
    assert ask("2018-06-08", row(ON, text, **FAMILY)).legal_from == day(ON)


def test_theresa_w_an_adjournment_is_no_termination_until_it_expires() -> None:
    """In re Theresa W., 142 Misc 2d 201: sealing follows the expiry, and not the adjournment."""
    adjourned = row("1988-12-30", "ACD 315.3", acd_until=day("1989-06-29"), **FAMILY)

    assert around("1989-06-29", adjourned) == (NOT, NOT, YES)
    assert regimes(ask("1989-06-30", adjourned)) == BOTH
    assert str(ask("1989-06-30", adjourned, row("1989-06-01", event="restored", **FAMILY)).answer) == NOT


@pytest.mark.parametrize("text", ["ACD", "ACD 315.3"])
def test_without_its_term_it_is_unknown_until_six_months_have_run(text: str) -> None:
    assert around("2018-11-08", row(ON, text, **FAMILY)) == (UNKNOWN, UNKNOWN, YES)
    assert ask(ON, row(ON, text, **FAMILY)).missing == ("acd_until",)


def test_an_order_in_the_interest_of_justice_leaves_the_prints_destroyed() -> None:
    decision = ask("2019-01-01", row("2018-05-01", event="no_seal_order"), row(ON, "PETITION WITHDRAWN", **FAMILY))

    assert (regimes(decision), decision.effect) == (["fca-354.1"], "destroy")
    assert decision.copies == ("repository", "prints and photos")


def adjudicated(on: str = "2019-01-01", born: str | None = None, **facts: Any) -> Any:
    action = Action(docket="D", crime_date=day("2018-03-01"), birth_date=day(born) if born else None)
    return decide(action, [row(ON, "JD ADJUDICATED", **facts, **FAMILY)], day(on))


def test_prints_stay_after_an_adjudication_for_a_felony_alone() -> None:
    assert regimes(adjudicated(severity="M")) == ["fca-354.1"]
    assert str(adjudicated(severity="F", offense_class="B").answer) == NOT
    assert (str(adjudicated().answer), adjudicated().missing) == (
        UNKNOWN,
        ("age_at_crime", "offense_class", "severity"),
    )


@pytest.mark.parametrize(("born", "answer"), [("2005-03-01", NOT), ("2005-03-02", YES), ("2005-03-03", YES)])
def test_at_twelve_they_stay_only_for_class_a_and_b(born: str, answer: str) -> None:
    assert str(adjudicated(born=born, severity="F", offense_class="C").answer) == answer
    assert str(adjudicated(born=born, severity="F", offense_class="A").answer) == NOT


def test_nothing_established_is_favourable() -> None:
    assert ask(ON, row(ON, "NOT GUILTY", **FAMILY)).paragraph == "(2)"


def test_family_court_convicts_nobody() -> None:
    assert str(ask("2019-01-01", row(ON, "PLED GUILTY", severity="M", **FAMILY)).answer) == UNKNOWN
    for text in ("COVERED BY 2018KN000002", "NO TRUE BILL", "DISM W/LEAVE", "ACD 170.55", "SUPERSEDED"):
        assert str(ask("2020-01-01", row(ON, text, **FAMILY)).answer) == UNKNOWN
    vacated = row("2019-01-01", "DISMISSED", "vacated", **FAMILY)
    assert str(ask("2020-01-01", row(ON, "JD ADJUDICATED", severity="F", **FAMILY), vacated).answer) == UNKNOWN


def test_removal_to_family_court_is_confidential_and_stays_so() -> None:
    removed = row("2019-03-01", "REMOVED TO FAMILY COURT")
    adjourned = row("2019-04-01", "PENDING", **FAMILY)

    assert around("2019-03-01", row("2019-02-01", "PENDING"), removed) == (NOT, YES, YES)
    decision = ask("2019-05-01", removed, adjourned)
    assert (regimes(decision), decision.legal_from) == (["cpl-725.15"], day("2019-03-01"))
    later = ask("2019-06-01", removed, adjourned, row("2019-05-02", "PETITION WITHDRAWN", **FAMILY))
    assert regimes(later) == ["fca-375.1", "fca-354.1", "cpl-725.15"] or regimes(later) == ["cpl-725.15", *BOTH]


@pytest.mark.parametrize(
    "text",
    [
        "PETITION WITHDRAWN",
        "ADJUSTED BY PROBATION",
        "PRESENTMENT AGENCY DECLINED",
        "PETITION DISMISSED 325.3",
        "ACD 315.3",
        "JD ADJUDICATED",
    ],
)
def test_words_of_family_court_need_no_column_that_says_so(text: str) -> None:
    facts: dict[str, Any] = {"severity": "M", "acd_until": day("2018-06-01")}
    told, blank, other = (ask("2019-01-01", row(ON, text, court=c, **facts)) for c in ("family", None, "criminal"))

    assert (blank.answer, blank.rules) == (told.answer, told.rules) == (other.answer, other.rules)
    assert "fca-354.1" in regimes(blank)


def test_a_motion_under_375_2_needs_its_order() -> None:
    found = row(ON, "JD ADJUDICATED", severity="F", offense_class="B", **FAMILY)
    order = row("2020-01-02", "FCA 375.2", "seal_order", **FAMILY)

    assert around("2020-01-02", found, order) == (NOT, YES, YES)
    assert regimes(ask("2020-02-01", found, order)) == ["fca-375.2"]


def test_every_regime_has_rules() -> None:
    assert [group.regime for group in jurisdiction("us-ny").regimes if not group.rules] == []
    assert dt.date(2018, 5, 8).weekday() < 5  # so that the thirty days of these tests begin where they say
