"""The page of rules is what the rules say."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from sealscrub.custodian.law import COLUMNS, JURISDICTIONS, Decision, EventKind, jurisdiction
from sealscrub.custodian.law.rules import NO_STATUTE

HERE = Path(__file__).parent
FOLDER = HERE.parents[2] / "docs" / "reference"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_law", FOLDER / "make_law.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


STATES = load().states()


@pytest.mark.parametrize("state", STATES)
def test_the_page_is_what_the_rules_say(state: str) -> None:
    assert (FOLDER / f"law-{state}.md").read_text(encoding="utf-8") == load().page(state)


@pytest.mark.parametrize("state", STATES)
def test_the_page_leaves_out_nothing_of_any_version(state: str) -> None:
    text = load().page(state)
    for rule in jurisdiction(state).rules():
        _, _, section = text.partition(f"\n### {rule.id}\n")
        section = section.partition("\n### ")[0].partition("\n## ")[0]
        said = [rule.text, f"{rule.citation} [{rule.mark}]", rule.when.words(), f"ersion {rule.version}"]
        said += [str(day) for day in (rule.in_force_from, rule.in_force_to) if day]
        said += [rule.clock.words()] if rule.clock is not None else []

        table, *older = section.split("\nVersion ")
        shown = table + "".join(line for line in older if line.startswith(f"{rule.version}, "))
        above = text.partition(f"\n### {rule.id}\n")[0].rpartition("\n## ")[2]
        shown += "".join(note for number, note in re.findall(r"(Note \d+\.) (.+)", above) if number in shown)

        assert [each for each in said if each not in section] == [], rule.id
        assert re.split(r"(?<=[.\]]) (?=[A-Z])", rule.uncertainty)[-1] in shown, rule.id


#: Why a rule is without the statute's words: one that says that the text was found has them.
NO_WORDS = {
    "retold": "not here: retold from a copy or a summary",
    "inference": "none: a reading",
    "own": "not read",
}


@pytest.mark.parametrize("state", STATES)
def test_what_is_marked_as_found_is_never_not_read(state: str) -> None:
    sections = re.split(r"\n### ", load().page(state))[1:]

    assert [part.partition("\n")[0] for part in sections if "[found]:" in part and "'s words | not " in part] == []
    assert [part.partition("\n")[0] for part in sections if "[found]:" in part and "'s words | none" in part] == []
    assert [line for line in load().page(state).splitlines() if "[found]" in line and "not read [" in line] == []


@pytest.mark.parametrize("state", STATES)
def test_every_rule_has_the_statutes_words_or_says_why_not(state: str) -> None:
    place, text = jurisdiction(state), load().page(state)

    for rule in place.rules():
        section = text.partition(f"\n### {rule.id}\n")[2].partition("\n### ")[0]
        words = place.words_of(rule)
        why = f"{NO_WORDS.get(str(rule.mark))} [{rule.mark}]"
        says = f'"{words}"' if words else why
        written = f"| the statute's words | {says} |" in section or f"the statute's words: {says}" in section
        assert words or rule.citation == NO_STATUTE or str(rule.mark) in NO_WORDS, rule.id
        assert not (words and str(rule.mark) == "retold"), f"{rule.id} has words that were read"
        assert written == (rule.citation != NO_STATUTE), rule.id
        assert rule.citation == NO_STATUTE or any(letter.isdigit() for letter in rule.citation)
        assert str(rule.mark) in ("found", "retold", "inference", "own")
    unused = [at for at in place.quoted if not any(rule.id.startswith(at) for rule in place.rules())]
    assert unused == []


@pytest.mark.parametrize("state", STATES)
def test_every_rule_names_tests_that_exist(state: str) -> None:
    made = load()
    untested = [rule.id for rule in jurisdiction(state).rules() if not made.tests_of(state, rule.id)]

    assert untested == []
    for file, name in {test for tests in made.page_of(state)["TESTS"].values() for test in tests}:
        assert f"def {name}(" in (HERE / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("state", STATES)
def test_the_page_says_what_each_version_of_the_rules_changed(state: str) -> None:
    place = jurisdiction(state)
    versions = [version for version, _ in place.changes]

    assert versions[:1] == [place.version]
    assert versions == sorted(set(versions), reverse=True)
    assert all(f"| {version} | {said} |" in load().page(state) for version, said in place.changes)


def test_the_list_of_pages_is_that_of_the_states() -> None:
    text = (FOLDER.parent / "reference.md").read_text(encoding="utf-8")

    assert load().listed(text) == text
    assert [text.count(f"reference/law-{state}") for state in STATES] == [2] * len(STATES)


def test_every_state_has_a_page_and_no_lawyer_has_signed() -> None:
    real = [name for name in JURISDICTIONS if not jurisdiction(name).demonstration]

    assert real == STATES
    assert {rule.reviewed_by for name in real for rule in jurisdiction(name).rules()} == {""}


@pytest.mark.parametrize("state", [state for state in STATES if state != "us-ny"])
def test_the_page_says_what_is_implemented_and_what_is_not(state: str) -> None:
    said = load().page_of(state)["HEAD"]
    implemented, _, missing = said.partition("\nNot implemented")

    assert implemented.partition("\nImplemented:\n")[2].count("\n- ") >= 3
    assert missing.count("\n- ") >= 3


@pytest.mark.parametrize("state", STATES)
def test_the_page_claims_no_order_and_no_advice(state: str) -> None:
    text = " ".join(load().page(state).split())

    assert "not legal advice" in text
    assert "no lawyer has reviewed or signed" in text
    if state == "us-ny":
        assert "no court order in force demands it" in text
        assert "2023" not in text


def test_the_page_of_dispositions_names_every_column_event_and_field() -> None:
    text = (FOLDER / "dispositions.md").read_text(encoding="utf-8")
    fields = [field.name for field in dataclasses.fields(Decision)]
    written = set(fields) - {"changes", "governed_on", "map_version", "may_apply_from"}

    assert [name for name in (*COLUMNS, *map(str, EventKind), *sorted(written)) if f"`{name}`" not in text] == []
