"""Two outcomes, compared bit for bit: which columns, rows, types and facts differ, and by how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..trial.pieces import Column, Piece, numbered
from ..trial.text_bits import cell_by_cell

__all__ = ["Difference", "compare"]

_FIRST = 5
_SUMS = ("(bytes)", "(files)", "(keys)", "(value)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that differs.

    Attributes
    ----------
    name : str
        What it is called: ``priors_count``, ``features.priors_count``, ``y``, ``(index)``, ``(order)``, ``output``.
    what : str
        ``values``, ``rows``, ``order``, ``dtype``, ``column``, ``facts`` or ``shape``.
    rows : int
        Rows that differ.
    of : int
        Rows that were compared.
    largest : float or None
        The largest change, of numbers.
    sign : int
        1 if all changes are upwards with the sealed records there, -1 downwards, 0 otherwise.
    first : tuple of int
        Positions of the first of them.
    """

    name: str
    what: str
    rows: int = 0
    of: int = 0
    largest: float | None = None
    sign: int = 0
    first: tuple[int, ...] = ()


def compare(
    clean: Sequence[Piece], other: Sequence[Piece], *, key: str | None = None, tolerance: float | None = None
) -> list[Difference]:
    """Compare the outcome without the sealed records with another.

    Parameters
    ----------
    clean, other : sequence of Piece
    key : str, optional
        The column by which rows are aligned.
    tolerance : float, optional
        Largest absolute difference of numbers that counts as none: a weakening, which reports say.
    """
    found: list[Difference] = []
    ours, theirs = _by_path(clean), _by_path(other)
    single = {path for path, piece in [*ours.items(), *theirs.items()] if piece.columns} == {""}
    for path in [*ours, *(path for path in theirs if path not in ours)]:
        one, two = ours.get(path), theirs.get(path)
        if one is None or two is None:
            found.append(Difference(name=path or "output", what="column"))
            continue
        found += _pieces(one, two, "" if single else path, key, tolerance)
    sums = [
        Difference(name=_fact_name(path, fact), what="facts")
        for path, one in ours.items()
        for fact in _SUMS
        if path in theirs and one.facts.get(fact) != theirs[path].facts.get(fact)
        if not any(each.name == path or each.name.startswith((f"{path}.", f"{path}[")) or not path for each in found)
    ]
    return _distinct_differences([*found, *sums])


def _by_path(pieces: Sequence[Piece]) -> dict[str, Piece]:
    merged: dict[str, Piece] = {}
    for piece in pieces:
        known = merged.get(piece.path)
        if known is not None:
            again = {f"{fact} #2" if fact in known.facts else fact: said for fact, said in piece.facts.items()}
            piece = Piece(piece.path, piece.kind, (*known.columns, *piece.columns), {**known.facts, **again})
        merged[piece.path] = piece
    return merged


def _distinct_differences(found: Sequence[Difference]) -> list[Difference]:
    seen: dict[tuple[str, str], Difference] = {}
    for difference in found:
        seen.setdefault((difference.name, difference.what), difference)
    return list(seen.values())


def _name(path: str, column: str) -> str:
    if not column:
        return path or "output"
    return f"{path}.{column}" if path else column


def _pieces(one: Piece, two: Piece, path: str, key: str | None, tolerance: float | None) -> list[Difference]:
    found = [
        Difference(name=_fact_name(path, fact), what="facts")
        for fact in {**one.facts, **two.facts}
        if one.facts.get(fact) != two.facts.get(fact) and fact not in _SUMS
    ]
    ours, theirs = _by_name(one.columns), _by_name(two.columns)
    if not ours and not theirs:
        return found
    ours, theirs = _cell_by_cell(ours, theirs), _cell_by_cell(theirs, ours)
    found += [
        Difference(name=_name(path, name), what="column")
        for name in {**ours, **theirs}
        if (name in ours) != (name in theirs)
    ]
    if [name for name in ours if name in theirs] != [name for name in theirs if name in ours]:
        found.append(Difference(name=_name(path, "(columns)"), what="order"))
    at, there, told = _aligned(ours, theirs, path, key)
    found += told
    for name in ours:
        if name in theirs:
            found += _column(ours[name], theirs[name], at, there, _name(path, name), tolerance)
    return found


def _by_name(columns: Sequence[Column]) -> dict[str, Column]:
    return dict(zip(numbered(column.name for column in columns), columns, strict=True))


