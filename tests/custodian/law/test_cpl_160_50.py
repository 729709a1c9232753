"""CPL 160.50(3), paragraph by paragraph, on both sides of each of its days."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sealscrub.custodian.law import Answer, Event

from .asking import DAY, around, ask, day, regimes, row, with_facts

ON = "2018-05-10"
NOT, YES, UNKNOWN = "not_sealed", "sealed", "unknown"
CERTIFIED: dict[str, Any] = {"certified": True, "prints_sent": True}

# What ends a case for good on its day, with the paragraph; no order that the People may appeal.
AT_ONCE = {
    "a": row(ON, "REVERSED AND DISMISSED"),
    "b": row(ON, "ACD - DISMISSED"),
    "c": row(ON, "ACQUITTED"),
    "h": row(ON, "NO TRUE BILL"),
    "i": row(ON, "DECLINED PROSECUTION", **CERTIFIED),
    "j": row(ON, "VOIDED ARREST", **CERTIFIED),
    "l": row(ON, "DISMISSED 215.40"),
}
# Orders that the People may appeal.
APPEALABLE = {
    "b": row(ON, "DISMISSED"),
    "d": row(ON, "TRIAL ORDER OF DISMISSAL"),
    "e": row(ON, "VERDICT SET ASIDE"),
    "f": row(ON, "VACATED 440.10 AND DISMISSED"),
    "g": row(ON, "DISCHARGED - HABEAS"),
}


@pytest.mark.parametrize("part", AT_ONCE)
def test_what_the_people_cannot_appeal_is_sealed_from_its_day(part: str) -> None:
    event = AT_ONCE[part]
    decision = ask(ON, event)

    assert around(ON, row("2018-04-20", "PENDING"), event) == (NOT, YES, YES)
    assert (decision.answer, decision.paragraph, decision.legal_from) == (Answer.SEALED, f"(3)({part})", day(ON))
    assert regimes(decision) == ["cpl-160.50"]


@pytest.mark.parametrize("part", APPEALABLE)
def test_the_people_have_thirty_days_from_the_entry(part: str) -> None:
    event = APPEALABLE[part]

    days = ("2018-05-10", "2018-06-09", "2018-06-11", "2018-06-12")  # the thirtieth day is a Saturday
    assert [str(ask(on, event).answer) for on in days] == [UNKNOWN, UNKNOWN, UNKNOWN, YES]
    assert ask("2018-05-10", event).next_change == day("2018-06-12")
    decision = ask("2018-06-12", event)
    assert (decision.paragraph, decision.legal_from) == (f"(3)({part})", day(ON))


@pytest.mark.parametrize("part", APPEALABLE)
def test_the_people_have_thirty_days_from_service(part: str) -> None:
    event = APPEALABLE[part]
    served = with_facts(event, served_on=day("2018-05-20"))

    assert around("2018-06-19", served) == (UNKNOWN, UNKNOWN, YES)


def test_the_reason_says_which_day_the_thirty_run_from() -> None:
    decision = ask(ON, APPEALABLE["b"])
    assert decision.reasons is not None

    text = "30 days from served_on, else ended_on, or the next business day: its last day is 2018-06-11: unknown"
    assert text in "\n".join(decision.reasons.lines())


@pytest.mark.parametrize(
    ("entered", "last"),
    [
        ("2018-05-08", "2018-06-07"),  # a Thursday
        ("2018-05-09", "2018-06-08"),
        ("2018-05-11", "2018-06-11"),  # a Sunday, to the Monday
        ("2018-06-04", "2018-07-05"),  # Independence Day
        ("2018-10-12", "2018-11-13"),  # Sunday, and Veterans Day kept on the Monday
        ("2018-11-25", "2018-12-26"),  # Christmas
        ("2018-12-02", "2019-01-02"),
        ("2021-05-20", "2021-06-21"),  # Juneteenth on a Saturday, and no Monday for it
        ("2021-06-04", "2021-07-06"),  # Independence Day on a Sunday
        ("2017-05-20", "2017-06-19"),  # Juneteenth before it was a holiday
        ("2018-10-07", "2018-11-07"),  # Election Day
    ],
)
def test_a_last_day_that_is_no_business_day_moves_to_the_next(entered: str, last: str) -> None:
    """General Construction Law § 25-a."""
    assert around(last, row(entered, "DISMISSED")) == (UNKNOWN, UNKNOWN, YES)


def test_a_period_that_runs_out_by_itself_does_not_move() -> None:
    acd = row("2014-08-31", "ACD", family_offense=False)  # six months end on a Saturday

    assert around("2015-02-28", acd) == (NOT, NOT, YES)
    assert str(ask("2016-01-01", acd, row("2015-03-02", event="restored")).answer) == UNKNOWN


@pytest.mark.parametrize("part", APPEALABLE)
def test_an_appeal_of_the_people_is_in_doubt_until_it_is_decided(part: str) -> None:
    filed = row("2018-05-20", "PEOPLE", "appeal_filed")
    lost = row("2019-03-01", "AFFIRMED", "appeal_decided")
    won = row("2019-03-01", "REVERSED", "appeal_decided")

    assert str(ask("2019-02-28", APPEALABLE[part], filed).answer) == UNKNOWN
    assert around("2019-03-01", APPEALABLE[part], filed, lost) == (UNKNOWN, YES, YES)
    assert around("2019-03-01", APPEALABLE[part], filed, won) == (UNKNOWN, NOT, NOT)


@pytest.mark.parametrize(
    ("text", "family", "last"),
    [
        ("ACD", False, "2018-11-10"),
        ("ACD 170.55", False, "2018-11-10"),
        ("ACD 170.55", True, "2019-05-10"),
        ("ACD 210.47", False, "2018-11-10"),
        ("ACD 210.47", True, "2019-05-10"),
    ],
)
def test_an_acd_is_sealed_the_day_after_its_period(text: str, family: bool, last: str) -> None:
    acd = row(ON, text, family_offense=family)
    running, done = ask(last, acd), ask(day(last).replace(day=11), acd)

    assert around(last, acd) == (NOT, NOT, YES)
    assert running.withheld
    assert running.next_change == day(last).replace(day=11)
    assert (done.paragraph, done.legal_from) == ("(3)(b)", day(last).replace(day=11))


def test_whether_an_acd_runs_six_months_or_twelve_needs_the_fact() -> None:
    acd = row(ON, "ACD 170.55")

    assert around("2018-11-10", acd) == (NOT, NOT, UNKNOWN)
    assert around("2019-05-10", acd) == (UNKNOWN, UNKNOWN, YES)
    assert ask("2018-12-01", acd).missing == ("family_offense",)
    assert ask("2018-06-01", acd).withheld


@pytest.mark.parametrize("text", ["ACD 170.56", "ACD 210.46", "ACD 215.40"])
def test_at_most_twelve_months_need_the_courts_term(text: str) -> None:
    part = "(3)(l)" if "215" in text else "(3)(b)"
    term = row(ON, text, acd_until=day("2018-08-01"))
    too_long = row(ON, text, acd_until=day("2020-08-01"))

    assert around("2019-05-10", row(ON, text)) == (UNKNOWN, UNKNOWN, YES)
    assert ask(ON, row(ON, text)).missing == ("acd_until",)
    assert around("2018-08-01", term) == (NOT, NOT, YES)
    assert around("2019-05-10", too_long) == (NOT, NOT, YES)
    assert ask("2018-08-02", term).paragraph == part


def test_a_bare_acd_of_marihuana_may_be_one_of_170_56() -> None:
    """Its period may then be any of at most twelve months: the longer of the two is waited for."""
    marihuana, other = (row(ON, "ACD", family_offense=False, law_code=f"PL {n}") for n in ("221.10", "120.00"))

    assert around("2018-11-10", marihuana) == (NOT, NOT, UNKNOWN)
    assert around("2019-05-10", marihuana) == (UNKNOWN, UNKNOWN, YES)
    assert around("2018-11-10", other) == (NOT, NOT, YES)
    assert around("2018-11-10", replace(marihuana, text="ACD 170.55")) == (NOT, NOT, YES)
    assert "prints and photos" not in ask("2019-06-01", marihuana).copies


@pytest.mark.parametrize("code", ["AC 10-125", "TAX 1814", "ABC 65-C"])
def test_a_code_of_another_law_is_neither_marihuana_nor_loitering(code: str) -> None:
    decision = ask("2022-01-01", row(ON, "PLED GUILTY", law_code=code, severity="M"))

    assert (str(decision.answer), decision.withheld) == (NOT, False)


@pytest.mark.parametrize(
    ("begun", "last"),
    [
        ("2014-08-31", "2015-02-28"),
        ("2015-08-31", "2016-02-29"),
        ("2015-08-30", "2016-02-29"),
        ("2015-08-29", "2016-02-29"),
        ("2018-03-31", "2018-09-30"),
        ("2018-12-31", "2019-06-30"),
        ("2018-02-28", "2018-08-28"),
    ],
)
def test_months_end_on_the_day_or_on_the_months_last(begun: str, last: str) -> None:
    assert around(last, row(begun, "ACD", family_offense=False)) == (NOT, NOT, YES)


def test_a_leap_days_twelve_months_end_on_the_last_of_february() -> None:
    assert around("2017-02-28", row("2016-02-29", "ACD", family_offense=True)) == (NOT, NOT, YES)


@pytest.mark.parametrize("restored", [row("2018-09-01", event="restored"), row("2018-09-01", "ACD 170.55 - RESTORED")])
def test_a_restored_acd_is_open_until_the_case_ends(restored: Event) -> None:
    acd = row(ON, "ACD 170.55", family_offense=False)

    assert str(ask("2020-01-01", acd, restored).answer) == NOT
    assert not ask("2020-01-01", acd, restored).withheld
    assert around("2020-02-01", acd, restored, row("2020-02-01", "ACQUITTED")) == (NOT, YES, YES)


def test_a_restoration_after_the_period_is_in_doubt() -> None:
    late = row("2018-11-11", event="restored")
    last = row("2018-11-10", event="restored")

    assert str(ask("2020-01-01", row(ON, "ACD", family_offense=False), late).answer) == UNKNOWN
    assert str(ask("2020-01-01", row(ON, "ACD", family_offense=False), last).answer) == NOT
    assert str(ask("2020-01-01", row(ON, "ACD"), late).answer) == UNKNOWN
    assert str(ask("2020-01-01", row(ON, "ACD", family_offense=True), late).answer) == NOT


@pytest.mark.parametrize("text", ["ACD 170.56", "ACD 210.46"])
def test_prints_and_photos_stay_after_a_marihuana_acd(text: str) -> None:
    acd = row(ON, text, acd_until=day("2018-08-01"))

    assert "prints and photos" not in ask("2019-01-01", acd).copies
    assert "prints and photos" in ask("2019-01-01", row(ON, "ACQUITTED")).copies


@pytest.mark.parametrize("text", ["DECLINED PROSECUTION", "VOIDED ARREST"])
def test_an_election_not_to_go_on_needs_its_certificate(text: str) -> None:
    """The prosecutor's own election may have been certified by nobody yet, so that it is never known not to be."""
    facts: dict[str, Any] = {"prints_sent": True}
    without = UNKNOWN if text.startswith("DECLINED") else NOT

    assert ask("2019-01-01", row(ON, text, **facts)).missing == ("certified",)
    assert str(ask("2019-01-01", row(ON, text, certified=False, **facts)).answer) == without
    assert ask("2019-01-01", row(ON, text, certified=False, **facts)).withheld == (without == UNKNOWN)
    assert str(ask("2019-01-01", row(ON, text, certified=True, **facts)).answer) == YES


