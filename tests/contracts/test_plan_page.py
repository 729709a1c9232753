"""The reference page of plans has every key that a plan may have, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from sealscrub.transforms.plans import plan_spec

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "plans.md").read_text("utf-8")
SECTIONS: dict[str, type[BaseModel]] = {
    "The plan": plan_spec.PlanSpec,
    "`policy`": plan_spec.PolicySpec,
    "A table": plan_spec.TableSpec,
    "A key, long form": plan_spec.KeySpec,
    "A link, long form": plan_spec.LinkSpec,
    "`elements`": plan_spec.ElementsSpec,
    "`edges`": plan_spec.EdgesSpec,
    "`files`": plan_spec.FilesSpec,
    "A recipe": plan_spec.DerivedSpec,
}


def rows_of(heading: str) -> list[list[str]]:
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in rows]


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_key_of_a_plan_is_on_its_page(heading: str) -> None:
    named = [row[0].strip("`") for row in rows_of(heading)]

    assert sorted(named) == sorted(SECTIONS[heading].model_fields)


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_key_has_a_type_a_meaning_and_an_example(heading: str) -> None:
    for key, kind, meaning, example in rows_of(heading):
        assert kind
        assert meaning
        assert key.strip("`") in example


@pytest.mark.parametrize("heading", SECTIONS)
def test_what_is_required_is_said_to_be(heading: str) -> None:
    said = {
        key.strip("`") for key, _, meaning, _ in rows_of(heading) if re.search(r"(?i)\brequired\b(?! for)", meaning)
    }
    required = {name for name, field in SECTIONS[heading].model_fields.items() if field.is_required()}

    assert said == required - {"tables"}


def test_every_part_of_a_plan_has_a_section() -> None:
    parts = {
        kind
        for kind in vars(plan_spec).values()
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__module__ == plan_spec.__name__
    }
    abstract = {kind for kind in parts if kind.__name__.startswith("_")} | {plan_spec.Effect}

    assert parts - abstract == set(SECTIONS.values())
