"""Values of a Parquet file's columns against what it lists next to them: bounds in statistics, levels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sealscrub.identifiers.texts_of_bytes import digits_of_bytes

from ..arrow.arrow_lists import key_levels
from .parquet_extents import ParquetExtents

__all__ = ["in_no_row", "stated_bounds"]

_BYTES = ("binary", "large_binary", "fixed_size_binary")
_SIZE = 16  # bytes of a UUID
_CUT_LENGTH = 60  # bytes of a bound from which it may be a part of a value: writers cut at 64


def stated_bounds(schema: pa.Schema, extents: ParquetExtents) -> Iterator[tuple[str, pl.Series]]:
    """Give what statistics say is the least and the greatest, of each column of text, bytes and whole numbers.

    Bytes are the texts of their digits, in every spelling.
    """
    for field in schema:
        texts, numbers = extents.texts.get(field.name), extents.numbers.get(field.name)
        if texts and not pa.types.is_decimal(field.type):
            yield field.name, pl.Series(sorted(texts), dtype=pl.String)
        if raw := extents.raw.get(field.name):
            yield field.name, _digits(pl.Series(sorted(raw), dtype=pl.Binary))
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
    if pa.types.is_dictionary(kind):
        return _values(array.dictionary.take(array.indices), name, dtype)
    if str(kind).startswith(_BYTES):
        return [_readings(pl.Series(pl.from_arrow(array)).drop_nulls().unique())] if dtype == pl.String else []
    values = key_levels(array, name)
    if values is None:
        return []
    fits = values.dtype.is_integer() if dtype.is_integer() else values.dtype == pl.String
    return [values if values.dtype == dtype else values.unique().cast(dtype)] if fits else []


def _readings(held: pl.Series) -> pl.Series:
    """Give what bytes are as texts: those that are UTF-8, and the digits of 16."""
    texts = [text for each in held if (text := _text(each))]
    return pl.concat([pl.Series(texts, dtype=pl.String), _digits(held.filter(held.bin.size() == _SIZE))])


def _digits(held: pl.Series) -> pl.Series:
    return pl.concat(digits_of_bytes(held)).drop_nulls().unique(maintain_order=True)


def _text(value: bytes) -> str:
    """Read bytes as UTF-8; nothing if they are not, which polars refuses to cast as a whole."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return ""
