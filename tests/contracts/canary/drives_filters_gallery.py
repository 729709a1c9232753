"""Drive the guards of galleries, graphs, explanations and aggregates."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import networkx as nx
import numpy as np
import polars as pl

from sealscrub.filters import (
    Counts,
    NullGallery,
    check_background,
    guard_counts,
    guard_edges,
    guard_explanation,
    guard_graph,
    guard_grid,
)
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


def explanations(world: World) -> Calls:
    rows, good = world.checkable, "M14000001"
    numbers = rows.select(pl.col("n").cast(pl.Float64)).to_numpy()
    near = {"arrest_no": good, "near": [{"arrest_no": SEALED, "offense": PAYLOAD}, {"arrest_no": good}]}
    for given in (near, [near, {"arrest_no": SEALED, "near": PAYLOAD}], {"arrest_no": SEALED}, {"arrest_no": NEAR}):
        for fields in ({"examples": ["near"]}, {"complete": ["near"]}, {}, {"examples": "near"}):
            yield lambda given=given, fields=fields: guard_explanation(given, world.index, ON, **fields)
    yield lambda: guard_explanation({"arrest_no": good, SEALED: [{"arrest_no": good}]}, world.index, ON)
    for value in ({PAYLOAD: [SEALED]}, 1.5, [SEALED], None):
        yield lambda value=value: guard_explanation([{"arrest_no": value}], world.index, ON)
    yield lambda: guard_explanation(numbers, world.index, ON, keys=rows)
    yield lambda: guard_explanation(numbers[:5], world.index, ON, keys=rows)
    yield lambda: guard_explanation(numbers[-1], world.index, ON, keys=rows[-1])
    yield lambda: guard_explanation(PAYLOAD, world.index, ON, keys=rows)
    for data in (rows, rows.to_pandas(), rows.to_arrow()):
        yield lambda data=data: guard_explanation(data, world.index, ON)
        yield lambda data=data: check_background(data, world.index, ON)
        yield lambda data=data: Unwatched(check_background(data[:9], world.index, ON))
    yield lambda: check_background(world.arrests, world.index, ON)
    yield lambda: check_background(numbers, world.index, ON, keys=rows)


def aggregates(world: World) -> Calls:
    for data in (world.checkable, world.checkable.to_pandas(), world.checkable.to_arrow(), world.checkable.lazy()):
        yield lambda data=data: _counted(guard_counts(data, world.index, ON, ["offense", "level"]))
        yield lambda data=data: guard_counts(data, world.index, ON, "level", levels={"level": ["F"]})
        yield lambda data=data: guard_counts(data, world.index, ON, "level", levels={"level": [NUMBER]})
        yield lambda data=data: guard_counts(data, world.index, ON, "absent")
        yield lambda data=data: guard_grid(data, world.index, ON, "n", "offense", 50)
    places = world.checkable.with_columns(m=pl.col("n") % 7)
    yield lambda: guard_grid(places, world.index, ON, "n", "m", 50)
    yield lambda: guard_counts(world.arrests, world.index, ON, "level")
    yield lambda: guard_counts(world.checkable, world.index, ON, "level", use="aggregate_report")


def _counted(counts: Counts) -> object:
    return counts, counts.cells, counts.margins, counts.total


DRIVES = (galleries, graphs, explanations, aggregates)
