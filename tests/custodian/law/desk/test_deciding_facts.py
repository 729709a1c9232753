"""What decided an answer comes first: in sentences, with the statute, and in its days."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from sealscrub.custodian import law
from sealscrub.custodian.law.desk import days_drawn, deciding_facts, docket_days, in_words, public_texts
from sealscrub.custodian.law.dispositions import read_map
from sealscrub.custodian.law.state_declarations import ColumnKind

from ..asking import ACTION, ask, case, convicted, day, row
from ..histories import days, histories

AS_OF = "2026-11-25"


def sentences(*events: law.Event, on: str = AS_OF) -> list[str]:
    reasons = ask(on, *events).reasons
    assert reasons is not None
    return [each.said for each in deciding_facts(reasons)]


CASES = {
    "sealed: how each charge meets it": (
        [row("2018-05-01", "ACQUITTED", charge="1"), row("2018-05-01", "ACQUITTED", charge="2")],
        ["Charges 1, 2 are recorded as acquitted complete. CPL 160.50(3)(c) [own]: A verdict of complete acquittal."],
    ),
    "not sealed: the charge that keeps it open": (
        [row("2018-05-01", "ACQUITTED", charge="1"), row("2018-05-01", "PENDING", charge="2")],
        [
            "Charge 1 meets CPL 160.50(3)(c), but charge 2 is recorded as pending; CPL 160.50 asks for every charge.",
            "Charge 2 is recorded as pending, and no rule seals such a charge.",
        ],
    ),
    "not known: the words that no phrase explains": (
        [row("2018-05-01", "STET")],
        ["The whole instrument is recorded as unmapped. No phrase explains the text of the disposition."],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_facts_that_decided_are_said_and_no_other(case: str) -> None:
    events, expected = CASES[case]

    assert sentences(*events) == expected


def test_a_time_that_runs_is_said_with_its_last_day() -> None:
    (said,) = sentences(row("2026-08-31", "ACD 170.55", family_offense=False))

    assert said.startswith(
        "The whole instrument is recorded as adjourned in contemplation of dismissal; it takes 6 months from"
    )
    assert "its last day is 2027-02-28. CPL 160.50(3)(b) [own]: Adjourned in contemplation of dismissal" in said


def test_a_day_of_the_states_own_is_called_what_its_law_calls_it() -> None:
    (said,) = sentences(row("2026-11-02", "DISM 30.30", served_on=dt.date(2026, 11, 9)))

    assert "it takes 30 days from service of the order, else the day it ended" in said


@pytest.mark.parametrize("name", law.JURISDICTIONS)
def test_a_clock_is_said_without_names_of_ours(name: str) -> None:
    place = law.jurisdiction(name)
    flags = {column.name for column in place.columns if column.kind is ColumnKind.FLAG}
    clocks = " ".join(rule.clock.words() for rule in place.rules() if rule.clock is not None)
    named = {*re.findall("[a-z]+(?:_[a-z0-9]+)+", clocks)}

    assert "ended_on" in named or "arrested_on" in named
    assert [each for each in named - flags if in_words(each, place) == each.replace("_", " ")] == []


def test_what_is_missing_is_named() -> None:
    (said,) = sentences(*convicted(sentence=None, severity="V", law_code="PL 240.20"))

    assert "is recorded as convicted; not known: the day of sentence. CPL 160.55(1) [found]" in said


def test_of_a_rule_that_changed_only_the_version_in_force_is_said() -> None:
    said = sentences(*convicted(plea="2026-08-31", sentence="2026-08-31", severity="M", law_code="PL 155.25"))

    assert "its last day is 2029-08-31" in said[0]
    assert not any("not in force" in each for each in said)


@pytest.mark.search
@settings(max_examples=150, deadline=None, suppress_health_check=[*HealthCheck])
@given(events=histories, as_of=days)
def test_of_every_history_something_decided(events: list[law.Event], as_of: dt.date) -> None:
    action = replace(ACTION, docket="2018KN777777")
    decision = law.decide(action, events, as_of)
    assert decision.reasons is not None
    found = deciding_facts(decision.reasons)

    assert 1 <= len(found) <= 3
    assert all(re.match(r"[A-Z].*\.$", each.said) for each in found)
    assert all(address.startswith("https://www.nysenate.gov/") for address in public_texts(
        rule for each in found for rule in each.rules).values())  # fmt: skip
    if decision.answer is not law.Answer.NOT_SEALED:
        assert {(rule.id, rule.version) for each in found for rule in each.rules} <= set(decision.rules)
    told = docket_days(action, events, decision, as_of, read_map("us-ny"))
    assert [each.day for each in told] == sorted(each.day for each in told)
    said = " ".join([*(each.said for each in found), *(each.what for each in told), days_drawn(told)])
    assert not any(number in said for number in ("KN777777", "KN012346"))


def test_the_days_hold_what_happened_what_the_law_made_of_it_and_what_comes() -> None:
    events = [row("2026-08-31", "ACD 170.55", charge="1", family_offense=False)]
    told = docket_days(ACTION, events, ask(AS_OF, *events), dt.date(2026, 11, 25), read_map("us-ny"))

    assert [(str(each.day), each.what, each.kind) for each in told] == [
        ("1970-01-01", "arrest", "happened"),
        ("2026-08-31", "charge 1: adjourned in contemplation of dismissal", "happened"),
        ("2026-11-25", "the day asked about: not sealed", "asked"),
        ("2027-03-01", "on its own: sealed", "ahead"),
    ]
    drawn = days_drawn(told)
    ahead = ("a court may be asked from this day", "eligible from this day", "on its own: not known")
    for picture in (drawn, days_drawn([told[-1]._replace(what=what) for what in ahead])):
        for bold, at, text in re.findall(r'<text( class="law")? x="([0-9]+)"[^>]*>([^<]*)', picture):
            wide = len(text) * (8.6 if bold else 7.7)
            assert int(at) + wide <= 320 == int(re.findall(r'width="([0-9]+)"', picture)[0])
    shown = " ".join(re.findall(r">([^<]+)</text>", drawn))
    assert shown == " ".join(f"{day.day} {day.what}" for day in told)
    assert 'role="img" aria-label="The days of the docket' in drawn
    # each kind has a mark of its own: none needs a colour
    marks = re.findall(r"<(circle|path) class=\"([\w ]+)\"", drawn)
    assert len(dict.fromkeys(marks)) == 4
    assert "fill:" not in drawn


@pytest.mark.parametrize("charge", ["", "1"])
@pytest.mark.parametrize(
    ("first", "then"),
    [
        (row("2018-05-10", "", "vacated"), row("2018-05-10", "DISMISSED")),
        (row("2018-05-10", "NEW TRIAL ORDERED", "appeal_decided"), row("2018-05-10", "ACQUITTED")),
        (row("2018-05-10", "PLEA VACATED"), row("2018-05-10", "PENDING")),
        (row("2018-05-10", "PLEA VACATED"), row("2018-05-10", "ACD 170.55", family_offense=False)),
        (row("2018-05-10", "PLED GUILTY"), row("2018-05-10", "SENTENCED TO TIME SERVED")),
        (row("2018-05-10", "PENDING"), row("2018-05-10", "DISMISSED")),
        (row("2018-05-10", "WITHDRAWN", "warrant"), row("2018-05-10", "", "sentence")),
    ],
    ids=lambda event: event.text or str(event.event),
)
def test_what_happened_on_one_day_is_in_the_order_that_the_decision_takes(
    first: law.Event, then: law.Event, charge: str
) -> None:
    """A dismissal was shown above the order that vacated the conviction which was dismissed: by its letters."""
    before = convicted("2018-01-10", "2018-02-10", law_code="PL 120.00", severity="M", charge=charge)
    alone = [] if then.text == "DISMISSED" and first.text == "PENDING" else before
    events = [*alone, replace(first, charge=charge), replace(then, charge=charge)]
    mapping = read_map("us-ny")

    def said(*shown: law.Event) -> list[str]:
        told = docket_days(ACTION, shown, ask(AS_OF, *events), dt.date(2018, 12, 1), mapping)
        return [each.what for each in told if each.kind == "happened" and str(each.day) == "2018-05-10"]

    assert said(*events) == [*said(events[-2]), *said(events[-1])]
    assert said(*reversed(events)) == said(*events)


def test_a_docket_of_many_days_keeps_its_first_and_its_last() -> None:
    events = [row(f"20{year}-01-0{day}", "PENDING") for year in range(10, 24) for day in range(1, 8)]
    told = docket_days(ACTION, events, ask(AS_OF, *events), dt.date(2026, 11, 25), read_map("us-ny"))

    assert len(told) < 30
    assert (told[0].what, told[-1].what) == ("arrest", "the day asked about: not sealed")
    assert sum("more entries not shown" in each.what for each in told) == 1


THEFT: dict[str, Any] = {"law_code": "PL 155.25", "severity": "M"}
OTHER_CASES = {
    "pending crime is Y": [case("B", row("2025-07-01", "PENDING", **THEFT))],
    "in custody is Y": [
        case("B", *convicted("2016-03-01", "2016-04-01", **THEFT), row("2017-01-01", event="reincarcerated"))
    ],
}


@pytest.mark.parametrize("fact", OTHER_CASES)
def test_a_fact_of_another_case_that_keeps_a_rule_from_a_charge_is_said(fact: str) -> None:
    """It was said that no rule seals a conviction which a pending charge alone keeps from being eligible."""
    own = case("A", *convicted("2014-09-01", "2014-10-01", **THEFT))
    action, events = own
    reasons = law.decide(action, events, day("2026-11-25"), linked=OTHER_CASES[fact]).reasons

    assert reasons is not None
    said = [each.said for each in deciding_facts(reasons)]
    assert any(f"is recorded as convicted; {fact}" in each for each in said), said
    assert not any("no rule seals such a charge" in each for each in said)


@pytest.mark.parametrize(
    ("begun", "fact"),
    [("supervision_start", "supervised is Y"), ("reincarcerated", "in custody is Y")],
)
def test_what_the_charges_own_rows_say_against_a_rule_is_said_with_the_rule(begun: str, fact: str) -> None:
    """It was said that no rule seals a conviction that only the supervision for it keeps from being eligible."""
    decision = ask("2026-11-25", *convicted("2014-09-01", "2014-10-01", **THEFT), row("2014-11-01", event=begun))

    assert decision.reasons is not None
    said = [each.said for each in deciding_facts(decision.reasons)]
    assert f"is recorded as convicted; {fact}. CPL 160.57(1)(b)(i)" in said[0]
    assert not any("no rule seals such a charge" in each for each in said)
