"""Where in an array, or in bytes, sealed feature rows stand: in either orientation, in each precision.

Each row is brought to the bits that it has in a precision and to a 64-bit hash of them; what has the hash of a
sealed row is compared bit for bit. Minus zero is zero, and every NaN is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["RowSearch", "Stage", "distinctive", "equal_rows"]

Matrix = npt.NDArray[np.float64]
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_NEIGHBOURS = 8  # columns beside the features that an array may have: a label, an intercept, weights
_TELLING = 3


@dataclass(frozen=True, eq=False)
class Stage:
    """Sealed rows as they are at one stage of a pipeline.

    Attributes
    ----------
    name : str
        ``raw``, or the transformations in their order.
    rows : numpy.ndarray of float64, shape (rows, features)
    columns : tuple of str
        Names of the features, where they have any.
    versions : int
        In how many versions, one below the other, each row is here.
    """

    name: str
    rows: Matrix
    columns: tuple[str, ...] = ()
    versions: int = 1

    def __repr__(self) -> str:
        return f"Stage({self.name!r}, {self.rows.shape[1]} columns)"


def distinctive(rows: Matrix) -> npt.NDArray[np.bool_]:
    """Which rows have so many different values that an equal row elsewhere is no chance: three, zeros not counted."""
    if rows.shape[1] < _TELLING:
        return np.zeros(len(rows), bool)
    ordered = np.sort(np.where(np.isnan(rows) | (rows == 0), np.inf, rows), axis=1)
    steps = (np.diff(ordered, axis=1) != 0).sum(axis=1) + 1 - np.isinf(ordered[:, -1])
    return np.asarray(steps >= _TELLING)


def equal_rows(rows: Matrix, others: Matrix) -> npt.NDArray[np.bool_]:
    """Which rows equal one of the others, bit for bit but for zeros' signs and the kind of NaN."""
    bits, found = _bits(rows, "f8"), np.zeros(len(rows), bool)
    other_bits = _bits(others, "f8")
    hashes, other_hashes = _hashed(bits), _hashed(other_bits)
    near = other_bits[_among(other_hashes, np.unique(hashes))]
    same = {row.tobytes() for row in near}
    for at in np.flatnonzero(_among(hashes, np.unique(_hashed(near)))):
        found[at] = bits[at].tobytes() in same
    return found


class RowSearch:
    """Looks for the rows of some stages.

    Parameters
    ----------
    stages : sequence of Stage
    counted : bool
        Whether it is told which rows are found; without it, only that some are, in less memory.
    """

    def __init__(self, stages: Sequence[Stage], *, counted: bool = True) -> None:
        self.stages = tuple(stages)
        self._counted = counted
        self._needles: dict[tuple[int, str], _Needles] = {}

    def _needle(self, at: int, precision: str) -> _Needles:
        """Rows of a stage in a precision; ``rounded`` is f8 that went through f4. Made when first asked for."""
        if (at, precision) not in self._needles:
            rows = self.stages[at].rows
            if precision == "rounded":
                rows = rows.astype(np.float32).astype(np.float64)
            kind = "f8" if precision == "rounded" else precision
            self._needles[at, precision] = _Needles(rows, kind, counted=self._counted)
        return self._needles[at, precision]

    def in_numbers(self, array: npt.NDArray[Any], columns: tuple[str, ...] = ()) -> dict[str, int]:
        """Count the different sealed rows in an array, by stage.

        Parameters
        ----------
        array : numpy.ndarray, one or two dimensions
        columns : tuple of str
            Names of its columns, where it is of a table.
        """
        precision = f"f{array.dtype.itemsize}" if array.dtype.kind == "f" else "f8"
        found: dict[str, int] = {}
        for at, stage in enumerate(self.stages):
            kinds = [precision, "rounded"] if precision == "f8" and array.dtype.kind == "f" else [precision]
            hits: set[int] = set()
            for view in _views(array, stage, columns):
                bits = _bits(view, precision)
                for kind in kinds:
                    if self._counted or not hits:
                        hits |= self._needle(at, kind).within(bits)
            if hits:
                found[stage.name] = _rows_of(hits, stage)
        return found

    def in_bytes(self, data: bytes) -> dict[str, int]:
        """Count the different sealed rows that stand in bytes at any position, by stage."""
        found: dict[str, int] = {}
        for at, stage in enumerate(self.stages):
            hits: set[int] = set()
            for precision in ("f8", "f4"):
                hits |= self._needle(at, precision).anywhere(data)
            if hits:
                found[stage.name] = _rows_of(hits, stage)
        return found


