"""Levels that a Parquet file lists and no row uses: in pages of dictionaries, in its schema, and in statistics.

A dictionary page is read with the first row of its row group, without the rest of the column. Only if one lists a
level that is of interest are the column's values read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ..aggregate_mark import MARK
from ..arrow.arrow_lists import has_dictionary, key_levels
from ..arrow.enum_fields import all_levels
from ..levels import Suspect
from ..mark_search import array_has_mark
from .parquet_bounds import in_no_row, stated_bounds
from .parquet_extents import ParquetExtents

__all__ = ["mark_in_file", "unused_in_file"]

_ARROW_SCHEMA = b"ARROW:schema"


def unused_in_file(
    path: Path, schema: pa.Schema, extents: ParquetExtents, suspect: Suspect
) -> list[tuple[str, pl.Series]]:
    """Give the columns that list suspect levels, or have suspect bounds, which no row uses, and these.

    Raises
    ------
    pyarrow.ArrowException, OSError, ValueError
        When the file cannot be read.
    """
    found = []
    for name, levels in [*_listed_levels(path, schema).items(), *stated_bounds(schema, extents)]:
        wanted = levels.filter(pl.Series(suspect(name, levels), dtype=pl.Boolean))
        if len(wanted):
            wanted = in_no_row(path, name, wanted)
        if len(wanted):
            found.append((name, wanted))
    return found


def mark_in_file(path: Path, schema: pa.Schema) -> list[str]:
    """Give the mark of aggregate figures if a dictionary page lists it, or a key of a map is it.

    Raises
    ------
    pyarrow.ArrowException, OSError, ValueError
        When the file cannot be read.
    """
    with pq.ParquetFile(path, memory_map=True) as file:
        flat = [file.schema.column(at) for at in range(file.metadata.num_columns)]
        texts = [leaf.path for leaf in flat if leaf.max_repetition_level == 0 and leaf.physical_type == "BYTE_ARRAY"]
    maps = [field.name for field in schema if pa.types.is_map(field.type)]
    with pq.ParquetFile(path, memory_map=True, read_dictionary=texts) as file:
        for group in range(file.num_row_groups):
            metadata = file.metadata.row_group(group)
            chunks = map(metadata.column, range(metadata.num_columns))
            listed = [each.path_in_schema for each in chunks if each.path_in_schema in texts and _may_list(each)]
            rows = file.iter_batches(batch_size=1, row_groups=[group], columns=listed) if listed else iter(())
            if any(array_has_mark(column, MARK) for _, column in _first_batch(rows)):
                return [MARK]
            for batch in file.iter_batches(row_groups=[group], columns=maps) if maps else ():
                if any(array_has_mark(column, MARK) for column in batch.columns):
                    return [MARK]
    return []


def _may_list(chunk: Any) -> bool:
    """Whether a dictionary page or the first row of a column chunk may be the mark: without one, by its bounds."""
    bounds = None if chunk.has_dictionary_page else chunk.statistics
    if bounds is None or not bounds.has_min_max or not isinstance(bounds.min, str):
        return True
    return any(bounds.min <= mark <= bounds.max for mark in (MARK, MARK.upper()))


def _listed_levels(path: Path, schema: pa.Schema) -> dict[str, pl.Series]:
    """Every list of levels, by the name of its column at the top."""
    lists: dict[str, list[pl.Series]] = {name: [] for name in schema.names}
    for field in schema:
        lists[field.name].append(_texts(all_levels(field)))
    with pq.ParquetFile(path, memory_map=True) as file:
        paged = _paged(file, schema)
    if paged:
        with pq.ParquetFile(path, memory_map=True, read_dictionary=paged) as file:
            for group in range(file.num_row_groups):
                rows = file.iter_batches(batch_size=1, row_groups=[group], columns=paged)
                for field, column in _first_batch(rows):
                    lists[field] += _dictionaries(column, field)
    whole = {name: pl.concat(each).unique() for name, each in lists.items()}
    return {name: levels for name, levels in whole.items() if len(levels)}


def _first_batch(rows: Any) -> list[tuple[str, Any]]:
    batch = next(rows, None)
    return [] if batch is None else list(zip(batch.schema.names, batch.columns, strict=True))


def _paged(file: pq.ParquetFile, schema: pa.Schema) -> list[str]:
    """Columns of text and bytes whose page of a dictionary may list more than the values, by their paths.

    A writer that notes the Arrow schema notes dictionaries in it; pages of its other columns it made from the values.
    """
    plain = set()
    if _ARROW_SCHEMA in (file.metadata.metadata or {}):
        plain = {field.name for field in schema if not has_dictionary(field.type)}
    paths = set()
    for group in map(file.metadata.row_group, range(file.metadata.num_row_groups)):
        for chunk in map(group.column, range(file.metadata.num_columns)):
            if chunk.has_dictionary_page and chunk.physical_type == "BYTE_ARRAY":
                paths.add(chunk.path_in_schema)
    flat = (file.schema.column(at) for at in range(file.metadata.num_columns))
    return [
        leaf.path
        for leaf in flat
        if leaf.path in paths and leaf.max_repetition_level == 0 and not {leaf.path, leaf.path.split(".")[0]} & plain
    ]


def _dictionaries(array: Any, name: str) -> list[pl.Series]:
    """Only the dictionaries: where a page lists a value twice, as DuckDB's do, codes do not fit what is read."""
    if pa.types.is_struct(array.type):
        return [levels for at in range(array.type.num_fields) for levels in _dictionaries(array.field(at), name)]
    levels = key_levels(array.dictionary, name) if pa.types.is_dictionary(array.type) else None
    return [] if levels is None or levels.dtype != pl.String else [levels]


def _texts(values: list[str]) -> pl.Series:
    return pl.Series(values, dtype=pl.String)
