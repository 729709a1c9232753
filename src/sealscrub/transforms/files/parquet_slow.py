"""Parquet by way of pyarrow, for what the fast engine does not write back as it was: every type, batch by batch.

Survivors are gathered until they fill a row group, so that the output depends on them alone, and memory on the size
of a row group and not of the file. Only columns that are edited are held whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sealscrub.frames import RowEdit, frame_adapter
from sealscrub.frames.changes import TableChange
from sealscrub.frames.pandas_metadata import rewrite_schema

from .parquet_levels import LevelRule, final_levels, pandas_categoricals, releveled

__all__ = ["ROW_GROUP_ROWS", "SlowRewrite", "level_rules", "read_batches", "read_levels"]

ROW_GROUP_ROWS = 1 << 17
_BATCH_ROWS = 1 << 16

Mask = npt.NDArray[np.bool_]


def read_batches(path: Path, columns: Collection[str]) -> Iterator[Any]:
    """Give some columns of a file as tables of so many rows at most."""
    names = list(columns)
    with pq.ParquetFile(path) as file:
        metadata = file.schema_arrow.metadata
        for group in range(file.num_row_groups):  # a batch over two groups cannot hold a list of dictionaries
            for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=names):
                # a name with dots also reads the fields of a struct
                yield pa.Table.from_batches([batch]).select(names).replace_schema_metadata(metadata)


def level_rules(path: Path, schema: pa.Schema, keep_levels: Collection[str]) -> dict[str, LevelRule]:
    """How the levels are made of those columns whose list of levels, beside the values, is part of the file.

    A column that was written without a dictionary has no such list: its levels are read off the values.
    """
    asked = [field for field in schema if pa.types.is_dictionary(field.type)]
    if not asked:
        return {}
    listed = _columns_with_dictionaries(path)
    rules = {}
    categoricals = pandas_categoricals(schema.metadata)
    for field in asked:
        if field.name not in listed:
            if field.type.ordered:
                rules[field.name] = LevelRule.APPEARANCE
        elif field.name in keep_levels:
            rules[field.name] = LevelRule.DECLARED
        elif field.type.ordered:
            rules[field.name] = LevelRule.ORDERED
        elif field.name in categoricals:
            rules[field.name] = LevelRule.PANDAS
    return rules


def _columns_with_dictionaries(path: Path) -> set[str]:
    metadata = pq.read_metadata(path)
    chunks = (
        metadata.row_group(group).column(column)
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    )
    return {chunk.path_in_schema for chunk in chunks if chunk.has_dictionary_page}


def read_levels(path: Path, change: TableChange, rules: Mapping[str, LevelRule]) -> dict[str, list[Any]]:
    """Levels of some columns for a file with a change."""
    levels = {}
    for name, rule in rules.items():
        before, after = [], []
        for table, within in _with_changes(path, [name], change):
            before += [_brief(chunk) for chunk in table.column(name).chunks]
            if any(len(patch.rows) for patch in within.patches.values()):
                table = frame_adapter(table).changed(within)
            else:
                table = table.filter(pa.array(within.keep))
            after += [_brief(chunk) for chunk in table.column(name).chunks]
        levels[name] = final_levels(before, after, rule)
    return levels


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
    matched : ndarray of bool, optional
        Which rows match; needed with `edit`.
    edit : RowEdit, optional
        What happens to matched rows that stay.

    Raises
    ------
    UsageError
        When the edit would mark rows, or its constant is not of the column's type.
    """

    def __init__(
        self,
        path: Path,
        schema: pa.Schema,
        codec: str,
        change: TableChange,
        keep_levels: Collection[str],
        matched: Mask | None = None,
        edit: RowEdit | None = None,
    ) -> None:
        self._path, self._change, self._keep = path, change, change.keep
        self._codec = "none" if codec == "uncompressed" else codec
        self._edited: Any = self._edit(schema, matched, edit) if edit is not None else pa.table({})
        rules = level_rules(path, schema, keep_levels)
        edited = self._edited.schema.names
        self._levels = read_levels(path, change, {name: rule for name, rule in rules.items() if name not in edited})
        for name in edited:
            if name in rules:
                before = (chunk for table in read_batches(path, [name]) for chunk in table.column(name).chunks)
                self._levels[name] = final_levels(before, self._edited.column(name).chunks, rules[name])
        self._schema = self._final(schema)

    def write(self, part: Path, progress: Callable[[int], None] = lambda rows: None) -> None:
        """Write the rows that stay."""
        with pq.ParquetWriter(part, self._schema, compression=self._codec) as writer:
            start = 0
            for group in self._groups(progress):
                # a file without rows has no row group, whoever wrote what it was made from
                writer.write_table(self._finished(group, start), row_group_size=ROW_GROUP_ROWS)
                start += group.num_rows

    def _groups(self, progress: Callable[[int], None]) -> Iterator[Any]:
        """Survivors, as many at a time as a row group holds."""
        unedited = [name for name in self._schema.names if name not in self._edited.schema.names]
        names = unedited or self._schema.names[:1]  # rows are counted by some column
        pending: list[Any] = []
        held = 0
        for table, within in _with_changes(self._path, names, self._change):
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

    def _finished(self, group: Any, start: int) -> Any:
        """Give a row group's columns the one form that depends on their values alone, and the file's schema."""
        group = frame_adapter(group).keep(np.ones(group.num_rows, dtype=np.bool_))
        columns = []
        for name in self._schema.names:
            if name in self._edited.schema.names:
                piece = self._edited.select([name]).slice(start, group.num_rows)
                column = frame_adapter(piece).keep(np.ones(group.num_rows, dtype=np.bool_)).column(0)
            else:
                column = group.column(name)
            columns.append(releveled(column, self._levels[name]) if name in self._levels else column)
        return pa.Table.from_arrays(columns, schema=self._schema)

    def _edit(self, schema: pa.Schema, matched: Mask | None, edit: RowEdit) -> Any:
        """The edited columns, whole: whether a value marks a row is seen in all of them."""
        names = [name for name in schema.names if name in edit.columns]
        table = pa.Table.from_batches(
            [batch for table in read_batches(self._path, names) for batch in table.to_batches()],
            schema=pa.schema([schema.field(name) for name in names]),
        )
        return frame_adapter(table).keep(self._keep, edit=edit, matched=matched)

    def _final(self, schema: pa.Schema) -> pa.Schema:
        for name in self._edited.schema.names:
            schema = schema.set(schema.get_field_index(name), self._edited.schema.field(name))
        counts = {name: len(levels) for name, levels in self._levels.items()}
        plain = pandas_categoricals(schema.metadata).intersection(schema.names) - counts.keys()
        counts |= {name: self._distinct(name) for name in plain}
        metadata = rewrite_schema(schema.metadata, int(self._keep.sum()), counts)
        return schema.remove_metadata() if metadata is None else schema.with_metadata(metadata)

    def _distinct(self, name: str) -> int:
        """Number of values of a categorical that Parquet holds as plain values."""
        if name in self._edited.schema.names:
            return int(pc.count_distinct(self._edited.column(name)).as_py())
        found = []
        for table, within in _with_changes(self._path, [name], self._change):
            found += frame_adapter(table).changed(within).column(name).unique().to_pylist()
        return len(set(found) - {None})


def _brief(chunk: Any) -> Any:
    """Keep of a chunk what its levels are told by: the list, and each code where it first comes."""
    return pa.DictionaryArray.from_arrays(chunk.indices.unique(), chunk.dictionary, ordered=chunk.type.ordered)
