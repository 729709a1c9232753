"""Arrow columns by their values: handed out typed, and new values put in the place of old ones."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sealscrub.errors import UsageError
from sealscrub.identifiers.texts_of_bytes import uuid_texts

from ..object_texts import object_texts
from ..row_verdicts import RowMask
from ..values import exactly, handed, unfit_patch, unfit_values
from .arrow_buffers import built, integers
from .arrow_columns import gather, without_nulls
from .arrow_keys import is_uuid
from .arrow_plain import from_plain, plain_type, to_plain
from .nested_types import fields_within, with_fields_within

__all__ = ["fitted_array", "listed_rows", "patched_column", "readable_rows", "readable_series", "value_series"]

Array: TypeAlias = Any  # pyarrow has no stubs
Rows: TypeAlias = npt.NDArray[np.int64]

_FAILURES = (
    pa.ArrowException,
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
    TypeError,
    ValueError,
    OverflowError,
)


def value_series(column: Any, name: str) -> pl.Series:
    """Hand out a column as typed values.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Of any type.
    name : str
        The column, for errors.

    Returns
    -------
    polars.Series
        Dictionaries as their values, UUIDs as their texts, other extension types as what they are stored as.

    Raises
    ------
    UsageError
        When polars has no such type.
    """
    made = _stored_series(column, name)
    return uuid_texts(made) if is_uuid(column.type) else made


def _stored_series(column: Any, name: str) -> pl.Series:
    kind = _valued(column.type)
    if _is_beyond_polars(kind):
        raise unfit_values(name)
    try:
        column.validate(full=True)  # polars would crash on text that is not UTF-8
        if kind != column.type:
            chunks = [_decoded(chunk, kind) for chunk in column.chunks]
            column = pa.chunked_array(chunks, type=kind)
        made = pl.Series(name, pl.from_arrow(column))
    except _FAILURES:
        raise unfit_values(name) from None
    return handed(made)


def readable_series(column: Any, name: str) -> pl.Series | None:
    """Hand out a column of any type as values, or else as text or bytes; None if it cannot be read at all.

    UUIDs are bytes, of which a sweep makes every spelling.
    """
    for kind in (None, pa.string(), pa.binary()):
        try:
            read = column if kind is None else column.cast(kind)
            return _stored_series(read, name)
        except (UsageError, *_FAILURES):
            continue
    try:
        return object_texts(column.to_pylist())
    except _FAILURES:
        return None


def readable_rows(column: Any, mask: RowMask, name: str) -> pl.Series | None:
    """Hand out some rows of a column as :func:`readable_series` does; how they are read depends only on them."""
    kind = column.type
    if not mask.all() and (pa.types.is_nested(kind) or isinstance(kind, pa.BaseExtensionType)):
        with contextlib.suppress(UsageError):  # rows of this type cannot be selected
            column, mask = gather(column, mask), mask[mask]
    values = readable_series(column, name)
    return values if values is None or mask.all() else values.filter(pl.Series(mask))


def listed_rows(column: Any, mask: RowMask, name: str) -> pl.Series | None:
    """Hand out some rows of a dictionary of texts as a categorical, and of another column as its values."""
    kind = column.type
    if not pa.types.is_dictionary(kind) or kind.value_type not in (pa.string(), pa.large_string()):
        return readable_rows(column, mask, name)
    try:
        column.validate(full=True)
        values = pl.Series(name, pl.from_arrow(column))
    except _FAILURES:
        return readable_rows(column, mask, name)
    return values if mask.all() else values.filter(pl.Series(mask))


def fitted_array(values: pl.Series, kind: Any, name: str) -> Array:
    """Make new values an array of a column's type.

    Raises
    ------
    UsageError
        When the type cannot hold one of them exactly.
    """
    try:
        dtype = value_series(pa.chunked_array([], type=kind), name).dtype
        exact = exactly(values, dtype, name)
        made = _fit_to_type(exact.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest()), kind)
        if value_series(pa.chunked_array([made]), name).equals(exact, null_equal=True):
            return made
    except UsageError:
        raise
    except _FAILURES:
        pass
    raise unfit_patch(name)


def patched_column(column: Any, rows: Rows, values: Array, name: str) -> Any:
    """Put values in the place of others.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        The column.
    rows : ndarray of int64
        Positions in it, ascending.
    values : pyarrow.Array
        As many, of the column's type.
    name : str
        The column, for errors.

    Returns
    -------
    pyarrow.ChunkedArray
        Of the same type. Levels that the column did not have come last, or in their place among levels that are
        both ordered and sorted.
    """
    kind = column.type
    if not len(rows):
        return column
    if pa.types.is_dictionary(kind):
        column, values = _with_one_dictionary(column, values, name)
    plain = plain_type(kind)
    new = to_plain(values, plain)
    pieces, start = [], 0
    for chunk in column.chunks:
        begin, end = (int(place) for place in np.searchsorted(rows, [start, start + len(chunk)]))
        if begin < end:
            positions = np.arange(len(chunk))
            positions[rows[begin:end] - start] = len(chunk) + np.arange(end - begin)
            both = pa.concat_arrays([to_plain(chunk, plain), new.slice(begin, end - begin)])
            pieces.append(from_plain(both.take(integers(positions)), kind))
        else:
            pieces.append(chunk)
        start += len(chunk)
    return pa.chunked_array(pieces, type=kind)


def _fit_to_type(array: Array, kind: Any) -> Array:
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if kind == pa.uuid():
        array = pa.array([None if text is None else UUID(text).bytes for text in array.to_pylist()], pa.binary(16))
    if isinstance(kind, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(kind, _fit_to_type(array, kind.storage_type))
    if pa.types.is_dictionary(kind):
        coded = pc.dictionary_encode(_fit_to_type(array, plain_type(kind.value_type)))  # Arrow encodes no views
        indices, levels = coded.indices.cast(kind.index_type), from_plain(coded.dictionary, kind.value_type)
        return pa.DictionaryArray.from_arrays(indices, levels, ordered=kind.ordered)
    plain = plain_type(kind)
    relaxed = array.cast(_relaxed(plain))
    if relaxed.type != plain:
        relaxed = relaxed.take(integers(np.arange(len(relaxed))))  # its parts are looked at without their offsets
    return from_plain(_required(relaxed, plain), kind)


def _relaxed(kind: Any) -> Any:
    """Give a type in which every part may be null, and maps are lists."""
    if pa.types.is_map(kind):
        pairs = [pa.field(field.name, _relaxed(field.type)) for field in fields_within(kind)]
        return pa.list_(pa.struct(pairs))
    return with_fields_within(kind, lambda field: pa.field(field.name, _relaxed(field.type)))


def _required(array: Array, kind: Any) -> Array:
    """Give a relaxed array the type that it is for; a null if none may be is an error, unless its parent is null."""
    if array.type == kind:
        return array
    validity = array.buffers()[0]
    if pa.types.is_struct(kind):
        children = [_child(array.field(at), field, array) for at, field in enumerate(kind)]
        return built(kind, len(array), [validity], array.null_count, children)
    if pa.types.is_map(kind):
        entries = array.values
        pairs = [_child(entries.field(at), field, None) for at, field in enumerate((kind.key_field, kind.item_field))]
        whole = built(pa.struct([kind.key_field, kind.item_field]), len(entries), [None], 0, pairs)
        return built(kind, len(array), array.buffers()[:2], array.null_count, [whole])
    if pa.types.is_fixed_size_list(kind):
        parents = array.take(integers(np.repeat(np.arange(len(array)), kind.list_size)))
        return built(kind, len(array), [validity], array.null_count, [_child(array.values, kind.value_field, parents)])
    return built(
        kind, len(array), array.buffers()[:2], array.null_count, [_child(array.values, kind.value_field, None)]
    )


def _child(child: Array, field: Any, parent: Array | None) -> Array:
    made = _required(child, field.type)
    if field.nullable or not made.null_count:
        return made
    stray = pc.is_null(made) if parent is None else pc.and_(pc.is_null(made), pc.is_valid(parent))
    if pc.any(stray).as_py():
        raise ValueError
    return without_nulls(made, field)


def _with_one_dictionary(column: Any, values: Array, name: str) -> tuple[Any, Array]:
    """Let a dictionary column and its new values share a list of levels."""
    kind = column.type
    column = column.unify_dictionaries()
    listed = column.chunk(0).dictionary.to_pylist() if column.num_chunks else []
    known = set(listed)
    fresh = [level for level in values.dictionary.to_pylist() if level not in known]
    levels = listed + fresh
    if fresh and kind.ordered:
        if listed != sorted(listed):
            raise unfit_patch(name)  # the order of its levels says nothing of a new one
        levels = sorted(levels)
    plain = plain_type(kind.value_type)
    dictionary = pa.array(levels, type=plain)

    def coded(array: Array) -> Array:
        places = pc.index_in(to_plain(array.dictionary, plain), value_set=dictionary)
        indices = places.take(array.indices).cast(kind.index_type)
        return pa.DictionaryArray.from_arrays(indices, from_plain(dictionary, kind.value_type), ordered=kind.ordered)

    try:
        return pa.chunked_array([coded(chunk) for chunk in column.chunks], type=kind), coded(values)
    except pa.ArrowInvalid:  # more levels than its codes can count
        raise unfit_patch(name) from None


def _valued(kind: Any) -> Any:
    """Give the type of a column's values, without what only says how they are stored."""
    if isinstance(kind, pa.BaseExtensionType):
        return _valued(kind.storage_type)
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return _valued(kind.value_type)
    if pa.types.is_list_view(kind):
        return pa.list_(kind.value_field)
    if pa.types.is_large_list_view(kind):
        return pa.large_list(kind.value_field)
    if pa.types.is_map(kind):
        return pa.list_(pa.struct([kind.key_field, kind.item_field]))
    return kind


def _decoded(array: Array, kind: Any) -> Array:
    if isinstance(array.type, pa.BaseExtensionType):
        array = array.storage
    if pa.types.is_run_end_encoded(array.type):
        array = pc.run_end_decode(array)
    if pa.types.is_dictionary(array.type):
        array = to_plain(array.dictionary, plain_type(array.type.value_type)).take(array.indices)
    if pa.types.is_list_view(array.type) or pa.types.is_large_list_view(array.type):
        array = to_plain(array, kind)
    return array if array.type == kind else array.cast(kind)


def _is_beyond_polars(kind: Any) -> bool:
    """Whether polars has no such type; asked, it would panic."""
    return any(
        pa.types.is_decimal256(part) or pa.types.is_interval(part) or pa.types.is_union(part) for part in _parts(kind)
    )


def _parts(kind: Any) -> Iterator[Any]:
    yield kind
    for place in range(kind.num_fields):
        yield from _parts(kind.field(place).type)
