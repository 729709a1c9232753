"""For the custodian: why records of any surface did not come out, and nothing of it to anyone else."""

from __future__ import annotations

from typing import Any

import networkx as nx
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.errors import ConfigError
from sealscrub.filters import JsonGuard, Judge, NullGallery, explain_guard, guard_edges, guard_graph
from sealscrub.matching import Policy

from .worlds import CLEAN, INDEX, SEALED, few, is_sealed, spelled_ids

ARRESTS = {"arrest_number": "arrests"}
REASONS = [SEALED[0], SEALED[3], "K14O00001", "?", CLEAN[7], CLEAN[0], None]
NAMED = {"sealed": 0, "withheld": 1, "near": 2, "unparsable": 3, "unknown": 4}


def test_an_answer_in_json_by_location() -> None:
    guard = JsonGuard(INDEX, {"arrest_number": ["$.hits[*].id", "$.by.*~"]}, known=CLEAN[:5], complete=True)
    value = {"hits": [{"id": each} for each in REASONS], "by": {SEALED[1]: 1, CLEAN[1]: 2}}
    why = explain_guard(guard, value)

    assert why.rows == 9
    expected: dict[str, tuple[str, ...]] = {name: (f"$.hits[{at}]",) for name, at in NAMED.items()}
    expected["sealed"] = ("$.hits[0]", f"$.by.{SEALED[1]}")
    expected["unknown"] = ("$.hits[4]", "$.hits[6]")  # where ids are known, a record without one is not
    assert dict(why.positions) == expected
    assert explain_guard(guard, f'{{"hits": [{{"id": "{SEALED[0]}"}}]}}').positions["sealed"] == ("$.hits[0]",)
    assert SEALED[1] not in repr(why)


@few
@given(st.lists(spelled_ids, max_size=10))
def test_json_is_explained_as_it_is_guarded(ids: list[str]) -> None:
    guard = JsonGuard(INDEX, {"arrest_number": "$[*].id"}, policy=Policy(quarantine=True), complete=True)
    value = [{"id": each} for each in ids]
    why = explain_guard(guard, value)
    out = [f"$[{at}]" for at, each in enumerate(ids) if is_sealed(each)]

    assert sorted(place for places in why.positions.values() for place in places) == sorted(out)
    assert len(guard(value)) == len(ids) - len(out)


@pytest.mark.parametrize("kind", [nx.Graph, nx.MultiDiGraph])
def test_a_graph_by_its_elements(kind: Any) -> None:
    chart = kind()
    chart.add_node("Ada", arrests=SEALED[0])
    chart.add_edge("Ada", "Bo", arrests=[CLEAN[0], SEALED[1]])
    chart.add_edge("Bo", "Cy", arrests=(SEALED[3],))
    judge = Judge(INDEX, ARRESTS)
    why = explain_guard(judge, chart)
    edge = (0,) if kind is nx.MultiDiGraph else ()

    assert why.rows == 4
    assert dict(why.positions) == {"sealed": (("Ada",), ("Ada", "Bo", *edge)), "withheld": (("Bo", "Cy", *edge),)}
    assert list(guard_graph(chart, INDEX, ARRESTS).nodes) == []  # Ada is gone, and so each edge and its ends


def test_a_table_of_edges_by_its_rows() -> None:
    edges = pl.DataFrame({"a": [1, 2, 3], "arrests": [[CLEAN[0], SEALED[0]], [CLEAN[1]], [SEALED[0], SEALED[3]]]})
    for table in (edges, edges.to_arrow(), edges.to_pandas()):
        why = explain_guard(Judge(INDEX, ARRESTS), table)
        assert (why.rows, dict(why.positions)) == (5, {"sealed": (0, 2), "withheld": (2,)})
    assert guard_edges(edges, INDEX, ARRESTS, independent=["a"])["a"].to_list() == [1, 2]
    assert explain_guard(Judge(INDEX, ARRESTS), edges.explode("arrests")).positions["sealed"] == (1, 3)


def test_a_gallery_by_the_ids_that_were_given_to_it() -> None:
    ids = [CLEAN[0], SEALED[0], CLEAN[1], SEALED[3]]
    gallery = NullGallery(ids, [[float(at), 0.0] for at in range(4)], INDEX)
    why = explain_guard(gallery, ids)

    assert dict(why.positions) == {"sealed": (1,), "withheld": (3,)}
    assert sorted(gallery.search([0.0, 0.0], 4)[0].tolist()) == [CLEAN[0], CLEAN[1]]
    table = pl.DataFrame({"photo": [1, 2], "arrest": [SEALED[0], CLEAN[0]]})
    other = NullGallery([1, 2], [[0.0], [1.0]], INDEX, keys=table, on={"arrest_number": "arrest"})
    assert dict(explain_guard(other, table).positions) == {"sealed": (0,)}


def test_what_is_no_guard() -> None:
    with pytest.raises(ConfigError):
        explain_guard(len, [SEALED[0]])
