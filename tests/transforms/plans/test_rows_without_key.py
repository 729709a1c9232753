"""Rows of a plan that have neither a key nor a link to a row that has one are not checked, unless the plan says why."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.errors import ConfigError, IncompleteError, UncheckedKeys
from sealscrub.matching import Policy
from sealscrub.transforms.plans import Plan

from ..arrests import CLEAR, SEALED, index

REASON = "a stop without an arrest"
Tables = dict[str, pl.DataFrame]


def plan(**more: dict[str, Any]) -> Plan:
    """Arrests with numbers; stops that name an arrest; searches that name a stop."""
    tables: dict[str, Any] = {
        "arrests": {"source": "arrests.parquet", "keys": {"arrest_number": "arrest_no"}},
        "stops": {"source": "stops.parquet", "link": {"arrest_id": "arrests.arrest_id"}},
        "searches": {"source": "searches.parquet", "link": {"stop_id": "stops.stop_id"}},
    }
    return Plan.from_dict({"version": 1, "tables": {name: said | more.get(name, {}) for name, said in tables.items()}})


def estate(arrests: list[str | None], stops: list[int | None], searches: list[int | None]) -> Tables:
    return {
        "arrests": pl.DataFrame({"arrest_id": range(len(arrests)), "arrest_no": arrests}, schema_overrides=_TEXT),
        "stops": pl.DataFrame({"stop_id": range(len(stops)), "arrest_id": stops}, schema_overrides=_NUMBER),
        "searches": pl.DataFrame({"stop_id": searches}, schema_overrides=_NUMBER),
    }


_TEXT = {"arrest_no": pl.String}
_NUMBER = {"arrest_id": pl.Int64, "stop_id": pl.Int64}


def outcome(asked: Plan, tables: Tables, policy: Policy | None = None) -> Any:
    try:
        return asked.scrub(tables, index(), policy=policy)
    except IncompleteError as error:
        return type(error), str(error)


def without_sealed(tables: Tables) -> Tables:
    """The estate in which sealed arrests, their stops and the searches at these never were."""
    arrests = tables["arrests"].filter(~pl.col("arrest_no").is_in(SEALED).fill_null(False))
    gone = set(tables["arrests"]["arrest_id"]) - set(arrests["arrest_id"])
    stops = tables["stops"].filter(~pl.col("arrest_id").is_in(list(gone)).fill_null(False))
    lost = set(tables["stops"]["stop_id"]) - set(stops["stop_id"])
    searches = tables["searches"].filter(~pl.col("stop_id").is_in(list(lost)).fill_null(False))
    return {"arrests": arrests, "stops": stops, "searches": searches}


def test_a_row_is_reached_along_links() -> None:
    report = plan().scan(estate([CLEAR[0], CLEAR[1]], [0, 1], [0, 1, 1]), index())
    assert report.exit_code == 0
    assert [table.reach for table in report.tables] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("arrests", "stops", "searches", "named"),
    [
        ([CLEAR[0], None], [0], [0], "arrests"),
        ([CLEAR[0]], [0, None], [0], "stops"),
        ([CLEAR[0]], [0, 7], [0], "stops"),
        ([CLEAR[0]], [0], [0, None], "searches"),
    ],
)
def test_each_table_has_a_word_of_its_own(arrests: Any, stops: Any, searches: Any, named: str) -> None:
    tables = estate(arrests, stops, searches)
    report = plan().scan(tables, index())
    found = {table.name: table for table in report.tables}[named]
    assert (report.exit_code, found.without_key, found.reach) == (3, 1, 0.5)
    with pytest.raises(UncheckedKeys, match="1 row has no key") as caught:
        plan().scrub(tables, index())
    assert caught.value.where == named
    assert "accept_null" in caught.value.hint
    checked = plan().check(tables)
    assert (checked.exit_code, [table.name for table in checked.tables if table.problems]) == (3, [named])

    said = plan(**{named: {"accept_null": REASON}})
    assert said.check(tables).ok
    accepted = said.scan(tables, index())
    assert (accepted.exit_code, {table.name: table.accepted_null for table in accepted.tables}[named]) == (0, REASON)
    assert REASON in accepted.to_text()
    assert "SEAL009" in accepted.to_sarif()
    assert set(plan().scrub(tables, index(), policy=Policy(accept={"null"}))) == set(tables)


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_required(reason: str) -> None:
    with pytest.raises(ConfigError, match="accept_null needs a reason"):
        plan(stops={"accept_null": reason})


keys = st.sampled_from([SEALED[0], CLEAR[0], CLEAR[1], None, "", "NONE"])
ids = st.sampled_from([0, 1, 2, None])


@given(
    st.lists(keys, min_size=1, max_size=4),
    st.lists(ids, max_size=5),
    st.lists(ids, max_size=5),
    st.sampled_from([Policy(), Policy(quarantine=True), Policy(accept={"null"})]),
    st.sets(st.sampled_from(["arrests", "stops", "searches"])),
)
@settings(max_examples=150)
def test_the_verdict_and_what_is_written_do_not_hang_on_rows_that_go(
    arrests: list[str | None], stops: list[int | None], searches: list[int | None], policy: Policy, named: set[str]
) -> None:
    tables = estate(arrests, stops, searches)
    asked = plan(**{name: {"accept_null": REASON} for name in named})
    found, other = outcome(asked, tables, policy), outcome(asked, without_sealed(tables), policy)
    if isinstance(found, dict):
        assert {name: data.serialize() for name, data in found.items()} == {
            name: data.serialize() for name, data in other.items()
        }
        again = outcome(asked, found, policy)
        assert {name: data.rows() for name, data in again.items()} == {
            name: data.rows() for name, data in found.items()
        }
        assert asked.scan(found, index(), policy=policy).exit_code == 0
    else:
        assert found == other


def test_an_edit_that_leaves_rows_without_a_key_needs_the_word() -> None:
    nulled = {"on_match": "null", "null": ["arrest_no"]}
    tables = estate([SEALED[0], CLEAR[0], None], [1], [0])
    for asked in (tables, without_sealed(tables)):
        with pytest.raises(ConfigError, match="arrest_no"):
            plan(arrests=nulled).scan(asked, index())
    said = plan(arrests={**nulled, "accept_null": REASON})
    clean = said.scrub(tables, index())
    assert said.scan(clean, index()).exit_code == 0
    assert said.scrub(clean, index())["arrests"].equals(clean["arrests"])


def test_rows_that_stay_when_what_they_depend_on_goes_need_the_word() -> None:
    kept = {
        "link": [{"table": "arrests", "columns": {"arrest_id": "arrest_id"}, "on_match": "null", "null": ["arrest_id"]}]
    }
    tables = estate([SEALED[0], CLEAR[0]], [0, 1], [])
    for policy in (Policy(), Policy(quarantine=True)):
        said = outcome(plan(stops={**kept, "accept_marks": ["arrest_id"]}), tables, policy)
        assert said[0] is UncheckedKeys
    accepted = plan(stops={**kept, "accept_marks": ["arrest_id"], "accept_null": REASON})
    clean = accepted.scrub(tables, index())
    assert clean["stops"]["arrest_id"].to_list() == [None, 1]
    assert accepted.scan(clean, index()).exit_code == 0
