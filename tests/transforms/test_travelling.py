"""What travels, JUnit and SARIF, holds verdicts and nothing that differs by how many."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.transforms.formats import ReportFormat, render
from sealscrub.transforms.report import Report

from .report_strategies import modest, recounted, reports
from .reports import REPORTS, key, report, table


@modest
@given(st.data())
def test_what_travels_does_not_differ_by_how_many(data: st.DataObject) -> None:
    one = data.draw(reports())
    other = data.draw(recounted(one))

    assert one.to_junit() == other.to_junit()
    assert one.to_sarif() == other.to_sarif()


@pytest.mark.parametrize("name", ["scrubbed", "scrubbed_nothing", "dry_run"])
def test_a_scrub_that_travels_does_not_tell_whether_anything_was_there(name: str) -> None:
    made = REPORTS[name]
    without = replace(
        made,
        tables=tuple(
            replace(
                each,
                removed=0,
                changed=0,
                keys=tuple(replace(one, sealed=0, withheld=0) for one in each.keys),
            )
            for each in made.tables
        ),
    )

    assert without.to_junit() == made.to_junit()
    assert without.to_sarif() == made.to_sarif()


@pytest.mark.parametrize("name", sorted(REPORTS))
@pytest.mark.parametrize("format", [ReportFormat.JUNIT, ReportFormat.SARIF])
def test_no_count_of_the_run_is_in_what_travels(name: str, format: ReportFormat) -> None:
    marked = _with_marked_counts(REPORTS[name])
    said = render(marked, format)

    assert "98765" not in said
    assert "98765" in marked.to_json()


def _with_marked_counts(made: Report) -> Report:
    def mark(count: int) -> int:
        return int(f"98765{count}")

    marked = []
    for each in made.tables:
        counts = ("rows", "sealed", "withheld", "near", "unparsable", "null", "damaged")
        read = tuple(replace(one, **{count: mark(getattr(one, count)) for count in counts}) for one in each.keys)
        facts: dict[str, Any] = {fact: mark(getattr(each, fact)) for fact in ("rows", "removed", "changed")}
        marked.append(replace(each, keys=read, positions=(98765,), notes=("98765 rows",), **facts))
    problems = () if made.complete else ("98765 rows",)
    return replace(made, tables=tuple(marked), warnings=("98765 rows",), problems=problems)


@pytest.mark.parametrize("format", [f for f in ReportFormat if f != ReportFormat.JSON])
def test_positions_stand_in_json_only(format: ReportFormat) -> None:
    made = report(table("a.csv", key(sealed=1), positions=(8_675_309,)))

    assert "8675309" not in render(made, format).replace(",", "")
    assert json.loads(made.to_json())["tables"][0]["positions"] == [8_675_309]
    assert "positions" not in json.loads(report().to_json())["tables"][0]


@pytest.mark.parametrize("name", sorted(REPORTS))
@pytest.mark.parametrize("format", ReportFormat)
def test_the_operators_copies_say_so_and_the_others_need_not(name: str, format: ReportFormat) -> None:
    said = render(REPORTS[name], format).lower().replace("’", "'").replace("_", "'s ").replace("operator's copy", "#")

    assert format.travels or "#" in said or '"operator\'s copy": true' in said