def _rows_of(hits: set[int], stage: Stage) -> int:
    """How many different rows of a stage were hit, in whatever version."""
    return len({number % max(1, len(stage.rows) // stage.versions) for number in hits})


class _Needles:
    """Sealed rows in one precision."""

    def __init__(self, rows: Matrix, precision: str, *, counted: bool) -> None:
        self.counted = counted
        with np.errstate(over="ignore"):
            self.bits = _bits(rows.astype(precision), precision)
        self.raw = {row.tobytes(): at for at, row in reversed(list(enumerate(self.bits)))} if counted else {}
        self.hashes = np.unique(_hashed(self.bits))

    def within(self, bits: npt.NDArray[Any]) -> set[int]:
        """Numbers of the rows that are among these."""
        if bits.shape[1] != self.bits.shape[1] or not len(self.hashes):
            return set()
        maybe = np.flatnonzero(_among(_hashed(bits), self.hashes))
        if not self.counted:
            return {0} if len(maybe) else set()
        hits = set()
        for row in maybe:
            number = self.raw.get(np.ascontiguousarray(bits[row]).tobytes())
            if number is not None:
                hits.add(number)
        return hits

    def anywhere(self, data: bytes) -> set[int]:
        """Numbers of the rows whose bytes stand in these."""
        width = self.bits.shape[1] * self.bits.itemsize
        if width < 12 or len(data) < width or not len(self.bits):
            return set()
        heads: dict[int, list[tuple[bytes, int]]] = {}
        known = self.raw or {row.tobytes(): at for at, row in enumerate(self.bits)}
        for raw, number in known.items():
            heads.setdefault(int.from_bytes(raw[:8], "little"), []).append((raw, number))
        keys = np.array(sorted(heads), np.uint64)
        hits: set[int] = set()
        for shift in range(8):
            words = np.frombuffer(data, "<u8", (len(data) - shift) // 8, shift)
            for at in np.flatnonzero(_among(words, keys)).tolist():
                start = shift + 8 * at
                piece = data[start : start + width]
                hits |= {number for raw, number in heads[int(words[at])] if raw == piece}
        return hits


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


def _bits(array: npt.NDArray[Any], precision: str) -> npt.NDArray[Any]:
    values = np.array(array, precision) + np.array(0, precision)
    values[np.isnan(values)] = np.nan
    return np.ascontiguousarray(values).view(f"<u{precision[1]}")


def _hashed(bits: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
    hashes = np.zeros(len(bits), np.uint64)
    for column in range(bits.shape[1]):
        hashes = (hashes ^ bits[:, column].astype(np.uint64)) * _MULTIPLIER
        hashes ^= hashes >> np.uint64(29)
    return hashes


def _among(values: npt.NDArray[np.uint64], keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Which values are among the sorted keys; a table over their top bits lets most be passed over."""
    if not len(keys):
        return np.zeros(len(values), bool)
    mixed = (values * _MULTIPLIER) >> np.uint64(46)
    table = np.zeros(1 << 18, bool)
    table[(keys * _MULTIPLIER) >> np.uint64(46)] = True
    hit: npt.NDArray[np.bool_] = table[mixed]
    rows = np.flatnonzero(hit)
    at = np.minimum(np.searchsorted(keys, values[rows]), len(keys) - 1)
    hit[rows] = keys[at] == values[rows]
    return hit
