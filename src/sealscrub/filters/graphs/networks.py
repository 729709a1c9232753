"""Graphs of networkx, as they would be had the sealed records never existed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from sealscrub.errors import ConfigError, UsageError
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On
from sealscrub.tables.containers import FrameT

from ..barred_records import Judge
from ..known_ids import Known
from ..live_index import LiveIndex
from .supports import Left, Recount, Supports, check_accounted, recounted

__all__ = ["guard_graph"]


def guard_graph(
    graph: FrameT,
    index: Index | LiveIndex,
    on: On,
    *,
    recount: Mapping[str, Recount] | None = None,
    independent: Iterable[str] = (),
    nodes: Literal["edges", "fixed"] = "edges",
    known: Known | None = None,
    policy: Policy | None = None,
) -> FrameT:
    """Give a graph without what only sealed records support, before anyone asks it for neighbours or paths.

    Parameters
    ----------
    graph : networkx.Graph, DiGraph, MultiGraph or MultiDiGraph
        It is not changed.
    index : Index or LiveIndex
        Published for the use ``output``.
    on : mapping, or iterable of str
        Which attributes of nodes and edges name the supporting records: ``{"arrest_number": "arrests"}``. An
        attribute holds one key, or a list, tuple or set of them.
    recount : mapping of str to callable, optional
        Attributes that were computed from the supporting records: ``{"weight": len}``. Each is computed again from the
        list of those that are left.
    independent : iterable of str
        All other attributes of nodes, edges and the graph: no record has a part in them.
    nodes : {"edges", "fixed"}
        Whether a node that names no record is removed with its last edge, or stays whatever happens to its edges.
    known : collection, mapping or callable, optional
        The ids that the scrubbed system holds: a record that it does not know supports nothing.
    policy : Policy, optional
        What to do with near and unparsable keys; by default they are an error.

    Returns
    -------
    networkx graph
        Of the same class. Its nodes and edges are in their own order, sorted, and keys of parallel edges that are
        numbers count from 0: the order in which the records came does not show, and so every traversal, tie and
        seeded draw is that of the graph built without the sealed records and guarded in the same way.

    Raises
    ------
    ConfigError
        When an attribute is neither a key, nor recounted, nor independent.
    UncheckedKeys
        When a key could not be checked and the policy says nothing else.

    Notes
    -----
    A node or edge that names records is removed when all of them are; if some are left, it stays and names those.
    An edge that names none stays as long as both its ends do.

    Examples
    --------
    >>> import networkx as nx
    >>> from sealscrub.datasets import example_index
    >>> chart = nx.Graph()
    >>> chart.add_edge("Ada", "Bo", arrests=["M14000017", "K14612345"], weight=2)
    >>> chart.add_edge("Bo", "Cy", arrests=["K14612345"], weight=1)
    >>> safe = guard_graph(chart, example_index(["K14612345"]), {"arrest_number": "arrests"}, recount={"weight": len})
    >>> list(safe.nodes), list(safe.edges(data="weight"))
    (['Ada', 'Bo'], [('Ada', 'Bo', 1)])
    """
    import networkx

    if not isinstance(graph, networkx.Graph):
        raise UsageError("no graph of networkx was given", hint="guard_edges takes a table of edges.")
    if nodes not in ("edges", "fixed"):
        raise ConfigError("unknown nodes=", hint="use one of edges, fixed.")
    judge = Judge(index, on, known=known, policy=policy, where="graph")
    recipes, free = dict(recount or {}), tuple(independent) if not isinstance(independent, str) else independent
    supports = Supports(judge.start())
    for _, facts in graph.nodes(data=True):
        supports.add(facts)
    for *_, facts in graph.edges(data=True):
        supports.add(facts)
    made = _RemainingGraph(graph, supports.left(), judge.columns, recipes, lasting=nodes == "fixed")
    check_accounted(made.names() - set(judge.columns), recipes, free, "nodes and edges")
    check_accounted(map(str, graph.graph), {}, free, "the graph")
    whole: FrameT = made.graph()
    return whole


class _RemainingGraph:
    """The nodes and edges of a graph that are left, and what they say."""

    def __init__(
        self, graph: Any, left: list[Left], columns: tuple[str, ...], recipes: Mapping[str, Recount], *, lasting: bool
    ) -> None:
        self._graph, self._columns, self._recipes = graph, columns, recipes
        self._multi = graph.is_multigraph()
        listed = list(graph.nodes(data=True))
        self.nodes = {node: (facts, mine) for (node, facts), mine in zip(listed, left, strict=False) if not mine.gone}
        edges = list(graph.edges(keys=True, data=True)) if self._multi else list(graph.edges(data=True))
        self.edges = [
            (edge, mine)
            for edge, mine in zip(edges, left[len(listed) :], strict=True)
            if not mine.gone and edge[0] in self.nodes and edge[1] in self.nodes
        ]
        if not lasting:
            linked = {end for edge, _ in self.edges for end in edge[:2]}
            had = {end for edge in edges for end in edge[:2]}
            self.nodes = {
                node: (facts, mine)
                for node, (facts, mine) in self.nodes.items()
                if mine.had or node in linked or node not in had
            }

    def names(self) -> set[str]:
        """Attributes of what is left: what others have says something of sealed records."""
        found = {str(name) for facts, _ in self.nodes.values() for name in facts}
        return found | {str(name) for edge, _ in self.edges for name in edge[-1]}

    def graph(self) -> Any:
        """Build it, in an order of its own."""
        made = self._graph.__class__()
        made.graph.update(self._graph.graph)
        places = {node: _order(node) for node in self.nodes}
        for node in sorted(self.nodes, key=places.__getitem__):
            made.add_node(node)
            made.nodes[node].update(self._facts(*self.nodes[node]))
        directed = self._graph.is_directed()
        ends = [
            edge[:2] if directed or places[edge[0]] <= places[edge[1]] else (edge[1], edge[0]) for edge, _ in self.edges
        ]
        numbered = self._multi and all(type(edge[2]) is int for edge, _ in self.edges)
        for at in sorted(range(len(ends)), key=lambda at: (places[ends[at][0]], places[ends[at][1]])):
            edge, mine = self.edges[at]
            one, other = ends[at]
            if self._multi:
                key = made.add_edge(one, other, key=None if numbered else edge[2])
                made.edges[one, other, key].update(self._facts(edge[-1], mine))
            else:
                made.add_edge(one, other)
                made.edges[one, other].update(self._facts(edge[-1], mine))
        return made

    def _facts(self, facts: Mapping[str, Any], mine: Left) -> dict[str, Any]:
        told = {}
        for name, value in facts.items():
            if name in self._columns:
                told[name] = mine.of(value)
            elif name in self._recipes:
                if not mine.had:
                    raise UsageError(f"{name!r} cannot be recounted without the records", hint="name the records.")
                told[name] = recounted(name, self._recipes[name], mine.records)
            else:
                told[name] = value
        return told


def _order(node: Any) -> tuple[Any, ...]:
    """Where a node is among others, by what it is and not by when it came."""
    if isinstance(node, bool | int | float):
        return 0, node
    if isinstance(node, str):
        return 1, node
    if isinstance(node, tuple):
        return 2, tuple(_order(each) for each in node)
    if isinstance(node, frozenset):
        return 3, tuple(sorted(_order(each) for each in node))
    kind: Any = type(node)
    if kind.__repr__ is object.__repr__:
        raise UsageError("the nodes cannot be sorted", where="graph", hint="name nodes by texts or numbers.")
    return 4, kind.__qualname__, repr(node)
