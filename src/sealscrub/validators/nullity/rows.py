"""Rows of frames of any library: counted, cloned with other keys, and changed as variants ask for."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import UsageError
from sealscrub.frames import frame_adapter

__all__ = ["gathered", "rows_of", "taken", "with_values"]

Rows = npt.NDArray[np.intp]


def rows_of(data: Any) -> int:
    """Count the rows of a frame."""
    return frame_adapter(data).rows


def taken(data: Any, sources: Rows, keys: Mapping[str, Sequence[Any]], draws: np.random.Generator) -> tuple[Any, Rows]:
    """Give a frame with clones of rows, each behind the row that it is of, under other keys.

    Returns
    -------
    (frame, ndarray of int)
        The frame of the same kind, and the places of the clones in it.
    """
    rows = rows_of(data)
    order = np.concatenate([np.arange(rows), sources])
    is_clone = np.concatenate([np.zeros(rows, bool), np.ones(len(sources), bool)])
    shuffled = np.lexsort((is_clone, order))
    places = np.flatnonzero(is_clone[shuffled])
    values = {name: [each for _, each in sorted(zip(sources, found, strict=True))] for name, found in keys.items()}
    return with_values(gathered(data, order[shuffled]), places, values), places


def gathered(data: Any, order: Rows) -> Any:
    """Give the rows of a frame in another order, some more than once; a plain range of labels is counted anew."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(data, pandas.DataFrame):
        ranged = isinstance(data.index, pandas.RangeIndex) and data.index.equals(pandas.RangeIndex(len(data)))
        found = data.iloc[order]
        return found.reset_index(drop=True) if ranged else found.copy()
    if isinstance(data, pl.LazyFrame):
        return data.collect()[order].lazy()
    if isinstance(data, pl.DataFrame):
        return data[order]
    pyarrow = sys.modules.get("pyarrow")
    if pyarrow is not None and isinstance(data, pyarrow.Table | pyarrow.RecordBatch):
        return data.take(pyarrow.array(order))
    raise UsageError(
        f"rows cannot be planted in a {type(data).__name__}",
        hint="give a pandas, polars or pyarrow table, or data that holds sealed rows and plant=False.",
    )


def with_values(data: Any, places: Rows, values: Mapping[str, Sequence[Any]]) -> Any:
    """Give a frame with other values at some places of some columns; types stay as they are."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(data, pandas.DataFrame):
        data = data.copy()
        for name, found in values.items():
            column = data[name]
            if isinstance(column.dtype, pandas.CategoricalDtype):
                levels = pandas.CategoricalDtype(
                    [*column.cat.categories, *[v for v in dict.fromkeys(found) if v not in column.cat.categories]],
                    column.cat.ordered,
                )
                column = column.astype(levels)
            column = column.copy()
            column.iloc[places] = list(found)
            data[name] = column
        return data
    if isinstance(data, pl.LazyFrame):
        return with_values(data.collect(), places, values).lazy()
    if isinstance(data, pl.DataFrame):
        for name, found in values.items():
            column = data.get_column(name)
            if column.dtype in (pl.Categorical, pl.Enum):
                column = column.cast(pl.String)
            new = pl.Series(name, list(found), strict=False).cast(column.dtype)
            data = data.with_columns(column.clone().scatter(places, new).cast(column.dtype))
        return data
    import pyarrow as pa

    schema = data.schema
    for name, found in values.items():
        at = schema.get_field_index(name)
        cells = data.column(at).to_pylist()
        for place, value in zip(places, found, strict=True):
            cells[place] = value
        data = data.set_column(at, schema.field(at), pa.array(cells, schema.field(at).type))
    return data