def test_a_voided_arrest_needs_prints_that_were_sent() -> None:
    assert ask("2019-01-01", row(ON, "VOIDED ARREST", certified=True)).missing == ("prints_sent",)
    assert str(ask("2019-01-01", row(ON, "VOIDED ARREST", certified=True, prints_sent=False)).answer) == NOT


def test_one_dismissed_count_inside_a_conviction_seals_nothing() -> None:
    counts = row(ON, "DISMISSED", charge="1"), row(ON, "PLED GUILTY", charge="2", severity="M")

    assert str(ask("2019-01-01", *counts).answer) == NOT
    assert str(ask("2019-01-01", row(ON, "ACQUITTED CT 1, GUILTY CT 2", severity="M")).answer) == NOT
    assert str(ask("2019-01-01", row(ON, "DISMISSED CT 1")).answer) == UNKNOWN


def test_an_action_is_sealed_from_the_end_of_its_last_charge() -> None:
    counts = row(ON, "ACQUITTED", charge="1"), row("2018-07-01", "NO TRUE BILL", charge="2")

    assert ask("2018-08-01", *counts).legal_from == day("2018-07-01")
    assert str(ask("2018-08-01", counts[0], row("2018-07-01", "PENDING", charge="2")).answer) == NOT


@pytest.mark.parametrize(
    "event",
    [
        row("2018-09-01", event="restored"),
        row("2018-09-01", event="re_presented"),
        row("2018-09-01", "RESTORED", "vacated"),
        row("2018-09-01", "NEW TRIAL ORDERED", "vacated"),
        row("2018-09-01", "DISMISSAL VACATED"),
    ],
)
def test_what_opens_the_case_again_unseals_it(event: Event) -> None:
    assert around("2018-09-01", row(ON, "DISMISSED"), event) == (YES, NOT, NOT)


