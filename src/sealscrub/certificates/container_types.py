"""Types that a container has for a value of another type: what is meant is digested, not how it came."""

from __future__ import annotations

from typing import Any

import polars as pl
import pyarrow as pa

from sealscrub.errors import UsageError

__all__ = ["meant", "plain_arrow"]

_TEXTS = ("string", "empty")


def plain_arrow(table: Any) -> Any:
    """A table or batch of Arrow with 64-bit dates as dates, and decimals of 256 bits as such of 128.

    Raises
    ------
    UsageError
        When a decimal has more than 38 digits.
    """
    for at, field in enumerate(table.schema):
        kind = _plain(field.type)
        if kind != field.type:
            try:
                table = table.set_column(at, field.name, table.column(at).cast(kind))
            except pa.ArrowException:
                raise unwritten(field.name) from None
    return table


def _plain(kind: Any) -> Any:
    if pa.types.is_date64(kind):
        return pa.date32()
    if pa.types.is_decimal256(kind):
        return pa.decimal128(38, min(kind.scale, 38))
    return kind


def meant(made: pl.DataFrame, data: Any) -> pl.DataFrame:
    """Columns as a container means them: DuckDB's long integers are integers, and objects are not made text.

    Raises
    ------
    UsageError
        When a column of pandas holds text and other things.
    """
    library = type(data).__module__.partition(".")[0]
    if library in ("duckdb", "_duckdb"):
        long = [n for n, kind in zip(data.columns, data.types, strict=True) if str(kind) in ("HUGEINT", "UHUGEINT")]
        return made.with_columns(pl.col(name).cast(pl.Int128) for name in long)
    if library == "pandas":
        from pandas.api.types import infer_dtype

        for at, name in enumerate(made.columns):
            column = data.iloc[:, at]
            is_text = column.dtype != object or made.dtypes[at] != pl.String
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
