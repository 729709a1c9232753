"""Graphs, guarded, are those built without the sealed records; so every walk through them is."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import duckdb
import networkx as nx
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, UncheckedKeys, UsageError
from sealscrub.filters import guard_edges, guard_graph
from sealscrub.matching import Policy

ARRESTS = [f"M14{at:06d}" for at in range(1, 25)]
SEALED = set(ARRESTS[::2])
INDEX = example_index(SEALED)
ON = {"arrest_number": "arrests"}
PEOPLE = ("Ada", "Bo", "Cy", "Di", "Ed", "Flo")

pair = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.sampled_from(ARRESTS))
events = st.lists(pair, max_size=30, unique=True)


def chart(events: list[tuple[str, str, str]], kind: Any = nx.Graph) -> Any:
    """Who was arrested together, as it is built from the events."""
    graph = kind()
    for one, other, arrest in events:
        if kind().is_multigraph():
            graph.add_edge(one, other, arrests=arrest)
            continue
        if not graph.has_edge(one, other):
            graph.add_edge(one, other, arrests=[], weight=0)
        facts = graph.edges[one, other]
        facts["arrests"] = [*facts["arrests"], arrest]
        facts["weight"] += 1
    for node in graph:
        graph.nodes[node]["arrests"] = frozenset(arrest for one, other, arrest in events if node in (one, other))
    return graph


def remaining(events: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return [event for event in events if event[2] not in SEALED]


def everything(graph: Any) -> object:
    """All that a graph says, in its order."""
    return (
        type(graph),
        list(graph.nodes(data=True)),
        list(graph.edges(data=True, keys=True) if graph.is_multigraph() else graph.edges(data=True)),
        {node: list(graph.adj[node]) for node in graph},
    )


@settings(max_examples=60, deadline=None)
@given(events, st.sampled_from([nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph]))
def test_a_guarded_graph_is_that_of_the_world_without(events: Any, kind: Any) -> None:
    guarded = guard_graph(chart(events, kind), INDEX, ON, recount={"weight": len})
    never = chart(remaining(events), kind)

    assert everything(guarded) == everything(guard_graph(never, INDEX, ON, recount={"weight": len}))
    assert nx.utils.graphs_equal(guarded, never)


@settings(max_examples=30, deadline=None)
@given(events)
def test_every_traversal_is_that_of_the_world_without(events: Any) -> None:
    guarded = guard_graph(chart(events), INDEX, ON, recount={"weight": len})
    never = guard_graph(chart(remaining(events)), INDEX, ON, recount={"weight": len})
    walks = [
        lambda graph: [list(nx.bfs_tree(graph, node)) for node in graph],
        lambda graph: dict(nx.all_pairs_shortest_path(graph)),
        lambda graph: nx.pagerank(graph, weight="weight") if graph else {},
        lambda graph: nx.community.louvain_communities(graph, seed=3) if graph.number_of_edges() else [],
        lambda graph: list(nx.connected_components(graph)),
    ]

    for walk in walks:
        assert walk(guarded) == walk(never)


@settings(max_examples=40, deadline=None)
@given(events)
def test_arrests_that_are_nodes_themselves(events: Any) -> None:
    """People and arrests, edges that name no record: people go with their last arrest, anyone who has another stays."""

    def network(events: Any) -> Any:
        graph = nx.Graph(unit="x")
        graph.add_node("nobody", arrests=None)
        for one, other, arrest in events:
            graph.add_node(arrest, arrests=arrest)
            graph.add_edge(one, arrest, role="held")
            graph.add_edge(other, arrest, role="held")
        return graph

    guarded = guard_graph(network(events), INDEX, ON, independent=["role", "unit"])

    assert nx.utils.graphs_equal(guarded, network(remaining(events)))
    fixed = guard_graph(network(events), INDEX, ON, independent=["role", "unit"], nodes="fixed")
    assert set(fixed) == set(network(events)) - SEALED


def test_what_nobody_accounts_for_is_refused() -> None:
    graph = chart([("Ada", "Bo", ARRESTS[1])])
    for options in (
        {},
        {"recount": {"weight": len}, "independent": ["weight"]},
        {"independent": "weight"},
        {"independent": ["weight"], "nodes": "some"},
    ):
        with pytest.raises(ConfigError):
            guard_graph(graph, INDEX, ON, **options)
    graph.graph["total"] = 1
    with pytest.raises(ConfigError, match="total"):
        guard_graph(graph, INDEX, ON, recount={"weight": len})


def test_what_cannot_be_checked_is_refused() -> None:
    for arrests, error in (
        (["M14O00007"], UncheckedKeys),
        ([None], UncheckedKeys),
        (1.5, UsageError),
        ({"a": 1}, UsageError),
    ):
        graph = nx.Graph()
        graph.add_edge(1, 2, arrests=arrests)
        with pytest.raises(error):
            guard_graph(graph, INDEX, ON)
    graph = nx.Graph()
    graph.add_edge(1, 2, arrests=["M14O00007", None])
    assert list(guard_graph(graph, INDEX, ON, policy=Policy(quarantine=True))) == []
    with pytest.raises(UsageError):
        guard_graph({1: 2}, INDEX, ON)
    with pytest.raises(UsageError):
        guard_graph(nx.Graph([(object(), object())]), INDEX, ON)


def test_a_recipe_that_fails_shows_nothing() -> None:
    graph = chart([("Ada", "Bo", ARRESTS[1])])
    with pytest.raises(UsageError) as caught:
        guard_graph(graph, INDEX, ON, recount={"weight": lambda records: {}[records[0]]})

    assert ARRESTS[1] not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_unknown_record_supports_as_little_as_a_sealed_one() -> None:
    graph = nx.Graph()
    graph.add_edge("a", "b", arrests=["K19000001"])
    graph.add_edge("b", "c", arrests=[ARRESTS[1]])

    assert list(guard_graph(graph, INDEX, ON, known=ARRESTS).edges) == [("b", "c")]


def edge_rows(events: list[tuple[str, str, str]]) -> pl.DataFrame:
    """One row for each pair, sorted, with the list of arrests."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one, other, arrest in events:
        found[one, other].append(arrest)
    rows = [(*ends, arrests, len(arrests)) for ends, arrests in sorted(found.items())]
    schema = {"a": pl.String, "b": pl.String, "arrests": pl.List(pl.String), "n": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


KINDS: dict[str, Any] = {
    "polars": lambda rows: rows,
    "pandas": lambda rows: rows.to_pandas(),
    "pyarrow": lambda rows: rows.to_arrow(),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(events)
def test_a_table_of_edges_is_that_of_the_world_without(kind: str, events: Any) -> None:
    into = KINDS[kind]
    on, said = {"arrest_number": "arrests"}, {"recount": {"n": len}, "independent": ["a", "b"]}
    guarded = guard_edges(into(edge_rows(events)), INDEX, on, **said)
    never = guard_edges(into(edge_rows(remaining(events))), INDEX, on, **said)

    _same(guarded, never)
    assert len(guarded) == len(edge_rows(remaining(events)))
    schema = {"a": pl.String, "b": pl.String, "arrest": pl.String}
    flat = pl.DataFrame(events, schema=schema, orient="row")
    rest = pl.DataFrame(remaining(events), schema=schema, orient="row")
    _same(guard_edges(into(flat), INDEX, {"arrest_number": "arrest"}), into(rest))


def _same(one: Any, other: Any) -> None:
    assert type(one) is type(other)
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
    else:
        assert one.equals(other)
        assert one.schema == other.schema


def test_a_relation_of_duckdb() -> None:
    table = edge_rows([("Ada", "Bo", ARRESTS[0]), ("Ada", "Bo", ARRESTS[1]), ("Bo", "Cy", ARRESTS[0])]).to_arrow()
    relation = duckdb.from_arrow(table)
    guarded = guard_edges(relation, INDEX, ON, recount={"n": len}, independent=["a", "b"])

    assert guarded.fetchall() == [("Ada", "Bo", [ARRESTS[1]], 1)]


def test_columns_that_nobody_accounts_for_are_refused() -> None:
    rows = edge_rows([("Ada", "Bo", ARRESTS[0])])
    with pytest.raises(ConfigError, match="'a'"):
        guard_edges(rows, INDEX, ON, recount={"n": len}, independent=["b"])
    rows = edge_rows([("Ada", "Bo", ARRESTS[1])])
    with pytest.raises(UsageError, match="other values"):
        guard_edges(rows, INDEX, ON, recount={"n": str}, independent=["a", "b"])
