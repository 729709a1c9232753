"""What holds of every decision, whatever the history."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sealscrub.custodian.law import Action, Answer, Event, EventKind, decide, decide_all, find_rule

from .asking import facts_of
from .histories import BEGIN, FACTS, days, histories, without

SLOWLY = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
pytestmark = pytest.mark.search
ACTION = Action(docket="2018KN000001", arrest_number="K18000001", arrest_date=dt.date(2018, 1, 1))


@settings(max_examples=400, deadline=None, suppress_health_check=[*HealthCheck])
@given(history=histories, as_of=days, data=st.data())
def test_a_fact_left_blank_makes_an_answer_unknown_or_leaves_it(
    history: list[Event], as_of: dt.date, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(history) - 1))
    known = [name for name in FACTS if facts_of(history[place]).get(name) is not None]
    assume(known)
    fact = data.draw(st.sampled_from(known))

    assume(fact != "law_code" or history[place].text != "ACD")  # read as 170.55 where nothing says marihuana

    more = decide(ACTION, history, as_of, explain=False)
    less = decide(ACTION, without(history, place, fact), as_of, explain=False)

    assert less.answer in (more.answer, Answer.UNKNOWN), fact


@st.composite
def persons(draw: st.DrawFn) -> list[tuple[Action, list[Event]]]:
    """Several actions of one person: dockets of one arrest, and of others."""
    several = draw(st.lists(histories, min_size=2, max_size=4))
    arrests = [draw(st.sampled_from("AB")) for _ in several]
    began = {arrest: draw(st.none() | st.just(BEGIN)) for arrest in "AB"}
    born = draw(st.none() | st.just(dt.date(2002, 6, 1)))
    return [
        (
            Action(docket=str(n), defendant_id="7", arrest_number=arrest, arrest_date=began[arrest], birth_date=born),
            events,
        )
        for n, (arrest, events) in enumerate(zip(arrests, several, strict=True))
    ]


def _left_blank(
    data: st.DataObject, person: list[tuple[Action, list[Event]]]
) -> tuple[list[tuple[Action, list[Event]]], str]:
    """The same person, with one fact of one row, or of one action, left blank.

    A day of arrest is not: without it the first row of a docket is taken for its charge, which may be older.
    """
    action, history = data.draw(st.sampled_from(person))
    places = [(at, name) for at, each in enumerate(history) for name in FACTS if facts_of(each).get(name) is not None]
    places += [(-1, "birth_date")] if action.birth_date is not None else []
    assume(places)
    at, fact = data.draw(st.sampled_from(places))
    # an adjournment whose row names no offence is read as 170.55, and one for marihuana may be 170.56
    assume(fact != "law_code" or history[at].text != "ACD")
    less = (replace(action, **{fact: None}), history) if at < 0 else (action, without(history, at, fact))
    return [less if each[0] is action else each for each in person], fact


@settings(max_examples=250, deadline=None, suppress_health_check=[*HealthCheck])
@given(person=persons(), as_of=days, data=st.data())
def test_a_fact_of_a_persons_other_action_left_blank_does_not_turn_an_answer(
    person: list[tuple[Action, list[Event]]], as_of: dt.date, data: st.DataObject
) -> None:
    fewer, fact = _left_blank(data, person)

    for at in range(len(person)):
        more, less = (
            decide(*cases[at], as_of, linked=[*cases[:at], *cases[at + 1 :]], explain=False)
            for cases in (person, fewer)
        )
        assert less.answer in (more.answer, Answer.UNKNOWN), fact


@SLOWLY
@given(history=histories, as_of=days, seed=st.integers(0, 99))
def test_the_order_of_recording_does_not_matter(history: list[Event], as_of: dt.date, seed: int) -> None:
    timeless = [replace(event, recorded_at=None) for event in history]
    shuffled = random.Random(seed).sample(timeless, len(timeless))

    assert decide(ACTION, timeless, as_of) == decide(ACTION, shuffled, as_of)


@SLOWLY
@given(history=histories, as_of=days, known=st.integers(0, 400))
def test_what_is_later_does_not_count(history: list[Event], as_of: dt.date, known: int) -> None:
    known_at = as_of - dt.timedelta(days=known)
    before = [e for e in history if e.event_date <= as_of and (e.recorded_at is None or e.recorded_at <= known_at)]

    assert decide(ACTION, history, as_of, known_at) == decide(ACTION, before, as_of, known_at)


@SLOWLY
@given(history=histories, as_of=days)
def test_every_decision_cites_rules_in_force(history: list[Event], as_of: dt.date) -> None:
    decision = decide(ACTION, history, as_of)

    if decision.answer is Answer.SEALED:
        assert decision.rules
        assert decision.legal_from is not None
        assert decision.legal_from <= as_of
    for (rule_id, version), governed in zip(decision.rules, decision.governed_on, strict=True):
        [rule] = [rule for rule in find_rule(rule_id) if rule.version == version]
        assert rule.in_force(governed)
        assert governed <= as_of


@settings(max_examples=40, deadline=None, suppress_health_check=[*HealthCheck])
@given(history=histories, later=st.integers(0, 400))
def test_the_next_change_is_a_change(history: list[Event], later: int) -> None:
    timeless = [replace(event, recorded_at=None) for event in history]
    as_of = max(event.event_date for event in history) + dt.timedelta(days=later)
    decision = decide(ACTION, timeless, as_of)
    assume(decision.next_change)
    day = decision.next_change

    assert day is not None
    assert day > as_of
    assert decide(ACTION, timeless, day - dt.timedelta(days=1)).answer is decision.answer
    assert decide(ACTION, timeless, day).answer is not decision.answer


@SLOWLY
@given(history=histories, as_of=days)
def test_what_is_withheld_is_no_seal_and_what_is_unknown_is_withheld(history: list[Event], as_of: dt.date) -> None:
    decision = decide(ACTION, history, as_of)

    assert not (decision.withheld and decision.answer is Answer.SEALED)
    assert decision.withheld or decision.answer is not Answer.UNKNOWN
    assert bool(decision.uses) == (decision.answer is Answer.SEALED)


@SLOWLY
@given(several=st.lists(histories, min_size=1, max_size=4), as_of=days, together=st.booleans())
def test_many_are_decided_as_one_by_one(several: list[list[Event]], as_of: dt.date, together: bool) -> None:
    cases = [
        (replace(ACTION, docket=str(n), arrest_number="A" if together else f"A{n}"), events)
        for n, events in enumerate(several)
    ]
    one_by_one = [
        decide(action, events, as_of, linked=[case for case in cases if together and case[0] != action], explain=False)
        for action, events in cases
    ]

    assert list(decide_all(cases, as_of)) == one_by_one


@SLOWLY
@given(history=histories, as_of=days)
def test_the_tree_says_the_answer_and_nothing_of_the_action(history: list[Event], as_of: dt.date) -> None:
    decision = decide(ACTION, history, as_of)
    assert decision.reasons is not None
    text = "\n".join(decision.reasons.lines())

    assert text.splitlines()[0].endswith({"sealed": "yes", "not_sealed": "no", "unknown": "unknown"}[decision.answer])
    assert not any(number in text for number in ("2018KN000001", "K18000001", "2014KN012346"))
    assert "K18000001" not in repr(ACTION) + repr(history)
    assert replace(decision, reasons=None) == decide(ACTION, history, as_of, explain=False)


@pytest.mark.parametrize("kind", EventKind)
@pytest.mark.parametrize("text", ["ACQUITTED", "PG 120.00", "PETITION WITHDRAWN"])
def test_a_kind_of_event_may_be_a_plain_text(kind: EventKind, text: str) -> None:
    begun = dt.date(2015, 5, 1)
    history = [Event(event_date=begun, text=text, severity="M"), Event(event_date=dt.date(2015, 6, 1), event=kind)]
    plain = [replace(event, event=str(event.event)) for event in history]
    as_of = dt.date(2026, 11, 25)

    assert decide(Action(), plain, as_of, explain=False) == decide(Action(), history, as_of, explain=False)


def test_an_action_of_which_nothing_is_known_is_unknown_after_ninety_days() -> None:
    arrested = dt.date(2018, 1, 1)
    answers = [decide(ACTION, [], arrested + dt.timedelta(days=n)).answer for n in (0, 90, 91)]

    assert answers == [Answer.NOT_SEALED, Answer.NOT_SEALED, Answer.UNKNOWN]
    assert decide(Action(), [], dt.date(2020, 1, 1)).answer is Answer.UNKNOWN


def test_no_number_of_the_action_bears_on_the_answer() -> None:
    events = [Event(event_date=dt.date(2019, 1, 1), text="ACQUITTED")]
    other = Action(docket="X", defendant_id="X", arrest_number="X", indictment="X", arrest_date=ACTION.arrest_date)

    assert decide(other, events, dt.date(2020, 1, 1)) == decide(ACTION, events, dt.date(2020, 1, 1))
