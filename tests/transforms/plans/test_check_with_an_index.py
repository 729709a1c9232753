"""A check of a plan with an index says what a scrub by it would refuse: the same words, and the same exit code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, IncompleteError, SealedElsewhere, UnsuitableIndex
from sealscrub.transforms.plans import Plan, PlanCheck

SEALED, OTHER = "K14612345", "K14700001"
CLEAR = [f"M14{800000 + at}" for at in range(8)]
INDEX = example_index([SEALED, OTHER])
ARRESTS = {"source": "arrests.parquet", "keys": {"arrest_number": "arrest_no"}}
COMPARED, NOT_COMPARED = "Other columns  compared with the index", "Other columns  not compared with the index"


def plan_of(**more: Any) -> Plan:
    return Plan.from_dict({"version": 1, "tables": {"arrests": ARRESTS | more}})


def arrests(**columns: list[Any]) -> dict[str, pl.DataFrame]:
    return {"arrests": pl.DataFrame({"arrest_no": [SEALED, *CLEAR], **columns})}


def texts(first: str, *, sealed_row: str = "theft") -> list[str]:
    return [sealed_row, first, *["theft"] * (len(CLEAR) - 1)]


REFUSED: dict[str, list[Any]] = {
    "whole": texts(SEALED),
    "spelled otherwise": texts("k14-612 345"),
    "in a sentence": texts(f"Released, see arrest {OTHER}."),
    "in lists": [[], [SEALED], *[[]] * (len(CLEAR) - 1)],
    "in JSON": texts(json.dumps({"hits": [{"id": SEALED}]})),
    "near": texts("K146I2345"),
}


@pytest.mark.parametrize("column", REFUSED.values(), ids=REFUSED)
def test_a_check_says_of_other_columns_what_a_scan_and_a_scrub_say(column: list[Any]) -> None:
    plan, data = plan_of(), arrests(related=column)
    met = plan.scan(data, INDEX).tables[0].elsewhere
    with pytest.raises(IncompleteError) as refused:
        plan.scrub(data, INDEX)
    check = plan.check(data, index=INDEX)
    assert len(met) == len(check.tables[0].problems) == 1
    assert check.tables[0].problems[0] == f"{refused.value.report.problems[0].partition(': ')[2]}; {refused.value.hint}"
    assert (check.exit_code, check.swept) == (refused.value.exit_code, True)
    assert COMPARED in check.to_text()
    assert plan.check(data).exit_code == 0


def test_a_check_says_that_other_columns_wait_for_what_is_open() -> None:
    data = arrests(related=texts(SEALED))
    check = plan_of(on_match="null", null=["absent"]).check(data, index=INDEX)

    assert (check.swept, check.sweep_waits) == (False, True)
    assert "compared with the index once these are fixed" in " ".join(check.to_text().split())
    assert not plan_of().check(data).sweep_waits
    assert not plan_of().check(data, index=INDEX).sweep_waits


def test_a_reason_to_leave_a_column_is_asked_for_by_the_column() -> None:
    with pytest.raises(ConfigError, match="none for 'phone'"):
        plan_of(leave={"badge": "numbers of officers", "phone": " "})


LISTS: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "elements of a link": ({"elements": {"column": "ids", "link": "arrests.arrest_no"}}, [[CLEAR[0], OTHER], [SEALED]]),
    "a support of a link": ({"edges": {"support": "ids", "link": "arrests.arrest_no"}}, [[CLEAR[0], OTHER], [SEALED]]),
    "another field": (
        {"elements": {"column": "ids", "scheme": "arrest_number", "field": "id"}},
        [[{"id": CLEAR[0], "note": f"see {OTHER}"}], [{"id": SEALED, "note": SEALED}]],
    ),
}


@pytest.mark.parametrize("sort", LISTS)
def test_what_stays_in_lists_is_compared_where_it_is_no_key(sort: str) -> None:
    """An element that goes with its own record may name it; OTHER is the number of no arrest that is here."""
    declared, lists = LISTS[sort]
    people = {"source": "people", "accept_null": "a person without an arrest", **declared}
    plan = Plan.from_dict({"version": 1, "tables": {"arrests": ARRESTS, "people": people}})

    def data(lists: list[Any]) -> dict[str, pl.DataFrame]:
        return arrests() | {"people": pl.DataFrame({"ids": lists})}

    clean = [[each for each in one if OTHER not in str(each)] for one in lists]
    assert plan.scan(data(lists), INDEX).tables[1].elsewhere[0].found == 1
    assert plan.check(data(lists), index=INDEX).exit_code == 3
    with pytest.raises(SealedElsewhere):
        plan.scrub(data(lists), INDEX)
    assert plan.check(data(clean), index=INDEX).exit_code == 0
    assert SEALED not in str(plan.scrub(data(clean), INDEX)["people"].to_dicts())


def test_without_an_index_every_form_says_that_other_columns_were_not_compared() -> None:
    check = plan_of().check(arrests(related=texts(SEALED)))
    assert (check.ok, check.exit_code, check.swept) == (True, 0, False)
    assert NOT_COMPARED in check.to_text()
    assert NOT_COMPARED in str(check)
    assert "not compared with the index" in check.to_html()
    assert json.loads(check.to_json())["swept"] is False
    assert '<property name="swept" value="no"' in check.to_junit()


def test_a_row_that_is_removed_may_repeat_its_id() -> None:
    data = arrests(related=texts(CLEAR[3], sealed_row=f"{SEALED}, {OTHER}"))
    check = plan_of().check(data, index=INDEX)
    assert (check.ok, check.exit_code, check.swept) == (True, 0, True)
    assert '<property name="swept" value="yes"' in check.to_junit()


SETTLED: dict[str, Mapping[str, Any]] = {
    "declared": {"keys": {"arrest_number": ["arrest_no", "related"]}, "accept_null": "a row without an arrest"},
    "left": {"leave": {"related": "numbers of another office"}},
    "a narrative": {"narrative": {"related": "sentence"}},
    "dropped": {"narrative": {"related": "drop"}},
    "emptied": {"columns": {"related": "null"}, "independent": {"arrest_no": "as booked"}},
}


@pytest.mark.parametrize("settled", SETTLED.values(), ids=SETTLED)
def test_what_the_plan_says_of_a_column_settles_it(settled: Mapping[str, Any]) -> None:
    data = arrests(related=[None, f"So. See {SEALED}." if "narrative" in settled else SEALED, *[None] * 7])
    assert not plan_of().check(data, index=INDEX).ok
    check = plan_of(**settled).check(data, index=INDEX)
    assert (check.tables[0].problems, check.problems, check.exit_code, check.swept) == ([], [], 0, True)


def test_what_else_a_scrub_would_refuse_is_said_once() -> None:
    data = {"arrests": pl.DataFrame({"arrest_no": [*CLEAR, None]})}
    (without,) = plan_of().check(data, index=INDEX).tables[0].problems
    assert "1 row" in without
    uncovered = example_index({"docket": ["2014NY012345"], "arrest_number": [SEALED]})
    check = plan_of().check(arrests(), index=uncovered)
    assert (check.exit_code, len(check.tables[0].problems)) == (3, 1)
    assert "could recognise" in check.tables[0].problems[0]


def test_an_edit_that_would_mark_the_rows_it_reaches_is_a_problem() -> None:
    data = arrests(related=texts(SEALED))
    plan = plan_of(narrative={"related": "null"})
    check = plan.check(data, index=INDEX)
    assert check.exit_code == 2
    assert "mark" in check.tables[0].problems[0]


def test_with_problems_of_its_own_a_plan_is_not_compared_and_says_so() -> None:
    plan = plan_of(derived={"n": "select count(*) from arrests"})
    check = plan.check(arrests(n=[1] * 9, other=[2] * 9), index=INDEX)
    assert (check.ok, check.swept) == (False, False)
    assert NOT_COMPARED in check.to_text()


def test_what_travels_is_the_same_whatever_was_met() -> None:
    def checked(*places: str) -> PlanCheck:
        column = ["theft", *places, *["theft"] * (len(CLEAR) - len(places))]
        return plan_of().check(arrests(related=column), index=INDEX)

    assert checked(SEALED).to_junit() == checked(SEALED, OTHER, SEALED).to_junit()
    assert checked(CLEAR[0]).to_junit() == checked().to_junit()
    shown = checked(SEALED, OTHER)
    for said in (shown.to_text(), shown.to_json(), shown.to_html(), shown.to_junit(), repr(shown)):
        assert SEALED not in said
        assert OTHER not in said


def test_an_index_for_another_use_is_refused() -> None:
    with pytest.raises(UnsuitableIndex):
        plan_of().check(arrests(), index=example_index([SEALED], uses=["output"]))


def test_a_scheme_that_the_index_does_not_hold_is_a_problem() -> None:
    check = plan_of().check(arrests(), index=example_index({"docket": ["2014NY012345"]}))
    assert (check.exit_code, check.swept) == (2, False)
    assert "holds no keys of the scheme arrest_number" in str([check.problems, check.tables])


def test_columns_of_which_nothing_is_said_are_one_problem() -> None:
    plan = plan_of(independent={"arrest_no": "as booked"})
    (said,) = plan.check(arrests(one=[1] * 9, two=[2] * 9), index=INDEX).tables[0].problems

    assert said.startswith("columns one, two: the plan does not say where they come from: ")