def test_two_final_dispositions_are_no_answer() -> None:
    decision = ask("2019-01-01", row(ON, "DISMISSED"), row("2018-06-01", "PLED GUILTY", severity="M"))

    assert str(decision.answer) == UNKNOWN
    assert ("us-ny/doubt/ambiguous", "1") in decision.rules


def test_two_endings_of_one_day_that_do_not_agree_are_no_answer() -> None:
    assert str(ask("2019-01-01", row(ON, "DISMISSED"), row(ON, "PLED GUILTY", severity="M")).answer) == UNKNOWN
    assert str(ask("2019-01-01", row(ON, "DISMISSED"), row(ON, "DISMISSED", certified=True)).answer) == YES
    assert str(ask("2019-01-01", row(ON, "NOT GUILTY PLEA ENTERED"), row(ON, "ACQUITTED")).answer) == YES


def test_an_order_in_the_interest_of_justice_keeps_it_open() -> None:
    order, later = row("2018-05-01", event="no_seal_order"), row("2019-01-01", "CPL 160.50", "seal_order")

    assert str(ask("2018-12-31", row(ON, "ACQUITTED"), order).answer) == NOT
    assert str(ask("2018-12-31", row(ON, "DISMISSED"), row(ON, event="no_seal_order")).answer) == NOT
    assert str(ask("2019-01-01", row(ON, "ACQUITTED"), order, later).answer) == YES


