"""Where in an array, or in bytes, sealed feature rows are: in either orientation, in each precision.

Each row is brought to the bits that it has in a precision and to a 64-bit hash of them; what has the hash of a
sealed row is compared bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .row_bits import among, bits_of, hashed
from .surprise import needed_bits, surprise

__all__ = ["Met", "RowSearch", "Stage"]

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]
_NEIGHBOURS = 8  # columns other than the features that an array may have: a label, an intercept, weights
_NARROWEST = 8  # bytes of a row that can be looked for at any position


@dataclass(frozen=True, eq=False)
class Stage:
    """Sealed rows as they are at one stage of a pipeline.

    Attributes
    ----------
    name : str
        ``raw``, or the transformations in their order.
    rows : numpy.ndarray of float64, shape (rows, features)
    columns : tuple of str
        Names of the features, if they have any.
    versions : int
        In how many versions, one below the other, each row is here.
    told : numpy.ndarray of float64, shape (rows / versions,), or None
        How many bits each row carries at most, whatever it is made into; by default what it carries as it is.
    most : numpy.ndarray of the same shape, or None
        How many its most informative column carries on its own.
    table : numpy.ndarray of float64, shape (any, features), or None
        Other rows of the same stage by which chance is judged.
    """

    name: str
    rows: Matrix
    columns: tuple[str, ...] = ()
    versions: int = 1
    told: Vector | None = None
    most: Vector | None = None
    table: Matrix | None = None

    def __repr__(self) -> str:
        return f"Stage({self.name!r}, {self.rows.shape[1]} columns)"

    def judged(self) -> Stage:
        """The same with what its rows carry, judged as they are here."""
        told, most = surprise(self.rows, self._all(self.rows))
        return replace(self, told=told, most=most)

    def only(self, which: npt.NDArray[np.bool_]) -> Stage:
        """Some of its rows."""
        told, most = (None if bits is None else bits[which] for bits in (self.told, self.most))
        return replace(self, rows=self.rows[which], told=told, most=most)

    def bits(self, precision: str) -> Vector:
        """How many bits each row carries in a precision."""
        if precision == "f8" and self.told is not None:
            return self.told
        rows = self.rows[: len(self.rows) // self.versions]
        told, most = surprise(rows, self._all(rows), precision)
        if self.versions > 1:  # rows of length one hold one number less
            told = told - most
        return told if self.told is None else np.minimum(told, self.told)

    def _all(self, rows: Matrix) -> Matrix:
        return rows if self.table is None else np.concatenate([rows, self.table])


@dataclass
class Met:
    """Sealed rows that were met in one place.

    Attributes
    ----------
    telling : dict
        How many different ones, by stage, that carry too much for chance.
    by_chance : int
        How many others, at most of one stage: equal in so little that it may be chance.
    """

    telling: dict[str, int] = field(default_factory=dict)
    by_chance: int = 0

    def __bool__(self) -> bool:
        return bool(self.telling or self.by_chance)


class RowSearch:
    """Looks for the rows of some stages.

    Parameters
    ----------
    stages : sequence of Stage
    counted : bool
        Whether to report which rows are found; without it, only that some are, in less memory.
    """

    def __init__(self, stages: Sequence[Stage], *, counted: bool = True) -> None:
        self.stages = tuple(stages)
        self._counted = counted
        self._needles: dict[tuple[int, str], _Needles] = {}
        self._told: dict[tuple[int, str], Vector] = {}

    def _needle(self, at: int, precision: str) -> _Needles:
        """Rows of a stage in a precision; ``rounded`` is f8 that went through f4. Made when first asked for."""
        if (at, precision) not in self._needles:
            rows = self.stages[at].rows
            if precision == "rounded":
                with np.errstate(over="ignore"):
                    rows = rows.astype(np.float32).astype(np.float64)
            kind = "f8" if precision == "rounded" else precision
            self._needles[at, precision] = _Needles(rows, kind, counted=self._counted)
        return self._needles[at, precision]

    def _bits(self, at: int, precision: str) -> Vector:
        precision = "f4" if precision == "rounded" else precision
        if (at, precision) not in self._told:
            self._told[at, precision] = self.stages[at].bits(precision)
        return self._told[at, precision]

    def in_numbers(self, array: npt.NDArray[Any], columns: tuple[str, ...] = ()) -> Met:
        """Count the different sealed rows in an array, by stage.

        Parameters
        ----------
        array : numpy.ndarray, one or two dimensions
        columns : tuple of str
            Names of its columns, if it is of a table.
        """
        precision = f"f{array.dtype.itemsize}" if array.dtype.kind == "f" else "f8"
        met = Met()
        for at, stage in enumerate(self.stages):
            kinds = [precision, "rounded"] if precision == "f8" and array.dtype.kind == "f" else [precision]
            hits: dict[str, set[int]] = {kind: set() for kind in kinds}
            compared = 0
            for view in _turned(_views(array, stage, columns)):
                compared += len(view)
                bits = bits_of(view, precision)
                for kind in kinds:
                    if self._counted or not any(hits.values()):
                        hits[kind] |= self._needle(at, kind).within(bits)
            self._note(met, at, hits, compared)
        return met

    def in_bytes(self, data: bytes) -> Met:
        """Count the different sealed rows that are in bytes at any position, by stage."""
        met = Met()
        for at in range(len(self.stages)):
            hits = {precision: self._needle(at, precision).anywhere(data) for precision in ("f8", "f4")}
            self._note(met, at, hits, len(data))
        return met

    def _note(self, met: Met, at: int, hits: dict[str, set[int]], compared: int) -> None:
        """Note which rows of a stage were hit, in whatever version, and whether that can be chance."""
        stage = self.stages[at]
        count = max(1, len(stage.rows) // stage.versions)
        found = {number % count for numbers in hits.values() for number in numbers}
        if not found:
            return
        telling: set[int] = set()
        for precision, numbers in hits.items() if self._counted else ():
            rows = np.array(sorted({number % count for number in numbers}), np.int64)
            needed = needed_bits(compared * stage.versions)
            telling |= set(rows[self._bits(at, precision)[rows] >= needed].tolist())
        if telling:
            met.telling[stage.name] = len(telling)
        met.by_chance = max(met.by_chance, len(found - telling))


class _Needles:
    """Sealed rows in one precision."""

    def __init__(self, rows: Matrix, precision: str, *, counted: bool) -> None:
        self.counted = counted
        self.bits = bits_of(rows, precision)
        self.raw = {row.tobytes(): at for at, row in reversed(list(enumerate(self.bits)))} if counted else {}
        self.hashes = np.unique(hashed(self.bits))

    def within(self, bits: npt.NDArray[Any]) -> set[int]:
        """Numbers of the rows that are among these."""
        if bits.shape[1] != self.bits.shape[1] or not len(self.hashes):
            return set()
        hashes = hashed(bits)
        maybe = np.flatnonzero(among(hashes, self.hashes))
        if not self.counted:
            return {0} if len(maybe) else set()
        hits = set()
        for row in maybe[np.unique(hashes[maybe], return_index=True)[1]]:
            number = self.raw.get(np.ascontiguousarray(bits[row]).tobytes())
            if number is not None:
                hits.add(number)
        return hits

    def anywhere(self, data: bytes) -> set[int]:
        """Numbers of the rows whose bytes are in these."""
        width = self.bits.shape[1] * self.bits.itemsize
        if width < _NARROWEST or len(data) < width or not len(self.bits):
            return set()
        known = self.raw or {row.tobytes(): at for at, row in enumerate(self.bits)}
        heads, tails = (
            np.unique(np.array([int.from_bytes(raw[part], "little") for raw in known], np.uint64))
            for part in (slice(0, 8), slice(-8, None))
        )
        hits: set[int] = set()
        for shift in range(8):
            count = (len(data) - shift - width) // 8 + 1
            if len(data) < shift + width:
                break
            first = np.frombuffer(data, "<u8", count, shift)
            maybe = np.flatnonzero(among(first, heads))
            last = np.frombuffer(data, "<u8", count, shift + width - 8)
            for at in maybe[among(last[maybe], tails)].tolist():
                number = known.get(data[shift + 8 * at : shift + 8 * at + width])
                if number is not None:
                    hits.add(number)
        return hits


def _turned(views: Iterator[npt.NDArray[Any]]) -> Iterator[npt.NDArray[Any]]:
    """Rows of two features in both orders: a place is written as latitude and longitude, or the other way round."""
    for view in views:
        yield view
        if view.shape[1] == 2:
            yield view[:, ::-1]


def _views(array: npt.NDArray[Any], stage: Stage, columns: tuple[str, ...]) -> Iterator[npt.NDArray[Any]]:
    """The array as rows of as many columns as the stage has, in every way that it may hold them."""
    width = stage.rows.shape[1]
    if columns and stage.columns and set(stage.columns) <= set(columns):
        yield array[:, [columns.index(name) for name in stage.columns]]
    if array.ndim == 1:
        if array.size >= width and array.size % width == 0:
            yield array.reshape(-1, width)
            if array.size > width:
                yield array.reshape(width, -1).T
        return
    for turned in (array, array.T):
        for offset in range(min(turned.shape[1] - width, _NEIGHBOURS) + 1):
            if turned.shape[1] - width <= _NEIGHBOURS:
                yield turned[:, offset : offset + width]
