"""Where the keys of rows are: columns of the rows, or an array or a frame given next to them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from sealscrub.errors import ConfigError, UsageError

from . import FrameAdapter, frame_adapter
from .containers import is_frame, row_count
from .fit_errors import unfit_keys

__all__ = ["key_batch"]


def key_batch(data: Any, key: Any, columns: Sequence[str], name: str) -> pl.DataFrame:
    """Hand out the keys of rows: columns of `data`, or what was given next to it.

    Parameters
    ----------
    data : frame, array, sparse matrix or list
        The rows.
    key : array of shape (n,), frame, or None
        Their keys, if `data` does not hold them.
    columns : sequence of str
        The key columns, each once.
    name : str
        Who asks, for errors.

    Raises
    ------
    ConfigError
        When keys are given nowhere or twice.
    ColumnError
        When a column is missing, or present twice.
    UsageError
        When there is not one key for each row, or the values cannot be keys.
    """
    rows = row_count(data)
    wanted = list(columns)
    frame = frame_adapter(data) if is_frame(data) else None
    if key is None:
        if frame is None:
            raise ConfigError(
                "the rows have no keys, so nothing would be checked",
                where=name,
                hint="give them as key=…, one for each row, or give X as a frame with the columns that on names.",
            )
        return frame.key_batch(wanted)
    given = _key_frame(key, wanted, name)
    if given.rows != rows:
        raise UsageError(f"there are {given.rows} keys for {rows} rows", where=name, hint="give one for each.")
    there = set(frame.columns) if frame is not None else set()
    twice = [column for column in wanted if column in there and column in given.columns]
    if twice:
        raise ConfigError(
            f"the keys {twice[0]!r} are a column of X and are given as key= too", where=name, hint="give them once."
        )
    from_x = [column for column in wanted if column in there]
    others = given.key_batch([column for column in wanted if column not in there])
    return others if frame is None or not from_x else others.hstack(frame.key_batch(from_x).get_columns())


def _key_frame(key: Any, columns: Sequence[str], name: str) -> FrameAdapter:
    """Take what was passed as ``key``: a frame with columns of keys, or one key for each row."""
    if is_frame(key):
        return frame_adapter(key)
    if len(columns) != 1:
        raise ConfigError(
            "on names several key columns, and key= gives one array", where=name, hint="give a frame with them."
        )
    return frame_adapter(_one_column(key, columns[0]))


def _one_column(key: Any, name: str) -> Any:
    pandas, pyarrow = sys.modules.get("pandas"), sys.modules.get("pyarrow")
    if isinstance(key, pl.Series):
        return key.alias(name).to_frame()
    if pandas is not None and isinstance(key, pandas.Series | pandas.Index | pandas.api.extensions.ExtensionArray):
        return pandas.DataFrame({name: pandas.Series(key).reset_index(drop=True)})
    if pyarrow is not None and isinstance(key, pyarrow.Array | pyarrow.ChunkedArray):
        return pyarrow.table({name: key})
    values = np.asarray(key) if not isinstance(key, list | tuple) else np.array([*key, None], dtype=object)[:-1]
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise UsageError("key= is not an array of one key for each row", hint="for several keys, pass a frame.")
    if values.dtype.kind in "OU":
        return pl.DataFrame({name: _objects(values, name)})
    return pl.DataFrame({name: pl.Series(name, values, nan_to_null=True)})


def _objects(values: Any, name: str) -> pl.Series:
    """Make key values of objects; NaN and its kind are null, which they are not equal to themselves for."""
    plain = [None if value is None or _is_missing(value) else value for value in values.tolist()]
    try:
        return pl.Series(name, plain, strict=True)
    except (TypeError, pl.exceptions.PolarsError, OverflowError):
        raise unfit_keys(name) from None


def _is_missing(value: Any) -> bool:
    return type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)
