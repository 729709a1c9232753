"""The path of a row that differs: which rows of the data it came from, as far as a shared column shows.

A result's row and the data's rows are of one group where a column that both have holds the same value in both: the key
of the result, or a column that the function passed on. That a sealed record of the same group is what shows in the row
is likely, not certain; which one it is is written only to the custodian's file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.tables import frame_adapter

from ..trial.pieces import Column, Piece
from ..trial.result_tables import table_piece
from ..trial.worlds import Table, Worlds
from .comparison import Difference

__all__ = ["PathOfRow", "SealedOnPath", "paths_of_rows"]

_MOST_PATHS = 6
_EACH = 2
_FIRST = 5
_MOST_CELLS = 10_000_000
_LABELS = "(index)"

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathOfRow:
    """Where a row of the result that differs came from.

    Attributes
    ----------
    name : str
        The column or output that differs.
    row : int
        Its position in the result without the sealed records.
    by : str
        The column, or row labels ``(index)``, that the result and the data share.
    table : str
        The table of the data; empty if there is one.
    rows : tuple of int
        Positions, in the data as given, of the first rows that are not sealed and have the same value.
    of : int
        How many of them there are.
    """

    name: str
    row: int
    by: str
    table: str
    rows: tuple[int, ...]
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedOnPath:
    """Sealed rows of the same value, only for the custodian: positions in the data as given, -1 for planted ones."""

    name: str
    row: int
    by: str
    table: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Shared:
    """A column that a piece of the result and a table of the data have in common."""

    by: str
    result: Column
    table: Table
    column: Column

    def group(self, row: int) -> Rows:
        """Rows of the table, sealed ones included, with the value that the result has in a row."""
        wanted, bits = self.result.bits[row], self.column.bits
        if bits.dtype == object:
            return np.array([at for at, value in enumerate(bits.tolist()) if value == wanted], dtype=np.intp)
        return np.flatnonzero(bits == wanted)


def paths_of_rows(
    pieces: Sequence[Piece], differences: Sequence[Difference], worlds: Worlds, key: str | None
) -> tuple[tuple[PathOfRow, ...], tuple[SealedOnPath, ...]]:
    """Trace the first rows that differ back to the data.

    Of several shared columns the one is taken whose group is smallest among those in which there are sealed rows: a
    person before a precinct. The key that the test was given comes first.

    Parameters
    ----------
    pieces : sequence of Piece
        The result without the sealed records.
    differences : sequence of Difference
    worlds : Worlds
    key : str, optional
        The column by which rows of the results were aligned.

    Returns
    -------
    (tuple of PathOfRow, tuple of SealedOnPath)
        For the operator, and for the custodian's file.
    """
    read, differing = _Reader(), {each.name for each in differences}
    paths: list[PathOfRow] = []
    sealed: list[SealedOnPath] = []
    for difference in differences:
        piece = _piece_of(difference.name, pieces)
        if difference.what != "values" or piece is None or difference.name == _LABELS:
            continue
        shared = list(_shared(piece, pieces, worlds, differing, read))
        for row in difference.first[:_EACH]:
            for each in _telling_columns(shared, row, key):
                if len(paths) == _MOST_PATHS:
                    return tuple(paths), tuple(sealed)
                group = each.group(row)
                given = _given_places(each.table)
                is_sealed = each.table.sealed[group]
                facts: dict[str, Any] = {"name": difference.name, "row": row, "by": each.by, "table": each.table.name}
                kept = given[group[~is_sealed]]
                paths.append(PathOfRow(**facts, rows=tuple(map(int, kept[:_FIRST])), of=len(kept)))
                sealed.append(SealedOnPath(**facts, rows=tuple(map(int, given[group[is_sealed]]))))
    return tuple(paths), tuple(sealed)


def _given_places(table: Table) -> Rows:
    """Where each row was before records were planted; -1 for planted ones."""
    places = np.cumsum(~table.planted) - 1
    return np.where(table.planted, -1, places)


def _piece_of(name: str, pieces: Sequence[Piece]) -> Piece | None:
    for piece in pieces:
        for column in piece.columns:
            if name in (column.name, ".".join(part for part in (piece.path, column.name) if part) or "output"):
                return piece
    return None


def _height(piece: Piece) -> int:
    return len(piece.columns[0].bits) if piece.columns else -1


def _shared(
    piece: Piece, pieces: Sequence[Piece], worlds: Worlds, differing: set[str], read: _Reader
) -> Iterator[_Shared]:
    """Columns of the piece, or of a table whose rows match it one by one as X next to y, that the data has too."""
    home = piece.path.rpartition(".")[0]
    beside = [
        each
        for each in pieces
        if each is not piece and each.path.rpartition(".")[0] == home and _height(each) == _height(piece)
    ]
    for table in worlds.tables.values():
        for each in (piece, *beside):
            for column in each.columns:
                whole = ".".join(part for part in (each.path, column.name) if part)
                labels = column.name == _LABELS and _height(each) != int(np.count_nonzero(~table.sealed))
                found = None if labels or {column.name, whole} & differing else read(table, column.name)
                if found is not None and found.bits.dtype.kind == column.bits.dtype.kind:
                    yield _Shared(column.name, column, table, found)


class _Reader:
    """Reads columns of the data in the bits in which results are compared, each once, and not too many."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Column | None] = {}
        self._cells = 0

    def __call__(self, table: Table, name: str) -> Column | None:
        place = (table.name, name)
        if place not in self._known:
            self._known[place] = None
            if self._cells <= _MOST_CELLS:
                found = _column_of(table.data, name)
                self._cells += len(table.sealed) if found is not None else 0
                self._known[place] = found
        return self._known[place]


def _column_of(data: Any, name: str) -> Column | None:
    if name == _LABELS:
        part = data.iloc[:, :0] if hasattr(data, "iloc") else None
    elif frame_adapter(data).columns.count(name) != 1:
        part = None
    elif hasattr(data, "iloc"):
        part = data.iloc[:, [frame_adapter(data).position(name)]]
    else:
        part = data.select([name])
    piece = table_piece(part, "") if part is not None else None
    return next((each for each in piece.columns if each.name == name), None) if piece is not None else None


def _telling_columns(shared: Sequence[_Shared], row: int, key: str | None) -> list[_Shared]:
    """The columns that say most about a row: one for each table that has it."""
    sized = []
    for each in shared:
        group = each.group(row)
        reached = int(np.count_nonzero(each.table.sealed[group]))
        if len(group):
            sized.append((each.by != key, not reached, len(group), each))
    if not sized:
        return []
    best = min(sized, key=lambda one: one[:3])[3].by
    return list({each.table.name: each for *_, each in sized if each.by == best}.values())
