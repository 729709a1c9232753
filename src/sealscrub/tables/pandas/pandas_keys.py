"""From a pandas column to key values: exact text, and a float always recognisable as one."""

from __future__ import annotations

import contextlib
import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from sealscrub.errors import UsageError

from ..arrow.arrow_keys import key_series, text_of_bytes
from ..fit_errors import unfit_keys

__all__ = ["pandas_key_series"]


def pandas_key_series(values: Any, name: str) -> pl.Series:
    """Hand out a column as key values.

    Parameters
    ----------
    values : ndarray, pandas.Index or pandas.api.extensions.ExtensionArray
        A column's array.
    name : str
        The column, for errors.

    Returns
    -------
    polars.Series
        NaN, NaT, None and NA are null. Numbers keep their type; a column of mixed objects comes as text, in
        which a float keeps its point (``123456.0``), so a matcher can see that it is damaged.

    Raises
    ------
    UsageError
        When the values cannot be keys.
    """
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _of_categories(values, name)
    if isinstance(dtype, pd.SparseDtype):
        return pandas_key_series(pd.array(np.asarray(values)), name)
    if isinstance(dtype, np.dtype) and dtype.kind == "O":
        return _of_objects(np.asarray(values, dtype=object), name)
    if isinstance(dtype, pd.PeriodDtype | pd.IntervalDtype) or getattr(dtype, "kind", "O") in "mc":
        return _of_objects(np.asarray(values.astype(object), dtype=object), name)
    try:
        return key_series(_of_instants(values) if isinstance(dtype, pd.DatetimeTZDtype) else _arrow(values), name)
    except UsageError:
        raise
    except (pa.ArrowException, TypeError, ValueError, UnicodeError):
        return _of_objects(np.asarray(values.astype(object), dtype=object), name)


def _arrow(values: Any) -> pa.Array:
    return pa.array(values, from_pandas=True)


def _of_instants(values: Any) -> pa.Array:
    """Times of a zone, on a way that neither pandas nor pyarrow has deprecated."""
    zone = pa.lib.tzinfo_to_string(values.dtype.tz)
    return pa.array(np.asarray(values.tz_convert(None)), pa.timestamp(values.dtype.unit, zone))


def _of_categories(values: Any, name: str) -> pl.Series:
    levels = pandas_key_series(values.categories, name)
    codes = np.asarray(values.codes, dtype=np.int64)
    if levels.dtype == pl.String and not levels.null_count():
        indices = pa.array(codes, mask=codes < 0)
        return key_series(pa.DictionaryArray.from_arrays(indices, levels.to_arrow()), name)
    return levels.gather(pl.Series([None if code < 0 else code for code in codes.tolist()], dtype=pl.Int64))


def _of_objects(values: Any, name: str) -> pl.Series:
    null = pd.isna(values)
    if null.shape != values.shape:
        raise unfit_keys(name)
    kind = pd.api.types.infer_dtype(values[~null], skipna=True)  # pandas 2 takes floats next to None as mixed
    if kind == "empty":
        return pl.Series(name, [None] * len(values), dtype=pl.String)
    if kind in _SAME_TYPE:
        try:
            return key_series(pa.array(values, from_pandas=True), name)
        except (pa.ArrowException, TypeError, ValueError, OverflowError, UnicodeError):
            pass
    parts = [None if gone else _bytes(value, name) for value, gone in zip(values.tolist(), null.tolist(), strict=True)]
    made = pl.Series(name, parts, dtype=pl.Binary)
    if bytes not in set(map(type, values.tolist())):  # texts are keys as they are, with control characters too
        with contextlib.suppress(pl.exceptions.PolarsError):
            return made.cast(pl.String)
    return text_of_bytes(made)


_SAME_TYPE = frozenset({"string", "integer", "floating", "boolean", "bytes", "date", "datetime", "datetime64"})


def _bytes(value: object, name: str) -> bytes:
    """The text of one value, in UTF-8 if it has one; what holds other values in it is not a key."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        text = str(value)
    elif isinstance(value, float | np.floating):
        text = repr(float(value))
    elif isinstance(value, dt.date | dt.time):
        text = value.isoformat()
    elif isinstance(value, int | np.integer | Decimal | UUID) and not isinstance(value, bool):
        text = str(value)
    else:
        raise unfit_keys(name)
    return text.encode("utf-8", "surrogatepass")
