"""Sparse matrices of scipy, a block of dense rows at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..leaves import LeafWriter
from .arrays import array_of
from .inert_objects import Inert, Table

__all__ = ["write_sparse"]

_WIDEST = 4096
_MOST_CELLS = 1 << 28
_BLOCK = 1 << 22  # cells written at a time
_PARTS = ("data", "indices", "indptr")


def write_sparse(state: object, leaves: LeafWriter, path: str, owner: str, name: str) -> None:
    """Write the rows of a compressed sparse matrix, if the state is one's; one that is too wide is unchecked."""
    if not isinstance(state, Table):
        return
    facts = {key: value for key, value in state.pairs if isinstance(key, str)}
    if not facts.keys() >= set(_PARTS):
        return
    parts = [_array(facts[part]) for part in _PARTS]
    shape = _shape(facts.get("_shape", facts.get("shape")))
    if shape is None or any(part is None or part.ndim != 1 for part in parts):
        leaves.unchecked_once(path, "a sparse array contradicts itself")
        return
    data, indices, starts = parts
    long, wide = (shape[0], shape[1]) if len(starts) == shape[0] + 1 else (shape[1], shape[0])
    if wide > _WIDEST or long * wide > _MOST_CELLS:
        leaves.unchecked_once(path, "a sparse array is too large for its rows to be compared")
        return
    if len(starts) != long + 1 or not _is_sound(indices, starts, wide, len(data)):
        leaves.unchecked_once(path, "a sparse array contradicts itself")
        return
    step = max(1, _BLOCK // max(1, wide)) if long == shape[0] else long
    for at in range(0, long, max(1, step)):
        block = np.zeros((min(step, long - at), wide), np.float64 if data.dtype.kind != "f" else data.dtype)
        first, last = int(starts[at]), int(starts[at + len(block)])
        row = np.repeat(np.arange(len(block)), np.diff(starts[at : at + len(block) + 1]))
        block[row, indices[first:last]] = data[first:last]
        leaves.numbers(f"{path}(rows)", block if long == shape[0] else block.T, owner=owner, name=name)


def _is_sound(indices: Any, starts: Any, wide: int, count: int) -> bool:
    if indices.dtype.kind not in "iu" or starts.dtype.kind not in "iu" or len(indices) != count:
        return False
    if count and (int(indices.min()) < 0 or int(indices.max()) >= wide):
        return False
    return bool(int(starts[0]) == 0 and int(starts[-1]) == count and (np.diff(starts.astype(np.int64)) >= 0).all())


def _array(value: object) -> Any:
    found = array_of(value) if isinstance(value, Inert) else value
    return found if isinstance(found, np.ndarray) else None


def _shape(value: object) -> tuple[int, int] | None:
    if isinstance(value, np.ndarray) and value.size == 2:
        value = tuple(int(n) for n in value.ravel())
    plain = isinstance(value, tuple | list) and len(value) == 2 and all(type(n) is int and n >= 0 for n in value)
    return (value[0], value[1]) if plain and isinstance(value, tuple | list) else None
