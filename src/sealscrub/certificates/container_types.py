"""Types that a container has for a value of another type: what is meant is digested, not how it came."""

from __future__ import annotations

import sys
from typing import Any

import polars as pl
import pyarrow as pa

from sealscrub.errors import UsageError
from sealscrub.tables.single_readings import read_to_end

__all__ = ["is_pandas", "meant", "plain_arrow", "whole_table"]

_TEXTS = ("string", "empty")


def plain_arrow(table: Any) -> Any:
    """A table or batch of Arrow with 64-bit dates as dates, and decimals of 256 bits as such of 128.

    Raises
    ------
    UsageError
        When a decimal has more than 38 digits.
    """
    for at, field in enumerate(table.schema):
        kind = _canonical_type(field.type)
        if kind != field.type:
            try:
                table = table.set_column(at, field.name, table.column(at).cast(kind))
            except pa.ArrowException:
                raise unwritten(field.name) from None
    return table


def _canonical_type(kind: Any) -> Any:
    if pa.types.is_date64(kind):
        return pa.date32()
    if pa.types.is_decimal256(kind):
        return pa.decimal128(38, min(kind.scale, 38))
    return kind


def whole_table(data: Any) -> Any:
    """A reader or a dataset of Arrow, read to its end; anything else as it is."""
    if isinstance(data, pa.RecordBatchReader):
        return read_to_end(data)
    dataset = sys.modules.get("pyarrow.dataset")  # importing it loads pandas, and data of its come with it
    return data.to_table() if dataset is not None and isinstance(data, dataset.Dataset) else data


def is_pandas(data: Any) -> bool:
    """Whether it is a frame of pandas, of whatever class."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(data, pandas.DataFrame)


def meant(made: list[pl.Series], names: list[str], data: Any) -> list[pl.Series]:
    """Columns as a container means them: DuckDB's long integers are integers, and objects are not made text.

    Raises
    ------
    UsageError
        When a column of pandas holds text and other things.
    """
    library = type(data).__module__.partition(".")[0]
    if library in ("duckdb", "_duckdb"):
        long = [str(kind) in ("HUGEINT", "UHUGEINT") for kind in data.types]
        return [column.cast(pl.Int128) if each else column for column, each in zip(made, long, strict=True)]
    if is_pandas(data):
        from pandas.api.types import infer_dtype

        for at, name in enumerate(names):
            column = data.iloc[:, at]
            is_text = column.dtype != object or made[at].dtype != pl.String
            if not is_text and infer_dtype(column, skipna=True) not in _TEXTS:
                raise UsageError(
                    f"the column {name!r} holds values of several types",
                    hint="make it of one: text, numbers or dates.",
                )
    return made


def unwritten(name: str) -> UsageError:
    """Say that a column has no canonical form."""
    return UsageError(
        f"the column {name!r} holds values of a type that has no content digest",
        hint="turn it into text, numbers, dates, or lists and structs of these.",
    )
