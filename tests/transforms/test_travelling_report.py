"""What travels, JUnit and SARIF, holds verdicts and nothing that differs by how many."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.reports import ReportFormat
from sealscrub.transforms.scrub_report import Report

from .report_strategies import modest, recounted, reports
from .reports import REPORTS, key, report, table


@modest
@given(st.data())
def test_what_travels_does_not_differ_by_how_many(data: st.DataObject) -> None:
    one = data.draw(reports())
    other = data.draw(recounted(one))

    assert one.to_junit() == other.to_junit()
    assert one.to_sarif() == other.to_sarif()
    assert str(one) == str(other)
    assert one._repr_html_() == other._repr_html_()


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
    assert str(without) == str(made)
    assert without._repr_html_() == made._repr_html_()


@pytest.mark.parametrize("name", sorted(REPORTS))
@pytest.mark.parametrize("format", [ReportFormat.JUNIT, ReportFormat.SARIF])
def test_no_count_of_the_run_is_in_what_travels(name: str, format: ReportFormat) -> None:
    marked = _with_marked_counts(REPORTS[name])
    said = marked.render(format)

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


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_print_and_notebooks_show_the_verdict_and_no_count(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    marked = _with_marked_counts(REPORTS[name])
    marked.show()
    shown = capsys.readouterr().out

    assert shown == str(marked)
    assert "98765" not in shown + marked._repr_html_()
    assert "Coverage" in shown
    assert "What to do" in shown
    assert "Coverage" in marked._repr_html_()


@pytest.mark.parametrize("weakened", [{"accepted": ("null",)}, {"allowed": ("withheld",)}, {"min_coverage": 0.5}])
def test_what_was_let_pass_stands_in_what_is_printed(weakened: dict[str, Any]) -> None:
    made = replace(REPORTS["clean"], **weakened)

    said = " ".join(str(made).split())
    assert "Every row was read and checked." in " ".join(str(REPORTS["clean"]).split())
    assert "checked." not in said
    assert "accept" in said or "allowed" in said or "lowered" in said


def test_counts_are_shown_where_they_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    marked = _with_marked_counts(REPORTS["found"])
    marked.show(counts=True)

    assert capsys.readouterr().out == marked.text()
    assert "98,765" in marked.text()
    assert "Operator's copy." in marked.text()


@pytest.mark.parametrize("format", [f for f in Report.formats if f != ReportFormat.JSON])
def test_positions_stand_in_json_only(format: ReportFormat) -> None:
    made = report(table("a.csv", key(sealed=1), positions=(8_675_309,)))

    assert "8675309" not in made.render(format).replace(",", "")
    assert json.loads(made.to_json())["tables"][0]["positions"] == [8_675_309]
    assert "positions" not in json.loads(report().to_json())["tables"][0]


@pytest.mark.parametrize("name", sorted(REPORTS))
@pytest.mark.parametrize("format", Report.formats)
def test_the_operators_copies_say_so_and_the_others_need_not(name: str, format: ReportFormat) -> None:
    said = REPORTS[name].render(format).lower().replace("’", "'").replace("_", "'s ").replace("operator's copy", "#")

    assert format.travels or "#" in said or '"operator\'s copy": true' in said
