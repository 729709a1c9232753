"""Columnar files: Parquet with its statistics and dictionaries, Arrow files and streams, Feather."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..leaves import LeafWriter
from .encoded_texts import texts_in
from .file_source import Source
from .inert_objects import Damaged
from .object_walk import walk
from .uncovered_bytes import say_gaps
from .walk_place import safe_name

__all__ = ["is_arrow", "read_arrow", "read_parquet", "write_columns"]

_FEATURES = 3
_CONTINUES = b"\xff\xff\xff\xff"  # before each message of a stream, and then its size


def write_columns(columns: Mapping[str, Any], leaves: LeafWriter, path: str) -> None:
    """Write the columns of a table: texts one by one, numbers as one array with the names of its columns."""
    numeric = {name: column for name, column in columns.items() if isinstance(column, np.ndarray)}
    for at, (name, column) in enumerate(columns.items()):
        place = f"{path}[{safe_name(name, f'column {at}')}]"
        if name in numeric:
            if column.dtype.kind in "iuf":
                leaves.numbers(place, column, name=safe_name(name, ""))
        else:
            walk(column, leaves, place)
    if not numeric:
        return
    if len(numeric) >= _FEATURES and len(next(iter(numeric.values()))):
        leaves.rows(path, "a table")
    same = {str(column.dtype) for column in numeric.values()}
    dtype = np.float32 if same == {"float32"} else np.float64
    block = np.column_stack([column.astype(dtype) for column in numeric.values()])
    leaves.numbers(path, block, columns=tuple(numeric))


def read_parquet(source: Source, leaves: LeafWriter) -> None:
    """Write what a Parquet file holds, in its rows and next to them.

    Raises
    ------
    Damaged
        When it can't be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        from sealscrub.tables.parquet.parquet_extents import UNCOVERED, parquet_extents
        from sealscrub.tables.parquet.parquet_footer import is_encrypted

        if is_encrypted(source.file):  # asked for what it cannot decrypt, pyarrow would end this process
            raise Damaged
        file = pq.ParquetFile(pa.PythonFile(source.file, "r"), pre_buffer=False)
        if not parquet_extents(source.file).covered:
            leaves.unchecked(source.path, UNCOVERED)
        _metadata_leaves(file, source, leaves)
        texts = [
            file.schema.column(at).path
            for at in range(len(file.schema))
            if file.schema.column(at).physical_type == "BYTE_ARRAY"
        ]
        lists = pq.ParquetFile(pa.PythonFile(source.file, "r"), pre_buffer=False, read_dictionary=texts)
        for group in range(file.num_row_groups):
            source.budget.spend(int(file.metadata.row_group(group).total_byte_size))
            table = lists.read_row_group(group, use_threads=False)
            _write_batch(table, leaves, source.path)
    except (pa.ArrowException, OSError, ValueError, KeyError):
        raise Damaged from None


def _metadata_leaves(file: Any, source: Source, leaves: LeafWriter) -> None:
    metadata = file.metadata
    _schema(file.schema_arrow, source, leaves)
    stored = metadata.metadata or {}
    shown = [part.decode("utf-8", "replace") for pair in stored.items() for part in pair]
    leaves.texts(f"{source.path}(metadata)", shown)
    # Arrow's own, whatever of it pyarrow knows
    leaves.texts(f"{source.path}(schema)", texts_in(base64.b64decode(stored.get(b"ARROW:schema", b""))))
    bounds: dict[str, list[object]] = {}
    for group in range(metadata.num_row_groups):
        for at in range(metadata.num_columns):
            column = metadata.row_group(group).column(at)
            statistics = column.statistics if column.is_stats_set else None
            if statistics is not None and statistics.has_min_max:
                name = safe_name(column.path_in_schema, f"column {at}")
                bounds.setdefault(name, []).extend([statistics.min, statistics.max])
    for name, values in bounds.items():
        walk(values, leaves, f"{source.path}[{name}](statistics)")


def is_arrow(source: Source) -> bool:
    """Whether something is an Arrow or Feather file, or an Arrow stream."""
    size = int.from_bytes(source.head[4:8], "little")
    return source.head.startswith(b"ARROW1") or (_is_stream(source) and 0 < size < source.size and size % 8 == 0)


def _is_stream(source: Source) -> bool:
    return source.head.startswith(_CONTINUES)


def read_arrow(source: Source, leaves: LeafWriter) -> None:
    """Write what an Arrow or Feather file, or an Arrow stream, holds.

    Raises
    ------
    Damaged
        When it can't be read.
    """
    import pyarrow as pa

    try:
        alone = pa.ipc.IpcReadOptions(use_threads=False)
        streamed = _is_stream(source)
        read = pa.ipc.open_stream if streamed else pa.ipc.open_file
        with read(pa.PythonFile(source.file, "r"), options=alone) as file:
            _schema(file.schema, source, leaves)
            for batch in file if streamed else map(file.get_batch, range(file.num_record_batches)):
                _write_batch(pa.Table.from_batches([batch]), leaves, source.path)
        if streamed:
            say_gaps(source, [(0, source.file.tell())], leaves)
    except (pa.ArrowException, OSError, ValueError, KeyError):
        raise Damaged from None


def _schema(schema: Any, source: Source, leaves: LeafWriter) -> None:
    from .arrow_content import schema_texts

    leaves.texts(f"{source.path}(columns)", schema_texts(schema))


def _write_batch(table: Any, leaves: LeafWriter, path: str) -> None:
    import pyarrow as pa

    from .arrow_content import held_values

    columns: dict[str, Any] = {}
    for at, name in enumerate(table.column_names):
        column = table.column(at)
        place = f"{path}[{safe_name(name, f'column {at}')}](beside)"
        for chunk in column.chunks:
            for values in held_values(chunk):
                walk(values, leaves, place)
        kind = column.type
        if pa.types.is_dictionary(kind):
            # the whole dictionary: values that no row uses are in it too
            values = [value for chunk in column.chunks for value in chunk.dictionary.to_pylist()]
            columns[name] = list(dict.fromkeys(value for value in values if value is not None))
        elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
            columns[name] = np.asarray(column.to_numpy(zero_copy_only=False))
            if columns[name].dtype == object:
                columns[name] = np.array([np.nan if v is None else float(v) for v in columns[name]])
        elif pa.types.is_temporal(kind):
            columns[name] = [str(value) for value in column.to_pylist() if value is not None]
        else:
            columns[name] = [_flattened(value) for value in column.to_pylist() if value is not None]
    write_columns(columns, leaves, path)


def _flattened(value: object) -> object:
    if isinstance(value, dict):
        return [part for pair in value.items() for part in (_flattened(pair[0]), _flattened(pair[1]))]
    if isinstance(value, list | tuple):
        return [_flattened(each) for each in value]
    return value if isinstance(value, str | bytes | int | float | bool) else str(value)