ENDINGS = [
    *AT_ONCE.values(),
    *APPEALABLE.values(),
    *(row(ON, text, family_offense=False, acd_until=day(ON)) for text in ("ACD 170.55", "ACD 170.56", "ACD 215.40")),
    *(row(ON, text, family_offense=False, acd_until=day(ON)) for text in ("ACD 210.46", "ACD 210.47")),
]


@pytest.mark.parametrize("ending", ENDINGS, ids=[each.text for each in ENDINGS])
@pytest.mark.parametrize(("on", "answer"), [("1991-10-31", UNKNOWN), ("1991-11-01", YES), ("1991-11-02", YES)])
def test_before_november_1991_sealing_needed_a_motion(on: str, answer: str, ending: Event) -> None:
    ended = with_facts(ending, event_date=day(on), acd_until=ending.said("acd_until") and day("1991-12-01"))
    decision = ask("2019-01-01", ended)

    assert str(decision.answer) == answer
    assert decision.withheld == (answer == UNKNOWN)
    assert [version.endswith("-motion") for _, version in decision.rules] == [answer == UNKNOWN]
    assert str(ask("2019-01-01", ended, row("1995-01-01", "160.50", "seal_order")).answer) == YES


@pytest.mark.parametrize("text", ["VACATED 440.10", "CONVICTION VACATED"])
def test_a_vacated_judgment_alone_is_no_answer(text: str) -> None:
    conviction = row("2015-01-01", "PLED GUILTY", severity="M")

    assert str(ask("2019-01-01", conviction, row(ON, text)).answer) == UNKNOWN
    assert str(ask("2019-01-01", conviction, row(ON, "", "vacated")).answer) == UNKNOWN
    assert str(ask("2019-01-01", conviction, row(ON, text), row("2018-06-01", "ACQUITTED")).answer) == YES
    assert ask("2019-01-01", conviction, row(ON, "DISMISSED", "vacated")).paragraph == "(3)(f)"
    assert str(ask("2019-01-01", conviction, row(ON, "NEW TRIAL ORDERED", "vacated")).answer) == NOT


