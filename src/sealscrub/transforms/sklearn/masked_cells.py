"""Cells of some rows made missing, in columns whose type then holds missing values whatever the rows are."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask as RowMask
from sealscrub.errors import ColumnError, ConfigError, UsageError
from sealscrub.tables import frame_adapter
from sealscrub.tables.changes import Patch, TableChange
from sealscrub.tables.containers import is_frame, row_count
from sealscrub.tables.levels import LevelRules
from sealscrub.tables.value_free_errors import unquoted

__all__ = ["check_columns", "masked"]

Columns = Sequence[str] | Sequence[int] | None

_EXACT = 2**53


def check_columns(data: Any, columns: Columns) -> None:
    """Refuse columns that do not exist.

    Raises
    ------
    ConfigError
        When no column is named, or the data has no columns.
    ColumnError
        When one is absent.
    """
    if columns is not None and (isinstance(columns, str) or not len(columns)):
        raise ConfigError("columns is not a list of columns", hint="leave it out for all columns.")
    if is_frame(data):
        frame = frame_adapter(data)
        for column in columns or ():
            frame.position(_name(column))
        return
    row_count(data)
    if hasattr(data, "tocsr"):
        raise ConfigError("a sparse matrix holds no missing values", hint="give a frame or an array.")
    array = np.asarray(data)
    if array.ndim != 2:
        raise ConfigError("X has no columns", hint="Reshape your data: give it two dimensions.")
    for position in columns or ():
        if isinstance(position, str) or not 0 <= position < array.shape[1]:
            raise ColumnError("an array has no such column", hint="name columns of an array by position, from 0.")


def masked(data: Any, barred: RowMask, columns: Columns, keep_levels: Collection[str], levels: LevelRules) -> Any:
    """Give the data with the cells of some rows missing.

    Parameters
    ----------
    data : frame or array of shape (n, m)
        The rows.
    barred : ndarray of bool, shape (n,)
        Rows whose cells become missing.
    columns : sequence of str or of int, optional
        Columns whose cells these are; all if not given.
    keep_levels : collection of str
        Categorical columns whose list of levels stays whole.
    levels : LevelRules
        Which columns are keys, and which levels may be in no list.

    Raises
    ------
    UsageError
        When integers of a column are beyond what a float holds exactly.
    """
    if not is_frame(data):
        return _masked_array(np.asarray(data), barred, columns)
    with unquoted("X"):
        frame = frame_adapter(data)
        names = tuple(frame.columns) if columns is None else tuple(_name(column) for column in columns)
        positions = [frame.position(name) for name in names]
        holding = frame_adapter(_holding_missing(data, positions, barred)).knowing(levels)
        rows = np.flatnonzero(barred)
        nulls = Patch(rows, pl.Series([None] * len(rows)), edited=True)
        change = TableChange(np.ones(len(barred), bool), dict.fromkeys(names, nulls))
        return holding.changed(change, keep_levels, keep_index=True)


def _name(column: object) -> str:
    if not isinstance(column, str):
        raise ConfigError("columns of a frame are given by name, not by position", hint="use columns=[NAME, …].")
    return column


def _holding_missing(data: Any, positions: Sequence[int], barred: RowMask) -> Any:
    """Give the frame with these columns in types that hold missing values."""
    if isinstance(data, pl.DataFrame):
        return data
    if hasattr(data, "iloc"):
        return _pandas_holding_missing(data, positions, barred)
    pyarrow = sys.modules["pyarrow"]
    fields = [field.with_nullable(True) if at in positions else field for at, field in enumerate(data.schema)]
    schema = pyarrow.schema(fields, data.schema.metadata)
    arrays = [data.column(at) for at in range(len(fields))]
    return type(data).from_arrays(arrays, schema=schema)


def _pandas_holding_missing(data: Any, positions: Sequence[int], barred: RowMask) -> Any:
    made = data.copy()
    for position in positions:
        dtype = data.dtypes.iloc[position]
        if not isinstance(dtype, np.dtype) or dtype.kind not in "iub":
            continue
        column = data.iloc[:, position]
        if dtype.kind == "b":
            made.isetitem(position, column.astype("boolean"))
        else:
            _check_exact(column.to_numpy()[~barred], f"column {str(data.columns[position])!r}")
            made.isetitem(position, column.astype("float64"))
    return made


def _masked_array(data: Any, barred: RowMask, columns: Columns) -> Any:
    positions = np.arange(data.shape[1]) if columns is None else np.asarray(columns, dtype=np.intp)
    if data.dtype.kind in "iu":
        _check_exact(data[~barred], "array")
    if data.dtype.kind in "OU":
        made = data.astype(object)
    elif data.dtype.kind in "iubf":
        made = data.astype(data.dtype if data.dtype.kind == "f" else np.float64)
    else:
        raise UsageError(f"an array of {data.dtype} holds no missing values", hint="give numbers or objects.")
    made[np.ix_(np.flatnonzero(barred), positions)] = np.nan
    return made


def _check_exact(values: Any, what: str) -> None:
    if values.size and (values.max() > _EXACT or values.min() < -_EXACT):
        raise UsageError(
            f"a float cannot hold some integers of the {what} exactly",
            hint="make them pandas' Int64, which holds missing values, before they are masked.",
        )
