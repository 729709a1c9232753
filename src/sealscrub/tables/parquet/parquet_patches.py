"""New values for a Parquet file: made to fit its schema first, then put in their place batch by batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs
import pyarrow as pa

from sealscrub.errors import ColumnError, UsageError

from ..arrow.arrow_lists import releveled
from ..arrow.arrow_values import fitted_array, value_series
from ..changes import Patch, TableChange
from ..values import exactly, unfit_patch

__all__ = ["fitting", "patched", "raw_table"]


def fitting(change: TableChange, schema: pa.Schema, rows: int, where: str) -> TableChange:
    """Give a change less what it says about removed rows, its values in the types in which columns are handed out.

    Raises
    ------
    ColumnError
        When a column is absent.
    UsageError
        When the change is of another number of rows, or a column cannot hold a value exactly.
    """
    if change.keep.shape != (rows,):
        raise UsageError(f"a change of {len(change.keep)} rows does not fit {rows} rows", where=where)
    patches = {}
    for name, patch in change.patches.items():
        ColumnError.require([name], schema.names, where=where)
        if len(patch.rows) and not 0 <= int(patch.rows[0]) <= int(patch.rows[-1]) < rows:
            raise UsageError(f"a new value of the column {name!r} is for a row that does not exist", where=where)
        stays = change.keep[patch.rows]
        if stays.any():
            patches[name] = Patch(
                patch.rows[stays], _fit_to_field(patch.values.filter(pl.Series(stays)), schema.field(name))
            )
    return TableChange(change.keep, patches)


def _fit_to_field(values: pl.Series, field: Any) -> pl.Series:
    if values.null_count() and not field.nullable:
        raise unfit_patch(field.name)
    fitted_array(values, field.type, field.name)
    return exactly(values, value_series(pa.chunked_array([], type=field.type), field.name).dtype, field.name)


def patched(row: str, name: str, patch: Patch) -> pl.Expr:
    """Put values in their place in a column of a streaming query, by the column that numbers the rows."""

    def place(batch: pl.Series) -> pl.Series:
        frame = batch.struct.unnest()
        old, numbers = frame.to_series(1), frame.to_series(0).to_numpy()
        if not len(numbers):
            return old
        begin, end = (int(at) for at in np.searchsorted(patch.rows, [numbers[0], numbers[-1] + 1]))
        rows = patch.rows[begin:end]
        at = np.minimum(np.searchsorted(numbers, rows), len(numbers) - 1)
        there = numbers[at] == rows
        if not there.any():
            return old
        positions = np.arange(len(numbers))
        positions[at[there]] = len(numbers) + np.flatnonzero(there)
        return old.rechunk().append(patch.values.slice(begin, end - begin)).gather(positions)

    both = pl.struct(pl.col(row), cs.by_name(name))
    return both.map_batches(place, return_dtype=patch.values.dtype, is_elementwise=True).alias(name)


def raw_table(rows: pl.DataFrame, schema: pa.Schema, levels: Mapping[str, list[Any]], where: str) -> Any:
    """Make other rows a table of a file's schema; dictionaries get the levels that the file lists first.

    Raises
    ------
    ColumnError
        When `rows` lacks a column.
    UsageError
        When a column cannot hold a value exactly.
    """
    columns = []
    for field in schema:
        if field.name not in rows.columns:
            raise ColumnError.absent(field.name, rows.columns, where=where)
        values = rows.get_column(field.name)
        if values.null_count() and not field.nullable:
            raise unfit_patch(field.name)
        column = pa.chunked_array([fitted_array(values, field.type, field.name)], type=field.type)
        if field.name in levels:
            listed = levels[field.name]
            fresh = [level for level in column.chunk(0).dictionary.to_pylist() if level not in set(listed)]
            known = sorted(listed + fresh) if listed == sorted(listed) else listed + fresh
            column = releveled(column, known)
        columns.append(column)
    return pa.Table.from_arrays(columns, schema=schema)
