"""Orders that seal, under a section that no rule reads, or after which something was restored: in every state."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from sealscrub.custodian.law import Action, Decision, Event, decide, decide_charges, read_charges
from sealscrub.custodian.law.explanation import Explanation

from .places import SAMPLES

_NOW = dt.date(2026, 11, 20)
#: An offence that no clock seals and no fact of which is missing, and an order that seals it.
_PLACES = {law: (*place.OFFENCE, place.ORDER) for law, place in SAMPLES.items()}
_EVERY = pytest.mark.parametrize("law", _PLACES)


def _ended(law: str, text: str = "") -> Event:
    code, severity, grade, _ = _PLACES[law]
    return Event(
        event_date=dt.date(2015, 1, 1),
        text=text or SAMPLES[law].ENDINGS[0],
        law_code=code,
        severity=severity,
        offense_class=grade,
        charge="1",
    )


def _order(law: str, text: str | None = None) -> Event:
    return Event(event_date=dt.date(2026, 8, 1), event="seal_order", text=_PLACES[law][3] if text is None else text)


def _later(event: str, text: str = "") -> Event:
    return Event(event_date=dt.date(2026, 9, 1), event=event, text=text)


def _ask(law: str, *events: Event) -> Decision:
    return decide(Action(crime_date=dt.date(2014, 1, 1)), events, _NOW, law=law)


@_EVERY
def test_an_order_under_a_section_that_no_rule_reads_is_unknown_for_want_of_it(law: str) -> None:
    other = SAMPLES[law].OTHER_ORDER

    assert str(_ask(law, _ended(law), _order(law)).answer) == "sealed"
    found = _ask(law, _ended(law), _order(law, other))
    assert str(found.answer) == "unknown"
    assert "ordered" in found.missing
    assert "ordered" in Explanation(found).text()
    assert str(_ask(law, _ended(law, SAMPLES[law].ENDINGS[-1]), _order(law, other)).answer) == "unknown"
    assert str(_ask(law, _ended(law), _order(law, other), _later("seal_order", _PLACES[law][3])).answer) == "sealed"


@_EVERY
@pytest.mark.parametrize("event", ["restored", "disposition"])
@pytest.mark.parametrize("ending", ["", "dismissed"])
def test_what_was_restored_after_an_order_and_is_not_told_is_unknown(law: str, event: str, ending: str) -> None:
    ending = ending and SAMPLES[law].DISMISSED
    for text in ("RESTORED", "RIGHTS RESTORED", "REINSTATED"):
        assert str(_ask(law, _ended(law, ending), _order(law), _later(event, text)).answer) == "unknown"
    if event == "restored":
        found = _ask(law, _ended(law, ending), _order(law, ""), _later(event))
        assert str(found.answer) == "unknown"
        assert "does not say what" in Explanation(found, full=True).text()


@_EVERY
@pytest.mark.parametrize("text", ["RESTORED TO THE CALENDAR", "case reinstated"])
def test_a_case_that_is_restored_after_an_order_is_open(law: str, text: str) -> None:
    restored = _ask(law, _ended(law), _order(law), _later("restored", text))

    assert str(restored.answer) == str(_ask(law, _ended(law), _later("restored", text)).answer)
    assert str(restored.answer) == SAMPLES[law].REOPENED
    assert not any("/doubt/" in rule for rule, _ in restored.rules)


@_EVERY
def test_a_record_that_is_restored_stands_as_if_the_order_was_taken_back(law: str) -> None:
    restored = _ask(law, _ended(law), _order(law), _later("restored", "Records restored."))

    assert str(restored.answer) == str(_ask(law, _ended(law), _order(law), _later("no_seal_order")).answer)
    assert str(restored.answer) == "not_sealed"


@_EVERY
def test_many_at_once_come_to_the_same(law: str, tmp_path: Path) -> None:
    code, severity, grade, section = _PLACES[law]
    rows, said = ["docket,defendant_id,charge,law_code,severity,offense_class,event,disposition,event_date"], []
    for number, text in enumerate(("RESTORED", "STET", "", "UNSEALED", "STET")):
        ended = f"{number},{number},1,{code},{severity},{grade},disposition,{SAMPLES[law].ENDINGS[0]},2015-01-01"
        order = f"{number},{number},,,,,seal_order,{section},2026-08-01"
        rows += [ended, order, f"{number},{number},,,,,disposition,{text},2026-09-01"]
        said.append(str(_ask(law, _ended(law), _order(law), _later("disposition", text)).answer))
    file = tmp_path / "d.csv"
    file.write_text("\n".join(rows) + "\n")

    charges = read_charges(file, law=law)
    assert [str(each.answer) for each in decide_charges(charges, _NOW, law=law)] == said
    assert said[0] == said[3] == "unknown"
