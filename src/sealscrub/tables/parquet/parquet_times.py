"""Times that a Parquet file holds as INT96, as Spark writes them by default: those that a reader gets wrong.

INT96 is a day and the nanosecond of it, so it holds every date; what reads it as 64 bits of nanoseconds, as pyarrow and
polars do, silently gives another time for each that lies before 1677 or after 2262, such as 9999-12-31.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sealscrub.errors import UnreadableInput

__all__ = ["int96_columns", "put_microseconds", "refuse_lost_times"]

_BATCH_ROWS = 1 << 16


def int96_columns(path: Path) -> list[str]:
    """Give the columns of a file that hold times as INT96, at whichever depth."""
    with pq.ParquetFile(path) as file:
        leaves = (file.schema.column(at) for at in range(len(file.schema)))
        held = [leaf.path for leaf in leaves if leaf.physical_type == "INT96"]
        return [name for name in file.schema_arrow.names if any(f"{each}.".startswith(f"{name}.") for each in held)]


def refuse_lost_times(path: Path, columns: Collection[str] | None = None) -> None:
    """Refuse a file with times that are read as others.

    Parameters
    ----------
    path : Path
        The file.
    columns : collection of str, optional
        Those that are read; by default all.

    Raises
    ------
    UnreadableInput
    """
    names = [name for name in int96_columns(path) if columns is None or name in columns]
    if not names:
        return
    with pq.ParquetFile(path) as fine, pq.ParquetFile(path, coerce_int96_timestamp_unit="us") as true:
        reads = (file.iter_batches(_BATCH_ROWS, columns=names) for file in (fine, true))
        for read, meant in zip(*reads, strict=True):
            for times, others in zip(_times(read), _times(meant), strict=True):
                if not np.array_equal(times, others):
                    raise UnreadableInput(
                        "times before 1677 or after 2262 are stored as INT96, and would be read as others",
                        where=str(path),
                        hint="write the file again with times of microseconds (TIMESTAMP_MICROS in Spark).",
                    )


def _times(batch: pa.RecordBatch) -> Iterator[Any]:
    """Give all times of a batch, in microseconds."""
    for column in batch.columns:
        for leaf in _leaves(column):
            if pa.types.is_timestamp(leaf.type):
                numbers = leaf.cast(pa.int64()).fill_null(0).to_numpy()
                yield numbers // 1000 if leaf.type.unit == "ns" else numbers


def _leaves(values: Any) -> Iterator[Any]:
    if pa.types.is_struct(values.type):
        for inner in values.flatten():
            yield from _leaves(inner)
    elif pa.types.is_map(values.type):
        for inner in (values.keys, values.items):
            yield from _leaves(pa.ListArray.from_arrays(values.offsets, inner).flatten())
    elif pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        yield from _leaves(values.flatten())
    else:
        yield values


def put_microseconds(path: Path) -> None:
    """Write a file again whose times of nanoseconds were INT96, as moments in microseconds, which Delta has.

    Raises
    ------
    UnreadableInput
        When a time is not of whole microseconds.
    """
    metadata = pq.read_metadata(path)
    codec = metadata.row_group(0).column(0).compression if metadata.num_row_groups else "SNAPPY"
    with pq.ParquetFile(path) as file:
        kinds = pa.schema([field.with_type(_in_microseconds(field.type)) for field in file.schema_arrow])
        rows = [file.read_row_group(at) for at in range(file.num_row_groups)]
    try:
        made = [each.cast(kinds) for each in rows]
    except pa.ArrowInvalid:
        raise UnreadableInput(
            "times are stored as INT96 that are not of whole microseconds, which the table's type does not hold",
            where=str(path),
            hint="rewrite the table with its own engine first.",
        ) from None
    codec = codec.lower().replace("lz4_raw", "lz4")
    with pq.ParquetWriter(path, kinds, compression=codec, store_schema=False) as writer:
        for each in made:
            writer.write_table(each)


def _in_microseconds(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return pa.timestamp("us", "UTC")
    if pa.types.is_map(kind):
        return pa.map_(_inside(kind.key_field), _inside(kind.item_field))
    if pa.types.is_struct(kind):
        return pa.struct([_inside(kind.field(at)) for at in range(kind.num_fields)])
    if pa.types.is_list(kind):
        return pa.list_(_inside(kind.value_field))
    if pa.types.is_large_list(kind):
        return pa.large_list(_inside(kind.value_field))
    return kind


def _inside(field: pa.Field) -> pa.Field:
    return field.with_type(_in_microseconds(field.type))