def _cell_by_cell(columns: dict[str, Column], others: Mapping[str, Column]) -> dict[str, Column]:
    """Give texts cell by cell if the other column of the name has them so, since one of its texts is long."""
    return {
        name: replace(column, bits=cell_by_cell(column.bits))
        if column.bits.dtype.kind == "S" and name in others and others[name].bits.dtype == object
        else column
        for name, column in columns.items()
    }


def _fact_name(path: str, fact: str) -> str:
    if fact in ("(value)", "(type)", "(bytes)", "(shape)", "(again)"):
        return path or "output"
    return f"{path}.{fact}" if path else fact


def _aligned(
    ours: Mapping[str, Column], theirs: Mapping[str, Column], path: str, key: str | None
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], list[Difference]]:
    """Which rows are compared with which: by position, or by a key; also what is to be said about rows as such."""
    rows, others = _height(ours), _height(theirs)
    by = next((name for name in (key, "(index)") if name is not None and name in ours and name in theirs), None)
    if key is None or by is None:
        if rows == others:
            return np.arange(rows), np.arange(rows), []
        if by is None or not _unique(ours[by]) or not _unique(theirs[by]):
            said = Difference(name=_name(path, "(rows)"), what="rows", rows=abs(rows - others), of=rows)
            return np.arange(min(rows, others)), np.arange(min(rows, others)), [said]
    mine, other = _number_repeats(_keys(ours[by])), _number_repeats(_keys(theirs[by]))
    place = {value: at for at, value in enumerate(other)}
    both = [(at, place[value]) for at, value in enumerate(mine) if value in place]
    told = []
    extra = len(other) - len(both) + len(mine) - len(both)
    if extra:
        told.append(Difference(name=_name(path, "(rows)"), what="rows", rows=extra, of=len(mine)))
    at = np.array([pair[0] for pair in both], dtype=np.intp)
    there = np.array([pair[1] for pair in both], dtype=np.intp)
    if (np.diff(there) < 0).any():
        told.append(
            Difference(name=_name(path, "(order)"), what="order", rows=int((np.diff(there) < 0).sum()), of=len(at))
        )
    return at, there, told


def _height(columns: Mapping[str, Column]) -> int:
    return len(next(iter(columns.values())).bits) if columns else 0


def _keys(column: Column) -> list[object]:
    return list(column.bits.tolist())


def _number_repeats(values: Sequence[object]) -> list[tuple[object, int]]:
    """Give a key that comes again a number: the second row of a key is compared with the second."""
    seen: dict[object, int] = {}
    numbered = []
    for value in values:
        seen[value] = number = seen.get(value, 0) + 1
        numbered.append((value, number))
    return numbered


def _unique(column: Column) -> bool:
    values = _keys(column)
    return len(set(values)) == len(values)


def _column(
    one: Column,
    two: Column,
    at: npt.NDArray[np.intp],
    there: npt.NDArray[np.intp],
    name: str,
    tolerance: float | None,
) -> list[Difference]:
    found = []
    if one.dtype != two.dtype:
        found.append(Difference(name=name, what="dtype"))
    mine, other = one.bits[at], two.bits[there]
    if mine.dtype != other.dtype and not mine.dtype.kind == other.dtype.kind == "S":
        if one.numbers is None or two.numbers is None:
            return found or [Difference(name=name, what="dtype")]
        mine, other = one.numbers[at].view(np.uint64), two.numbers[there].view(np.uint64)
    differs = np.asarray(mine != other)
    if tolerance is not None and one.numbers is not None and two.numbers is not None:
        differs &= ~(np.abs(one.numbers[at] - two.numbers[there]) <= tolerance)
    rows = np.flatnonzero(differs)
    if len(rows):
        largest, sign = None, 0
        if one.numbers is not None and two.numbers is not None:
            gap = two.numbers[there][rows] - one.numbers[at][rows]
            known = gap[~np.isnan(gap)]
            largest = float(np.abs(known).max()) if len(known) else None
            sign = 1 if len(known) and (known > 0).all() else -1 if len(known) and (known < 0).all() else 0
        found.append(
            Difference(
                name=name,
                what="values",
                rows=len(rows),
                of=len(at),
                largest=largest,
                sign=sign,
                first=tuple(int(row) for row in at[rows[:_FIRST]]),
            )
        )
    return found
