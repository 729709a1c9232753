"""Where the boxes and lines of a drawing go: in layers from left to right (Sugiyama and others 1981).

Each box is one layer behind the last of those that point at it; lines over several layers are led through
stand-ins, which are ordered along with the boxes by the barycentre of their neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

__all__ = ["Box", "Layout", "Point", "lay_out"]

Point: TypeAlias = tuple[float, float]

_Node: TypeAlias = tuple[str, str, int]
"""A box, by its name; or a line's stand-in in a column, by the line's ends."""

_SWEEPS = 12
_SETTLES = 16
_GAP = 22.0
_STAND_IN = 8.0


@dataclass(frozen=True, slots=True)
class Box:
    """What is to be placed: its name, its size, and the first layer in which it may be."""

    name: str
    width: float
    height: float
    least: int = 0


@dataclass(slots=True)
class Layout:
    """Where everything is.

    Attributes
    ----------
    corners : dict of str to Point
        The upper left corner of each box.
    spans : dict of str to float
        How wide the layer of each box is.
    routes : list of list of Point
        For each line the points that it passes between its ends, in the line's own direction.
    backward : set of int
        Lines that run from right to left, since they close a cycle.
    width, height : float
        Of the whole.
    """

    corners: dict[str, Point] = field(default_factory=dict)
    spans: dict[str, float] = field(default_factory=dict)
    routes: list[list[Point]] = field(default_factory=list)
    backward: set[int] = field(default_factory=set)
    width: float = 0.0
    height: float = 0.0


def lay_out(boxes: Sequence[Box], lines: Sequence[tuple[str, str]], *, between: float = 96.0) -> Layout:
    """Place boxes and lead lines between them.

    Parameters
    ----------
    boxes : sequence of Box
        Each name once.
    lines : sequence of (str, str)
        From which box to which; a line from a box to itself is led nowhere.
    between : float
        Space between two layers.

    Examples
    --------
    >>> place = lay_out([Box("a", 50, 20), Box("b", 50, 20)], [("a", "b")], between=40)
    >>> place.corners, place.width
    ({'a': (0.0, 0.0), 'b': (90.0, 0.0)}, 140.0)
    """
    found = Layout()
    if not boxes:
        return found
    found.backward = _backward([box.name for box in boxes], lines)
    forward = [(b, a) if at in found.backward else (a, b) for at, (a, b) in enumerate(lines)]
    layer = _layers(boxes, forward)
    columns, sizes, chains = _stand_ins(boxes, lines, forward, layer)
    steps = sorted({step for chain in chains for step in pairwise(chain)})
    _order(columns, steps)
    middles = _close_gaps(_settle_middles(columns, sizes, steps), sizes, steps)
    widths = _widths(boxes, layer, len(columns))
    lefts = [sum(widths[:at], 0.0) + between * at for at in range(len(widths))]
    for box in boxes:
        top = round(middles[_node(box.name)] - box.height / 2, 3) + 0.0
        found.corners[box.name] = (lefts[layer[box.name]], top)
        found.spans[box.name] = widths[layer[box.name]]
    for at, chain in enumerate(chains):
        points: list[Point] = []
        for node in chain[1:-1]:
            left, right = lefts[node[2]], lefts[node[2]] + widths[node[2]]
            points += [(left, middles[node]), (right, middles[node])]
        found.routes.append(points[::-1] if at in found.backward else points)
    found.width = lefts[-1] + widths[-1]
    found.height = max(corner[1] + box.height for box, corner in zip(boxes, found.corners.values(), strict=True))
    return found


def _backward(names: Iterable[str], lines: Sequence[tuple[str, str]]) -> set[int]:
    """Lines that close a cycle, found by going through the graph depth first."""
    out: dict[str, list[tuple[int, str]]] = {}
    for at, (source, target) in enumerate(lines):
        if source != target:
            out.setdefault(source, []).append((at, target))
    backward: set[int] = set()
    done: set[str] = set()
    for name in names:
        path = {name}
        stack = [(name, iter(out.get(name, [])))] if name not in done else []
        while stack:
            here, rest = stack[-1]
            step = next(rest, None)
            if step is None:
                stack.pop()
                path.discard(here)
                done.add(here)
            elif step[1] in path:
                backward.add(step[0])
            elif step[1] not in done:
                path.add(step[1])
                stack.append((step[1], iter(out.get(step[1], []))))
    return backward


def _layers(boxes: Sequence[Box], lines: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Put each box behind all that point at it; the layers are then filled from the first, without gaps."""
    layer = {box.name: box.least for box in boxes}
    for _ in boxes:
        changed = False
        for source, target in lines:
            if source != target and layer[target] <= layer[source]:
                layer[target] = layer[source] + 1
                changed = True
        if not changed:
            break
    used = {old: new for new, old in enumerate(sorted(set(layer.values())))}
    return {name: used[at] for name, at in layer.items()}


