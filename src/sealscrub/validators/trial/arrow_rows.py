"""Rows of Arrow's tables and batches."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa

from sealscrub.tables.arrow.arrow_buffers import no_rows
from sealscrub.tables.arrow.arrow_columns import one_element
from sealscrub.tables.arrow.arrow_keys import is_uuid
from sealscrub.tables.arrow.arrow_layouts import retyped
from sealscrub.tables.arrow.arrow_plain import from_plain, plain_type, to_plain
from sealscrub.tables.arrow.schema_entries import stripped_schema
from sealscrub.tables.arrow.survivor_schema import written_schema

from .arrow_storage import stored
from .table_rows import Refill, Rows, TableRows, Unfit

__all__ = ["ArrowRows"]

_FAILURES = (pa.ArrowException, TypeError, ValueError, OverflowError)
_TEXTS = ("string", "large_string", "string_view")
_DAY = 86_400_000
_TRUTH = "extension<arrow.bool8>"


class ArrowRows(TableRows):
    """Rows of a ``Table`` or ``RecordBatch``, columns in the plain layout in which Arrow can select."""

    def __init__(self, data: Any) -> None:
        self._data, self._schema = data, data.schema
        self.height, self.width = data.num_rows, data.num_columns

    def ordered(self, order: Rows) -> Any:
        columns = [_take_rows(self._column(at), order, field.type) for at, field in enumerate(self._schema)]
        return self._to_container(columns, len(order))

    def refilled(self, refills: Mapping[int, Refill]) -> Any:
        columns = [self._column(at) for at in range(self.width)]
        for position, refill in refills.items():
            column, fresh = columns[position], refill.fresh
            kind = column.type
            if fresh is not None and pa.types.is_dictionary(kind):
                column, kind = _with_levels(column, fresh), fresh.type
            columns[position] = _take_rows(column, refill.sources, kind, fresh)
        return self._to_container(columns, self.height)

    def column_of(self, position: int, values: list[Any]) -> Any:
        kind = self._schema.field(position).type
        try:
            if pa.types.is_dictionary(kind):
                return self._of_levels(position, values)
            return _plain_array(values, kind)
        except _FAILURES:
            raise Unfit from None

    def fits(self, position: int, value: Any) -> bool:
        kind = self._schema.field(position).type
        try:
            _plain_array([value], kind.value_type if pa.types.is_dictionary(kind) else kind)
        except _FAILURES:
            return False
        return True

    def read(self, position: int, column: Any = None) -> list[Any]:
        found = stored(self._column(position) if column is None else column).to_pylist()
        kind = self._schema.field(position).type
        if str(kind) == _TRUTH:
            return [None if each is None else bool(each) for each in found]
        return [None if each is None else UUID(bytes=each) for each in found] if is_uuid(kind) else list(found)

    def distinct(self, position: int) -> tuple[Rows, list[Any]]:
        values = []
        with contextlib.suppress(*_FAILURES):
            values = self.read(position)
        first: dict[Any, int] = {}
        try:
            for at, value in enumerate(values):
                first.setdefault(value, at)
        except TypeError:  # lists and mappings
            return np.arange(len(values)), values
        return np.array(list(first.values()), np.intp), list(first)

    def is_text(self, position: int) -> bool:
        kind = self._schema.field(position).type
        while pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
            kind = kind.value_type
        return str(kind) in _TEXTS

    def step(self, position: int) -> int:
        return _DAY if pa.types.is_date64(self._schema.field(position).type) else 1

    def _column(self, position: int) -> Any:
        column = self._data.column(position)
        column = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
        return column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column

    def _of_levels(self, position: int, values: list[Any]) -> Any:
        """Make values a dictionary of the column's levels and those that are new, of wider indices if need be."""
        column = self._column(position)
        kind = column.type
        levels = column.chunk(0).dictionary if column.num_chunks else no_rows(kind.value_type)
        place = {level: at for at, level in enumerate(stored(levels).to_pylist())}
        made = _plain_array(values, kind.value_type)
        codes: list[int] = []
        new: list[int] = []
        for at, level in enumerate(stored(made).to_pylist()):
            if level not in place:
                place[level] = len(levels) + len(new)
                new.append(at)
            codes.append(place[level])
        plain = plain_type(kind.value_type)
        parts = [to_plain(levels, plain), made.take(pa.array(new, pa.int64()))]
        every = from_plain(pa.concat_arrays(parts), kind.value_type)
        narrow = _holds(kind.index_type, len(every))
        indices = pa.array(codes, pa.int64()).cast(kind.index_type if narrow else pa.int32())
        return pa.DictionaryArray.from_arrays(indices, every, ordered=kind.ordered)

    def _to_container(self, columns: list[Any], rows: int) -> Any:
        schema, levels = self._schema, dict[str, int]()
        for at, (field, column) in enumerate(zip(schema, columns, strict=True)):
            schema = schema.set(at, field.with_type(column.type)) if field.type != column.type else schema
            if pa.types.is_dictionary(column.type):
                levels[field.name] = len(column.chunk(0).dictionary) if column.num_chunks else 0
        _, written_by_hand = stripped_schema(schema)  # no row is removed here, so all of it stays
        schema = written_schema(schema, rows, levels, keep=written_by_hand)
        columns = [retyped(column, field.type) for column, field in zip(columns, schema, strict=True)]
        if isinstance(self._data, pa.RecordBatch):
            return pa.RecordBatch.from_arrays([_combine_chunks(column) for column in columns], schema=schema)
        return pa.Table.from_arrays(columns, schema=schema)


