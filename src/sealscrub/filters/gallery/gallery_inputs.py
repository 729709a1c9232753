"""Ids and vectors as they are given: what they may be, and the order in which they are kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import UsageError

__all__ = ["canonical_order", "id_array", "id_column", "number_array"]

_NAME = "id"


def number_array(values: Any, what: str) -> npt.NDArray[Any]:
    """Give vectors as an array of numbers: of two dimensions, for a query of one or two.

    Raises
    ------
    UsageError
        When they are not vectors.
    """
    try:
        array = np.asarray(values)
    except (ValueError, TypeError):  # rows of several lengths
        array = np.empty(0, object)
    dimensions = (1, 2) if what == "query" else (2,)
    if array.dtype.kind not in "fiu" or array.ndim not in dimensions or not array.shape[-1]:
        raise UsageError(
            "vectors must be a two-dimensional array of numbers", where=what, hint="give one row for each vector."
        )
    return array


def id_array(ids: Any) -> npt.NDArray[Any]:
    """Give ids as an array whose type says nothing of the widest of them: of integers, or of texts as objects.

    Raises
    ------
    UsageError
        When they are not all texts, or all whole numbers.
    """
    values = ids.to_numpy() if hasattr(ids, "to_numpy") else ids
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu" and values.ndim == 1:
        return np.array(values)
    listed = values.tolist() if isinstance(values, np.ndarray) else list(values)
    there = [value for value in listed if value is not None]
    whole = all(type(value) is int and -(1 << 63) <= value < 1 << 63 for value in there)
    if there and whole and len(there) == len(listed):
        return np.array(listed, np.int64)
    if not (whole or all(isinstance(value, str) for value in there)):
        raise UsageError("ids must be strings or integers", where="gallery", hint="convert all of them to strings.")
    array = np.empty(len(listed), object)
    array[:] = [str(value) if isinstance(value, str) else value for value in listed]
    return array


def id_column(ids: npt.NDArray[Any]) -> pl.Series:
    """Give ids as a column for the matcher."""
    if ids.dtype.kind in "iu":
        return pl.Series(_NAME, ids)
    values = ids.tolist()
    texts = any(isinstance(value, str) for value in values)
    return pl.Series(_NAME, values, pl.String if texts or not values else pl.Int64)


def canonical_order(
    ids: npt.NDArray[Any], vectors: npt.NDArray[Any], rows: npt.NDArray[np.intp]
) -> npt.NDArray[np.intp]:
    """Order by id, and the vectors of one id by their bytes, whatever order they came in.

    Parameters
    ----------
    ids : ndarray, shape (n,)
    vectors : ndarray, shape (m, d)
        Of all records.
    rows : ndarray of int, shape (n,)
        Where in `vectors` that of each id is.
    """
    ranks = id_column(ids).rank("dense").fill_null(0).to_numpy()
    order = np.argsort(ranks, kind="stable")
    ends = np.flatnonzero(np.diff(ranks[order])) + 1
    if len(ends) + 1 < len(order):
        for start, stop in zip([0, *ends], [*ends, len(order)], strict=True):
            if stop - start > 1:
                run = order[start:stop]
                order[start:stop] = sorted(run, key=lambda at: np.asarray(vectors[rows[at]], np.float32).tobytes())
    return order
