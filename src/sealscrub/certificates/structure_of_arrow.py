"""Names, logical types, levels and metadata of Arrow tables and Parquet files, as JSON values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sealscrub.errors import UsageError
from sealscrub.tables.arrow.schema_texts import entries, field_names, texts_within

from .container_types import whole_table

__all__ = ["described_parquet", "described_table"]

Described = tuple[Any, list[str]]
_WRITERS = re.compile(
    r"(parquet-cpp(-arrow)?|parquet-mr|parquet-rs|Polars( \(python\))?|DuckDB|fastparquet-python) version v?"
    r"\d{1,4}(\.\d{1,4}){0,3}(-SNAPSHOT|[.-]?(dev|rc|a|b|post)\d{0,3}){0,2}( \(build ([0-9a-f]{7,40}|\d)?\))?"
)
_BATCH_ROWS = 1 << 16


def described_table(data: Any) -> Described:
    """Describe a table, a batch, a reader that is read to its end, or a dataset."""
    data = whole_table(data)
    levels = _Levels()
    for at, field in enumerate(data.schema):
        column = data.column(at)
        for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
            levels.add(chunk, (at, field.name))
    return _document(data.schema, levels, [])


def described_parquet(file: Any) -> Described:
    """Describe a Parquet file; what it holds other than its schema, too, if that can hold anything.

    Raises
    ------
    UsageError
        When it has Bloom filters: they reveal which values were in a column, and no digest covers them.
    """
    schema, metadata, levels = file.schema_arrow, file.metadata, _Levels()
    chunks = [
        metadata.row_group(group).column(at)
        for group in range(metadata.num_row_groups)
        for at in range(metadata.num_columns)
    ]
    if any(chunk.bloom_filter_offset is not None for chunk in chunks):
        raise UsageError(
            "the file has Bloom filters, which reveal values and which no digest covers",
            hint="write it again without them; a scrub writes none.",
        )
    beside = [entries(chunk.metadata) for chunk in chunks if chunk.metadata]
    if not _WRITERS.fullmatch(metadata.created_by or "parquet-cpp version 1"):
        beside.append([["created_by", metadata.created_by]])
    listed = [at for at, field in enumerate(schema) if _lists(field.type)]
    if listed:
        names = [schema.names[at] for at in listed]
        for group in range(metadata.num_row_groups):
            for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=names):
                for at in listed:
                    levels.add(batch.column(batch.schema.get_field_index(schema.names[at])), (at, schema.names[at]))
    document, texts = _document(schema, levels, beside)
    texts += [text for chunk in chunks for text in _bounds(chunk)]
    return document, texts


def _document(schema: pa.Schema, levels: _Levels, beside: list[list[list[str]]]) -> Described:
    document = {
        "columns": [_field(field) for field in schema],
        "levels": levels.listed(),
        "metadata": entries(schema.metadata),
        "beside": beside,
    }
    named = [text for entries in (_all_entries(schema), *beside) for entry in entries for text in entry]
    return document, [*field_names(schema), *(each for text in named for each in texts_within(text)), *levels.unused()]


def _field(field: pa.Field) -> list[Any]:
    return [field.name, _kind(field.type), field.nullable, entries(field.metadata)]


def _kind(kind: Any) -> Any:
    """Describe a type, without how its values are laid out."""
    types = pa.types
    if isinstance(kind, pa.BaseExtensionType):
        told = kind.__arrow_ext_serialize__() if isinstance(kind, pa.ExtensionType) else str(kind).encode()
        return ["extension", kind.extension_name, told.decode("utf-8", "surrogateescape"), _kind(kind.storage_type)]
    if types.is_dictionary(kind):
        return ["levels", kind.ordered, _kind(kind.value_type)]
    if types.is_run_end_encoded(kind):
        return _kind(kind.value_type)
    if types.is_map(kind):
        return ["map", _field(kind.key_field), _field(kind.item_field)]
    if types.is_struct(kind):
        return ["struct", *(_field(field) for field in kind)]
    if types.is_union(kind):
        return ["union", kind.mode, *(_field(field) for field in kind)]
    if types.is_fixed_size_list(kind):
        return ["list", kind.list_size, _field(kind.value_field)]
    if types.is_nested(kind):
        return ["list", _field(kind.value_field)]
    if types.is_large_string(kind) or types.is_string_view(kind):
        return "string"
    return "binary" if types.is_large_binary(kind) or types.is_binary_view(kind) else str(kind)


def _lists(kind: Any) -> bool:
    """Whether a type has levels somewhere."""
    if isinstance(kind, pa.BaseExtensionType):
        return _lists(kind.storage_type)
    return pa.types.is_dictionary(kind) or any(_lists(kind.field(at).type) for at in range(kind.num_fields))


class _Levels:
    """Levels by their place, in the order in which they are listed, and which of them are in use."""

    def __init__(self) -> None:
        self._listed: dict[tuple[Any, ...], dict[Any, None]] = {}
        self._used: dict[tuple[Any, ...], set[Any]] = {}

    def add(self, array: Any, place: tuple[Any, ...]) -> None:
        kind = array.type
        if isinstance(kind, pa.BaseExtensionType):
            self.add(array.storage, place)
        elif pa.types.is_dictionary(kind):
            values = [_level(value) for value in array.dictionary.to_pylist()]
            self._listed.setdefault(place, {}).update(dict.fromkeys(values))
            used = pc.drop_null(array.indices.unique()).to_pylist()
            self._used.setdefault(place, set()).update(values[at] for at in used)
        elif _lists(kind):
            for at, child in enumerate(_children(array)):
                self.add(child, (*place, at))

    def listed(self) -> list[Any]:
        return [[list(place), list(values)] for place, values in sorted(self._listed.items(), key=lambda each: each[0])]

    def unused(self) -> Iterator[str]:
        for place, values in self._listed.items():
            yield from (value for value in values if value not in self._used[place])


def _children(array: Any) -> list[Any]:
    kind = array.type
    if pa.types.is_map(kind):
        return [array.keys, array.items]
    if pa.types.is_struct(kind):
        return list(array.flatten())
    if pa.types.is_union(kind):
        return [array.field(at) for at in range(kind.num_fields)]
    return [array.values if pa.types.is_run_end_encoded(kind) else array.flatten()]


def _level(value: object) -> str:
    return value if isinstance(value, str) else repr(value)


def _all_entries(schema: Iterable[pa.Field]) -> list[list[str]]:
    """Entries at any depth."""
    found = entries(getattr(schema, "metadata", None))
    for field in schema:
        kind = field.type
        found += entries(field.metadata) + _all_entries([kind.field(at) for at in range(kind.num_fields)])
        if isinstance(kind, pa.BaseExtensionType):
            described = _kind(kind)
            found.append([described[1], described[2]])
    return found


def _bounds(chunk: Any) -> Iterator[str]:
    """The least and the greatest text of a column, as the file's statistics have them."""
    found = chunk.statistics if chunk.is_stats_set else None
    if found is not None and found.has_min_max:
        yield from (each for each in (found.min, found.max) if isinstance(each, str))
