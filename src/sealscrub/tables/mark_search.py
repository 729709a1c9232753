"""Whether the name of a mark is among the values of a table: in a column of names after a melt, as a map's key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["array_has_mark", "has_mark"]


def has_mark(data: Any, mark: str) -> bool:
    """Whether a cell of a frame in memory is the mark, as a whole; queries are not run for it.

    Examples
    --------
    >>> import polars
    >>> has_mark(polars.DataFrame({"variable": ["n", "the_mark"]}), "the_mark")
    True
    """
    look = _LOOKS.get((type(data).__module__.partition(".")[0], type(data).__name__))
    return look is not None and look(data, {mark, mark.upper()})


def array_has_mark(array: Any, mark: str) -> bool:
    """Whether a value of an Arrow array, at any depth, is the mark; of a dictionary, whether it is listed."""
    return _in_array(array, {mark, mark.upper()})


def _in_array(array: Any, marks: set[str]) -> bool:
    import polars as pl
    import pyarrow as pa
    import pyarrow.compute as pc

    types, kind = pa.types, array.type
    if isinstance(array, pa.ChunkedArray):
        return any(_in_array(chunk, marks) for chunk in array.chunks)
    if isinstance(kind, pa.BaseExtensionType):
        return _in_array(array.storage, marks)
    if types.is_dictionary(kind):
        return _in_array(array.dictionary, marks)
    if types.is_string_view(kind):
        array, kind = array.cast(pa.large_string()), pa.large_string()
    if types.is_string(kind) or types.is_large_string(kind):
        wanted = pl.Series(sorted(marks)).to_arrow().cast(kind)  # pa.array would import pandas, if it is installed
        return bool(pc.any(pc.is_in(array, value_set=wanted)).as_py())
    if types.is_map(kind):
        return _in_array(array.keys, marks) or _in_array(array.items, marks)
    if types.is_struct(kind):
        return any(_in_array(child, marks) for child in array.flatten())
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _in_array(array.flatten(), marks)
    return False


def _in_arrow(data: Any, marks: set[str]) -> bool:
    return any(_in_array(column, marks) for column in data.columns)


def _in_pandas(data: Any, marks: set[str]) -> bool:
    import pandas as pd

    columns: Iterator[Any] = (data.iloc[:, at] for at in range(data.shape[1]))
    for column in columns:
        kind = column.dtype
        if isinstance(kind, pd.CategoricalDtype):
            found = any(each in marks for each in column.cat.categories if isinstance(each, str))
        elif hasattr(kind, "pyarrow_dtype"):
            found = _in_array(column.array.__arrow_array__(), marks)
        elif isinstance(kind, pd.StringDtype) or getattr(kind, "hasobject", False):
            found = any(each in marks for each in column.array if isinstance(each, str))
        else:
            found = False
        if found:
            return True
    return False


def _in_polars(data: Any, marks: set[str]) -> bool:
    return any(_in_series(series, marks) for series in data.get_columns())


def _in_series(series: Any, marks: set[str]) -> bool:
    import polars as pl

    dtype = series.dtype
    if isinstance(dtype, pl.Enum):
        return any(each in marks for each in dtype.categories)
    if dtype == pl.Categorical:
        series = series.unique().cast(pl.String)
    if series.dtype == pl.String:
        return any(bool((series == mark).any()) for mark in marks)
    if isinstance(dtype, pl.Struct):
        return any(_in_series(series.struct.field(field.name), marks) for field in dtype.fields)
    if isinstance(dtype, pl.List):
        return _in_series(series.list.explode(), marks)
    return isinstance(dtype, pl.Array) and dtype.size > 0 and _in_series(series.arr.explode(), marks)


_LOOKS = {
    ("polars", "DataFrame"): _in_polars,
    ("pandas", "DataFrame"): _in_pandas,
    ("geopandas", "GeoDataFrame"): _in_pandas,
    ("pyarrow", "Table"): _in_arrow,
    ("pyarrow", "RecordBatch"): _in_arrow,
}
