"""What the text of an order says: a section and words that orders are made of seal; nothing else does."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.custodian.law import Action, Decision, Event, decide

from .places import SAMPLES

SECTIONS = {law: place.ORDER for law, place in SAMPLES.items()}
PLACES = sorted(SECTIONS)
ON = dt.date(2026, 11, 25)


def ordered(law: str, *texts: str) -> Decision:
    place = SAMPLES[law]
    code, severity, grade = place.FELONY
    convicted = Event(
        event_date=dt.date(2001, 1, 10),
        text=place.ENDINGS[0],
        law_code=code,
        severity=severity,
        offense_class=grade,
    )
    orders = [
        Event(event_date=dt.date(2026, 8, day), event="seal_order", text=text) for day, text in enumerate(texts, 1)
    ]
    return decide(Action(), [convicted, *orders], ON, law=law)


def said(law: str, *texts: str) -> str:
    return str(ordered(law, *texts).answer)


@pytest.mark.parametrize("law", PLACES)
@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "ORDER UNDER {}",
        "Motion granted pursuant to {}.",
        "{}, MOTION GRANTED",
        "EXPUNGEMENT ORDERED, {}",
        "SET ASIDE AND SEALED UNDER {}",
    ],
)
def test_a_section_among_words_of_orders_seals(law: str, text: str) -> None:
    assert said(law, text.format(SECTIONS[law])) == "sealed"


@pytest.mark.parametrize("law", PLACES)
@pytest.mark.parametrize(
    "text",
    [
        "{} VACATED",
        "MOTION FILED {}",
        "MOTION UNDER {}",
        "MOTION UNDER {} PENDING",
        "MOTION UNDER {} WITHDRAWN",
        "ORDER UNDER {} APPEALED",
        "{} GRANTED IN PART, DENIED IN PART",
        "MOTION TO VACATE ORDER UNDER {} DENIED",
        "OBJECTION TO {} DENIED",
        "{} NOT DENIED",
        "UNSEALED {}",
        "NO ORDER UNDER {}",
    ],
)
def test_what_else_a_text_says_makes_its_order_unknown(law: str, text: str) -> None:
    decision = ordered(law, text.format(SECTIONS[law]))

    assert (str(decision.answer), "ordered" in decision.missing) == ("unknown", True)


@pytest.mark.parametrize("law", PLACES)
@pytest.mark.parametrize(
    "text",
    ["MOTION UNDER {} DENIED", "MOTION UNDER {} NOT GRANTED", "DENIED {}", "Court denies petition under {}", "DENIED"],
)
def test_a_refusal_orders_nothing_and_undoes_nothing(law: str, text: str) -> None:
    none, refused = ordered(law), ordered(law, text.format(SECTIONS[law]))

    assert (refused.answer, refused.may_apply_from) == (none.answer, none.may_apply_from)
    assert said(law, SECTIONS[law], text.format(SECTIONS[law])) == "sealed"


@pytest.mark.parametrize("law", PLACES)
@given(
    before=st.sampled_from(["", "1", "9", "A", "7.", "3-"]),
    after=st.sampled_from(["", "6", "0", "44", "X", ".5", "-2"]),
)
def test_a_section_within_a_longer_number_is_not_that_section(law: str, before: str, after: str) -> None:
    name, _, number = SECTIONS[law].rpartition(" ")
    answer = said(law, f"{name} {before}{number}{after}")

    assert answer == ("unknown" if before or after else "sealed")


@pytest.mark.parametrize(("law", "one", "other"), [(law, *place.TWO_SECTIONS) for law, place in SAMPLES.items()])
def test_of_two_sections_neither_is_taken(law: str, one: str, other: str) -> None:
    for text in (f"{one} OR {other}", f"{one} AND {other}", f"{other}, {one}"):
        assert said(law, text) == "unknown"
    assert said(law, f"{one}, {one}") == "sealed"
