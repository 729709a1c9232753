"""Drive the guards of galleries, graphs, explanations and aggregates."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import networkx as nx
import numpy as np
import polars as pl

from sealscrub.filters import NullGallery, guard_edges, guard_graph
from sealscrub.matching import Policy

from .watch import NEAR, NUMBER, PAYLOAD, SEALED, UNPARSABLE, Looked, Unwatched
from .world import ON, World

Calls = Iterator[Callable[[], object]]
QUARANTINE = Policy(quarantine=True)


def galleries(world: World) -> Calls:
    rows = world.checkable
    ids, vectors = rows["arrest_no"].to_list(), np.vander(rows["n"].to_numpy() % 97 + 1.0, 3)
    marked = vectors.copy()
    marked[-1] = NUMBER
    yield lambda: NullGallery(ids, marked, world.index)
    yield lambda: NullGallery(ids, marked, world.index).search(marked[-1], 400)
    yield lambda: _kept(NullGallery(ids, marked, world.index), world)
    yield lambda: NullGallery(ids, marked, world.index, keys=rows, on=ON, metric="cosine").search(marked, 2)
    yield lambda: NullGallery(world.arrests["arrest_no"], np.ones((len(ids) + 2, 2)), world.index)
    yield lambda: Looked(
        NullGallery(world.arrests["arrest_no"], np.ones((len(ids) + 2, 2)), world.index, policy=QUARANTINE)
    )
    yield lambda: NullGallery(ids, [[PAYLOAD]] * len(ids), world.index)
    yield lambda: NullGallery([[SEALED], {PAYLOAD: NUMBER}], vectors[:2], world.index)
    yield lambda: NullGallery(ids, np.full_like(vectors, np.nan), world.index)
    yield lambda: NullGallery(ids, vectors, world.index).search([PAYLOAD], 1)
    yield lambda: NullGallery.load(world.inputs, world.index)
    yield lambda: NullGallery(ids, vectors, world.index).save(world.inputs)


def _kept(gallery: NullGallery, world: World) -> object:
    path = world.path_of_output("gallery")
    gallery.save(path)
    again = NullGallery.load(path, world.index)
    return again, len(again), again.dimension, again.refresh(world.index)


def graphs(world: World) -> Calls:
    for arrests in ([SEALED, "M14000001"], SEALED, (NEAR,), UNPARSABLE, {PAYLOAD: 1}, [None]):
        graph = nx.Graph()
        graph.add_edge("a", "b", arrest_no=arrests, weight=2)
        graph.add_edge("b", PAYLOAD, arrest_no=[SEALED], weight=1)
        yield lambda graph=graph: _told(guard_graph(graph, world.index, ON, recount={"weight": len}))
        yield lambda graph=graph: guard_graph(graph, world.index, ON)
        yield lambda graph=graph: guard_graph(graph, world.index, ON, recount={"weight": lambda of: {}[of[0]]})
    yield lambda: guard_graph({SEALED: PAYLOAD}, world.index, ON)
    yield lambda: guard_edges(world.checkable, world.index, ON)
    yield lambda: guard_edges(world.arrests, world.index, ON)
    lists = world.checkable.group_by("level").agg("arrest_no", "offense", pl.len().alias("n")).sort("n")
    for data in (lists, lists.to_pandas(), lists.to_arrow()):
        said = {"recount": {"n": len}, "independent": ["level", "offense"]}
        yield lambda data=data, said=said: Unwatched(guard_edges(data, world.index, ON, **said))
        yield lambda data=data: guard_edges(data, world.index, ON, recount={"n": str}, independent=["level", "offense"])
        yield lambda data=data: guard_edges(data, world.index, ON)


def _told(graph: nx.Graph) -> object:
    return graph, list(graph.nodes(data=True)), list(graph.edges(data=True))


DRIVES = (galleries, graphs)