def _stand_ins(
    boxes: Sequence[Box], lines: Sequence[tuple[str, str]], forward: Sequence[tuple[str, str]], layer: Mapping[str, int]
) -> tuple[list[list[_Node]], dict[_Node, float], list[list[_Node]]]:
    """Columns of nodes, heights by node, and the nodes that each line passes; equal lines share theirs."""
    columns: list[list[_Node]] = [[] for _ in range(max(layer.values()) + 1)]
    sizes = {_node(box.name): box.height for box in boxes}
    for box in boxes:
        columns[layer[box.name]].append(_node(box.name))
    chains = []
    for ends, (source, target) in zip(lines, forward, strict=True):
        between = [(*ends, column) for column in range(layer[source] + 1, layer[target])]
        for node in between:
            if node not in sizes:
                sizes[node] = _STAND_IN
                columns[node[2]].append(node)
        chains.append([_node(source), *between, _node(target)] if source != target else [_node(source)])
    return columns, sizes, chains


def _node(name: str) -> _Node:
    return name, "", -1


def _order(columns: list[list[_Node]], steps: Sequence[tuple[_Node, _Node]]) -> None:
    """Order each column by the middle of its neighbours, to and fro, and keep the order with the fewest crossings."""
    before, after = _neighbours(steps)
    best = [list(column) for column in columns]
    fewest = _crossings(columns, steps)
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        near = before if forth else after
        for column in columns[1:] if forth else columns[-2::-1]:
            place = {node: at for other in columns for at, node in enumerate(other)}
            middle = {node: _mean([place[each] for each in near.get(node, [])], place[node]) for node in column}
            column.sort(key=middle.__getitem__)
        crossings = _crossings(columns, steps)
        if crossings < fewest:
            best, fewest = [list(column) for column in columns], crossings
    columns[:] = best


def _neighbours(steps: Iterable[tuple[_Node, _Node]]) -> tuple[dict[_Node, list[_Node]], dict[_Node, list[_Node]]]:
    before: dict[_Node, list[_Node]] = {}
    after: dict[_Node, list[_Node]] = {}
    for source, target in steps:
        before.setdefault(target, []).append(source)
        after.setdefault(source, []).append(target)
    return before, after


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _crossings(columns: Sequence[Sequence[_Node]], steps: Sequence[tuple[_Node, _Node]]) -> int:
    """Count the pairs of lines that cross between two columns."""
    place = {node: (at, row) for at, column in enumerate(columns) for row, node in enumerate(column)}
    by_column: dict[int, list[tuple[int, int]]] = {}
    for source, target in steps:
        by_column.setdefault(place[source][0], []).append((place[source][1], place[target][1]))
    return sum(
        (a[0] - b[0]) * (a[1] - b[1]) < 0 for ends in by_column.values() for at, a in enumerate(ends) for b in ends[:at]
    )


def _settle_middles(
    columns: Sequence[Sequence[_Node]], sizes: Mapping[_Node, float], steps: Sequence[tuple[_Node, _Node]]
) -> dict[_Node, float]:
    """The middle of each node: as near to its neighbours as the order and the sizes allow."""
    before, after = _neighbours(steps)
    middles: dict[_Node, float] = {}
    for column in columns:
        middles |= _keep_apart(column, dict.fromkeys(column, 0.0), sizes)
    for settle in range(_SETTLES):
        for column in columns if settle % 2 == 0 else columns[::-1]:
            wished = {
                node: _mean([middles[each] for each in (*before.get(node, ()), *after.get(node, ()))], middles[node])
                for node in column
            }
            middles |= _keep_apart(column, wished, sizes)
    top = min(middles[node] - sizes[node] / 2 for node in middles)
    return {node: middle - top for node, middle in middles.items()}


def _close_gaps(
    middles: Mapping[_Node, float], sizes: Mapping[_Node, float], steps: Sequence[tuple[_Node, _Node]]
) -> dict[_Node, float]:
    """Close empty bands that go across the whole drawing, as there are between parts that no line joins."""
    spans = [(middle - sizes[node] / 2, middle + sizes[node] / 2) for node, middle in middles.items()]
    ends = [(middles[source], middles[target]) for source, target in steps]
    spans += [(min(each), max(each)) for each in ends]
    cuts: list[tuple[float, float]] = []
    low = 0.0
    for top, bottom in sorted(spans):
        if top - low > _GAP:
            cuts.append((top, top - low - _GAP))
        low = max(low, bottom)
    return {node: middle - sum(cut for top, cut in cuts if middle >= top) for node, middle in middles.items()}


def _keep_apart(
    column: Sequence[_Node], wished: Mapping[_Node, float], sizes: Mapping[_Node, float]
) -> dict[_Node, float]:
    """Move nodes as little as it takes, in squares, to keep them apart in their order (pool adjacent violators)."""
    offsets: list[float] = []
    for at, node in enumerate(column):
        above = column[at - 1] if at else node
        gap = _GAP if above[2] < 0 and node[2] < 0 else _GAP / 2
        offsets.append(offsets[-1] + (sizes[above] + sizes[node]) / 2 + gap if at else 0.0)
    blocks: list[tuple[float, int]] = []
    for node, offset in zip(column, offsets, strict=True):
        mean, count = wished[node] - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, more = blocks.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        blocks.append((mean, count))
    means = [mean for mean, count in blocks for _ in range(count)]
    return {node: mean + offset for node, mean, offset in zip(column, means, offsets, strict=True)}


def _widths(boxes: Sequence[Box], layer: Mapping[str, int], count: int) -> list[float]:
    return [max((float(box.width) for box in boxes if layer[box.name] == at), default=0.0) for at in range(count)]
