"""Rows of frames of any library: counted, put in another order, cloned under other keys, given other values."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from sealscrub.errors import Spelled, UsageError
from sealscrub.tables import frame_adapter

from .table_rows import Refill, Rows, TableRows, Unfit

__all__ = ["gathered", "rows_of", "table_rows", "taken", "with_values"]


def rows_of(data: Any) -> int:
    """Count the rows of a frame."""
    return frame_adapter(data).rows


def table_rows(data: Any) -> TableRows:
    """Give what can change the rows of a frame.

    Raises
    ------
    UsageError
        When it is of a kind whose rows cannot be changed here.
    """
    pandas, pyarrow = sys.modules.get("pandas"), sys.modules.get("pyarrow")
    if isinstance(data, pl.DataFrame | pl.LazyFrame):
        from .polars_rows import PolarsRows

        return PolarsRows(data)
    if pandas is not None and isinstance(data, pandas.DataFrame):
        from .pandas_rows import PandasRows

        return PandasRows(data)
    if pyarrow is not None and isinstance(data, pyarrow.Table | pyarrow.RecordBatch):
        from .arrow_rows import ArrowRows

        return ArrowRows(data)
    raise UsageError(
        f"rows cannot be planted in a {type(data).__name__}",
        hint=Spelled(
            "give a pandas, polars or pyarrow table, or data that holds sealed rows and plant=False.",
            "--as pandas, polars or pyarrow; or data that holds sealed rows, and --no-plant.",
        ),
    )


def taken(data: Any, sources: Rows, keys: Mapping[str, Sequence[Any]]) -> tuple[Any, Rows]:
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
    ascending = np.argsort(sources, kind="stable").tolist()
    values = {name: [found[at] for at in ascending] for name, found in keys.items()}
    return with_values(gathered(data, order[shuffled]), places, values), places


def gathered(data: Any, order: Rows) -> Any:
    """Give the rows of a frame in another order, some more than once; a plain range of labels is counted again."""
    return table_rows(data).ordered(order)


def with_values(data: Any, places: Rows, values: Mapping[str, Sequence[Any]]) -> Any:
    """Give a frame with other values at some places of some columns; types stay as they are.

    Raises
    ------
    UsageError
        When a column cannot hold a value.
    """
    rows, names = table_rows(data), frame_adapter(data)
    refills = {}
    for name, found in values.items():
        at = names.position(name)
        try:
            fresh = rows.column_of(at, list(found))
        except Unfit:
            raise UsageError(
                f"the column {name!r} cannot hold the values of planted records",
                hint=Spelled(
                    "give it as text, or test data that holds sealed rows with plant=False.",
                    "give it as text, or test data that holds sealed rows with --no-plant.",
                ),
            ) from None
        refills[at] = Refill.of(rows.height, places, rows.height + np.arange(len(places)), fresh)
    return rows.refilled(refills)
