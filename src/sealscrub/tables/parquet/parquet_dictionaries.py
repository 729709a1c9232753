"""Dictionary pages that list every value of a column in a row group: they can be asked in the place of its rows."""

from __future__ import annotations

import mmap
from collections.abc import Collection
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ..table import Wanted
from .thrift_compact import MalformedStruct, read_struct

__all__ = ["idle_columns"]

_DICTIONARY = 2  # a type of page
_ENCODED = {0: (5, 2), 3: (8, 4)}  # of data pages, by their type: the fields of their header and of its encoding
_BY_DICTIONARY = (2, 8)  # encodings
_MOST_KNOWN = 1 << 16  # values that are remembered
_TEXTS = (pa.string(), pa.large_string())


def idle_columns(path: Path, columns: Collection[str], wanted: Wanted) -> list[set[str]]:
    """Name, for each row group, those columns of which a dictionary lists all values, and none is of interest.

    Parameters
    ----------
    path : Path
        A file that is not encrypted.
    columns : collection of str
        Of which those count that are texts, and neither nested nor share their names.
    wanted : callable
        Asked about an ``Enum`` of what a page lists; it may list values that no row has.
    """
    schema = pq.read_schema(path)
    texts = {field.name for field in schema if _text(field.type) in _TEXTS and "." not in field.name}
    texts = {name for name in texts.intersection(columns) if schema.names.count(name) == 1}
    if not texts:
        return []
    asked, idle = _Asked(wanted), list[set[str]]()
    with (
        path.open("rb") as raw,
        mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ) as content,
        pq.ParquetFile(path, memory_map=True, read_dictionary=sorted(texts)) as file,
    ):
        for group in range(file.num_row_groups):
            metadata = file.metadata.row_group(group)
            chunks = map(metadata.column, range(metadata.num_columns))
            names = [each.path_in_schema for each in chunks if each.path_in_schema in texts and _coded(content, each)]
            batch = next(file.iter_batches(1, row_groups=[group], columns=names), None) if names else None
            listed = {} if batch is None else {name: _levels(batch.column(name)) for name in names}
            idle.append({name for name, levels in listed.items() if levels is not None and asked.idle(name, levels)})
    return idle


class _Asked:
    """Asks about each value of a column once: groups of rows mostly list the same."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._known: dict[str, pl.Series] = {}

    def idle(self, name: str, levels: pl.Series) -> bool:
        """Say whether none of a column's values is of interest."""
        known = self._known.get(name, levels.clear())
        new = levels.filter(~levels.is_in(known.implode())).unique()
        if len(new) and self._wanted(pl.Enum(new)):
            return False
        if len(new) and len(known) < _MOST_KNOWN:
            self._known[name] = pl.concat([known, new])
        return True


def _coded(content: mmap.mmap, chunk: Any) -> bool:
    """Whether each page of a chunk refers to its dictionary: a writer goes over to plain values if there are many."""
    if not chunk.has_dictionary_page:
        return False
    at = start = chunk.dictionary_page_offset or chunk.data_page_offset
    try:
        while at < start + chunk.total_compressed_size:
            head, body = read_struct(content, at)
            if (head.get(1) == _DICTIONARY) != (at == start):
                return False
            if at != start:
                field, encoding = _ENCODED.get(head.get(1, -1), (0, 0))
                if head.get(field, {}).get(encoding) not in _BY_DICTIONARY:
                    return False
            at = body + max(head.get(3, 0), 0)
    except MalformedStruct:
        return False
    return bool(at == start + chunk.total_compressed_size)


def _text(kind: Any) -> Any:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _levels(array: Any) -> pl.Series | None:
    if not pa.types.is_dictionary(array.type) or array.dictionary.type not in _TEXTS:
        return None
    try:
        array.dictionary.validate(full=True)  # polars would crash on text that is not UTF-8
    except pa.ArrowInvalid:
        return None
    return pl.Series(pl.from_arrow(array.dictionary)).drop_nulls()
