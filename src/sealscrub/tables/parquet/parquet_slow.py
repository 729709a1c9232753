"""Parquet by way of pyarrow, for what the fast engine does not write back as it was: every type, batch by batch.

Survivors are gathered until they fill a row group, so the output depends only on them, and memory on the size
of a row group and not of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sealscrub.errors import UsageError

from .. import frame_adapter
from ..arrow.arrow_columns import gather
from ..arrow.arrow_keys import key_series
from ..arrow.arrow_layouts import retyped
from ..arrow.arrow_lists import has_dictionary, releveled
from ..arrow.arrow_values import value_series
from ..arrow.enum_fields import listed_levels
from ..arrow.enum_lists import relisted_fields
from ..arrow.pandas_metadata import pandas_categoricals
from ..arrow.survivor_schema import written_schema
from ..changes import TableChange
from ..levels import LevelRules
from .parquet_levels import LevelRule, final_levels
from .parquet_names import called, distinct_names, share_names, with_names

__all__ = [
    "ROW_GROUP_ROWS",
    "SlowRewrite",
    "level_rules",
    "read_batches",
    "read_levels",
    "read_rows",
    "repeated_texts",
]

ROW_GROUP_ROWS = 1 << 17
_BATCH_ROWS = 1 << 16
_REPEATED = 4.0  # bytes for a value, at most: less than a text of a few letters takes on its own


def read_batches(
    path: Path, columns: Collection[str], dictionaries: Collection[str] = (), without: Sequence[Collection[str]] = ()
) -> Iterator[Any]:
    """Give some columns of a file as tables of so many rows at most; texts among `dictionaries` as such.

    Each group of rows is read `without` some columns.
    """
    every = list(columns)
    with pq.ParquetFile(path, read_dictionary=list(dictionaries)) as file:
        metadata = file.schema_arrow.metadata
        shared = share_names(file.schema_arrow.names)
        for group in range(file.num_row_groups):  # a batch over two groups cannot hold a list of dictionaries
            names = [name for name in every if name not in without[group]] if without else every
            wanted = None if shared else names  # pyarrow would read all of that name
            for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=wanted):
                # a name with dots also reads the fields of a struct
                table = pa.Table.from_batches([batch])
                table = table.rename_columns(distinct_names(table.column_names)) if wanted is None else table
                # of a table without columns, metadata would come instead of the number of rows
                yield table.select(names).replace_schema_metadata(metadata) if names else table.select(names)


def read_rows(path: Path, columns: Collection[str], keys: Collection[str]) -> Iterator[pl.DataFrame]:
    """Give some columns of a file as typed values; those that are keys as text if polars has not their type."""
    for table in read_batches(path, columns):
        made = {}
        for name in table.column_names:
            try:
                made[name] = value_series(table.column(name), name)
            except UsageError:
                if name not in keys:
                    raise
                made[name] = key_series(table.column(name), name).cast(pl.String)
        yield pl.DataFrame(made)


def repeated_texts(path: Path, schema: pa.Schema) -> list[str]:
    """Say which columns of texts take so few bytes a value that a dictionary repeats them in every group of rows."""
    kinds = pa.string(), pa.large_string()
    texts = {field.name for field in schema if field.type in kinds and "." not in field.name}
    metadata = pq.read_metadata(path)
    most: dict[str, float] = {}
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        for chunk in map(group.column, range(group.num_columns)):
            name = chunk.path_in_schema  # of columns that share a name, the schema calls one otherwise than the file
            if name in texts:
                most[name] = max(most.get(name, 0.0), chunk.total_uncompressed_size / max(chunk.num_values, 1))
    return [name for name, size in most.items() if size <= _REPEATED]


def level_rules(
    path: Path, schema: pa.Schema, keep_levels: Collection[str], keys: Collection[str] = ()
) -> dict[str, LevelRule]:
    """How the levels are made of those columns whose list of levels, other than the values, is part of the file.

    A column that was written without a dictionary has no such list: its levels are read off the values. An Enum of
    polars has one in the schema, which is declared if it is not that of a key.
    """
    asked = [field for field in schema if pa.types.is_dictionary(field.type)]
    if not asked:
        return {}
    listed = _columns_with_dictionaries(path)
    rules = {}
    categoricals = pandas_categoricals(schema.metadata)
    for field in asked:
        if listed_levels(field) is not None:
            rules[field.name] = LevelRule.SORTED if field.name in keys else LevelRule.DECLARED
        elif called(field.name) not in listed:
            if field.type.ordered:
                rules[field.name] = LevelRule.APPEARANCE
        elif field.name in keep_levels:
            rules[field.name] = LevelRule.DECLARED
        elif field.type.ordered:
            rules[field.name] = LevelRule.ORDERED
        elif field.name in categoricals:
            rules[field.name] = LevelRule.SORTED
    return rules


def _columns_with_dictionaries(path: Path) -> set[str]:
    metadata = pq.read_metadata(path)
    chunks = (
        metadata.row_group(group).column(column)
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    )
    return {chunk.path_in_schema for chunk in chunks if chunk.has_dictionary_page}


def read_levels(
    path: Path, change: TableChange, rules: Mapping[str, LevelRule], schema: pa.Schema, levels: LevelRules
) -> dict[str, list[Any]]:
    """Levels of some columns for a file with a change."""
    made = {}
    for name, rule in rules.items():
        listed, rows = [], []
        for table, within in _with_changes(path, [name], change):
            listed += [chunk.dictionary for chunk in table.column(name).chunks]
            if any(len(patch.rows) for patch in within.patches.values()):
                table = frame_adapter(table).changed(within)
            else:
                table = table.filter(pa.array(within.keep))
            rows += [_brief(chunk) for chunk in table.column(name).chunks]
        made[name] = final_levels(listed, rows, rule, levels.stays_in(name), listed_levels(schema.field(name)) or ())
    return made


def _with_changes(path: Path, names: Collection[str], change: TableChange) -> Iterator[tuple[Any, TableChange]]:
    """Give columns of a file batch by batch, each with what changes in it."""
    patches = {name: patch for name, patch in change.patches.items() if name in names}
    change, start = TableChange(change.keep, patches), 0
    for table in read_batches(path, names):
        yield table, change.within(start, start + table.num_rows)
        start += table.num_rows


class SlowRewrite:
    """One file's way through pyarrow.

    Parameters
    ----------
    path : Path
        The file.
    schema : pyarrow.Schema
        Its schema.
    codec : str
        Compression of the output.
    change : TableChange
        Which rows stay, and the new values, which fit their columns.
    keep_levels : collection of str
        Columns whose list of levels is fixed.
    keep_metadata : collection of str
        Entries of metadata that stay.
    levels : LevelRules
        Which columns are keys, and which levels may be in no list.
    """

    def __init__(
        self,
        path: Path,
        schema: pa.Schema,
        codec: str,
        change: TableChange,
        keep_levels: Collection[str],
        *,
        keep_metadata: Collection[str] = (),
        levels: LevelRules = LevelRules(),  # noqa: B008 - a frozen value
    ) -> None:
        self._keep_metadata = keep_metadata
        self._path, self._change, self._keep = path, change, change.keep
        self._codec = "none" if codec == "uncompressed" else codec
        rules = level_rules(path, schema, keep_levels, levels.keys)
        self._levels = read_levels(path, change, rules, schema, levels)
        self._schema = self._final(schema, levels)

    def write(self, part: Path, progress: Callable[[int], None] = lambda rows: None) -> None:
        """Write the rows that stay."""
        names = pq.read_schema(self._path).names
        with pq.ParquetWriter(part, with_names(self._schema, names), compression=self._codec) as writer:
            for group in self._groups(progress):
                # a file without rows has no row group, anyone who wrote what it was made from
                writer.write_table(self._finished(group).rename_columns(names), row_group_size=ROW_GROUP_ROWS)

    def _groups(self, progress: Callable[[int], None]) -> Iterator[Any]:
        """Survivors, as many at a time as a row group holds."""
        pending: list[Any] = []
        held = 0
        for table, within in _with_changes(self._path, self._schema.names, self._change):
            kept = frame_adapter(table).changed(within)
            while held + kept.num_rows >= ROW_GROUP_ROWS:
                cut = ROW_GROUP_ROWS - held
                yield pa.concat_tables([*pending, kept.slice(0, cut)])
                kept, pending, held = kept.slice(cut), [], 0
            if kept.num_rows:
                pending.append(kept)
                held += kept.num_rows
            progress(table.num_rows)
        if held:
            yield pa.concat_tables(pending)

    def _finished(self, group: Any) -> Any:
        """Give a row group's columns the one form that depends only on their values, and the file's schema."""
        group = frame_adapter(group).keep(np.ones(group.num_rows, dtype=np.bool_))
        columns = []
        for name in self._schema.names:
            column = group.column(name)
            if pa.types.is_nested(column.type) and has_dictionary(column.type):  # the file has no list of its own
                column = gather(column, np.ones(len(column), dtype=np.bool_), fresh=True)
            column = releveled(column, self._levels[name]) if name in self._levels else column
            columns.append(retyped(column, self._schema.field(name).type))
        return pa.Table.from_arrays(columns, schema=self._schema)

    def _final(self, schema: pa.Schema, levels: LevelRules) -> pa.Schema:
        schema = relisted_fields(schema, self._levels, self._survivors_of, levels.stays_in)
        counts = {name: len(found) for name, found in self._levels.items()}
        plain = pandas_categoricals(schema.metadata).intersection(schema.names) - counts.keys()
        counts |= {name: self._count_distinct(name) for name in plain}
        return written_schema(schema, int(self._keep.sum()), counts, keep=self._keep_metadata)

    def _survivors_of(self, field: pa.Field) -> Any:
        """A column of the rows that stay, whole."""
        parts = _with_changes(self._path, [field.name], self._change)
        tables = [frame_adapter(table).changed(within) for table, within in parts]
        return pa.concat_tables(tables).column(0) if tables else pa.chunked_array([], field.type)

    def _count_distinct(self, name: str) -> int:
        """Number of values of a categorical that Parquet holds as plain values."""
        found = []
        for table, within in _with_changes(self._path, [name], self._change):
            found += frame_adapter(table).changed(within).column(name).unique().to_pylist()
        return len(set(found) - {None})


def _brief(chunk: Any) -> Any:
    """Keep of a chunk what its levels are known by: the list, and each code where it first comes."""
    return pa.DictionaryArray.from_arrays(chunk.indices.unique(), chunk.dictionary, ordered=chunk.type.ordered)
