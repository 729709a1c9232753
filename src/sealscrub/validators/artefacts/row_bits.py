"""Rows as the bits that they have in a precision, and as hashes of these. Minus zero is zero, and every NaN is one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["among", "bits_of", "equal_rows", "hashed"]

Matrix = npt.NDArray[np.float64]
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def bits_of(array: npt.NDArray[Any], precision: str) -> npt.NDArray[Any]:
    """The bits of numbers in a precision: ``f8``, ``f4``, ``f2``."""
    with np.errstate(over="ignore"):
        values = np.array(array, precision) + np.array(0, precision)
    values[np.isnan(values)] = np.nan
    return np.ascontiguousarray(values).view(f"<u{precision[1]}")


def hashed(bits: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
    """A hash of 64 bits for each row."""
    hashes = np.zeros(len(bits), np.uint64)
    for column in range(bits.shape[1]):
        hashes = (hashes ^ bits[:, column].astype(np.uint64)) * _MULTIPLIER
        hashes ^= hashes >> np.uint64(29)
    return hashes


def among(values: npt.NDArray[np.uint64], keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
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


def equal_rows(rows: Matrix, others: Matrix) -> npt.NDArray[np.bool_]:
    """Which rows equal one of the others, bit for bit but for zeros' signs and the kind of NaN."""
    bits, found = bits_of(rows, "f8"), np.zeros(len(rows), bool)
    other_bits = bits_of(others, "f8")
    hashes, other_hashes = hashed(bits), hashed(other_bits)
    near = other_bits[among(other_hashes, np.unique(hashes))]
    same = {row.tobytes() for row in near}
    for at in np.flatnonzero(among(hashes, np.unique(hashed(near)))):
        found[at] = bits[at].tobytes() in same
    return found