def _combine_chunks(column: Any) -> Any:
    if column.num_chunks == 1:
        return column.chunk(0)
    whole = pa.chunked_array([to_plain(chunk, plain_type(column.type)) for chunk in column.chunks])
    return from_plain(whole.combine_chunks(), column.type) if column.num_chunks else no_rows(column.type)


def _plain_array(values: list[Any], kind: Any) -> Any:
    """Make values an array of the plain sibling of a type."""
    plain = plain_type(kind)
    made = _of_union if pa.types.is_union(kind) else one_element
    values = [each.bytes if isinstance(each, UUID) else each for each in values]
    return pa.concat_arrays([to_plain(made(value, kind), plain) for value in values])


def _of_union(value: Any, kind: Any) -> Any:
    """Make a value a union of one element, of the first of its types that holds the value as it is."""
    fields = [kind.field(at) for at in range(kind.num_fields)]
    for at, field in enumerate(fields):
        with contextlib.suppress(*_FAILURES):
            member = one_element(value, field.type)
            if member[0].as_py() != value:
                continue
            types, names = pa.array([kind.type_codes[at]], pa.int8()), [each.name for each in fields]
            empty = no_rows if kind.mode == "dense" else functools.partial(pa.nulls, 1)
            members = [member if place == at else empty(each.type) for place, each in enumerate(fields)]
            if kind.mode == "dense":
                return pa.UnionArray.from_dense(types, pa.array([0], pa.int32()), members, names, kind.type_codes)
            return pa.UnionArray.from_sparse(types, members, names, kind.type_codes)
    raise ValueError


def _holds(index: Any, levels: int) -> bool:
    return levels <= int(np.iinfo(index.to_pandas_dtype()).max) + 1


def _with_levels(column: Any, fresh: Any) -> Any:
    """Give a column the levels of another, which begin with its own."""
    index = fresh.type.index_type
    chunks = [
        pa.DictionaryArray.from_arrays(chunk.indices.cast(index), fresh.dictionary, ordered=fresh.type.ordered)
        for chunk in column.chunks
    ]
    return pa.chunked_array(chunks, fresh.type)


def _take_rows(column: Any, order: Rows, kind: Any, fresh: Any = None) -> Any:
    plain = plain_type(kind)
    chunks = [to_plain(chunk, plain) for chunk in column.chunks]
    whole = pa.chunked_array([*chunks, *([] if fresh is None else [fresh])], plain).take(pa.array(order, pa.int64()))
    return pa.chunked_array([from_plain(chunk, kind) for chunk in whole.chunks], kind)
