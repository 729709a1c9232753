"""A result as vectors of bounded length, so many results of one function can be held and measured against another.

A column of any height becomes a few thousand numbers whose distances are, nearly, those of the columns: each row is
added to a cell, with a sign, both drawn from its position (a count sketch).

References
----------
Charikar, Chen and Farach-Colton, Finding frequent items in data streams, Theoretical Computer Science 312 (2004).
Steele, Lea and Flood, Fast splittable pseudorandom number generators, OOPSLA (2014).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .pieces import Column, Piece

__all__ = ["Block", "Sketch", "blocks_of", "sketched"]

Vector = npt.NDArray[np.float64]
_CELLS = 4096
_QUANTILES = 33
_FARTHEST = 1e150


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """A column of one result: row by row, and by its values whatever their order."""

    height: int
    numeric: bool
    by_row: Vector
    by_value: Vector


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A column of several results.

    Parameters
    ----------
    name : str
        What it is called.
    vectors : ndarray of float64, shape (results, n)
    numeric : bool
        Whether they are numbers, which a shift can move, and not values of another kind.
    """

    name: str
    vectors: Vector
    numeric: bool


def sketched(pieces: Sequence[Piece], key: str | None = None) -> dict[str, Sketch]:
    """Sketch each column and fact of a result; a key puts the rows of its table in order.

    Examples
    --------
    >>> from sealscrub.validators.trial.result_pieces import take_apart
    >>> sorted(sketched(take_apart({"auc": 0.5, "n": 3})))
    ['(keys)', '(type)', 'auc', 'auc.(type)', 'n', 'n.(type)']
    """
    found: dict[str, Sketch] = {}
    for piece in pieces:
        order = next((np.argsort(_row_hashes(each), kind="stable") for each in piece.columns if each.name == key), None)
        for column in piece.columns:
            name = ".".join(part for part in (piece.path, column.name) if part) or "output"
            found.setdefault(name, _of_column(column, order))
        for fact, said in piece.facts.items():
            sign = np.random.default_rng(_hash(said)).choice([-1.0, 1.0], 16)
            found.setdefault(".".join(part for part in (piece.path, fact) if part), Sketch(1, False, sign, sign))
    return found


def _row_hashes(column: Column) -> npt.NDArray[np.uint64]:
    """A number for each row that is equal where the values are, in every interpreter: `hash` has a seed in each."""
    bits = np.asarray(column.bits)
    if bits.ndim == 1 and bits.dtype.kind == "u":
        return _mixed(bits.astype(np.uint64))
    return np.fromiter(map(_hash, bits.tolist()), np.uint64, len(bits))


def _hash(value: object) -> int:
    return int.from_bytes(hashlib.blake2b(repr(value).encode(errors="surrogatepass"), digest_size=8).digest(), "little")


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Numbers whose every bit depends on every bit of the values (the finalizer of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)), dtype=np.uint64)


def _of_column(column: Column, order: npt.NDArray[np.intp] | None) -> Sketch:
    height = len(column.bits)
    places = np.arange(height, dtype=np.uint64)
    if column.numbers is None:
        values = _row_hashes(column)
        if order is not None:
            values = values[order]
        return Sketch(height, False, _add_to_cells(_mixed(values ^ _mixed(places)), None), _add_to_cells(values, None))
    numbers = np.clip(np.nan_to_num(column.numbers, nan=0.0), -_FARTHEST, _FARTHEST)
    unknown = float(np.isnan(column.numbers).sum())
    by_value = np.quantile(numbers, np.linspace(0, 1, _QUANTILES)) if height else np.zeros(_QUANTILES)
    if order is not None:
        numbers = numbers[order]
    by_row = numbers if height <= _CELLS else _add_to_cells(_mixed(places), numbers)
    return Sketch(height, True, np.append(by_row, unknown), np.append(by_value, unknown))


def _add_to_cells(hashes: npt.NDArray[np.uint64], values: Vector | None) -> Vector:
    """Add values, with signs, to the cells that hashes choose."""
    cells = ((hashes >> np.uint64(40)) % np.uint64(_CELLS)).astype(np.intp)
    signs = np.where((hashes >> np.uint64(33)) & np.uint64(1), 1.0, -1.0)
    return np.bincount(cells, signs if values is None else signs * values, _CELLS).astype(np.float64)


def blocks_of(results: Sequence[Mapping[str, Sketch]]) -> list[Block]:
    """Put the columns of several results side by side: by rows if all are of one height, else by values.

    Whether a result has a column, and how high it is, is a number of its own.
    """
    blocks = []
    for name in dict.fromkeys(name for each in results for name in each):
        parts = [each.get(name) for each in results]
        known = [part for part in parts if part is not None]
        heights = np.array([[-1.0 if part is None else float(part.height)] for part in parts])
        kinds = {(part.numeric, part.by_row.shape) for part in known}
        vectors = heights
        if len({part.numeric for part in known}) == 1:
            aligned = len(kinds) == 1 and len({part.height for part in known}) == 1
            rows = [part.by_row if aligned else part.by_value for part in known]
            filled = iter(rows)
            empty = np.zeros(rows[0].shape)
            laid = np.array([next(filled) if part is not None else empty for part in parts])
            vectors = np.concatenate([laid, heights], axis=1)
        if (vectors != vectors[0]).any():
            blocks.append(Block(name, vectors, all(part.numeric for part in known)))
    return blocks
