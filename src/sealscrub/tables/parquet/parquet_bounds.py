"""Values of a Parquet file's columns against what it lists next to them: bounds in statistics, levels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ..arrow.arrow_lists import key_levels
from .parquet_extents import ParquetExtents

__all__ = ["in_no_row", "stated_bounds"]

_CUT_LENGTH = 60  # bytes of a bound from which it may be a part of a value: writers cut at 64


def stated_bounds(schema: pa.Schema, extents: ParquetExtents) -> Iterator[tuple[str, pl.Series]]:
    """Give what statistics say is the least and the greatest, of each column of text and whole numbers."""
    for field in schema:
        texts, numbers = extents.texts.get(field.name), extents.numbers.get(field.name)
        if texts and not pa.types.is_decimal(field.type):
            yield field.name, pl.Series(sorted(texts), dtype=pl.String)
        if numbers and pa.types.is_integer(field.type):
            width = 1 << field.type.bit_width if pa.types.is_unsigned_integer(field.type) else 0
            made = {number % width if width else number for number in numbers}
            yield field.name, pl.Series(sorted(made), dtype=pl.Int128)


def in_no_row(path: Path, name: str, listed: pl.Series) -> pl.Series:
    """Give those of some values that no row of a column has, at any depth; one that a writer cut is of a row.

    Raises
    ------
    pyarrow.ArrowException, OSError, ValueError
        When the file cannot be read.
    """
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            for batch in file.iter_batches(row_groups=[group], columns=[name]):
                columns = (batch.column(at) for at, read in enumerate(batch.schema.names) if read == name)
                for values in (part for column in columns for part in _values(column, name, listed.dtype)):
                    listed = _levels_without(listed, values)
                if not len(listed):
                    return listed
    return listed


def _levels_without(listed: pl.Series, values: pl.Series) -> pl.Series:
    there = values.filter(values.is_in(listed.implode()))  # a few of a whole column
    listed = listed.filter(~listed.is_in(there.implode()))
    if listed.dtype == pl.String:
        long = listed.filter(listed.str.len_bytes() >= _CUT_LENGTH)
        for signs in long.str.len_chars().unique():  # the last sign may be raised
            begun = values.str.head(signs - 1).unique()
            cut = long.filter((long.str.len_chars() == signs) & long.str.head(signs - 1).is_in(begun.implode()))
            listed = listed.filter(~listed.is_in(cut.implode()))
    return listed


def _values(array: Any, name: str, dtype: Any) -> list[pl.Series]:
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return _values(array.storage, name, dtype)
    if pa.types.is_struct(kind):
        return [part for child in array.flatten() for part in _values(child, name, dtype)]
    if pa.types.is_map(kind):
        return [*_values(array.keys, name, dtype), *_values(array.items, name, dtype)]
    if pa.types.is_nested(kind):
        return _values(array.flatten(), name, dtype)
    values = key_levels(array.dictionary.take(array.indices) if pa.types.is_dictionary(kind) else array, name)
    if values is None:
        return []
    if values.dtype == pl.Binary:
        values = pl.Series([text for each in values.unique() if (text := _text(each))], dtype=pl.String)
    fits = values.dtype.is_integer() if dtype.is_integer() else values.dtype == pl.String
    return [values if values.dtype == dtype else values.unique().cast(dtype)] if fits else []


def _text(value: bytes | None) -> str:
    """Read bytes as UTF-8; nothing if they are not, which polars refuses to cast as a whole."""
    try:
        return "" if value is None else value.decode()
    except UnicodeDecodeError:
        return ""
