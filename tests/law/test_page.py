"""The page of rules is what the rules say."""

from __future__ import annotations

import dataclasses
import importlib.util
from pathlib import Path
from types import ModuleType

from sealscrub.law import COLUMNS, Decision, EventKind, jurisdiction

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "docs" / "reference"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_law_us_ny", FOLDER / "make_law_us_ny.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_rules_say() -> None:
    assert (FOLDER / "law-us-ny.md").read_text(encoding="utf-8") == load().page()


def test_every_rule_names_tests_that_exist() -> None:
    made = load()
    untested = [rule.id for rule in jurisdiction("us-ny").rules() if not made.tests_of(rule.id)]

    assert untested == []
    for file, name in {test for tests in made.TESTS.values() for test in tests}:
        assert f"def {name}(" in (HERE / file).read_text(encoding="utf-8")


def test_the_page_claims_no_order_and_no_advice() -> None:
    text = " ".join(load().page().split())

    assert "no legal advice" in text
    assert "no court order in force demands it" in text
    assert "2023" not in text


def test_the_page_of_dispositions_names_every_column_event_and_field() -> None:
    text = (FOLDER / "dispositions.md").read_text(encoding="utf-8")
    fields = [field.name for field in dataclasses.fields(Decision)]
    written = set(fields) - {"changes", "governed_on", "map_version", "may_apply_from"}

    assert [name for name in (*COLUMNS, *map(str, EventKind), *sorted(written)) if f"`{name}`" not in text] == []
