"""A column without a name, as pandas writes its index, is called that, and is not taken for the whole table."""

from __future__ import annotations

import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError
from sealscrub.transforms.plans import Plan

NUMBERS = ["K14600001", "K14600002", "B16800003"]
COUNT = "select count(a.arrest_no) from arrests a"


def plan_for(name: str, way: str) -> Plan:
    table = {"source": "arrests", "keys": {"arrest_number": "arrest_no"}}
    if way == "independent":
        return Plan.from_dict({"version": 1, "tables": {"arrests": {**table, "independent": {name: "a row number"}}}})
    features = {"source": "features", "link": {"arrest_no": "arrests.arrest_no"}, "derived": {name: COUNT}}
    return Plan.from_dict({"version": 1, "tables": {"arrests": table, "features": features}})


NAMED = [(name, way) for name in ("", " ", "   ") for way in ("independent", "derived") if name or way == "independent"]


def test_recipes_cannot_name_it() -> None:
    """SQL has no name without a letter: the table is refused, with what to do."""
    rows = pl.DataFrame({"": [3, 3, 3], "arrest_no": NUMBERS})
    with pytest.raises(ConfigError, match="rename it"):
        plan_for("", "derived").scrub({"arrests": rows.drop(""), "features": rows}, example_index(NUMBERS[:1]))


@pytest.mark.parametrize(("name", "way"), NAMED)
def test_it_stands_in_quotes(name: str, way: str) -> None:
    rows = pl.DataFrame({name: [3, 3, 3], "arrest_no": NUMBERS})
    tables = {"arrests": rows} if way == "independent" else {"arrests": rows.drop(name), "features": rows}
    plan = plan_for(name, way)
    index = example_index(NUMBERS[:1])
    said = [plan.check(tables).to_text(), plan.scrub(tables, index, detail=True).report.to_text()]

    for text in said:
        assert f'"{name}": ' in text
        assert "whole table" not in text.lower()


def test_a_table_that_is_recomputed_is_the_whole_table() -> None:
    tables = {"arrests": pl.DataFrame({"arrest_no": NUMBERS}), "counts": pl.DataFrame({"n": [3]})}
    counts = {"source": "counts", "derived_from": "select count(a.arrest_no) as n from arrests a"}
    arrests = {"source": "arrests", "keys": {"arrest_number": "arrest_no"}}
    text = Plan.from_dict({"version": 1, "tables": {"arrests": arrests, "counts": counts}}).check(tables).to_text()

    assert "the whole table: the recipe gives" in text
