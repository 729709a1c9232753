"""From an Arrow column to key values that a matcher can read: exact text, types as they are."""

from __future__ import annotations

from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sealscrub.identifiers.texts_of_bytes import key_texts, uuid_texts

from ..fit_errors import unfit_keys

__all__ = ["is_uuid", "key_series", "text_of_bytes"]


def key_series(column: Any, name: str) -> pl.Series:
    """Hand out a column as key values.

    Parameters
    ----------
    column : pyarrow.ChunkedArray or pyarrow.Array
        Of any type.
    name : str
        The column, for errors.

    Returns
    -------
    polars.Series
        Integers, floats, Booleans and dates in their types, dictionaries as ``Categorical``, bytes as text, UUIDs as
        their texts.

    Raises
    ------
    UsageError
        When values of this type cannot be keys.
    """
    kind = column.type
    uuid = is_uuid(kind)
    try:
        if isinstance(kind, pa.BaseExtensionType):
            storage = kind.storage_type
            column, kind = column.cast(storage), storage
        if pa.types.is_run_end_encoded(kind):
            chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
            column = pa.chunked_array([pc.run_end_decode(chunk) for chunk in chunks], type=kind.value_type)
            kind = kind.value_type
        if pa.types.is_dictionary(kind) and not _is_text(kind.value_type):
            column, kind = column.cast(kind.value_type), kind.value_type
        if pa.types.is_nested(kind) or pa.types.is_interval(kind):
            raise unfit_keys(name)
        if pa.types.is_decimal256(kind):  # polars has none, and panics
            column = column.cast(pa.string())
        series = pl.Series(name, pl.from_arrow(column))
    except (pa.ArrowException, pl.exceptions.PolarsError):
        raise unfit_keys(name) from None
    if uuid:
        return uuid_texts(series)
    return text_of_bytes(series) if series.dtype == pl.Binary else series


def is_uuid(kind: Any) -> bool:
    """Say whether values are of Arrow's type of UUIDs, however they are stored."""
    while pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        kind = kind.value_type
    return bool(kind == pa.uuid())


def text_of_bytes(series: pl.Series) -> pl.Series:
    """Read bytes as UTF-8; a column in which some are not text stays one of bytes, and these parse as no key."""
    texts = key_texts(series)
    return texts if texts.null_count() == series.null_count() else series


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))