@pytest.mark.parametrize(
    "text", ["DISM W/LEAVE", "ABATED BY DEATH", "DISMISSED 730.40", "NRRMDD", "STET", "COVERED BY 2014KN012346"]
)
def test_what_is_on_no_list_is_no_answer(text: str) -> None:
    assert str(ask("2019-01-01", row(ON, text)).answer) == UNKNOWN


@pytest.mark.parametrize("text", ["SUPERSEDED", "TRANSFERRED TO SUPERIOR COURT"])
def test_what_goes_on_elsewhere_is_unknown_after_ninety_days(text: str) -> None:
    assert around("2018-08-08", row(ON, text)) == (NOT, NOT, UNKNOWN)


@pytest.mark.parametrize("text", ["PENDING", "BENCH WARRANT", "NOT GUILTY PLEA ENTERED"])
def test_an_open_case_is_neither_sealed_nor_withheld(text: str) -> None:
    decision = ask("2025-01-01", row(ON, text))

    assert (str(decision.answer), decision.withheld, decision.next_change) == (NOT, False, None)


def test_a_notice_begins_the_duty_and_not_the_seal() -> None:
    decision = ask("2019-01-01", row(ON, "ACQUITTED", notified_on=day("2018-09-09")))

    assert (decision.legal_from, decision.duty_from) == (day(ON), day("2018-09-09"))
    assert ask("2019-01-01", row(ON, "ACQUITTED")).duty_from == day(ON)


LISTED: dict[str, tuple[dict[str, Any], str]] = {
    "ii": ({"law_code": "PL 221.05", "severity": "V"}, "2019-08-28"),
    "iii": ({"law_code": "PL 2211500", "severity": "M"}, "2021-03-31"),
    "iv": ({"law_code": "PL 240.37", "severity": "M"}, "2021-02-02"),
    "v": ({"law_code": "PL 220.03", "severity": "M", "substance": "Concentrated Cannabis"}, "2021-03-31"),
    "vi": ({"law_code": "PL 222.10", "severity": "V"}, "2021-03-31"),
}


@pytest.mark.parametrize("number", LISTED)
def test_a_listed_conviction_is_expunged_from_the_day_of_its_law(number: str) -> None:
    facts, since = LISTED[number]
    conviction = row(ON, "PLED GUILTY", **facts)
    decision = ask(since, conviction)

    assert around(since, conviction)[1:] == (YES, YES)
    assert "cpl-160.50-5" not in regimes(ask(day(since) - DAY, conviction))
    assert regimes(decision)[0] == "cpl-160.50-5"
    assert (decision.effect, decision.legal_from) == ("expunge", day(since))
    assert f"(3)(k)({number})" in decision.paragraph
    assert ask(day(since).replace(year=2018, month=6, day=1), conviction).next_change == day(since)


@pytest.mark.parametrize(
    ("section", "number"),
    [
        *((f"221.{each}", "iii") for each in ("05", "10", "15", "20", "35", "40")),
        *((f"222.{each}", "vi") for each in ("10", "15", "25", "45")),
        ("240.37", "iv"),
        ("220.03", "v"),
        ("220.06", "v"),
    ],
)
def test_every_offence_on_the_list_is_expunged_and_its_neighbours_are_not(section: str, number: str) -> None:
    facts: dict[str, Any] = {"severity": "M", "substance": "concentrated cannabis"}
    neighbour = f"{section[:-1]}{(int(section[-1]) + 1) % 10}"

    assert f"(3)(k)({number})" in ask("2022-01-01", row(ON, "PLED GUILTY", law_code=f"PL {section}", **facts)).paragraph
    assert str(ask("2022-01-01", row(ON, "PLED GUILTY", law_code=f"PL {neighbour}", **facts)).answer) == NOT


