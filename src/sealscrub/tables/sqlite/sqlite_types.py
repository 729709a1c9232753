"""SQLite's declared types, and the values that a column of each may hand out.

SQLite lets any value into any column. What a column is handed out as follows only from its declaration: were it
sniffed from the values, the type would depend on removed rows. A value that does not fit is an error that says so,
until the plan declares the column as text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

__all__ = ["dtype_of", "series_of"]

_EXACT = 2**53


def dtype_of(declared: str, *, strict: bool) -> pl.DataType:
    """Find the type in which a column is handed out.

    The rules of affinity (SQLite, "Datatypes in SQLite", §3.1), with three of our own if the affinity is
    NUMERIC: dates and times are text, booleans are integers, other numbers are floats. A column without a type is text.

    Examples
    --------
    >>> [str(dtype_of(declared, strict=False)) for declared in ("BIGINT", "VARCHAR(9)", "DATE", "DECIMAL(9,2)", "")]
    ['Int64', 'String', 'String', 'Float64', 'String']
    """
    name = declared.upper()
    if strict:
        exact = {"INT": pl.Int64(), "INTEGER": pl.Int64(), "REAL": pl.Float64(), "BLOB": pl.Binary()}
        return exact.get(name, pl.String())
    if "INT" in name:
        return pl.Int64()
    if any(word in name for word in ("CHAR", "CLOB", "TEXT")) or not name.strip():
        return pl.String()
    if "BLOB" in name:
        return pl.Binary()
    if any(word in name for word in ("REAL", "FLOA", "DOUB")):
        return pl.Float64()
    if "BOOL" in name:
        return pl.Int64()
    return pl.String() if "DATE" in name or "TIME" in name else pl.Float64()


def series_of(name: str, values: Sequence[Any], dtype: pl.DataType, *, as_text: bool) -> pl.Series:
    """Make a series of the values of a column.

    Parameters
    ----------
    name : str
        The column's.
    values : sequence of int, float, str, bytes or None
        As SQLite gives them.
    dtype : polars.DataType
        What the column is handed out as.
    as_text : bool
        Whether numbers are written as text, shortest form that reads back as the same.

    Returns
    -------
    polars.Series

    Raises
    ------
    TypeError
        When a value does not fit.
    """
    change: Callable[[Any], Any] | None = _text if as_text else (_number if dtype == pl.Float64() else None)
    return pl.Series(name, values if change is None else [change(value) for value in values], dtype, strict=True)


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        raise TypeError
    return value if value is None or isinstance(value, str) else repr(value)


def _number(value: Any) -> float | None:
    if isinstance(value, int):
        if abs(value) > _EXACT:
            raise TypeError
        return float(value)
    return value if value is None or isinstance(value, float) else _refuse()


def _refuse() -> float:
    raise TypeError
