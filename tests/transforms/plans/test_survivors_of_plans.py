"""What stayed once although a seal reaches it: edges without support, links spelled otherwise, links to what goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, UncheckedKeys
from sealscrub.index import Index
from sealscrub.transforms.plans import Plan

SEALED, OPEN = "K14612345", "M14000017"
ARRESTS = {"source": "arrests", "keys": {"arrest_number": "arrest_no"}}


@pytest.fixture(scope="module")
def index() -> Index:
    return example_index([SEALED])


def _plan(**tables: Any) -> Plan:
    return Plan.from_dict({"version": 1, "tables": tables})


def test_an_edge_without_support_goes_whatever_parents_its_ends_have(index: Index) -> None:
    plan = _plan(
        arrests=ARRESTS,
        people={"source": "people", "independent": "a list of everybody"},
        support={"source": "support", "link": {"id": "arrests.id"}},
        edges={
            "source": "edges",
            "orphan_of": {"person": "people.person"},
            "edges": {"support": "support.edge", "id": "edge", "count": "records"},
        },
    )
    found = plan.scrub(
        {
            "arrests": pl.DataFrame({"arrest_no": [SEALED, OPEN], "id": [1, 2]}),
            "people": pl.DataFrame({"person": [1, 2]}),
            "support": pl.DataFrame({"edge": [10, 11], "id": [1, 2]}),
            "edges": pl.DataFrame({"edge": [10, 11], "person": [1, 1], "records": [1, 1]}),
        },
        index,
    )
    assert found["edges"].to_dicts() == [{"edge": 11, "person": 1, "records": 1}]


@pytest.mark.parametrize("first", ["arrests", "victims"])
def test_a_row_goes_with_the_last_of_its_parents_in_whatever_table_and_order(first: str, index: Index) -> None:
    pool = [{"table": name, "columns": {"person": "person"}} for name in ("arrests", "victims", "witnesses")]
    named = {"orphan_of": pool if first == "arrests" else pool[::-1], "accept_null": "witnesses and others"}
    plan = _plan(
        arrests=ARRESTS,
        victims={"source": "victims", "link": {"arrest": "arrests.arrest_no"}},
        witnesses={"source": "witnesses", "independent": "of a file of their own"},
        people={"source": "people", **named},
    )
    found = plan.scrub(
        {
            "arrests": pl.DataFrame({"arrest_no": [SEALED, SEALED, OPEN, SEALED], "person": [1, 2, 3, 4]}),
            "victims": pl.DataFrame({"arrest": [SEALED, OPEN, SEALED], "person": [2, 4, 3]}),
            "witnesses": pl.DataFrame({"person": [5, 6]}),
            "people": pl.DataFrame({"person": [1, 2, 3, 4, 5, 7]}),
        },
        index,
    )
    assert found["people"]["person"].to_list() == [3, 4, 5, 7]


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize(
    ("stored", "written"),
    [("A1", "A1 "), ("A1", "a1"), ("A1", "\uff211"), ("7", "007"), ("7", "7.0"), ("007", "7"), ("A1", "A\u200b1")],
)
@pytest.mark.parametrize("listed", [False, True])
def test_a_link_in_another_spelling_is_refused_and_not_shown(
    stored: str, written: str, listed: bool, index: Index
) -> None:
    arrests = pl.DataFrame({"arrest_no": [SEALED, OPEN], "id": [stored, "B2"]})
    charges: dict[str, Any] = {"source": "charges", "link": {"id": "arrests.id"}}
    data = pl.DataFrame({"id": [written, "B2", None, "gone"]})
    if listed:
        charges = {"source": "charges", "elements": {"column": "id", "link": "arrests.id"}}
        data = pl.DataFrame({"id": [[written, "B2"], [], ["gone"], None]})
    with pytest.raises(UncheckedKeys, match="1 value matches no row, but would") as caught:
        _plan(arrests=ARRESTS, charges=charges).scrub({"arrests": arrests, "charges": data}, index)
    assert written not in str(caught.value).replace("1 values", "")


def test_a_link_that_names_no_row_in_any_spelling_stays(index: Index) -> None:
    charges_of = {"source": "charges", "link": {"id": "arrests.id"}, "accept_null": "a charge of another agency"}
    plan = _plan(arrests=ARRESTS, charges=charges_of)
    arrests = pl.DataFrame({"arrest_no": [SEALED, OPEN], "id": ["A1", " "]})
    charges = pl.DataFrame({"id": ["A1", "A11", "", "\u00a0", None, "B 2"]})
    assert plan.scrub({"arrests": arrests, "charges": charges}, index)["charges"]["id"].to_list() == [
        "A11",
        "",
        "\u00a0",
        None,
        "B 2",
    ]


@pytest.mark.parametrize(
    "child",
    [
        {"link": {"arrest_no": "stops.arrest_no"}},
        {"orphan_of": {"arrest_no": "stops.arrest_no"}},
        {"elements": {"column": "ids", "link": "stops.arrest_no"}},
    ],
)
def test_nothing_hangs_on_a_value_that_an_edit_takes_away(child: dict[str, Any]) -> None:
    stops = {
        "source": "stops",
        "keys": {"arrest_number": "arrest_no"},
        "on_match": "null",
        "null": ["arrest_no"],
    }
    with pytest.raises(ConfigError, match=r"depends on tables\.stops\.arrest_no"):
        _plan(stops=stops, charges={"source": "charges", **child})


@pytest.mark.parametrize("exceptions", ["keep", "null"])
def test_a_whole_table_keeps_no_row_by_exception(exceptions: str) -> None:
    recipe = {"sql": "select id from arrests", "reproduces": 0.5, "exceptions": exceptions, "reason": "r"}
    with pytest.raises(ConfigError, match="can only be recomputed"):
        _plan(arrests=ARRESTS, totals={"source": "totals", "derived_from": recipe})


def test_the_report_says_that_a_whole_table_is_recomputed(index: Index) -> None:
    recipe = {"sql": "select id from arrests order by id", "reproduces": 0.5}
    plan = _plan(arrests=ARRESTS, totals={"source": "totals", "derived_from": recipe})
    arrests = pl.DataFrame({"arrest_no": [OPEN, OPEN], "id": [1, 2]})
    result = plan.scrub({"arrests": arrests, "totals": pl.DataFrame({"id": [1, 9]})}, index, detail=True)
    (column,) = result.report.tables[1].columns
    assert (column.exceptions, column.handled) == (1, "recompute")
    assert result.data["totals"]["id"].to_list() == [1, 2]


def test_a_function_does_not_see_the_column_that_it_computes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: Index
) -> None:
    """It could hand on what is stored, would give all of it back, and what is contaminated would stay."""
    (tmp_path / "recipe_that_copies.py").write_text("def copy(frames):\n    return frames['people']\n")
    monkeypatch.syspath_prepend(tmp_path)
    recipe = {"python": "recipe_that_copies:copy", "reads": ["arrests"]}
    people = {"source": "people", "independent": {"id": "own"}, "derived": {"priors": recipe}}
    plan = _plan(arrests=ARRESTS, people=people)
    data = {
        "arrests": pl.DataFrame({"arrest_no": [SEALED, OPEN], "id": [1, 1]}),
        "people": pl.DataFrame({"id": [1], "priors": [2]}),
    }
    with pytest.raises(ConfigError, match="lacks the column"):
        plan.scrub(data, index, allow_python=["recipe_that_copies"])
