"""Which cells of a table with its totals stay unpublished, so no small one can be worked out from the others.

A table with margins is a network: rows and columns are nodes, cells and totals are edges, and what flows into a node
flows out of it. A cell can be worked out, by anyone who knows that unpublished cells are at least 1, exactly when no
cycle of unpublished edges leads through it along which values could change (Gusfield, A graph theoretic approach to
statistical data security, SIAM J. Comput. 17, 1988).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sealscrub.boundary.array_types import Mask

__all__ = ["exposed_cells", "hidden_cells"]

_Values = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Edge:
    """A cell or total, from the node of its row to that of its column."""

    at: tuple[int, ...]
    row: int
    column: int
    value: int
    is_sum: bool  # counted with a minus sign in the sums of its row and its column

    @property
    def onward(self) -> bool:
        """Whether what it adds to its row's sum could be more."""
        return not self.is_sum or self.value > 1

    @property
    def back(self) -> bool:
        """Whether it could be less."""
        return self.is_sum or self.value > 1


@dataclass(slots=True)
class _Network:
    """The cells that are not 0: these are published always, and lead nowhere."""

    edges: list[_Edge] = field(default_factory=list)
    leaving: dict[int, list[tuple[_Edge, int]]] = field(default_factory=dict)

    @classmethod
    def of(cls, table: _Values) -> _Network:
        """Read a table whose last row and column are its totals."""
        made = cls()
        rows = table.shape[0]
        for at in map(tuple, np.argwhere(table)):
            place = tuple(int(each) for each in at)
            if len(place) == 1:
                row, column, is_sum = 0, 1, place[0] == rows - 1
            else:
                row, column = place[0], rows + place[1]
                is_sum = (place[0] == rows - 1) != (place[1] == table.shape[1] - 1)
            made.add(_Edge(place, row, column, int(table[place]), is_sum))
        return made

    def add(self, edge: _Edge) -> None:
        self.edges.append(edge)
        if edge.onward:
            self.leaving.setdefault(edge.row, []).append((edge, edge.column))
        if edge.back:
            self.leaving.setdefault(edge.column, []).append((edge, edge.row))

    def cycle(self, edge: _Edge, cost: Callable[[_Edge], int | None]) -> list[_Edge] | None:
        """Find the other edges of the cheapest cycle through an edge; None as a cost bars an edge."""
        onward = self._path(edge.column, edge.row, edge, cost) if edge.onward else None
        if onward is not None and onward[0] == 0:
            return onward[1]
        back = self._path(edge.row, edge.column, edge, cost) if edge.back else None
        found = [way for way in (onward, back) if way is not None]
        return min(found, key=lambda way: way[0])[1] if found else None

    def _path(
        self, start: int, end: int, but: _Edge, cost: Callable[[_Edge], int | None]
    ) -> tuple[int, list[_Edge]] | None:
        best: dict[int, int] = {start: 0}
        came: dict[int, tuple[int, _Edge]] = {}
        queue = [(0, start)]
        while queue:
            far, node = heapq.heappop(queue)
            if node == end:
                return far, list(_path_edges(came, start, end))
            if far > best[node]:
                continue
            for edge, following in self.leaving.get(node, ()):
                price = None if edge is but else cost(edge)
                if price is not None and far + price < best.get(following, far + price + 1):
                    best[following] = far + price
                    came[following] = (node, edge)
                    if following == end and far + price == 0:  # none is cheaper
                        return 0, list(_path_edges(came, start, end))
                    heapq.heappush(queue, (far + price, following))
        return None


def _path_edges(came: dict[int, tuple[int, _Edge]], start: int, end: int) -> Iterator[_Edge]:
    while end != start:
        end, edge = came[end]
        yield edge


def exposed_cells(table: _Values, hidden: Mask) -> Mask:
    """Say which unpublished cells the published ones give away.

    Parameters
    ----------
    table : numpy.ndarray of int64, shape (rows + 1,) or (rows + 1, columns + 1)
        Counts, with the totals at the end.
    hidden : numpy.ndarray of bool
        Cells and totals that are not published.

    Returns
    -------
    numpy.ndarray of bool
        Of the same shape.

    Examples
    --------
    >>> table = np.array([[20, 3, 23], [30, 40, 70], [50, 43, 93]])
    >>> exposed_cells(table, table < 10).sum()
    np.int64(1)
    """
    network = _Network.of(table)
    exposed = np.zeros_like(hidden)
    for edge in network.edges:
        if hidden[edge.at] and network.cycle(edge, lambda each: 0 if hidden[each.at] else None) is None:
            exposed[edge.at] = True
    return exposed


def hidden_cells(table: _Values, minimum: int, *, also: Mask | None = None) -> Mask:
    """Choose which cells and totals are not published: the small ones, and others that would give these away.

    Parameters
    ----------
    table : numpy.ndarray of int64
        As for :func:`exposed_cells`.
    minimum : int
        Counts from 1 to below it are small.
    also : numpy.ndarray of bool, optional
        Other cells and totals that may not be worked out; those of 0 are published all the same.

    Returns
    -------
    numpy.ndarray of bool
        Nothing of it is exposed. For each small cell in turn the others are those that hide the fewest events; all
        together they need not be the fewest.

    Examples
    --------
    >>> table = np.array([[20, 3, 23], [30, 40, 70], [50, 43, 93]])
    >>> hidden_cells(table, 10).astype(int).tolist()
    [[1, 1, 0], [1, 1, 0], [0, 0, 0]]
    """
    network = _Network.of(table)
    hidden: Mask = (table > 0) & (table < minimum)
    if also is not None:
        hidden |= also & (table > 0)
    covered: set[tuple[int, ...]] = set()
    for edge in [each for each in network.edges if hidden[each.at]]:
        if edge.at in covered:  # the cycle that was found for another leads through it too
            continue
        # through the totals there is always one: cell, totals and grand total can all be more
        for other in network.cycle(edge, lambda each: 0 if hidden[each.at] else each.value) or ():
            hidden[other.at] = True
            covered.add(other.at)
    return hidden