@pytest.mark.parametrize(("on", "answer"), [("2019-08-27", YES), ("2019-08-28", NOT), ("2019-08-29", NOT)])
def test_the_change_of_2019_is_for_convictions_before_it(on: str, answer: str) -> None:
    """Those after it came on the list in 2021."""
    conviction = row(on, "PLED GUILTY", law_code="PL 221.10", severity="M")

    assert str(ask("2020-01-01", conviction).answer) == answer
    assert str(ask("2021-03-31", conviction).answer) == YES


def test_concentrated_cannabis_needs_its_substance_and_its_window() -> None:
    facts: dict[str, Any] = {"law_code": "PL 220.03", "severity": "M"}

    assert "substance" in ask("2022-01-01", row(ON, "PLED GUILTY", **facts)).missing
    assert str(ask("2022-01-01", row(ON, "PLED GUILTY", substance="cocaine", **facts)).answer) == NOT
    windows = [("2021-03-30", YES), ("2021-03-31", NOT), ("2021-04-01", NOT)]
    for on, answer in windows:
        late = row(on, "PLED GUILTY", substance="concentrated cannabis", **facts)
        assert str(ask("2022-01-01", late).answer) == answer


def test_marihuana_before_article_221() -> None:
    facts: dict[str, Any] = {"law_code": "PL 220.03", "severity": "M", "substance": "marihuana"}

    assert str(ask("2020-01-01", row("1977-07-28", "PLED GUILTY", **facts)).answer) == YES
    assert str(ask("2020-01-01", row("1977-07-29", "PLED GUILTY", **facts)).answer) == NOT
    assert str(ask("2020-01-01", row("1977-07-30", "PLED GUILTY", **facts)).answer) == NOT
    early = row("1977-07-28", "PLED GUILTY", **(facts | {"law_code": "PL 240.36"}))
    assert around("2019-08-28", early) == (NOT, YES, YES)
    assert "substance" in ask("2020-01-01", with_facts(early, substance=None)).missing
    assert str(ask("2020-01-01", replace(early, severity="F")).answer) == NOT


def test_only_the_conviction_described_is_expunged() -> None:
    """(5) is about the conviction: the rest of its docket stays as it is, and so does the answer about the docket."""
    marihuana = row(ON, "PLED GUILTY", charge="1", law_code="PL 221.10", severity="M")
    larceny = row(ON, "PLED GUILTY", charge="2", law_code="PL 155.25", severity="M")
    decision = ask("2021-04-01", marihuana, larceny)

    assert (str(decision.answer), decision.regimes) == (NOT, ())
    assert decision.charges == (("1", "us-ny/cpl-160.50-5"),)
    assert ask("2018-06-01", marihuana, larceny).charges == ()
    assert ask("2021-04-01", replace(marihuana, charge="3"), larceny, marihuana).charges == (
        ("1", "us-ny/cpl-160.50-5"),
        ("3", "us-ny/cpl-160.50-5"),
    )
    assert ask("2021-04-01", marihuana).charges == ()  # the docket is expunged with it
    assert str(ask("2021-04-01", marihuana).answer) == YES


def test_an_order_in_the_interest_of_justice_does_not_reach_an_expungement() -> None:
    """The exception is that of subdivision 1: subdivision 5 has none."""
    marihuana, order = row(ON, "PLED GUILTY", law_code="PL 221.10", severity="M"), row(ON, event="no_seal_order")
    decision = ask("2021-04-01", marihuana, order)

    assert (str(decision.answer), regimes(decision)) == (YES, ["cpl-160.50-5"])
    beside = row(ON, "ACQUITTED", charge="2")
    mixed = ask("2021-04-01", replace(marihuana, charge="1"), beside, order)
    assert (str(mixed.answer), mixed.charges) == (NOT, (("1", "us-ny/cpl-160.50-5"),))
    assert str(ask("2021-04-01", replace(marihuana, charge="1"), beside).answer) == YES
