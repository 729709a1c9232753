"""Rows and columns of whatever holds rows: frames, arrays, sparse matrices, series, lists."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from itertools import compress
from typing import Any, TypeVar

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask as RowMask
from sealscrub.errors import UsageError

from . import frame_adapter
from .levels import LevelRules
from .value_free_errors import unquoted

__all__ = ["FrameT", "interleaved", "is_frame", "kept_params", "kept_rows", "row_count", "without_columns"]

FrameT = TypeVar("FrameT")
"""A container, where what comes back is of the kind that came in."""


def is_frame(data: Any) -> bool:
    """Whether it is a table in memory, with columns by name and rows in an order."""
    pandas, pyarrow = sys.modules.get("pandas"), sys.modules.get("pyarrow")
    return (
        isinstance(data, pl.DataFrame)
        or (pandas is not None and isinstance(data, pandas.DataFrame))
        or (pyarrow is not None and isinstance(data, pyarrow.Table | pyarrow.RecordBatch))
    )


def row_count(data: Any) -> int:
    """Count the rows.

    Raises
    ------
    UsageError
        When it has none, such as a lazy frame, a number or a text.
    """
    shape = getattr(data, "shape", None)
    if isinstance(shape, tuple) and shape and isinstance(shape[0], int | np.integer):
        return int(shape[0])
    if isinstance(data, str | bytes | Mapping) or not hasattr(data, "__len__"):
        if hasattr(data, "__array__") and np.asarray(data).ndim:
            return int(np.asarray(data).shape[0])
        raise UsageError(
            f"a {type(data).__name__} has no rows that can be distinguished",
            hint="give a frame in memory, an array, a sparse matrix or a list.",
        )
    return len(data)


def kept_rows(data: Any, keep: RowMask, levels: LevelRules = LevelRules()) -> Any:  # noqa: B008 - a frozen value
    """Give the rows that stay, as if no others had ever been there.

    Parameters
    ----------
    data : frame, series, array, sparse matrix, list or None
        One row, or one value, for each of `keep`.
    keep : ndarray of bool, shape (n,)
        Rows that stay.
    levels : LevelRules
        Which columns are keys, and which levels may be in no list.

    Returns
    -------
    object
        Of the same kind, in the same memory order, sharing no memory.

    Raises
    ------
    UsageError
        When it has another number of rows, or is of no kind that is known here.
    """
    if data is None:
        return None
    if row_count(data) != len(keep):
        raise UsageError(f"there are {row_count(data)} rows next to {len(keep)}", hint="give as many of each.")
    with unquoted("data"):
        if is_frame(data):
            return frame_adapter(data).knowing(levels).keep(keep)
        if hasattr(data, "tocsr"):
            return _kept_sparse(data, keep)
        if isinstance(data, list | tuple):
            return list(compress(data, keep.tolist()))
        kept = _kept_series(data, keep, levels)
        return _kept_array(np.asanyarray(data), keep) if kept is None else kept


def kept_params(
    params: Mapping[str, Any],
    keep: RowMask,
    levels: LevelRules = LevelRules(),  # noqa: B008 - a frozen value
) -> dict[str, Any]:
    """Realign parameters of a fit: those with a value for each row lose what the rows lose.

    Raises
    ------
    UsageError
        When one holds rows of its own, such as a set to validate on: no one checked these.
    """
    return {name: _kept_param(name, value, keep, levels) for name, value in params.items()}


def _kept_param(name: str, value: Any, keep: RowMask, levels: LevelRules) -> Any:
    rows = _rows_of_param(value)
    if rows is None:
        return value
    if rows == len(keep) and name != "classes":
        return kept_rows(value, keep, levels)
    listed = isinstance(value, list | tuple) and all(isinstance(each, _SCALARS) or callable(each) for each in value)
    if listed or name == "classes":
        return value
    raise UsageError(
        f"the parameter {name!r} holds other rows than X, which were not checked",
        hint="scrub them with sealscrub.scrub, and fit the estimator itself on scrubbed data.",
    )


_SCALARS = (str, bytes, int, float, type(None))


def _rows_of_param(value: Any) -> int | None:
    """Count the rows of a parameter; None for one that has none."""
    if isinstance(value, (*_SCALARS, Mapping)) or getattr(value, "shape", None) == ():
        return None
    return row_count(value) if hasattr(value, "__len__") or hasattr(value, "__array__") else None


def without_columns(data: Any, names: Collection[str]) -> Any:
    """Give a frame without some columns, those that are there; anything else comes back as it is."""
    if not is_frame(data):
        return data
    there = frame_adapter(data).columns
    stay = [at for at, name in enumerate(there) if name not in names]
    if len(stay) == len(there):
        return data
    if isinstance(data, pl.DataFrame):
        return data[:, stay]
    return data.iloc[:, stay] if hasattr(data, "iloc") else data.select(stay)


def interleaved(kept: Any, aside: Any, keep: RowMask) -> Any:
    """Put the outputs of rows that stayed and of those that did not into one, in the order of the rows."""
    order = np.empty(len(keep), np.intp)
    order[np.concatenate([np.flatnonzero(keep), np.flatnonzero(~keep)])] = np.arange(len(keep))
    if isinstance(kept, pl.DataFrame):
        return pl.concat([kept, aside])[order.tolist()]
    if hasattr(kept, "iloc"):
        return sys.modules["pandas"].concat([kept, aside]).iloc[order]
    if hasattr(kept, "tocsr"):
        from scipy import sparse

        return sparse.vstack([kept, aside], format="csr")[order].asformat(kept.format)
    return np.concatenate([np.asarray(kept), np.asarray(aside)])[order]


def _kept_series(data: Any, keep: RowMask, levels: LevelRules) -> Any:
    """Give what stays of one column of a library of frames; None for anything else."""
    pandas, pyarrow = sys.modules.get("pandas"), sys.modules.get("pyarrow")
    if isinstance(data, pl.Series):
        return frame_adapter(data.to_frame()).knowing(levels).keep(keep).to_series()
    if pandas is not None and isinstance(data, pandas.Series):
        kept = frame_adapter(data.to_frame(name="values")).knowing(levels).keep(keep).iloc[:, 0]
        return kept.rename(data.name)
    if pandas is not None and isinstance(data, pandas.Index | pandas.api.extensions.ExtensionArray):
        kept = (
            frame_adapter(pandas.DataFrame({"values": pandas.Series(data).reset_index(drop=True)}))
            .knowing(levels)
            .keep(keep)
        )
        return pandas.Index(kept["values"], name=data.name) if isinstance(data, pandas.Index) else kept["values"].array
    if pyarrow is not None and isinstance(data, pyarrow.Array | pyarrow.ChunkedArray):
        column = frame_adapter(pyarrow.table({"values": data})).knowing(levels).keep(keep).column(0)
        return column if isinstance(data, pyarrow.ChunkedArray) else column.combine_chunks()
    return None


def _kept_array(data: Any, keep: RowMask) -> Any:
    """Give the rows of an array in its own memory order, on which the last bits of a sum depend."""
    kept = data[np.flatnonzero(keep)]
    if isinstance(kept, np.ma.MaskedArray):
        return kept
    by_column = data.flags.f_contiguous and not data.flags.c_contiguous
    return np.asfortranarray(kept) if by_column else np.ascontiguousarray(kept)


def _kept_sparse(data: Any, keep: RowMask) -> Any:
    if data.format in ("csr", "csc"):
        return data[np.flatnonzero(keep)]
    if data.format == "coo":
        stays, new = keep[data.row], np.cumsum(keep) - 1
        shape = (int(keep.sum()), data.shape[1])
        return type(data)((data.data[stays], (new[data.row[stays]], data.col[stays])), shape=shape)
    return data.tocsr()[np.flatnonzero(keep)].asformat(data.format)
